// SPDX-License-Identifier: MIT
//! lasting.c in Rust, and less of it: a vector in the heap, and the crate `ctx` with what it knows of tables. Words: X Y.
#![no_std]
#![no_main]
extern crate alloc;

use alloc::vec::Vec;
use core::fmt::Write;
use ctx::tables::{AppInfo, Apps, Log, Share, System, SystemInfo, EVENT_CLOSE, LOG_INFO, SHARE_READ, SHARE_WRITE, SHARE_ZERO};
use ctx::{Context, Next, Status, Surface};

const W: u32 = 48;
const H: u32 = 32;
const STEPS: u32 = 120;
const COLOUR: u32 = 0x2040e0;

struct App {
    stage: u32,
    step: u32,
    surface: Option<Surface>,
    shades: Vec<u8>,
    sum: u64,
}

ctx::app!(App { stage: 0, step: 0, surface: None, shades: Vec::new(), sum: 0 }, step);

macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Err(line!());
        }
    };
}

fn memory(app: &mut App, cx: &Context) -> Result<(), u32> {
    for i in 0..5000u32 {
        app.shades.push((i * 13 + (i >> 7)) as u8);
    }
    ensure!(app.shades.len() == 5000 && cx.version() >= 3);
    let now = cx.now_ns();
    ensure!(cx.now_ns() >= now);
    Ok(())
}

fn display(app: &mut App, cx: &Context) -> Result<(), u32> {
    let (w, h) = cx.screen();
    ensure!(w > 0 && h > 0);
    let surface = cx.surface(W, H).map_err(|_| line!())?;
    let mut place = [0i32; 2];
    for (i, p) in place.iter_mut().enumerate() {
        let mut word = [0; 8];
        *p = cx.arg(i as u32, &mut word).and_then(|w| w.parse().ok()).ok_or(line!())?;
    }
    ensure!(surface.ask_position(cx, place[0], place[1]).is_ok() && surface.title(cx, "Rust").is_ok());
    ensure!(cx.surface(0, 5).err() == Some(Status::INVAL));
    app.surface = Some(surface);
    Ok(())
}

fn tables(_: &mut App, cx: &Context) -> Result<(), u32> {
    let log = cx.open::<Log>().ok_or(line!())?;
    let text = b"T lasting says so";
    ensure!(unsafe { (log.write)(log, LOG_INFO, text.as_ptr(), text.len() as u32) } == 0);
    let mut random = [0u8; 32];
    ensure!(cx.random(&mut random).is_ok() && random != [0; 32]);
    let system = cx.open::<System>().ok_or(line!())?;
    let mut info: SystemInfo = unsafe { core::mem::zeroed() };
    info.size = core::mem::size_of::<SystemInfo>() as u32;
    ensure!(unsafe { (system.info)(system, &mut info) } == 0 && info.memory > 0);
    let apps = cx.open::<Apps>().ok_or(line!())?;
    let mut list: Vec<AppInfo> = Vec::with_capacity(32);
    let (each, mut count) = (core::mem::size_of::<AppInfo>() as u32, 0);
    ensure!(unsafe { (apps.list)(apps, list.as_mut_ptr().cast(), 32 * each, each, &mut count) } == 0);
    unsafe { list.set_len(count.min(32) as usize) };
    ensure!(list.iter().filter(|a| a.pid == cx.pid()).count() == 1);
    let share = cx.open::<Share>().ok_or(line!())?;
    let (mut one, mut at) = (0, 0);
    ensure!(unsafe { (share.create)(share, 4096, SHARE_ZERO as u64, &mut one) } == 0);
    ensure!(unsafe { (share.map)(share, one, SHARE_READ | SHARE_WRITE, &mut at) } == 0);
    ensure!(unsafe { (at as *mut u64).read_volatile() } == 0);
    ensure!(unsafe { (share.close)(share, one) } == 0 && unsafe { (share.close)(share, one) } == Status::NOENT.0);
    ensure!(cx.open_raw("org.example.nobody/1", 0).err() == Some(Status::NOSYS));
    Ok(())
}

fn draw(app: &mut App, cx: &Context) {
    if let Some(surface) = app.surface.as_mut() {
        for (i, pixel) in surface.pixels().iter_mut().enumerate() {
            let i = i as u32;
            let shade = app.shades[((i * 3 + app.step) % 5000) as usize] as u32;
            *pixel = if i % W * STEPS < app.step * W { shade << 8 | COLOUR } else { COLOUR >> 2 & 0x3f3f3f };
            app.sum = app.sum.wrapping_mul(31).wrapping_add(*pixel as u64);
        }
        surface.show(cx);
    }
}

fn step(app: &mut App, cx: &mut Context) -> Next {
    let stages: [(&str, fn(&mut App, &Context) -> Result<(), u32>); 3] = [("mem", memory), ("display", display), ("tables", tables)];
    if let Some((name, test)) = stages.get(app.stage as usize) {
        app.stage += 1;
        match test(app, cx) {
            Ok(()) => write!(cx.line(), "T lasting {name} ok"),
            Err(line) => write!(cx.line(), "T lasting {name} FAIL line {line}"),
        }
        .ok();
        return Next::Frame;
    }
    if app.step < STEPS {
        app.step += 1;
        draw(app, cx);
        if app.step == STEPS {
            write!(cx.line(), "T lasting sum {}", app.sum >> 1).ok();
            write!(cx.line(), "T lasting ends {}", app.step).ok();
        }
        return Next::Frame;
    }
    cx.wait_for(EVENT_CLOSE);
    cx.wake_at(cx.now_ns() + 20_000_000);
    Next::Wait
}
