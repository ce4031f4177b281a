# SPDX-License-Identifier: MIT
"""Every C file is as clang-format 14 would have it, with the file .clang-format: nobody argues about layout.

  format.py [--build DIR] [--fix]        --fix: have it so
"""
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Generated, or tables that are read in columns.
NOT_THESE = ("libctx/abi/", "libctx/src/layouts/", "libctx/include/ctx/tables.h", "libctx/include/ctx/gates.h", "libctx/include/ctx/sql_table.h", "findings/")


def tool():
    for name in ("clang-format-14", "clang-format"):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
            if re.search(r"version 14\.", said):
                return name
    return None


def files():
    """Those in the folders of ours; a copy of the tree need not be a repository."""
    for top in ("apps", "boot", "ctest", "drivers", "kernel", "libctx"):
        for folder, _, names in os.walk(os.path.join(SOURCE, top)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), SOURCE)
                if name.endswith((".c", ".h")) and not path.startswith(NOT_THESE):
                    yield path


def main():
    name = tool()
    if name is None:
        print("skipped: no clang-format 14 (package clang-format)")
        sys.exit(77)
    paths = list(files())
    if len(paths) < 200:
        sys.exit(f"only {len(paths)} files: not all are found")
    how = ["-i"] if "--fix" in sys.argv else ["--dry-run", "-Werror"]
    run = subprocess.run([name, *how, *paths], cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    wrong = sorted(set(re.findall(r"^([^:\s]+):\d+:\d+: error", run.stdout, re.M)))
    if wrong:
        sys.exit("\n".join(f"{path} is not as clang-format has it (ctest/setup/format.py --fix)" for path in wrong))
    if run.returncode != 0:
        sys.exit(run.stdout)
    print(f"{len(paths)} files")


if __name__ == "__main__":
    main()
