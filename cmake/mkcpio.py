#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes an archive of apps (cpio, newc) that the kernel takes as its initrd.

  mkcpio.py OUT LISTFILE DIR...        the apps of a list; their files are looked for in DIR...
  mkcpio.py OUT --apps FILE[=NAME[ ARGS]]...

A list has one app per line: FILE NAME [ARGS...]. '#' begins a comment, '?' an app that may be
absent; a backslash takes the next character literally, here and in NAME ARGS, and \\0 is an empty
word (kernel/base/words.h). The same input gives the same bytes: no times, owners or inode numbers are kept.
"""
import os
import sys

# What the kernel takes, in bytes; a test compares it with the kernel's own.
LINE_MAX, ARGUMENTS_MAX, COMMAND_LINE_MAX = 4607, 4095, 1023


def split_words(text, comment=None):
    """The words of a line, each as what it means; the character `comment` ends the line."""
    words, word, at = [], None, 0
    while at < len(text) and text[at] != comment:
        char = text[at]
        if char in " \t":
            words.append(word)
            word = None
        else:
            if char == "\\" and at + 1 < len(text):
                at += 1
                char = "" if text[at] == "0" else text[at]
            word = (word or "") + char
        at += 1
    return [w for w in words + [word] if w is not None]


def quote_word(word):
    """The reverse, for the kernel and for lists."""
    return "".join("\\" + c if c in " \\#\t" else c for c in word) or "\\0"


def join_words(words):
    return " ".join(quote_word(w) for w in words)


def parse_list(text):
    """[(file, name, args, optional)] of a list's lines; args are words of the kernel's."""
    apps = []
    for line in text.split("\n"):
        words = split_words(line.rstrip("\r"), "#")
        optional = bool(words) and words[0] == "?"
        if optional:
            words = words[1:]
        if not words:
            continue
        if len(words) < 2:
            raise ValueError(f"want FILE NAME [ARGS...], not {line!r}")
        apps.append((words[0], words[1], join_words(words[2:]), optional))
    return apps


def check_arguments(file, args):
    if len(args.encode()) > ARGUMENTS_MAX:
        raise ValueError(f"{file}: its arguments have {len(args.encode())} bytes, and {ARGUMENTS_MAX} are the most")


def find(name, dirs):
    for d in dirs:
        path = os.path.join(d, name)
        if os.path.isfile(path):
            return path
    return None


def entry(name, data, inode, mode):
    """One newc record: 110 bytes of hexadecimal, the name, the data, each padded to four."""
    raw = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + raw
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def archive(files):
    """The archive of [(name, bytes)], in that order."""
    out = [entry(n, d, i + 1, 0o100644) for i, (n, d) in enumerate(files)]
    out.append(entry("TRAILER!!!", b"", 0, 0))
    blob = b"".join(out)
    return blob + b"\0" * (-len(blob) % 512)


def pack(apps):
    """The archive of apps [(file name, app name, args, bytes)]: the list first, then each file
    once."""
    lines, files = [], {}
    for file, name, args, data in apps:
        line = " ".join(filter(None, (quote_word(file), quote_word(name), args)))
        if len(line.encode()) > LINE_MAX:
            raise ValueError(f"{name}: its line is longer than {LINE_MAX} bytes")
        lines.append(line + "\n")
        files.setdefault(file, data)
    return archive([("apps", "".join(lines).encode())] + list(files.items()))


def app_name(path):
    """An app's name when none is given: its file's name without the ending."""
    return os.path.splitext(os.path.basename(path))[0].replace(" ", "_") or "app"


def apps_of_files(specs):
    """Apps from FILE or FILE=NAME ARGS; files of one name in two folders stay apart."""
    apps, taken = [], {}
    for spec in specs:
        path, _, rest = (spec, "", "") if os.path.exists(spec) else spec.partition("=")
        words = split_words(rest) or [app_name(path)]
        file = os.path.basename(path).replace(" ", "_")
        if taken.setdefault(file, os.path.realpath(path)) != os.path.realpath(path):
            file = f"{len(taken)}-{file}"
            taken[file] = os.path.realpath(path)
        with open(path, "rb") as f:
            apps.append((file, words[0], join_words(words[1:]), f.read()))
        check_arguments(path, apps[-1][2])
    return apps


def main(argv):
    if len(argv) < 3:
        sys.exit(__doc__.strip())
    out = argv[1]
    if argv[2] == "--apps":
        apps = apps_of_files(argv[3:])
    else:
        apps = []
        with open(argv[2], encoding="utf-8") as f:
            for file, name, args, optional in parse_list(f.read()):
                path = find(file, argv[3:] or ["."])
                if path is None and not optional:
                    sys.exit(f"mkcpio: {argv[2]}: no file {file}")
                if path is not None:
                    check_arguments(file, args)
                    with open(path, "rb") as g:
                        apps.append((file, name, args, g.read()))
    with open(out, "wb") as f:
        f.write(pack(apps))


if __name__ == "__main__":
    try:
        main(sys.argv)
    except (OSError, ValueError) as e:
        sys.exit(f"mkcpio: {e}")
