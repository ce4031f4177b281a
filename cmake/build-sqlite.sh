#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   cmake/build-sqlite.sh KEY CACHE TARBALL OUT COMPILER [WORD...]
#
# Leaves sqlite3.h, sqlite3.c, shell.c and libsqlite3.a in the folder OUT. They come from the cache; what
# is not there yet is made of SQLite's own source package, once. KEY names version, options and
# compiler: cmake/ArgosSqlite.cmake makes it. COMPILER WORD... is a command that compiles, -c and files
# are added; where it is `none` there is no library.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
key=$1 cache=$2 tarball=$3 out=$4
shift 4
say() { printf 'sqlite: %s\n' "$*" >&2; }

hand_over() {
    rm -rf "$out.new" "$out"
    mkdir -p "$(dirname "$out")"
    cp -R "$cache/$key" "$out.new"
    find "$out.new" -type f -exec touch {} +
    mv "$out.new" "$out"
}

# complete is written last: a folder without it is no build.
if [ -e "$cache/$key/complete" ]; then
    hand_over
    exit 0
fi

"$here/fetch-sources.sh" --cache "$cache" sqlite
command -v tclsh >/dev/null 2>&1 || { say 'its source package needs tclsh (package tcl)'; exit 1; }
base=${TMPDIR:-/tmp}
case $base in *[!A-Za-z0-9/._+-]*) base=/tmp ;; esac # its makefile stands no unusual name
work=$(mktemp -d "$base/argos-sqlite-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed() {
    tail -n 40 "$work/said" >&2
    say "$1"
    exit 1
}

say "building $key once, into $cache"
mkdir "$work/source" "$work/key" "$work/build"
(cd "$work/source" && "${CMAKE:-cmake}" -E tar xf "$cache/sources/$tarball")
top=$(echo "$work"/source/*)
# Without its configure script, which looks for what nobody needs here.
cat >"$work/build/Makefile" <<EOF
TOP = $top
BCC = ${CC:-cc}
TCC = ${CC:-cc}
EXE =
NAWK = awk
TCLSH_CMD = tclsh
AR = ar
RANLIB = ranlib
include \$(TOP)/main.mk
EOF
make -C "$work/build" sqlite3.c shell.c >"$work/said" 2>&1 || failed 'its source in one file can not be made'
cp "$work/build/sqlite3.c" "$work/build/sqlite3.h" "$work/build/shell.c" "$work/key/"
if [ "$1" != none ]; then
    (cd "$work/key" && "$@" -c sqlite3.c -o "$work/sqlite3.o") >"$work/said" 2>&1 || failed 'it does not compile'
    ar rcsD "$work/key/libsqlite3.a" "$work/sqlite3.o"
fi
: >"$work/key/complete"

# Renamed into place, so that two builds at once do no harm.
mkdir -p "$cache"
new=$cache/.$key.$$
rm -rf "$new"
cp -R "$work/key" "$new"
if [ -e "$cache/$key/complete" ] || ! { rm -rf "${cache:?}/$key" && mv -T "$new" "$cache/$key"; }; then
    rm -rf "$new"
fi
hand_over
