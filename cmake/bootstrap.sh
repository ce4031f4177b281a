#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs what building, running and testing Argos needs and this machine lacks (Debian 12 names).
# Looks at commands and files, not at the package database: when all is there it says nothing,
# needs no network and takes milliseconds. Safe to run again at any time. Last it sees to it that
# the sources of others are in the cache (cmake/fetch-sources.sh), so that a build needs no network.
#
#   cmake/bootstrap.sh          install what is missing; optional tools come with the first go
#   cmake/bootstrap.sh --all    also the optional tools that are still missing, clang included
#   cmake/bootstrap.sh --check  change nothing: exit 0 when nothing required is missing
#
# Exit: 0 ready, 1 something required is missing (and was named).

set -u
mode=${1:-}
say() { printf 'bootstrap: %s\n' "$*" >&2; }

case $mode in
'' | --all | --check) ;;
*)
    say "unknown option $mode (there are --all and --check)"
    exit 1
    ;;
esac

have() { command -v "$1" >/dev/null 2>&1; }

# A header: where Debian puts it, or wherever this machine's compiler finds it.
header() {
    [ -e "/usr/include/$1" ] && have gcc && return 0
    have gcc && echo "#include <$2>" | gcc -E -x c $3 - >/dev/null 2>&1
}

cmake_is_new() {
    have cmake || return 1
    version=$(cmake --version 2>/dev/null) || return 1
    version=${version#cmake version }
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    [ "$major" -gt 3 ] 2>/dev/null || { [ "$major" -eq 3 ] && [ "$minor" -ge 25 ]; } 2>/dev/null
}

grub_dir() {
    for d in /usr/lib/grub /usr/local/lib/grub /usr/share/grub2 /usr/lib/grub2; do
        [ -e "$d/$1" ] && return 0
    done
    return 1
}

# Every size that libctx/ui makes letters of.
font() {
    for d in /usr/share/consolefonts /usr/share/kbd/consolefonts; do
        for cell in 8x16 12x24 16x32 32x64; do
            [ -e "$d/spleen-$cell.psfu.gz" ] || continue 2
        done
        return 0
    done
    return 1
}

scalable_font() {
    for face in DejaVuSansMono DejaVuSans DejaVuSans-Bold; do
        found=
        for d in /usr/share/fonts/truetype/dejavu /usr/share/fonts/dejavu-sans-mono-fonts \
            /usr/share/fonts/dejavu-sans-fonts /usr/share/fonts/TTF /usr/share/fonts/dejavu; do
            [ ! -e "$d/$face.ttf" ] || found=1
        done
        [ -n "$found" ] || return 1
    done
}

ovmf() {
    for f in /usr/share/OVMF/OVMF_CODE_4M.fd /usr/share/OVMF/OVMF_CODE.fd \
        /usr/share/edk2/x64/OVMF_CODE.4m.fd /usr/share/edk2/ovmf/OVMF_CODE.fd; do
        [ -e "$f" ] && return 0
    done
    return 1
}

window() {
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || return 0
    for f in /usr/lib/*/qemu/ui-gtk.so /usr/lib/qemu/ui-gtk.so; do
        [ -e "$f" ] && return 0
    done
    have qemu-system-x86_64 || return 1
    case $(qemu-system-x86_64 -display help 2>/dev/null) in
    *gtk* | *sdl*) return 0 ;;
    esac
    return 1
}

# need PACKAGE MB WHAT TEST...: when TEST fails, PACKAGE (about MB megabytes with what it pulls in
# on a bare system) goes on the list. want: the same for what a test or an app can do without.
missing='' things='' mb=0
need() {
    package=$1 size=$2 what=$3
    shift 3
    "$@" && return 0
    missing="$missing $package" things="${things:+$things, }$what" mb=$((mb + size))
}
lacking='' lacks='' lacking_mb=0
want() {
    package=$1 size=$2 what=$3
    shift 3
    "$@" && return 0
    lacking="$lacking $package" lacking_mb=$((lacking_mb + size))
    lacks="$lacks$what
"
}

look() {
    missing='' things='' mb=0 lacking='' lacks='' lacking_mb=0
    need gcc 45 gcc have gcc
    need g++ 20 g++ have g++
    need binutils 10 'binutils (nm, objdump)' have objdump
    need libc6-dev 15 'the C library headers' header stdio.h stdio.h ''
    need cmake 30 'cmake 3.25 or newer' cmake_is_new
    need ninja-build 1 ninja have ninja
    need make 2 'make (what cmake uses where nobody names another)' have make
    need python3 10 python3 have python3
    need qemu-system-x86 25 qemu-system-x86_64 have qemu-system-x86_64
    need grub-common 4 grub-mkrescue have grub-mkrescue
    need grub-pc-bin 2 'GRUB for BIOS' grub_dir i386-pc/multiboot2.mod
    need grub-efi-amd64-bin 2 'GRUB for UEFI' grub_dir x86_64-efi/multiboot2.mod
    need xorriso 2 xorriso have xorriso
    need mtools 1 mtools have mformat
    need tcl 7 'tclsh (SQLite makes its source with it)' have tclsh
    need libcmocka-dev 1 'cmocka.h' header cmocka.h cmocka.h \
        '-include stddef.h -include stdarg.h -include setjmp.h -include stdint.h'
    need libstb-dev 1 'stb_image.h' header stb/stb_image.h stb/stb_image.h ''
    need fonts-spleen 3 'the font Spleen' font
    need fonts-dejavu-core 2 'the fonts DejaVu Sans' scalable_font
    want rustc-web 130 'rustc is not here: the app rusty is left out (package rustc-web)' have rustc
    want cargo-web 20 'cargo is not here: tests of projects in Rust are skipped (package cargo-web)' have cargo
    want ovmf 10 'UEFI firmware is not here: tests of UEFI are skipped (package ovmf)' ovmf
    want gdb 20 'gdb is not here: the test qemu.gdb is skipped (package gdb)' have gdb
    want libsdl2-dev 60 'SDL2 is not here: ctx, which runs apps on Linux, has no window (package libsdl2-dev)' \
        header SDL2/SDL.h SDL2/SDL.h ''
    want libslirp-dev 1 'libslirp is not here: ctx run --net has no user network (package libslirp-dev)' header slirp/libslirp.h slirp/libslirp.h ''
    want file 9 'the program file is not here: cpack makes no .deb, and tests of it are skipped (package file)' have file
    want clang-format 60 'clang-format 14 is not here: the test setup.format is skipped (package clang-format)' have clang-format
    want clang-tidy 60 'clang-tidy 14 is not here: the test setup.tidy is skipped (package clang-tidy)' have clang-tidy
    want clang 60 'clang is not here: no apps whose code can be verified, and no libFuzzer builds (package clang)' have clang
    want curl 5 'curl is not here: tests of the web server are skipped (package curl)' have curl
    want openssl 3 'openssl is not here: tests of TLS are skipped (package openssl)' have openssl
    want ca-certificates 1 'there are no roots here: fetch trusts nobody by itself (package ca-certificates)' \
        [ -e /etc/ssl/certs/ca-certificates.crt ]
    want xvfb 15 'Xvfb is not here: the test of ctx'"'"'s window is skipped (package xvfb)' have Xvfb
    want xdotool 1 'xdotool is not here: the test of ctx'"'"'s window is skipped (package xdotool)' have xdotool
    want libzydis-dev 2 'Zydis is not here: the test fuzz.verify is skipped (package libzydis-dev)' header Zydis/Zydis.h Zydis/Zydis.h ''
    want qemu-system-gui 60 'QEMU has no window here (package qemu-system-gui)' window
    if [ "$mode" = --all ]; then
        want freedoom 20 'Freedoom is not here: the port doom (-DARGOS_PORTS=ON) is left out (package freedoom)' \
            [ -e /usr/share/games/doom/freedoom1.wad ]
        want valgrind 40 'valgrind is not here: a test of ctx is skipped (package valgrind)' have valgrind
        want debootstrap 1 'debootstrap is not here: the target package-root is skipped (package debootstrap)' have debootstrap
        want python3-myst-parser 30 'Sphinx with MyST is not here: the target html, the pages as a site, can not be made (packages python3-myst-parser, python3-sphinx)' \
            have sphinx-build
        want libclang-rt-14-dev 20 'no libFuzzer runtime (package libclang-rt-14-dev)' fuzzer
    fi
}

fuzzer() {
    for f in /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a; do
        [ -e "$f" ] && return 0
    done
    return 1
}

tell_lacks() {
    printf '%s' "$lacks" | while read -r line; do say "$line"; done
}

fetch() { exec "$(dirname "$0")/fetch-sources.sh"; }

look
if [ -z "$missing" ] && { [ -z "$lacking" ] || [ "$mode" != --all ]; }; then
    [ -z "$lacks" ] || tell_lacks
    [ "$mode" = --check ] && exit 0
    fetch
fi
if [ "$mode" = --check ]; then
    say "missing: $things"
    exit 1
fi

line="apt-get install --no-install-recommends$missing$lacking"
if ! have apt-get; then
    say "this system has no apt-get; please install by hand: ${things:-nothing required}"
    tell_lacks
    say "(the Debian 12 names are:$missing$lacking)"
    [ -z "$missing" ] && exit 0 || exit 1
fi

if [ "$(id -u 2>/dev/null)" = 0 ]; then
    root=''
elif have sudo; then
    # Without a terminal sudo must not stop and ask.
    if [ -t 0 ]; then root='sudo'; else root='sudo -n'; fi
else
    say "missing: ${things:-only optional tools}"
    say 'neither root nor sudo is to be had, so nothing was changed; as root, please run'
    printf '%s\n' "$line"
    [ -z "$missing" ] && exit 0 || exit 1
fi

# Bytes to fetch: apt knows exactly when it has package lists, else the estimate above holds.
bytes=$(apt-get install --no-install-recommends --print-uris -qq $missing $lacking 2>/dev/null |
    while read -r _ _ n _; do echo "$n"; done |
    { sum=0; while read -r n; do sum=$((sum + n)); done; echo "$sum"; })
[ "${bytes:-0}" -gt 1000000 ] && total=$(((bytes + 999999) / 1000000)) || total=$((mb + lacking_mb))
say "missing: ${things:-only optional tools}"
say "installing$missing$lacking"
say "about $total MB to fetch, $((1 + total / 100)) to $((2 + total / 25)) minutes"

install() {
    $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q -o DPkg::Lock::Timeout=600 --no-install-recommends "$@" >&2
}
fresh=no
refresh() {
    [ "$fresh" = yes ] && return 0
    fresh=yes
    $root apt-get update -q >&2
}

# Lists can be absent (a container) or stale (an old image): try, refresh once, try again.
known() { apt-get install --no-install-recommends --print-uris -qq "$@" >/dev/null 2>&1; }
if [ -n "$missing" ]; then
    known $missing || refresh
    install $missing || { refresh && install $missing; }
fi
look
[ -z "$missing" ] || lacking=''
for package in $lacking; do
    known "$package" || refresh
    install "$package" || say "$package could not be installed; going on without it"
done

look
[ -z "$lacks" ] || tell_lacks
if [ -n "$missing" ]; then
    say "still missing: $things"
    say "is there no network, or no right to install? The packages are:$missing"
    exit 1
fi
fetch
