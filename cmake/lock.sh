# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For ./run and ./test, which set `here` to the checkout: only one of them at a time builds in it. Two at once would compile the same
# files into each other.

# lock_tree NAME: waits until nobody else has the lock, and says for whom. It ends with the process, or by unlock_tree.
lock_tree() {
    command -v flock >/dev/null 2>&1 || return 0
    mkdir -p "$here/build"
    exec 9>>"$here/build/.lock"
    if ! flock -n 9; then
        printf '%s: %s is at work in this checkout; waiting for it (Ctrl-C leaves)\n' "$1" "$(cat "$here/build/.lock")" >&2
        flock 9
    fi
    printf '%s, process %s,' "$1" "$$" >"$here/build/.lock"
}

unlock_tree() { exec 9>&-; }
