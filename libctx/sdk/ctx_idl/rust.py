# SPDX-License-Identifier: MIT
"""NAME.rs: a module for both sides, on the crate ctx."""
from . import binary, c, form
from .form import camel, wrap

TYPES = {"u32": "u32", "u64": "u64", "i64": "i64", "handle": "u32", "share": "u32", "share-write": "u32", "out-u32": "&mut u32",
         "out-u64": "&mut u64", "out-i64": "&mut i64", "in": "&[u8]", "out": "&mut [u8]"}
RESULT = "core::result::Result"


def doc_of(fn, more=()):
    o = wrap(fn["doc"], "    ///", "    ///") if fn["doc"] else []
    for status, when in fn["errors"]:
        o += ["    ///"] + wrap(f"{status}: {when}.", "    ///", "    ///")
    for text in more:
        o += ["    ///"] + wrap(text, "    ///", "    ///")
    return o


def lengths(fn):
    """The arguments that are lengths: in Rust a slice has its own."""
    return {fn["args"][i + 1][1]: name for i, (kind, name) in enumerate(fn["args"]) if kind.split()[0] in ("in", "out")}


def arg(kind, name):
    word, _, what = kind.partition(" ")
    if word.endswith("-struct"):
        return f"{name}: {'&' if word == 'in-struct' else '&mut '}{camel(what)}"
    return f"{name}: {TYPES[word]}"


def args_of(fn):
    return [arg(k, n) for k, n in fn["args"] if k != "request" and n not in lengths(fn)]


def result_type(fn):
    return camel(fn["result"]) if fn["result"] else "()"


def new_of(s):
    """A struct's all-zero value, its size set."""
    fields = []
    for _, size, kind, base, _, _ in s["layout"]:
        count = size // form.SIZES[kind]
        value = f"{s['bytes']}" if base == "size" and s.get("argument") else "0"
        fields.append(f"{base}: {value if count == 1 else f'[0; {count}]'}")
    name = camel(s["name"])
    return [f"unsafe impl ctx::service::Data for {name} {{}}", "", f"impl {name} {{", "    pub const fn new() -> Self {",
            f"        {name} {{ {', '.join(fields)} }}", "    }", "}", ""]


def client_fn(fn, waits):
    """A call: of a Client, which returns at once, or of an AsyncClient, which waits."""
    given, slot, done = lengths(fn), fn["slot"], result_type(fn)
    returns = f"ctx::service::Pending<{done}>" if fn["request"] and not waits else done if waits else "()"
    o = doc_of(fn, [] if waits else ["BUSY: the app is called again when it may be tried once more."])
    args = ", ".join([*(["&self"] if waits else ["&mut self", "cx: &ctx::Context"]), *args_of(fn)])
    o.append(f"    pub {'async ' if waits else ''}fn {fn['name']}({args}) -> {RESULT}<{returns}, ctx::Status> {{")
    passed = ["table_"]
    for kind, name in fn["args"]:
        word = kind.split()[0]
        if kind.startswith("out-struct"):
            o.append(f"        *{name} = {camel(kind.split()[1])}::new();")
        elif kind.startswith("inout-struct"):
            o.append(f"        {name}.size = core::mem::size_of::<{camel(kind.split()[1])}>() as u32;")
        if name in given:
            o.append(f"        let {name} = ctx::service::len({given[name]})?;")
        passed.append({"in": f"{name}.as_ptr()", "out": f"{name}.as_mut_ptr()", "request": "&mut request_"}.get(
            word, f"&mut *{name}" if word in ("out-struct", "inout-struct", "out-u32", "out-u64", "out-i64") else name))
    if fn["request"]:
        o.append("        let mut request_ = 0;")
    o += [f"        let status_ = self.client.call({'' if waits else 'cx, '}ID, {form.HEADER_SIZE + 8 * (slot + 1)}, |table_| unsafe {{",
          "            let table_ = table_ as *const Table;", f"            ((*table_).{fn['name']})({', '.join(passed)})",
          "        })" + (".await?;" if waits else "?;")]
    pending = "ctx::service::Pending::new(request_, status_)"
    if fn["request"]:
        end = f"self.client.end({pending}).await" if waits else f"Ok({pending})"
        o += [f"        let result_ = {end}?;", "        self.client.lasts()?;", "        Ok(result_)"] if fn["lasts"] and waits else [f"        {end}"]
    else:
        o += ["        let _ = status_;", "        self.client.lasts()" if fn["lasts"] else "        Ok(())"]
    return o + ["    }", ""]


def provider_fn(fn):
    args, returns = ["&mut self", "cx: &mut ctx::Context"], "()"
    given = lengths(fn)
    for kind, name in fn["args"]:
        if kind == "request":
            args.append(f"{name}: ctx::service::Request<{result_type(fn)}>")
            returns = "ctx::service::Progress"
        elif name not in given:
            args.append(arg(kind, name))
    return [*doc_of(fn), f"    fn {fn['name']}({', '.join(args)}) -> {RESULT}<{returns}, ctx::Status>;", ""]


def entry(fn):
    given = lengths(fn)
    takes, gives = ["raw_: *mut ctx::Header"], ["&mut cx_"]
    for kind, name in fn["args"]:
        word = kind.split()[0]
        takes.append(f"{name}: u64" if kind == "request" else form.rust_arg(kind, name))
        behind = next((length for length, of in given.items() if of == name), None)
        if kind == "request":
            gives.append(f"ctx::service::Request::new({name})")
        elif behind:
            gives.append(f"core::slice::from_raw_parts{'_mut' if word == 'out' else ''}({name}, {behind} as usize)")
        elif word in ("in-struct",):
            gives.append(f"&*{name}")
        elif word in ("out-struct", "inout-struct", "out-u32", "out-u64", "out-i64"):
            gives.append(f"&mut *{name}")
        elif name not in given:
            gives.append(name)
    how = "progress" if fn["request"] else "status"
    return [f'    unsafe extern "C" fn {fn["name"]}({", ".join(takes)}) -> i32 {{', "        let mut cx_ = ctx::Context::new(raw_);",
            "        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);",
            f"        ctx::service::{how}(provider_.{fn['name']}({', '.join(gives)}))", "    }", ""]


def descriptor(model):
    data = binary.descriptor(model)
    o = ["/// What the system checks and copies arguments by (`<ctx/interface.h>`).", "#[repr(C, align(8))]",
         f"pub struct Descriptor([u8; {len(data)}]);", "static DESCRIPTOR: Descriptor = Descriptor(["]
    o += ["    " + ", ".join(str(b) for b in data[i:i + 40]) + "," for i in range(0, len(data), 40)]
    return o + ["]);", ""]


def module(model, source=""):
    o = [f"// {c.made(model, source)}."]
    o += wrap(f"{model.id}: {model.doc}", "//!", "//!")
    o += ["//!", "//! [`AsyncClient`] and [`Client`] call it, [`Provider`] and [`publish`] offer it. Needs the crate `ctx`.",
          "#![allow(dead_code, clippy::all)]", "", f'pub const ID: &str = "{model.id}";', ""]
    o += form.rust_constants(model.constants) + [""]
    for s in model.structs.values():
        o += form.rust_struct(s) + new_of(s)
    o += form.rust_table("Table", f"The interface's table. {model.doc}", model.fns, "ctx::tables::Table")
    o += ["/// The interface in use: opened when it is first needed, and again when its provider went.", "pub struct Client {",
          "    client: ctx::service::Client,", "}", "", "impl Client {", "    pub const fn new() -> Client {",
          "        Client { client: ctx::service::Client::new() }", "    }", ""]
    for fn in model.fns:
        o += client_fn(fn, False)
    o[-1:] = ["}", "", "/// The same in tasks (`ctx::task`): calls look as if they blocked, and several tasks may call at the same time.",
              "pub struct AsyncClient {", "    client: ctx::service::AsyncClient,", "}", "", "impl AsyncClient {",
              "    pub const fn new() -> AsyncClient {", "        AsyncClient { client: ctx::service::AsyncClient::new() }", "    }", "",
              "    /// When waiting ends, of `Context::now_ns`; `ctx::task::NEVER`: never.",
              "    pub fn deadline_(&self, ns: u64) {", "        self.client.deadline(ns)", "    }", "",
              "    /// Until somebody offers it.", "    pub async fn offered_(&self) -> " + f"{RESULT}<(), ctx::Status> {{",
              "        self.client.offered(ID).await", "    }", ""]
    for fn in model.fns:
        o += client_fn(fn, True)
    o[-1:] = ["}", "", f"/// What an app does that offers it. The app's line says `offer={model.id}`.", "pub trait Provider {"]
    for fn in model.fns:
        o += provider_fn(fn)
    o[-1:] = ["}", "", "static PROVIDER: core::sync::atomic::AtomicPtr<u8> = core::sync::atomic::AtomicPtr::new(core::ptr::null_mut());", "",
              "struct Entry<P>(core::marker::PhantomData<P>);", "", "impl<P: Provider> Entry<P> {"]
    for fn in model.fns:
        o += entry(fn)
    o[-1:] = ["}", "", *descriptor(model),
              "/// Offer it; the handle is for `unpublish`. The functions are called between calls of the app's step.", "///",
              "/// # Safety", "/// `provider` lives as long as the app, as the state of `ctx::app!` does, and nothing else refers to it between those",
              "/// calls.", f"pub unsafe fn publish<P: Provider>(cx: &ctx::Context, provider: *mut P) -> {RESULT}<u32, ctx::Status> {{",
              "    PROVIDER.store(provider.cast(), core::sync::atomic::Ordering::Relaxed);", "    let functions = ["]
    o += [f"        Entry::<P>::{fn['name']} as *const () as usize as u64," for fn in model.fns]
    o += ["    ];", "    ctx::service::publish(cx, &DESCRIPTOR.0, &functions)", "}", ""]
    return "\n".join(o)
