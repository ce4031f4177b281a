// SPDX-License-Identifier: MIT
//! `async` in an app whose step returns: code that waits in the middle, with an executor of the crate's own.
//!
//! ```ignore
//! ctx::async_app!(talk);
//!
//! async fn talk(cx: Context) -> u8 {
//!     let chat = chat::AsyncClient::new();
//!     chat.offered_().await.unwrap();               // until somebody offers it
//!     while let Ok(line) = chat.next().await {     // until there is a next one
//!         cx.log(line.text());
//!     }
//!     0
//! }
//! ```
//!
//! Tasks run one at a time, and only inside the app's step: [`run`] polls those that are due, and tells the system when the app has to
//! be called again. Futures of other crates work here if they are `no_std` and wait for nothing but other tasks: wakers are real ones.
//! Tasks are in the app's memory, so an app that is saved keeps them, and a call that is undone never polled them.
//!
//! A task in which the app faulted is over: nothing of it is dropped, and who awaits it hears [`Status::FAULT`]. The others go on.
use crate::tables::EVENT_NIC;
use crate::{Context, Next, Status, CURRENT};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell, UnsafeCell};
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context as Polling, Poll, Waker};

/// As a deadline: none.
pub const NEVER: u64 = u64::MAX;
/// Tasks that go on waking one another are polled so often in one call; the rest has to wait for the next frame.
const ROUNDS: u32 = 64;

struct Flag {
    woken: AtomicBool,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
        call_again();
    }
}

/// What is left to say of a task to who has its [`Task`].
struct End {
    over: Cell<Option<Status>>, // it will never have a value
    waiting: RefCell<Option<Waker>>,
}

struct Running {
    id: u64,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>, // None: it is being dropped
    flag: Arc<Flag>,
    end: Rc<End>,
    late: u64, // the call of run() in which it has woken itself, and is polled no more
}

/// Somebody's wait. That for a frame is one for a moment long past.
struct Wait {
    id: u64,
    mask: u64,
    until_ns: u64,
    frame: bool,
    waker: Waker,
}

struct Executor {
    tasks: VecDeque<Running>, // in the order in which they were started
    polled: Option<Running>,  // the one whose poll goes on; when run() begins: the app faulted in it
    canceled: bool,           // of that one: nobody wants it any more
    waits: Vec<Wait>,
    ids: u64,
    calls: u64, // of run()
    code: Option<u8>,
}

/// Whether run() is going on. Each call of the app begins without, for the last one may have ended in a fault.
pub(crate) static RUNS: AtomicBool = AtomicBool::new(false);

/// One app, one processor, and no two calls of the app at once: nobody else looks at it. References into it never live across code
/// that is not of this module.
struct Only(UnsafeCell<Executor>);
unsafe impl Sync for Only {}
static ONLY: Only = Only(UnsafeCell::new(Executor {
    tasks: VecDeque::new(),
    polled: None,
    canceled: false,
    waits: Vec::new(),
    ids: 0,
    calls: 0,
    code: None,
}));

fn only<T>(look: impl FnOnce(&mut Executor) -> T) -> T {
    look(unsafe { &mut *ONLY.0.get() })
}

/// In a call of the app.
fn context() -> Context {
    Context { raw: CURRENT.load(Ordering::Relaxed) }
}

/// Something is to be polled: where run() does not see to it, by a call of the app's step.
fn call_again() {
    let cx = context();
    if !RUNS.load(Ordering::Relaxed) && !cx.raw.is_null() {
        cx.wake_at(0);
    }
}

fn next_id() -> u64 {
    only(|e| {
        e.ids += 1;
        e.ids
    })
}

// ---- tasks ----

struct Shared<T> {
    value: RefCell<Option<T>>,
    end: Rc<End>,
}

/// A task that was started, and what it will return: `task.await`. Dropped, it goes on by itself.
pub struct Task<T> {
    id: u64,
    shared: Rc<Shared<T>>,
}

/// Start a task: it is polled by the next [`run`], in this call if that goes on. To be called in the app's step, in a task, or in a function of a
/// service that the app offers.
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> Task<T> {
    let end = Rc::new(End { over: Cell::new(None), waiting: RefCell::new(None) });
    let shared = Rc::new(Shared { value: RefCell::new(None), end: end.clone() });
    let into = shared.clone();
    let future: Option<Pin<Box<dyn Future<Output = ()>>>> = Some(Box::pin(async move {
        let value = future.await;
        *into.value.borrow_mut() = Some(value);
    }));
    let id = next_id();
    let flag = Arc::new(Flag { woken: AtomicBool::new(true) });
    only(|e| e.tasks.push_back(Running { id, future, flag, end, late: 0 }));
    call_again();
    Task { id, shared }
}

/// `ctx::async_app!`: the app ends when this does.
#[doc(hidden)]
pub fn spawn_main<T: Code>(future: impl Future<Output = T> + 'static) {
    spawn(async move {
        let code = future.await.code();
        only(|e| e.code = Some(code));
    });
}

/// What the first task of an app may return: nothing, or an exit code.
pub trait Code {
    fn code(self) -> u8;
}

impl Code for () {
    fn code(self) -> u8 {
        0
    }
}

impl Code for u8 {
    fn code(self) -> u8 {
        self
    }
}

impl<T> Task<T> {
    /// Whether awaiting it would give an answer at once.
    pub fn is_over(&self) -> bool {
        self.shared.value.borrow().is_some() || self.shared.end.over.get().is_some()
    }

    /// End it where it stands: what it holds is dropped. In the task itself: where it waits next.
    pub fn cancel(self) {
        let found = only(|e| match e.tasks.iter().position(|t| t.id == self.id) {
            Some(at) => e.tasks.remove(at),
            None => {
                e.canceled |= e.polled.as_ref().map_or(false, |p| p.id == self.id);
                None
            }
        });
        if let Some(task) = found {
            ended(&task.end, Status::CANCELED);
        }
    }
}

impl<T> Future for Task<T> {
    /// What it returned. FAULT: the app faulted in it; CANCELED.
    type Output = Result<T, Status>;

    fn poll(self: Pin<&mut Self>, polling: &mut Polling<'_>) -> Poll<Self::Output> {
        if let Some(value) = self.shared.value.borrow_mut().take() {
            return Poll::Ready(Ok(value));
        }
        if let Some(why) = self.shared.end.over.get() {
            return Poll::Ready(Err(why));
        }
        *self.shared.end.waiting.borrow_mut() = Some(polling.waker().clone());
        Poll::Pending
    }
}

/// Nobody will hear a value of it any more: `why`, if there is none.
fn ended(end: &Rc<End>, why: Status) {
    end.over.set(Some(why));
    let waiting = end.waiting.borrow_mut().take();
    if let Some(waker) = waiting {
        waker.wake();
    }
}

// ---- waiting ----

/// What [`wait`] gives.
pub struct Moment {
    mask: u64,
    until_ns: u64,
    frame: bool,
    id: u64,   // 0: not awaited yet
    call: u64, // in which that began
}

/// Until an event of one of these kinds (bits `1 << EVENT_*`) or a moment of [`Context::now_ns`], whichever is first.
///
/// Ok: the app was called again. With a mask this may be for another reason: look, and wait again. TIMEDOUT: that moment is over.
/// INVAL: a bit of an unknown kind.
pub fn wait(mask: u64, until_ns: u64) -> Moment {
    Moment { mask, until_ns, frame: false, id: 0, call: 0 }
}

/// So long.
pub async fn sleep(ns: u64) {
    let until_ns = context().now_ns().saturating_add(ns);
    let _ = wait(0, until_ns).await;
}

/// Until the app's next call, a frame later.
pub async fn frame() {
    let _ = Moment { mask: 0, until_ns: 0, frame: true, id: 0, call: 0 }.await;
}

/// The next event, of any kind. Each is read by one task only.
pub async fn event() -> crate::tables::Event {
    const ALL: u64 = (1 << (EVENT_NIC + 1)) - 2; // what version 3 froze with
    loop {
        if let Some(event) = context().event() {
            return event;
        }
        if wait(ALL, NEVER).await.is_err() {
            frame().await;
        }
    }
}

/// Tell the system of a wait; it forgets with each call.
fn announce(mask: u64, until_ns: u64) -> Result<(), Status> {
    let cx = context();
    if until_ns != NEVER {
        cx.wake_at(until_ns);
    }
    if mask != 0 {
        cx.wait_for_any(mask)?;
    }
    Ok(())
}

impl Moment {
    fn over(&self) -> Option<Result<(), Status>> {
        let again = self.id != 0 && only(|e| e.calls) != self.call;
        if self.frame {
            return if again { Some(Ok(())) } else { None };
        }
        if self.until_ns != NEVER && context().now_ns() >= self.until_ns {
            return Some(Err(Status::TIMEDOUT));
        }
        if again && self.mask != 0 {
            return Some(Ok(()));
        }
        None
    }

    fn forget(&mut self) -> Option<Wait> {
        let id = self.id;
        if id == 0 {
            return None;
        }
        only(|e| e.waits.iter().position(|w| w.id == id).map(|at| e.waits.swap_remove(at)))
    }
}

impl Future for Moment {
    type Output = Result<(), Status>;

    fn poll(mut self: Pin<&mut Self>, polling: &mut Polling<'_>) -> Poll<Self::Output> {
        let before = self.forget();
        if let Some(answer) = self.over() {
            return Poll::Ready(answer);
        }
        if before.is_none() && !self.frame {
            if let Err(why) = announce(self.mask, self.until_ns) {
                return Poll::Ready(Err(why));
            }
        }
        if self.id == 0 {
            self.id = next_id();
            self.call = only(|e| e.calls);
        }
        let wait = Wait {
            id: self.id,
            mask: self.mask,
            until_ns: self.until_ns,
            frame: self.frame,
            waker: polling.waker().clone(),
        };
        only(|e| e.waits.push(wait));
        Poll::Pending
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        self.forget();
    }
}

// ---- running them ----

/// Waits that are over, or may be, wake who waits; the system is told of the others once more.
fn look_at_waits(now_ns: u64) {
    let mut at = 0;
    let mut due = || {
        only(|e| {
            while at < e.waits.len() {
                if e.waits[at].mask != 0 || e.waits[at].until_ns <= now_ns {
                    return Some(e.waits.swap_remove(at));
                }
                at += 1;
            }
            None
        })
    };
    while let Some(wait) = due() {
        wait.waker.wake(); // it may be another crate's, and do anything
    }
    let mut at = 0;
    while let Some(until_ns) = only(|e| e.waits.get(at).map(|w| w.until_ns)) {
        let _ = announce(0, until_ns); // a time alone is never refused
        at += 1;
    }
}

/// Poll one task. It lies where a fault leaves it: nobody may poll or drop a future again whose poll never returned.
fn poll(mut task: Running) {
    let waker = Waker::from(task.flag.clone());
    task.flag.woken.store(false, Ordering::Relaxed);
    let future: *mut dyn Future<Output = ()> = match task.future.as_mut() {
        Some(future) => unsafe { future.as_mut().get_unchecked_mut() },
        None => return,
    };
    only(|e| {
        e.polled = Some(task);
        e.canceled = false;
    });
    let answer = unsafe { Pin::new_unchecked(&mut *future) }.poll(&mut Polling::from_waker(&waker));
    if answer.is_ready() || only(|e| e.canceled) {
        drop(only(|e| e.polled.as_mut().and_then(|t| t.future.take())));
        if let Some(task) = only(|e| e.polled.take()) {
            ended(&task.end, Status::CANCELED);
        }
        return;
    }
    only(|e| {
        if let Some(mut task) = e.polled.take() {
            if task.flag.woken.load(Ordering::Relaxed) {
                task.late = e.calls;
            }
            e.tasks.push_back(task);
        }
    });
}

/// Each task that is due, once. False: there was none.
fn round() -> bool {
    let mut any = false;
    for _ in 0..only(|e| e.tasks.len()) {
        let (task, calls) = only(|e| (e.tasks.pop_front(), e.calls));
        match task {
            Some(task) if task.flag.woken.load(Ordering::Relaxed) && task.late != calls => {
                any = true;
                poll(task);
            }
            Some(task) => only(|e| e.tasks.push_back(task)),
            None => break, // others were canceled meanwhile
        }
        if only(|e| e.code.is_some()) {
            return false;
        }
    }
    any
}

/// Poll every task that is due, from the app's step, and what the step returns then: `Wait` for what tasks wait for, `Frame` if one only
/// wants to be called again, `Exit(0)` if there is none left.
pub fn run(cx: &mut Context) -> Next {
    RUNS.store(true, Ordering::Relaxed);
    let faulted = only(|e| {
        e.calls += 1;
        e.polled.take()
    });
    if let Some(task) = faulted {
        ended(&task.end, Status::FAULT);
        mem::forget(task);
    }
    look_at_waits(cx.now_ns());
    let mut rounds = 0;
    while rounds < ROUNDS && round() {
        rounds += 1;
    }
    RUNS.store(false, Ordering::Relaxed);
    only(|e| match e.code {
        Some(code) => Next::Exit(code),
        None if e.tasks.is_empty() => Next::Exit(0),
        None if rounds == ROUNDS || e.waits.iter().any(|w| w.frame) || e.tasks.iter().any(|t| t.late == e.calls) => Next::Frame,
        None => Next::Wait,
    })
}

#[cfg(test)]
#[path = "task_tests.rs"]
mod tests;
