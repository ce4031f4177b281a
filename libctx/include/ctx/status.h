/* SPDX-License-Identifier: MIT */
/*
 * <ctx/status.h> - the status numbers, frozen. The kernel and its drivers use the same list.
 *
 * 0 is success, negative is failure, positive is never a count: results go through out-pointers.
 * Callers fall back on NOSYS and DENIED, report the others, and accept negatives that they do not
 * know.
 */
#ifndef CTX_STATUS_H
#define CTX_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t ctx_status;

#define CTX_PENDING      1 /* accepted, the result comes later */
#define CTX_OK           0
#define CTX_E_NOSYS      (-1)  /* this host does not have the call */
#define CTX_E_DENIED     (-2)  /* it has it, this app was not granted it */
#define CTX_E_REVOKED    (-3)  /* it was granted and is not any more */
#define CTX_E_STALE      (-4)  /* the other side died, or we were restored */
#define CTX_E_INVAL      (-5)  /* an argument is wrong */
#define CTX_E_TOOBIG     (-6)  /* a struct has an unknown tail that is not zero */
#define CTX_E_AGAIN      (-7)  /* not now */
#define CTX_E_NOMEM      (-8)  /* no memory, or the quota is used up */
#define CTX_E_NOSPC      (-9)  /* no room: a table or a disk is full */
#define CTX_E_IO         (-10) /* a device failed */
#define CTX_E_FAULT      (-11) /* the app behind it faulted */
#define CTX_E_BUSY       (-12)
#define CTX_E_DEPTH      (-13) /* too many nested calls */
#define CTX_E_NOENT      (-14)
#define CTX_E_EXIST      (-15)
#define CTX_E_TIMEDOUT   (-16)
#define CTX_E_CANCELED   (-17)
#define CTX_E_RDONLY     (-18)
#define CTX_E_RANGE      (-19)
#define CTX_E_UNVERIFIED (-20) /* its code is not verified, and has to be */
/* From the network, on which an app's words go elsewhere. */
#define CTX_E_REFUSED     (-21) /* nobody listens there, or it does not want us */
#define CTX_E_RESET       (-22) /* the other end broke off in the middle */
#define CTX_E_UNREACHABLE (-23) /* no way leads there */
/* The last one; a newer system may answer with others behind it. */
#define CTX_E_LAST CTX_E_UNREACHABLE

/* The name of a status without its prefix ("NOMEM"), "?" for an unknown one. Never NULL, static. */
const char *ctx_status_name(ctx_status status);

#ifdef __cplusplus
}
#endif
#endif
