#!/bin/sh
# SPDX-License-Identifier: MIT
#
# With a virtio-gpu that is no VGA (QEMU's `-device virtio-gpu-pci`) there is no memory to draw in: a
# picture goes by commands. GRUB tells a Multiboot2 kernel of a framebuffer all the same, direct colour
# (type 1), of the right size and pitch - at address 0 under UEFI, where the firmware's own mode says that
# it can only copy. Four megabytes from there on are the kernel's own, which lies at 1 MiB. Under BIOS it
# names a VGA's planes at 0xa0000, 640x480 with one bit a pixel, although there is no VGA. So an address
# in the framebuffer's tag says nothing: a kernel has to look whether it is memory of a device.
#
# Seen: GRUB 2.06-13+deb12u2, OVMF 2022.11-6+deb12u2, SeaBIOS and QEMU 7.2 of Debian 12, q35, grub.cfg
# with `insmod all_video`; address, pitch, width, height, bits and type are
#     UEFI, VGA             c0000000 2400 800 600 24 1
#     UEFI, virtio-gpu-pci  0 5120 1280 800 32 1
#     BIOS, virtio-gpu-pci  a0000 80 640 480 1 0
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

# A kernel that asks for a framebuffer and writes the tag (8) of the one that it got to the serial line,
# a letter a half byte.
cat >"$work/kernel.s" <<'ASM'
        .code32
        .section .header, "a"
        .balign 8
header: .long 0xe85250d6, 0, end - header, -(0xe85250d6 + (end - header))
        .short 5, 0
        .long 20, 0, 0, 32
        .balign 8
        .short 0, 0
        .long 8
end:
        .text
        .globl _start
_start: lea 8(%ebx), %esi
tag:    cmpl $0, (%esi)
        je done
        cmpl $8, (%esi)
        je found
        mov 4(%esi), %eax
        add $7, %eax
        and $-8, %eax
        add %eax, %esi
        jmp tag
found:  add $8, %esi
        mov $22, %ecx
        mov $0x3f8, %dx
        mov $'[', %al
        out %al, %dx
next:   lodsb
        mov %al, %ah
        and $15, %al
        add $'a', %al
        out %al, %dx
        mov %ah, %al
        shr $4, %al
        add $'a', %al
        out %al, %dx
        loop next
        mov $']', %al
        out %al, %dx
        mov $'\n', %al
        out %al, %dx
done:   mov $0xf4, %dx
        out %al, %dx
        hlt
ASM
as --32 -o "$work/kernel.o" "$work/kernel.s" || exit 2
ld -m elf_i386 -Ttext 0x101000 --section-start .header=0x100000 -o "$work/kernel" "$work/kernel.o" || exit 2
printf 'insmod all_video\nmultiboot2 /kernel\nboot\n' >"$work/grub.cfg"

# GRUB's core for a CD and for UEFI, by hand: grub-mkrescue wants its programs at their usual places.
# Both find all of their modules in the core.
cp "$work/kernel" "$work/bios/kernel"
cp "$work/grub.cfg" "$work/bios/boot/grub/grub.cfg"
run grub-mkimage -d "$root/usr/lib/grub/i386-pc" -O i386-pc-eltorito -p /boot/grub -o "$work/bios/boot/grub/eltorito.img" \
    biosdisk iso9660 multiboot2 normal all_video || exit 2
run xorriso -as mkisofs -quiet -b boot/grub/eltorito.img -no-emul-boot -boot-load-size 4 -boot-info-table \
    -o "$work/cd.iso" "$work/bios" 2>"$work/said" || {
    cat "$work/said" >&2
    exit 2
}
cp "$work/kernel" "$work/uefi/kernel"
cp "$work/grub.cfg" "$work/uefi/EFI/BOOT/grub.cfg"
run grub-mkimage -d "$root/usr/lib/grub/x86_64-efi" -O x86_64-efi -p /EFI/BOOT -o "$work/uefi/EFI/BOOT/BOOTX64.EFI" \
    part_msdos fat multiboot2 normal all_video || exit 2
echo "GRUB $grub, OVMF $ovmf"

# What the kernel was told, with these devices.
told() {
    QEMU_MODULE_DIR="$root/usr/lib/x86_64-linux-gnu/qemu" timeout 120 \
        "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
        -machine q35 -accel tcg -m 256 -nodefaults -display none -serial stdio -no-reboot \
        -device isa-debug-exit,iobase=0xf4,iosize=4 "$@" </dev/null 2>"$work/said" | tr -d '\r' |
        sed -n 's/.*\[\([a-p]*\)\].*/\1/p' >"$work/tag"
    [ -s "$work/tag" ] || {
        cat "$work/said" >&2
        exit 2
    }
    # Two letters a byte, the low half first: numbers of 8, 4, 4, 4, 1 and 1 bytes.
    awk '{
        n = split("8 4 4 4 1 1", size, " ")
        at = 1
        for (i = 1; i <= n; i++) {
            value = 0
            for (j = 2 * size[i] - 1; j >= 0; j--) value = value * 16 + index("abcdefghijklmnop", substr($0, at + j, 1)) - 1
            printf i == 1 ? "%x" : " %d", value
            at += 2 * size[i]
        }
    }' "$work/tag"
}
uefi() {
    cp "$root/usr/share/OVMF/OVMF_VARS_4M.fd" "$work/vars" || exit 2
    told -device "$1" -drive "if=pflash,format=raw,unit=0,readonly=on,file=$root/usr/share/OVMF/OVMF_CODE_4M.fd" \
        -drive "if=pflash,format=raw,unit=1,file=$work/vars" -drive "if=none,id=d,format=raw,readonly=on,file=fat:$work/uefi" \
        -device virtio-blk-pci,drive=d
}
vga=$(uefi VGA) || exit 2
gpu=$(uefi virtio-gpu-pci) || exit 2
bios=$(told -device virtio-gpu-pci -cdrom "$work/cd.iso") || exit 2
echo "UEFI, VGA:            $vga"
echo "UEFI, virtio-gpu-pci: $gpu"
echo "BIOS, virtio-gpu-pci: $bios"
case $vga in 0\ * | '') exit 2 ;; esac
[ "$gpu" = '0 5120 1280 800 32 1' ] && [ "$bios" = 'a0000 80 640 480 1 0' ]
