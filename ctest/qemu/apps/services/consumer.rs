// SPDX-License-Identifier: MIT
//! Calls every function of parcel.toml, in Rust, by what `ctx idl` makes: "T parcel ok", or what was otherwise. There are no fibers:
//! what is not there yet is asked for again in a later call.
#![no_std]
#![no_main]

#[path = "parcel.rs"]
mod parcel;

use core::fmt::Write;
use ctx::service::Pending;
use ctx::tables::{Share, SHARE_READ, SHARE_WRITE, SHARE_ZERO};
use ctx::{Context, Next, Status};

struct App {
    parcel: parcel::Client,
    stage: u32,
    answer: Option<Pending<parcel::Answer>>,
    knock: Option<Pending<()>>,
    asked: bool, // the provider is busy for this one
}

ctx::app!(App { parcel: parcel::Client::new(), stage: 0, answer: None, knock: None, asked: false }, step);

macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Err(concat!("line ", line!(), ": ", stringify!($condition)));
        }
    };
}

/// A call whose provider is busy now: the stage begins again later, as the wrapper has asked for.
macro_rules! call {
    ($call:expr) => {
        match $call {
            Err(Status::BUSY) => return Ok(Some(Next::Wait)),
            other => other,
        }
    };
}

type Stage = Result<Option<Next>, &'static str>; // None: on to the next stage

fn numbers(app: &mut App, cx: &Context) -> Stage {
    let (mut low, mut sum, mut negated) = (0, 0, 0);
    ensure!(call!(app.parcel.add(cx, 7, 1 << 40, -3, &mut low, &mut sum)) == Ok(()));
    ensure!(low == 4 && sum == (1 << 40) + 4);
    ensure!(call!(app.parcel.add(cx, 13, 1, 1, &mut low, &mut sum)) == Err(Status(-19)));
    ensure!(call!(app.parcel.negate(cx, 5, -1_000_000_000_000, &mut negated)) == Ok(()));
    ensure!(negated == 999_999_999_995);
    let mut back = [b'x'; 7];
    ensure!(call!(app.parcel.reverse(cx, b"abcde", &mut back)) == Ok(()));
    ensure!(&back == b"edcba\0\0");
    ensure!(call!(app.parcel.reverse(cx, b"abcde", &mut back[..4])) == Err(Status::NOSPC));
    ensure!(call!(app.parcel.reverse(cx, b"", &mut [])) == Ok(()));
    Ok(None)
}

fn structs(app: &mut App, cx: &Context) -> Stage {
    let mut carton = parcel::Carton::new();
    carton.weight = 30;
    carton.price = 400;
    carton.label[..5].copy_from_slice(b"zebra");
    let (mut report, mut counter) = (parcel::Report::new(), parcel::Counter::new());
    counter.step = 5;
    counter.value = -7;
    ensure!(call!(app.parcel.measure(cx, &carton, &mut report, &mut counter)) == Ok(()));
    ensure!(report.count >= 1 && report.total == 430 && report.marks == [1, 2, 3, b'z' as u16]);
    ensure!(counter.value == -2 && report.later == 0);
    ensure!(call!(app.parcel.newer(cx, 1)) == Err(Status::NOSYS)); // the provider is older
    carton.size = 16;
    ensure!(call!(app.parcel.measure(cx, &carton, &mut report, &mut counter)) == Ok(()));
    ensure!(report.marks[3] == 0 && counter.value == 3);
    Ok(None)
}

fn requests(app: &mut App, cx: &Context) -> Stage {
    if app.answer.is_none() {
        ensure!(call!(app.parcel.later(cx, 99)).err() == Some(Status::INVAL));
        app.answer = call!(app.parcel.later(cx, 3)).ok();
        ensure!(app.answer.is_some());
    }
    match app.answer.as_mut().and_then(|a| a.poll(cx)) {
        None => return Ok(Some(Next::Wait)),
        Some(Ok(answer)) => ensure!(answer.number == 1003 && &answer.text == b"later\0\0\0"),
        Some(Err(_)) => return Err("later"),
    }
    Ok(None)
}

fn more_requests(app: &mut App, cx: &Context) -> Stage {
    let mut at_once = call!(app.parcel.later(cx, 0)).map_err(|_| "later at once")?;
    ensure!(matches!(at_once.poll(cx), Some(Ok(answer)) if answer.number == 1000));
    if let Ok(unwanted) = call!(app.parcel.later(cx, 1_000_000)) {
        unwanted.cancel(cx);
    }
    Ok(None)
}

fn knocks(app: &mut App, cx: &Context) -> Stage {
    if app.knock.is_none() {
        app.knock = call!(app.parcel.knock(cx, -10i32 as u32)).ok();
        ensure!(app.knock.is_some());
    }
    match app.knock.as_mut().and_then(|k| k.poll(cx)) {
        None => Ok(Some(Next::Wait)),
        Some(outcome) => {
            ensure!(outcome == Err(Status(-10)));
            Ok(None)
        }
    }
}

/// Memory of ours that the provider reads and writes during the call.
fn shares(app: &mut App, cx: &Context) -> Stage {
    let share = cx.open::<Share>().ok_or("no shares")?;
    let (mut page, mut address, mut sum, mut want) = (0, 0, 0, 0);
    ensure!(unsafe { (share.create)(share, 8192, SHARE_ZERO as u64, &mut page) } == 0);
    ensure!(unsafe { (share.map)(share, page, SHARE_READ | SHARE_WRITE, &mut address) } == 0);
    let at = |i: u64| (address + i) as *mut u8;
    for i in 0..5000 {
        unsafe { at(i).write_volatile((i * 7) as u8) };
        want += (i * 7) as u8 as u64;
    }
    let marked = app.parcel.mark(cx, page, 5000, &mut sum);
    let same = (0..5000).all(|i| unsafe { at(i).read_volatile() } == (i * 7 + 1) as u8);
    let long = if marked == Ok(()) { app.parcel.mark(cx, page, 8193, &mut want) } else { Ok(()) };
    let closed = unsafe { (share.close)(share, page) };
    if marked == Err(Status::BUSY) || long == Err(Status::BUSY) {
        return Ok(Some(Next::Wait));
    }
    ensure!(marked == Ok(()) && same && closed == 0);
    ensure!(long == Err(Status::RANGE));
    Ok(None)
}

/// The provider is in the middle of something: BUSY, and a call later it answers.
fn busy(app: &mut App, cx: &Context) -> Stage {
    let (mut low, mut sum) = (0, 0);
    if !app.asked {
        match app.parcel.spin(cx, 40) {
            Ok(()) => app.asked = true,
            Err(why) => ensure!(why == Status::BUSY),
        }
        return Ok(Some(if app.asked { Next::Frame } else { Next::Wait }));
    }
    match app.parcel.add(cx, 1, 1, 1, &mut low, &mut sum) {
        Err(Status::BUSY) => Ok(Some(Next::Wait)),
        Ok(()) if low == 3 => Ok(None),
        _ => Err("add, when it was busy"),
    }
}

fn faults(app: &mut App, cx: &Context) -> Stage {
    let mut word = [0; 8];
    if cx.arg(1, &mut word) != Some("faulty") {
        return Ok(None);
    }
    ensure!(call!(app.parcel.fail(cx, 7)) == Err(Status::AGAIN));
    ensure!(call!(app.parcel.fail(cx, parcel::PARCEL_TRAP)) == Err(Status::FAULT));
    Ok(None)
}

fn and_after(app: &mut App, cx: &Context) -> Stage {
    let (mut low, mut sum) = (0, 0);
    match app.parcel.add(cx, 2, 2, 2, &mut low, &mut sum) {
        Ok(()) if low == 6 => Ok(None),
        Err(Status::BUSY) | Err(Status::STALE) => {
            cx.wake_at(cx.now_ns() + 2_000_000); // it begins anew
            Ok(Some(Next::Wait))
        }
        _ => Err("add, after a fault"),
    }
}

const STAGES: [fn(&mut App, &Context) -> Stage; 9] =
    [numbers, structs, requests, more_requests, knocks, shares, busy, faults, and_after];

fn step(app: &mut App, cx: &mut Context) -> Next {
    let (mut low, mut sum) = (0, 0);
    if app.stage == 0 && app.parcel.add(cx, 0, 0, 0, &mut low, &mut sum) == Err(Status::NOSYS) {
        cx.wait_for(ctx::tables::EVENT_INTERFACE); // nobody offers it yet
        cx.wake_at(cx.now_ns() + 10_000_000);
        return Next::Wait;
    }
    while (app.stage as usize) < STAGES.len() {
        match STAGES[app.stage as usize](app, cx) {
            Ok(None) => app.stage += 1,
            Ok(Some(next)) => return next,
            Err(why) => {
                let _ = write!(cx.line(), "T parcel FAIL {}", why);
                return Next::Exit(1);
            }
        }
    }
    cx.log("T parcel ok");
    Next::Exit(0)
}
