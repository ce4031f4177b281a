// SPDX-License-Identifier: MIT
//! Calling what other apps offer, and offering something: what `ctx idl --lang rust` builds on.
//!
//! In a task ([`crate::task`]) an [`AsyncClient`] waits for all that there is to wait for. A [`Client`] never does: a call that finds its
//! provider busy answers [`Status::BUSY`], and has asked that the app be called again when that is over: return
//! [`Next::Wait`](crate::Next::Wait) and call once more. A function that goes on after its return gives a [`Pending`], whose `poll` does the
//! same until there is a result.
use crate::tables::*;
use crate::{task, Context, Status, CURRENT};
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::{size_of, MaybeUninit};
use core::sync::atomic::Ordering;

/// A struct of an interface.
///
/// # Safety
/// It is `repr(C)`, and all zeroes are a value of it.
pub unsafe trait Data: Copy {}
unsafe impl Data for () {}

/// How to wait for the n-th time: kinds of events, and for how long. An event that nobody has read is told at once each time, so
/// only every other wait is for one.
fn pause(pauses: &mut u32, event: u32) -> (u64, u64) {
    let n = *pauses;
    *pauses = n.saturating_add(1);
    if n % 2 == 0 {
        (1 << event, 100_000_000)
    } else {
        (0, 1_000_000 << (n / 2).min(4))
    }
}

/// Ask that the app be called again, for an event or a little later.
pub(crate) fn ask(cx: &Context, pauses: &mut u32, event: u32) {
    let (mask, ns) = pause(pauses, event);
    if mask != 0 {
        cx.wait_for(event);
    }
    cx.wake_at(cx.now_ns() + ns);
}

/// The bytes of a slice, as an argument.
pub fn len(bytes: &[u8]) -> Result<u32, Status> {
    u32::try_from(bytes.len()).map_err(|_| Status::TOOBIG)
}

/// An interface in use: opened when it is first needed, and again, once per call, when its provider went.
pub struct Client {
    table: *const Table,
    pauses: u32,
    pub(crate) stays: bool, // STALE is the answer: in the middle of what is one
    renewed: bool,          // it was opened again since `lasts` said so
}

impl Client {
    pub const fn new() -> Client {
        Client { table: core::ptr::null(), pauses: 0, stays: false, renewed: false }
    }

    /// Behind a call by which what was done before lasts: STALE, once, if the provider began anew since the last one, for it knows only
    /// what was done since.
    pub fn lasts(&mut self) -> Result<(), Status> {
        if core::mem::take(&mut self.renewed) {
            Err(Status::STALE)
        } else {
            Ok(())
        }
    }

    /// Call a function that ends at byte `end` of the table. A status that is not negative is Ok.
    pub fn call(&mut self, cx: &Context, id: &str, end: u32, mut function: impl FnMut(*const Table) -> i32) -> Result<i32, Status> {
        if self.table.is_null() {
            self.table = cx.open_raw(id, 0)?;
        }
        let mut reopened = false;
        loop {
            if unsafe { (*self.table).size } < end {
                return Err(Status::NOSYS);
            }
            let status = Status(function(self.table));
            if status == Status::STALE && !reopened && !self.stays {
                reopened = true;
                self.table = cx.open_raw(id, 0).map_err(|_| Status::STALE)?;
                self.renewed = true;
                continue;
            }
            if status == Status::BUSY {
                ask(cx, &mut self.pauses, EVENT_READY);
            } else {
                self.pauses = 0;
            }
            return if status.0 < 0 { Err(status) } else { Ok(status.0) };
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

/// A request that goes on, and what it will give.
pub struct Pending<T: Data> {
    id: u64,
    pauses: u32,
    now: Option<i32>, // the function had done with it when it returned
    result: PhantomData<T>,
}

impl<T: Data> Pending<T> {
    #[doc(hidden)]
    pub fn new(id: u64, status: i32) -> Pending<T> {
        Pending { id, pauses: 0, now: if status == 1 { None } else { Some(status) }, result: PhantomData }
    }

    /// Its end, and the request is over; AGAIN: it goes on.
    fn take(&mut self, cx: &Context) -> Result<T, Status> {
        let mut value = MaybeUninit::<T>::zeroed(); // what the provider did not know of is zero
        if self.now.is_some() {
            return Ok(unsafe { value.assume_init() });
        }
        let service = cx.open::<Service>().ok_or(Status::NOSYS)?;
        let (mut full, mut outcome, mut nothing) = (0u32, 0u32, 0u8);
        let bytes = size_of::<T>() as u32;
        let at: *mut u8 = if bytes > 0 { value.as_mut_ptr().cast() } else { &mut nothing };
        match Status(unsafe { (service.take)(service, self.id, at, bytes, &mut full, &mut outcome) }) {
            // A provider that says AGAIN has ended it all the same.
            Status(0) if (outcome as i32) < 0 => {
                self.now = Some(outcome as i32);
                Err(Status(outcome as i32))
            }
            Status(0) => Ok(unsafe { value.assume_init() }),
            other => Err(other),
        }
    }

    /// The result, if it is there; None: not yet, and the app will be called again. What the provider did not know of is zero.
    pub fn poll(&mut self, cx: &Context) -> Option<Result<T, Status>> {
        match self.take(cx) {
            Err(Status::AGAIN) if self.now.is_none() => {
                ask(cx, &mut self.pauses, EVENT_DONE);
                None
            }
            outcome => Some(outcome),
        }
    }

    /// The result is not wanted any more.
    pub fn cancel(self, cx: &Context) {
        self.give_up(cx);
    }

    fn give_up(&self, cx: &Context) {
        if let (Some(service), None) = (cx.open::<Service>(), self.now) {
            unsafe { (service.cancel)(service, self.id) };
        }
    }
}

/// An interface in use by tasks: its calls look as if they blocked, as those of C in a fiber do (`<ctx/client.h>`). Several tasks may
/// call by one at the same time.
pub struct AsyncClient {
    table: Cell<*const Table>,
    deadline_ns: Cell<u64>,
    renewed: Cell<bool>,
}

impl AsyncClient {
    pub const fn new() -> AsyncClient {
        AsyncClient { table: Cell::new(core::ptr::null()), deadline_ns: Cell::new(task::NEVER), renewed: Cell::new(false) }
    }

    /// As [`Client::lasts`].
    pub fn lasts(&self) -> Result<(), Status> {
        if self.renewed.replace(false) {
            Err(Status::STALE)
        } else {
            Ok(())
        }
    }

    /// Of [`Context::now_ns`]: wait no longer than until then. [`task::NEVER`]: as long as it takes.
    pub fn deadline(&self, ns: u64) {
        self.deadline_ns.set(ns);
    }

    /// False: the deadline is over.
    async fn pause(&self, pauses: &mut u32, event: u32) -> bool {
        let (now, deadline) = (context().now_ns(), self.deadline_ns.get());
        if now >= deadline {
            return false;
        }
        let (mask, ns) = pause(pauses, event);
        matches!(task::wait(mask, now.saturating_add(ns).min(deadline)).await, Ok(()) | Err(Status::TIMEDOUT))
    }

    /// Until somebody offers it: who is started first does not matter. NOSYS: nobody did before the deadline.
    pub async fn offered(&self, id: &str) -> Result<(), Status> {
        let mut pauses = 0;
        loop {
            match context().open_raw(id, 0) {
                Ok(table) => {
                    self.table.set(table);
                    return Ok(());
                }
                Err(Status::NOSYS) if self.pause(&mut pauses, EVENT_INTERFACE).await => {}
                Err(why) => return Err(why),
            }
        }
    }

    /// Call a function that ends at byte `end` of the table: on BUSY once more when the provider is ready, on STALE once more by a table
    /// that is opened anew. Nothing else is repeated: whether the function did what it does is not known.
    pub async fn call(&self, id: &str, end: u32, mut function: impl FnMut(*const Table) -> i32) -> Result<i32, Status> {
        if self.table.get().is_null() {
            self.table.set(context().open_raw(id, 0)?);
        }
        let (mut reopened, mut pauses) = (false, 0);
        loop {
            if unsafe { (*self.table.get()).size } < end {
                return Err(Status::NOSYS);
            }
            let status = Status(function(self.table.get()));
            if status == Status::STALE && !reopened {
                reopened = true;
                self.table.set(context().open_raw(id, 0).map_err(|_| Status::STALE)?);
                self.renewed.set(true);
            } else if status != Status::BUSY || !self.pause(&mut pauses, EVENT_READY).await {
                return if status.0 < 0 { Err(status) } else { Ok(status.0) };
            }
        }
    }

    /// The end of a request. STALE: the provider went, and what it did is not known. TIMEDOUT: the deadline is over. The request is
    /// canceled then, and if this is dropped before.
    pub async fn end<T: Data>(&self, pending: Pending<T>) -> Result<T, Status> {
        let mut wanted = Wanted(pending);
        let mut pauses = 0;
        loop {
            match wanted.0.take(&context()) {
                Err(Status::AGAIN) if wanted.0.now.is_none() => {}
                outcome => {
                    wanted.0.now = Some(0); // nothing is left to cancel
                    return outcome;
                }
            }
            if !self.pause(&mut pauses, EVENT_DONE).await {
                return Err(Status::TIMEDOUT);
            }
        }
    }
}

impl Default for AsyncClient {
    fn default() -> Self {
        Self::new()
    }
}

/// In a call of the app.
fn context() -> Context {
    Context { raw: CURRENT.load(Ordering::Relaxed) }
}

/// A request whose result somebody waits for.
struct Wanted<T: Data>(Pending<T>);

impl<T: Data> Drop for Wanted<T> {
    fn drop(&mut self) {
        self.0.give_up(&context());
    }
}

/// A provider's side of a request.
pub struct Request<T: Data> {
    pub id: u64,
    result: PhantomData<T>,
}

impl<T: Data> Request<T> {
    #[doc(hidden)]
    pub fn new(id: u64) -> Request<T> {
        Request { id, result: PhantomData }
    }

    /// End it. NOENT: the consumer has gone, or canceled it.
    pub fn complete(&self, cx: &Context, result: Result<&T, Status>) -> Result<(), Status> {
        let service = cx.open::<Service>().ok_or(Status::NOSYS)?;
        let (status, at, bytes) = match result {
            Ok(value) if size_of::<T>() > 0 => (0, value as *const T as *const u8, size_of::<T>() as u32),
            Ok(_) => (0, service as *const Service as *const u8, 0),
            Err(why) => (why.0, service as *const Service as *const u8, 0),
        };
        match unsafe { (service.complete)(service, self.id, status as u32, at, bytes) } {
            0 => Ok(()),
            other => Err(Status(other)),
        }
    }
}

/// What a function with a request answers.
pub enum Progress {
    Done,
    /// It goes on, until [`Request::complete`].
    Pending,
}

#[doc(hidden)]
pub fn status(result: Result<(), Status>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(why) => why.0,
    }
}

#[doc(hidden)]
pub fn progress(result: Result<Progress, Status>) -> i32 {
    match result {
        Ok(Progress::Done) => 0,
        Ok(Progress::Pending) => 1,
        Err(why) => why.0,
    }
}

/// Offer an interface: a descriptor (`<ctx/interface.h>`) and the addresses of its functions. Its handle.
///
/// # Safety
/// The functions take what the descriptor says.
pub unsafe fn publish(cx: &Context, descriptor: &[u8], functions: &[u64]) -> Result<u32, Status> {
    let service = cx.open::<Service>().ok_or(Status::NOSYS)?;
    let mut handle = 0;
    let bytes = core::mem::size_of_val(functions) as u32;
    match (service.publish)(service, descriptor.as_ptr(), len(descriptor)?, functions.as_ptr().cast(), bytes, &mut handle) {
        0 => Ok(handle),
        other => Err(Status(other)),
    }
}
