// SPDX-License-Identifier: MIT
//! The app's own database: `ctx.sql/1`, as far as apps in Rust want it without bytes that go to and fro. The app's line has to say
//! `use=ctx.sql/1`.
//!
//! ```ignore
//! struct App { db: Database, query: Query }
//!
//! // query: Query::new("SELECT rowid, who FROM visits WHERE at > ?").bind(yesterday)
//! loop {
//!     match app.query.row(cx, &mut app.db) {
//!         Ok(Some(row)) => greet(row.integer(0), row.text(1)),
//!         Ok(None) => break,                          // there are no more
//!         Err(Status::AGAIN) => return Next::Wait,    // the disk is at work: call once more
//!         Err(why) => cx.log(&format!("{why:?}: {}", app.db.why(cx))),
//!     }
//! }
//! ```
//!
//! Nothing blocks: see [`files`](crate::files). [`Status::STALE`]: storage began anew, or the app was restored; begin the query
//! [`again`](Query::again). What it was to change is done or not, then: look.
extern crate alloc;

use crate::service::ask;
use crate::sql_table::{self as table, Client, Prepared, Result as Told};
use crate::tables::EVENT_DONE;
use crate::{Context, Status};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

const ROOM: usize = 61440;
const HEAD: usize = 8;

/// The database, of which an app has one.
pub struct Database {
    client: Client,
    pauses: u32,
}

/// A value: of a row, or a parameter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    /// Bytes, which SQLite does not promise to be UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// Too long to be told with its row: so many bytes, which [`Query::read`] has.
    Cut(u32),
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Value::Blob(value)
    }
}

impl Database {
    pub const fn new() -> Database {
        Database { client: Client::new(), pauses: 0 }
    }

    fn call<T>(&mut self, cx: &Context, function: impl FnOnce(&mut Client) -> Result<T, Status>) -> Result<T, Status> {
        let result = function(&mut self.client);
        match result {
            Err(Status::AGAIN) => ask(cx, &mut self.pauses, EVENT_DONE),
            _ => self.pauses = 0,
        }
        result
    }

    /// All statements of a text, one after the other, without parameters; rows are not told.
    pub fn run(&mut self, cx: &Context, text: &str) -> Result<(), Status> {
        let mut out = Told::new();
        self.call(cx, |c| c.run(cx, text.as_bytes(), &mut out))
    }

    /// All that was done until now outlives a power cut, but for a transaction that has not ended. STALE, once: storage began anew since
    /// the last one, and what was done before may be gone.
    pub fn sync(&mut self, cx: &Context) -> Result<(), Status> {
        self.call(cx, |c| c.sync(cx))
    }

    /// What the last error was, for people.
    pub fn why(&mut self, cx: &Context) -> String {
        let (mut text, mut len) = (vec![0; 200], 0);
        if self.client.why(cx, &mut text, &mut len).is_err() {
            len = 0;
        }
        text.truncate((len as usize).min(200));
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Prepare,
    Bind,
    Step,
    Close,
    Ended,
}

/// A statement with parameters, and its rows. Kept from call to call until it has ended.
pub struct Query {
    text: String,
    params: Vec<u8>,
    stage: Stage,
    statement: u32,
    rows: Vec<u8>,
    left: u32,
    at: usize,
    row: usize,
    first: u64,
    done: bool,
    why: Option<Status>,
    /// At its end: rows that were inserted, changed or deleted.
    pub changed: u64,
    /// Likewise: the rowid that was inserted last.
    pub last_id: i64,
}

/// A row, until the next one.
#[derive(Clone, Copy)]
pub struct Row<'a>(&'a [u8]);

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

impl Query {
    pub fn new(text: &str) -> Query {
        Query {
            text: String::from(text),
            params: Vec::new(),
            stage: Stage::Prepare,
            statement: 0,
            rows: Vec::new(),
            left: 0,
            at: 0,
            row: 0,
            first: 0,
            done: false,
            why: None,
            changed: 0,
            last_id: 0,
        }
    }

    /// The next parameter.
    pub fn bind<'a>(mut self, value: impl Into<Value<'a>>) -> Query {
        let whole;
        let (kind, bytes): (u32, &[u8]) = match value.into() {
            Value::Integer(n) => {
                whole = n.to_le_bytes();
                (table::SQL_INTEGER, &whole)
            }
            Value::Real(n) => {
                whole = n.to_le_bytes();
                (table::SQL_REAL, &whole)
            }
            Value::Text(b) => (table::SQL_TEXT, b),
            Value::Blob(b) => (table::SQL_BLOB, b),
            Value::Null | Value::Cut(_) => (table::SQL_NULL, &[]),
        };
        self.params.extend_from_slice(&kind.to_le_bytes());
        self.params.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.params.extend_from_slice(bytes);
        self.params.resize((self.params.len() + 7) & !7, 0);
        self
    }

    /// From the beginning, with the same parameters; also after an error.
    pub fn again(&mut self) {
        self.stage = if self.statement != 0 && self.why != Some(Status::STALE) { Stage::Bind } else { Stage::Prepare };
        self.left = 0;
        self.first = 0;
        self.done = false;
        self.why = None;
    }

    /// The next row; None: there are no more, and what was to be changed is. AGAIN: the same call, later.
    pub fn row(&mut self, cx: &Context, db: &mut Database) -> Result<Option<Row<'_>>, Status> {
        while self.left == 0 && self.stage != Stage::Ended {
            if let Err(why) = self.step(cx, db) {
                if why == Status::AGAIN || why == Status::BUSY {
                    return Err(why);
                }
                self.why = Some(why);
                self.stage = if self.statement != 0 && self.stage != Stage::Close { Stage::Close } else { Stage::Ended };
            }
        }
        if self.left == 0 {
            return self.why.map_or(Ok(None), Err);
        }
        let len = word(&self.rows, self.at).ok_or(Status::IO)? as usize;
        self.row = self.at;
        self.at += len;
        self.left -= 1;
        self.rows.get(self.row..self.at).filter(|_| len >= HEAD).map(|r| Some(Row(r))).ok_or(Status::IO)
    }

    /// All of it, whatever rows there are.
    pub fn all(&mut self, cx: &Context, db: &mut Database) -> Result<(), Status> {
        while self.row(cx, db)?.is_some() {}
        Ok(())
    }

    /// Bytes of a value that was [`Cut`](Value::Cut) in the last row, from `from` on; how many.
    pub fn read(&mut self, cx: &Context, db: &mut Database, column: u32, from: u32, bytes: &mut [u8]) -> Result<usize, Status> {
        let (place, mut count, n) = ((column as u64) << 32 | from as u64, 0, bytes.len().min(ROOM));
        let statement = self.statement;
        db.call(cx, |c| c.value(cx, statement, place, &mut bytes[..n], &mut count))?;
        Ok(count as usize)
    }

    /// Forget it before all of its rows were told.
    pub fn close(&mut self, cx: &Context, db: &mut Database) -> Result<(), Status> {
        self.left = 0;
        if self.statement != 0 {
            self.stage = Stage::Close;
        }
        self.row(cx, db).map(|_| ())
    }

    fn step(&mut self, cx: &Context, db: &mut Database) -> Result<(), Status> {
        match self.stage {
            Stage::Prepare => {
                let (mut out, text) = (Prepared::new(), self.text.as_bytes());
                db.call(cx, |c| c.prepare(cx, text, &mut out))?;
                self.statement = out.statement;
                if out.statement == 0 {
                    return Err(Status::INVAL);
                }
                self.stage = Stage::Bind;
            }
            Stage::Bind => {
                let (statement, params) = (self.statement, &self.params);
                db.call(cx, |c| c.bind(cx, statement, params))?;
                self.stage = Stage::Step;
            }
            Stage::Step if !self.done => {
                self.rows.resize(ROOM, 0);
                let (mut out, statement, first, rows) = (Told::new(), self.statement, self.first, &mut self.rows);
                db.call(cx, |c| c.step(cx, statement, first, rows, &mut out))?;
                self.left = out.rows;
                self.at = 0;
                self.first = out.next;
                self.done = out.flags & table::SQL_DONE != 0;
                self.changed = out.changed;
                self.last_id = out.last_id;
                if out.rows == 0 && !self.done {
                    return Err(Status::IO);
                }
            }
            Stage::Step => self.stage = Stage::Close,
            Stage::Close => {
                let statement = self.statement;
                db.call(cx, |c| c.close(cx, statement))?;
                self.statement = 0;
                self.stage = Stage::Ended;
            }
            Stage::Ended => {}
        }
        Ok(())
    }
}

impl<'a> Row<'a> {
    /// Column 0, 1 ...; Null, where there is none.
    pub fn value(&self, column: usize) -> Value<'a> {
        let mut at = HEAD;
        for left in (0..=column).rev() {
            let (kind, len) = match (word(self.0, at), word(self.0, at + 4)) {
                (Some(kind), Some(len)) => (kind, len as usize),
                _ => return Value::Null,
            };
            let cut = kind & table::SQL_CUT != 0;
            if left > 0 {
                at += HEAD + if cut { 0 } else { (len + 7) & !7 };
                continue;
            }
            if cut {
                return Value::Cut(len as u32);
            }
            let bytes = self.0.get(at + HEAD..at + HEAD + len).unwrap_or(&[]);
            let eight = || bytes.try_into().map(u64::from_le_bytes).unwrap_or(0);
            return match kind {
                table::SQL_INTEGER => Value::Integer(eight() as i64),
                table::SQL_REAL => Value::Real(f64::from_bits(eight())),
                table::SQL_TEXT => Value::Text(bytes),
                table::SQL_BLOB => Value::Blob(bytes),
                _ => Value::Null,
            };
        }
        Value::Null
    }

    /// A whole number; 0, where it is none.
    pub fn integer(&self, column: usize) -> i64 {
        match self.value(column) {
            Value::Integer(n) => n,
            _ => 0,
        }
    }

    /// A double; a whole number as one; 0, where it is neither.
    pub fn real(&self, column: usize) -> f64 {
        match self.value(column) {
            Value::Real(n) => n,
            Value::Integer(n) => n as f64,
            _ => 0.0,
        }
    }

    /// A text that is UTF-8.
    pub fn text(&self, column: usize) -> Option<&'a str> {
        match self.value(column) {
            Value::Text(b) => core::str::from_utf8(b).ok(),
            _ => None,
        }
    }
}
