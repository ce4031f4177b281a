// SPDX-License-Identifier: MIT
// made by libctx/abi/generate.py from context.toml; change that.
//! The Context of version 3 as Rust sees it: layouts only, every call is unsafe.
#![allow(dead_code, clippy::all)]

pub const DRAFT_SERIAL: u16 = 0;

pub const SERVICE_CURRENT: u32 = 1;
pub const SERVICE_NEEDS_GRANT: u32 = 2;
pub const NEWS_GONE: u32 = 1;
pub const NEWS_UNDONE: u32 = 2;
pub const NEWS_CANCELED: u32 = 3;
pub const NEWS_LOST: u32 = 4;
pub const ENDED_NOT: u32 = 0;
pub const ENDED_EXIT: u32 = 1;
pub const ENDED_STOP: u32 = 2;
pub const IMAGES_ON_DISK: u32 = 1;
pub const IMAGES_READ_ONLY: u32 = 2;
pub const EVENT_KEY: u32 = 1;
pub const EVENT_POINTER: u32 = 2;
pub const EVENT_WHEEL: u32 = 3;
pub const EVENT_TEXT: u32 = 4;
pub const EVENT_RESIZE: u32 = 5;
pub const EVENT_RESTORED: u32 = 6;
pub const EVENT_SHARE: u32 = 7;
pub const EVENT_READY: u32 = 8;
pub const EVENT_DONE: u32 = 9;
pub const EVENT_INTERFACE: u32 = 10;
pub const EVENT_NEWS: u32 = 11;
pub const EVENT_FOCUS: u32 = 12;
pub const EVENT_LEAVE: u32 = 13;
pub const EVENT_CLOSE: u32 = 14;
pub const EVENT_EXPOSE: u32 = 15;
pub const EVENT_SCALE: u32 = 16;
pub const EVENT_PAD_BUTTON: u32 = 17;
pub const EVENT_PAD_AXIS: u32 = 18;
pub const EVENT_TOUCH: u32 = 19;
pub const EVENT_WINDOWS: u32 = 20;
pub const EVENT_PRESSED: u32 = 21;
pub const EVENT_BLOCK: u32 = 22;
pub const EVENT_NIC: u32 = 23;
pub const EVENT_SAVING: u32 = 24;
pub const EVENT_CALENDAR: u32 = 25;
pub const MOD_SHIFT: u32 = 1;
pub const MOD_CTRL: u32 = 2;
pub const MOD_ALT: u32 = 4;
pub const MOD_META: u32 = 8;
pub const MOD_CAPS: u32 = 16;
pub const MOD_ALTGR: u32 = 32;
pub const MOD_NUM: u32 = 64;
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
pub const SURFACE_FIXED: u32 = 2;
pub const SURFACE_FULL: u32 = 4;
pub const SURFACE_INTEGER: u32 = 8;
pub const SURFACE_SMOOTH: u32 = 16;
pub const SURFACE_HIDDEN: u32 = 32;
pub const SURFACE_RELATIVE: u32 = 64;
pub const SURFACE_REDRAWN: u32 = 128;
pub const SURFACE_SCALED: u32 = 256;
pub const FILTER_PIXELS: u32 = 0;
pub const FILTER_SMOOTH: u32 = 1;
pub const DISPLAY_MANAGED: u32 = 1;
pub const DISPLAY_CONTRAST: u32 = 2;
pub const ASKED_POSITION: u32 = 1;
pub const WINDOW_HIDDEN: u32 = 1;
pub const WINDOW_PLACED: u32 = 2;
pub const WINDOW_FOCUS: u32 = 4;
pub const WINDOW_CANVAS: u32 = 8;
pub const WINDOW_DRAWN: u32 = 16;
pub const WINDOW_MIRRORS: u32 = 64;
pub const CURSOR_ARROW: u32 = 0;
pub const CURSOR_TEXT: u32 = 1;
pub const CURSOR_HAND: u32 = 2;
pub const CURSOR_CROSS: u32 = 3;
pub const CURSOR_WAIT: u32 = 4;
pub const CURSOR_MOVE: u32 = 5;
pub const CURSOR_SIZE_WE: u32 = 6;
pub const CURSOR_SIZE_NS: u32 = 7;
pub const CURSOR_SIZE_NWSE: u32 = 8;
pub const CURSOR_SIZE_NESW: u32 = 9;
pub const CURSOR_FORBIDDEN: u32 = 10;
pub const SHARE_READ: u32 = 1;
pub const SHARE_WRITE: u32 = 2;
pub const SHARE_ZERO: u32 = 1;
pub const SHARE_REVOKED: u32 = 1;
pub const SHARE_STALE: u32 = 2;
pub const SHARE_ROOT: u32 = 4;
pub const APP_READY: u32 = 0;
pub const APP_WAITING: u32 = 1;
pub const APP_STOPPED: u32 = 2;
pub const APP_EXITED: u32 = 3;
pub const APP_PAUSED: u32 = 4;
pub const APP_RESTARTING: u32 = 5;
pub const APP_NEEDS: u32 = 6;
pub const RESTART_NEVER: u32 = 0;
pub const RESTART_ON_FAULT: u32 = 1;
pub const RESTART_ALWAYS: u32 = 2;
pub const RESTART_UNDO: u32 = 3;
pub const RESTART_ASK: u32 = 4;
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
pub const STREAM_NONE: u32 = 0;
pub const STREAM_TERMINAL: u32 = 1;
pub const STREAM_FILE: u32 = 2;
pub const STREAM_PIPE: u32 = 3;
pub const READY_READ: u32 = 1;
pub const READY_WRITE: u32 = 2;
pub const READY_SIZE: u32 = 4;
pub const READY_SIGNAL: u32 = 8;
pub const READY_HANGUP: u32 = 16;
pub const READY_CAUGHT: u32 = 32;
pub const READY_STOPS: u32 = 64;
pub const READY_OTHERS: u32 = 128;
pub const FILES_FILE: u32 = 1;
pub const FILES_FOLDER: u32 = 2;
pub const FILES_OTHER: u32 = 3;
pub const FILES_READ: u32 = 1;
pub const FILES_WRITE: u32 = 2;
pub const FILES_CREATE: u32 = 4;
pub const FILES_EXCLUSIVE: u32 = 8;
pub const FILES_TRUNCATE: u32 = 16;
pub const FILES_ONLY_FOLDER: u32 = 32;
pub const FILES_PRIVATE: u32 = 64;
pub const BLOCK_READ: u32 = 1;
pub const BLOCK_WRITE: u32 = 2;
pub const BLOCK_FLUSH: u32 = 3;
pub const BLOCK_DISCARD: u32 = 4;
pub const BLOCK_ZEROES: u32 = 5;
pub const BLOCK_IS_READ_ONLY: u32 = 1;
pub const BLOCK_IS_FLUSH: u32 = 2;
pub const BLOCK_IS_UNSAFE: u32 = 4;
pub const BLOCK_IS_DISCARD: u32 = 8;
pub const BLOCK_IS_ZEROES: u32 = 16;
pub const BLOCK_IS_PARTITION: u32 = 32;
pub const BLOCK_IS_GONE: u32 = 64;
pub const BLOCK_IS_CLAIMED: u32 = 128;
pub const BLOCK_CLAIM_WRITE: u32 = 1;
pub const NIC_IS_LINK: u32 = 1;
pub const NIC_IS_KNOWN: u32 = 2;
pub const NIC_IS_SUM: u32 = 4;
pub const NIC_IS_TSO4: u32 = 8;
pub const NIC_IS_TSO6: u32 = 16;
pub const NIC_IS_CHECKS: u32 = 32;
pub const NIC_IS_FILTERS: u32 = 64;
pub const NIC_IS_GONE: u32 = 128;
pub const NIC_IS_CLAIMED: u32 = 256;
pub const NIC_MORE: u32 = 1;
pub const NIC_CSUM: u32 = 2;
pub const NIC_TSO4: u32 = 4;
pub const NIC_TSO6: u32 = 8;
pub const NIC_GOOD: u32 = 16;
pub const NIC_PARTIAL: u32 = 32;
pub const NIC_KICK_TELL_SENT: u32 = 1;
pub const NIC_FILTER_GROUPS: u32 = 1;
pub const NIC_FILTER_ALL: u32 = 2;
pub const FILES_IN_MEMORY: u32 = 1;
pub const FILES_READ_ONLY: u32 = 2;
pub const FILES_TOGETHER: u32 = 1;
pub const FILES_DONE: u32 = 2;
pub const FILES_DROP: u32 = 3;

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
    pub scale: u32,
    pub flags: u32,
}

/// A surface: what it is, where it lies, and what its app asks of whoever manages windows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SurfaceInfo {
    pub size: u32,
    pub surface: u32,
    pub pid: u64,
    pub flags: u64,
    pub w: u32,
    pub h: u32,
    pub x: i32,
    pub y: i32,
    pub asked_x: i32,
    pub asked_y: i32,
    pub smallest_w: u32,
    pub smallest_h: u32,
    pub format: u32,
    pub cursor: u32,
    pub asked: u32,
    pub rsv: u32,
    pub title: [u8; 64],
    pub level: i32,
    pub scale: u32,
    pub opacity: u32,
    pub state: u32,
    pub shown_w: u32,
    pub shown_h: u32,
}

/// A program that lies ready to be started, as ctx.loader/1 lists it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ProgramInfo {
    pub name: [u8; 32],
    pub title: [u8; 64],
    pub version: [u8; 32],
    pub bytes: u64,
    pub context: u32,
    pub running: u32,
}

/// Where a surface is to lie, and how it is to look: for ctx.windows/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct WindowPlace {
    pub size: u32,
    pub surface: u32,
    pub pid: u64,
    pub x: i32,
    pub y: i32,
    pub level: i32,
    pub scale: u32,
    pub opacity: u32,
    pub state: u32,
    pub shown_w: u32,
    pub shown_h: u32,
    pub filter: u32,
    pub keep_left: u32,
    pub keep_right: u32,
    pub keep_top: u32,
    pub keep_bottom: u32,
    pub rsv: u32,
}

/// A small picture of a surface, drawn over one of the caller's own: for ctx.windows/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct WindowMirror {
    pub size: u32,
    pub surface: u32,
    pub pid: u64,
    pub into: u32,
    pub opacity: u32,
    pub x: i32,
    pub y: i32,
    pub w: u32,
    pub h: u32,
}

/// A layout of the keyboard, as ctx.windows/1 lists it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct KeyboardLayout {
    pub name: [u8; 16],
    pub title: [u8; 40],
    pub current: u32,
    pub rsv: u32,
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
    pub surface: u32,
    pub modifiers: u32,
    pub dx: i32,
    pub dy: i32,
    pub cookie: u64,
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
    pub isolated: u32,
    pub rsv: u32,
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
    pub name: [u8; 64],
    pub table: [u8; 64],
    pub pid: u64,
    pub passed: u64,
    pub kinds: [u8; 16],
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

/// Whose call a provider's function is answering.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ServiceCaller {
    pub size: u32,
    pub service: u32,
    pub function: u32,
    pub rsv: u32,
    pub pid: u64,
    pub call: u64,
    pub request: u64,
    pub name: [u8; 32],
}

/// What a provider has to know of its consumers. Which fields count depends on kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ServiceNews {
    pub size: u32,
    pub kind: u32,
    pub service: u32,
    pub rsv: u32,
    pub pid: u64,
    pub call: u64,
    pub request: u64,
    pub ended: u32,
    pub code: i32,
}

/// Who has opened a service, as ctx.service/1 lists them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ServiceUser {
    pub pid: u64,
    pub calls: u64,
}

/// One service, as ctx.service/1 lists them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ServiceInfo {
    pub id: [u8; 64],
    pub provider: u64,
    pub calls: u64,
    pub time_ns: u64,
    pub users: u32,
    pub flags: u32,
}

/// Where one of a program's three streams comes from or goes to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TerminalStream {
    pub size: u32,
    pub kind: u32,
    pub columns: u32,
    pub rows: u32,
    pub w: u32,
    pub h: u32,
}

/// How a terminal treats what is typed and written: bits and places as Linux's <termios.h> has them on x86-64.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TerminalModes {
    pub size: u32,
    pub input: u32,
    pub output: u32,
    pub control: u32,
    pub local: u32,
    pub rsv: u32,
    pub cc: [u8; 32],
}

/// What the answer to next says.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TerminalReady {
    pub size: u32,
    pub what: u32,
    pub signal: u32,
    pub rsv: u32,
}

/// A file or a folder, for ctx.files/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FilesInfo {
    pub size: u32,
    pub kind: u32,
    pub bytes: u64,
    pub modified_ns: i64,
    pub id: u64,
    pub rights: u32,
    pub rsv: u32,
}

/// A name in a folder, for ctx.files/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FilesEntry {
    pub size: u32,
    pub kind: u32,
    pub id: u64,
    pub next: u64,
    pub len: u32,
    pub rsv: u32,
    pub name: [u8; 256],
}

/// A disk, or a partition of one, for ctx.block/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct BlockInfo {
    pub size: u32,
    pub disk: u32,
    pub flags: u32,
    pub block: u32,
    pub most: u32,
    pub in_flight: u32,
    pub bytes: u64,
    pub most_erased: u64,
    pub claimed: u64,
    pub whole: u32,
    pub part: u32,
    pub type_id: [u8; 16],
    pub name: [u8; 24],
    pub label: [u8; 112],
}

/// What a disk is to do, for ctx.block/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct BlockRequest {
    pub size: u32,
    pub op: u32,
    pub handle: u32,
    pub share: u32,
    pub from: u64,
    pub at: u64,
    pub bytes: u64,
    pub tag: u64,
}

/// A request that has ended, for ctx.block/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct BlockDone {
    pub size: u32,
    pub status: i32,
    pub tag: u64,
    pub bytes: u64,
    pub handle: u32,
    pub op: u32,
}

/// A network card, for ctx.nic/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NicInfo {
    pub size: u32,
    pub card: u32,
    pub flags: u32,
    pub mtu: u32,
    pub most: u32,
    pub least: u32,
    pub pieces: u32,
    pub entries: u32,
    pub groups: u32,
    pub speed: u32,
    pub claimed: u64,
    pub mac: [u8; 6],
    pub rsv: [u8; 2],
    pub name: [u8; 24],
    pub label: [u8; 64],
}

/// How an app will use a card, for ctx.nic/1. The rings lie in a share at `at`: struct ctx_nic_rings, then send_entries and then receive_entries of struct ctx_nic_entry.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NicSetup {
    pub size: u32,
    pub card: u32,
    pub flags: u32,
    pub share: u32,
    pub at: u64,
    pub send_entries: u32,
    pub receive_entries: u32,
}

/// The head of the rings in the share. All are counters that only grow and wrap at 2^32; entry n of a ring is number n modulo its size.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NicRings {
    pub send_given: u32,
    pub receive_given: u32,
    pub app: [u8; 56],
    pub sent: u32,
    pub received: u32,
    pub changes: u32,
    pub rsv: [u8; 52],
}

/// One entry of a ring in the share: a frame to send, a piece of one, or room for one that comes. The app leaves it, and the memory that it names, alone from given until it is done.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NicEntry {
    pub at: u64,
    pub len: u32,
    pub share: u32,
    pub flags: u32,
    pub status: i32,
    pub csum_start: u16,
    pub csum_offset: u16,
    pub gso_size: u16,
    pub header: u16,
}

/// What a card has done since the system began, for ctx.nic/1. Bytes are of frames without their checksum.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NicCounters {
    pub size: u32,
    pub rsv: u32,
    pub sent: u64,
    pub sent_bytes: u64,
    pub send_errors: u64,
    pub received: u64,
    pub received_bytes: u64,
    pub receive_errors: u64,
    pub dropped: u64,
    pub kicks: u64,
    pub interrupts: u64,
    pub resets: u64,
}

/// How much there is, for ctx.files/1.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FilesSpace {
    pub size: u32,
    pub flags: u32,
    pub bytes: u64,
    pub free: u64,
    pub files: u64,
}

/// One share, as a handle of the caller's sees it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ShareInfo {
    pub size: u32,
    pub share: u32,
    pub rights: u32,
    pub flags: u32,
    pub bytes: u64,
    pub address: u64,
    pub tag: u64,
    pub from: u64,
    pub owner: u64,
    pub mapped: u32,
    pub holders: u32,
}

/// A table that is opened by its id.
pub trait Named {
    const ID: &'static str;
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
    pub zone: unsafe extern "C" fn(this: *const Time, seconds: *mut i64) -> i32,
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
    pub ask_position: unsafe extern "C" fn(this: *const Display, surface: u32, x: i32, y: i32) -> i32,
    pub ask_smallest: unsafe extern "C" fn(this: *const Display, surface: u32, w: u32, h: u32) -> i32,
    pub title: unsafe extern "C" fn(this: *const Display, surface: u32, text: *const u8, len: u32) -> i32,
    pub cursor: unsafe extern "C" fn(this: *const Display, surface: u32, shape: u32) -> i32,
    pub describe: unsafe extern "C" fn(this: *const Display, surface: u32, out: *mut SurfaceInfo) -> i32,
    pub ask_flags: unsafe extern "C" fn(this: *const Display, surface: u32, flags: u64) -> i32,
}

/// What people do: keys, pointer, text. Without a window manager every app gets all of it.
#[repr(C)]
pub struct Events {
    pub t: Table,
    pub read: unsafe extern "C" fn(this: *const Events, events: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub wait: unsafe extern "C" fn(this: *const Events, mask: u64) -> i32,
}

/// The log, with levels.
#[repr(C)]
pub struct Log {
    pub t: Table,
    pub write: unsafe extern "C" fn(this: *const Log, level: u32, text: *const u8, len: u32) -> i32,
}

impl Named for Log {
    const ID: &'static str = "ctx.log/1";
}

/// The words that were given to the app at its start.
#[repr(C)]
pub struct Args {
    pub t: Table,
    pub count: unsafe extern "C" fn(this: *const Args, count: *mut u32) -> i32,
    pub get: unsafe extern "C" fn(this: *const Args, index: u32, text: *mut u8, len: u32, full_len: *mut u32) -> i32,
}

impl Named for Args {
    const ID: &'static str = "ctx.args/1";
}

/// Numbers that nobody can guess: ChaCha20 with fast key erasure, seeded from what the machine
/// has.
#[repr(C)]
pub struct Random {
    pub t: Table,
    pub fill: unsafe extern "C" fn(this: *const Random, bytes: *mut u8, len: u32) -> i32,
    pub reseed: unsafe extern "C" fn(this: *const Random) -> i32,
}

impl Named for Random {
    const ID: &'static str = "ctx.random/1";
}

/// The processor. Whoever uses more than x86-64 with SSE2 lists this table in the note, or opens
/// it: images then tell what was there, and are not restored where there is less.
#[repr(C)]
pub struct Cpu {
    pub t: Table,
    pub info: unsafe extern "C" fn(this: *const Cpu, out: *mut CpuInfo) -> i32,
}

impl Named for Cpu {
    const ID: &'static str = "ctx.cpu/1";
}

/// The other apps, to look at.
#[repr(C)]
pub struct Apps {
    pub t: Table,
    pub list: unsafe extern "C" fn(this: *const Apps, apps: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
}

impl Named for Apps {
    const ID: &'static str = "ctx.apps/1";
}

/// The machine as a whole. Needs a grant.
#[repr(C)]
pub struct System {
    pub t: Table,
    pub info: unsafe extern "C" fn(this: *const System, out: *mut SystemInfo) -> i32,
    pub reboot: unsafe extern "C" fn(this: *const System) -> i32,
    pub power_off: unsafe extern "C" fn(this: *const System) -> i32,
}

impl Named for System {
    const ID: &'static str = "ctx.system/1";
}

/// Starting other apps. Needs a grant.
#[repr(C)]
pub struct Loader {
    pub t: Table,
    pub start: unsafe extern "C" fn(this: *const Loader, file: *const u8, len: u32, name: *const u8, name_len: u32, pid: *mut u64) -> i32,
    pub programs: unsafe extern "C" fn(this: *const Loader, programs: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub run: unsafe extern "C" fn(this: *const Loader, name: *const u8, len: u32, text: *const u8, text_len: u32, pid: *mut u64) -> i32,
}

impl Named for Loader {
    const ID: &'static str = "ctx.loader/1";
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

impl Named for Control {
    const ID: &'static str = "ctx.control/1";
}

/// Running other apps: standing in for functions of their Contexts. A host may do that to apps
/// that it started with ctx.loader/1, to those whose own words name it (host=NAME), and to those
/// that its own words name (over=NAME, over=*), which may have run for long. Nothing in the child
/// changes, so tables that it has cached are wrapped too. Needs a grant.
#[repr(C)]
pub struct Host {
    pub t: Table,
    pub open: unsafe extern "C" fn(this: *const Host, pid: u64, child: *mut u32) -> i32,
    pub wrap: unsafe extern "C" fn(this: *const Host, child: u32, words: *const u8, len: u32, serve: ServeFn, cookie: u64) -> i32,
    pub forward: unsafe extern "C" fn(this: *const Host, child: u32, call: *mut HostCall) -> i32,
    pub copy_in: unsafe extern "C" fn(this: *const Host, child: u32, address: u64, bytes: *mut u8, len: u32) -> i32,
    pub copy_out: unsafe extern "C" fn(this: *const Host, child: u32, address: u64, bytes: *const u8, len: u32) -> i32,
    pub close: unsafe extern "C" fn(this: *const Host, child: u32) -> i32,
    pub let_pass: unsafe extern "C" fn(this: *const Host, child: u32, on: u32) -> i32,
    pub rest: unsafe extern "C" fn(this: *const Host, child: u32, ns: u64) -> i32,
}

impl Named for Host {
    const ID: &'static str = "ctx.host/1";
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
    pub list: unsafe extern "C" fn(this: *const Image, infos: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub place: unsafe extern "C" fn(this: *const Image, out: *mut ImagePlace) -> i32,
}

impl Named for Image {
    const ID: &'static str = "ctx.image/1";
}

/// Functions that one app offers and others call: an interface by id, opened like any other
/// table. Here are the functions for who offers one and, from take on, for who called something
/// that goes on for longer. A call of a service enters the provider's function on the provider's
/// own empty stack, and its status comes back; arguments are checked and copied as the descriptor
/// says (<ctx/interface.h>). Statuses of the system's own, beside those of the provider: BUSY
/// (the provider is in the middle of something; the event READY follows), STALE (it has gone, or
/// began anew: open the id again), FAULT (its function faulted), TIMEDOUT (it took too long;
/// whether it was done is not known), TOOBIG, DEPTH, DENIED, NOSYS (it does not have this
/// function). What a provider's function says by time.wake_at counts for its next call of _start.
#[repr(C)]
pub struct Service {
    pub t: Table,
    pub publish: unsafe extern "C" fn(this: *const Service, descriptor: *const u8, len: u32, functions: *const u8, bytes: u32, service: *mut u32) -> i32,
    pub unpublish: unsafe extern "C" fn(this: *const Service, service: u32) -> i32,
    pub caller: unsafe extern "C" fn(this: *const Service, out: *mut ServiceCaller) -> i32,
    pub callers: unsafe extern "C" fn(this: *const Service, service: u32, users: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub news: unsafe extern "C" fn(this: *const Service, out: *mut ServiceNews) -> i32,
    pub complete: unsafe extern "C" fn(this: *const Service, request: u64, status: u32, bytes: *const u8, len: u32) -> i32,
    pub take: unsafe extern "C" fn(this: *const Service, request: u64, bytes: *mut u8, len: u32, full_len: *mut u32, result: *mut u32) -> i32,
    pub cancel: unsafe extern "C" fn(this: *const Service, request: u64) -> i32,
    pub done: unsafe extern "C" fn(this: *const Service, request: *mut u64) -> i32,
    pub list: unsafe extern "C" fn(this: *const Service, services: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub grant: unsafe extern "C" fn(this: *const Service, text: *mut u8, bytes: u32, len: *mut u32) -> i32,
}

impl Named for Service {
    const ID: &'static str = "ctx.service/1";
}

/// The surfaces of all apps: for whoever manages windows. One app at a time does, after manage();
/// all but list is only for that one, and DENIED to others. While it runs, surfaces of others
/// that it did not place are not shown, keys go where it says, and events of the pointer to the
/// surface under it (x, y are of that), or to the one in which a button was pressed until all
/// buttons are up. It sees neither others' pixels nor their keys. What it does is not taken back
/// with a call of its own that is undone. If it ends without release(), all stays where it is and
/// keys stay where they were; a button that is pressed over a surface moves them there; and the
/// next app that calls manage() finds it so. Apps of versions 1 and 2 share the canvas, which
/// lies below all surfaces; they, and apps without surfaces, hear keys while that has them. The
/// pointer itself is whatever surface follows it (POINTER): of one app's, the one whose own
/// cursor() is the shape that the surface under the pointer has asked for, or else its ARROW.
/// Needs a grant.
#[repr(C)]
pub struct Windows {
    pub t: Table,
    pub list: unsafe extern "C" fn(this: *const Windows, surfaces: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub manage: unsafe extern "C" fn(this: *const Windows) -> i32,
    pub release: unsafe extern "C" fn(this: *const Windows) -> i32,
    pub place: unsafe extern "C" fn(this: *const Windows, place: *const WindowPlace) -> i32,
    pub focus: unsafe extern "C" fn(this: *const Windows, pid: u64, surface: u32) -> i32,
    pub grab: unsafe extern "C" fn(this: *const Windows, code: u32, modifiers: u32) -> i32,
    pub ungrab: unsafe extern "C" fn(this: *const Windows, code: u32, modifiers: u32) -> i32,
    pub close: unsafe extern "C" fn(this: *const Windows, pid: u64, surface: u32) -> i32,
    pub resize: unsafe extern "C" fn(this: *const Windows, pid: u64, surface: u32, w: u32, h: u32) -> i32,
    pub layouts: unsafe extern "C" fn(this: *const Windows, layouts: *mut u8, bytes: u32, each: u32, count: *mut u32) -> i32,
    pub set_layout: unsafe extern "C" fn(this: *const Windows, name: *const u8, len: u32) -> i32,
    pub mirror: unsafe extern "C" fn(this: *const Windows, no: u32, mirror: *const WindowMirror) -> i32,
    pub unmirror: unsafe extern "C" fn(this: *const Windows, no: u32) -> i32,
    pub set_scale: unsafe extern "C" fn(this: *const Windows, scale: u32) -> i32,
    pub set_looks: unsafe extern "C" fn(this: *const Windows, looks: u32) -> i32,
}

impl Named for Windows {
    const ID: &'static str = "ctx.windows/1";
}

/// Shared memory: pages that several apps see at the same time, each where the kernel put them in
/// its own slot. A share lives as long as anybody has a handle to it, and counts against the
/// quota of the app that created it; when that app goes, against that of another holder. What one
/// app writes there is what the others read, at any moment: so copy it once, then check it, then
/// use the copy. Undo takes back handles and mappings, never contents. An app that is restored
/// has copies of its own where its shares were mapped, and their handles are STALE. <ctx/ring.h>
/// has a queue between two apps.
#[repr(C)]
pub struct Share {
    pub t: Table,
    pub create: unsafe extern "C" fn(this: *const Share, bytes: u64, flags: u64, share: *mut u32) -> i32,
    pub map: unsafe extern "C" fn(this: *const Share, share: u32, rights: u32, address: *mut u64) -> i32,
    pub unmap: unsafe extern "C" fn(this: *const Share, share: u32) -> i32,
    pub grant: unsafe extern "C" fn(this: *const Share, share: u32, pid: u64, rights: u32, tag: u64) -> i32,
    pub take: unsafe extern "C" fn(this: *const Share, out: *mut ShareInfo) -> i32,
    pub info: unsafe extern "C" fn(this: *const Share, share: u32, out: *mut ShareInfo) -> i32,
    pub revoke: unsafe extern "C" fn(this: *const Share, share: u32, pid: u64) -> i32,
    pub close: unsafe extern "C" fn(this: *const Share, share: u32) -> i32,
    pub wake: unsafe extern "C" fn(this: *const Share, share: u32) -> i32,
}

impl Named for Share {
    const ID: &'static str = "ctx.share/1";
}

/// Where a program's text comes from and goes to: a terminal, a file or a pipe; what standard
/// input, output and error of a C program are. `ctx run` has it for its first app, as its own
/// three streams; elsewhere an app may offer it, a window with text. What a terminal does with
/// keys (lines that can be edited, echo, signals) is done by who offers it, as the modes say. The
/// answers to next come by ctx.service/1, like those of any other request: DONE, then take gives
/// struct ctx_terminal_ready. What a call has read it reads again when it is undone, and what it
/// wrote (up to 64 KiB) is not written before it has ended.
#[repr(C)]
pub struct Terminal {
    pub t: Table,
    pub describe: unsafe extern "C" fn(this: *const Terminal, fd: u32, stream: *mut TerminalStream) -> i32,
    pub write: unsafe extern "C" fn(this: *const Terminal, fd: u32, bytes: *const u8, len: u32, written: *mut u32) -> i32,
    pub read: unsafe extern "C" fn(this: *const Terminal, bytes: *mut u8, len: u32, count: *mut u32) -> i32,
    pub modes: unsafe extern "C" fn(this: *const Terminal, modes: *mut TerminalModes) -> i32,
    pub set_modes: unsafe extern "C" fn(this: *const Terminal, when: u32, modes: *const TerminalModes) -> i32,
    pub next: unsafe extern "C" fn(this: *const Terminal, wanted: u32, request: *mut u64) -> i32,
}

impl Named for Terminal {
    const ID: &'static str = "ctx.terminal/1";
}

/// Files that somebody lends the app: `ctx run --dir` for its first app; elsewhere an app may
/// offer them. There are trees, each with a path that begins with / (root tells them), and a path
/// leads into the tree whose own is the longest that it begins with. Names are bytes; a path has
/// 1,024 at most, `.` and `..` are what they are elsewhere, and nothing leads out of a tree,
/// neither `..` nor a link. An open file has no place in it: read and write say where. Handles
/// are the instance's own; after a restore they are STALE. Whatever changes a file is not undone:
/// a call that did is not taken back. Every function may answer AGAIN, where a disk has to be
/// waited for; wait ends when it is worth to ask again.
#[repr(C)]
pub struct Files {
    pub t: Table,
    pub root: unsafe extern "C" fn(this: *const Files, index: u32, path: *mut u8, len: u32, full_len: *mut u32, rights: *mut u32) -> i32,
    pub open: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, flags: u32, handle: *mut u32) -> i32,
    pub close: unsafe extern "C" fn(this: *const Files, file: u32) -> i32,
    pub read: unsafe extern "C" fn(this: *const Files, file: u32, at: u64, bytes: *mut u8, len: u32, count: *mut u32) -> i32,
    pub write: unsafe extern "C" fn(this: *const Files, file: u32, at: u64, bytes: *const u8, len: u32, count: *mut u32) -> i32,
    pub info: unsafe extern "C" fn(this: *const Files, file: u32, out: *mut FilesInfo) -> i32,
    pub look: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, out: *mut FilesInfo) -> i32,
    pub list: unsafe extern "C" fn(this: *const Files, folder: u32, cursor: u64, out: *mut FilesEntry) -> i32,
    pub resize: unsafe extern "C" fn(this: *const Files, file: u32, bytes: u64) -> i32,
    pub make_folder: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, flags: u32) -> i32,
    pub remove: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, folder: u32) -> i32,
    pub rename: unsafe extern "C" fn(this: *const Files, from: *const u8, from_len: u32, to: *const u8, to_len: u32) -> i32,
    pub date: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, modified_ns: i64) -> i32,
    pub sync: unsafe extern "C" fn(this: *const Files, file: u32) -> i32,
    pub wait: unsafe extern "C" fn(this: *const Files, request: *mut u64) -> i32,
    pub replace: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, bytes: *const u8, count: u32, flags: u32) -> i32,
    pub space: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, out: *mut FilesSpace) -> i32,
    pub watch: unsafe extern "C" fn(this: *const Files, path: *const u8, len: u32, request: *mut u64) -> i32,
    pub together: unsafe extern "C" fn(this: *const Files, what: u32) -> i32,
}

impl Named for Files {
    const ID: &'static str = "ctx.files/1";
}

/// What everybody sees: for a key that takes a picture of the screen. Whoever has it can read
/// what others draw. Needs a grant.
#[repr(C)]
pub struct Screen {
    pub t: Table,
    pub copy: unsafe extern "C" fn(this: *const Screen, pixels: *mut u8, room: u32, shrink: u32, w: *mut u32, h: *mut u32) -> i32,
}

impl Named for Screen {
    const ID: &'static str = "ctx.screen/1";
}

/// Disks, for an app that keeps something on one. Needs a grant, and the word `disk=NAME` for
/// each disk or partition that it may see (`disk=*`: all, but what the system keeps images on).
/// Whoever uses one claims it, and nobody else can then: a partition excludes the whole disk, and
/// the other way round. Requests are submitted and go on by themselves; they overtake each other,
/// so whoever wants an order waits for the end, and only a FLUSH makes what was written last.
/// done tells the ends, one after the other; wait for the event BLOCK when there are none. Bytes
/// in a share are read and written by the device itself: those pages stay for as long as the
/// request goes on, whatever becomes of the share or the app, and a READ changes them while it
/// does. Bytes in other memory are copied: at submit for WRITE, and when done tells of it for
/// READ, so that memory must be there then. Copies count against the app's quota. Handles are the
/// instance's own; after a restore or a restart there are no claims, and old handles are STALE. A
/// call that submitted WRITE, DISCARD, ZEROES, or READ into a share, is not undone. In a call
/// that is, what was claimed is released, what was released or told is there again, and of the
/// READ and FLUSH that were submitted no end is told.
#[repr(C)]
pub struct Block {
    pub t: Table,
    pub list: unsafe extern "C" fn(this: *const Block, index: u32, info: *mut BlockInfo) -> i32,
    pub claim: unsafe extern "C" fn(this: *const Block, disk: u32, flags: u32, handle: *mut u32) -> i32,
    pub release: unsafe extern "C" fn(this: *const Block, handle: u32) -> i32,
    pub info: unsafe extern "C" fn(this: *const Block, handle: u32, info: *mut BlockInfo) -> i32,
    pub submit: unsafe extern "C" fn(this: *const Block, request: *const BlockRequest) -> i32,
    pub done: unsafe extern "C" fn(this: *const Block, end: *mut BlockDone) -> i32,
}

impl Named for Block {
    const ID: &'static str = "ctx.block/1";
}

/// Network cards, for an app that speaks to a network: it sends and receives frames of Ethernet,
/// without their checksums. Needs a grant, and the word `nic=NAME` for each card that it may see
/// (`nic=*`: all). Whoever uses one claims it, and nobody else can then. Frames go by two rings
/// in a share (nic_setup). The app fills in entries, counts them in send_given and receive_given,
/// and calls kick, one gate for both rings and any number of frames. The card reads and writes
/// the frames where they lie in the share, as far as it can; the system counts entries that are
/// done in sent and received, at any time between two calls, and the event NIC says that frames
/// came. Entries are taken in their order, and done in their order. Each word of the app's is
/// read once; what makes no sense ends with a status, and the others go on. All of nic_rings and
/// of the entries is little endian, and a counter is written behind what it counts. Pages of the
/// share stay until the card has let go of them, whatever becomes of the share or the app.
/// Handles are the instance's own; after a restore or a restart there are no claims, and old
/// handles are STALE. A call that gave entries by kick, or called filter, is not undone: nothing
/// is sent twice by that. In one that is undone, what was claimed is released, and what was
/// released is there again.
#[repr(C)]
pub struct Nic {
    pub t: Table,
    pub list: unsafe extern "C" fn(this: *const Nic, index: u32, info: *mut NicInfo) -> i32,
    pub claim: unsafe extern "C" fn(this: *const Nic, setup: *const NicSetup, handle: *mut u32) -> i32,
    pub release: unsafe extern "C" fn(this: *const Nic, handle: u32) -> i32,
    pub info: unsafe extern "C" fn(this: *const Nic, handle: u32, info: *mut NicInfo) -> i32,
    pub kick: unsafe extern "C" fn(this: *const Nic, handle: u32, flags: u32) -> i32,
    pub filter: unsafe extern "C" fn(this: *const Nic, handle: u32, flags: u32, groups: *const u8, len: u32) -> i32,
    pub counters: unsafe extern "C" fn(this: *const Nic, card: u32, counters: *mut NicCounters) -> i32,
}

impl Named for Nic {
    const ID: &'static str = "ctx.nic/1";
}

/// For apps that keep something outside of their own memory, such as files on a disk. An image
/// that is about to be kept, of an app or of all, was taken at one moment; it is kept when those
/// who have joined have said that what they had done by then lasts. So after a power cut what
/// they have may be newer than the image, and never older. An image waits for five seconds, no
/// longer: the log names who did not answer in time, and nobody waits for that app again until it
/// has answered. It goes on being called meanwhile.
#[repr(C)]
pub struct Saving {
    pub t: Table,
    pub join: unsafe extern "C" fn(this: *const Saving) -> i32,
    pub asked: unsafe extern "C" fn(this: *const Saving, question: *mut u64) -> i32,
    pub lasts: unsafe extern "C" fn(this: *const Saving, question: u64, status: u32) -> i32,
}

impl Named for Saving {
    const ID: &'static str = "ctx.saving/1";
}

/// The machine's log, as the serial line has it, to be read: what all apps and the kernel say.
/// Needs a grant.
#[repr(C)]
pub struct Journal {
    pub t: Table,
    pub read: unsafe extern "C" fn(this: *const Journal, from: u64, lines: *mut u8, room: u32, got: *mut u32, next: *mut u64) -> i32,
}

impl Named for Journal {
    const ID: &'static str = "ctx.journal/1";
}

/// Keys and a pointer, as if a device had sent them: for who shows the screen somewhere else. Who
/// gets them is decided as for any other key. Keys that are still down when the app ends, begins
/// anew or is restored go up by themselves. A call that moved something is not undone. Needs a
/// grant: whoever has it can do all that a person at the keyboard can.
#[repr(C)]
pub struct Hands {
    pub t: Table,
    pub key: unsafe extern "C" fn(this: *const Hands, code: u32, down: u32) -> i32,
    pub pointer: unsafe extern "C" fn(this: *const Hands, x: u32, y: u32, w: u32, h: u32) -> i32,
    pub wheel: unsafe extern "C" fn(this: *const Hands, across: i64, away: i64) -> i32,
}

impl Named for Hands {
    const ID: &'static str = "ctx.hands/1";
}

/// The calendar of the whole machine, to be set: what ctx->time->wall says to every app. For who
/// asks a time server, as the app `net` does. Needs a grant: certificates, logs and saved
/// sessions are dated by it. The machine's own clock is left as it is, so the next boot begins
/// with that; under `ctx run` only the apps see the new time. A call that set it is not undone.
#[repr(C)]
pub struct Calendar {
    pub t: Table,
    pub set: unsafe extern "C" fn(this: *const Calendar, unix_ns: i64) -> i32,
    pub set_zone: unsafe extern "C" fn(this: *const Calendar, seconds: i64, local: u32) -> i32,
}

impl Named for Calendar {
    const ID: &'static str = "ctx.calendar/1";
}
