/* SPDX-License-Identifier: MIT */
/* Connections. */
#include "tls_private.h"

#include <mbedtls/ssl_ciphersuites.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALENDAR_BEGINS 1735689600 /* 2025: a clock that says less has not been set */

static int below_send(void *arg, const unsigned char *bytes, size_t len)
{
    struct ctx_tls *tls = arg;
    int sent = tls->below.send(tls->below.arg, bytes, len < INT_MAX ? len : INT_MAX);
    if (sent == CTX_TLS_BELOW_AGAIN) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    if (sent <= 0 || (size_t)sent > len) {
        tls->below_failed = true;
        return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    }
    return sent;
}

static int below_receive(void *arg, unsigned char *bytes, size_t room)
{
    struct ctx_tls *tls = arg;
    int got = tls->below.receive(tls->below.arg, bytes, room < INT_MAX ? room : INT_MAX);
    if (got == CTX_TLS_BELOW_AGAIN) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    if (got == 0) {
        tls->below_ended = true;
        return 0;
    }
    if (got < 0 || (size_t)got > room) {
        tls->below_failed = true;
        return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    }
    return got;
}

/* For each certificate of the chain, the host's last. mbedTLS has compared the host's name, but no
 * address. */
static int look(void *arg, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct ctx_tls *tls = arg;
    tls->checked = true;
    if (depth == 0) {
        tls->until = crt->valid_to;
        tls->by_itself = crt->issuer_raw.len == crt->subject_raw.len &&
                         memcmp(crt->issuer_raw.p, crt->subject_raw.p, crt->issuer_raw.len) == 0;
    }
    if (depth == 0 && tls->address_len != 0 &&
        !tls_certificate_has_address(crt, tls->address, tls->address_len)) {
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    }
    return 0;
}

static int take_name(struct ctx_tls *tls, const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;
    if (len == 0 || len >= sizeof tls->name) {
        return CTX_TLS_E_STATE;
    }
    memcpy(tls->name, name, len + 1);
    if (tls_parse_address(tls->name, tls->address, &tls->address_len)) {
        /* Not sent, and looked for by look(). NULL says that this is meant so. */
        return mbedtls_ssl_set_hostname(&tls->ssl, NULL) == 0 ? CTX_TLS_OK : CTX_TLS_E_MEMORY;
    }
    if (len > 1 && tls->name[len - 1] == '.') {
        tls->name[len - 1] = 0; /* it says only that the name is whole */
    }
    if (!tls_good_name(tls->name)) {
        return CTX_TLS_E_STATE;
    }
    return mbedtls_ssl_set_hostname(&tls->ssl, tls->name) == 0 ? CTX_TLS_OK : CTX_TLS_E_MEMORY;
}

static int begin(struct ctx_tls *tls, const char *name)
{
    struct ctx_tls_config *config = tls->config;
    if (config->server ? config->identity_count == 0 || name != NULL : !config->has_roots) {
        return CTX_TLS_E_STATE;
    }
    if (!config->server && time(NULL) < CALENDAR_BEGINS) {
        return CTX_TLS_E_CLOCK;
    }
    if (mbedtls_ssl_setup(&tls->ssl, &config->ssl) != 0) {
        return CTX_TLS_E_MEMORY;
    }
    mbedtls_ssl_set_bio(&tls->ssl, tls, below_send, below_receive, NULL);
    if (config->server) {
        return CTX_TLS_OK;
    }
    int result = take_name(tls, name);
    if (result == CTX_TLS_OK) {
        mbedtls_ssl_set_verify(&tls->ssl, look, tls);
        tls_sessions_offer(tls);
    }
    return result;
}

struct ctx_tls *ctx_tls_open(struct ctx_tls_config *config, const struct ctx_tls_below *below,
                             const char *name, int *error)
{
    struct ctx_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        *error = CTX_TLS_E_MEMORY;
        return NULL;
    }
    tls->config = config;
    tls->below = *below;
    mbedtls_ssl_init(&tls->ssl);
    *error = begin(tls, name);
    if (*error != CTX_TLS_OK) {
        ctx_tls_free(tls);
        return NULL;
    }
    return tls;
}

void ctx_tls_free(struct ctx_tls *tls)
{
    if (tls != NULL) {
        mbedtls_ssl_free(&tls->ssl);
        free(tls);
    }
}

/* Of what mbedTLS answered that is no success. */
static int answer(struct ctx_tls *tls, int result)
{
    if (result == MBEDTLS_ERR_SSL_WANT_READ) {
        return CTX_TLS_READ;
    }
    if (result == MBEDTLS_ERR_SSL_WANT_WRITE) {
        return CTX_TLS_WRITE;
    }
    return tls_fail(tls, result);
}

int ctx_tls_handshake(struct ctx_tls *tls)
{
    if (tls->error != 0) {
        return tls->error;
    }
    if (tls->greeted) {
        return CTX_TLS_OK;
    }
    int result = mbedtls_ssl_handshake(&tls->ssl);
    if (result != 0) {
        return answer(tls, result);
    }
    /* It can not end otherwise; if it ever did, nothing is to go over this connection. */
    if (!tls->config->server && mbedtls_ssl_get_verify_result(&tls->ssl) != 0) {
        return tls_fail(tls, MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
    }
    tls->greeted = true;
    if (!tls->config->server &&
        mbedtls_ssl_get_version_number(&tls->ssl) == MBEDTLS_SSL_VERSION_TLS1_2) {
        tls_sessions_keep(tls);
    }
    return CTX_TLS_OK;
}

int ctx_tls_read(struct ctx_tls *tls, void *bytes, size_t room, size_t *got)
{
    *got = 0;
    int result = ctx_tls_handshake(tls);
    if (result != CTX_TLS_OK || tls->ended || room == 0) {
        return result;
    }
    for (;;) {
        result = mbedtls_ssl_read(&tls->ssl, bytes, room);
        if (result > 0) {
            *got = (size_t)result;
            return CTX_TLS_OK;
        }
        if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
            tls->ended = true;
            return CTX_TLS_OK;
        }
        if (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
            tls_sessions_keep(tls);
            continue;
        }
        /* 0: an end below without a word. Who cut it is not known, so it is no end. */
        return answer(tls, result == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : result);
    }
}

int ctx_tls_write(struct ctx_tls *tls, const void *bytes, size_t len, size_t *taken)
{
    *taken = 0;
    int result = ctx_tls_handshake(tls);
    if (result != CTX_TLS_OK || len == 0) {
        return result;
    }
    /* What it could not send whole is in a record already: then mbedTLS sends the rest of that, and
     * answers with the length of this call, though nothing was taken of bytes that are new. */
    len = tls->begun != 0 && tls->begun < len ? tls->begun : len;
    result = mbedtls_ssl_write(&tls->ssl, bytes, len);
    if (result <= 0) {
        tls->begun = result == MBEDTLS_ERR_SSL_WANT_WRITE ? len : tls->begun;
        return answer(tls, result);
    }
    tls->begun = 0;
    *taken = (size_t)result;
    return CTX_TLS_OK;
}

int ctx_tls_close(struct ctx_tls *tls)
{
    if (tls->error != 0 || !tls->greeted) {
        return tls->error;
    }
    int result = mbedtls_ssl_close_notify(&tls->ssl);
    return result == 0 ? CTX_TLS_OK : answer(tls, result);
}

size_t ctx_tls_pending(const struct ctx_tls *tls)
{
    return mbedtls_ssl_get_bytes_avail(&tls->ssl);
}

const char *ctx_tls_version(const struct ctx_tls *tls)
{
    return mbedtls_ssl_get_version(&tls->ssl);
}

const char *ctx_tls_suite(const struct ctx_tls *tls)
{
    return mbedtls_ssl_get_ciphersuite(&tls->ssl);
}

const char *ctx_tls_protocol(const struct ctx_tls *tls)
{
    return mbedtls_ssl_get_alpn_protocol(&tls->ssl);
}

bool ctx_tls_resumed(const struct ctx_tls *tls)
{
    return tls->greeted && tls->offered && !tls->checked;
}
