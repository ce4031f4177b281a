#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a Multiboot2 kernel gets of the words behind `multiboot2` and `module2` in GRUB is not what
# was typed, and not quoted so that every word can be told: a word with a space is put in double
# quotes, a backslash is put before quotes and backslashes - also where there are no double quotes
# around them - and an empty word is nothing at all between two spaces. A variable that is not set
# is not even that: it is no word.
#
# Seen: GRUB 2.06-13+deb12u2 of Debian 12 on SeaBIOS. In grub.cfg
#     multiboot2 /kernel it\'s 'a b' '' "c\\d" $nothing z
# and the kernel's command line is
#     it\'s "a b"  c\\d z
#
# Needs apt-get, as and ld (binutils), about 350 MB in a temporary folder, no root. Exit 0: as
# described; 1: it has changed; 2: it could not be tried.
set -u
grub='2.06-13+deb12u2'
qemu='1:7.2+dfsg-7+deb12u18+b3'
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
root=$work/root
mkdir -p "$root" "$work/state" "$work/cache/archives/partial" "$work/iso/boot/grub"
: >"$work/status"

# The packages and all that they need, whatever is installed here, unpacked beside the system.
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 --no-install-recommends --download-only -y \
    install "grub-common=$grub" "grub-pc-bin=$grub" xorriso "qemu-system-x86=$qemu" qemu-system-data seabios \
    >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "GRUB $grub and QEMU $qemu can not be had here" >&2
    exit 2
}
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root" || exit 2
done
libraries=$(find "$root/lib" "$root/usr/lib" -type d | tr '\n' ':')
run() {
    program=$1
    shift
    "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/usr/bin/$program" "$@"
}

# A kernel that writes its command line (tag 1 of Multiboot2's information) to the serial line.
cat >"$work/kernel.s" <<'ASM'
        .code32
        .section .header, "a"
        .balign 8
header: .long 0xe85250d6, 0, end - header, -(0xe85250d6 + (end - header))
        .short 0, 0
        .long 8
end:
        .text
        .globl _start
_start: lea 8(%ebx), %esi
tag:    cmpl $0, (%esi)
        je done
        cmpl $1, (%esi)
        je found
        mov 4(%esi), %eax
        add $7, %eax
        and $-8, %eax
        add %eax, %esi
        jmp tag
found:  add $8, %esi
        mov $0x3f8, %dx
        mov $'[', %al
        out %al, %dx
next:   lodsb
        test %al, %al
        jz last
        out %al, %dx
        jmp next
last:   mov $']', %al
        out %al, %dx
        mov $'\n', %al
        out %al, %dx
done:   mov $0xf4, %dx
        out %al, %dx
        hlt
ASM
as --32 -o "$work/kernel.o" "$work/kernel.s" || exit 2
ld -m elf_i386 -Ttext 0x101000 --section-start .header=0x100000 -o "$work/iso/kernel" "$work/kernel.o" || exit 2
cat >"$work/iso/boot/grub/grub.cfg" <<'CFG'
multiboot2 /kernel it\'s 'a b' '' "c\\d" $nothing z
boot
CFG
# GRUB's core for a CD, by hand: grub-mkrescue wants its programs at their usual places.
run grub-mkimage -d "$root/usr/lib/grub/i386-pc" -O i386-pc-eltorito -p /boot/grub -o "$work/iso/boot/grub/eltorito.img" \
    biosdisk iso9660 multiboot2 normal test || exit 2
run xorriso -as mkisofs -quiet -b boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 -boot-info-table \
    -o "$work/cd.iso" "$work/iso" 2>"$work/said" || {
    cat "$work/said" >&2
    exit 2
}
run grub-mkimage --version
line=$(QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu" timeout 60 \
    "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" \
    "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
    -machine pc -accel tcg -m 64 -nodefaults -display none -vga std -serial stdio -no-reboot \
    -device isa-debug-exit,iobase=0xf4,iosize=4 -cdrom "$work/cd.iso" </dev/null |
    sed -n 's/.*\[\(.*\)\].*/\1/p')
printf "the kernel's command line: %s\n" "$line"
[ "$line" = 'it\'"'"'s "a b"  c\\d z' ]
