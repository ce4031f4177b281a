# SPDX-License-Identifier: MIT
"""FILE.toml: what it says, and every rule that it has to keep. Whatever is made of a Model is right by what is checked here:
it compiles as C, C++ and Rust, and its descriptor is one for ctx_interface_check()."""
import re
import unicodedata

from . import form

try:
    import tomllib
except ImportError:  # Python 3.10 and before
    tomllib = None

FNS_MAX, ARGS_MAX, ID_MAX, NAME_MAX, STRUCT_MAX, RESULT_MAX = 126, 5, 63, 31, 0x4000, 0x10000
ID = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*/[1-9][0-9]{0,8}")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
UPPER = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
FIELD = re.compile(r"([a-z0-9_]+)(\[[1-9][0-9]{0,4}\])?")
PLAIN = ("u32", "u64", "i64", "handle", "out-u32", "out-u64", "out-i64", "share", "share-write", "request")
LENGTHS, STRUCTS = ("in", "out"), ("in-struct", "out-struct", "inout-struct")
STATUSES = ("NOSYS", "DENIED", "REVOKED", "STALE", "INVAL", "TOOBIG", "AGAIN", "NOMEM", "NOSPC", "IO", "FAULT", "BUSY", "DEPTH", "NOENT",
            "EXIST", "TIMEDOUT", "CANCELED", "RDONLY", "RANGE", "UNVERIFIED", "REFUSED", "RESET",
            "UNREACHABLE")

WORDS = {
    "C": """alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float for
        goto if inline int long nullptr register restrict return short signed sizeof static static_assert struct switch thread_local true
        typedef typeof typeof_unqual union unsigned void volatile while""",
    "C++": """and and_eq bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield compl concept const_cast
        consteval constinit decltype delete dynamic_cast explicit export friend mutable namespace new noexcept not not_eq operator or
        or_eq private protected public reinterpret_cast requires static_cast template this throw try typeid typename using virtual
        wchar_t xor xor_eq""",
    "Rust": """abstract as async await become box crate dyn final fn gen impl in let loop macro match mod move mut override priv pub ref
        self super trait type unsafe unsized use where yield""",
}
KEYWORDS = {word: language for language, text in WORDS.items() for word in text.split()}
MACROS = ("assert", "errno", "i386", "linux", "offsetof", "stderr", "stdin", "stdout", "unix")


class Wrong(Exception):
    """All that is wrong with a text, a line each."""

    def __init__(self, lines):
        super().__init__("\n".join(lines))


class Model:
    """An interface. Structs and functions are dictionaries as context.toml has them, with what was worked out."""

    def __init__(self):
        self.file = self.id = self.name = self.doc = ""
        self.needs_grant = False
        self.structs, self.constants, self.fns = {}, [], []

    def struct_of(self, kind):
        return self.structs[kind.split(" ", 1)[1]]


def why_no_name(name, keywords=True):
    """Why this cannot be a name in all three languages; "" if it can."""
    if not isinstance(name, str):
        return f"{name!r} is no name"
    if not NAME.fullmatch(name):
        return f"{name!r} is not like a_name: [a-z][a-z0-9_]*, no _ at the end and no two in a row"
    if keywords and name in KEYWORDS:
        return f"{name} is a keyword of {KEYWORDS[name]}"
    if keywords and name in MACROS:
        return f"{name} is a macro in C"
    if keywords and name.endswith("_t"):
        return f"{name}: names that end in _t are types of C"
    return ""


class Places:
    """Where things stand in the text: tomllib does not tell."""

    def __init__(self, text):
        self.lines = text.splitlines()
        self.heads = {}
        for no, line in enumerate(self.lines):
            found = re.match(r"\s*\[\[\s*([a-z]+)\s*\]\]", line)
            if found:
                self.heads.setdefault(found[1], []).append(no)

    def of(self, table, index, word=None):
        """The line, from 1; None if it is not sure."""
        first, last = 0, len(self.lines)
        if table is not None:
            heads = self.heads.get(table, [])
            if index >= len(heads):
                return None
            first = heads[index]
        later = [no for nos in self.heads.values() for no in nos if no > first or table is None]
        last = min(later, default=last)
        if word is not None:
            for no in range(first, last):
                if re.search(r'["\']' + re.escape(word) + r'["\']', self.lines[no]) or re.match(rf"\s*{re.escape(word)}\s*=", self.lines[no]):
                    return no + 1
        return first + 1 if table is not None else None


class Reader:
    def __init__(self, path, text):
        self.path, self.wrong, self.places = path, [], Places(text)
        self.model = Model()
        self.model.file = path

    def say(self, place, reason, table=None, index=0, word=None):
        line = self.places.of(table, index, word)
        self.wrong.append((line or len(self.places.lines) + 1, f"{self.path}{f':{line}' if line else ''}: {place}: {reason}"))

    def keys(self, d, known, place, **at):
        for key in d:
            if key not in known:
                self.say(f"{place}{'.' if place else ''}{key}", f"there is no such key; there are {', '.join(known)}", word=key, **at)

    def text(self, d, key, place, **at):
        """A doc, as one line; it goes into comments."""
        doc = d.get(key, "")
        if not isinstance(doc, str):
            self.say(f"{place}{key}", "is not a text", word=key, **at)
            return ""
        return self.comment(doc, f"{place}{key}", word=key, **at)

    def comment(self, doc, place, **at):
        if not isinstance(doc, str):
            self.say(place, f"{doc!r} is not a text", **at)
            return ""
        doc = " ".join(doc.split())
        odd = [c for c in doc if unicodedata.category(c) in ("Cc", "Cf")]
        if "*/" in doc or "/*" in doc:
            self.say(place, "has /* or */, and goes into a comment", **at)
        elif odd:
            self.say(place, f"has a character that nobody sees, U+{ord(odd[0]):04X}, and goes into a comment", **at)
        return doc

    def tables(self, d, key):
        got = d.get(key, [])
        if not isinstance(got, list) or not all(isinstance(t, dict) for t in got):
            self.say(key, f"is not a list of tables: write [[{key}]]", word=key)
            return []
        return got

    # ---- the head ----

    def head(self, d):
        m = self.model
        self.keys(d, ("interface", "name", "doc", "needs_grant", "struct", "constants", "fn"), "")
        m.id = d.get("interface", "")
        if not isinstance(m.id, str) or not ID.fullmatch(m.id):
            self.say("interface", f"{m.id!r} is not like \"org.example.chat/1\": dotted parts of [a-z0-9_-] that begin with a letter, / and a"
                     " number from 1 to 999999999", word="interface")
            m.id = "x/1"
        if len(m.id) > ID_MAX:
            self.say("interface", f"{len(m.id)} bytes, and {ID_MAX} is the most", word="interface")
        last = m.id.split("/")[0].split(".")[-1]
        m.name = d.get("name", re.sub("[_-]+", "_", last).strip("_"))
        why = why_no_name(m.name)
        if not why and m.name in ("ctx", "std", "core", "alloc", "libctx"):
            why = f"{m.name} is not yours"
        if not why and len(m.name) > ID_MAX:
            why = f"{len(m.name)} bytes, and {ID_MAX} is the most"
        if why:
            self.say("name", why + ('; name = "..." says with what all names begin' if "name" not in d else ""), word="name")
            m.name = "x"
        m.doc = self.text(d, "doc", "")
        m.needs_grant = d.get("needs_grant", False)
        if not isinstance(m.needs_grant, bool):
            self.say("needs_grant", "is neither true nor false", word="needs_grant")

    # ---- structs, constants ----

    def fields(self, s, place, at):
        """[kind, name, doc]... of a struct, those that are well-formed."""
        good, seen = [], set()
        got = s.get("fields")
        if not isinstance(got, list) or not got:
            self.say(place, "fields = [[KIND, NAME, DOC], ...] is missing", **at)
            return []
        for no, field in enumerate(got):
            if not isinstance(field, list) or len(field) not in (2, 3) or not all(isinstance(x, str) for x in field):
                self.say(f"{place}: fields[{no}]", "is not [KIND, NAME, DOC]", word="fields", **at)
                continue
            kind, name = field[:2]
            where, here = f"{place}: field {name}", dict(at, word=name)
            split = FIELD.fullmatch(name)
            if kind not in form.SIZES:
                self.say(where, f"{kind!r} is no kind of field; there are {', '.join(form.SIZES)}, and no pointers", **here)
            elif split is None:
                self.say(where, "is not like name or name[64]", **here)
            elif why_no_name(split[1]):
                self.say(where, why_no_name(split[1]), **here)
            elif split[1] in seen:
                self.say(where, "is there twice", **here)
            else:
                seen.add(split[1])
                good.append([kind, name, self.comment(field[2] if len(field) > 2 else "", where, **here)])
                continue
            return []  # where the others lie is not known
        return good

    def one_struct(self, index, s):
        at = {"table": "struct", "index": index}
        name = s.get("name")
        place = f"struct {name}" if isinstance(name, str) else f"struct[{index}]"
        self.keys(s, ("name", "doc", "first", "fields"), place, **at)
        if why_no_name(name):
            self.say(place, "name: " + why_no_name(name), **at)
            return
        if name in self.model.structs:
            self.say(place, "a second one of this name", **at)
            return
        out = {"name": name, "doc": self.text(s, "doc", place + ".", **at), "index": index, "layout": [], "bytes": 8, "first": 8}
        self.model.structs[name] = out
        fields = self.fields(s, place, at)
        if not fields:
            return
        try:
            out["layout"], out["bytes"] = form.lay_out(fields)
        except form.Misfit as why:
            self.say(f"{place}: field {why.field}", why.reason, word=why.field, **at)
            return
        out["first"] = s.get("first", out["bytes"])
        if not isinstance(out["first"], int) or isinstance(out["first"], bool) or out["first"] % 8 or not 8 <= out["first"] <= out["bytes"]:
            self.say(f"{place}.first", f"{out['first']!r} is no multiple of 8 from 8 to the struct's {out['bytes']} bytes", word="first", **at)
            out["first"] = out["bytes"]

    def one_constants(self, index, c):
        at = {"table": "constants", "index": index}
        place, own = f"constants[{index}]", self.model.name.upper()
        self.keys(c, ("prefix", "doc", "values"), place, **at)
        prefix, values = c.get("prefix", own), c.get("values")
        if not isinstance(prefix, str) or not UPPER.fullmatch(prefix) or not (prefix + "_").startswith(own + "_"):
            self.say(f"{place}.prefix", f"{prefix!r} is not {own}, or {own}_ and more", word="prefix", **at)
            prefix = own
        good = []
        if not isinstance(values, list) or not values:
            self.say(place, "values = [[NAME, NUMBER], ...] is missing", **at)
            values = []
        for no, value in enumerate(values):
            if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str) or not UPPER.fullmatch("X" + value[0]):
                self.say(f"{place}.values[{no}]", f"{value!r} is not [\"NAME\", NUMBER]", word="values", **at)
            elif not isinstance(value[1], int) or isinstance(value[1], bool) or not 0 <= value[1] < 1 << 32:
                self.say(f"{place}: {value[0]}", f"{value[1]!r} is no number from 0 to 4294967295", word=value[0], **at)
            else:
                good.append(value)
        self.model.constants.append({"prefix": prefix, "doc": self.text(c, "doc", place + ".", **at), "values": good, "index": index})

    # ---- functions ----

    def arg(self, place, args, no, at):
        """[kind, name] number no, if it keeps the rules."""
        arg = args[no]
        if not isinstance(arg, list) or len(arg) != 2 or not all(isinstance(x, str) for x in arg):
            self.say(f"{place}: args[{no}]", f"{arg!r} is not [KIND, NAME]", word="args", **at)
            return None
        kind, name = " ".join(arg[0].split()), arg[1]
        where, here = f"{place}: argument {name}", dict(at, word=name)
        word, _, what = kind.partition(" ")
        if word in PLAIN and what == "":
            pass
        elif word in LENGTHS:
            behind = args[no + 1] if no + 1 < len(args) else None
            if not NAME.fullmatch(what):
                self.say(where, f"{kind!r}: {word} is followed by the name of its length: \"{word} {name}_len\"", **here)
                return None
            if not isinstance(behind, list) or behind != ["u32", what]:
                self.say(where, f"right behind it stands its length, [\"u32\", \"{what}\"]", **here)
                return None
        elif word in STRUCTS:
            if what not in self.model.structs:
                self.say(where, f"there is no [[struct]] {what!r}" if what else f"{word} is followed by the name of a struct", **here)
                return None
            self.checked(what)
        else:
            self.say(where, f"{kind!r} is no kind of argument; there are {', '.join(PLAIN + LENGTHS + STRUCTS)}", **here)
            return None
        why = why_no_name(name)
        if not why and (name in ("ctx", "cx") or name.startswith("ctx_")):
            why = f"{name} is not yours"
        if why:
            self.say(where, why, **here)
            return None
        return [kind, name]

    def checked(self, name):
        """A struct that is an argument has its size in front, and so may grow."""
        s = self.model.structs[name]
        if s.get("argument"):
            return
        s["argument"] = True
        at = {"table": "struct", "index": s["index"]}
        if s["layout"] and (s["layout"][0][2:4] != ("u32", "size") or s["layout"][0][1] != 4):
            self.say(f"struct {name}", 'an argument begins with its size: ["u32", "size", "bytes of this struct, set by the caller"]', **at)
        if s["bytes"] > STRUCT_MAX:
            self.say(f"struct {name}", f"{s['bytes']} bytes, and {STRUCT_MAX} is the most of an argument", **at)

    def result(self, fn, place, requests, at):
        name = fn.get("result")
        if name is None:
            return None
        if not isinstance(name, str) or name not in self.model.structs:
            self.say(f"{place}.result", f"there is no [[struct]] {name!r}", word="result", **at)
        elif requests == 0:
            self.say(f"{place}.result", "a result is of a request, and the function has none: [\"request\", \"request\"]", word="result", **at)
        elif self.model.structs[name]["bytes"] > RESULT_MAX:
            self.say(f"{place}.result", f"struct {name} has {self.model.structs[name]['bytes']} bytes, and {RESULT_MAX} is the most", word="result", **at)
        else:
            return name
        return None

    def errors(self, fn, place, at):
        got, good = fn.get("errors", []), []
        if not isinstance(got, list):
            self.say(f"{place}.errors", "is not [[STATUS, WHEN], ...]", word="errors", **at)
            return []
        for no, error in enumerate(got):
            if not isinstance(error, list) or len(error) != 2 or error[0] not in STATUSES:
                self.say(f"{place}.errors[{no}]", f"{error!r} is not [STATUS, WHEN]; there are {', '.join(STATUSES)}",
                         word=error[0] if isinstance(error, list) and error and isinstance(error[0], str) else "errors", **at)
            else:
                good.append([error[0], self.comment(error[1], f"{place}.errors[{no}]", **at)])
        return good

    def one_fn(self, index, fn):
        at = {"table": "fn", "index": index}
        name = fn.get("name")
        place = f"fn {name}" if isinstance(name, str) else f"fn[{index}]"
        self.keys(fn, ("name", "doc", "args", "errors", "result", "lasts"), place, **at)
        why = why_no_name(name)
        if not why and len(name) > NAME_MAX:
            why = f"{len(name)} bytes, and {NAME_MAX} is the most"
        if not why and name == "t":
            why = "t is what a table's head is called"
        if not why and any(f["name"] == name for f in self.model.fns):
            why = "a second one of this name"
        if why:
            self.say(place, "name: " + why, **at)
        given = fn.get("args", [])
        if not isinstance(given, list):
            self.say(f"{place}.args", "is not [[KIND, NAME], ...]", word="args", **at)
            given = []
        if len(given) > ARGS_MAX:
            self.say(f"{place}.args", f"{len(given)} arguments, and {ARGS_MAX} is the most", word="args", **at)
        args = [a for a in (self.arg(place, given, no, at) for no in range(len(given))) if a]
        names = [n for _, n in args]
        for n in sorted({n for n in names if names.count(n) > 1}):
            self.say(f"{place}: argument {n}", "is there twice", word=n, **at)
        requests = sum(k == "request" for k, _ in args)
        if requests > 1:
            self.say(f"{place}.args", "a second request", word="args", **at)
        out = {"name": name, "slot": index, "returns": "status", "args": args, "doc": self.text(fn, "doc", place + ".", **at),
               "errors": self.errors(fn, place, at), "result": self.result(fn, place, requests, at), "request": requests == 1,
               "lasts": fn.get("lasts", False)}
        if not isinstance(out["lasts"], bool):
            self.say(f"{place}.lasts", "is neither true nor false", word="lasts", **at)
        if out["result"] and "result" in names:
            self.say(f"{place}: argument result", "is what its result is called", word="result", **at)
        self.model.fns.append(out)

    # ---- names that are made ----

    def made_names(self):
        """No two things that are made have one name."""
        m, seen = self.model, {}
        n = m.name

        def take(name, what, **at):
            if name in seen:
                self.say(what, f"of it {name} is made, and so is of {seen[name]}: give one of them another name", **at)
            seen.setdefault(name, what)
        for name in (f"{n}_table", f"{n}_client", f"{n}_consumer", f"{n}_provider", f"{n}_descriptor", f"{n}_open", f"{n}_publish"):
            take(name, "every interface")
        for name in ("Table", "Client", "Provider", "Descriptor"):
            take(name, "every interface (in Rust)")
        for name in (f"{n.upper()}_ID", f"{n.upper()}_H", f"{n.upper()}_HPP", f"{n.upper()}_PROVIDER_H", f"{n.upper()}_PROVIDER_HPP"):
            take(name, "every interface")
        for s in m.structs.values():
            at = {"table": "struct", "index": s["index"]}
            take(f"{n}_{s['name']}", f"struct {s['name']}", **at)
            take(form.camel(s["name"]), f"struct {s['name']} (in Rust)", **at)
        for c in m.constants:
            for name, _ in c["values"]:
                take(f"{c['prefix']}_{name}", f"constant {name}", table="constants", index=c["index"], word=name)
        for fn in m.fns:
            at = {"table": "fn", "index": fn["slot"]}
            take(f"{n}_{fn['name']}", f"fn {fn['name']}", **at)
            take(f"{n}_call_{fn['name']}", f"fn {fn['name']}", **at)
            if fn["request"]:
                take(f"{n}_complete_{fn['name']}", f"fn {fn['name']}", **at)

    def read(self, d):
        self.head(d)
        for index, s in enumerate(self.tables(d, "struct")):
            self.one_struct(index, s)
        for index, c in enumerate(self.tables(d, "constants")):
            self.one_constants(index, c)
        fns = self.tables(d, "fn")
        for index, fn in enumerate(fns):
            self.one_fn(index, fn)
        if not fns:
            self.say("fn", "an interface has one function at least: [[fn]]")
        if len(fns) > FNS_MAX:
            self.say("fn", f"{len(fns)} functions, and {FNS_MAX} is the most", table="fn", index=FNS_MAX)
        if not self.wrong:
            self.made_names()
        if self.wrong:
            raise Wrong([text for _, text in sorted(self.wrong, key=lambda w: w[0])])  # the first line first
        return self.model


def parse(path, data):
    """The model of a text's bytes; Wrong: what is not as it should be."""
    if tomllib is None:
        raise Wrong(["ctx idl needs Python 3.11 or newer"])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as why:
        raise Wrong([f"{path}: byte {why.start} is not UTF-8"]) from None
    try:
        d = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as why:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(why))
        where = f":{found[1]}:{found[2]}" if found else ""
        raise Wrong([f"{path}{where}: no TOML: {re.sub(r' .at .*', '', str(why)) or 'nested too deep'}"]) from None
    return Reader(path, text).read(d)


def load(path):
    try:
        with open(path, "rb") as f:
            return parse(path, f.read())
    except OSError as why:
        raise Wrong([f"{path}: {why.strerror}"]) from None
