#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A guest behind libslirp (QEMU's `-netdev user`) sends a datagram to a port of the host, 10.0.2.2, where
# nobody listens. The ICMP message that it gets, "port unreachable", is right but for its sender: that is
# 127.0.0.1, the place where the host's own kernel saw the error, though what it quotes is a datagram to
# 10.0.2.2. A host that heeds RFC 1122 (3.2.1.3: no such address from outside) drops it, and its program
# waits for the end of its patience in place of an error at once.
#
# Seen: libslirp 4.7.0-1 of Debian 12:
#     ICMP 3/3 from 127.0.0.1 to 10.0.2.15 about 10.0.2.2
#
# Needs apt-get and a C compiler, about 10 MB in a temporary folder, no root. Exit 0: as described; 1: it
# has changed; 2: it could not be tried.
set -u
version='4.7.0-1'
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
root=$work/root
mkdir -p "$root" "$work/state" "$work/cache/archives/partial"
: >"$work/status"
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 --no-install-recommends --download-only -y \
    install "libslirp0=$version" "libslirp-dev=$version" >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "libslirp $version can not be had here" >&2
    exit 2
}
for package in "$work"/cache/archives/libslirp*.deb "$work"/cache/archives/libglib2*.deb "$work"/cache/archives/libpcre2*.deb; do
    dpkg-deb -x "$package" "$root" || exit 2
done
lib=$(dirname "$(find "$root" -name libslirp.so.0 | head -n 1)")
glib=$(find "$root" -name libglib-2.0.so.0 -exec dirname {} \; | head -n 1)

cat >"$work/guest.c" <<'EOC'
#include <arpa/inet.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static const uint8_t guest_mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56}, host_mac[6] = {0x52, 0x55, 10, 0, 2, 2};
static const uint8_t guest_ip[4] = {10, 0, 2, 15}, host_ip[4] = {10, 0, 2, 2};
static struct pollfd fds[64];
static int nfds, heard;
static int64_t clock_ns(void *o) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static const char *ip(const uint8_t *p, char *s) { sprintf(s, "%d.%d.%d.%d", p[0], p[1], p[2], p[3]); return s; }
static ssize_t from_slirp(const void *frame, size_t len, void *o)
{
    const uint8_t *p = frame;
    char from[16], to[16], about[16];
    if (len >= 14 + 20 + 8 + 20 && p[12] == 8 && p[13] == 0 && p[23] == 1) { /* Ethernet, IP, ICMP, and the IP that it quotes */
        printf("ICMP %d/%d from %s to %s about %s\n", p[34], p[35], ip(p + 26, from), ip(p + 30, to), ip(p + 58, about));
        heard = 1;
    }
    return len;
}
static void guest_error(const char *m, void *o) { puts(m); }
static void *timer_new(SlirpTimerCb cb, void *cbo, void *o) { return &nfds; }
static void timer_free(void *t, void *o) {}
static void timer_mod(void *t, int64_t ms, void *o) {}
static void nothing(int fd, void *o) {}
static void notify(void *o) {}
static int add(int fd, int events, void *o)
{
    fds[nfds] = (struct pollfd){.fd = fd, .events = (events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0)};
    return nfds++;
}
static int revents(int i, void *o)
{
    int r = fds[i].revents;
    return (r & POLLIN ? SLIRP_POLL_IN : 0) | (r & POLLOUT ? SLIRP_POLL_OUT : 0) | (r & POLLERR ? SLIRP_POLL_ERR : 0) | (r & POLLHUP ? SLIRP_POLL_HUP : 0);
}
static int free_port(void) /* one of the host where nobody listens */
{
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    if (bind(s, (void *)&a, sizeof a) || getsockname(s, (void *)&a, &len)) return 0;
    close(s);
    return ntohs(a.sin_port);
}
int main(void)
{
    SlirpConfig c = {.version = 1, .in_enabled = true};
    inet_aton("10.0.2.0", &c.vnetwork); inet_aton("255.255.255.0", &c.vnetmask); inet_aton("10.0.2.2", &c.vhost); inet_aton("10.0.2.15", &c.vdhcp_start); inet_aton("10.0.2.3", &c.vnameserver);
    SlirpCb cb = {.send_packet = from_slirp, .guest_error = guest_error, .clock_get_ns = clock_ns, .timer_new = timer_new, .timer_free = timer_free, .timer_mod = timer_mod, .register_poll_fd = nothing, .unregister_poll_fd = nothing, .notify = notify};
    Slirp *s = slirp_new(&c, &cb, NULL);
    int port = free_port();
    if (!s || !port) return 2;
    /* The guest says who it is (ARP), and sends four bytes by UDP. */
    uint8_t arp[60] = {255, 255, 255, 255, 255, 255, [12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
    memcpy(arp + 6, guest_mac, 6); memcpy(arp + 22, guest_mac, 6); memcpy(arp + 28, guest_ip, 4); memcpy(arp + 38, guest_ip, 4);
    slirp_input(s, arp, sizeof arp);
    uint8_t udp[60] = {[12] = 8, 0, 0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, [34] = 0x30, 0x39, port >> 8, port, 0, 12, 0, 0, 'p', 'i', 'n', 'g'};
    memcpy(udp, host_mac, 6); memcpy(udp + 6, guest_mac, 6); memcpy(udp + 26, guest_ip, 4); memcpy(udp + 30, host_ip, 4);
    unsigned sum = 0;
    for (int i = 14; i < 34; i += 2) sum += udp[i] << 8 | udp[i + 1];
    sum = ~((sum & 0xffff) + (sum >> 16));
    udp[24] = sum >> 8; udp[25] = sum;
    slirp_input(s, udp, sizeof udp);
    for (int64_t end = clock_ns(NULL) + 5000000000LL; !heard && clock_ns(NULL) < end;) {
        uint32_t timeout = 100; nfds = 0;
        slirp_pollfds_fill(s, &timeout, add, NULL);
        poll(fds, nfds, timeout > 100 ? 100 : timeout);
        slirp_pollfds_poll(s, 0, revents, NULL);
    }
    return 0;
}
EOC
${CC:-cc} -w -I"$root/usr/include" "$work/guest.c" -o "$work/guest" "$lib/libslirp.so.0" -Wl,--allow-shlib-undefined || exit 2
LD_LIBRARY_PATH="$lib:$glib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$work/guest" >"$work/heard" || exit 2
cat "$work/heard"
grep -qx 'ICMP 3/3 from 127\.0\.0\.1 to 10\.0\.2\.15 about 10\.0\.2\.2' "$work/heard"
