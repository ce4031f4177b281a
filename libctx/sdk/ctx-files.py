#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ctx files -o OUT.o DIR[=/PATH]... - the files below DIR as an object for an app with a C library, which finds them in "/" or below
/PATH by fopen, open, opendir and the like. They are read where they lie: nothing is copied when the app starts.

Names are UTF-8 without control characters, at most 255 bytes each. Files are regular ones; a symbolic link to one that lies below DIR
is that file. What is no file and no folder, and a name that two DIRs have, is an error: nothing is left out unsaid.
"""
import argparse
import os
import re
import stat
import struct
import sys

MAGIC, VERSION = 0x656C6966_787463, 1  # "ctxfile", little end first
ALIGN = 4096
NAME_MAX, PATH_MAX = 255, 1023         # libctx/c/files/files.h
FILE, FOLDER = 1, 2


class Bad(Exception):
    pass


def check_name(name, where):
    if "\\" in name or any(ord(c) < 32 or ord(c) == 127 for c in name):
        raise Bad(f"{where}: a name with a control character or a backslash")
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        raise Bad(f"{os.fsencode(where)!r}: a name that is no UTF-8") from None
    if size > NAME_MAX:
        raise Bad(f"{where}: a name of {size} bytes; at most {NAME_MAX}")


def check_place(place):
    """/a/b as ["a", "b"]."""
    parts = place.split("/")
    if parts[0] != "" or (place != "/" and "" in parts[1:]) or "." in parts or ".." in parts:
        raise Bad(f"AS {place}: a path such as /data: with / in front, none at the end, without . and ..")
    parts = [p for p in parts if p]
    for part in parts:
        check_name(part, f"AS {place}")
    return parts


def add(tree, parts, what, where):
    for i, part in enumerate(parts):
        last = i + 1 == len(parts)
        here = tree.get(part)
        if last and what is not None:
            if here is not None:
                raise Bad(f"{where}: /{'/'.join(parts)} is there twice")
            tree[part] = what
            return
        if here is not None and not isinstance(here, dict):
            raise Bad(f"{where}: /{'/'.join(parts[:i + 1])} is a file, and a folder too")
        tree = tree.setdefault(part, {})


def walk(tree, folder, at, root):
    """All that lies below folder into the tree, as paths of files."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        check_name(name, path)
        parts = at + [name]
        if len(("/" + "/".join(parts)).encode("utf-8", "surrogateescape")) > PATH_MAX:
            raise Bad(f"{path}: its path has more than {PATH_MAX} bytes")
        try:
            kind = os.stat(path).st_mode
        except OSError as e:
            raise Bad(f"{path}: {e.strerror}") from None
        if os.path.islink(path):
            if not stat.S_ISREG(kind):
                raise Bad(f"{path}: a symbolic link to no regular file")
            if os.path.commonpath([os.path.realpath(path), root]) != root:
                raise Bad(f"{path}: a symbolic link to something outside of {root}")
        if stat.S_ISDIR(kind):
            add(tree, parts, None, path)
            walk(tree, path, parts, root)
        elif stat.S_ISREG(kind):
            add(tree, parts, path, path)
        else:
            raise Bad(f"{path}: neither a file nor a folder")


def entries(tree):
    """(name, file or None, first child, children, parent), a folder's children side by side and sorted as bytes."""
    out, queue = [["", None, 0, 0, 0]], [(0, tree)]
    for index, folder in queue:  # grows meanwhile
        names = sorted(folder, key=lambda n: n.encode())
        out[index][2:4] = len(out), len(names)
        for name in names:
            is_folder = isinstance(folder[name], dict)
            if is_folder:
                queue.append((len(out), folder[name]))
            out.append([name, None if is_folder else folder[name], 0, 0, index])
    return out


def pack(tree):
    """The bytes that libctx/c/files/rom.c reads."""
    table = entries(tree)
    names, name_at = b"", []
    for name, *_ in table:
        name_at.append(len(names))
        names += name.encode() + b"\0"
    head = struct.calcsize("<QIIQQ")
    names_at = head + 40 * len(table)
    at = names_at + len(names)
    index, data = b"", []
    for i, (name, file, first, count, parent) in enumerate(table):
        offset, size, kind = first, count, FOLDER
        if file is not None:
            with open(file, "rb") as f:
                content = f.read()
            size, kind = len(content), FILE
            align = ALIGN if size >= ALIGN else 16
            offset = (at + align - 1) // align * align
            data.append((offset, content))
            at = offset + size
        index += struct.pack("<QQIIIIQ", offset, size, name_at[i], len(name.encode()), kind, parent, 0)
    at = (at + ALIGN - 1) // ALIGN * ALIGN
    out = bytearray(at)
    out[:names_at + len(names)] = struct.pack("<QIIQQ", MAGIC, VERSION, len(table), names_at, at) + index + names
    for offset, content in data:
        out[offset:offset + len(content)] = content
    return bytes(out), table


def elf(blob):
    """An object of x86-64 with one section that is only read, ".ctx_files", and its name ctx_c_rom."""
    text = b"\0.ctx_files\0.symtab\0.strtab\0.note.GNU-stack\0ctx_c_rom\0"
    sections, at = [], 64
    while at % ALIGN:
        at += 64
    symbols = bytes(24) + struct.pack("<IBBHQQ", text.index(b"ctx_c_rom"), 1 << 4 | 1, 2, 1, 0, len(blob))
    sections.append((b".ctx_files", 1, 2, at, len(blob), 0, 0, ALIGN, 0))
    sections.append((b".symtab", 2, 0, at + len(blob), len(symbols), 3, 1, 8, 24))
    sections.append((b".strtab", 3, 0, at + len(blob) + len(symbols), len(text), 0, 0, 1, 0))
    sections.append((b".note.GNU-stack", 1, 0, at + len(blob), 0, 0, 0, 1, 0))
    table = bytes(64)
    for name, kind, flags, offset, size, link, info, align, each in sections:
        table += struct.pack("<IIQQQQIIQQ", text.index(name + b"\0"), kind, flags, 0, offset, size, link, info, align, each)
    tail = blob + symbols + text
    tail += bytes(-(at + len(tail)) % 8)
    head = struct.pack("<4sBBBB8xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 1, 62, 1, 0, 0, at + len(tail), 0, 64, 0, 0, 64, len(sections) + 1, 3)
    return head + bytes(at - len(head)) + tail + table


def depfile(out, folders, table):
    """What OUT depends on, as make and ninja read it: files, and folders, for what comes and goes. A name that a make can not have stands
    there by its folder alone."""
    def word(path):
        return re.sub(r"([ #])", r"\\\1", path.replace("$", "$$"))

    inputs = {file for _, file, _, _, _ in table if file}
    for folder in folders:
        inputs.update(where for where, _, _ in os.walk(folder))
    words = [word(path) for path in map(os.path.abspath, sorted(inputs)) if not re.search(r"[:;%\\\n\t|()*?]", path)]
    return f"{word(out)}: " + " \\\n  ".join(words) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="ctx files", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", dest="out", metavar="OUT.o")
    parser.add_argument("--home", help=argparse.SUPPRESS)
    parser.add_argument("--tool", help=argparse.SUPPRESS)
    parser.add_argument("--depfile", metavar="OUT.d", help="write what OUT.o depends on, for a build tool")
    parser.add_argument("--list", action="store_true", help="print what is in")
    parser.add_argument("trees", nargs="+", metavar="DIR[=/PATH]")
    args = parser.parse_args()
    if args.out is None and not args.list:
        parser.error("-o OUT.o or --list is missing")
    tree = {}
    try:
        for word in args.trees:
            folder, equals, place = word.rpartition("=/")
            folder, place = (folder, "/" + place) if equals else (word, "/")
            parts = check_place(place)
            if not os.path.isdir(folder):
                raise Bad(f"FILES {folder}: " + ("no folder" if os.path.exists(folder) else "there is no such folder"))
            if parts:
                add(tree, parts, None, folder)
            walk(tree, folder, parts, os.path.realpath(folder))
        blob, table = pack(tree)
        if args.out:
            with open(args.out, "wb") as f:
                f.write(elf(blob))
        if args.out and args.depfile:
            with open(args.depfile, "w", encoding="utf-8") as f:
                f.write(depfile(args.out, [word.rpartition("=/")[0] or word for word in args.trees], table))
    except (Bad, OSError) as e:
        print(f"ctx files: {e}", file=sys.stderr)
        return 1
    if args.list:
        paths = [""]
        for name, file, _, _, parent in table[1:]:
            paths.append(paths[parent] + "/" + name)
            print(f"{os.path.getsize(file) if file else '-':>10} {paths[-1]}{'' if file else '/'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
