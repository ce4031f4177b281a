/* SPDX-License-Identifier: MIT */
/* The one place where statuses become errno values, which are picolibc's and nobody else's. */
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <stdio.h>

int ctx_errno(ctx_status status)
{
    static const short numbers[] = {
        [-CTX_OK] = 0,
        [-CTX_E_NOSYS] = ENOSYS,
        [-CTX_E_DENIED] = EACCES,
        [-CTX_E_REVOKED] = EPERM,
        [-CTX_E_STALE] = ESTALE,
        [-CTX_E_INVAL] = EINVAL,
        [-CTX_E_TOOBIG] = E2BIG,
        [-CTX_E_AGAIN] = EAGAIN,
        [-CTX_E_NOMEM] = ENOMEM,
        [-CTX_E_NOSPC] = ENOSPC,
        [-CTX_E_IO] = EIO,
        [-CTX_E_FAULT] = ECONNABORTED,
        [-CTX_E_BUSY] = EBUSY,
        [-CTX_E_DEPTH] = ELOOP,
        [-CTX_E_NOENT] = ENOENT,
        [-CTX_E_EXIST] = EEXIST,
        [-CTX_E_TIMEDOUT] = ETIMEDOUT,
        [-CTX_E_CANCELED] = ECANCELED,
        [-CTX_E_RDONLY] = EROFS,
        [-CTX_E_RANGE] = ERANGE,
        [-CTX_E_UNVERIFIED] = EKEYREJECTED,
        [-CTX_E_REFUSED] = ECONNREFUSED,
        [-CTX_E_RESET] = ECONNRESET,
        [-CTX_E_UNREACHABLE] = EHOSTUNREACH,
    };
    if (status > 0) {
        return EINPROGRESS;
    }
    return status >= CTX_E_LAST ? numbers[-status] : EPROTO;
}

int ctx_c_result(ctx_status status)
{
    if (status == CTX_OK) {
        return 0;
    }
    errno = ctx_errno(status);
    return -1;
}

/* What picolibc's strerror() says of a number that is no errno; else it would be an empty text. */
char *_user_strerror(int number, int internal, int *error);
char *_user_strerror(int number, int internal, int *error)
{
    static char text[32];
    (void)internal;
    (void)error;
    snprintf(text, sizeof text, "Unknown error %d", number);
    return text;
}
