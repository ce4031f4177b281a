# SPDX-License-Identifier: MIT
"""NAME.md: a reference page, as libctx/doc/ref has them."""
from . import c, form


def page(model, source=""):
    n = model.name
    o = [f"# {n}", "", f"<!-- {c.made(model, source)}. -->", "", model.doc, "",
         f'Opened with `ctx->iface->open(ctx->iface, "{model.id}", {len(model.id)}, min_size, &table)`, or `{n}_open(ctx, &table)` of `{n}.h`.', ""]
    if model.needs_grant:
        o += [f"Needs a grant: the boot word `use={model.id}` among the app's arguments.", ""]
    o += ["Beside its own, every function has the statuses of a call of a service: `BUSY`, `STALE`, `FAULT`, `TIMEDOUT`, `TOOBIG`, `DEPTH`,"
          " `DENIED`, `NOSYS`.", ""]
    for fn in model.fns:
        o += form.page_fn(fn, f"`{model.id}`", n)
        if fn["request"]:
            o[-2:-2] = ["**Request:** it goes on when it has answered `PENDING`" +
                        (f"; its result is a `struct {n}_{fn['result']}`." if fn["result"] else "; it has no result but a status."), ""]
    for s in model.structs.values():
        o += [f"## struct {n}_{s['name']}", "", s["doc"], "", "| offset | field | |", "| ---: | --- | --- |"]
        o += [f"| {at} | `{form.C_TYPES[kind]} {name}` | {doc} |" for at, _, kind, _, name, doc in s["layout"]] + [""]
    for k in model.constants:
        o += [f"## {k['prefix']}_*", "", k["doc"], ""] + [f"- `{k['prefix']}_{name}` {value}" for name, value in k["values"]] + [""]
    return "\n".join(o)
