#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A request that a throttle group of QEMU holds back goes on being held back when the limits are
# lifted: it waits for the time that was reckoned from the old limit. One that comes after the
# lifting waits behind it. So a disk that stalls for a while, for a test, is not made by a tiny
# limit that is taken away again: what was in flight may wait for hours.
#
# Seen: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 of Debian 12; 64 KiB are written twice at a limit of
# one byte a second, which is set to 0 (none) a second later: five seconds later the second write
# has not ended, and neither has a third one. At 64 KiB a second all three end by themselves.
#
# Needs apt-get, about 300 MB in a temporary folder, no root. Exit 0: as described; 1: it has
# changed; 2: it could not be tried.
set -u
version='1:7.2+dfsg-7+deb12u18+b3'
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
root=$work/root
mkdir -p "$root" "$work/state" "$work/cache/archives/partial"
: >"$work/status"

# The package and all that it needs, whatever is installed here, unpacked beside the system.
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 --no-install-recommends --download-only -y \
    install "qemu-system-x86=$version" qemu-system-data seabios >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "qemu-system-x86 $version can not be had here" >&2
    exit 2
}
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root" || exit 2
done
libraries=$(find "$root/lib" "$root/usr/lib" -type d | tr '\n' ':')
qemu() {
    QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu" timeout 60 \
        "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
}
qemu --version | head -n 1
truncate -s 1M "$work/disk" || exit 2

limit() { printf '{"execute":"qom-set","arguments":{"path":"/objects/group","property":"limits","value":{"bps-total":%s}}}\n' "$1"; }
write() { printf '{"execute":"human-monitor-command","arguments":{"command-line":"qemu-io disk \\"aio_write %s 64k\\""}}\n' "$1"; }
# How many of three writes have ended when five seconds are over since there is no limit. (A monitor's own `quit` would end them.)
ended() {
    {
        echo '{"execute":"qmp_capabilities"}'
        limit "$1"
        write 0
        write 64k
        sleep 1
        limit 0
        write 128k
        sleep 5
        echo '{"execute":"qom-get","arguments":{"path":"/objects/group","property":"limits"}}'
        sleep 1
        echo '{"execute":"quit"}'
    } | qemu -machine none -nodefaults -display none -qmp stdio -object throttle-group,id=group \
        -drive "if=none,id=disk,driver=throttle,throttle-group=group,file.driver=file,file.filename=$work/disk" 2>/dev/null |
        awk '/"bps-total": 0/ { exit } /wrote 65536\/65536/ { n++ } END { print n + 0 }'
}
tiny=$(ended 1)
small=$(ended 65536)
echo "ended of three, limit of 1 byte a second, lifted: $tiny"
echo "ended of three, limit of 64 KiB a second, lifted: $small"
[ "$tiny" = 1 ] && [ "$small" = 3 ]
