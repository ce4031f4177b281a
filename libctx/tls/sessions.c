/* SPDX-License-Identifier: MIT */
/*
 * What a client remembers of hosts, to be quicker the next time. A session belongs to the name
 * whose certificate was checked, and to the config with whose roots that was done.
 */
#include "tls_private.h"

#include <string.h>
#include <strings.h>

static struct session *find(struct ctx_tls_config *config, const char *name)
{
    for (uint32_t i = 0; i < SESSIONS; i++) {
        if (config->sessions[i].full && strcasecmp(config->sessions[i].name, name) == 0) {
            return &config->sessions[i];
        }
    }
    return NULL;
}

static void drop(struct session *session)
{
    if (session->full) {
        mbedtls_ssl_session_free(&session->ssl);
        *session = (struct session){.full = false};
    }
}

void tls_sessions_offer(struct ctx_tls *tls)
{
    struct session *session = find(tls->config, tls->name);
    if (session == NULL) {
        return;
    }
    if (mbedtls_ssl_set_session(&tls->ssl, &session->ssl) == 0) {
        tls->offered = true;
    } else {
        drop(session); /* too old */
    }
}

void tls_sessions_keep(struct ctx_tls *tls)
{
    struct ctx_tls_config *config = tls->config;
    mbedtls_ssl_session got;
    mbedtls_ssl_session_init(&got);
    if (mbedtls_ssl_get_session(&tls->ssl, &got) != 0) {
        mbedtls_ssl_session_free(&got); /* no ticket: all begins anew the next time */
        return;
    }
    struct session *session = find(config, tls->name);
    if (session == NULL) {
        session = &config->sessions[config->next_session++ % SESSIONS];
    }
    drop(session);
    session->ssl = got;
    session->full = true;
    memcpy(session->name, tls->name, sizeof session->name);
}

void tls_sessions_drop(struct ctx_tls_config *config)
{
    for (uint32_t i = 0; i < SESSIONS; i++) {
        drop(&config->sessions[i]);
    }
}
