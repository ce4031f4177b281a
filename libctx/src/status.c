/* SPDX-License-Identifier: MIT */
#include <ctx/status.h>

const char *ctx_status_name(ctx_status status)
{
    static const char names[][12] = {
        "PENDING",    "OK",      "NOSYS", "DENIED",      "REVOKED",  "STALE",  "INVAL",
        "TOOBIG",     "AGAIN",   "NOMEM", "NOSPC",       "IO",       "FAULT",  "BUSY",
        "DEPTH",      "NOENT",   "EXIST", "TIMEDOUT",    "CANCELED", "RDONLY", "RANGE",
        "UNVERIFIED", "REFUSED", "RESET", "UNREACHABLE",
    };
    if (status > CTX_PENDING || status < CTX_E_LAST) {
        return "?";
    }
    return names[CTX_PENDING - status];
}
