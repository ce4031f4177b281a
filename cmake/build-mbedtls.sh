#!/bin/sh
# SPDX-License-Identifier: MIT
#
#   cmake/build-mbedtls.sh KEY CACHE TARBALL OUT CONFIG COMPILER [WORD...]
#
# Leaves include/ and libmbedtls.a in the folder OUT. They come from the cache; what is not there yet is made of mbedTLS's own
# source package, once. KEY names version, options and compiler: cmake/ArgosMbedtls.cmake makes it. CONFIG is what of it there
# is, and becomes its mbedtls_config.h, so that nobody who includes its headers has to say so. COMPILER WORD... is a
# command that compiles; -c and files are added.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
key=$1 cache=$2 tarball=$3 out=$4 config=$5
shift 5
say() { printf 'mbedtls: %s\n' "$*" >&2; }

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

"$here/fetch-sources.sh" --cache "$cache" mbedtls
base=${TMPDIR:-/tmp}
case $base in *[!A-Za-z0-9/._+-]*) base=/tmp ;; esac
work=$(mktemp -d "$base/argos-mbedtls-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

say "building $key once, into $cache"
mkdir "$work/source" "$work/key" "$work/objects"
(cd "$work/source" && "${CMAKE:-cmake}" -E tar xf "$cache/sources/$tarball")
top=$(echo "$work"/source/*)
cp -R "$top/include" "$work/key/include"
cp "$config" "$work/key/include/mbedtls/mbedtls_config.h"

# A client that offers TLS 1.3 offers RSA-PSS, and then refuses it of a server of TLS 1.2, which may choose it (RFC 8446, 4.2.3) and does:
# OpenSSL's. All that checks such a signature is there; it only has to be let in.
line='return mbedtls_ssl_tls12_sig_alg_is_supported(sig_alg);'
more='return mbedtls_ssl_tls12_sig_alg_is_supported(sig_alg) || (ssl->conf->endpoint == MBEDTLS_SSL_IS_CLIENT \&\& sig_alg >= 0x0804 \&\& sig_alg <= 0x0806);'
if [ "$(grep -c "$line" "$top/library/ssl_misc.h")" != 1 ]; then
    say 'ssl_misc.h is not what it was: is RSA-PSS taken of TLS 1.2 now?'
    exit 1
fi
sed -i "s/$line/$more/" "$top/library/ssl_misc.h"

# What is not in the configuration comes to nothing, so these are not even looked at.
cd "$top/library"
rm -f net_sockets.c timing.c aria.c camellia.c des.c dhm.c ecjpake.c error.c lmots.c lms.c memory_buffer_alloc.c padlock.c pkcs12.c \
    pkcs7.c psa_its_file.c ripemd160.c sha3.c ssl_cookie.c version_features.c x509write*.c x509_csr.c x509_crl.c
# One line for each file: what it says, if it does not compile.
if ! printf '%s\n' *.c | xargs -P "$(nproc 2>/dev/null || echo 2)" -I{} sh -c '
    source=$1 objects=$2 headers=$3
    shift 3
    "$@" "-I$headers" -c "$source" -o "$objects/$source.o" || exit 255' build {} "$work/objects" "$work/key/include" "$@" >"$work/said" 2>&1; then
    tail -n 40 "$work/said" >&2
    say 'it does not compile'
    exit 1
fi
ar rcsD "$work/key/libmbedtls.a" "$work/objects/"*.o
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
