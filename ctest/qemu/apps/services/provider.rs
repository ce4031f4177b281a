// SPDX-License-Identifier: MIT
//! Offers the interface of parcel.toml, in Rust: a trait of the app's own state. provider.c has the same in C.
#![no_std]
#![no_main]

#[path = "parcel.rs"]
mod parcel;

use ctx::service::{Progress, Request};
use ctx::tables::{Share, ShareInfo, SHARE_READ, SHARE_WRITE};
use ctx::{Context, Next, Status};

enum Debt {
    Answer(Request<parcel::Answer>, u32),
    Knock(Request<()>, u32),
}

struct App {
    handle: u32,
    boxes: u32,
    spin_ms: u32,
    total: u64,
    owed: [Option<(u32, Debt)>; 8],
}

const NOTHING: Option<(u32, Debt)> = None;
ctx::app!(App { handle: 0, boxes: 0, spin_ms: 0, total: 0, owed: [NOTHING; 8] }, step);

fn answer(cx: &Context, request: &Request<parcel::Answer>, turns: u32) {
    let mut result = parcel::Answer::new();
    result.number = 1000 + turns as u64;
    result.text[..5].copy_from_slice(b"later");
    let _ = request.complete(cx, Ok(&result));
}

fn spin(cx: &Context, ms: u32) {
    let end = cx.now_ns() + ms as u64 * 1_000_000;
    while ms != 0 && cx.now_ns() < end {
        (0..100_000).for_each(|_| unsafe { core::arch::asm!("") });
    }
}

impl App {
    fn owe(&mut self, cx: &Context, turns: u32, debt: Debt) -> Result<Progress, Status> {
        let place = self.owed.iter_mut().find(|o| o.is_none()).ok_or(Status::NOSPC)?;
        *place = Some((turns, debt));
        cx.wake_at(cx.now_ns());
        Ok(Progress::Pending)
    }
}

impl parcel::Provider for App {
    fn add(&mut self, _: &mut Context, a: u32, b: u64, c: i64, low: &mut u32, sum: &mut u64) -> Result<(), Status> {
        *sum = (a as u64).wrapping_add(b).wrapping_add(c as u64);
        *low = *sum as u32;
        if a == 13 {
            return Err(Status(-19));
        }
        Ok(())
    }

    fn negate(&mut self, _: &mut Context, which: u32, value: i64, negated: &mut i64) -> Result<(), Status> {
        *negated = -value - which as i64;
        Ok(())
    }

    fn reverse(&mut self, _: &mut Context, text: &[u8], back: &mut [u8]) -> Result<(), Status> {
        for (to, from) in back.iter_mut().zip(text.iter().rev()) {
            *to = *from;
        }
        if back.len() < text.len() {
            return Err(Status::NOSPC);
        }
        Ok(())
    }

    fn measure(
        &mut self,
        _: &mut Context,
        carton: &parcel::Carton,
        report: &mut parcel::Report,
        counter: &mut parcel::Counter,
    ) -> Result<(), Status> {
        self.boxes += 1;
        self.total += carton.price;
        report.count = self.boxes;
        report.total = carton.price + carton.weight as u64;
        report.marks = [1, 2, 3, carton.label[0] as u16];
        counter.value += counter.step as i64;
        Ok(())
    }

    fn later(&mut self, cx: &mut Context, turns: u32, request: Request<parcel::Answer>) -> Result<Progress, Status> {
        match turns {
            99 => Err(Status::INVAL),
            0 => {
                answer(cx, &request, 0);
                Ok(Progress::Pending)
            }
            _ => self.owe(cx, turns, Debt::Answer(request, turns)),
        }
    }

    fn knock(&mut self, cx: &mut Context, request: Request<()>, outcome: u32) -> Result<Progress, Status> {
        self.owe(cx, 1, Debt::Knock(request, outcome))
    }

    fn mark(&mut self, cx: &mut Context, page: u32, len: u32, sum: &mut u64) -> Result<(), Status> {
        let share = cx.open::<Share>().ok_or(Status::NOSYS)?;
        let mut info: ShareInfo = unsafe { core::mem::zeroed() };
        info.size = core::mem::size_of::<ShareInfo>() as u32;
        let mut address = 0;
        let mut status = unsafe { (share.info)(share, page, &mut info) };
        if status == 0 && len as u64 > info.bytes {
            status = Status::RANGE.0;
        }
        if status == 0 {
            status = unsafe { (share.map)(share, page, SHARE_READ | SHARE_WRITE, &mut address) };
        }
        for i in 0..if status == 0 { len as u64 } else { 0 } {
            let byte = (address + i) as *mut u8;
            unsafe {
                let value = byte.read_volatile();
                *sum += value as u64;
                byte.write_volatile(value.wrapping_add(1));
            }
        }
        unsafe { (share.close)(share, page) };
        if status == 0 { Ok(()) } else { Err(Status(status)) }
    }

    fn spin(&mut self, cx: &mut Context, ms: u32) -> Result<(), Status> {
        self.spin_ms = ms;
        cx.wake_at(cx.now_ns());
        Ok(())
    }

    fn fail(&mut self, cx: &mut Context, how: u32) -> Result<(), Status> {
        if how == parcel::PARCEL_LONG {
            self.boxes += 1;
            spin(cx, 400);
            return Ok(());
        }
        if how == parcel::PARCEL_TRAP {
            unsafe { core::arch::asm!("ud2") }
        }
        match how {
            0 => Ok(()),
            _ => Err(Status(-(how as i32))),
        }
    }
}

fn turn(app: &mut App, cx: &Context) -> bool {
    let mut left = false;
    for place in app.owed.iter_mut() {
        if let Some((turns, debt)) = place {
            *turns -= 1;
            if *turns > 0 {
                left = true;
                continue;
            }
            match debt {
                Debt::Answer(request, turns) => answer(cx, request, *turns),
                Debt::Knock(request, outcome) => {
                    let _ = request.complete(cx, if *outcome == 0 { Ok(&()) } else { Err(Status(*outcome as i32)) });
                }
            }
            *place = None;
        }
    }
    left
}

fn step(app: &mut App, cx: &mut Context) -> Next {
    if app.handle == 0 {
        // The state of ctx::app! lives as long as the app.
        match unsafe { parcel::publish(cx, app) } {
            Ok(handle) => app.handle = handle,
            Err(_) => return Next::Exit(1),
        }
        cx.log("offers");
        return Next::Wait;
    }
    spin(cx, app.spin_ms);
    app.spin_ms = 0;
    if turn(app, cx) {
        Next::Frame
    } else {
        Next::Wait
    }
}
