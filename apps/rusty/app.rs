// SPDX-License-Identifier: MIT
//! rusty - an app in Rust without its standard library, with its own declaration of the Context.
//!
//! A line grows across the screen, a little in each call, and turns with the arrow keys; everything that was drawn lives in
//! the store. What is typed is nobody's business: nothing of it goes into the log.
#![no_std]
#![no_main]

use core::fmt::{self, Write};
use core::panic::PanicInfo;

#[repr(C)]
#[derive(Clone, Copy)]
struct Rgba {
    r: u8,
    g: u8,
    b: u8,
    a: u8,
}

#[repr(C)]
struct KeyEvent {
    down: u8,
    rsv: [u8; 7],
    code: u64,
}

#[repr(C)]
struct Input {
    mx: u64,
    my: u64,
    keys: [u8; 1024],
    last: u64,
    ring: [KeyEvent; 64],
}

#[repr(C)]
pub struct Ctx {
    version: u8,
    rsv: [u8; 7],
    start_time_ms: u64,
    log: extern "C" fn(*const u8, u32),
    pid: u64,
    pixels: *mut Rgba,
    len: u64,
    w: u64,
    h: u64,
    alloc: extern "C" fn(u64, u64) -> *mut u8,
    dealloc: extern "C" fn(*mut u8, u64, u64),
    store: *mut *mut Garden,
    input: *const Input,
}

const POINTS: usize = 1600;
const UNIT: i32 = 256;

/// What we keep between calls: the vine, point by point, and where it is going.
#[repr(C)]
struct Garden {
    seen: u64,
    next: u64,
    x: i32,
    y: i32,
    dx: i32,
    dy: i32,
    turn: i32,
    points: [(u16, u16); POINTS],
}

/// One line of text on the stack, written to the log when it is dropped.
struct Line<'a> {
    ctx: &'a Ctx,
    text: [u8; 96],
    len: usize,
}

impl<'a> Line<'a> {
    fn new(ctx: &'a Ctx) -> Self {
        Line { ctx, text: [0; 96], len: 0 }
    }
}

impl Write for Line<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for &byte in s.as_bytes() {
            if self.len < self.text.len() {
                self.text[self.len] = byte;
                self.len += 1;
            }
        }
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        (self.ctx.log)(self.text.as_ptr(), self.len as u32);
    }
}

const ARROWS: [(u64, i32, i32); 4] = [(103, 0, -1), (108, 0, 1), (105, -1, 0), (106, 1, 0)];

fn keys(input: &Input, garden: &mut Garden) {
    while garden.seen < input.last {
        garden.seen += 1;
        let event = &input.ring[(garden.seen % 64) as usize];
        for (code, dx, dy) in ARROWS {
            if event.down != 0 && event.code == code {
                garden.dx = dx * 2 * UNIT;
                garden.dy = dy * 2 * UNIT;
                garden.turn = 0;
            }
        }
    }
}

/// One step: mostly straight on, swinging gently to both sides, and around the edges of the screen.
fn grow(ctx: &Ctx, garden: &mut Garden) {
    garden.turn = (garden.turn + 1) % 240;
    let swing = if garden.turn < 120 { 5 } else { -5 };
    let (dx, dy) = (garden.dx, garden.dy);
    garden.dx += -dy * swing / UNIT;
    garden.dy += dx * swing / UNIT;
    // Turning by hand-made sines makes the step longer each time: bring it back to two pixels.
    let long = garden.dx * garden.dx + garden.dy * garden.dy;
    if long > 4 * UNIT * UNIT {
        garden.dx -= garden.dx / 128;
        garden.dy -= garden.dy / 128;
    }
    let (w, h) = (ctx.w as i32 * UNIT, ctx.h as i32 * UNIT);
    garden.x = (garden.x + garden.dx).rem_euclid(w);
    garden.y = (garden.y + garden.dy).rem_euclid(h);
    // Sixteenths of a pixel: up to 4096 pixels fit 16 bits.
    garden.points[garden.next as usize % POINTS] = ((garden.x / 16) as u16, (garden.y / 16) as u16);
    garden.next += 1;
}

fn mix(under: u8, over: i32, cover: i32) -> u8 {
    (under as i32 + ((over - under as i32) * cover >> 8)) as u8
}

fn root(n: i32) -> i32 {
    let mut root = 0;
    let mut bit = 1 << 8;
    while bit > 0 {
        if (root + bit) * (root + bit) <= n {
            root += bit;
        }
        bit >>= 1;
    }
    root
}

/// A disc with a soft edge; position and radius in sixteenths of a pixel.
fn dab(ctx: &Ctx, x: i32, y: i32, color: (i32, i32, i32), cover: i32, radius: i32) {
    let reach = radius / 16 + 1;
    for v in y / 16 - reach..=y / 16 + reach {
        for u in x / 16 - reach..=x / 16 + reach {
            let (dx, dy) = (u * 16 + 8 - x, v * 16 + 8 - y);
            let inside = (radius + 8 - root(dx * dx + dy * dy)).min(16);
            if inside <= 0 || u < 0 || v < 0 || u >= ctx.w as i32 || v >= ctx.h as i32 {
                continue;
            }
            let soft = cover * inside / 16;
            // The canvas is ctx.w * ctx.h pixels, and u and v lie inside it.
            let pixel = unsafe { &mut *ctx.pixels.add(v as usize * ctx.w as usize + u as usize) };
            pixel.r = mix(pixel.r, color.0, soft);
            pixel.g = mix(pixel.g, color.1, soft);
            pixel.b = mix(pixel.b, color.2, soft);
        }
    }
}

fn draw(ctx: &Ctx, garden: &Garden) {
    let first = garden.next.saturating_sub(POINTS as u64);
    for n in first..garden.next {
        let (x, y) = garden.points[n as usize % POINTS];
        let (x, y) = (x as i32, y as i32);
        let age = (garden.next - n) as i32;
        let fresh = 256 - age * 256 / POINTS as i32;
        dab(ctx, x, y, (166, 214, 150), fresh * 3 / 4, 10 + fresh / 22);
        // A leaf now and then, on alternating sides, that opens slowly; at the tip a blossom.
        let open = (age - 20).min(40);
        if n % 36 == 0 && open > 0 {
            let side = if n % 72 == 0 { 96 } else { -96 };
            dab(ctx, x + side, y - side / 2, (112, 190, 128), fresh, open * 3 / 2);
            dab(ctx, x + side / 2, y - side / 4, (112, 190, 128), fresh, open);
        }
        if age == 1 {
            dab(ctx, x, y, (255, 150, 130), 256, 72);
            dab(ctx, x, y, (255, 232, 190), 256, 28);
        }
    }
}

#[no_mangle]
pub extern "C" fn _start(ctx: *mut Ctx) -> i32 {
    // The kernel passes a valid Context whose pointers hold for this call.
    let ctx = unsafe { &*ctx };
    let input = unsafe { &*ctx.input };
    let mut garden = unsafe { *ctx.store };
    if garden.is_null() {
        garden = (ctx.alloc)(core::mem::size_of::<Garden>() as u64, 16) as *mut Garden;
        if garden.is_null() {
            return 0;
        }
        // Memory from alloc is not zeroed: write every field before it counts as a Garden.
        unsafe {
            garden.write_bytes(0, 1);
            (*garden).x = ctx.w as i32 * UNIT / 4;
            (*garden).y = ctx.h as i32 * UNIT / 3;
            (*garden).dx = 2 * UNIT;
            *ctx.store = garden;
        }
        let _ = write!(Line::new(ctx), "a vine of {} points; the arrow keys turn it", POINTS);
    }
    let garden = unsafe { &mut *garden };
    keys(input, garden);
    grow(ctx, garden);
    draw(ctx, garden);
    -1 // ignored, as the versions before 3 promise
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    // A fault ends this call, and the kernel says where.
    unsafe { core::arch::asm!("ud2", options(noreturn)) }
}
