#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A register that a scheme of isolation keeps for itself (a base, a mask) is taken away from the compiler
# with `-ffixed-REGISTER`: by GCC's manual no generated code refers to it then, unless it has a fixed role,
# as a stack pointer has. Of r11 on x86-64 that is true of what the allocator of registers does, and no
# further: with `-fstack-clash-protection` the loop that touches a large frame has its end in r11, and with
# `-fPIC -mcmodel=large` the way to the global offset table goes over it. Nothing warns: whoever reserves
# it has to look at the code that comes out.
#
# Seen: cc1 of cpp-12 12.2.0-14+deb12u1 of Debian 12, -O2 -ffixed-r11; instructions that write r11:
#     a function with many values       0 (2 without -ffixed-r11)
#     one with a frame of 200 KB        0, with -fstack-clash-protection 1
#     a call and a variable, -fPIC      0, with -mcmodel=large 1
#
# Needs apt-get, about 70 MB in a temporary folder, no root. Exit 0: as described; 1: it has changed;
# 2: it could not be tried.
set -u
version='12.2.0-14+deb12u1'
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
root=$work/root
mkdir -p "$root" "$work/state" "$work/cache/archives/partial"
: >"$work/status"

# The package and all that it needs, whatever is installed here, unpacked beside the system.
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Debug::NoLocking=1 --no-install-recommends --download-only -y \
    install "cpp-12=$version" >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    echo "cpp-12 $version can not be had here" >&2
    exit 2
}
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$root" || exit 2
done
libraries=$(find "$root/lib" "$root/usr/lib" -type d | tr '\n' ':')
cc1=$(find "$root" -name cc1 | head -n 1)

cat >"$work/many.c" <<'EOC'
unsigned long many(unsigned long *p)
{
    unsigned long a = p[0], b = p[1], c = p[2], d = p[3], e = p[4], f = p[5], g = p[6], h = p[7], i = p[8], j = p[9];
    for (unsigned long n = p[10]; n != 0; n--) {
        a += b ^ n, b += c ^ a, c += d ^ b, d += e ^ c, e += f ^ d, f += g ^ e, g += h ^ f, h += i ^ g, i += j ^ h, j += a ^ i;
    }
    return a + b + c + d + e + f + g + h + i + j;
}
EOC
cat >"$work/frame.c" <<'EOC'
void use(char *);
void frame(void)
{
    char room[200000];
    use(room);
}
EOC
cat >"$work/large.c" <<'EOC'
int other(void);
int variable;
int large(void)
{
    return other() + variable;
}
EOC
# How many instructions write r11: FILE OPTIONS...
writes() {
    file=$1
    shift
    "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$libraries" "$cc1" -quiet -O2 "$@" \
        "$work/$file.c" -o "$work/$file.s" 2>"$work/said" || {
        cat "$work/said" >&2
        exit 2
    }
    grep -c ', %r11$' "$work/$file.s"
}
free=$(writes many) || [ "$free" = 0 ] || exit 2
kept=$(writes many -ffixed-r11) || [ "$kept" = 0 ] || exit 2
frame=$(writes frame -ffixed-r11) || [ "$frame" = 0 ] || exit 2
probed=$(writes frame -ffixed-r11 -fstack-clash-protection) || [ "$probed" = 0 ] || exit 2
small=$(writes large -ffixed-r11 -fPIC) || [ "$small" = 0 ] || exit 2
large=$(writes large -ffixed-r11 -fPIC -mcmodel=large) || [ "$large" = 0 ] || exit 2
echo "many values: $kept (without -ffixed-r11: $free)"
echo "a large frame: $frame, with -fstack-clash-protection $probed"
echo "a call and a variable, -fPIC: $small, with -mcmodel=large $large"
[ "$free" -gt 0 ] && [ "$kept" = 0 ] && [ "$frame" = 0 ] && [ "$small" = 0 ] || exit 2
[ "$probed" = 1 ] && [ "$large" = 1 ]
