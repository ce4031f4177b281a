/* SPDX-License-Identifier: MIT */
/*
 * How lwIP 2.2.1 is built: one thread, no pools (all memory is stack_malloc's, which has a limit
 * and counts), the callbacks of its raw interface. Where a default is changed the reason stands
 * beside it.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <stddef.h>
#include <stdint.h>

#define NO_SYS                1
#define SYS_LIGHTWEIGHT_PROT  0
#define LWIP_NETCONN          0
#define LWIP_SOCKET           0
#define LWIP_ERRNO_STDINCLUDE 0
#define LWIP_STATS            0

/* Ours catch up when the clock leaps, and do not wake an app that has nothing to do (timers.c). */
#define LWIP_TIMERS        1
#define LWIP_TIMERS_CUSTOM 1

/* ---- memory ---- */
#define MEM_ALIGNMENT        16
#define MEM_CUSTOM_ALLOCATOR 1
#define MEM_CUSTOM_MALLOC    stack_malloc
#define MEM_CUSTOM_CALLOC    stack_calloc
#define MEM_CUSTOM_FREE      stack_free
#define MEMP_MEM_MALLOC      1
void *stack_malloc(size_t bytes);
void *stack_calloc(size_t count, size_t bytes);
void stack_free(void *block);

/* ---- cards ---- */
#define LWIP_ARP                           1
#define ARP_TABLE_SIZE                     64
#define ARP_QUEUEING                       1 /* else one packet alone waits for an answer */
#define ARP_QUEUE_LEN                      8
#define LWIP_NETIF_HOSTNAME                1
#define LWIP_NETIF_API                     0
#define LWIP_HAVE_LOOPIF                   1 /* else 127.0.0.1 leads nowhere */
#define LWIP_NETIF_LOOPBACK                1 /* else the own address goes out by the card */
#define LWIP_LOOPBACK_MAX_PBUFS            2048
#define LWIP_NETIF_LOOPBACK_MULTITHREADING 0
#define LWIP_NETIF_EXT_STATUS_CALLBACK     1
#define LWIP_NUM_NETIF_CLIENT_DATA         1 /* mDNS */

/* ---- IPv4 and IPv6 ---- */
#define LWIP_IPV4                      1
#define LWIP_IPV6                      1
#define LWIP_RAW                       1 /* echo requests */
#define LWIP_ICMP                      1
#define LWIP_IGMP                      1 /* mDNS */
#define IP_REASS_MAX_PBUFS             64
#define IPV6_FRAG_COPYHEADER           1 /* a must where pointers have 64 bits */
#define LWIP_IPV6_NUM_ADDRESSES        4
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS  1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 1
#define LWIP_IPV6_ADDRESS_LIFETIMES    1
#define MEMP_NUM_MLD6_GROUP            16

/* DHCP checks an address before it uses it, which takes 7 s: cards.c has that done afterwards. */
#define LWIP_DHCP                 1
#define LWIP_ACD                  1
#define LWIP_DHCP_DOES_ACD_CHECK  0
#define LWIP_AUTOIP               0
#define LWIP_DHCP_MAX_DNS_SERVERS 2
#define LWIP_DHCP_GET_NTP_SRV     1 /* option 42, for ntp.c */
#define LWIP_DHCP_MAX_NTP_SERVERS 4

/* ---- UDP, names ---- */
#define LWIP_UDP                      1
#define LWIP_DNS                      1
#define DNS_MAX_SERVERS               3
#define DNS_TABLE_SIZE                16
#define DNS_MAX_REQUESTS              16
#define DNS_MAX_RETRIES               4
#define LWIP_DNS_SUPPORT_MDNS_QUERIES 1
#define LWIP_MDNS_RESPONDER           1
#define LWIP_MDNS_SEARCH              0
#define MDNS_MAX_SERVICES             1
#define SO_REUSE                      1
#define SO_REUSE_RXTOALL              1
#define LWIP_MULTICAST_TX_OPTIONS     1

/* ---- TCP ---- */
#define LWIP_TCP                     1
#define TCP_MSS                      1460 /* 536 */
#define LWIP_WND_SCALE               1
#define TCP_RCV_SCALE                3
#define TCP_WND                      (180 * TCP_MSS) /* 2,144 */
#define TCP_SND_BUF                  (180 * TCP_MSS)
#define TCP_SND_QUEUELEN             (4 * TCP_SND_BUF / TCP_MSS)
#define TCP_SNDLOWAT                 (2 * TCP_MSS)
#define LWIP_TCP_SACK_OUT            1
#define TCP_QUEUE_OOSEQ              1
#define TCP_OOSEQ_MAX_BYTES          TCP_WND
#define TCP_OOSEQ_MAX_PBUFS          256
#define TCP_LISTEN_BACKLOG           1
#define LWIP_TCP_KEEPALIVE           1
#define LWIP_TCP_RTO_TIME            1000 /* 3,000; RFC 6298 */
#define TCP_SYNMAXRTX                4
#define TCP_MAXRTX                   10
#define TCP_MSL                      15000UL /* 60,000: what has ended is kept for twice that */
#define TCP_DEFAULT_LISTEN_BACKLOG   128
#define LWIP_CALLBACK_API            1
#define LWIP_TCP_PCB_NUM_EXT_ARGS    1 /* tells when one is freed, whatever for */
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1 /* some cards make them */
/* Eight bytes at a time. */
#define LWIP_CHKSUM stack_sum
uint16_t stack_sum(const void *bytes, int len);
/* Nobody guesses the first number of a connection (RFC 6528). */
#define LWIP_HOOK_FILENAME "hooks.h"
#define LWIP_HOOK_TCP_ISN  stack_first_number
/* Else two ends that both have no room answer each other for ever, and a peer has segments made of
 * a byte each. */
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, head, options, first, second, p)                           \
    stack_segment((pcb), (head), (options), (first), (second), (p))
/* Else a client whose ports come round waits until what has ended is forgotten. */
#define LWIP_HOOK_IP4_INPUT(p, netif) stack_packet4(p)
#define LWIP_HOOK_IP6_INPUT(p, netif) stack_packet6(p)

#endif
