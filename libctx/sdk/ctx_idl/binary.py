# SPDX-License-Identifier: MIT
"""The descriptor of <ctx/interface.h>: as values for source texts, and as bytes."""
import struct

VERSION, HEAD, FN_SIZE, NEEDS_GRANT, WRITE = 1, 80, 80, 1, 1
NUMBERS = {"U32": 1, "U64": 2, "IN": 3, "OUT": 4, "IN_STRUCT": 5, "OUT_STRUCT": 6, "OUT4": 7, "OUT8": 8, "INOUT_STRUCT": 10, "SHARE": 11,
           "REQUEST": 12}
KINDS = {"u32": "U32", "u64": "U64", "i64": "U64", "handle": "U32", "in": "IN", "out": "OUT", "in-struct": "IN_STRUCT",
         "out-struct": "OUT_STRUCT", "inout-struct": "INOUT_STRUCT", "out-u32": "OUT4", "out-u64": "OUT8", "out-i64": "OUT8",
         "share": "SHARE", "share-write": "SHARE", "request": "REQUEST"}


def args_of(model, fn):
    """(kind, flags, first, size) of each argument."""
    out = []
    for kind, _ in fn["args"]:
        word = kind.split(" ", 1)[0]
        s = model.struct_of(kind) if word.endswith("-struct") else {"first": 0, "bytes": 0}
        out.append((KINDS[word], WRITE if word == "share-write" else 0, s["first"], s["bytes"]))
    return out


def descriptor(model):
    o = struct.pack("<IHHIHH64s", HEAD + FN_SIZE * len(model.fns), VERSION, len(model.fns), NEEDS_GRANT if model.needs_grant else 0, HEAD, FN_SIZE,
                    model.id.encode())
    for fn in model.fns:
        args = args_of(model, fn)
        o += struct.pack("<32sB7x", fn["name"].encode(), len(args))
        o += b"".join(struct.pack("<BBHHH", NUMBERS[k], flags, first, size, 0) for k, flags, first, size in args).ljust(40, b"\0")
    return o
