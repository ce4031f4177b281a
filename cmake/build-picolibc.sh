#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   cmake/build-picolibc.sh SETTINGS OUT
#
# Leaves picolibc's headers and libc.a in the folder OUT. They come from the cache; what is not there
# yet is built by picolibc's own CMake from its own source package, once (half a minute), and a clean
# build does not repeat it. cmake/ArgosPicolibc.cmake writes SETTINGS: key (version and a hash of all
# that matters), cache, tarball, options, a tool chain, the members of libc.a that we replace,
# sources that are emptied because nobody needs them, and the files, one a line, of which the tool
# chain runs a copy (@TOOLS@, by @PYTHON@).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
settings=$1
out=$2
say() { printf 'picolibc: %s\n' "$*" >&2; }
key='' cache='' tarball='' cmake='' options='' toolchain='' ar='' replaced='' emptied='' tools='' python=''
# shellcheck source=/dev/null
. "$settings"

hand_over() {
    rm -rf "$out.new" "$out"
    mkdir -p "$(dirname "$out")"
    cp -R "$cache/$key" "$out.new"
    touch "$out.new/lib/libc.a"
    mv "$out.new" "$out"
}

# complete is written last: a folder without it is no build.
if [ -e "$cache/$key/complete" ]; then
    hand_over
    exit 0
fi

"$here/fetch-sources.sh" --cache "$cache" picolibc
# picolibc's own build stands no unusual name, and its flags are words: then a folder that has an ordinary one.
base=${TMPDIR:-/tmp}
case $base in *[!A-Za-z0-9/._+-]*) base=/tmp ;; esac
work=$(mktemp -d "$base/argos-picolibc-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

say "building $key once, into $cache (half a minute; two where code is rewritten)"
mkdir "$work/source"
(cd "$work/source" && "$cmake" -E tar xf "$cache/sources/$tarball")
source=$(echo "$work"/source/*)
mkdir "$work/tools"
printf '%s\n' "$tools" | while read -r file; do
    [ -z "$file" ] || cp "$file" "$work/tools/"
done
printf '%s\n' "$toolchain" |
    sed "s|@SOURCE@|$source|g; s|@BUILD@|$work/build|g; s|@TOOLS@|$work/tools|g; s|@PYTHON@|$python|g" \
        >"$work/toolchain.cmake"
for file in $emptied; do
    [ -s "$source/$file" ] || { say "there is no source $file to empty"; exit 1; }
    : >"$source/$file"
done
if command -v ninja >/dev/null 2>&1; then generator=Ninja; else generator='Unix Makefiles'; fi

failed() {
    tail -n 40 "$work/said" >&2
    say "$1"
    exit 1
}
# Where there is a ccache picolibc takes it for a launcher of its own, and hands it the rewriter's interpreter as a compiler.
# shellcheck disable=SC2086 # options are words
"$cmake" -S "$source" -B "$work/build" -G "$generator" -DCMAKE_TOOLCHAIN_FILE="$work/toolchain.cmake" \
    -DCMAKE_INSTALL_PREFIX="$work/made" -DCCACHE_PROGRAM=OFF $options >"$work/said" 2>&1 || failed 'cannot be configured'

# On a terminal one line that counts, elsewhere one in a hundred.
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
if [ -t 2 ]; then end='\r'; else end='\n'; fi
{
    "$cmake" --build "$work/build" -j "$jobs" 2>&1 || echo failed >"$work/failed"
} | tee "$work/said" | awk -v end="$end" '
    match($0, /^\[ *[0-9]+[\/%][0-9]*\]/) {
        n++
        if (end == "\r" ? n % 10 == 0 : n % 100 == 0) {
            printf "picolibc: %s" end, substr($0, 1, RLENGTH)
            fflush()
        }
    }
    END { if (end == "\r") printf "\n" }' >&2
[ ! -e "$work/failed" ] || failed 'does not compile'
"$cmake" --install "$work/build" >"$work/said" 2>&1 || failed 'cannot be installed'

# A name that is not there is a mistake: then another version has the function somewhere else.
"$ar" t "$work/made/lib/libc.a" >"$work/said"
for member in $replaced; do
    grep -qxF "$member" "$work/said" || { say "libc.a has no $member to replace"; exit 1; }
done
# shellcheck disable=SC2086 # members are words
"$ar" d "$work/made/lib/libc.a" $replaced >"$work/said" 2>&1 || failed 'libc.a cannot be changed'

# Only what an app is compiled with and linked to; renamed into place, so that two builds at once do
# no harm.
mkdir -p "$work/key/lib" "$cache"
cp -R "$work/made/include" "$work/key/include"
cp "$work/made/lib/libc.a" "$work/key/lib/libc.a"
cp "$source/COPYING.picolibc" "$source/COPYING.NEWLIB" "$work/key/"
: >"$work/key/complete"
new=$cache/.$key.$$
rm -rf "$new"
cp -R "$work/key" "$new"
if [ -e "$cache/$key/complete" ] || ! { rm -rf "${cache:?}/$key" && mv -T "$new" "$cache/$key"; }; then
    rm -rf "$new"
fi
hand_over
