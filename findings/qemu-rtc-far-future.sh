#!/bin/sh
# SPDX-License-Identifier: MIT
#
# QEMU's clock chip, started at a date more than 68 years ahead of today with `-rtc base=`, shows a
# date in the past: the base minus 2^32 seconds. It does so only with the default clock (`host`);
# with `clock=vm` the same base is right. So a test of dates after 2094 needs `clock=vm`.
#
# Seen: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 of Debian 12; base 2150-01-01, clock=host: century,
# year, month, day in CMOS are 20 13 11 24 (2013-11-24), with clock=vm 21 50 01 01.
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
    # It goes on when its standard input ends: a deadline ends it.
    QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu" timeout 10 \
    "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
}
qemu --version | head -n 1

# The processor stands still; the registers of the chip are read from outside. They are BCD.
cmos() {
    {
        for register in 0x32 0x09 0x08 0x07; do
            printf 'outb 0x70 %s\ninb 0x71\n' "$register"
            sleep 0.2
        done
        sleep 0.5
    } | qemu -machine pc -accel tcg -S -nodefaults -display none -qtest stdio -qtest-log none \
        -rtc "base=2150-01-01T00:00:00,clock=$1" 2>/dev/null |
        sed -n 's/^OK 0x0*\([0-9a-f]*\)$/\1/p' | awk '{ printf "%s%02d", n++ ? " " : "", $1 }'
}
host=$(cmos host)
vm=$(cmos vm)
echo "clock=host: $host"
echo "clock=vm:   $vm"
[ "$vm" = '21 50 01 01' ] && [ "$host" = '20 13 11 24' ]
