/* SPDX-License-Identifier: MIT */
/* Configs: roots, certificates, keys, tickets. */
#include "tls_private.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST    (4U << 20)
#define TICKET_LIVES 86400 /* seconds */

/* ChaCha20 before AES: its time does not depend on the key where the processor has no AES of its
 * own, and it is faster there. */
static const int suites[] = {
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

static struct ctx_tls_config *make(bool server)
{
    struct ctx_tls_config *config = tls_begin() ? calloc(1, sizeof *config) : NULL;
    if (config == NULL) {
        return NULL;
    }
    config->server = server;
    mbedtls_ssl_config_init(&config->ssl);
    mbedtls_x509_crt_init(&config->roots);
    mbedtls_ssl_ticket_init(&config->tickets);
    if (mbedtls_ssl_config_defaults(
            &config->ssl, server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
            MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
        ctx_tls_config_free(config);
        return NULL;
    }
    mbedtls_ssl_conf_rng(&config->ssl, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_ciphersuites(&config->ssl, suites);
    mbedtls_ssl_conf_authmode(&config->ssl,
                              server ? MBEDTLS_SSL_VERIFY_NONE : MBEDTLS_SSL_VERIFY_REQUIRED);
    return config;
}

struct ctx_tls_config *ctx_tls_client(void)
{
    struct ctx_tls_config *config = make(false);
    if (config != NULL) {
        mbedtls_ssl_conf_session_tickets(&config->ssl, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
        mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
            &config->ssl, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
    }
    return config;
}

/* The identity that a client asks for by name; without one the first stays. */
static int choose(void *arg, mbedtls_ssl_context *ssl, const unsigned char *name, size_t len)
{
    struct ctx_tls_config *config = arg;
    for (uint32_t i = 0; i < config->identity_count; i++) {
        struct identity *identity = &config->identities[i];
        if (tls_certificate_has_name(&identity->chain, (const char *)name, len)) {
            return mbedtls_ssl_set_hs_own_cert(ssl, &identity->chain, &identity->key);
        }
    }
    return 0;
}

struct ctx_tls_config *ctx_tls_server(void)
{
    struct ctx_tls_config *config = make(true);
    if (config == NULL) {
        return NULL;
    }
    if (mbedtls_ssl_ticket_setup(&config->tickets, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE,
                                 MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIVES) != 0) {
        ctx_tls_config_free(config);
        return NULL;
    }
    mbedtls_ssl_conf_session_tickets_cb(&config->ssl, mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse, &config->tickets);
    mbedtls_ssl_conf_sni(&config->ssl, choose, config);
    return config;
}

void ctx_tls_config_free(struct ctx_tls_config *config)
{
    if (config == NULL) {
        return;
    }
    tls_sessions_drop(config);
    for (uint32_t i = 0; i < config->identity_count; i++) {
        mbedtls_x509_crt_free(&config->identities[i].chain);
        mbedtls_pk_free(&config->identities[i].key);
    }
    mbedtls_ssl_ticket_free(&config->tickets);
    mbedtls_x509_crt_free(&config->roots);
    mbedtls_ssl_config_free(&config->ssl);
    free(config);
}

/* A whole file with a NUL behind it, which mbedTLS counts. */
static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t room = 0, got = 0;
    while (file != NULL && got == room && room < FILE_MOST) {
        size_t more = room == 0 ? 16384 : room * 2;
        char *larger = realloc(text, more + 1);
        if (larger == NULL) {
            break;
        }
        text = larger;
        room = more;
        got += fread(text + got, 1, room - got, file);
    }
    bool fine = file != NULL && text != NULL && got < room && ferror(file) == 0;
    if (file != NULL) {
        fclose(file);
    }
    if (!fine) {
        free(text);
        return NULL;
    }
    text[got] = 0;
    *len = got + 1;
    return text;
}

static void forget(char *text, size_t len)
{
    if (text != NULL) {
        mbedtls_platform_zeroize(text, len);
        free(text);
    }
}

int ctx_tls_roots_text(struct ctx_tls_config *config, const char *pem, size_t len)
{
    if (config->server) {
        return CTX_TLS_E_STATE;
    }
    /* Positive: so many could not be read, others could. */
    int result = mbedtls_x509_crt_parse(&config->roots, (const unsigned char *)pem, len);
    if (result == MBEDTLS_ERR_X509_ALLOC_FAILED) {
        return CTX_TLS_E_MEMORY;
    }
    if (result < 0 || config->roots.version == 0) {
        return CTX_TLS_E_FILE;
    }
    config->has_roots = true;
    mbedtls_ssl_conf_ca_chain(&config->ssl, &config->roots, NULL);
    return CTX_TLS_OK;
}

int ctx_tls_roots(struct ctx_tls_config *config, const char *path)
{
    size_t len = 0;
    char *text = read_file(path, &len);
    int result = text != NULL ? ctx_tls_roots_text(config, text, len) : CTX_TLS_E_FILE;
    free(text);
    return result;
}

int ctx_tls_identity(struct ctx_tls_config *config, const char *chain_path, const char *key_path)
{
    if (!config->server || config->identity_count == IDENTITIES) {
        return CTX_TLS_E_STATE;
    }
    struct identity *identity = &config->identities[config->identity_count];
    mbedtls_x509_crt_init(&identity->chain);
    mbedtls_pk_init(&identity->key);
    size_t chain_len = 0, key_len = 0;
    char *chain = read_file(chain_path, &chain_len), *key = read_file(key_path, &key_len);
    int result = CTX_TLS_E_FILE;
    if (chain != NULL && key != NULL &&
        mbedtls_x509_crt_parse(&identity->chain, (unsigned char *)chain, chain_len) == 0 &&
        mbedtls_pk_parse_key(&identity->key, (unsigned char *)key, key_len, NULL, 0,
                             mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) == 0 &&
        mbedtls_pk_check_pair(&identity->chain.pk, &identity->key, mbedtls_psa_get_random,
                              MBEDTLS_PSA_RANDOM_STATE) == 0) {
        result = CTX_TLS_OK;
    }
    forget(key, key_len);
    free(chain);
    if (result == CTX_TLS_OK && config->identity_count == 0 &&
        mbedtls_ssl_conf_own_cert(&config->ssl, &identity->chain, &identity->key) != 0) {
        result = CTX_TLS_E_MEMORY;
    }
    if (result != CTX_TLS_OK) {
        mbedtls_x509_crt_free(&identity->chain);
        mbedtls_pk_free(&identity->key);
        return result;
    }
    config->identity_count++;
    return CTX_TLS_OK;
}

int ctx_tls_alpn(struct ctx_tls_config *config, const char *const *protocols)
{
    return mbedtls_ssl_conf_alpn_protocols(&config->ssl, (const char **)(uintptr_t)protocols) == 0
               ? CTX_TLS_OK
               : CTX_TLS_E_STATE;
}
