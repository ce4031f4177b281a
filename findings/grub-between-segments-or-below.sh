#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Where GRUB lays what it hands to a Multiboot2 kernel: anywhere outside of the kernel, as one knows, but
# neither way behind it. With BIOS the information lies between two segments of the kernel, in the rest of
# the first one's page: whoever takes all from the first segment to the last for the kernel's own loses it.
# With UEFI it lies in the first 64 KiB of memory, and so do modules that are small: there where one begins
# other processors. Nor do modules rise: one that did not fit below lies above the one that follows it.
#
# Seen: GRUB 2.06-13+deb12u2, OVMF 2022.11-6+deb12u2, SeaBIOS and QEMU 7.2 of Debian 12, q35 with 256 MiB; a
# kernel with segments at 100000 (24 bytes) and 101000, modules of 10,000, 700,000 and 10,000 bytes:
#     BIOS: information at 100150, modules at 102000, 105000 and 1b0000
#     UEFI: information at 9000, modules at 3000, 102000 and 6000
#
# Needs apt-get, as and ld (binutils), about 400 MB in a temporary folder, no root. Exit 0: as described;
# 1: it has changed; 2: it could not be tried.
set -u
grub='2.06-13+deb12u2'
ovmf='2022.11-6+deb12u2'
qemu='1:7.2+dfsg-7+deb12u18+b3'
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
root=$work/root
mkdir -p "$root" "$work/state" "$work/cache/archives/partial" "$work/bios/boot/grub" "$work/uefi/EFI/BOOT"
: >"$work/status"

# The packages and all that they need, whatever is installed here, unpacked beside the system.
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 --no-install-recommends --download-only -y \
    install "grub-common=$grub" "grub-pc-bin=$grub" "grub-efi-amd64-bin=$grub" xorriso "ovmf=$ovmf" \
    "qemu-system-x86=$qemu" qemu-system-data seabios >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "GRUB $grub, OVMF $ovmf and QEMU $qemu can not be had here" >&2
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

# A kernel that writes to the serial line where the information is and where each module begins (tag 3),
# a letter a half byte.
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
_start: mov $0x3f8, %dx
        mov $'[', %al
        out %al, %dx
        lea 8(%ebx), %esi
        mov %ebx, %edi
show:   mov $' ', %al
        out %al, %dx
        mov $8, %ecx
next:   rol $4, %edi
        mov %edi, %eax
        and $15, %al
        add $'a', %al
        out %al, %dx
        loop next
tag:    cmpl $0, (%esi)
        je done
        mov (%esi), %ebp
        mov 8(%esi), %edi
        mov 4(%esi), %eax
        add $7, %eax
        and $-8, %eax
        add %eax, %esi
        cmpl $3, %ebp
        je show
        jmp tag
done:   mov $']', %al
        out %al, %dx
        mov $'\n', %al
        out %al, %dx
        mov $0xf4, %dx
        out %al, %dx
        hlt
ASM
as --32 -o "$work/kernel.o" "$work/kernel.s" || exit 2
ld -m elf_i386 -Ttext 0x101000 --section-start .header=0x100000 -o "$work/kernel" "$work/kernel.o" || exit 2
head -c 10000 /dev/zero >"$work/small"
head -c 700000 /dev/zero >"$work/large"
printf 'multiboot2 /kernel\nmodule2 /small\nmodule2 /large\nmodule2 /small\nboot\n' >"$work/grub.cfg"

# GRUB's core for a CD and for UEFI, by hand: grub-mkrescue wants its programs at their usual places.
# Both find all of their modules in the core.
cp "$work/kernel" "$work/small" "$work/large" "$work/bios"
cp "$work/grub.cfg" "$work/bios/boot/grub/grub.cfg"
run grub-mkimage -d "$root/usr/lib/grub/i386-pc" -O i386-pc-eltorito -p /boot/grub -o "$work/bios/boot/grub/eltorito.img" \
    biosdisk iso9660 multiboot2 normal || exit 2
run xorriso -as mkisofs -quiet -b boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 -boot-info-table \
    -o "$work/cd.iso" "$work/bios" 2>"$work/said" || {
    cat "$work/said" >&2
    exit 2
}
cp "$work/kernel" "$work/small" "$work/large" "$work/uefi"
cp "$work/grub.cfg" "$work/uefi/EFI/BOOT/grub.cfg"
run grub-mkimage -d "$root/usr/lib/grub/x86_64-efi" -O x86_64-efi -p /EFI/BOOT -o "$work/uefi/EFI/BOOT/BOOTX64.EFI" \
    part_msdos fat multiboot2 normal || exit 2
echo "GRUB $grub, OVMF $ovmf"

# Where all is, in hexadecimal: the information, then the modules.
told() {
    QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu" timeout 120 \
        "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
        -machine q35 -accel tcg -m 256 -nodefaults -display none -serial stdio -no-reboot \
        -device isa-debug-exit,iobase=0xf4,iosize=4 "$@" </dev/null 2>"$work/said" | tr -d '\r' |
        sed -n 's/.*\[\([ a-p]*\)\].*/\1/p' >"$work/tag"
    [ -s "$work/tag" ] || {
        cat "$work/said" >&2
        exit 2
    }
    tr 'a-p' '0-9a-f' <"$work/tag" | sed 's/^ //; s/^0*//; s/ 0*/ /g'
}
bios=$(told -cdrom "$work/cd.iso") || exit 2
cp "$root/usr/share/OVMF/OVMF_VARS_4M.fd" "$work/vars" || exit 2
uefi=$(told -drive "if=pflash,format=raw,unit=0,readonly=on,file=$root/usr/share/OVMF/OVMF_CODE_4M.fd" \
    -drive "if=pflash,format=raw,unit=1,file=$work/vars" -drive "if=none,id=d,format=raw,readonly=on,file=fat:$work/uefi" \
    -device virtio-blk-pci,drive=d) || exit 2
echo "BIOS: $bios"
echo "UEFI: $uefi"
# $1 to $4: the information, and three modules.
between() { [ $((0x$1)) -ge $((0x100018)) ] && [ $((0x$1)) -lt $((0x101000)) ] && [ $((0x$2)) -gt $((0x101000)) ]; }
below() { [ $((0x$1)) -lt $((0x10000)) ] && [ $((0x$2)) -lt $((0x10000)) ] && [ $((0x$3)) -gt $((0x100000)) ] && [ $((0x$4)) -lt $((0x10000)) ]; }
between $bios && below $uefi
