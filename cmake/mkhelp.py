#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes what `ctx --help` and `ctx COMMAND --help` print, as C, of the lines `.\\"help TEXT` in the man pages: one place for both.

  mkhelp.py OUT.c PAGE.1...
"""
import os
import re
import sys


def help_of(page):
    with open(page, encoding="utf-8") as f:
        lines = re.findall(r'^\.\\"help(?: (.*))?$', f.read(), re.M)
    long = [line for line in lines if len(line) > 110]
    if long:
        sys.exit(f"{page}: longer than 110 characters: {long[0]}")
    return lines


def main():
    out, pages = sys.argv[1], sys.argv[2:]
    text = '/* made by cmake/mkhelp.py of the man pages; change those. */\n#include "tool.h"\n\nconst struct tool_help tool_helps[] = {\n'
    for page in sorted(pages):
        lines = help_of(page)
        name = re.sub(r"^ctx-?", "", os.path.basename(page)[:-2])
        if lines:
            quoted = "".join('\n     "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in lines)
            text += f'    {{"{name}",{quoted}}},\n'
    text += "    {0, 0},\n};\n"
    with open(out, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
