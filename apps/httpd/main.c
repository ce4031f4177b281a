/* SPDX-License-Identifier: MIT */
/*
 * httpd - a web server whose page shows the machine living.
 *
 *   web=look | web=full   without one of them nothing is served
 *   port=80  tls-port=443  cert=FILE  key=FILE  root=FOLDER  name=NAME...  connections=10000
 *   token=new             another token than the one that is kept
 */
#define _GNU_SOURCE
#include "httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct settings settings = {.pages = "/pages", .connections = CONNS_MOST};

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* By one family. -1: errno says why. */
static int listen_by(int family, const void *address, socklen_t len)
{
    int fd = socket(family, SOCK_STREAM, 0), one = 1;
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    if (bind(fd, address, len) != 0 || listen(fd, 255) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* By both, IPv6 where that is there. */
static bool listen_at(uint16_t port, bool here, bool secure)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(here ? INADDR_LOOPBACK : INADDR_ANY)};
    socklen_t len = sizeof at;
    int fd = listen_by(AF_INET, &at, len);
    if (fd < 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0 || !conns_listen(fd, secure)) {
        world_say("port %u can not be had: %s", (unsigned)port, strerror(errno));
        return false;
    }
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = at.sin_port};
    six.sin6_addr.s6_addr[15] = here;
    fd = listen_by(AF_INET6, &six, sizeof six);
    if (fd >= 0) {
        (void)conns_listen(fd, secure);
    }
    world_say("listening port=%u", (unsigned)ntohs(at.sin_port));
    return true;
}

struct words {
    const char *web, *cert, *key;
    uint16_t port, tls_port;
    bool here, fresh;
};

/* False: a word that is none. */
static bool take_word(struct words *words, const char *word)
{
    const char *equals = strchr(word, '='), *value = equals != NULL ? equals + 1 : "";
    uint64_t number = 0;
    if (strncmp(word, "web=", 4) == 0) {
        words->web = value;
    } else if (strncmp(word, "port=", 5) == 0 &&
               ctx_http_number((struct ctx_http_text){value, strlen(value)}, &number) &&
               number < 65536) {
        words->port = (uint16_t)number;
    } else if (strncmp(word, "tls-port=", 9) == 0 &&
               ctx_http_number((struct ctx_http_text){value, strlen(value)}, &number) &&
               number < 65536) {
        words->tls_port = (uint16_t)number;
    } else if (strncmp(word, "cert=", 5) == 0) {
        words->cert = value;
    } else if (strncmp(word, "key=", 4) == 0) {
        words->key = value;
    } else if (strncmp(word, "root=", 5) == 0) {
        settings.root = value;
    } else if (strncmp(word, "pages=", 6) == 0) {
        settings.pages = value;
    } else if (strncmp(word, "name=", 5) == 0 &&
               settings.name_count < sizeof settings.names / sizeof settings.names[0]) {
        settings.names[settings.name_count++] = value;
    } else if (strncmp(word, "connections=", 12) == 0 &&
               ctx_http_number((struct ctx_http_text){value, strlen(value)}, &number) &&
               number >= 4 && number <= 60000) {
        settings.connections = (uint32_t)number;
    } else if (strcmp(word, "here") == 0) {
        words->here = true;
    } else if (strcmp(word, "token=new") == 0) {
        words->fresh = true;
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct words words = {.port = 80, .tls_port = 443};
    bool any;
    for (int i = 1; i < argc; i++) {
        if (!take_word(&words, argv[i])) {
            world_say("%s: no such word, or not so", argv[i]);
            return 2;
        }
    }
    settings.full = words.web != NULL && strcmp(words.web, "full") == 0;
    settings.look = settings.full || (words.web != NULL && strcmp(words.web, "look") == 0);
    if (!settings.look) {
        world_say("nothing is served: web=look or web=full is not on the line");
        return words.web != NULL ? 2 : 0;
    }
    settings.port = words.port;
    settings.tls_port = words.cert != NULL || words.key != NULL ? words.tls_port : 0;
    world_token(words.fresh);
    if (!conns_begin()) {
        world_say("no memory for connections");
        return 1;
    }
    any = listen_at(words.port, words.here, false);
    if (words.cert != NULL || words.key != NULL) {
        settings.tls = ctx_tls_server();
        int result = settings.tls == NULL
                         ? CTX_TLS_E_RANDOM
                         : ctx_tls_identity(settings.tls, words.cert != NULL ? words.cert : "",
                                            words.key != NULL ? words.key : "");
        if (result != CTX_TLS_OK) {
            world_say("no TLS: cert=%s key=%s: %s", words.cert != NULL ? words.cert : "",
                      words.key != NULL ? words.key : "", ctx_tls_name(result));
            return 1;
        }
        any |= listen_at(words.tls_port, words.here, true);
    }
    if (!any) {
        return 1;
    }
    uploads_clean();
    for (;;) {
        conns_round();
    }
}
