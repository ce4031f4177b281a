// SPDX-License-Identifier: MIT
//! Offers the interface of parcel.toml, in Rust: a trait of the app's own state. provider.c has the same in C.
#![no_std]
#![no_main]

#[path = "parcel.rs"]
mod parcel;

use ctx::service::{Progress, Request};
use ctx::tables::{Service, ServiceNews, Share, ShareInfo, NEWS_CANCELED, SHARE_READ, SHARE_WRITE};
use ctx::{task, Context, Next, Status};

struct Debt(Request<parcel::Answer>, u32);

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

/// As provider.c: two milliseconds at most are ours, whatever the machine was busy with.
fn spin(cx: &Context, ms: u32) {
    let (mut done, mut before) = (0, cx.now_ns());
    while done < ms as u64 * 1_000_000 {
        (0..100_000).for_each(|_| unsafe { core::arch::asm!("") });
        let after = cx.now_ns();
        done += (after - before).min(2_000_000);
        before = after;
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
            _ => self.owe(cx, turns, Debt(request, turns)),
        }
    }

    fn knock(&mut self, cx: &mut Context, request: Request<()>, outcome: u32) -> Result<Progress, Status> {
        // What a task does that begins here: it goes on in the app's next call.
        let cx = cx.clone();
        task::spawn(async move {
            task::sleep(1_000_000).await;
            let _ = request.complete(&cx, if outcome == 0 { Ok(&()) } else { Err(Status(outcome as i32)) });
        });
        Ok(Progress::Pending)
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
            answer(cx, &debt.0, debt.1);
            *place = None;
        }
    }
    left
}

/// What nobody waits for any more is not owed.
fn hear(app: &mut App, cx: &Context) {
    let service = match cx.open::<Service>() {
        Some(service) => service,
        None => return,
    };
    let mut news: ServiceNews = unsafe { core::mem::zeroed() };
    news.size = core::mem::size_of::<ServiceNews>() as u32;
    while unsafe { (service.news)(service, &mut news) } == 0 {
        for place in app.owed.iter_mut() {
            if news.kind == NEWS_CANCELED && place.as_ref().map_or(false, |(_, debt)| debt.0.id == news.request) {
                *place = None;
            }
        }
    }
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
    hear(app, cx);
    spin(cx, app.spin_ms);
    app.spin_ms = 0;
    let tasks = task::run(cx);
    if turn(app, cx) || tasks == Next::Frame {
        Next::Frame
    } else {
        Next::Wait // for what is called next, and what the tasks wait for
    }
}
