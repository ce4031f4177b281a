/* SPDX-License-Identifier: MIT */
/*
 * <ctx/tls.h> - TLS 1.2 and 1.3, client and server, over any connection, for apps with a C library.
 * The cryptography is mbedTLS 3.6's; here is what makes it hard to use wrongly.
 *
 * A *config* is what many connections share: a client's roots, a server's certificates and keys,
 * the tickets of both. A *connection* is one handshake and what comes after. It never waits: where
 * the connection below has nothing, or no room, the answer is CTX_TLS_READ or CTX_TLS_WRITE, which
 * say what to wait for before the same call is made again.
 *
 * A client always checks whom it talks to: a chain to one of its roots, the dates, the name or the
 * address. There is no switch that turns that off. Where the calendar is not set no date can be
 * checked, and the handshake is refused with CTX_TLS_E_CLOCK before a byte is sent.
 *
 * Nothing here is a secret's last resort: keys lie in the app's memory, and so in its images.
 */
#ifndef CTX_TLS_H
#define CTX_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctx_tls_config;
struct ctx_tls;

/* What functions answer. Others than these are negative too. */
#define CTX_TLS_OK          0
#define CTX_TLS_READ        1 /* call again when there is something to read below */
#define CTX_TLS_WRITE       2 /* call again when there is room to write below */

#define CTX_TLS_E_CLOCK     (-1)  /* the calendar is not set */
#define CTX_TLS_E_EXPIRED   (-2)  /* a certificate's time is over */
#define CTX_TLS_E_FUTURE    (-3)  /* a certificate's time has not come */
#define CTX_TLS_E_NAME      (-4)  /* it is for another name */
#define CTX_TLS_E_SELF      (-5)  /* it is signed by itself, and nobody here knows it */
#define CTX_TLS_E_ISSUER    (-6)  /* no root here has signed it */
#define CTX_TLS_E_WEAK      (-7)  /* its key or its signature is of a kind that is too weak */
#define CTX_TLS_E_CERT      (-8)  /* something else is wrong with it */
#define CTX_TLS_E_TRUNCATED (-9)  /* the connection ended where TLS had not */
#define CTX_TLS_E_ALERT     (-10) /* the peer refuses: ctx_tls_why() names its alert */
#define CTX_TLS_E_PROTOCOL  (-11) /* what the peer sends is no TLS that we speak */
#define CTX_TLS_E_IO        (-12) /* the connection below failed */
#define CTX_TLS_E_MEMORY    (-13)
#define CTX_TLS_E_RANDOM    (-14) /* there is no randomness */
#define CTX_TLS_E_FILE      (-15) /* a file can not be read, or is no certificate or key */
#define CTX_TLS_E_STATE                                                                            \
    (-16) /* not now: a client without roots, a server without a key, a name that is none */

/* The connection below. */
#define CTX_TLS_BELOW_AGAIN (-1) /* nothing there, or no room */
#define CTX_TLS_BELOW_ERROR (-2)
struct ctx_tls_below {
    void *arg;
    /* How many of these bytes it took, at least one, or CTX_TLS_BELOW_*. */
    int (*send)(void *arg, const void *bytes, size_t len);
    /* How many came, 0 at the connection's end, or CTX_TLS_BELOW_*. */
    int (*receive)(void *arg, void *bytes, size_t room);
};

/* A config for clients or for servers. NULL: no memory, or no randomness. */
struct ctx_tls_config *ctx_tls_client(void);
struct ctx_tls_config *ctx_tls_server(void);
/* Not while one of its connections is open. NULL is fine. */
void ctx_tls_config_free(struct ctx_tls_config *config);

/*
 * A client's roots: a file of certificates in PEM. Those in it that can not be read are passed
 * over, as long as there is one that can be. May be called several times.
 */
int ctx_tls_roots(struct ctx_tls_config *config, const char *path);
/* The same from memory: len counts the NUL at its end. */
int ctx_tls_roots_text(struct ctx_tls_config *config, const char *pem, size_t len);

/*
 * A server's certificate, with what leads to its root behind it, and its key: files in PEM. Up to
 * eight of them: the first is for clients that name nobody, or nobody who is here. They are checked
 * to belong together.
 */
int ctx_tls_identity(struct ctx_tls_config *config, const char *chain_path, const char *key_path);

/* Protocols by ALPN, the best first; a list that ends with NULL and outlives the config. */
int ctx_tls_alpn(struct ctx_tls_config *config, const char *const *protocols);

/*
 * A connection. name is whom a client wants: a host's name (a dot at its end makes no difference),
 * or an IPv4 or IPv6 address in digits. Servers say NULL. *error says why there is none.
 */
struct ctx_tls *ctx_tls_open(struct ctx_tls_config *config, const struct ctx_tls_below *below,
                             const char *name, int *error);
/* Closes nothing below, and says nothing to the peer. NULL is fine. */
void ctx_tls_free(struct ctx_tls *tls);

/* read and write do it by themselves. CTX_TLS_OK: it is done, and the peer is who it should be. */
int ctx_tls_handshake(struct ctx_tls *tls);
/* CTX_TLS_OK with *got bytes; 0 of them: the peer has ended the connection, and said so. */
int ctx_tls_read(struct ctx_tls *tls, void *bytes, size_t room, size_t *got);
/* CTX_TLS_OK with *taken of the bytes, at least one. After CTX_TLS_WRITE and READ the same bytes
 * again; more may stand behind them. */
int ctx_tls_write(struct ctx_tls *tls, const void *bytes, size_t len, size_t *taken);
/* Tells the peer that there is no more: without it a peer can not tell an end from a cut. */
int ctx_tls_close(struct ctx_tls *tls);

/* Bytes that have come and are not read yet: with them nobody has to wait for the connection below.
 */
size_t ctx_tls_pending(const struct ctx_tls *tls);

/* Words for people. Of a connection whose answer was this error: with what is known beside it. */
const char *ctx_tls_name(int error);
const char *ctx_tls_why(const struct ctx_tls *tls);
/* "TLSv1.3", "TLS1-3-CHACHA20-POLY1305-SHA256", the chosen protocol or NULL. */
const char *ctx_tls_version(const struct ctx_tls *tls);
const char *ctx_tls_suite(const struct ctx_tls *tls);
const char *ctx_tls_protocol(const struct ctx_tls *tls);
/* A ticket was used, so no certificates were sent. */
bool ctx_tls_resumed(const struct ctx_tls *tls);

#endif
