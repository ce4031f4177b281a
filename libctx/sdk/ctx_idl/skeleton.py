# SPDX-License-Identifier: MIT
"""A provider to begin with: every function is there and answers NOSYS. Written once; from then on it is its author's."""
from . import c, rust


def in_c(model):
    n = model.name
    o = [f"/* Offers {model.id}. */", "#include <ctx/note.h>", "", f'#include "{n}_provider.h"', "",
         "CTX_NOTE(3); /* made for version 3 of the Context */", ""]
    for fn in model.fns:
        o += c.call(f"ctx_status {n}_{fn['name']}", c.provider_args(model, fn), "") + ["{", "    (void)ctx;"]
        o += [f"    (void){name};" for _, name in fn["args"]] + ["    return CTX_E_NOSYS;", "}", ""]
    o += ["int32_t _start(struct ctx *ctx)", "{", "    static uint32_t handle;", "    const struct ctx_table *table = 0;",
          "    if (handle == 0) {", "        if (ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,",
          "                             sizeof(struct ctx_service), &table) != CTX_OK ||",
          f"            {n}_publish((const struct ctx_service *)table, &handle) != CTX_OK) {{",
          "            return CTX_EXIT(1);", "        }", "    }", "    return CTX_WAIT; /* its functions are called meanwhile */", "}", ""]
    return "\n".join(o)


def in_cpp(model):
    n = model.name
    o = [f"// Offers {model.id}.", "#include <ctx/note.h>", "", f'#include "{n}_provider.hpp"', "", "CTX_NOTE(3);", "", "namespace", "{", "",
         "struct Provider {"]
    for fn in model.fns:
        args = [a if i == 0 else a for i, a in enumerate(c.provider_args(model, fn))]
        o += c.call(f"static ctx_status {fn['name']}", args, "    ") + ["    {", "        (void)ctx;"]
        o += [f"        (void){name};" for _, name in fn["args"]] + ["        return CTX_E_NOSYS;", "    }", ""]
    o[-1:] = ["};", "", "} // namespace", "", 'extern "C" int32_t _start(struct ctx *ctx)', "{", "    static uint32_t handle;",
              "    const struct ctx_table *table = nullptr;", "    if (handle == 0) {",
              "        if (ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1, sizeof(struct ctx_service), &table) != CTX_OK ||",
              f"            {n}_provider<Provider>::publish_(reinterpret_cast<const struct ctx_service *>(table), handle) != CTX_OK) {{",
              "            return CTX_EXIT(1);", "        }", "    }", "    return CTX_WAIT; // its functions are called meanwhile", "}", ""]
    return "\n".join(o)


def in_rust(model):
    n = model.name
    o = [f"//! Offers {model.id}.", "#![no_std]", "#![no_main]", "", "use ctx::{Context, Next};", "", "struct App {", "    handle: u32,", "}",
         "", "ctx::app!(App { handle: 0 }, step);", "", f"impl {n}::Provider for App {{"]
    for fn in model.fns:
        args, returns = ["&mut self", "_cx: &mut Context"], "()"
        for kind, name in fn["args"]:
            if kind == "request":
                done = f"{n}::{rust.result_type(fn)}" if fn["result"] else "()"
                args.append(f"_{name}: ctx::service::Request<{done}>")
                returns = "ctx::service::Progress"
            elif name not in rust.lengths(fn):
                kind_of = rust.arg(kind, name).split(": ", 1)[1]
                word = kind.split()[0]
                if word.endswith("-struct"):
                    kind_of = kind_of.replace("&mut ", f"&mut {n}::") if "mut" in kind_of else "&" + f"{n}::" + kind_of[1:]
                args.append(f"_{name}: {kind_of}")
        o += [f"    fn {fn['name']}({', '.join(args)}) -> Result<{returns}, ctx::Status> {{", "        Err(ctx::Status::NOSYS)", "    }", ""]
    o[-1:] = ["}", "", "fn step(app: &mut App, cx: &mut Context) -> Next {", "    if app.handle == 0 {",
              "        // The app's state lives as long as the app.",
              f"        match unsafe {{ {n}::publish(cx, app) }} {{", "            Ok(handle) => app.handle = handle,",
              "            Err(_) => return Next::Exit(1),", "        }", "    }", "    Next::Wait", "}", ""]
    return "\n".join(o)
