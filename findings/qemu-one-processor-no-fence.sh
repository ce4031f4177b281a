#!/bin/sh
# SPDX-License-Identifier: MIT
#
# With one emulated processor (TCG, -smp 1) QEMU 7.2 makes nothing of a guest's memory fence: MFENCE
# is translated to no operation at all, as though a guest that has one processor were alone. Its
# devices are not on that thread: they read and write the rings in the guest's memory meanwhile. So a
# driver that publishes an index, fences, and then looks whether the device wants a notification
# (Virtual I/O Device 1.2, 2.7.13.4.1) may look too early, and so may one that asks for an interrupt
# and then looks a last time. A register of the device between the two, read or written, orders them.
#
# Seen: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 of Debian 12. The translation (-d op) of a boot
# sector that begins with MFENCE has an operation `mb` with -smp 2, and none with -smp 1, nor with
# -smp 2 on one thread (-accel tcg,thread=single).
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

# mfence; mov dx, 0x501; mov al, 0; out dx, al (which ends QEMU with status 1); hlt
printf '\017\256\360\272\001\005\260\000\356\364' >"$work/boot"
truncate -s 510 "$work/boot"
printf '\125\252' >>"$work/boot"

# How many fences the translation of that sector has, under these options.
fences() {
    qemu "$@" -nodefaults -display none -device isa-debug-exit,iobase=0x501,iosize=1 -boot a \
        -drive "file=$work/boot,format=raw,if=floppy" -d in_asm,op -dfilter 0x7c00+0x200 -D "$work/log" >/dev/null 2>"$work/said"
    if [ $? -ne 1 ] || ! grep -q mfence "$work/log"; then
        cat "$work/said" >&2
        exit 2
    fi
    grep -c '^ mb ' "$work/log"
}
one=$(fences -accel tcg -smp 1) || [ "$one" = 0 ] || exit 2
two=$(fences -accel tcg -smp 2) || [ "$two" = 0 ] || exit 2
single=$(fences -accel tcg,thread=single -smp 2) || [ "$single" = 0 ] || exit 2
echo "fences: $one with one processor, $two with two, $single with two on one thread"
[ "$one" = 0 ] && [ "$two" -gt 0 ] && [ "$single" = 0 ] || exit 1
