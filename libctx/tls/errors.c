/* SPDX-License-Identifier: MIT */
/* What went wrong, in words. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS /* which alert the peer sent */
#include "tls_private.h"

#include <mbedtls/error.h>

#include <stdio.h>

static const char *const names[] = {
    "fine",
    "the calendar is not set, so dates of certificates can not be checked",
    "a certificate's time is over",
    "a certificate's time has not come yet",
    "the certificate is for another name",
    "the certificate is signed by itself, and not among the roots",
    "no root here has signed the certificate",
    "a key or a signature in the chain is too weak",
    "the certificate is not valid",
    "the connection ended where TLS had not",
    "the peer refuses",
    "the peer does not speak TLS as we do",
    "the connection failed",
    "no memory",
    "there is no randomness",
    "a file of certificates or keys can not be read",
    "it is not ready for that",
};

const char *ctx_tls_name(int error)
{
    if (error == CTX_TLS_READ || error == CTX_TLS_WRITE) {
        return "it waits";
    }
    return error <= 0 && -error < (int)(sizeof names / sizeof names[0]) ? names[-error]
                                                                        : "an unknown error";
}

const char *ctx_tls_why(const struct ctx_tls *tls)
{
    return tls->why[0] != 0 ? tls->why : ctx_tls_name(tls->error);
}

/* RFC 8446, 6.2. */
static const char *alert_name(uint32_t alert)
{
    static const struct {
        uint8_t number;
        const char *name;
    } alerts[] = {
        {10, "unexpected message"},     {20, "bad record"},
        {22, "record overflow"},        {40, "handshake failure"},
        {42, "bad certificate"},        {43, "unsupported certificate"},
        {44, "certificate revoked"},    {45, "certificate expired"},
        {46, "certificate unknown"},    {47, "illegal parameter"},
        {48, "unknown authority"},      {49, "access denied"},
        {50, "decode error"},           {51, "decrypt error"},
        {70, "protocol version"},       {71, "insufficient security"},
        {80, "internal error"},         {86, "inappropriate fallback"},
        {90, "user canceled"},          {109, "missing extension"},
        {110, "unsupported extension"}, {112, "unrecognized name"},
        {116, "certificate required"},  {120, "no application protocol"},
    };
    for (uint32_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (alerts[i].number == alert) {
            return alerts[i].name;
        }
    }
    return "an unknown alert";
}

static int one(struct ctx_tls *tls, int error, const char *more)
{
    tls->error = error;
    snprintf(tls->why, sizeof tls->why, "%s%s%s", ctx_tls_name(error), more[0] != 0 ? ": " : "",
             more);
    return error;
}

int tls_error_of_flags(struct ctx_tls *tls, uint32_t flags)
{
    char more[100] = "";
    /* Who it is comes first: a certificate of nobody may say what it likes. */
    if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
        return one(tls, tls->by_itself ? CTX_TLS_E_SELF : CTX_TLS_E_ISSUER, "");
    }
    if ((flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK |
                  MBEDTLS_X509_BADCERT_BAD_KEY)) != 0) {
        return one(tls, CTX_TLS_E_WEAK, "");
    }
    if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
        snprintf(more, sizeof more, "not for %.80s", tls->name);
        return one(tls, CTX_TLS_E_NAME, more);
    }
    if ((flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0) {
        snprintf(more, sizeof more, "the host's is good until %04d-%02d-%02d", tls->until.year,
                 tls->until.mon, tls->until.day);
        return one(tls, CTX_TLS_E_EXPIRED, more);
    }
    if ((flags & MBEDTLS_X509_BADCERT_FUTURE) != 0) {
        return one(tls, CTX_TLS_E_FUTURE, "");
    }
    snprintf(more, sizeof more, "reasons 0x%x", (unsigned)flags);
    return one(tls, CTX_TLS_E_CERT, more);
}

/* from: mbedTLS's number. */
int tls_fail(struct ctx_tls *tls, int from)
{
    char more[48];
    if (tls->error != 0) {
        return tls->error;
    }
    snprintf(more, sizeof more, "-0x%04x", (unsigned)-from);
    switch (from) {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
        return tls_error_of_flags(tls, mbedtls_ssl_get_verify_result(&tls->ssl));
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return one(tls, CTX_TLS_E_TRUNCATED, "");
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return one(tls, CTX_TLS_E_ALERT,
                   alert_name(tls->ssl.in_msg != NULL ? tls->ssl.in_msg[1] : 0));
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_PK_ALLOC_FAILED:
        return one(tls, CTX_TLS_E_MEMORY, "");
    case MBEDTLS_ERR_ERROR_CORRUPTION_DETECTED:
        return one(tls, CTX_TLS_E_RANDOM, "");
    case MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL:
        return one(tls, CTX_TLS_E_PROTOCOL, "it has none of our application protocols");
    default:
        break;
    }
    if (tls->below_failed) {
        return one(tls, CTX_TLS_E_IO, "");
    }
    /* mbedTLS says of an end in the middle what it was about to read. */
    return tls->below_ended ? one(tls, CTX_TLS_E_TRUNCATED, "")
                            : one(tls, CTX_TLS_E_PROTOCOL, more);
}
