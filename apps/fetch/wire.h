/* SPDX-License-Identifier: MIT */
/* A connection to a server, plain or by TLS, that waits: with an end to every wait. */
#ifndef FETCH_WIRE_H
#define FETCH_WIRE_H

#include <ctx/http.h>
#include <ctx/tls.h>

struct wire {
    int fd;
    struct ctx_tls *tls;
    char why[200]; /* after a failure */
    bool refused;  /* by TLS: trying again is no use */
};

/* False: why says it. roots: a config for clients, which is needed for https only. */
bool wire_open(struct wire *wire, const struct ctx_http_url *url, struct ctx_tls_config *roots);
void wire_close(struct wire *wire);
bool wire_send(struct wire *wire, const char *bytes, size_t len);
/* How many came, 0 at the end, -1. */
long wire_receive(struct wire *wire, void *bytes, size_t room);

#endif
