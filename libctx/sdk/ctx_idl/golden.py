# SPDX-License-Identifier: MIT
"""NAME.layout: what an interface's users rely on, a line each. An interface only grows: today's lines begin with those."""
HEAD = "# What users of this interface rely on. `ctx idl` adds to it; nothing in it ever changes.\n"


def lines(model):
    o = [f"interface {model.id}"]
    for fn in model.fns:
        kinds = ", ".join(kind if kind.split()[0] not in ("in", "out") else kind.split()[0] for kind, _ in fn["args"])
        o.append(f"fn {fn['slot']} {fn['name']}({kinds})" + (f" -> {fn['result']}" if fn["result"] else ""))
    for s in model.structs.values():
        if s.get("argument"):
            o.append(f"first {s['name']} {s['first']}")
        o += [f"field {s['name']} {at} {kind} {name}" for at, _, kind, _, name, _ in s["layout"]]
    o += [f"constant {c['prefix']}_{name} {value}" for c in model.constants for name, value in c["values"]]
    return o


def text(model):
    return HEAD + "\n".join(lines(model)) + "\n"


def key_of(line):
    """What a line is about: two lines about one thing must be the same."""
    words = line.split(" ")
    if words[0] == "fn":
        return ("fn", words[1])
    if words[0] == "field":
        return ("field", words[1], words[2])
    return tuple(words[:1]) if words[0] == "interface" else tuple(words[:2])


def thing(line):
    """A line in words."""
    words = line.split(" ")
    return {"interface": "the interface is " + " ".join(words[1:]),
            "fn": f"function {words[1] if len(words) > 1 else ''} is " + " ".join(words[2:]),
            "first": f"struct {words[1] if len(words) > 1 else ''} began with first = " + " ".join(words[2:]),
            "field": " ".join(words[:1]) + f" {' '.join(words[3:])} of struct {words[1] if len(words) > 1 else ''} is at byte "
                     f"{words[2] if len(words) > 2 else ''}",
            "constant": "constant " + " ".join(words[1:])}.get(words[0], line)


def known(data, path):
    """The lines of a golden file, and what is wrong with it."""
    kinds = {"interface": 2, "fn": 3, "first": 3, "field": 5, "constant": 3}
    got = [line for line in data.splitlines() if line and not line.startswith("#")]
    wrong = [f"{path}: {line!r} is no line of a layout; was it edited?" for line in got
             if len(line.split(" ")) < kinds.get(line.split(" ")[0], 99)]
    if not got and not wrong:
        wrong = [f"{path}: has no lines; was it edited?"]
    return got, wrong


def broken(model, old, path):
    """What today's text does not keep of the old lines; empty: all of it."""
    today = {key_of(line): line for line in lines(model)}
    places = {line.split(" ", 2)[2].split("(")[0]: line.split(" ")[1] for line in today.values() if line.startswith("fn ")}
    fields = {(line.split(" ")[1], line.split(" ")[4]): line.split(" ")[2] for line in today.values() if line.startswith("field ")}
    wrong = []
    for line in old:
        now = today.get(key_of(line))
        words = line.split(" ")
        if now == line or (now is None and line.startswith("first ") and words[1] in model.structs):
            continue
        why = "it is gone" if now is None else f"now {thing(now)}"
        if words[0] == "fn" and words[2].split("(")[0] in places and places[words[2].split("(")[0]] != words[1]:
            why = f"now its place is {places[words[2].split('(')[0]]}"
        if words[0] == "field" and fields.get((words[1], words[4]), words[2]) != words[2]:
            why = f"now it is at byte {fields[words[1], words[4]]}"
        if words[0] == "first" and now is not None:
            why = f"say first = {words[2]}: users have that one"
        wrong.append(f"{model.file}: {path} says that {thing(line)}: {why}")
    if wrong:
        wrong.append(f"{model.file}: an interface only grows at its end. What has to change gets the next number behind the slash and a"
                     f" layout of its own; as long as nobody uses it, delete {path}")
    return wrong
