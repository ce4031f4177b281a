/* SPDX-License-Identifier: MIT */
/* Names of machines and services. */
#include "../glue.h"
#include "sockets.h"

#include <ctx/c.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_NS UINT64_C(30000000000)

static const struct {
    const char *name;
    uint16_t port;
} services[] = {{"echo", 7},    {"discard", 9}, {"daytime", 13}, {"ftp", 21},    {"ssh", 22},
                {"telnet", 23}, {"smtp", 25},   {"time", 37},    {"domain", 53}, {"tftp", 69},
                {"gopher", 70}, {"finger", 79}, {"http", 80},    {"pop3", 110},  {"ntp", 123},
                {"imap", 143},  {"irc", 194},   {"https", 443},  {"imaps", 993}, {"pop3s", 995}};
#define SERVICES (sizeof services / sizeof services[0])

int h_errno;

static int port_of(const char *text)
{
    char *end;
    if (text == NULL || *text == 0) {
        return 0;
    }
    unsigned long number = strtoul(text, &end, 10);
    if (*end == 0 && *text >= '0' && *text <= '9') {
        return number <= 65535 ? (int)number : -1;
    }
    for (size_t i = 0; i < SERVICES; i++) {
        if (strcmp(text, services[i].name) == 0) {
            return services[i].port;
        }
    }
    return -1;
}

/* One address of a name; EAI_*. */
static int ask(const char *name, uint32_t family, struct net_found *found)
{
    uint64_t time = 0;
    ctx_status status;
    ctx_now()->time->now(ctx_now()->time, &time);
    for (;;) {
        struct ctx_c_want want = {0, NET_NAME};
        *found = (struct net_found){.size = sizeof *found};
        NET_ASK(status, resolve, name, (uint32_t)strlen(name), family, found);
        if (status != CTX_E_AGAIN) {
            break;
        }
        status = ctx_c_net_wait(&want, 1, time + NAME_NS, true);
        if (status != CTX_OK) {
            errno = status == CTX_E_CANCELED ? EINTR : EAGAIN;
            return status == CTX_E_CANCELED ? EAI_SYSTEM : EAI_AGAIN;
        }
    }
    switch (status) {
    case CTX_OK: /* another app says how many */
        found->count =
            found->count < sizeof found->bytes / 16 ? found->count : sizeof found->bytes / 16;
        return found->count > 0 ? 0 : EAI_NONAME;
    case CTX_E_NOENT:
    case CTX_E_INVAL:
        return EAI_NONAME;
    case CTX_E_TIMEDOUT:
    case CTX_E_NOSPC:
    case CTX_E_STALE:
        return EAI_AGAIN;
    case CTX_E_NOMEM:
        return EAI_MEMORY;
    default:
        errno = -ctx_c_net_error(status);
        return EAI_SYSTEM;
    }
}

static bool is_four(const uint8_t bytes[16])
{
    return memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\377\377", 12) == 0;
}

struct entry {
    struct addrinfo info;
    struct sockaddr_storage address;
};

/* One more at the list's end. */
static bool add(struct addrinfo **list, const uint8_t bytes[16], int port, int type, bool mapped)
{
    struct entry *e = calloc(1, sizeof *e);
    struct net_address a = {.size = sizeof a, .port = (uint32_t)port};
    if (e == NULL) {
        return false;
    }
    bool four = is_four(bytes) && !mapped;
    a.family = is_four(bytes) ? NET_IP4 : NET_IP6;
    memcpy(a.bytes, is_four(bytes) ? bytes + 12 : bytes, is_four(bytes) ? 4 : 16);
    socklen_t len = sizeof e->address;
    ctx_c_address_out(four ? AF_INET : AF_INET6, &a, (struct sockaddr *)&e->address, &len);
    e->info = (struct addrinfo){
        .ai_family = four ? AF_INET : AF_INET6,
        .ai_socktype = type,
        .ai_protocol = type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP,
        .ai_addrlen = len,
        .ai_addr = (struct sockaddr *)&e->address,
    };
    while (*list != NULL) {
        list = &(*list)->ai_next;
    }
    *list = &e->info;
    return true;
}

static int find(const char *name, const struct addrinfo *hints, struct net_found *found)
{
    uint8_t bytes[16];
    uint32_t family = hints->ai_family == AF_INET    ? NET_IP4
                      : hints->ai_family == AF_INET6 ? NET_IP6
                                                     : NET_ANY;
    *found = (struct net_found){.size = sizeof *found, .count = 1};
    if (name == NULL) {
        bool passive = (hints->ai_flags & AI_PASSIVE) != 0;
        if (hints->ai_family == AF_INET6) {
            found->bytes[15] = !passive;
            return 0;
        }
        memcpy(found->bytes + 10, passive ? "\377\377\0\0\0\0" : "\377\377\177\0\0\1", 6);
        return 0;
    }
    if (inet_pton(AF_INET, name, bytes) == 1) {
        memcpy(found->bytes + 10, "\377\377", 2);
        memcpy(found->bytes + 12, bytes, 4);
        bool mapped = (hints->ai_flags & AI_V4MAPPED) != 0;
        return hints->ai_family == AF_INET6 && !mapped ? EAI_NONAME : 0;
    }
    if (inet_pton(AF_INET6, name, bytes) == 1) {
        memcpy(found->bytes, bytes, 16);
        return hints->ai_family == AF_INET ? EAI_NONAME : 0;
    }
    return (hints->ai_flags & AI_NUMERICHOST) != 0 ? EAI_NONAME : ask(name, family, found);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    static const struct addrinfo none;
    struct net_found found;
    const struct addrinfo *h = hints != NULL ? hints : &none;
    int port = port_of(service);
    *out = NULL;
    if (h->ai_family != AF_UNSPEC && h->ai_family != AF_INET && h->ai_family != AF_INET6) {
        return EAI_FAMILY;
    }
    if (h->ai_socktype != 0 && h->ai_socktype != SOCK_STREAM && h->ai_socktype != SOCK_DGRAM) {
        return EAI_SOCKTYPE;
    }
    if (port < 0 || (name == NULL && service == NULL)) {
        return port < 0 ? EAI_SERVICE : EAI_NONAME;
    }
    int error = find(name, h, &found);
    bool mapped = h->ai_family == AF_INET6;
    for (uint32_t i = 0; error == 0 && i < found.count; i++) {
        for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
            bool wanted = h->ai_socktype == 0 || h->ai_socktype == type;
            if (wanted && !add(out, found.bytes + 16 * i, port, type, mapped)) {
                error = EAI_MEMORY;
            }
        }
    }
    if (error == 0 && (h->ai_flags & AI_CANONNAME) != 0 && name != NULL) {
        (*out)->ai_canonname = strdup(name);
        error = (*out)->ai_canonname == NULL ? EAI_MEMORY : 0;
    }
    if (error != 0) {
        freeaddrinfo(*out);
        *out = NULL;
    }
    return error;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list->ai_canonname);
        free((struct entry *)(void *)list);
        list = next;
    }
}

const char *gai_strerror(int error)
{
    static const char *const texts[] = {"Success",
                                        "Bad flags",
                                        "Name or service not known",
                                        "Temporary failure in name resolution",
                                        "Non-recoverable failure in name resolution",
                                        "No address associated with hostname",
                                        "Address family not supported",
                                        "Socket type not supported",
                                        "Servname not supported for socket type",
                                        "Unknown error",
                                        "Memory allocation failure",
                                        "System error",
                                        "Argument buffer overflow"};
    return error <= 0 && error >= EAI_OVERFLOW ? texts[-error] : "Unknown error";
}

/* Names of addresses are not asked for: what comes are numbers. */
int getnameinfo(const struct sockaddr *address, socklen_t len, char *name, socklen_t name_len,
                char *service, socklen_t service_len, int flags)
{
    struct net_address a;
    if (address == NULL || len < sizeof address->sa_family ||
        ctx_c_address_in(address->sa_family, address, len, &a) != 0) {
        return EAI_FAMILY;
    }
    if (name != NULL && name_len > 0 && (flags & NI_NAMEREQD) != 0) {
        return EAI_NONAME;
    }
    if (name != NULL && name_len > 0 &&
        inet_ntop(address->sa_family, a.bytes, name, name_len) == NULL) {
        return EAI_OVERFLOW;
    }
    if (service == NULL || service_len == 0) {
        return 0;
    }
    const struct servent *s =
        (flags & NI_NUMERICSERV) == 0 ? getservbyport(htons((uint16_t)a.port), NULL) : NULL;
    int n = s != NULL ? snprintf(service, service_len, "%s", s->s_name)
                      : snprintf(service, service_len, "%u", (unsigned)a.port);
    return n < (int)service_len ? 0 : EAI_OVERFLOW;
}

/* ---- what is older ---- */

struct hostent *gethostbyname(const char *name)
{
    static uint8_t bytes[4];
    static char text[256];
    static char *no_names[1], *addresses[2] = {(char *)bytes};
    static struct hostent host = {.h_name = text,
                                  .h_aliases = no_names,
                                  .h_addrtype = AF_INET,
                                  .h_length = 4,
                                  .h_addr_list = addresses};
    struct net_found found;
    struct addrinfo hints = {.ai_family = AF_INET};
    int error = find(name, &hints, &found);
    if (error != 0) {
        h_errno = error == EAI_NONAME  ? HOST_NOT_FOUND
                  : error == EAI_AGAIN ? TRY_AGAIN
                                       : NO_RECOVERY;
        return NULL;
    }
    memcpy(bytes, found.bytes + 12, 4);
    snprintf(text, sizeof text, "%s", name);
    return &host;
}

/* As getnameinfo(): nobody is asked. */
struct hostent *gethostbyaddr(const void *address, socklen_t len, int family)
{
    (void)address;
    (void)len;
    (void)family;
    h_errno = HOST_NOT_FOUND;
    return NULL;
}

static struct servent *service_at(size_t i, const char *protocol)
{
    static char *no_names[1];
    static char name[16], kind[4];
    static struct servent s = {.s_name = name, .s_aliases = no_names, .s_proto = kind};
    snprintf(name, sizeof name, "%s", services[i].name);
    snprintf(kind, sizeof kind, "%s", protocol != NULL ? protocol : "tcp");
    s.s_port = htons(services[i].port);
    return &s;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
    for (size_t i = 0; i < SERVICES; i++) {
        if (strcmp(name, services[i].name) == 0) {
            return service_at(i, protocol);
        }
    }
    return NULL;
}

struct servent *getservbyport(int port, const char *protocol)
{
    for (size_t i = 0; i < SERVICES; i++) {
        if (htons(services[i].port) == (uint16_t)port) {
            return service_at(i, protocol);
        }
    }
    return NULL;
}

const char *hstrerror(int error)
{
    return error == HOST_NOT_FOUND ? "Unknown host"
           : error == TRY_AGAIN    ? "Host name lookup failure"
           : error == NO_RECOVERY  ? "Unknown server error"
           : error == NO_DATA      ? "No address associated with name"
                                   : "Unknown error";
}
