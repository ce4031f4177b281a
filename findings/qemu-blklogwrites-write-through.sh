#!/bin/sh
# SPDX-License-Identifier: MIT
#
# QEMU's write log (`blklogwrites`, the format of Linux' dm-log-writes) of a disk that writes through
# does not say so. A write-through is logged as a plain write with flags 0 - the format's own mark for
# it (FUA, 2) is not used - and a flush is logged behind it instead; but behind the first one after the
# start, or after a flush, there is none. Whoever makes power cuts from such a log takes a write that
# was safe to be one that may be lost. With a `raw` node between, each has its flush.
#
# Seen: qemu-utils 1:7.2+dfsg-7+deb12u18+b3 of Debian 12. Two writes, a flush, two writes, a flush; each
# write goes through (`write -f`). W is a logged write (flags 0), F a logged flush (flags 1):
#     the log alone        W W F F W W F F
#     with raw over it     W F W F W F W F
#
# Needs apt-get, about 60 MB in a temporary folder, no root. Exit 0: as described; 1: it has changed;
# 2: it could not be tried.
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
    install "qemu-utils=$version" >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "qemu-utils $version can not be had here" >&2
    exit 2
}
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root" || exit 2
done
libraries=$(find "$root/lib" "$root/usr/lib" -type d | tr '\n' ':')
qemu_io() {
    timeout 60 "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/usr/bin/qemu-io" "$@"
}
qemu_io --version | head -n 1

# The log: its first sector has magic, version, number of entries, sector size; then come entries, a
# sector each (sector, number of sectors, flags, length of data), each with its data behind it.
word() { od -An -v -t u8 -j "$1" -N 8 "$work/log" | tr -d ' '; }
entries() {
    at=512
    n=$(word 16)
    while [ "$n" -gt 0 ]; do
        case $(word $((at + 8))).$(word $((at + 16))) in
        8.0) printf 'W ' ;;
        0.1) printf 'F ' ;;
        *) printf '? ' ;;
        esac
        at=$((at + 512 + 512 * $(word $((at + 8)))))
        n=$((n - 1))
    done
}
# What is logged; $1 is what stands before the log's own options.
logged() {
    rm -f "$work/disk" "$work/log"
    truncate -s 1M "$work/disk" "$work/log"
    image="$1driver=blklogwrites,$1file.driver=file,$1file.filename=$work/disk"
    [ "$1" = '' ] || image="driver=raw,$image"
    qemu_io -c 'write -f 0 4k' -c 'write -f 4k 4k' -c flush -c 'write -f 8k 4k' -c 'write -f 12k 4k' -c flush --image-opts \
        "$image,$1log.driver=file,$1log.filename=$work/log,$1log-super-update-interval=1" >"$work/said" 2>&1 &&
        [ "$(grep -c '^wrote 4096/4096' "$work/said")" = 4 ] || {
        cat "$work/said" >&2
        exit 2
    }
    entries
}
alone=$(logged '') || exit 2
raw=$(logged file.) || exit 2
echo "the log alone:    $alone"
echo "with raw over it: $raw"
[ "$alone" = 'W W F F W W F F ' ] && [ "$raw" = 'W F W F W F W F ' ]
