#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A connection that comes through a forwarded port of libslirp (QEMU's `-netdev user,hostfwd=`) before
# the guest has said who it is: libslirp asks for the guest by ARP once, keeps the SYN for a second,
# and then lets go of it. That the guest comes up and announces its address sends nothing; the SYN
# follows when TCP's own clock says so, 6, 18 and 30 seconds after the first. Whoever opens a
# forwarded page of a machine that boots in one second waits for six, or for eighteen.
#
# Seen: libslirp 4.7.0-1 of Debian 12. The guest here is a function: it sends one gratuitous ARP, at
# once or after two seconds, and notes which frames come.
#
# Needs apt-get and a C compiler, 30 seconds, no root. Exit 0: as described; 1: it has changed; 2: it
# could not be tried.
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

cat >"$work/late.c" <<'EOF'
#include <slirp/libslirp.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
struct timer { SlirpTimerCb cb; void *opaque; int64_t at; } timers[8];
static int timer_count;
static double begun;
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static int64_t clock_ns(void *o) { return (int64_t)(now() * 1e9); }
static ssize_t send_packet(const void *buf, size_t len, void *o)
{
    const uint8_t *p = buf;
    if (p[12] == 8 && p[13] == 6)
        printf("%.1f ARP\n", now() - begun);
    else if (p[12] == 8 && p[13] == 0 && p[23] == 6 && p[47] == 2)
        printf("%.1f SYN\n", now() - begun);
    return len;
}
static void guest_error(const char *m, void *o) { puts(m); }
static void *timer_new(SlirpTimerCb cb, void *cbo, void *o) { timers[timer_count] = (struct timer){cb, cbo, -1}; return &timers[timer_count++]; }
static void timer_free(void *t, void *o) {}
static void timer_mod(void *t, int64_t ms, void *o) { ((struct timer *)t)->at = ms; }
static void nothing(int fd, void *o) {}
static void notify(void *o) {}
static struct pollfd fds[64]; static int nfds;
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
int main(int argc, char **argv)
{
    double comes = atof(argv[1]);
    SlirpConfig c = {.version = 1, .in_enabled = true};
    inet_aton("10.0.2.0", &c.vnetwork); inet_aton("255.255.255.0", &c.vnetmask); inet_aton("10.0.2.2", &c.vhost); inet_aton("10.0.2.15", &c.vdhcp_start); inet_aton("10.0.2.3", &c.vnameserver);
    SlirpCb cb = {.send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = clock_ns, .timer_new = timer_new, .timer_free = timer_free, .timer_mod = timer_mod, .register_poll_fd = nothing, .unregister_poll_fd = nothing, .notify = notify};
    Slirp *s = slirp_new(&c, &cb, NULL);
    struct in_addr host = {htonl(INADDR_LOOPBACK)}, guest; inet_aton("10.0.2.15", &guest);
    int port = 20000 + getpid() % 20000;
    if (slirp_add_hostfwd(s, 0, host, port, guest, 7)) return 2;
    begun = now();
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = host};
    if (connect(client, (void *)&to, sizeof to)) return 2;
    int there = 0;
    while (now() - begun < 20) {
        uint32_t timeout = 100; nfds = 0;
        slirp_pollfds_fill(s, &timeout, add, NULL);
        poll(fds, nfds, timeout > 100 ? 100 : timeout);
        slirp_pollfds_poll(s, 0, revents, NULL);
        for (int i = 0; i < timer_count; i++) if (timers[i].at >= 0 && timers[i].at <= (int64_t)(now() * 1000)) { timers[i].at = -1; timers[i].cb(timers[i].opaque); }
        if (!there && now() - begun >= comes) { /* a gratuitous ARP, as a guest sends it that has just its address */
            static const uint8_t me[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
            uint8_t f[60]; memset(f, 0, sizeof f); memset(f, 0xff, 6); memcpy(f + 6, me, 6);
            static const uint8_t head[10] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
            memcpy(f + 12, head, 10); memcpy(f + 22, me, 6); memcpy(f + 28, &guest, 4); memcpy(f + 38, &guest, 4);
            slirp_input(s, f, sizeof f); there = 1; printf("%.1f the guest says who it is\n", now() - begun);
        }
    }
}
EOF
glib=$(find "$root" -name libglib-2.0.so.0 -exec dirname {} \; | head -n 1)
${CC:-cc} -w -I"$root/usr/include" "$work/late.c" -o "$work/late" "$lib/libslirp.so.0" -Wl,--allow-shlib-undefined || exit 2
LD_LIBRARY_PATH="$lib:$glib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
"$work/late" 0 >"$work/at-once" &
"$work/late" 2 >"$work/later" || exit 2
wait
echo "The guest is there at once:"
cat "$work/at-once"
echo "The guest comes after two seconds:"
cat "$work/later"

# The second of the first SYN.
first() { sed -n 's/^\([0-9]*\)\.[0-9] SYN$/\1/p' "$1" | head -n 1; }
[ "$(first "$work/at-once")" = 0 ] && [ "$(grep -c ARP "$work/later")" = 1 ] || exit 1
case $(first "$work/later") in 5 | 6 | 7) ;; *) exit 1 ;; esac
