#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fetches the sources of others that Argos builds: cmake/sources.list, by Debian source package, each
# file checked against the SHA-256 that stands there. What is in the cache already and undamaged is
# not fetched again: then it says nothing, needs no network and takes milliseconds.
#
#   cmake/fetch-sources.sh [NAME...]      all of the list, or those named
#   cmake/fetch-sources.sh --check ...    change nothing: exit 0 when they are all there
#   cmake/fetch-sources.sh --list FILE ...    another list (apps/ports/sources.list)
#
# The cache is what --cache names (first of all words), else $ARGOS_CACHE, else $XDG_CACHE_HOME/argos, else ~/.cache/argos. apt works in a folder of
# its own: this machine's settings say where packages come from, and stay as they are.

set -u
here=$(cd "$(dirname "$0")" && pwd)
list=$here/sources.list
say() { printf 'fetch-sources: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

check=no
[ "${1:-}" = --cache ] && [ $# -ge 2 ] && ARGOS_CACHE=$2 && shift 2
[ "${1:-}" = --list ] && [ $# -ge 2 ] && list=$2 && shift 2
[ "${1:-}" = --check ] && check=yes && shift
if [ -n "${ARGOS_CACHE:-}" ]; then
    cache=$ARGOS_CACHE
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
    cache=$XDG_CACHE_HOME/argos
elif [ -n "${HOME:-}" ]; then
    cache=$HOME/.cache/argos
else
    say 'where is the cache? Please set ARGOS_CACHE to a folder'
    exit 1
fi
store=$cache/sources

good() { [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum -c --status 2>/dev/null; }

# What is missing, a line of the list each.
wanted=" $* "
missing=$(while read -r name suite package file bytes sum; do
    case $name in '' | \#*) continue ;; esac
    [ $# -eq 0 ] || case $wanted in *" $name "*) ;; *) continue ;; esac
    good "$store/$file" "$sum" || echo "$name $suite $package $file $bytes $sum"
done <"$list")
for name; do
    grep -q "^$name " "$list" || { say "there is no $name in $list"; exit 1; }
done
[ -n "$missing" ] || exit 0

comma=''
names=$(echo "$missing" | while read -r _ _ _ file bytes _; do
    printf '%s%s (%s KB)' "$comma" "$file" $((bytes / 1000))
    comma=', '
done)
if [ "$check" = yes ]; then
    say "missing: $names"
    exit 1
fi

# fail WHAT ADVICE: what went wrong decides what to do about it.
fail() {
    say "$1"
    say "$2"
    say 'Or put the files there by hand (their SHA-256 in front):'
    echo "$missing" | while read -r _ _ _ file _ sum; do
        good "$store/$file" "$sum" || printf '  %s  %s\n' "$sum" "$store/$file" >&2
    done
    exit 1
}

# What to do about what apt said, by its own words (it speaks English here: LC_ALL=C). An address is none: 404 in it, or a
# port of 40125, says nothing.
advice() {
    said() { sed -E 's|[a-z+]+:/[^ ]*||g; s|\[IP: [^]]*\]||g' "$apt/said" | grep -qE "$1"; }
    if said 'No space left on device|Disk quota exceeded|Write error'; then
        echo "Please make room in ${TMPDIR:-/tmp} (TMPDIR names another folder) and try again."
    elif said 'not valid yet|is expired|EXPKEYSIG'; then
        echo "Please look at this machine's clock (it says $(date -u '+%Y-%m-%d %H:%M') UTC): apt takes the archive's signature to be out of date."
    elif said 'NO_PUBKEY|is not signed|BADSIG|REVKEYSIG|[Cc]ouldn.t be verified|gpgv'; then
        echo 'Please look after the keys that apt has here (package debian-archive-keyring): it does not trust the archive.'
    elif said '[Cc]ertificate'; then
        echo 'Please install the package ca-certificates: apt cannot tell who the archive is.'
    elif said 'resolv|[Cc]ould not connect|[Uu]nable to connect|[Cc]onnection (failed|refused|timed out|reset)|unreachable|[Cc]ould not handshake|timed out'; then
        echo 'Please try again with network access: the archive cannot be reached.'
    elif said '40[17]|403 '; then
        echo 'Please look at the proxy or the password that apt has here: it is turned away.'
    elif said '404|does not have a Release file'; then
        echo "Please name a whole Debian archive in $etc: the one there has no suite ${suites% } with sources."
    elif said 'nable to find a source package|an not find version|was not found|must put some .deb-src'; then
        echo "Please take a newer Argos, or name a whole Debian archive in $etc: the one there has not got these versions."
    elif said 'Hash Sum mismatch|unexpected size|File has'; then
        echo 'Please try again later, or by another Debian archive: this one, or a proxy on the way, gives files that it does not announce.'
    else
        echo "apt's own words above say what is wrong."
    fi
}

if ! mkdir -p "$store" 2>/dev/null || ! [ -w "$store" ]; then
    fail "cannot write to $store" 'Please set ARGOS_CACHE to a folder that can be written to, or mend the rights of this one.'
fi
have apt-get || fail "missing: $names; there is no apt-get here" 'Please fetch them on a Debian system (its cmake/fetch-sources.sh) and copy them.'

apt=$(mktemp -d) || fail 'there is no room for temporary files' "Please make room in ${TMPDIR:-/tmp} (TMPDIR names another folder)."
trap 'rm -rf "$apt"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/parts" "$apt/new" && : >"$apt/empty" ||
    fail "cannot write to $apt" "Please make room in ${TMPDIR:-/tmp} (TMPDIR names another folder)."

# Where this machine's apt reads which archives it has: its settings may say so.
etc=/etc/apt/sources.list etc_parts=/etc/apt/sources.list.d
if have apt-config; then
    eval "$(apt-config shell etc Dir::Etc::sourcelist/f etc_parts Dir::Etc::sourceparts/d)"
fi
etc_parts=${etc_parts%/}

# The source packages lie where the binary ones do. The first archive that is not the one for security
# updates, in apt's new format or in the old one, gives address and key.
suites=$(echo "$missing" | while read -r _ suite _; do echo "$suite"; done | sort -u | tr '\n' ' ')
for f in "$etc_parts"/*.sources; do
    [ -f "$f" ] || continue
    awk -v suites="$suites" '
        BEGIN { RS = ""; FS = "\n" }
        /(^|\n)Types:[^\n]*deb/ && /(^|\n)URIs:[^\n]*debian/ && !/(^|\n)Suites:[^\n]*security/ {
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^(#|Enabled:)/) continue
                if ($i ~ /^Types:/) $i = "Types: deb-src"
                if ($i ~ /^Suites:/) $i = "Suites: " suites
                if ($i ~ /^Components:/) $i = "Components: main"
                print $i
            }
            exit
        }' "$f" >"$apt/parts/source.sources"
    [ -s "$apt/parts/source.sources" ] && break
done
if ! [ -s "$apt/parts/source.sources" ]; then
    rm -f "$apt/parts/source.sources"
    for f in "$etc" "$etc_parts"/*.list; do
        [ -f "$f" ] || continue
        awk -v suites="$suites" '
            $1 == "deb" && /debian/ && !/security/ {
                at = $2 ~ /^\[/ ? 0 : 2
                options = ""
                for (i = 2; at == 0; i++) {
                    options = options $i " "
                    if ($i ~ /\]$/) at = i + 1
                }
                n = split(suites, suite, " ")
                for (i = 1; i <= n; i++) print "deb-src " options $at " " suite[i] " main"
                exit
            }' "$f" >"$apt/parts/source.list"
        [ -s "$apt/parts/source.list" ] && break
    done
    [ -s "$apt/parts/source.list" ] ||
        fail "missing: $names; apt on this system knows no Debian archive that they could come from" \
            "Please name one, with its key, in $etc."
fi

# Of the packages installed here apt is told to think nothing (--only-source): else it takes a source's name for that of
# a binary package, and looks for the release that one has.
get() {
    LC_ALL=C apt-get -o "Dir::Etc::sourcelist=$apt/empty" -o "Dir::Etc::sourceparts=$apt/parts" \
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User= \
        -o Acquire::Retries=3 -o Acquire::Languages=none -qq "$@"
}

say "fetching $names, and first Debian's index of sources (about 10 MB)"
get -o APT::Update::Error-Mode=any update >"$apt/said" 2>&1 || {
    cat "$apt/said" >&2
    fail "Debian's index of sources cannot be had" "$(advice)"
}

# Only upstream's tarball (--tar-only). A version that an update replaced has the same one: so any
# version of the suite will do, as long as the checksum is right.
echo "$missing" >"$apt/missing"
bad='' what=''
while read -r name suite package file bytes sum; do
    : >"$apt/said"
    for version in "$package" "${package%%=*}"; do
        (cd "$apt/new" && get source --download-only --only-source --tar-only -t "$suite" "$version") \
            >>"$apt/said" 2>&1 </dev/null
        good "$apt/new/$file" "$sum" && break
    done
    if good "$apt/new/$file" "$sum"; then
        # In the cache's own folder first, so that nobody ever sees half a file under its name.
        if ! { cp "$apt/new/$file" "$store/.$file.$$" && mv "$store/.$file.$$" "$store/$file"; } 2>"$apt/said"; then
            cat "$apt/said" >&2
            rm -f "$store/.$file.$$"
            bad="$bad $file"
            what="Please make room in $store, or set ARGOS_CACHE to a folder with some, and try again."
        fi
        continue
    fi
    cat "$apt/said" >&2
    bad="$bad $file"
    if [ -f "$apt/new/$file" ]; then
        say "$file is not the file that was expected: its checksum differs"
        what='Please try another Debian archive, or a newer Argos: this archive has another file under that name.'
    else
        what=$(advice)
    fi
done <"$apt/missing"
[ -z "$bad" ] || fail "could not be fetched:$bad" "$what"
