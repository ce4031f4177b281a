/* SPDX-License-Identifier: MIT */
/* <netinet/in.h>: addresses of the Internet. */
#ifndef CTX_C_NETINET_IN_H
#define CTX_C_NETINET_IN_H

#include <arpa/inet.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr_in {
    sa_family_t sin_family;
    in_port_t sin_port;
    struct in_addr sin_addr;
    unsigned char sin_zero[8];
};

struct sockaddr_in6 {
    sa_family_t sin6_family;
    in_port_t sin6_port;
    uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    uint32_t sin6_scope_id;
};

#define INET_ADDRSTRLEN  16
#define INET6_ADDRSTRLEN 46

/* A group, and the card by which it is joined: by one of its addresses, or its number. */
struct ip_mreq {
    struct in_addr imr_multiaddr, imr_interface;
};

struct ip_mreqn {
    struct in_addr imr_multiaddr, imr_address;
    int imr_ifindex;
};

struct ipv6_mreq {
    struct in6_addr ipv6mr_multiaddr;
    unsigned ipv6mr_interface;
};

#define IPPROTO_IP       0
#define IPPROTO_ICMP     1
#define IPPROTO_TCP      6
#define IPPROTO_UDP      17
#define IPPROTO_IPV6     41
#define IPPROTO_ICMPV6   58
#define IPPROTO_RAW      255

#define INADDR_ANY       ((in_addr_t)0)
#define INADDR_BROADCAST ((in_addr_t)0xffffffff)
#define INADDR_NONE      ((in_addr_t)0xffffffff)
#define INADDR_LOOPBACK  ((in_addr_t)0x7f000001)

#define IN6ADDR_ANY_INIT                                                                           \
    {                                                                                              \
        {                                                                                          \
            {                                                                                      \
                0                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
#define IN6ADDR_LOOPBACK_INIT                                                                      \
    {                                                                                              \
        {                                                                                          \
            {                                                                                      \
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1                                     \
            }                                                                                      \
        }                                                                                          \
    }
extern const struct in6_addr in6addr_any;
extern const struct in6_addr in6addr_loopback;

#define IP_TOS                     1
#define IP_TTL                     2
#define IP_MULTICAST_IF            32
#define IP_MULTICAST_TTL           33
#define IP_MULTICAST_LOOP          34
#define IP_ADD_MEMBERSHIP          35
#define IP_DROP_MEMBERSHIP         36
#define IPV6_UNICAST_HOPS          16
#define IPV6_MULTICAST_IF          17
#define IPV6_MULTICAST_HOPS        18
#define IPV6_MULTICAST_LOOP        19
#define IPV6_JOIN_GROUP            20
#define IPV6_LEAVE_GROUP           21
#define IPV6_ADD_MEMBERSHIP        IPV6_JOIN_GROUP
#define IPV6_DROP_MEMBERSHIP       IPV6_LEAVE_GROUP
#define IPV6_V6ONLY                26

#define IPPORT_RESERVED            1024
#define IPPORT_USERRESERVED        5000

#define IN_MULTICAST(a)            (((in_addr_t)(a)&0xf0000000) == 0xe0000000)
#define IN6_IS_ADDR_UNSPECIFIED(a) (__builtin_memcmp((a), &in6addr_any, 16) == 0)
#define IN6_IS_ADDR_LOOPBACK(a)    (__builtin_memcmp((a), &in6addr_loopback, 16) == 0)
#define IN6_IS_ADDR_MULTICAST(a)   ((a)->s6_addr[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(a)   ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)
#define IN6_IS_ADDR_V4MAPPED(a)    (__builtin_memcmp((a), "\0\0\0\0\0\0\0\0\0\0\377\377", 12) == 0)
#define IN6_ARE_ADDR_EQUAL(a, b)   (__builtin_memcmp((a), (b), 16) == 0)

#ifdef __cplusplus
}
#endif
#endif
