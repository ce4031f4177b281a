// SPDX-License-Identifier: MIT
// made by libctx/abi/generate.py from context.toml; change that.
//! The Context of version 3 as Rust sees it: layouts only, every call is unsafe.
#![allow(dead_code, clippy::all)]

pub const DRAFT_SERIAL: u16 = 2;

pub const IMAGES_ON_DISK: u32 = 1;
pub const IMAGES_READ_ONLY: u32 = 2;
pub const EVENT_KEY: u32 = 1;
pub const EVENT_POINTER: u32 = 2;
pub const EVENT_WHEEL: u32 = 3;
pub const EVENT_TEXT: u32 = 4;
pub const EVENT_RESIZE: u32 = 5;
pub const EVENT_RESTORED: u32 = 6;
pub const EVENT_LOST: u32 = 1;
pub const EVENT_SERIAL: u32 = 2;
pub const RESTORED_SCREEN: u32 = 1;
pub const RESTORED_DEVICES: u32 = 2;
pub const RESTORED_SYSTEM: u32 = 4;
pub const MEM_ZERO: u32 = 1;
pub const MEM_GUARD_LOW: u32 = 2;
pub const SURFACE_RGBX: u32 = 1;
pub const SURFACE_RGBA: u32 = 2;
pub const SURFACE_POINTER: u32 = 1;
pub const APP_READY: u32 = 0;
pub const APP_WAITING: u32 = 1;
pub const APP_STOPPED: u32 = 2;
pub const APP_EXITED: u32 = 3;
pub const APP_PAUSED: u32 = 4;
pub const APP_RESTARTING: u32 = 5;
pub const RESTART_NEVER: u32 = 0;
pub const RESTART_ON_FAULT: u32 = 1;
pub const RESTART_ALWAYS: u32 = 2;
pub const RESTART_UNDO: u32 = 3;
pub const LOG_ERROR: u32 = 1;
pub const LOG_WARN: u32 = 2;
pub const LOG_INFO: u32 = 3;
pub const LOG_DEBUG: u32 = 4;
pub const CPU_SSE3: u32 = 1;
pub const CPU_SSSE3: u32 = 2;
pub const CPU_SSE41: u32 = 4;
pub const CPU_SSE42: u32 = 8;
pub const CPU_POPCNT: u32 = 16;
pub const CPU_RDRAND: u32 = 32;
pub const CPU_AES: u32 = 64;
pub const CPU_AVX: u32 = 128;
pub const CPU_AVX2: u32 = 256;
pub const CPU_FMA: u32 = 512;
pub const CPU_F16C: u32 = 1024;
pub const CPU_BMI1: u32 = 2048;
pub const CPU_BMI2: u32 = 4096;
pub const CPU_LZCNT: u32 = 8192;
pub const CPU_MOVBE: u32 = 16384;
pub const CPU_PCLMUL: u32 = 32768;
pub const CPU_AVX512F: u32 = 65536;
pub const CPU_AVX512DQ: u32 = 131072;
pub const CPU_AVX512CD: u32 = 262144;
pub const CPU_AVX512BW: u32 = 524288;
pub const CPU_AVX512VL: u32 = 1048576;
pub const CPU_SHA: u32 = 2097152;
pub const CPU_ADX: u32 = 4194304;
pub const CPU_RDSEED: u32 = 8388608;

/// What an app's heap holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct MemUsage {
    pub size: u32,
    pub rsv: u32,
    pub blocks: u64,
    pub bytes: u64,
    pub committed: u64,
    pub quota: u64,
}

/// The screen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DisplayInfo {
    pub size: u32,
    pub rsv: u32,
    pub w: u32,
    pub h: u32,
    pub frame_ns: u64,
}

/// When a surface was last seen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Presented {
    pub size: u32,
    pub rsv: u32,
    pub count: u64,
    pub time_ns: u64,
}

/// One event. Which fields count depends on kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Event {
    pub kind: u32,
    pub flags: u32,
    pub seq: u64,
    pub time_ns: u64,
    pub code: u32,
    pub value: u32,
    pub x: i32,
    pub y: i32,
}

/// One app, as ctx.apps/1 lists it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct AppInfo {
    pub pid: u64,
    pub state: u32,
    pub version: u32,
    pub calls: u64,
    pub faults: u64,
    pub time_ns: u64,
    pub longest_ns: u64,
    pub memory: u64,
    pub name: [u8; 32],
    pub memory_quota: u64,
    pub parent: u64,
    pub overruns: u64,
    pub budget_ns: u64,
    pub log_dropped: u64,
    pub restarts: u32,
    pub restart_policy: u32,
}

/// What is known of a call that ended in a fault.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Crash {
    pub size: u32,
    pub vector: u32,
    pub seq: u64,
    pub time_ns: u64,
    pub pid: u64,
    pub call: u64,
    pub ip: u64,
    pub address: u64,
    pub name: [u8; 32],
    pub place: [u8; 64],
    pub what: [u8; 96],
    pub rsv: u32,
    pub text_len: u32,
    pub text: [u8; 2048],
}

/// A call of a child's Context that its host stands in for.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HostCall {
    pub size: u32,
    pub child: u32,
    pub cookie: u64,
    pub args: [u64; 6],
    pub result: u64,
    pub index: u32,
    pub returns: u32,
    pub name: [u8; 24],
    pub table: [u8; 24],
}

/// The machine.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SystemInfo {
    pub size: u32,
    pub apps: u32,
    pub uptime_ns: u64,
    pub memory: u64,
    pub memory_free: u64,
    pub trusted: u64,
}

/// What the processor offers beyond x86-64 with SSE2. An image records it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CpuInfo {
    pub size: u32,
    pub rsv: u32,
    pub features: u64,
}

/// How far a job of ctx.image/1 is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ImageJob {
    pub size: u32,
    pub status: u32,
    pub done: u64,
    pub total: u64,
    pub pid: u64,
    pub why: [u8; 160],
}

/// One kept image.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ImageInfo {
    pub name: [u8; 64],
    pub bytes: u64,
    pub wall_ns: i64,
    pub generation: u64,
}

/// Where images are kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ImagePlace {
    pub size: u32,
    pub flags: u32,
    pub used: u64,
    pub quota: u64,
    pub room: u64,
    pub place: [u8; 160],
}

/// What every table begins with.
#[repr(C)]
pub struct Table {
    pub size: u32,
    pub flags: u32,
    pub features: u64,
}

/// A function of a host app that stands in for a function of its child's Context: ctx.host/1.
pub type ServeFn = unsafe extern "C" fn(ctx: *mut u8, call: *mut HostCall);

/// The door to everything that has no field in ctx: tables by name.
#[repr(C)]
pub struct Iface {
    pub t: Table,
    pub open: unsafe extern "C" fn(this: *const Iface, id: *const u8, id_len: u32, min_size: u32, out: *mut *const Table) -> i32,
}

/// Clocks, and being called later.
#[repr(C)]
pub struct Time {
    pub t: Table,
    pub now: unsafe extern "C" fn(this: *const Time, ns: *mut u64) -> i32,
    pub wall: unsafe extern "C" fn(this: *const Time, unix_ns: *mut i64) -> i32,
    pub wake_at: unsafe extern "C" fn(this: *const Time, ns: u64) -> i32,
}

/// Memory, with more choice than alloc and dealloc; blocks of both are the same blocks.
#[repr(C)]
pub struct Mem {
    pub t: Table,
    pub alloc: unsafe extern "C" fn(this: *const Mem, size: u64, align: u64, flags: u64) -> *mut u8,
    pub resize: unsafe extern "C" fn(this: *const Mem, p: *mut u8, size: u64, align: u64, new_size: u64) -> *mut u8,
    pub free: unsafe extern "C" fn(this: *const Mem, p: *mut u8, size: u64, align: u64) -> i32,
    pub usage: unsafe extern "C" fn(this: *const Mem, out: *mut MemUsage) -> i32,
}

/// The screen: an app's own pixels above the canvas, or the canvas itself.
#[repr(C)]
pub struct Display {
    pub t: Table,
    pub info: unsafe extern "C" fn(this: *const Display, out: *mut DisplayInfo) -> i32,
    pub canvas: unsafe extern "C" fn(this: *const Display) -> i32,
    pub create: unsafe extern "C" fn(this: *const Display, w: u32, h: u32, format: u32, flags: u64, surface: *mut u32) -> i32,
    pub pixels: unsafe extern "C" fn(this: *const Display, surface: u32) -> *mut u8,
    pub damage: unsafe extern "C" fn(this: *const Display, surface: u32, x: u32, y: u32, w: u32, h: u32) -> i32,
    pub presented: unsafe extern "C" fn(this: *const Display, surface: u32, out: *mut Presented) -> i32,
    pub resize: unsafe extern "C" fn(this: *const Display, surface: u32, w: u32, h: u32) -> i32,
    pub destroy: unsafe extern "C" fn(this: *const Display, surface: u32) -> i32,
}

/// What people do: keys, pointer, text. Without a window manager every app gets all of it.
#[repr(C)]
pub struct Events {
    pub t: Table,
    pub read: unsafe extern "C" fn(this: *const Events, events: *mut u8, bytes: u32, count: *mut u32) -> i32,
    pub wait: unsafe extern "C" fn(this: *const Events, mask: u64) -> i32,
}

/// The log, with levels.
#[repr(C)]
pub struct Log {
    pub t: Table,
    pub write: unsafe extern "C" fn(this: *const Log, level: u32, text: *const u8, len: u32) -> i32,
}

/// The words that were given to the app at its start.
#[repr(C)]
pub struct Args {
    pub t: Table,
    pub count: unsafe extern "C" fn(this: *const Args, count: *mut u32) -> i32,
    pub get: unsafe extern "C" fn(this: *const Args, index: u32, text: *mut u8, len: u32, full_len: *mut u32) -> i32,
}

/// Numbers that nobody can guess: ChaCha20 with fast key erasure, seeded from what the machine
/// has.
#[repr(C)]
pub struct Random {
    pub t: Table,
    pub fill: unsafe extern "C" fn(this: *const Random, bytes: *mut u8, len: u32) -> i32,
    pub reseed: unsafe extern "C" fn(this: *const Random) -> i32,
}

/// The processor. Whoever uses more than x86-64 with SSE2 lists this table in the note, or opens
/// it: images then tell what was there, and are not restored where there is less.
#[repr(C)]
pub struct Cpu {
    pub t: Table,
    pub info: unsafe extern "C" fn(this: *const Cpu, out: *mut CpuInfo) -> i32,
}

/// The other apps, to look at.
#[repr(C)]
pub struct Apps {
    pub t: Table,
    pub list: unsafe extern "C" fn(this: *const Apps, apps: *mut u8, bytes: u32, count: *mut u32) -> i32,
}

/// The machine as a whole. Needs a grant.
#[repr(C)]
pub struct System {
    pub t: Table,
    pub info: unsafe extern "C" fn(this: *const System, out: *mut SystemInfo) -> i32,
    pub reboot: unsafe extern "C" fn(this: *const System) -> i32,
    pub power_off: unsafe extern "C" fn(this: *const System) -> i32,
}

/// Starting other apps. Needs a grant.
#[repr(C)]
pub struct Loader {
    pub t: Table,
    pub start: unsafe extern "C" fn(this: *const Loader, file: *const u8, len: u32, name: *const u8, name_len: u32, pid: *mut u64) -> i32,
}

/// Power over other apps, for those who look after them. Takes effect when the caller's call has
/// returned. Needs a grant.
#[repr(C)]
pub struct Control {
    pub t: Table,
    pub stop: unsafe extern "C" fn(this: *const Control, pid: u64) -> i32,
    pub restart: unsafe extern "C" fn(this: *const Control, pid: u64) -> i32,
    pub pause: unsafe extern "C" fn(this: *const Control, pid: u64) -> i32,
    pub resume: unsafe extern "C" fn(this: *const Control, pid: u64) -> i32,
    pub crash: unsafe extern "C" fn(this: *const Control, seq: u64, out: *mut Crash) -> i32,
    pub remove: unsafe extern "C" fn(this: *const Control, pid: u64) -> i32,
}

/// Running other apps: standing in for functions of their Contexts. A host may do that to apps
/// that it started with ctx.loader/1, and to those whose own words name it (host=NAME). Nothing
/// in the child changes, so tables that it has cached are wrapped too. Needs a grant.
#[repr(C)]
pub struct Host {
    pub t: Table,
    pub open: unsafe extern "C" fn(this: *const Host, pid: u64, child: *mut u32) -> i32,
    pub wrap: unsafe extern "C" fn(this: *const Host, child: u32, words: *const u8, len: u32, serve: ServeFn, cookie: u64) -> i32,
    pub forward: unsafe extern "C" fn(this: *const Host, child: u32, call: *mut HostCall) -> i32,
    pub copy_in: unsafe extern "C" fn(this: *const Host, child: u32, address: u64, bytes: *mut u8, len: u32) -> i32,
    pub copy_out: unsafe extern "C" fn(this: *const Host, child: u32, address: u64, bytes: *const u8, len: u32) -> i32,
    pub close: unsafe extern "C" fn(this: *const Host, child: u32) -> i32,
}

/// Images: an app, or all of them, as they are between two calls; saved, and gone back to,
/// without their help. They are kept by name on the disk, or in memory where there is none. Jobs
/// are done between the calls of apps, so an app can save and restore itself: it goes on with an
/// older state and a higher epoch. Needs a grant; an app that is made of an image gets no grant
/// that the caller does not have.
#[repr(C)]
pub struct Image {
    pub t: Table,
    pub save: unsafe extern "C" fn(this: *const Image, pid: u64, name: *const u8, len: u32, job: *mut u32) -> i32,
    pub restore: unsafe extern "C" fn(this: *const Image, pid: u64, name: *const u8, len: u32, job: *mut u32) -> i32,
    pub remove: unsafe extern "C" fn(this: *const Image, name: *const u8, len: u32, job: *mut u32) -> i32,
    pub poll: unsafe extern "C" fn(this: *const Image, job: u32, out: *mut ImageJob) -> i32,
    pub list: unsafe extern "C" fn(this: *const Image, infos: *mut u8, bytes: u32, count: *mut u32) -> i32,
    pub place: unsafe extern "C" fn(this: *const Image, out: *mut ImagePlace) -> i32,
}
