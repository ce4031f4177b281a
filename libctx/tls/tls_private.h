/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. */
#ifndef TLS_PRIVATE_H
#define TLS_PRIVATE_H

#include <ctx/tls.h>

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>

#define IDENTITIES 8
#define SESSIONS   4
#define HOST_MOST  254 /* of a host, with a NUL */

/* A server's certificate, and a client's memory of where it was. */
struct identity {
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
};

struct session {
    char name[HOST_MOST];
    mbedtls_ssl_session ssl;
    bool full;
};

struct ctx_tls_config {
    mbedtls_ssl_config ssl;
    mbedtls_x509_crt roots;
    mbedtls_ssl_ticket_context tickets;
    struct identity identities[IDENTITIES];
    struct session sessions[SESSIONS];
    uint32_t identity_count, next_session;
    bool server, has_roots;
};

struct ctx_tls {
    mbedtls_ssl_context ssl;
    struct ctx_tls_config *config;
    struct ctx_tls_below below;
    char name[HOST_MOST]; /* without a dot at its end */
    uint8_t address[16];
    uint32_t address_len; /* 0: the name is none */
    bool ended;           /* the peer said so */
    bool below_failed, below_ended;
    bool greeted;            /* the handshake is done */
    size_t begun;            /* bytes of a write that are to be given again */
    bool offered, checked;   /* a session, which the peer need not take; its certificate */
    mbedtls_x509_time until; /* of the host's certificate */
    bool by_itself;          /* signed */
    int error;               /* the first: nothing goes on after it */
    char why[160];
};

/* machine.c: false, there is no randomness, or no memory. */
bool tls_begin(void);

/* names.c */
bool tls_parse_address(const char *text, uint8_t out[16], uint32_t *len);
bool tls_good_name(const char *name);
bool tls_certificate_has_address(const mbedtls_x509_crt *crt, const uint8_t *address, uint32_t len);
bool tls_certificate_has_name(const mbedtls_x509_crt *crt, const char *name, size_t len);

/* errors.c */
int tls_error_of_flags(struct ctx_tls *tls, uint32_t flags);
int tls_fail(struct ctx_tls *tls, int from);

/* sessions.c */
void tls_sessions_offer(struct ctx_tls *tls);
void tls_sessions_keep(struct ctx_tls *tls);
void tls_sessions_drop(struct ctx_tls_config *config);

#endif
