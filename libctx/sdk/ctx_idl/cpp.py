# SPDX-License-Identifier: MIT
"""NAME.hpp: a class for those who call it; NAME_provider.hpp: a template for who offers it. Both stand on the C headers."""
from . import c, form
from .form import wrap


def doc_of(fn, more=()):
    return ["    " + line for line in c.doc_of(fn, more)]


def head(model, source, guard, lines, includes):
    o = [f"// {c.made(model, source)}.", "//"]
    for i, text in enumerate(lines):
        o += (["//"] if i else []) + wrap(text, "//", "//")
    return o + [f"#ifndef {guard}", f"#define {guard}", "", *[f"#include {i}" for i in includes], ""]


def consumer(model, source=""):
    n = model.name
    o = head(model, source, f"{n.upper()}_HPP", [
        f"{n}.hpp - {model.id}, as a class. Its functions wait, in a fiber: <ctx/client.h> has the rules."], [f'"{n}.h"'])
    o += [f"class {n}_consumer", "{", "public:", f"    explicit {n}_consumer(struct ctx *ctx) noexcept : client_ CTX_CLIENT(ctx) {{}}", "",
          "    // When waiting ends, of ctx->time->now; 0: never.", "    void deadline_(uint64_t ns) noexcept { client_.of.deadline_ns = ns; }", "",
          "    // Until somebody offers it.", f"    ctx_status wait_() noexcept {{ return ctx_client_wait(&client_.of, {n.upper()}_ID); }}", ""]
    for fn in model.fns:
        names = ["&client_"] + [name for k, name in fn["args"] if k != "request"] + (["&result"] if fn["result"] else [])
        args = [form.c_arg(k, name, n) for k, name in fn["args"] if k != "request"]
        if fn["result"]:
            args.append(f"struct {n}_{fn['result']} &result")
        o += doc_of(fn) + c.call(f"ctx_status {fn['name']}", args, "    ")
        o[-1] += " noexcept"
        lines = c.call(f"return {n}_call_{fn['name']}", names, "        ")
        o += ["    {", *lines[:-1], lines[-1] + ";", "    }", ""]
    o[-1:] = ["", "private:", f"    struct {n}_client client_;", "};", "", "#endif", ""]
    return "\n".join(o)


def provider(model, source=""):
    n = model.name
    o = head(model, source, f"{n.upper()}_PROVIDER_HPP", [
        f"{n}_provider.hpp - offering {model.id} with static functions of a class P: {n}_provider<P>::publish_(service, handle). They are"
        f" those that {n}_provider.h declares; {n}_complete_...() are there too. The app's line says offer={model.id}."],
        [f'"{n}_provider.h"'])
    o += ["template <class P> struct " + f"{n}_provider {{",
          "    static ctx_status publish_(const struct ctx_service *service, uint32_t &handle) noexcept", "    {"]
    for fn in model.fns:
        args = ", ".join(form.c_arg(k, "x", n)[:-1].rstrip() if k != "request" else "uint64_t" for k, _ in fn["args"])
        o.append(f"        ctx_status(CTX_CALL *{fn['name']}_)({', '.join(['struct ctx *'] + ([args] if args else []))}) = &P::{fn['name']};")
    o.append("        const uint64_t functions[] = {")
    o += [f"            reinterpret_cast<uint64_t>({fn['name']}_)," for fn in model.fns]
    o += ["        };", f"        return service->publish(service, &{n}_descriptor, uint32_t(sizeof {n}_descriptor), functions,",
          "                                uint32_t(sizeof functions), &handle);", "    }", "};", "", "#endif", ""]
    return "\n".join(o)
