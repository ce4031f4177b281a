// SPDX-License-Identifier: MIT
//! Calls every function of parcel.toml, in Rust, in tasks: "T parcel ok", or what was otherwise. What consumer.c does in a fiber.
#![no_std]
#![no_main]

extern crate alloc;

#[path = "parcel.rs"]
mod parcel;

use alloc::rc::Rc;
use core::cell::Cell;
use core::fmt::Write;
use core::future::Future;
use core::task::Poll;
use ctx::tables::{Share, SHARE_READ, SHARE_WRITE, SHARE_ZERO};
use ctx::{task, Context, Status};
use parcel::AsyncClient;

ctx::async_app!(all);

macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Err(concat!("line ", line!(), ": ", stringify!($condition)));
        }
    };
}

type Outcome = Result<(), &'static str>;

async fn numbers(parcel: &AsyncClient) -> Outcome {
    let (mut low, mut sum, mut negated) = (0, 0, 0);
    ensure!(parcel.add(7, 1 << 40, -3, &mut low, &mut sum).await == Ok(()));
    ensure!(low == 4 && sum == (1 << 40) + 4);
    ensure!(parcel.add(13, 1, 1, &mut low, &mut sum).await == Err(Status::RANGE));
    ensure!(low == 4); // a failure brings nothing back
    ensure!(parcel.negate(5, -1_000_000_000_000, &mut negated).await == Ok(()));
    ensure!(negated == 999_999_999_995);
    let mut back = [b'x'; 7];
    ensure!(parcel.reverse(b"abcde", &mut back).await == Ok(()));
    ensure!(&back == b"edcba\0\0");
    ensure!(parcel.reverse(b"abcde", &mut back[..4]).await == Err(Status::NOSPC));
    ensure!(parcel.reverse(b"", &mut []).await == Ok(()));
    Ok(())
}

async fn structs(parcel: &AsyncClient) -> Outcome {
    let mut carton = parcel::Carton::new();
    carton.weight = 30;
    carton.price = 400;
    carton.label[..5].copy_from_slice(b"zebra");
    let (mut report, mut counter) = (parcel::Report::new(), parcel::Counter::new());
    counter.step = 5;
    counter.value = -7;
    ensure!(parcel.measure(&carton, &mut report, &mut counter).await == Ok(()));
    ensure!(report.count >= 1 && report.total == 430 && report.marks == [1, 2, 3, b'z' as u16]);
    ensure!(counter.value == -2 && report.later == 0);
    ensure!(parcel.newer(1).await == Err(Status::NOSYS)); // the provider is older
    carton.size = 8;
    ensure!(parcel.measure(&carton, &mut report, &mut counter).await == Err(Status::INVAL));
    Ok(())
}

/// Both of two futures, polled by the task's own waker.
async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (alloc::boxed::Box::pin(a), alloc::boxed::Box::pin(b));
    let (mut of_a, mut of_b) = (None, None);
    core::future::poll_fn(move |polling| {
        if of_a.is_none() {
            if let Poll::Ready(value) = a.as_mut().poll(polling) {
                of_a = Some(value);
            }
        }
        if of_b.is_none() {
            if let Poll::Ready(value) = b.as_mut().poll(polling) {
                of_b = Some(value);
            }
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                of_a = a;
                of_b = b;
                Poll::Pending
            }
        }
    })
    .await
}

async fn requests(cx: &Context, parcel: &Rc<AsyncClient>) -> Outcome {
    let answer = parcel.later(3).await.map_err(|_| "later")?;
    ensure!(answer.number == 1003 && &answer.text == b"later\0\0\0");
    ensure!(matches!(parcel.later(0).await, Ok(answer) if answer.number == 1000));
    ensure!(parcel.later(99).await.err() == Some(Status::INVAL));
    ensure!(parcel.knock(0).await == Ok(()));
    ensure!(parcel.knock(-10i32 as u32).await == Err(Status::IO));
    ensure!(parcel.knock(-7i32 as u32).await == Err(Status::AGAIN)); // which is the provider's, and the end
    // Two at once, in one task and in two.
    let (late, early) = both(parcel.later(4), parcel.later(2)).await;
    ensure!(late.map_or(0, |a| a.number) == 1004 && early.map_or(0, |a| a.number) == 1002);
    let theirs = parcel.clone();
    let other = task::spawn(async move { theirs.later(2).await.map_or(0, |a| a.number) });
    ensure!(matches!(parcel.later(1).await, Ok(answer) if answer.number == 1001));
    ensure!(other.await == Ok(1002));
    // No longer than until then; and one that nobody waits for any more.
    parcel.deadline_(cx.now_ns() + 20_000_000);
    let late = parcel.later(1_000_000).await.err();
    ensure!(late == Some(Status::TIMEDOUT) || late == Some(Status::BUSY)); // it was busy for somebody until then
    parcel.deadline_(task::NEVER);
    let theirs = parcel.clone();
    let begun = Rc::new(Cell::new(false));
    let tells = begun.clone();
    let unwanted = task::spawn(async move {
        tells.set(true);
        theirs.later(1_000_000).await.map(|_| ())
    });
    while !begun.get() {
        task::frame().await;
    }
    unwanted.cancel();
    Ok(())
}

/// The provider owes eight at most: those that were dropped are not among them.
async fn unwanted_ones(parcel: &Rc<AsyncClient>) -> Outcome {
    for _ in 0..20 {
        let theirs = parcel.clone();
        let unwanted = task::spawn(async move { theirs.later(1_000_000).await.map(|_| ()) });
        task::frame().await;
        task::frame().await;
        ensure!(!unwanted.is_over());
        unwanted.cancel();
    }
    Ok(())
}

/// Memory of ours that the provider reads and writes during the call.
async fn shares(cx: &Context, parcel: &AsyncClient) -> Outcome {
    let share = cx.open::<Share>().ok_or("no shares")?;
    let (mut page, mut address, mut sum, mut want) = (0, 0, 0, 0);
    ensure!(unsafe { (share.create)(share, 8192, SHARE_ZERO as u64, &mut page) } == 0);
    ensure!(unsafe { (share.map)(share, page, SHARE_READ | SHARE_WRITE, &mut address) } == 0);
    let at = |i: u64| (address + i) as *mut u8;
    for i in 0..5000 {
        unsafe { at(i).write_volatile((i * 7) as u8) };
        want += (i * 7) as u8 as u64;
    }
    ensure!(parcel.mark(page, 5000, &mut sum).await == Ok(()) && sum == want);
    ensure!((0..5000).all(|i| unsafe { at(i).read_volatile() } == (i * 7 + 1) as u8));
    ensure!(parcel.mark(page, 8193, &mut sum).await == Err(Status::RANGE));
    ensure!(unsafe { (share.close)(share, page) } == 0);
    Ok(())
}

/// The provider is in the middle of something: a call that does not wait says so, one that does comes to its end.
async fn busy(cx: &Context, parcel: &AsyncClient) -> Outcome {
    let mut impatient = parcel::Client::new();
    let (mut low, mut sum, mut was) = (0, 0, false);
    for _ in 0..10 {
        ensure!(parcel.spin(400).await == Ok(()));
        for _ in 0..40 {
            task::frame().await;
            was = impatient.add(cx, 1, 1, 1, &mut low, &mut sum) == Err(Status::BUSY);
            if was {
                ensure!(parcel.add(1, 1, 1, &mut low, &mut sum).await == Ok(()) && low == 3);
                return Ok(());
            }
        }
    }
    ensure!(was);
    Ok(())
}

async fn count_of(parcel: &AsyncClient) -> u32 {
    let (carton, mut report, mut counter) = (parcel::Carton::new(), parcel::Report::new(), parcel::Counter::new());
    parcel.measure(&carton, &mut report, &mut counter).await.map_or(0, |_| report.count)
}

/// It takes too long, and is not called again; it faults, and after a while it is as if nothing had been.
async fn faults(parcel: &AsyncClient) -> Outcome {
    let before = count_of(parcel).await;
    ensure!(before > 0);
    ensure!(parcel.fail(parcel::PARCEL_LONG).await == Err(Status::TIMEDOUT));
    ensure!(count_of(parcel).await == before + 2);
    ensure!(parcel.fail(7).await == Err(Status::AGAIN));
    ensure!(parcel.fail(0).await == Ok(()));
    ensure!(parcel.fail(parcel::PARCEL_TRAP).await == Err(Status::FAULT));
    let (mut low, mut sum) = (0, 0);
    loop {
        task::frame().await; // it may begin anew, which takes a while
        ensure!(parcel.offered_().await == Ok(()));
        match parcel.add(2, 2, 2, &mut low, &mut sum).await {
            Err(Status::STALE) => {}
            answer => {
                ensure!(answer == Ok(()) && low == 6);
                return Ok(());
            }
        }
    }
}

/// Somebody saves us meanwhile, and puts us back: the table leads nowhere, and the client sees to it.
async fn saved(cx: &Context, parcel: &AsyncClient) -> Outcome {
    cx.log("T parcel waits");
    task::sleep(500_000_000).await;
    numbers(parcel).await
}

async fn each(cx: &Context, parcel: &Rc<AsyncClient>, word: &str) -> Outcome {
    ensure!(parcel.offered_().await == Ok(()));
    numbers(parcel).await?;
    structs(parcel).await?;
    requests(cx, parcel).await?;
    shares(cx, parcel).await?;
    if word == "pause" {
        saved(cx, parcel).await?;
    }
    unwanted_ones(parcel).await?;
    busy(cx, parcel).await?;
    if word == "faulty" {
        faults(parcel).await?;
    }
    Ok(())
}

async fn all(cx: Context) -> u8 {
    let mut bytes = [0; 8];
    let word = cx.arg(1, &mut bytes).unwrap_or("");
    let parcel = Rc::new(AsyncClient::new());
    // A task that never ends keeps no app alive, and nobody from working.
    task::spawn(async {
        loop {
            task::event().await;
        }
    });
    match each(&cx, &parcel, word).await {
        Ok(()) => cx.log("T parcel ok"),
        Err(why) => {
            let _ = write!(cx.line(), "T parcel FAIL {}", why);
            return 1;
        }
    }
    0
}
