#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Instructions in bundles, which a verifier can tell apart (`.bundle_align_mode`, by Native Client): two
# assemblers know the directives, and take a label before an instruction that has to be moved into the next
# bundle for two places. For GNU as it is where the no-ops begin, for LLVM's assembler the instruction
# itself, behind them. So addresses differ that one source gives - of functions, of tables, of return
# points. With LLVM an entry that stands right behind `.p2align 5` need not be at a multiple of 32: before a
# group that is to end a bundle (`align_to_end`, which GNU as does not know) the label goes with the call.
#
# Seen: as of binutils 2.40-2 and llvm-mc of llvm-14 1:14.0.6-12, Debian 12; bundles of 32 bytes, a label
# at byte 28 before an instruction of 10 bytes: 0x1c with as, 0x20 with llvm-mc; one behind `.p2align 5`,
# before a call of 5 bytes that is to end its bundle: 0x5b with llvm-mc.
#
# Needs apt-get, about 250 MB in a temporary folder, no root. Exit 0: as described; 1: it has changed;
# 2: it could not be tried.
set -u
binutils='2.40-2'
llvm='1:14.0.6-12'
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
root=$work/root
mkdir -p "$root" "$work/state" "$work/cache/archives/partial"
: >"$work/status"

# The packages and all that they need, whatever is installed here, unpacked beside the system.
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 --no-install-recommends --download-only -y \
    install "binutils-x86-64-linux-gnu=$binutils" "llvm-14=$llvm" >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "binutils $binutils and llvm-14 $llvm can not be had here" >&2
    exit 2
}
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root" || exit 2
done
libraries=$(find "$root/lib" "$root/usr/lib" -type d | tr '\n' ':')
run() {
    program=$1
    shift
    "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/usr/$program" "$@"
}

cat >"$work/both.s" <<'ASM'
        .text
        .bundle_align_mode 5
        .skip 28, 0x90
here:   movabs $0x1122334455667788, %rax
ASM
cat >"$work/llvm.s" <<'ASM'
        .bundle_align_mode 5
        .p2align 5
plain:  nop
        .p2align 5
before: .bundle_lock
        call plain
        .bundle_unlock
        .p2align 5
entry:  .bundle_lock align_to_end
        call plain
        .bundle_unlock
ASM
# Where a label of an object is, in hexadecimal.
place() { run bin/x86_64-linux-gnu-nm "$work/$1.o" | sed -n "s/^0*\([0-9a-f]*\) t $2\$/\1/p"; }
run bin/x86_64-linux-gnu-as -o "$work/as.o" "$work/both.s" || exit 2
run lib/llvm-14/bin/llvm-mc -triple x86_64-linux-gnu -filetype obj -o "$work/mc.o" "$work/both.s" || exit 2
run lib/llvm-14/bin/llvm-mc -triple x86_64-linux-gnu -filetype obj -o "$work/end.o" "$work/llvm.s" || exit 2
as=$(place as here)
mc=$(place mc here)
before=$(place end before)
entry=$(place end entry)
echo "before an instruction that is moved: 0x$as (as), 0x$mc (llvm-mc)"
echo "behind .p2align 5, llvm-mc: 0x$before before a group, 0x$entry before one that is to end a bundle"
# That both moved the instruction, so that it begins at 0x20 (48 b8).
for object in as mc; do
    run bin/x86_64-linux-gnu-objdump -d "$work/$object.o" | grep -q '^ *20:.48 b8' || exit 2
done
[ "$as" = 1c ] && [ "$mc" = 20 ] && [ "$before" = 20 ] && [ "$entry" = 5b ]
