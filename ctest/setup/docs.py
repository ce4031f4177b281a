# SPDX-License-Identifier: MIT
"""Pages that a package brings along speak of what is in it: each name in them is one of the SDK's, each link leads to another of them, each command, option and
header is there. And each page of the repository has a place in the site that cmake/mkhtml.py makes."""
import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cmake"))
import mkhtml  # noqa: E402
import suite  # noqa: E402
from suite import SOURCE, case, check, read  # noqa: E402

DOC = os.path.join(SOURCE, "libctx", "doc")
SDK = [os.path.join(SOURCE, "libctx", part) for part in ("include", "c", "sdk", "ui", "rust", "src", "http", "tls")]


def pages():
    return sorted(glob.glob(os.path.join(DOC, "**", "*.md"), recursive=True))


def text_of(path):
    return read(path).decode("utf-8", "replace")


def words():
    """Every word that stands in the SDK."""
    found = set()
    for folder in SDK:
        for path in glob.glob(os.path.join(folder, "**", "*"), recursive=True):
            if os.path.isfile(path):
                found.update(re.findall(r"\w+", text_of(path)))
    return found


def unknown(text, known):
    """Names of ours that nobody knows. A name that ends in _ or before a * is the beginning of several."""
    for name in sorted(set(re.findall(r"\b(?:ctx|CTX)_\w+\*?", text))):
        stem = name.rstrip("*")
        if name not in known and not (stem != name or stem.endswith("_")) or stem != name and not any(word.startswith(stem) for word in known):
            yield name


def help_text():
    return "".join(text_of(path) for path in glob.glob(os.path.join(SOURCE, "kernel", "linux", "man", "*.1"))) + \
        "".join(text_of(path) for path in glob.glob(os.path.join(SOURCE, "libctx", "sdk", "*.py")))


@case
def each_name_is_in_the_sdk():
    known = words()
    check(list(unknown("ctx_no_such_name CTX_OK CTX_LOG_* CTX_NOSUCH_*", known)) == ["CTX_NOSUCH_*", "ctx_no_such_name"], "the check finds nothing")
    wrong = [f"{os.path.relpath(page, SOURCE)}: {name}" for page in pages() for name in unknown(text_of(page), known)]
    check(not wrong, "not in the SDK: " + ", ".join(wrong))


@case
def each_link_leads_to_a_page_beside_it():
    wrong = []
    for page in pages():
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(page)):
            path = os.path.normpath(os.path.join(os.path.dirname(page), link))
            if "://" not in link and not (os.path.exists(path) and path.startswith(DOC + os.sep)):
                wrong.append(f"{os.path.relpath(page, SOURCE)}: {link}")
    check(not wrong, "the package has nothing there: " + ", ".join(wrong))


@case
def each_header_is_there():
    wrong = []
    for page in pages():
        for header in set(re.findall(r"<(ctx/[\w/]+\.(?:h|hpp))>", text_of(page))):
            if not any(os.path.exists(os.path.join(SOURCE, "libctx", folder, header)) for folder in ("include", "c/include", "http/include", "tls/include")):
                wrong.append(f"{os.path.relpath(page, SOURCE)}: <{header}>")
    check(not wrong, "no such header: " + ", ".join(wrong))


@case
def each_command_and_option_is_there():
    """`ctx WORD --option` in text and in examples."""
    helped, wrong = help_text(), []
    commands = {"run", "info", "check", "cc", "c++", "disk", "files", "image", "new", "debug", "idl", "iso"}
    for page in pages():
        for line in re.findall(r"(?:^    |`)(ctx [^`\n]*)", text_of(page), re.M):
            command = line.split()[1]
            if command not in commands and not command.startswith(("-", "[")):
                wrong.append(f"{os.path.relpath(page, SOURCE)}: ctx {command}")
            for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line):
                if option not in helped and option.replace("-", "\\-") not in helped:
                    wrong.append(f"{os.path.relpath(page, SOURCE)}: ctx {command} {option}")
    check(not wrong, "not there: " + ", ".join(wrong))


@case
def each_boot_word_is_known_and_told():
    """Words that the kernel asks for stand in its list of words that there are, and in boot.md's table, and no others do."""
    asked = set()
    for folder in ("kernel", "drivers"):
        for path in glob.glob(os.path.join(SOURCE, folder, "**", "*.c"), recursive=True):
            asked |= set(re.findall(r'boot_(?:word|word_u64|next_value)\([^"()]*"([\w-]+)"', text_of(path)))
    source = text_of(os.path.join(SOURCE, "kernel/boot/bootinfo.c"))
    listed = "".join(re.findall(r'"([^"]*)"', re.search(r"others\[\] =(.*?);", source, re.S)[1])).split()
    listed += re.findall(r'^    \{"([\w-]+)", ', source, re.M)
    page = text_of(os.path.join(SOURCE, "kernel/doc/boot.md")).split("## Words among")[0]
    told = {re.match(r"[\w-]+", word)[0] for row in re.findall(r"^\| (`.*?) \| ", page, re.M) for word in re.findall(r"`([^`]*)`", row)}
    check(asked == set(listed), f"asked for, but unknown, or the other way: {sorted(asked ^ set(listed))}")
    check(asked == told, f"asked for, but not in boot.md, or the other way: {sorted(asked ^ told)}")
    check(len(listed) == len(set(listed)), "a word is listed twice")


@case
def each_page_has_a_place_in_the_site():
    all_pages = mkhtml.pages()
    if os.path.exists(os.path.join(SOURCE, ".git")) and shutil.which("git"):  # not what lies about in somebody's checkout
        tracked = subprocess.run(["git", "-C", SOURCE, "ls-files", "*.md"], stdout=subprocess.PIPE, text=True, check=True)
        all_pages = [page for page in all_pages if page + ".md" in tracked.stdout.splitlines()]
    left = mkhtml.index(all_pages)[1]
    check(not left, f"cmake/mkhtml.py, PARTS, has no place for {left}")


if __name__ == "__main__":
    suite.main()
