// SPDX-License-Identifier: MIT
//! Apps of Argos in Rust, without the standard library: an app is a function, called again and again; the OS is its argument.
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//! use ctx::{Context, Next};
//!
//! struct App { calls: u64 }
//! ctx::app!(App { calls: 0 }, step);
//!
//! fn step(app: &mut App, cx: &mut Context) -> Next {
//!     app.calls += 1;
//!     if app.calls == 1 { cx.log("hello"); }
//!     Next::Frame
//! }
//! ```
//!
//! `alloc::boxed::Box`, `Vec` and the others work: memory comes from `ctx->mem`. A panic logs where it was and its message, and ends the
//! call in an exception, so that the kernel's crash report names file, line and function. What has no wrapper here is reached with
//! [`Context::open`] and the layouts of [`tables`].
//!
//! [`app!`] stands once in an app, in its `main.rs`: with the function `_start` it brings the heap and what a panic does, which on the
//! host, in `cargo test` of the app's other crates and modules, are the standard library's.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod files;
mod panic;
pub mod service;
pub mod sql;
pub mod sql_table;
pub mod tables;
pub mod task;

use core::alloc::{GlobalAlloc, Layout};
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicPtr, Ordering};
#[doc(hidden)]
pub use panic::panicked;
pub use tables::Named;
use tables::*;

/// The Context's header, byte for byte (`<ctx/ctx.h>`).
#[repr(C)]
pub struct Header {
    pub version: u8,
    rsv0: [u8; 7],
    pub start_time_ms: u64,
    log: unsafe extern "C" fn(*const u8, u32),
    pub pid: u64,
    pixels: *mut u32,
    len: u64,
    w: u64,
    h: u64,
    alloc: unsafe extern "C" fn(u64, u64) -> *mut u8,
    dealloc: unsafe extern "C" fn(*mut u8, u64, u64),
    store: *mut *mut u8,
    input: *const u8,
    pub size: u32,
    pub epoch: u32,
    rsv1: u64,
    iface: *const Iface,
    time: *const Time,
    mem: *const Mem,
    display: *const Display,
    events: *const Events,
}

/// When to call the app again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// With the next frame.
    Frame,
    /// When an event or a time that was asked for is there: [`Context::wait_for`], [`Context::wake_at`].
    Wait,
    /// Never; with this exit code.
    Exit(u8),
}

impl Next {
    #[doc(hidden)]
    pub fn code(self) -> i32 {
        match self {
            Next::Frame => 0,
            Next::Wait => 1,
            Next::Exit(code) => 0x100 | code as i32,
        }
    }
}

/// What went wrong; numbers as in `<ctx/status.h>`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status(pub i32);

impl Status {
    pub const NOSYS: Status = Status(-1);
    pub const DENIED: Status = Status(-2);
    pub const REVOKED: Status = Status(-3);
    pub const STALE: Status = Status(-4);
    pub const INVAL: Status = Status(-5);
    pub const TOOBIG: Status = Status(-6);
    pub const AGAIN: Status = Status(-7);
    pub const NOMEM: Status = Status(-8);
    pub const NOSPC: Status = Status(-9);
    pub const IO: Status = Status(-10);
    pub const FAULT: Status = Status(-11);
    pub const BUSY: Status = Status(-12);
    pub const DEPTH: Status = Status(-13);
    pub const NOENT: Status = Status(-14);
    pub const EXIST: Status = Status(-15);
    pub const TIMEDOUT: Status = Status(-16);
    pub const CANCELED: Status = Status(-17);
    pub const RDONLY: Status = Status(-18);
    pub const RANGE: Status = Status(-19);
    pub const UNVERIFIED: Status = Status(-20);
    pub const REFUSED: Status = Status(-21);
    pub const RESET: Status = Status(-22);
    pub const UNREACHABLE: Status = Status(-23);
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const NAMES: [&str; 24] = [
            "OK", "NOSYS", "DENIED", "REVOKED", "STALE", "INVAL", "TOOBIG", "AGAIN", "NOMEM", "NOSPC", "IO", "FAULT", "BUSY",
            "DEPTH", "NOENT", "EXIST", "TIMEDOUT", "CANCELED", "RDONLY", "RANGE", "UNVERIFIED", "REFUSED",
            "RESET", "UNREACHABLE",
        ];
        f.write_str(NAMES.get(self.0.unsigned_abs() as usize).unwrap_or(&"?"))
    }
}

fn check(status: i32) -> Result<(), Status> {
    if status == 0 {
        Ok(())
    } else {
        Err(Status(status))
    }
}

/// The argument of an app: everything it may do. It is the same in every call of the app, so a task ([`task`]) may keep one.
#[derive(Clone)]
pub struct Context {
    raw: *mut Header,
}

impl Context {
    #[doc(hidden)]
    pub unsafe fn new(raw: *mut Header) -> Context {
        CURRENT.store(raw, Ordering::Relaxed);
        task::RUNS.store(false, Ordering::Relaxed);
        Context { raw }
    }

    fn head(&self) -> &Header {
        unsafe { &*self.raw }
    }

    pub fn version(&self) -> u8 {
        self.head().version
    }

    /// Small and dense from 0; a label.
    pub fn pid(&self) -> u64 {
        self.head().pid
    }

    /// Milliseconds at the start of this call.
    pub fn start_time_ms(&self) -> u64 {
        self.head().start_time_ms
    }

    pub fn log(&self, text: &str) {
        unsafe { (self.head().log)(text.as_ptr(), text.len() as u32) }
    }

    /// A line of formatted text: `write!(cx.line(), "{}", 1)`. Cut at 200 bytes.
    pub fn line(&self) -> Line<'_> {
        Line { cx: self, text: [0; 200], len: 0 }
    }

    // ---- time ----

    /// Nanoseconds since boot, now.
    pub fn now_ns(&self) -> u64 {
        let mut ns = 0;
        unsafe { ((*self.head().time).now)(self.head().time, &mut ns) };
        ns
    }

    /// Nanoseconds since 1970-01-01 00:00 UTC.
    pub fn wall_ns(&self) -> Result<i64, Status> {
        let mut ns = 0;
        check(unsafe { ((*self.head().time).wall)(self.head().time, &mut ns) })?;
        Ok(ns)
    }

    /// If this call ends with [`Next::Wait`]: call again at this time at the latest.
    pub fn wake_at(&self, ns: u64) {
        unsafe { ((*self.head().time).wake_at)(self.head().time, ns) };
    }

    // ---- events ----

    /// If this call ends with [`Next::Wait`]: call again for events of this kind, `tables::EVENT_*`.
    pub fn wait_for(&self, kind: u32) {
        unsafe { ((*self.head().events).wait)(self.head().events, 1 << kind) };
    }

    /// The same for several kinds, bits `1 << EVENT_*`. INVAL: one that the system does not know; none of them counts then.
    pub fn wait_for_any(&self, mask: u64) -> Result<(), Status> {
        check(unsafe { ((*self.head().events).wait)(self.head().events, mask) })
    }

    /// The next event that is there.
    pub fn event(&self) -> Option<Event> {
        let mut event = core::mem::MaybeUninit::<Event>::uninit();
        let mut count = 0;
        let size = core::mem::size_of::<Event>() as u32;
        let status = unsafe { ((*self.head().events).read)(self.head().events, event.as_mut_ptr().cast(), size, size, &mut count) };
        if status == 0 && count == 1 {
            Some(unsafe { event.assume_init() })
        } else {
            None
        }
    }

    // ---- the screen ----

    /// Its width and height.
    pub fn screen(&self) -> (u32, u32) {
        let mut info = DisplayInfo { size: core::mem::size_of::<DisplayInfo>() as u32, rsv: 0, w: 0, h: 0, frame_ns: 0, scale: 0, flags: 0 };
        unsafe { ((*self.head().display).info)(self.head().display, &mut info) };
        (info.w, info.h)
    }

    /// Pixels of the app's own, in the middle of the screen.
    pub fn surface(&self, w: u32, h: u32) -> Result<Surface, Status> {
        let mut handle = 0;
        let display = self.head().display;
        check(unsafe { ((*display).create)(display, w, h, SURFACE_RGBX, 0, &mut handle) })?;
        let pixels = unsafe { ((*display).pixels)(display, handle) } as *mut u32;
        Ok(Surface { handle, w, h, pixels })
    }

    // ---- the rest ----

    /// A table by its type; None if this host lacks it, or has an older, shorter one. Whether it may be used: [`is_granted`].
    pub fn open<T: Named>(&self) -> Option<&'static T> {
        let mut table: *const Table = core::ptr::null();
        let iface = self.head().iface;
        let size = core::mem::size_of::<T>() as u32;
        let status = unsafe { ((*iface).open)(iface, T::ID.as_ptr(), T::ID.len() as u32, size, &mut table) };
        if status == 0 && !table.is_null() {
            Some(unsafe { &*(table as *const T) })
        } else {
            None
        }
    }

    /// A table by any id, whoever offers it, of at least so many bytes.
    pub fn open_raw(&self, id: &str, min_size: u32) -> Result<*const Table, Status> {
        let mut table: *const Table = core::ptr::null();
        let iface = self.head().iface;
        check(unsafe { ((*iface).open)(iface, id.as_ptr(), id.len() as u32, min_size, &mut table) })?;
        Ok(table)
    }

    /// Random bytes that nobody can guess.
    pub fn random(&self, bytes: &mut [u8]) -> Result<(), Status> {
        let random = self.open::<Random>().ok_or(Status::NOSYS)?;
        check(unsafe { (random.fill)(random, bytes.as_mut_ptr(), bytes.len() as u32) })
    }

    /// Word number `index` of the app's arguments, cut to the buffer.
    pub fn arg<'a>(&self, index: u32, buffer: &'a mut [u8]) -> Option<&'a str> {
        let args = self.open::<Args>()?;
        let mut len = 0;
        let status = unsafe { (args.get)(args, index, buffer.as_mut_ptr(), buffer.len() as u32, &mut len) };
        if status != 0 {
            return None;
        }
        let len = (len as usize).min(buffer.len());
        core::str::from_utf8(&buffer[..len]).ok()
    }
}

/// Whether a table's functions may be used; otherwise they answer DENIED.
pub fn is_granted(table: &Table) -> bool {
    table.flags & 1 != 0
}

/// A line under construction: logged when it is dropped.
pub struct Line<'a> {
    cx: &'a Context,
    text: [u8; 200],
    len: usize,
}

impl Write for Line<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let mut part = s.len().min(self.text.len() - self.len);
        while !s.is_char_boundary(part) {
            part -= 1;
        }
        self.text[self.len..self.len + part].copy_from_slice(&s.as_bytes()[..part]);
        self.len += part;
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        unsafe { (self.cx.head().log)(self.text.as_ptr(), self.len as u32) }
    }
}

/// Pixels of the app's own. Kept between calls; given back with [`Surface::destroy`] or at the app's end.
pub struct Surface {
    handle: u32,
    w: u32,
    h: u32,
    pixels: *mut u32,
}

impl Surface {
    pub fn width(&self) -> u32 {
        self.w
    }

    pub fn height(&self) -> u32 {
        self.h
    }

    /// Row by row, `0x00bbggrr`.
    pub fn pixels(&mut self) -> &mut [u32] {
        unsafe { core::slice::from_raw_parts_mut(self.pixels, self.w as usize * self.h as usize) }
    }

    /// Show all of it with the next picture.
    pub fn show(&self, cx: &Context) {
        self.damage(cx, 0, 0, self.w, self.h);
    }

    /// Show this part of it with the next picture.
    pub fn damage(&self, cx: &Context, x: u32, y: u32, w: u32, h: u32) {
        unsafe { ((*cx.head().display).damage)(cx.head().display, self.handle, x, y, w, h) };
    }

    /// Where its upper left pixel is to lie on the screen; whoever manages windows may know better.
    pub fn ask_position(&self, cx: &Context, x: i32, y: i32) -> Result<(), Status> {
        let display = cx.head().display;
        check(unsafe { ((*display).ask_position)(display, self.handle, x, y) })
    }

    /// What it is called, for people: at most 63 bytes.
    pub fn title(&self, cx: &Context, text: &str) -> Result<(), Status> {
        let display = cx.head().display;
        check(unsafe { ((*display).title)(display, self.handle, text.as_ptr(), text.len() as u32) })
    }

    pub fn destroy(self, cx: &Context) {
        unsafe { ((*cx.head().display).destroy)(cx.head().display, self.handle) };
    }
}

// ---- memory ----

static CURRENT: AtomicPtr<Header> = AtomicPtr::new(core::ptr::null_mut());

/// The app's heap; blocks of version 2's alloc, so it works with every Context from version 2 on.
#[doc(hidden)]
pub struct Heap;

unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let head = CURRENT.load(Ordering::Relaxed);
        ((*head).alloc)(layout.size() as u64, layout.align() as u64)
    }

    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        let head = CURRENT.load(Ordering::Relaxed);
        ((*head).dealloc)(p, layout.size() as u64, layout.align() as u64)
    }
}

/// The app's note: made for version 3 of the Context.
#[doc(hidden)]
#[repr(C)]
pub struct Note {
    lens: [u32; 3],
    name: [u8; 4],
    tag1: [u16; 4],
    tag2: [u16; 2],
    minimum: u32,
}

impl Note {
    pub const fn new(minimum: u32) -> Note {
        Note { lens: [4, 16, 1], name: *b"ctx\0", tag1: [1, 4, 3, DRAFT_SERIAL], tag2: [2, 4], minimum }
    }
}

/// `ctx::app!(STATE, STEP)`: STATE is what the app keeps, a constant expression of some type T; STEP is `fn(&mut T, &mut Context) -> Next`.
#[macro_export]
macro_rules! app {
    ($kind:ident { $($fields:tt)* }, $step:path) => {
        #[used]
        #[cfg_attr(target_os = "linux", link_section = ".note.ctx")]
        static CTX_NOTE_: $crate::Note = $crate::Note::new(3);

        #[no_mangle]
        unsafe extern "C" fn _start(raw: *mut $crate::Header) -> i32 {
            static mut STATE: $kind = $kind { $($fields)* };
            let mut cx = $crate::Context::new(raw);
            let step: fn(&mut $kind, &mut $crate::Context) -> $crate::Next = $step;
            step(&mut *core::ptr::addr_of_mut!(STATE), &mut cx).code()
        }

        #[global_allocator]
        static CTX_HEAP_: $crate::Heap = $crate::Heap;

        #[panic_handler]
        fn ctx_panicked_(info: &core::panic::PanicInfo) -> ! {
            $crate::panicked(info)
        }
    };
}

/// `ctx::async_app!(MAIN)`: an app that is one task to begin with, `async fn MAIN(cx: Context)`, and ends when that does; what it returns, nothing or
/// a u8, is the exit code. [`task`] has what it may wait for.
#[macro_export]
macro_rules! async_app {
    ($main:path) => {
        struct CtxTasks_ {
            begun: bool,
        }
        $crate::app!(CtxTasks_ { begun: false }, ctx_tasks_);

        fn ctx_tasks_(app: &mut CtxTasks_, cx: &mut $crate::Context) -> $crate::Next {
            if !app.begun {
                app.begun = true;
                $crate::task::spawn_main($main(cx.clone()));
            }
            $crate::task::run(cx)
        }
    };
}
