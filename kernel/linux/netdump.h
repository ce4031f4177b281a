/* SPDX-License-Identifier: MIT */
/*
 * `ctx run --net-dump FILE`: every frame that a card has sent or received, as a pcap file, which
 * tcpdump and Wireshark read. All cards write into one file, in the order of what happened.
 */
#ifndef KERNEL_LINUX_NETDUMP_H
#define KERNEL_LINUX_NETDUMP_H

#include <kernel/nic.h>

/* Begins the file, which nobody else may read. NULL: done, else why not. [boot] */
const char *netdump_open(const char *path);

/* A frame, in these pieces, of which the first len bytes count. Whole frames alone are in the file:
 * when there is no room for one more the log says so, and the file ends there. [loop] */
void netdump_frame(const struct nic_segment *segments, uint32_t count, size_t len);

#endif
