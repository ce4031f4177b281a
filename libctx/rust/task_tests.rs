// SPDX-License-Identifier: MIT
//! The executor, on a system that is made up: a clock that stands still, and events that never come unless it is said.
use super::*;
use crate::tables::{Events, Table, Time, EVENT_DONE, EVENT_KEY};
use crate::Header;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard};
use std::vec;

static NOW: AtomicU64 = AtomicU64::new(0);
static MASK: AtomicU64 = AtomicU64::new(0); // what the app waits for, as the system hears it in one call
static UNTIL: AtomicU64 = AtomicU64::new(NEVER);
static ONE: Mutex<()> = Mutex::new(()); // there is one executor

unsafe extern "C" fn now(_: *const Time, ns: *mut u64) -> i32 {
    *ns = NOW.load(Relaxed);
    0
}

unsafe extern "C" fn wall(_: *const Time, _: *mut i64) -> i32 {
    -1
}

unsafe extern "C" fn zone(_: *const Time, _: *mut i64) -> i32 {
    -1
}

unsafe extern "C" fn wake_at(_: *const Time, ns: u64) -> i32 {
    UNTIL.fetch_min(ns, Relaxed);
    0
}

unsafe extern "C" fn read(_: *const Events, _: *mut u8, _: u32, _: u32, count: *mut u32) -> i32 {
    *count = 0;
    -7
}

unsafe extern "C" fn wait_for(_: *const Events, mask: u64) -> i32 {
    if mask >> 40 != 0 {
        return -5;
    }
    MASK.fetch_or(mask, Relaxed);
    0
}

struct Machine {
    raw: *mut Header,
    _one: MutexGuard<'static, ()>,
}

impl Machine {
    fn new() -> Machine {
        let one = ONE.lock().unwrap_or_else(|e| e.into_inner());
        let table = || Table { size: 64, flags: 0, features: 0 };
        let time = Box::leak(Box::new(Time { t: table(), now, wall, wake_at, zone }));
        let events = Box::leak(Box::new(Events { t: table(), read, wait: wait_for }));
        let raw = Box::leak(Box::new(core::mem::MaybeUninit::<Header>::zeroed())).as_mut_ptr();
        unsafe {
            core::ptr::addr_of_mut!((*raw).time).write(time);
            core::ptr::addr_of_mut!((*raw).events).write(events);
        }
        only(|e| {
            e.tasks.clear();
            e.waits.clear();
            e.polled = None;
            e.code = None;
        });
        Machine { raw, _one: one }
    }

    /// One call of the app, at that time: what it returns, and asked for.
    fn call(&self, ns: u64) -> (Next, u64, u64) {
        NOW.store(ns, Relaxed);
        MASK.store(0, Relaxed);
        UNTIL.store(NEVER, Relaxed);
        let mut cx = unsafe { Context::new(self.raw) };
        let next = run(&mut cx);
        (next, MASK.load(Relaxed), UNTIL.load(Relaxed))
    }
}

#[test]
fn waits_for_time_events_and_frames() {
    let machine = Machine::new();
    let seen = Rc::new(RefCell::new(vec![]));
    let (a, b) = (seen.clone(), seen.clone());
    spawn(async move {
        sleep(100).await;
        a.borrow_mut().push("slept");
        assert_eq!(wait(1 << EVENT_KEY, 500).await, Ok(()));
        a.borrow_mut().push("event");
        assert_eq!(wait(1 << EVENT_DONE, 500).await, Err(Status::TIMEDOUT));
        assert_eq!(wait(1 << 50, NEVER).await, Err(Status::INVAL));
        assert_eq!(wait(0, 0).await, Err(Status::TIMEDOUT));
        frame().await;
    });
    spawn(async move {
        sleep(50).await;
        b.borrow_mut().push("first");
    });
    assert_eq!(machine.call(0), (Next::Wait, 0, 50));
    assert_eq!(machine.call(49), (Next::Wait, 0, 50));
    assert_eq!(machine.call(60), (Next::Wait, 0, 100));
    assert_eq!(*seen.borrow(), ["first"]);
    assert_eq!(machine.call(100), (Next::Wait, 1 << EVENT_KEY, 500));
    assert_eq!(machine.call(120), (Next::Wait, 1 << EVENT_DONE, 500));
    assert_eq!(*seen.borrow(), ["first", "slept", "event"]);
    assert_eq!(machine.call(500).0, Next::Frame);
    assert_eq!(machine.call(501), (Next::Exit(0), 0, NEVER));
}

#[test]
fn tasks_wait_for_tasks() {
    let machine = Machine::new();
    spawn_main(async {
        let slow = spawn(async {
            sleep(10).await;
            7u8
        });
        let quick = spawn(async { 3u8 });
        assert!(!slow.is_over());
        let never = spawn(core::future::pending::<u8>());
        let id = never.id;
        let dropped = Rc::new(());
        let held = dropped.clone();
        let canceled = spawn(async move {
            let _held = held;
            core::future::pending::<()>().await
        });
        frame().await;
        canceled.cancel();
        assert_eq!(Rc::strong_count(&dropped), 1);
        let again = Task { id, shared: never.shared.clone() };
        never.cancel();
        assert_eq!(again.await, Err(Status::CANCELED));
        slow.await.unwrap() + quick.await.unwrap()
    });
    assert_eq!(machine.call(0).0, Next::Frame);
    assert_eq!(machine.call(1), (Next::Wait, 0, 10));
    assert_eq!(machine.call(10).0, Next::Exit(10)); // and what it waited for came in the same call
}

/// A future that wakes itself has to wait for a frame, and lets others go on; two that wake one another do not keep the app from returning.
#[test]
fn nobody_keeps_the_processor() {
    struct Restless(Rc<Cell<u32>>);
    impl Future for Restless {
        type Output = ();
        fn poll(self: Pin<&mut Self>, polling: &mut Polling<'_>) -> Poll<()> {
            self.0.set(self.0.get() + 1);
            polling.waker().wake_by_ref();
            Poll::Pending
        }
    }
    let machine = Machine::new();
    let (polls, turns) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    spawn(Restless(polls.clone()));
    let counts = turns.clone();
    spawn(async move {
        for _ in 0..3 {
            let _ = spawn(async {}).await; // another round each
            counts.set(counts.get() + 1);
        }
    });
    assert_eq!(machine.call(0).0, Next::Frame);
    assert_eq!((polls.get(), turns.get()), (1, 3));
    let wakers: Rc<RefCell<vec::Vec<Waker>>> = Rc::default();
    for _ in 0..2 {
        let wakers = wakers.clone();
        spawn(core::future::poll_fn(move |polling: &mut Polling<'_>| {
            let others = core::mem::take(&mut *wakers.borrow_mut());
            wakers.borrow_mut().push(polling.waker().clone());
            others.iter().for_each(|w| w.wake_by_ref());
            Poll::<()>::Pending
        }));
    }
    assert_eq!(machine.call(1).0, Next::Frame);
    assert_eq!(polls.get(), 2);
}

/// The app faulted in a task: the system ended that call, and the poll never returned.
#[test]
fn a_task_with_a_fault_is_over() {
    let machine = Machine::new();
    let heard = Rc::new(Cell::new(None));
    let into = heard.clone();
    let faulty = spawn(async { sleep(5).await });
    spawn(async move { into.set(Some(faulty.await)) });
    assert_eq!(machine.call(0), (Next::Wait, 0, 5));
    only(|e| e.polled = e.tasks.pop_front());
    RUNS.store(true, Relaxed);
    assert_eq!(machine.call(6).0, Next::Exit(0));
    assert_eq!(heard.get(), Some(Err(Status::FAULT)));
}

/// A function of a service, between two calls of the step, starts something or wakes somebody: the step is called.
#[test]
fn what_happens_between_calls() {
    let machine = Machine::new();
    let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
    let (into, open) = (waker.clone(), Rc::new(Cell::new(false)));
    let gate = open.clone();
    spawn(core::future::poll_fn(move |polling: &mut Polling<'_>| {
        *into.borrow_mut() = Some(polling.waker().clone());
        if gate.get() { Poll::Ready(()) } else { Poll::Pending }
    }));
    assert_eq!(machine.call(0), (Next::Wait, 0, NEVER));
    open.set(true);
    waker.borrow().as_ref().unwrap().wake_by_ref();
    assert_eq!(UNTIL.load(Relaxed), 0);
    UNTIL.store(NEVER, Relaxed);
    spawn(async {});
    assert_eq!(UNTIL.load(Relaxed), 0);
    assert_eq!(machine.call(1).0, Next::Exit(0));
}

/// A wait that is dropped, and one that is polled by a waker of somebody else's, as combinators do.
#[test]
fn waits_move_and_go() {
    let machine = Machine::new();
    spawn(async {
        let mut long = Box::pin(wait(0, 1000));
        let mut short = Box::pin(wait(0, 10));
        core::future::poll_fn(|polling| {
            let _ = long.as_mut().poll(polling);
            short.as_mut().poll(polling).map(|_| ())
        })
        .await;
        only(|e| assert_eq!(e.waits.len(), 1));
        drop(long);
        only(|e| assert_eq!(e.waits.len(), 0));
        sleep(20).await;
    });
    assert_eq!(machine.call(0), (Next::Wait, 0, 10));
    assert_eq!(machine.call(5), (Next::Wait, 0, 10));
    machine.call(10);
    assert_eq!(machine.call(11), (Next::Wait, 0, 30));
    assert_eq!(machine.call(30).0, Next::Exit(0));
}
