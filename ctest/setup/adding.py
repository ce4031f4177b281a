# SPDX-License-Identifier: MIT
"""kernel/doc/adding.md is followed to the letter, in a copy of the tree: what its recipes promise is so.

  adding.py --build DIR [CASE...]      each recipe is a case: a-table, a-boot-word ...

Of the page this is read: which file a block belongs to and where in it (the line above the block that ends in a colon), what
is generated, what is run, and what that says. All recipes are applied before anything is built, and one configure serves all presets, so that
the core is compiled once for each machine; that no recipe needs another one's places is looked at first. It is compiled with the least work
(no debug information, the sanitized core not optimized, no verified twins): what is looked at is what the recipes' commands say, and how
the presets compile, ./test has built before."""
import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from patience import limit  # noqa: E402
from suite import SOURCE, Failure, Skip, case, check  # noqa: E402

PAGE = os.path.join(SOURCE, "kernel", "doc", "adding.md")
SMALL = {"A table": 3, "A resource": 3, "A virtio driver": 3}  # files, at most: what adding them may cost
PRESETS = ("host", "machines", "linux", "kernel")
DEADLINE = limit(60)  # for one block of commands


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


# ---- the page ----

class Recipe:
    def __init__(self, title):
        self.title = title
        self.edits = []  # (file, how, text of the place, block)
        self.makes = []  # commands that write files of the tree
        self.runs = []   # [commands, lines that are said]

    def name(self):
        return re.sub(r"\W+", "_", self.title.lower()).strip("_")

    def files(self):
        """What it touches of the product, or, if that is nothing, of the tests. (A file without a folder is an experiment.)"""
        files = {file for file, *_ in self.edits if "/" in file}
        return {f for f in files if not f.startswith("ctest/")} or files


PLACES = [(r"`([^`]+)` \(new\):", "new"), (r"`([^`]+)`, at the end:", "end"),
          (r"`([^`]+)`, behind the line `([^`]+)`:", "behind"), (r"`([^`]+)`, before the line `([^`]+)`:", "before"),
          (r"`([^`]+)`, instead of the line `([^`]+)`:", "instead"),
          (r"`([^`]+)`, behind the paragraph with `([^`]+)`:", "paragraph")]


def parse(text):
    """The page's recipes. A block that nobody says what to do with is an error, or it would be passed over."""
    recipes = []
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        recipe = Recipe(title.strip())
        for above, block in re.findall(r"^([^\n]*)\n```\w*\n(.*?)^```$", body, re.M | re.S):
            for pattern, how in PLACES:
                match = re.fullmatch(pattern, above)
                if match:
                    recipe.edits.append((match[1], how, match[2] if match.lastindex > 1 else "", block))
                    break
            else:
                if above == "Generate:":
                    recipe.makes.append(block)
                elif above == "Run:":
                    recipe.runs.append([block, []])
                elif above == "It says:" and recipe.runs:
                    recipe.runs[-1][1] += block.splitlines()
                else:
                    raise Failure(f"{recipe.title}: what is to be done with the block below {above!r}?")
        check(body.count("\n```") == 2 * (len(recipe.edits) + len(recipe.makes) + sum(1 + bool(said) for _, said in recipe.runs)),
              f"{recipe.title}: there are blocks that are not read")
        check(recipe.edits and recipe.runs, f"{recipe.title}: nothing to write, or nothing to run")
        check(all(said for _, said in recipe.runs), f"{recipe.title}: something is run, and nothing is expected of it")
        recipes.append(recipe)
    return recipes


def changed(text, how, place, block):
    """A file's text with the block in its place."""
    if how == "end":
        return text + block
    lines = text.splitlines(keepends=True)
    found = [i for i, line in enumerate(lines) if place in line]
    check(len(found) == 1, f"{len(found)} lines hold {place!r}, not one")
    at = found[0]
    if how == "instead":
        lines[at] = block
    elif how == "before":
        lines.insert(at, block)
    else:
        at += 1
        while how == "paragraph" and at < len(lines) and lines[at].strip():
            at += 1
        lines.insert(at, block)
    return "".join(lines)


def apply(recipe, tree):
    for file, how, place, block in recipe.edits:
        path = os.path.join(tree, file)
        try:
            if how == "new":
                check(not os.path.exists(path), "it is there already")
                os.makedirs(os.path.dirname(path), exist_ok=True)
            else:
                check(os.path.isfile(path), "there is no such file")
            text = "" if how == "new" else read(path)
            text = block if how == "new" else changed(text, how, place, block)
        except Failure as why:
            raise Failure(f"{recipe.title}: {file}: {why}") from None
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def run(commands, said, cwd):
    with subprocess.Popen(["sh", "-ec", commands], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, errors="replace", start_new_session=True) as p:
        try:
            out = p.communicate(timeout=DEADLINE)[0]
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            raise Failure(f"does not end:\n{commands}{p.communicate()[0][-4000:]}") from None
    check(p.returncode == 0, f"exit code {p.returncode} of\n{commands}{out[-4000:]}")
    at = 0
    for line in said:
        found = out.find(line, at)
        check(found >= 0, f"{commands}does not say {line!r}{' there' if line in out else ''}:\n{out[-4000:]}")
        at = found + len(line)


# ---- the copy ----

def copy(to):
    if not os.path.exists(os.path.join(SOURCE, ".git")):
        raise Skip("this is no git checkout")
    names = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        source, target = os.path.join(SOURCE, name), os.path.join(to, name)
        if os.path.lexists(source):  # else it was removed, and that is not committed
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)


class Tree:
    """The copy with all recipes, configured. Made when the first case wants it."""
    path, wrong = None, {}

    @classmethod
    def get(cls):
        if cls.path is None:
            base = tempfile.mkdtemp(prefix="argos-adding-")
            atexit.register(shutil.rmtree, base, ignore_errors=True)
            path = os.path.join(base, "tree")
            copy(path)
            for recipe in RECIPES:
                try:
                    apply(recipe, path)
                    for commands in recipe.makes:
                        run(commands, [], path)
                except Failure as why:
                    cls.wrong[recipe.title] = why
            run("cmake -G Ninja -S . -B build/all -DCMAKE_BUILD_TYPE=None -DARGOS_WERROR=ON -DARGOS_TWINS=OFF"
                " -DARGOS_HOST_OPTIMIZE=-O0 -DARGOS_LINUX=OFF -DARGOS_HOST=ON -DARGOS_KERNEL=ON -DARGOS_UBSAN=OFF", [], path)
            for preset in PRESETS:
                os.symlink("all", os.path.join(path, "build", preset))
            cls.path = path
        return cls.path


# ---- cases ----

@case
def what_a_recipe_touches():
    """As many files as the page says, and few for what is to be easy; and each recipe stands alone."""
    table = dict(re.findall(r"^\| \[.*?\]\(#(\S+?)\) \| (\d+)", read(PAGE), re.M))
    check(sorted(table) == sorted(r.name().replace("_", "-") for r in RECIPES), f"the table names {sorted(table)}")
    for recipe in RECIPES:
        files = recipe.files()
        check(table[recipe.name().replace("_", "-")] == str(len(files)), f"{recipe.title}: it touches {sorted(files)}")
        check(len(files) <= SMALL.get(recipe.title, 4), f"{recipe.title} touches too many: {sorted(files)}")
    check(set(SMALL) <= {r.title for r in RECIPES}, f"one of {sorted(SMALL)} has no recipe")
    with tempfile.TemporaryDirectory(prefix="argos-adding-") as folder:
        for recipe in RECIPES:
            tree = os.path.join(folder, recipe.name())
            for file, how, *_ in recipe.edits:
                if os.path.exists(os.path.join(SOURCE, file)):
                    os.makedirs(os.path.dirname(os.path.join(tree, file)), exist_ok=True)
                    shutil.copyfile(os.path.join(SOURCE, file), os.path.join(tree, file))
            apply(recipe, tree)


@case
def a_wrong_page_is_noticed():
    good = "## One\n\n`a/b` (new):\n```c\none\ntwo\n\nthree\n```\n\nRun:\n```sh\ncat a/b\n```\n\nIt says:\n```\ntwo\nthree\n```\n"

    def follow(text):
        with tempfile.TemporaryDirectory(prefix="argos-adding-") as tree:
            for recipe in parse(text):
                apply(recipe, tree)
                for commands, said in [*((m, []) for m in recipe.makes), *recipe.runs]:
                    run(commands, said, tree)
            return read(tree, "a", "b")

    def edit(place):
        return good.replace("Run:", f"`a/b`, {place}:\n```c\nnew\n```\n\nRun:")

    check(follow(good) == "one\ntwo\n\nthree\n", "a good page is not followed")
    check(follow(edit("behind the line `two`")) == "one\ntwo\nnew\n\nthree\n", "behind")
    check(follow(edit("before the line `two`")) == "one\nnew\ntwo\n\nthree\n", "before")
    check(follow(edit("behind the paragraph with `on`")) == "one\ntwo\nnew\n\nthree\n", "paragraph")
    check(follow(edit("at the end")) == "one\ntwo\n\nthree\nnew\n", "end")
    check(follow(edit("instead of the line `one`").replace("one\n```\n\nRun", "two\n```\n\nRun")).startswith("new\n"), "instead")
    for what, text in {
            "a place that is not there": edit("behind the line `four`"), "a place that is there twice": edit("behind the line `o`"),
            "a place in other words": edit("after the line `two`"), "a file that is not there": edit("at the end").replace("`a/b`, at", "`a/c`, at"),
            "a new file that is there": edit("at the end").replace("`a/b`, at the end", "`a/b` (new)"),
            "a command that fails": good.replace("cat a/b", "cat a/b && false"),
            "something else is said": good.replace("two\nthree\n```\n", "three\ntwo\n```\n"),
            "something can not be made": good.replace("Run:", "Generate:\n```sh\n./nothing\n```\n\nRun:"),
            "nothing is expected": good[:good.index("\nIt says")], "nothing is run": good[:good.index("\nRun")],
            "a block without a place": good.replace("Run:", "For example:")}.items():
        try:
            follow(text)
        except Failure:
            continue
        raise Failure(f"{what}: nobody notices")


def follow_one(recipe):
    def one():
        tree = Tree.get()
        if recipe.title in Tree.wrong:
            raise Tree.wrong[recipe.title]
        for commands, said in recipe.runs:
            run(commands, said, tree)
    one.__name__ = recipe.name()
    return case(one)


def the_tree_is_in_order():
    """What watches over lists and pages has nothing against what was added."""
    run("ctest --test-dir build/host --output-on-failure -R '^(linux[.]asan[.]core|abi[.](generated|docs)|setup[.]format)$'",
        ["100% tests passed, 0 tests failed out of 4"], Tree.get())


RECIPES = parse(read(PAGE))
for one_recipe in RECIPES:
    follow_one(one_recipe)
case(the_tree_is_in_order)

if __name__ == "__main__":
    suite.main()
