// SPDX-License-Identifier: MIT
// made by ctx idl from sql.toml; change that.
//! ctx.sql/1: A database of the app's own, in SQL as SQLite understands it, with full text (FTS5)
//! and JSON; on the disk of files, in one order with files and keys. use=ctx.sql/1 on its line
//! gives an app the one of its name, use=ctx.sql/1(NAME) that of NAME, (NAME quota=16M) at most
//! so much of it. One app has a database at a time. What was done is kept a fifth of a second
//! later at the latest: sync waits for that; a transaction is there as a whole or not at all.
//! Rows and parameters are values, one behind the other, each from a multiple of eight bytes on:
//! kind (u32: 0 NULL, 1 whole number, 2 double, 3 text, 4 blob), length (u32), and so many bytes.
//! Limits: a value 262,144 bytes, a text of statements 61,440, 32 statements, 8 MiB of memory; a
//! transaction changes at most a quarter of the disk's log. No ATTACH, no VACUUM, and only
//! pragmas that tell something, and incremental_vacuum(N). Every function may answer AGAIN, where
//! the disk has to be waited for, or a statement takes long: the same call once more, when wait
//! has ended, gives the result. Answers of all: INVAL, SQLite does not like it; DENIED, not here,
//! another app has the database, or its line says a NAME of more than 31 bytes; EXIST, a
//! constraint; NOSPC; NOMEM; TOOBIG; RDONLY; IO; CANCELED; STALE, no such statement: prepare it
//! again. why says it in words.
//!
//! [`AsyncClient`] and [`Client`] call it, [`Provider`] and [`publish`] offer it. Needs the crate `ctx`.
#![allow(dead_code, clippy::all)]

pub const ID: &str = "ctx.sql/1";

pub const SQL_DONE: u32 = 1;
pub const SQL_READ_ONLY: u32 = 2;
pub const SQL_NULL: u32 = 0;
pub const SQL_INTEGER: u32 = 1;
pub const SQL_REAL: u32 = 2;
pub const SQL_TEXT: u32 = 3;
pub const SQL_BLOB: u32 = 4;
pub const SQL_CUT: u32 = 256;

/// A statement.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Prepared {
    pub size: u32,
    pub statement: u32,
    pub columns: u32,
    pub parameters: u32,
    pub used: u32,
    pub flags: u32,
}

unsafe impl crate::service::Data for Prepared {}

impl Prepared {
    pub const fn new() -> Self {
        Prepared { size: 24, statement: 0, columns: 0, parameters: 0, used: 0, flags: 0 }
    }
}

/// What came of a step, or of run.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Result {
    pub size: u32,
    pub flags: u32,
    pub rows: u32,
    pub bytes: u32,
    pub next: u64,
    pub changed: u64,
    pub last_id: i64,
}

unsafe impl crate::service::Data for Result {}

impl Result {
    pub const fn new() -> Self {
        Result { size: 40, flags: 0, rows: 0, bytes: 0, next: 0, changed: 0, last_id: 0 }
    }
}

/// The interface's table. A database of the app's own, in SQL as SQLite understands it, with full
/// text (FTS5) and JSON; on the disk of files, in one order with files and keys. use=ctx.sql/1 on
/// its line gives an app the one of its name, use=ctx.sql/1(NAME) that of NAME, (NAME quota=16M)
/// at most so much of it. One app has a database at a time. What was done is kept a fifth of a
/// second later at the latest: sync waits for that; a transaction is there as a whole or not at
/// all. Rows and parameters are values, one behind the other, each from a multiple of eight bytes
/// on: kind (u32: 0 NULL, 1 whole number, 2 double, 3 text, 4 blob), length (u32), and so many
/// bytes. Limits: a value 262,144 bytes, a text of statements 61,440, 32 statements, 8 MiB of
/// memory; a transaction changes at most a quarter of the disk's log. No ATTACH, no VACUUM, and
/// only pragmas that tell something, and incremental_vacuum(N). Every function may answer AGAIN,
/// where the disk has to be waited for, or a statement takes long: the same call once more, when
/// wait has ended, gives the result. Answers of all: INVAL, SQLite does not like it; DENIED, not
/// here, another app has the database, or its line says a NAME of more than 31 bytes; EXIST, a
/// constraint; NOSPC; NOMEM; TOOBIG; RDONLY; IO; CANCELED; STALE, no such statement: prepare it
/// again. why says it in words.
#[repr(C)]
pub struct Table {
    pub t: crate::tables::Table,
    pub run: unsafe extern "C" fn(this: *const Table, text: *const u8, len: u32, out: *mut Result) -> i32,
    pub prepare: unsafe extern "C" fn(this: *const Table, text: *const u8, len: u32, out: *mut Prepared) -> i32,
    pub bind: unsafe extern "C" fn(this: *const Table, statement: u32, values: *const u8, len: u32) -> i32,
    pub append: unsafe extern "C" fn(this: *const Table, statement: u32, parameter: u32, bytes: *const u8, len: u32) -> i32,
    pub step: unsafe extern "C" fn(this: *const Table, statement: u32, first: u64, rows: *mut u8, room: u32, out: *mut Result) -> i32,
    pub value: unsafe extern "C" fn(this: *const Table, statement: u32, place: u64, bytes: *mut u8, room: u32, count: *mut u32) -> i32,
    pub name: unsafe extern "C" fn(this: *const Table, statement: u32, column: u32, text: *mut u8, room: u32, len: *mut u32) -> i32,
    pub close: unsafe extern "C" fn(this: *const Table, statement: u32) -> i32,
    pub stop: unsafe extern "C" fn(this: *const Table) -> i32,
    pub why: unsafe extern "C" fn(this: *const Table, text: *mut u8, room: u32, len: *mut u32) -> i32,
    pub sync: unsafe extern "C" fn(this: *const Table) -> i32,
    pub wait: unsafe extern "C" fn(this: *const Table, request: *mut u64) -> i32,
}

/// The interface in use: opened when it is first needed, and again when its provider went.
pub struct Client {
    client: crate::service::Client,
}

impl Client {
    pub const fn new() -> Client {
        Client { client: crate::service::Client::new() }
    }

    /// All statements of a text, one after the other, without parameters; rows are not told. It
    /// ends at the first that fails; those before it stay done.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn run(&mut self, cx: &crate::Context, text: &[u8], out: &mut Result) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(text)?;
        *out = Result::new();
        let status_ = self.client.call(cx, ID, 24, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).run)(table_, text.as_ptr(), len, &mut *out)
        })?;
        let _ = status_;
        Ok(())
    }

    /// The first statement of a text, to be done later.
    ///
    /// NOSPC: 32 are open.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn prepare(&mut self, cx: &crate::Context, text: &[u8], out: &mut Prepared) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(text)?;
        *out = Prepared::new();
        let status_ = self.client.call(cx, ID, 32, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).prepare)(table_, text.as_ptr(), len, &mut *out)
        })?;
        let _ = status_;
        Ok(())
    }

    /// Its parameters, from the first one on; those behind the last value are NULL. It begins
    /// anew.
    ///
    /// INVAL: values make no sense, or are too many.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn bind(&mut self, cx: &crate::Context, statement: u32, values: &[u8]) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(values)?;
        let status_ = self.client.call(cx, ID, 40, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).bind)(table_, statement, values.as_ptr(), len)
        })?;
        let _ = status_;
        Ok(())
    }

    /// More bytes for a parameter (from 1) that is a blob and longer than a call; the first ones
    /// take the place of what was bound. CAST(? AS TEXT) makes a text of it. It begins anew.
    ///
    /// TOOBIG: more than 262,144.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn append(&mut self, cx: &crate::Context, statement: u32, parameter: u32, bytes: &[u8]) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(bytes)?;
        let status_ = self.client.call(cx, ID, 48, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).append)(table_, statement, parameter, bytes.as_ptr(), len)
        })?;
        let _ = status_;
        Ok(())
    }

    /// Do it: as many rows as fit, from number first on. 0: from the beginning, so a statement
    /// that changes something does it again; else what next of the last step was. Each row is how
    /// long it is (u32, with this), how many values it has (u32), and these. room: 8,192 or more.
    ///
    /// RANGE: so many rows were not told: a call was undone, or another one came between; begin
    /// with 0.
    ///
    /// INVAL: less room than that.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn step(&mut self, cx: &crate::Context, statement: u32, first: u64, rows: &mut [u8], out: &mut Result) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(rows)?;
        *out = Result::new();
        let status_ = self.client.call(cx, ID, 56, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).step)(table_, statement, first, rows.as_mut_ptr(), room, &mut *out)
        })?;
        let _ = status_;
        Ok(())
    }

    /// Bytes of a value that was CUT in the row that was told last. place: the column's number,
    /// from 0, times 2^32, and from which byte on. *count 0: there are no more.
    ///
    /// INVAL: nothing was cut in that row, or it has no such column.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn value(&mut self, cx: &crate::Context, statement: u32, place: u64, bytes: &mut [u8], count: &mut u32) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(bytes)?;
        let status_ = self.client.call(cx, ID, 64, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).value)(table_, statement, place, bytes.as_mut_ptr(), room, &mut *count)
        })?;
        let _ = status_;
        Ok(())
    }

    /// A column's name, cut at room.
    ///
    /// INVAL: no such column.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn name(&mut self, cx: &crate::Context, statement: u32, column: u32, text: &mut [u8], len: &mut u32) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(text)?;
        let status_ = self.client.call(cx, ID, 72, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).name)(table_, statement, column, text.as_mut_ptr(), room, &mut *len)
        })?;
        let _ = status_;
        Ok(())
    }

    /// Forget a statement.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn close(&mut self, cx: &crate::Context, statement: u32) -> core::result::Result<(), crate::Status> {
        let status_ = self.client.call(cx, ID, 80, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).close)(table_, statement)
        })?;
        let _ = status_;
        Ok(())
    }

    /// What goes on ends with CANCELED, soon. OK, whether there is something or not.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn stop(&mut self, cx: &crate::Context) -> core::result::Result<(), crate::Status> {
        let status_ = self.client.call(cx, ID, 88, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).stop)(table_)
        })?;
        let _ = status_;
        Ok(())
    }

    /// What the last error was, for people; empty: there was none. It never answers AGAIN.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn why(&mut self, cx: &crate::Context, text: &mut [u8], len: &mut u32) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(text)?;
        let status_ = self.client.call(cx, ID, 96, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).why)(table_, text.as_mut_ptr(), room, &mut *len)
        })?;
        let _ = status_;
        Ok(())
    }

    /// All that was done until now outlives a power cut, but for a transaction that has not
    /// ended.
    ///
    /// STALE: of what `ctx idl` makes, once: storage began anew since the last one, and what was
    /// done before may be gone.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn sync(&mut self, cx: &crate::Context) -> core::result::Result<(), crate::Status> {
        let status_ = self.client.call(cx, ID, 104, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).sync)(table_)
        })?;
        let _ = status_;
        self.client.lasts()
    }

    /// Ends when a call that answered AGAIN may be made once more. PENDING; OK: at once.
    ///
    /// BUSY: the app is called again when it may be tried once more.
    pub fn wait(&mut self, cx: &crate::Context) -> core::result::Result<crate::service::Pending<()>, crate::Status> {
        let mut request_ = 0;
        let status_ = self.client.call(cx, ID, 112, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).wait)(table_, &mut request_)
        })?;
        Ok(crate::service::Pending::new(request_, status_))
    }
}

/// The same in tasks (`crate::task`): calls look as if they blocked, and several tasks may call at the same time.
pub struct AsyncClient {
    client: crate::service::AsyncClient,
}

impl AsyncClient {
    pub const fn new() -> AsyncClient {
        AsyncClient { client: crate::service::AsyncClient::new() }
    }

    /// When waiting ends, of `Context::now_ns`; `crate::task::NEVER`: never.
    pub fn deadline_(&self, ns: u64) {
        self.client.deadline(ns)
    }

    /// Until somebody offers it.
    pub async fn offered_(&self) -> core::result::Result<(), crate::Status> {
        self.client.offered(ID).await
    }

    /// All statements of a text, one after the other, without parameters; rows are not told. It
    /// ends at the first that fails; those before it stay done.
    pub async fn run(&self, text: &[u8], out: &mut Result) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(text)?;
        *out = Result::new();
        let status_ = self.client.call(ID, 24, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).run)(table_, text.as_ptr(), len, &mut *out)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// The first statement of a text, to be done later.
    ///
    /// NOSPC: 32 are open.
    pub async fn prepare(&self, text: &[u8], out: &mut Prepared) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(text)?;
        *out = Prepared::new();
        let status_ = self.client.call(ID, 32, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).prepare)(table_, text.as_ptr(), len, &mut *out)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// Its parameters, from the first one on; those behind the last value are NULL. It begins
    /// anew.
    ///
    /// INVAL: values make no sense, or are too many.
    pub async fn bind(&self, statement: u32, values: &[u8]) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(values)?;
        let status_ = self.client.call(ID, 40, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).bind)(table_, statement, values.as_ptr(), len)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// More bytes for a parameter (from 1) that is a blob and longer than a call; the first ones
    /// take the place of what was bound. CAST(? AS TEXT) makes a text of it. It begins anew.
    ///
    /// TOOBIG: more than 262,144.
    pub async fn append(&self, statement: u32, parameter: u32, bytes: &[u8]) -> core::result::Result<(), crate::Status> {
        let len = crate::service::len(bytes)?;
        let status_ = self.client.call(ID, 48, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).append)(table_, statement, parameter, bytes.as_ptr(), len)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// Do it: as many rows as fit, from number first on. 0: from the beginning, so a statement
    /// that changes something does it again; else what next of the last step was. Each row is how
    /// long it is (u32, with this), how many values it has (u32), and these. room: 8,192 or more.
    ///
    /// RANGE: so many rows were not told: a call was undone, or another one came between; begin
    /// with 0.
    ///
    /// INVAL: less room than that.
    pub async fn step(&self, statement: u32, first: u64, rows: &mut [u8], out: &mut Result) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(rows)?;
        *out = Result::new();
        let status_ = self.client.call(ID, 56, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).step)(table_, statement, first, rows.as_mut_ptr(), room, &mut *out)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// Bytes of a value that was CUT in the row that was told last. place: the column's number,
    /// from 0, times 2^32, and from which byte on. *count 0: there are no more.
    ///
    /// INVAL: nothing was cut in that row, or it has no such column.
    pub async fn value(&self, statement: u32, place: u64, bytes: &mut [u8], count: &mut u32) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(bytes)?;
        let status_ = self.client.call(ID, 64, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).value)(table_, statement, place, bytes.as_mut_ptr(), room, &mut *count)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// A column's name, cut at room.
    ///
    /// INVAL: no such column.
    pub async fn name(&self, statement: u32, column: u32, text: &mut [u8], len: &mut u32) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(text)?;
        let status_ = self.client.call(ID, 72, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).name)(table_, statement, column, text.as_mut_ptr(), room, &mut *len)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// Forget a statement.
    pub async fn close(&self, statement: u32) -> core::result::Result<(), crate::Status> {
        let status_ = self.client.call(ID, 80, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).close)(table_, statement)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// What goes on ends with CANCELED, soon. OK, whether there is something or not.
    pub async fn stop(&self) -> core::result::Result<(), crate::Status> {
        let status_ = self.client.call(ID, 88, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).stop)(table_)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// What the last error was, for people; empty: there was none. It never answers AGAIN.
    pub async fn why(&self, text: &mut [u8], len: &mut u32) -> core::result::Result<(), crate::Status> {
        let room = crate::service::len(text)?;
        let status_ = self.client.call(ID, 96, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).why)(table_, text.as_mut_ptr(), room, &mut *len)
        }).await?;
        let _ = status_;
        Ok(())
    }

    /// All that was done until now outlives a power cut, but for a transaction that has not
    /// ended.
    ///
    /// STALE: of what `ctx idl` makes, once: storage began anew since the last one, and what was
    /// done before may be gone.
    pub async fn sync(&self) -> core::result::Result<(), crate::Status> {
        let status_ = self.client.call(ID, 104, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).sync)(table_)
        }).await?;
        let _ = status_;
        self.client.lasts()
    }

    /// Ends when a call that answered AGAIN may be made once more. PENDING; OK: at once.
    pub async fn wait(&self) -> core::result::Result<(), crate::Status> {
        let mut request_ = 0;
        let status_ = self.client.call(ID, 112, |table_| unsafe {
            let table_ = table_ as *const Table;
            ((*table_).wait)(table_, &mut request_)
        }).await?;
        self.client.end(crate::service::Pending::new(request_, status_)).await
    }
}

/// What an app does that offers it. The app's line says `offer=ctx.sql/1`.
pub trait Provider {
    /// All statements of a text, one after the other, without parameters; rows are not told. It
    /// ends at the first that fails; those before it stay done.
    fn run(&mut self, cx: &mut crate::Context, text: &[u8], out: &mut Result) -> core::result::Result<(), crate::Status>;

    /// The first statement of a text, to be done later.
    ///
    /// NOSPC: 32 are open.
    fn prepare(&mut self, cx: &mut crate::Context, text: &[u8], out: &mut Prepared) -> core::result::Result<(), crate::Status>;

    /// Its parameters, from the first one on; those behind the last value are NULL. It begins
    /// anew.
    ///
    /// INVAL: values make no sense, or are too many.
    fn bind(&mut self, cx: &mut crate::Context, statement: u32, values: &[u8]) -> core::result::Result<(), crate::Status>;

    /// More bytes for a parameter (from 1) that is a blob and longer than a call; the first ones
    /// take the place of what was bound. CAST(? AS TEXT) makes a text of it. It begins anew.
    ///
    /// TOOBIG: more than 262,144.
    fn append(&mut self, cx: &mut crate::Context, statement: u32, parameter: u32, bytes: &[u8]) -> core::result::Result<(), crate::Status>;

    /// Do it: as many rows as fit, from number first on. 0: from the beginning, so a statement
    /// that changes something does it again; else what next of the last step was. Each row is how
    /// long it is (u32, with this), how many values it has (u32), and these. room: 8,192 or more.
    ///
    /// RANGE: so many rows were not told: a call was undone, or another one came between; begin
    /// with 0.
    ///
    /// INVAL: less room than that.
    fn step(&mut self, cx: &mut crate::Context, statement: u32, first: u64, rows: &mut [u8], out: &mut Result) -> core::result::Result<(), crate::Status>;

    /// Bytes of a value that was CUT in the row that was told last. place: the column's number,
    /// from 0, times 2^32, and from which byte on. *count 0: there are no more.
    ///
    /// INVAL: nothing was cut in that row, or it has no such column.
    fn value(&mut self, cx: &mut crate::Context, statement: u32, place: u64, bytes: &mut [u8], count: &mut u32) -> core::result::Result<(), crate::Status>;

    /// A column's name, cut at room.
    ///
    /// INVAL: no such column.
    fn name(&mut self, cx: &mut crate::Context, statement: u32, column: u32, text: &mut [u8], len: &mut u32) -> core::result::Result<(), crate::Status>;

    /// Forget a statement.
    fn close(&mut self, cx: &mut crate::Context, statement: u32) -> core::result::Result<(), crate::Status>;

    /// What goes on ends with CANCELED, soon. OK, whether there is something or not.
    fn stop(&mut self, cx: &mut crate::Context) -> core::result::Result<(), crate::Status>;

    /// What the last error was, for people; empty: there was none. It never answers AGAIN.
    fn why(&mut self, cx: &mut crate::Context, text: &mut [u8], len: &mut u32) -> core::result::Result<(), crate::Status>;

    /// All that was done until now outlives a power cut, but for a transaction that has not
    /// ended.
    ///
    /// STALE: of what `ctx idl` makes, once: storage began anew since the last one, and what was
    /// done before may be gone.
    fn sync(&mut self, cx: &mut crate::Context) -> core::result::Result<(), crate::Status>;

    /// Ends when a call that answered AGAIN may be made once more. PENDING; OK: at once.
    fn wait(&mut self, cx: &mut crate::Context, request: crate::service::Request<()>) -> core::result::Result<crate::service::Progress, crate::Status>;
}

static PROVIDER: core::sync::atomic::AtomicPtr<u8> = core::sync::atomic::AtomicPtr::new(core::ptr::null_mut());

struct Entry<P>(core::marker::PhantomData<P>);

impl<P: Provider> Entry<P> {
    unsafe extern "C" fn run(raw_: *mut crate::Header, text: *const u8, len: u32, out: *mut Result) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.run(&mut cx_, core::slice::from_raw_parts(text, len as usize), &mut *out))
    }

    unsafe extern "C" fn prepare(raw_: *mut crate::Header, text: *const u8, len: u32, out: *mut Prepared) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.prepare(&mut cx_, core::slice::from_raw_parts(text, len as usize), &mut *out))
    }

    unsafe extern "C" fn bind(raw_: *mut crate::Header, statement: u32, values: *const u8, len: u32) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.bind(&mut cx_, statement, core::slice::from_raw_parts(values, len as usize)))
    }

    unsafe extern "C" fn append(raw_: *mut crate::Header, statement: u32, parameter: u32, bytes: *const u8, len: u32) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.append(&mut cx_, statement, parameter, core::slice::from_raw_parts(bytes, len as usize)))
    }

    unsafe extern "C" fn step(raw_: *mut crate::Header, statement: u32, first: u64, rows: *mut u8, room: u32, out: *mut Result) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.step(&mut cx_, statement, first, core::slice::from_raw_parts_mut(rows, room as usize), &mut *out))
    }

    unsafe extern "C" fn value(raw_: *mut crate::Header, statement: u32, place: u64, bytes: *mut u8, room: u32, count: *mut u32) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.value(&mut cx_, statement, place, core::slice::from_raw_parts_mut(bytes, room as usize), &mut *count))
    }

    unsafe extern "C" fn name(raw_: *mut crate::Header, statement: u32, column: u32, text: *mut u8, room: u32, len: *mut u32) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.name(&mut cx_, statement, column, core::slice::from_raw_parts_mut(text, room as usize), &mut *len))
    }

    unsafe extern "C" fn close(raw_: *mut crate::Header, statement: u32) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.close(&mut cx_, statement))
    }

    unsafe extern "C" fn stop(raw_: *mut crate::Header) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.stop(&mut cx_))
    }

    unsafe extern "C" fn why(raw_: *mut crate::Header, text: *mut u8, room: u32, len: *mut u32) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.why(&mut cx_, core::slice::from_raw_parts_mut(text, room as usize), &mut *len))
    }

    unsafe extern "C" fn sync(raw_: *mut crate::Header) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::status(provider_.sync(&mut cx_))
    }

    unsafe extern "C" fn wait(raw_: *mut crate::Header, request: u64) -> i32 {
        let mut cx_ = crate::Context::new(raw_);
        let provider_ = &mut *(PROVIDER.load(core::sync::atomic::Ordering::Relaxed) as *mut P);
        crate::service::progress(provider_.wait(&mut cx_, crate::service::Request::new(request)))
    }
}

/// What the system checks and copies arguments by (`<ctx/interface.h>`).
#[repr(C, align(8))]
pub struct Descriptor([u8; 1040]);
static DESCRIPTOR: Descriptor = Descriptor([
    16, 4, 0, 0, 1, 0, 12, 0, 1, 0, 0, 0, 80, 0, 80, 0, 99, 116, 120, 46, 115, 113, 108, 47, 49, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    114, 117, 110, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 40, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    112, 114, 101, 112, 97, 114, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 24, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    98, 105, 110, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    97, 112, 112, 101, 110, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    115, 116, 101, 112, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 40, 0, 40, 0, 0, 0,
    118, 97, 108, 117, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
    110, 97, 109, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
    99, 108, 111, 115, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    115, 116, 111, 112, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    119, 104, 121, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    115, 121, 110, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    119, 97, 105, 116, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/// Offer it; the handle is for `unpublish`. The functions are called between calls of the app's step.
///
/// # Safety
/// `provider` lives as long as the app, as the state of `crate::app!` does, and nothing else refers to it between those
/// calls.
pub unsafe fn publish<P: Provider>(cx: &crate::Context, provider: *mut P) -> core::result::Result<u32, crate::Status> {
    PROVIDER.store(provider.cast(), core::sync::atomic::Ordering::Relaxed);
    let functions = [
        Entry::<P>::run as *const () as usize as u64,
        Entry::<P>::prepare as *const () as usize as u64,
        Entry::<P>::bind as *const () as usize as u64,
        Entry::<P>::append as *const () as usize as u64,
        Entry::<P>::step as *const () as usize as u64,
        Entry::<P>::value as *const () as usize as u64,
        Entry::<P>::name as *const () as usize as u64,
        Entry::<P>::close as *const () as usize as u64,
        Entry::<P>::stop as *const () as usize as u64,
        Entry::<P>::why as *const () as usize as u64,
        Entry::<P>::sync as *const () as usize as u64,
        Entry::<P>::wait as *const () as usize as u64,
    ];
    crate::service::publish(cx, &DESCRIPTOR.0, &functions)
}
