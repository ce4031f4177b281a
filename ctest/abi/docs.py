#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The documentation against the headers: a section for each field, code that compiles, links that lead somewhere.

  docs.py LIBCTX CC
"""
import os
import re
import subprocess
import sys
import tempfile

HEAD = """#include <ctx/ctx.h>
#include <ctx/key.h>
#include <ctx/note.h>
const void *open_(struct ctx *ctx, const char *id);
#define OPEN(id) open_(ctx, id)
void serve(struct ctx *ctx, struct ctx_host_call *call);
int32_t _start(struct ctx *ctx)
{
"""
FLAGS = ["-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wno-unused-variable", "-Wno-unused-but-set-variable",
         "-Wno-unused-parameter"]
PARTS = ("**Synopsis:**", "**Errors:**", "**Since:**", "```c")


class Wrong(Exception):
    pass


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def pages(libctx):
    for folder, _, names in os.walk(os.path.join(libctx, "doc")):
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.join(folder, name)


def fields(libctx):
    """The members of struct ctx, by their assertions."""
    names = re.findall(r"offsetof\(struct ctx, (\w+)\) ==", read(os.path.join(libctx, "include", "ctx", "ctx.h")))
    if len(names) < 16:
        raise Wrong("no fields found in ctx.h")
    return names


def check_fields(names, text, tables):
    """Each field has its section, each section its parts; nothing that is frozen is called a draft."""
    sections = re.split(r"^## ", text, flags=re.M)[1:]
    described = {}
    if "(draft)" in text and "#define CTX_DRAFT_SERIAL 0\n" in tables:
        raise Wrong("ref/context.md: something is said to be a draft, and the version is frozen")
    for section in sections:
        title = section.split("\n", 1)[0]
        for part in PARTS:
            if part not in section:
                raise Wrong(f"ref/context.md: the section {title} has no {part}")
        for name in re.split(r", *", title):
            described[name] = section
    missing = [n for n in names if n not in described]
    if missing:
        raise Wrong(f"ref/context.md has no section for {', '.join(missing)}")


def blocks(text):
    """(whole file?, code) of each C block."""
    return [(kind.strip() == "app" or "#include" in code, code) for kind, code in re.findall(r"^```c( \w+)?\n(.*?)^```", text, re.M | re.S)]


def idl(libctx, path, folder):
    return subprocess.run([sys.executable, "-B", os.path.join(libctx, "sdk", "ctx-idl.py"), path, "--lang", "c", "--out", folder],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def make_interfaces(libctx, text, folder):
    """What `ctx idl` makes of the texts of interfaces on the page, and of those of our apps that it names."""
    for name in sorted(set(re.findall(r"^#include <(\w+)\.h>", text, re.M))):
        path = os.path.join(libctx, "..", "apps", "storage", f"{name}.toml")
        if os.path.exists(path):
            copy = os.path.join(folder, f"{name}.toml")
            with open(copy, "w", encoding="utf-8") as f:
                f.write(read(path))
            idl(libctx, copy, folder)
    for i, code in enumerate(re.findall(r"^```toml\n(interface = .*?)^```", text, re.M | re.S)):
        path = os.path.join(folder, f"{i}.toml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(code)
        p = idl(libctx, path, folder)
        if p.returncode:
            raise Wrong(f"this is no interface:\n{code}\n{p.stdout}")


def check_code(libctx, cc, where, text):
    done = 0
    for whole, code in blocks(text):
        with tempfile.TemporaryDirectory() as folder:
            make_interfaces(libctx, text, folder)
            path = os.path.join(folder, "block.c")
            with open(path, "w", encoding="utf-8") as f:
                f.write(code if whole else HEAD + code + "    return 0;\n}\n")
            p = subprocess.run([cc, *FLAGS, "-I", os.path.join(libctx, "include"), "-I", folder, path], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
        if p.returncode:
            raise Wrong(f"{where}: this does not compile:\n{code}\n{p.stdout}")
        done += 1
    return done


def check_links(path, text):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not os.path.exists(os.path.join(os.path.dirname(path), target)):
            raise Wrong(f"{path}: there is no {target}")


def selftest(libctx, cc):
    """Each check turns red when what it looks for is broken."""
    text = read(os.path.join(libctx, "doc", "ref", "context.md"))
    tables = read(os.path.join(libctx, "include", "ctx", "tables.h"))
    broken = [
        lambda: check_fields(fields(libctx) + ["brandnew"], text, tables),
        lambda: check_fields(fields(libctx), text.replace("**Since:** version 2\n", "", 1), tables),
        lambda: check_fields(fields(libctx), text.replace("version 3\n", "version 3 (draft)\n", 1), tables),
        lambda: check_code(libctx, cc, "doctored", "```c\nctx->nothing();\n```\n"),
        lambda: check_code(libctx, cc, "doctored", "```toml\ninterface = \"nothing\"\n```\n```c\nctx->log(0, 0);\n```\n"),
        lambda: check_links(os.path.join(libctx, "doc", "tutorial.md"), "[a](ref/missing.md)"),
    ]
    for i, check in enumerate(broken):
        try:
            check()
        except Wrong:
            continue
        raise Wrong(f"check number {i} does not notice")


def main():
    libctx, cc = sys.argv[1:]
    try:
        selftest(libctx, cc)
        names = fields(libctx)
        check_fields(names, read(os.path.join(libctx, "doc", "ref", "context.md")), read(os.path.join(libctx, "include", "ctx", "tables.h")))
        code = 0
        for path in pages(libctx):
            text = read(path)
            check_links(path, text)
            code += check_code(libctx, cc, os.path.relpath(path, libctx), text)
        print(f"fields={len(names)} blocks={code}")
    except Wrong as why:
        sys.exit(str(why))


main()
