# SPDX-License-Identifier: MIT
"""NAME.h, for those who call it, and NAME_provider.h, for who offers it: C, and C++ takes them too."""
from . import binary, form
from .form import wrap


def made(model, what):
    what = "".join(c if c.isprintable() else "?" for c in what)
    return f"made by ctx idl from {what}; change that" if what else f"made by ctx idl for {model.id}"


def head(model, source, guard, lines, includes):
    o = [f"/* {made(model, source)}. */", "/*"]
    for i, text in enumerate(lines):
        o += ([" *"] if i else []) + wrap(text, " *", " *")
    return o + [" */", f"#ifndef {guard}", f"#define {guard}", "", *[f"#include {i}" for i in includes], "",
                "#ifdef __cplusplus", 'extern "C" {', "#endif", ""]


def foot():
    return ["#ifdef __cplusplus", "}", "#endif", "#endif", ""]


def doc_of(fn, more=()):
    o = ["/*"] + (wrap(fn["doc"], " *", " *") if fn["doc"] else [])
    for status, when in fn["errors"]:
        o += wrap(f"{status}: {when}.", " *", " *")
    for text in more:
        o += wrap(text, " *", " *")
    return [*o, " */"] if len(o) > 1 else []


def call(name, args, indent="    ", width=100):
    """name(args), folded."""
    lines, line = [], f"{indent}{name}("
    hang = " " * len(line)
    for i, arg in enumerate(args):
        piece = arg + (", " if i + 1 < len(args) else "")
        if len(line + piece.rstrip()) + 3 > width and line.strip():
            lines.append(line.rstrip())
            line = hang if len(hang) < 60 else indent + "    "
        line += piece
    return [*lines, line + ")"]


def client_args(model, fn):
    """What a wrapper takes: the request is its own, and a result comes back."""
    args = [form.c_arg(k, n, model.name) for k, n in fn["args"] if k != "request"]
    if fn["result"]:
        args.append(f"struct {model.name}_{fn['result']} *result")
    return args


def wrapper(model, fn):
    n, table = model.name, f"{model.name}_table"
    flags = "CTX_CLIENT_REQUEST" if fn["request"] else "0"
    o = doc_of(fn, ["[fiber]"] if fn["request"] else [])
    o += call(f"static inline ctx_status {n}_call_{fn['name']}", [f"struct {n}_client *self", *client_args(model, fn)], "")
    o += ["{", "    struct ctx_client_call call_;"] + (["    uint64_t request_ = 0;"] if fn["request"] else [])
    o += [f"    ctx_status status_ = ctx_client_begin(&call_, &self->of, {n.upper()}_ID, {form.HEADER_SIZE + 8 * (fn['slot'] + 1)}, {flags});",
          "    if (status_ != CTX_OK) {", "        return status_;", "    }", "    do {",
          f"        const struct {table} *table_ = (const struct {table} *)self->of.table;"]
    for kind, name in fn["args"]:
        if kind.startswith("out-struct"):
            o.append(f"        __builtin_memset({name}, 0, sizeof *{name});")
        if kind.startswith(("out-struct", "inout-struct")):
            o.append(f"        {name}->size = (uint32_t)sizeof *{name};")
    names = ["table_"] + ["&request_" if k == "request" else name for k, name in fn["args"]]
    lines = call(f"status_ = table_->{fn['name']}", names, "        ")
    lines[-1] += ";"
    o += lines + ["    } while (status_ < 0 && ctx_client_again(&call_, status_));"]
    if fn["request"]:
        result = "result, (uint32_t)sizeof *result" if fn["result"] else "0, 0"
        ends = f"ctx_client_result(&call_, status_, request_, {result})"
    else:
        ends = "status_"
    if fn["lasts"]:
        o += [f"    status_ = {ends};"] if fn["request"] else []
        o += ["    if (status_ == CTX_OK && self->of.renewed != 0) {", "        self->of.renewed = 0;",
              "        return CTX_E_STALE; /* who began anew has only what was done since */", "    }"]
        ends = "status_"
    return o + [f"    return {ends};", "}", ""]


def consumer(model, source=""):
    n, table = model.name, f"{model.name}_table"
    o = head(model, source, f"{n.upper()}_H", [
        f"{n}.h - {model.id}: {model.doc}" if model.doc else f"{n}.h - {model.id}",
        f"{n}_open() gives the table, whose functions answer BUSY and STALE like any other status. {n}_call_...() wait on BUSY, open"
        " again on STALE, and take results of requests: <ctx/client.h>, libctx.a. They set the size of a struct that comes back, and zero it"
        " before, for a provider may know less of it."], ["<ctx/client.h>", "<ctx/ctx.h>"])
    o += [f'#define {n.upper()}_ID "{model.id}"', ""]
    o += form.c_constants(model.constants) + form.c_structs(model.structs.values(), n)
    o += wrap(f"The interface's table, as iface.open gives it. {model.doc}", "/*", " *")
    o[-1] += " */"
    o += form.c_table(table, model.fns, n)
    o += form.c_struct_asserts(model.structs.values(), n) + form.c_table_asserts(table, model.fns) + [""]
    o += ["/* Open it, with all of its functions. NOSYS: nobody offers it, or an older one; *table is NULL. */",
          f"static inline ctx_status {n}_open(struct ctx *ctx, const struct {table} **table)", "{",
          "    const struct ctx_table *opened = 0;",
          f"    ctx_status status = ctx->iface->open(ctx->iface, {n.upper()}_ID, sizeof {n.upper()}_ID - 1,",
          f"                                         (uint32_t)sizeof(struct {table}), &opened);",
          f"    *table = status == CTX_OK ? (const struct {table} *)opened : 0;", "    return status;", "}", "",
          f"/* For the functions below: struct {n}_client NAME = CTX_CLIENT(ctx); */", f"struct {n}_client {{", "    struct ctx_client of;", "};",
          ""]
    for fn in model.fns:
        o += wrapper(model, fn)
    return "\n".join(o + foot())


def provider_args(model, fn):
    return ["struct ctx *ctx"] + [f"uint64_t {n}" if k == "request" else form.c_arg(k, n, model.name) for k, n in fn["args"]]


def descriptor(model):
    n = model.name
    o = ["/* clang-format off */", f"static const struct {n}_descriptor {{", "    struct ctx_interface head;",
         f"    struct ctx_interface_fn fns[{len(model.fns)}];", f"}} {n}_descriptor = {{",
         f"    {{sizeof(struct {n}_descriptor), CTX_INTERFACE_VERSION, {len(model.fns)}, "
         f"{'CTX_INTERFACE_NEEDS_GRANT' if model.needs_grant else '0'}, sizeof(struct ctx_interface),",
         f"     sizeof(struct ctx_interface_fn), {n.upper()}_ID}},", "    {"]
    for fn in model.fns:
        args = [f"{{CTX_INTERFACE_{k}, {'CTX_INTERFACE_WRITE' if flags else 0}, {first}, {size}, 0}}"
                for k, flags, first, size in binary.args_of(model, fn)]
        o.append(f'        {{"{fn["name"]}", {len(args)}, {{0}}, {{{", ".join(args) or "{0, 0, 0, 0, 0}"}}}}},')
    return o + ["    },", "};", "/* clang-format on */", ""]


def provider(model, source=""):
    n = model.name
    o = head(model, source, f"{n.upper()}_PROVIDER_H", [
        f"{n}_provider.h - offering {model.id}: write the functions declared here, and call {n}_publish() once. The app's line says"
        f" offer={model.id}.",
        "They are called between the app's calls of _start, on its stack. What they get is a copy: nobody changes it meanwhile. What"
        " they leave goes back when they return a status that is not negative. One that returns BUSY or STALE of its own says that it"
        " did nothing, and may be called again."], ["<ctx/interface.h>", f'"{n}.h"'])
    for fn in model.fns:
        more = [f"[request] PENDING: it goes on until {n}_complete_{fn['name']}()."] if fn["request"] else []
        lines = call(f"ctx_status {n}_{fn['name']}", provider_args(model, fn), "")
        lines[-1] += ";"
        o += doc_of(fn, more) + lines + [""]
    for fn in model.fns:
        if fn["request"]:
            result = [f"const struct {n}_{fn['result']} *result"] if fn["result"] else []
            o += [f"/* The end of a request of {fn['name']}()" + (": with what it gives, or NULL. */" if result else ". */")]
            o += call(f"static inline ctx_status {n}_complete_{fn['name']}", ["const struct ctx_service *service", "uint64_t request",
                                                                            "ctx_status status", *result], "")
            what = "result != 0 ? (const void *)result : (const void *)service" if result else "service"
            size = "result != 0 ? (uint32_t)sizeof *result : 0" if result else "0"
            o += ["{", "    return service->complete(service, request, (uint32_t)status,", f"                             {what},",
                  f"                             {size});", "}", ""]
    o += ["/* What the system checks and copies arguments by. */", *descriptor(model)]
    o += ["/* Offer it: statuses are those of publish() in ctx.service/1; the handle is for unpublish(). */",
          f"static inline ctx_status {n}_publish(const struct ctx_service *service, uint32_t *handle)", "{",
          "    const uint64_t functions[] = {"]
    o += [f"        (uint64_t)(uintptr_t){n}_{fn['name']}," for fn in model.fns]
    o += ["    };", f"    return service->publish(service, &{n}_descriptor, (uint32_t)sizeof {n}_descriptor, functions,",
          "                            (uint32_t)sizeof functions, handle);", "}", ""]
    return "\n".join(o + foot())
