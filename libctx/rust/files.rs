// SPDX-License-Identifier: MIT
//! Files: `ctx.files/1`, as far as apps in Rust want it without the tables.
//!
//! ```ignore
//! struct App { files: Files }
//!
//! match app.files.replace(cx, "/data/score", &bytes) {
//!     Err(Status::AGAIN) => return Next::Wait, // the disk is at work: call once more
//!     Err(why) => cx.log(&format!("{why:?}")),
//!     Ok(()) => {}
//! }
//! ```
//!
//! Nothing blocks. Where a disk has to be waited for the answer is [`Status::AGAIN`], and the app will be called again: return
//! [`Next::Wait`](crate::Next::Wait) and make the same call, which then gives the result. [`Status::STALE`]: whoever keeps the files
//! began anew, or the app was restored; open again. What is open is closed by [`Files::close`], or with the app.
use crate::service::{ask, len, Client};
use crate::tables::{self, Named, EVENT_DONE};
use crate::{Context, Status};
use core::mem::{size_of, zeroed};

/// All files that the app may see.
#[derive(Default)]
pub struct Files {
    client: Client,
    pauses: u32,
}

/// One that is open, or a folder to be listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File(u32);

/// What lies at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Info {
    pub folder: bool,
    pub bytes: u64,
    pub modified_ns: i64,
}

/// How much room there is, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    pub all: u64,
    pub free: u64,
    /// They are gone when the machine ends.
    pub in_memory: bool,
}

type Table = tables::Files;

impl Files {
    pub const fn new() -> Files {
        Files { client: Client::new(), pauses: 0 }
    }

    fn call(&mut self, cx: &Context, mut function: impl FnMut(*const Table) -> i32) -> Result<(), Status> {
        let end = size_of::<Table>() as u32;
        let result = self.client.call(cx, Table::ID, end, |t| function(t.cast()));
        match result {
            Err(Status::AGAIN) => ask(cx, &mut self.pauses, EVENT_DONE),
            _ => self.pauses = 0,
        }
        result.map(|_| ())
    }

    /// Open it; flags: `FILES_*` of [`tables`].
    pub fn open(&mut self, cx: &Context, path: &str, flags: u32) -> Result<File, Status> {
        let (mut handle, n) = (0, len(path.as_bytes())?);
        self.call(cx, |t| unsafe { ((*t).open)(t, path.as_ptr(), n, flags, &mut handle) })?;
        Ok(File(handle))
    }

    pub fn close(&mut self, cx: &Context, file: File) -> Result<(), Status> {
        self.call(cx, |t| unsafe { ((*t).close)(t, file.0) })
    }

    /// Bytes from `at` on; how many: 0 at the end, and perhaps fewer than there is room for.
    pub fn read(&mut self, cx: &Context, file: File, at: u64, bytes: &mut [u8]) -> Result<usize, Status> {
        let (mut count, n) = (0, len(bytes)?.min(MOST));
        self.call(cx, |t| unsafe { ((*t).read)(t, file.0, at, bytes.as_mut_ptr(), n, &mut count) })?;
        Ok(count as usize)
    }

    /// Bytes to `at`; how many: perhaps not all. `u64::MAX`: behind the last one.
    pub fn write(&mut self, cx: &Context, file: File, at: u64, bytes: &[u8]) -> Result<usize, Status> {
        let (mut count, n) = (0, len(bytes)?.min(MOST));
        self.call(cx, |t| unsafe { ((*t).write)(t, file.0, at, bytes.as_ptr(), n, &mut count) })?;
        Ok(count as usize)
    }

    /// The file has these bytes and no others, or is as it was. When this is Ok it outlives a power cut.
    pub fn replace(&mut self, cx: &Context, path: &str, bytes: &[u8]) -> Result<(), Status> {
        let (n, count) = (len(path.as_bytes())?, len(bytes)?);
        self.call(cx, |t| unsafe { ((*t).replace)(t, path.as_ptr(), n, bytes.as_ptr(), count, 0) })
    }

    pub fn resize(&mut self, cx: &Context, file: File, bytes: u64) -> Result<(), Status> {
        self.call(cx, |t| unsafe { ((*t).resize)(t, file.0, bytes) })
    }

    /// What was done outlives a power cut. STALE: also, once, when whoever keeps the files began anew since the last one.
    pub fn sync(&mut self, cx: &Context, file: File) -> Result<(), Status> {
        self.call(cx, |t| unsafe { ((*t).sync)(t, file.0) })?;
        self.client.lasts()
    }

    pub fn look(&mut self, cx: &Context, path: &str) -> Result<Info, Status> {
        let n = len(path.as_bytes())?;
        let mut out: tables::FilesInfo = unsafe { zeroed() };
        out.size = size_of::<tables::FilesInfo>() as u32;
        self.call(cx, |t| unsafe { ((*t).look)(t, path.as_ptr(), n, &mut out) })?;
        Ok(Info { folder: out.kind == tables::FILES_FOLDER, bytes: out.bytes, modified_ns: out.modified_ns })
    }

    /// The name behind `cursor` in an open folder, 0: the first, and the cursor of the next; None: there are no more.
    pub fn list(&mut self, cx: &Context, folder: File, cursor: u64) -> Result<Option<(tables::FilesEntry, u64)>, Status> {
        let mut out: tables::FilesEntry = unsafe { zeroed() };
        out.size = size_of::<tables::FilesEntry>() as u32;
        match self.call(cx, |t| unsafe { ((*t).list)(t, folder.0, cursor, &mut out) }) {
            Ok(()) => Ok(Some((out, out.next))),
            Err(Status::NOENT) => Ok(None),
            Err(why) => Err(why),
        }
    }

    pub fn make_folder(&mut self, cx: &Context, path: &str) -> Result<(), Status> {
        let n = len(path.as_bytes())?;
        self.call(cx, |t| unsafe { ((*t).make_folder)(t, path.as_ptr(), n, 0) })
    }

    /// A file, or a folder that is empty.
    pub fn remove(&mut self, cx: &Context, path: &str, folder: bool) -> Result<(), Status> {
        let n = len(path.as_bytes())?;
        self.call(cx, |t| unsafe { ((*t).remove)(t, path.as_ptr(), n, folder as u32) })
    }

    pub fn rename(&mut self, cx: &Context, from: &str, to: &str) -> Result<(), Status> {
        let (a, b) = (len(from.as_bytes())?, len(to.as_bytes())?);
        self.call(cx, |t| unsafe { ((*t).rename)(t, from.as_ptr(), a, to.as_ptr(), b) })
    }

    /// Several changes as one: FILES_TOGETHER before them, FILES_DONE behind them, or FILES_DROP, whatever they answered. A second at
    /// most. `STALE` in between: whoever keeps the files began anew, and nothing of it is done.
    pub fn together(&mut self, cx: &Context, what: u32) -> Result<(), Status> {
        let result = self.call(cx, |t| unsafe { ((*t).together)(t, what) });
        let waits = matches!(result, Err(Status::AGAIN | Status::BUSY));
        self.client.stays = if what == tables::FILES_TOGETHER { result.is_ok() } else { waits };
        result
    }

    pub fn space(&mut self, cx: &Context, path: &str) -> Result<Space, Status> {
        let n = len(path.as_bytes())?;
        let mut out: tables::FilesSpace = unsafe { zeroed() };
        out.size = size_of::<tables::FilesSpace>() as u32;
        self.call(cx, |t| unsafe { ((*t).space)(t, path.as_ptr(), n, &mut out) })?;
        Ok(Space { all: out.bytes, free: out.free, in_memory: out.flags & tables::FILES_IN_MEMORY != 0 })
    }
}

/// Bytes of a call.
const MOST: u32 = 61440;
