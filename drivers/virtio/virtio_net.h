/* SPDX-License-Identifier: MIT */
/*
 * virtio-net, a network card. Virtual I/O Device 1.2, section 5.1: a queue of memory for frames
 * that come, one of frames to send, and one of commands (what is let through). Frames lie where
 * whoever has the card wants them, in up to fourteen pieces, and are not copied; the header of each
 * lies in memory of the driver's.
 *
 * What is not negotiated: MRG_RXBUF and the large segments of GUEST_TSO, because a frame that comes
 * has one piece of memory that is long enough; num_buffers is not looked at then (QEMU does not
 * even write it). MQ: more queues are for more processors.
 *
 * The card is stopped by a reset, when somebody lets go of it as well as when it is in trouble:
 * there is no other way to get memory back that waits for frames. The first does not count as a
 * recovery.
 */
#ifndef VIRTIO_VIRTIO_NET_H
#define VIRTIO_VIRTIO_NET_H

#include "virtio.h"

#include <kernel/nic.h>
#include <kernel/task.h>

/* 5.1.3 features */
#define VIRTIO_NET_F_CSUM         (1ull << 0)
#define VIRTIO_NET_F_GUEST_CSUM   (1ull << 1)
#define VIRTIO_NET_F_MTU          (1ull << 3)
#define VIRTIO_NET_F_MAC          (1ull << 5)
#define VIRTIO_NET_F_HOST_TSO4    (1ull << 11)
#define VIRTIO_NET_F_HOST_TSO6    (1ull << 12)
#define VIRTIO_NET_F_STATUS       (1ull << 16)
#define VIRTIO_NET_F_CTRL_VQ      (1ull << 17)
#define VIRTIO_NET_F_CTRL_RX      (1ull << 18)
#define VIRTIO_NET_F_SPEED_DUPLEX (1ull << 63)

/* 5.1.4 the fields of the configuration, by offset */
#define VIRTIO_NET_CONFIG_MAC    0u  /* 6 bytes */
#define VIRTIO_NET_CONFIG_STATUS 6u  /* 2 */
#define VIRTIO_NET_CONFIG_MTU    10u /* 2 */
#define VIRTIO_NET_CONFIG_SPEED  12u /* 4 */
#define VIRTIO_NET_S_LINK_UP     1u

/* 5.1.6 what stands before every frame */
struct virtio_net_hdr {
    uint8_t flags, gso_type;
    uint16_t hdr_len, gso_size, csum_start, csum_offset;
    uint16_t num_buffers;
};
#define VIRTIO_NET_HDR_F_NEEDS_CSUM 1u
#define VIRTIO_NET_HDR_F_DATA_VALID 2u
#define VIRTIO_NET_HDR_GSO_NONE     0u
#define VIRTIO_NET_HDR_GSO_TCPV4    1u
#define VIRTIO_NET_HDR_GSO_TCPV6    4u
_Static_assert(sizeof(struct virtio_net_hdr) == 12, "5.1.6");

/* 5.1.6.5 commands: class, command, data; then an answer */
#define VIRTIO_NET_CTRL_RX          0u
#define VIRTIO_NET_CTRL_RX_PROMISC  0u
#define VIRTIO_NET_CTRL_RX_ALLMULTI 1u
#define VIRTIO_NET_CTRL_MAC         1u
#define VIRTIO_NET_CTRL_MAC_TABLE   0u
#define VIRTIO_NET_OK               0u

#define NET_RX                      0u /* [5.1.2] */
#define NET_TX                      1u
#define NET_CTRL                    2u /* without MQ */

#define NET_FRAMES                  256u /* in flight, each way */
#define NET_CHAIN                   (NIC_SEGMENTS + 1u)
#define NET_CHAIN_LEAST             2u
#define NET_COMMANDS                3u  /* of one filter; each is a chain of three */
#define NET_CTRL_LEAST              16u /* entries of that queue, to be of use */
#define NET_TSO_MOST                                                                               \
    65549u /* bytes of a frame that is cut: what IPv4 can say, and Ethernet's header */
#define NET_POLL_NS NSEC_PER_MSEC
_Static_assert(NET_CHAIN <= VIRTQ_CHAIN_MAX && NET_FRAMES <= VIRTQ_LARGE_MAX,
               "what a queue allows");

struct net_command {
    uint8_t class, command;
    uint8_t data[2 * sizeof(uint32_t) + NIC_GROUPS * NIC_MAC];
    uint8_t answer; /* the device writes it */
};

/* Memory that the device reads and writes, beside the frames. */
struct net_area {
    struct virtio_net_hdr sent[NET_FRAMES];
    volatile struct virtio_net_hdr came[NET_FRAMES]; /* the device writes them */
    struct net_command commands[NET_COMMANDS];
};

/* A frame in flight; its place is that of its header. */
struct net_slot {
    uint32_t tag;
    uint16_t next; /* free ones */
};

/* One direction. */
struct net_way {
    struct virtqueue queue;
    struct virtq_slot virtq_slots[NET_FRAMES];
    struct net_slot slots[NET_FRAMES];
    uint16_t first_free;
    uint16_t used;
};

struct virtio_net {
    struct task task;
    struct virtio_device *dev;
    struct nic_device nic;
    struct net_way rx, tx;
    struct virtqueue control;
    struct net_area *area;
    paddr_t area_paddr;

    struct nic_filter filter; /* that is wanted */
    bool filter_waits;        /* to be sent when the last one was answered */
    uint32_t commands;        /* in flight */

    uint32_t generation; /* of the configuration that was read */
    bool offered;
    bool started;   /* the queues are there */
    bool stopping;  /* nic.stop */
    bool tell_sent; /* somebody waits for what is sent */
    bool moved;     /* its configuration is another one */
    bool waits;     /* a frame that there was no room for */
    uint32_t errors;
    const char *step; /* for the log: what went wrong */
};

#define NET_ROOM "virtio-net"

/* virtio_net_config.c: what the card says of itself, into net->nic, after the features are
 * negotiated. False: it is of no use, or another card than it was, and net->step says why. The
 * link, if the configuration is another one. What is to be let through. [loop, in a call] */
uint64_t virtio_net_known(void);
bool virtio_net_read_config(struct virtio_net *net);
void virtio_net_look_at_link(struct virtio_net *net);
void virtio_net_filter(struct nic_device *nic, const struct nic_filter *filter);
void virtio_net_answers(struct virtio_net *net);

/* virtio_net_rings.c: frames. begin: all of them are free. collect: what the device is done with.
 */
void virtio_net_begin(struct virtio_net *net);
ctx_status virtio_net_send(struct nic_device *nic, const struct nic_frame *frame, uint32_t tag);
ctx_status virtio_net_receive(struct nic_device *nic, const struct nic_segment *segments,
                              uint32_t count, uint32_t tag);
void virtio_net_push(struct nic_device *nic, bool tell_sent);
void virtio_net_collect(struct virtio_net *net);

/*
 * Start the driver on a device whose transport is open. Both must live for ever, *net filled with
 * zeroes; name: "net0". [boot] [loop]
 */
void virtio_net_start(struct virtio_net *net, struct virtio_device *dev, const char *name);

#endif
