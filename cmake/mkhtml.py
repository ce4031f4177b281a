#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the pages of this repository a small site with an index and a search (Sphinx with MyST; packages python3-sphinx, python3-myst-parser).

  mkhtml.py OUT      OUT/index.html; needs no network, and what it makes needs none

The pages keep their places, so their links to one another hold. A link to a source file shows that file.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The index: headings, and the pages below each in the order of reading.
PARTS = (
    ("Begin", ("README", "libctx/doc/tutorial", "libctx/examples/README", "libctx/doc/compared", "CAVEATS")),
    ("Write apps", ("libctx/doc/picolibc", "libctx/doc/porting", "libctx/doc/ui", "libctx/doc/fibers", "libctx/doc/services", "libctx/doc/grants", "libctx/doc/*",
                    "libctx/CHANGES", "libctx/abi/README")),
    ("The Context, table by table", ("libctx/doc/ref/context", "libctx/doc/ref/*")),
    ("Our apps", ("apps/*/README",)),
    ("The kernel", ("kernel/doc/architecture", "kernel/doc/*", "kernel/doc/decisions/*", "apps/storage/engine/format")),
)

CONF = """
project = "Argos"
author = "the people who build it"
copyright = author
extensions = ["myst_parser"]
root_doc = "index"
html_theme = "alabaster"
html_theme_options = {"description": "An app is a function. The OS is its argument.", "page_width": "72em", "sidebar_width": "17em", "fixed_sidebar": True}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_copy_source = False
html_show_sphinx = False
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]
"""


def pages():
    """All pages, without .md."""
    found = []
    for folder, folders, names in os.walk(SOURCE):
        folders[:] = [f for f in folders if f not in ("build", ".git", "ctest", "findings", "templates", "node_modules")]
        found += [os.path.relpath(os.path.join(folder, n[:-3]), SOURCE) for n in names if n.endswith(".md")]
    return sorted(found)


def matching(pattern, all_pages):
    expression = re.escape(pattern).replace(r"\*", "[^/]*")
    return [page for page in all_pages if re.fullmatch(expression, page)]


def index(all_pages):
    """The first page's text; each page stands in it once."""
    taken, lines = set(), ["# Argos\n"]
    for heading, patterns in PARTS:
        chosen = []
        for pattern in patterns:
            chosen += [page for page in matching(pattern, all_pages) if page not in taken and page not in chosen]
        taken.update(chosen)
        if chosen:
            lines.append(f"```{{toctree}}\n:caption: {heading}\n:maxdepth: 1\n\n" + "\n".join(chosen) + "\n```\n")
    return "\n".join(lines), [page for page in all_pages if page not in taken]


def without_folders(text, page):
    """A link to a folder leads to the first page in it."""
    def first(match):
        path = os.path.normpath(os.path.join(os.path.dirname(page), match[1]))
        inside = sorted(n for n in os.listdir(os.path.join(SOURCE, path)) if n.endswith(".md")) if os.path.isdir(os.path.join(SOURCE, path)) else []
        return f"]({os.path.relpath(os.path.join(path, inside[0]), os.path.dirname(page) or '.')})" if inside else match[0]
    return re.sub(r"\]\(([^)#:]+)\)", first, text)


def shown_sources(text, page, folder):
    """What a page links to and is no page comes along."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        path = os.path.normpath(os.path.join(os.path.dirname(page), target))
        if not path.startswith("..") and not path.endswith(".md") and os.path.isfile(os.path.join(SOURCE, path)):
            os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
            shutil.copy(os.path.join(SOURCE, path), os.path.join(folder, path))


def main(out):
    sphinx = shutil.which("sphinx-build")
    if sphinx is None:
        sys.exit("mkhtml.py: sphinx-build is not here (packages python3-sphinx and python3-myst-parser; cmake/bootstrap.sh --all)")
    all_pages = pages()
    text, left = index(all_pages)
    if left:
        sys.exit(f"mkhtml.py: PARTS has no place for {', '.join(left)}")
    with tempfile.TemporaryDirectory(prefix="argos-html-") as folder:
        for page in all_pages:
            os.makedirs(os.path.join(folder, os.path.dirname(page)), exist_ok=True)
            with open(os.path.join(SOURCE, page + ".md"), encoding="utf-8") as f:
                content = f.read()
            # Languages that the highlighter does not know, as `c app`, are their first word.
            content = re.sub(r"^```(\w+)[ \t]+\S.*$", r"```\1", content, flags=re.M)
            content = without_folders(content, page)
            with open(os.path.join(folder, page + ".md"), "w", encoding="utf-8") as f:
                f.write(content)
            shown_sources(content, page, folder)
        for name, content in (("index.md", text), ("conf.py", CONF)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(content)
        done = subprocess.run([sphinx, "-q", "-b", "html", "-d", os.path.join(folder, ".doctrees"), folder, out],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(done.stdout.replace(folder + "/", ""), end="")
        sys.exit(done.returncode)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(os.path.abspath(sys.argv[1]))
