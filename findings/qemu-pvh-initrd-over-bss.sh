#!/bin/sh
# SPDX-License-Identifier: MIT
#
# QEMU boots an ELF kernel with a PVH note and puts the initial RAM disk as high as the memory goes,
# without a look at the kernel's own: a segment's memory beyond what the file has of it (its .bss)
# gets the RAM disk's bytes, and no word is said. A kernel that clears its .bss at the start, as one
# does, clears its RAM disk; one that trusts the loader for the zeros finds others' bytes there.
#
# Seen: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 of Debian 12, machine q35 with 8 MiB; a segment from
# 1 MiB with 6 MiB of memory, a RAM disk of 2 MiB of the byte 0x5a: at 6.5 MiB, inside of the segment,
# lies 0x5a5a5a5a. In 32 MiB there lies 0.
#
# Needs apt-get and binutils, about 300 MB in a temporary folder, no root. Exit 0: as described; 1: it
# has changed; 2: it could not be tried.
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

# A kernel that does nothing, entered by PVH: a note of Xen's, type 18 (PHYS32_ENTRY).
cat >"$work/k.s" <<'EOF'
        .section .note.pvh, "a", @note
        .balign 4
        .long 4, 4, 18
        .asciz "Xen"
        .long start
        .text
        .code32
        .globl start
start:  hlt
        jmp start
        .bss
        .skip 6 << 20
EOF
cat >"$work/k.ld" <<'EOF'
ENTRY(start)
PHDRS { all PT_LOAD FLAGS(7); note PT_NOTE; }
SECTIONS {
  . = 1M;
  .note.pvh : { *(.note.pvh) } :all :note
  .text : { *(.text) } :all
  .bss : { *(.bss) } :all
}
EOF
as --64 "$work/k.s" -o "$work/k.o" && ld --no-warn-rwx-segments -T "$work/k.ld" -o "$work/k.elf" "$work/k.o" || exit 2
head -c 2097152 /dev/zero | tr '\0' 'Z' >"$work/disk" # 0x5a

# The word at 6.5 MiB, some seconds after the start; the kernel's first word too, to know that it was loaded.
word() {
    (sleep 4; printf 'xp /1xw 0x100000\nxp /1xw 0x680000\nquit\n') |
        qemu -nodefaults -display none -serial none -monitor stdio -M q35 -accel tcg -m "$1" -kernel "$work/k.elf" \
            -initrd "$work/disk" 2>&1 | tr -d '\r' | sed -n 's/^0*100000: 0x00000004$/loaded/p; s/^0*680000: //p' | tr '\n' ' '
}
small=$(word 8)
large=$(word 32)
echo "at 6.5 MiB, inside of the kernel's segment: $small(8 MiB), $large(32 MiB)"
case "$small$large" in loaded\ 0x*loaded\ 0x*) ;; *) exit 2 ;; esac
[ "$small" = "loaded 0x5a5a5a5a " ] && [ "$large" = "loaded 0x00000000 " ]
