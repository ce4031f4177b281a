// SPDX-License-Identifier: MIT
//! For storage.py: `ctx::files`, a step of the work in each call. wrappers/files.cpp does the same.
#![no_std]
#![no_main]
extern crate alloc;

use alloc::{format, vec, vec::Vec};
use ctx::files::{File, Files};
use ctx::tables::{FILES_CREATE, FILES_DONE, FILES_ONLY_FOLDER, FILES_READ, FILES_TOGETHER, FILES_WRITE};
use ctx::{Context, Next, Status};

struct App {
    files: Files,
    at: u32,
    done: usize,
    open: Option<File>,
    cursor: u64,
    names: u32,
}
ctx::app!(App { files: Files::new(), at: 0, done: 0, open: None, cursor: 0, names: 0 }, step);

const BYTES: usize = 200_000;

fn text() -> Vec<u8> {
    (0..BYTES).map(|i| b'a' + (i % 23) as u8).collect()
}

/// One call of the files'. Ok(true): the next one; Ok(false): the same once more.
fn work(app: &mut App, cx: &Context) -> Result<bool, Status> {
    let f = &mut app.files;
    let open = app.open;
    let wrong = |right: bool| if right { Ok(true) } else { Err(Status::INVAL) };
    match app.at {
        0 => match f.open(cx, "/data/nothing", FILES_READ) {
            Err(Status::NOENT) => Ok(true),
            Err(why) => Err(why),
            Ok(_) => Err(Status::EXIST),
        },
        1 => {
            app.open = Some(f.open(cx, "/data/a", FILES_READ | FILES_WRITE | FILES_CREATE)?);
            Ok(true)
        }
        2 => {
            app.done += f.write(cx, open.unwrap(), app.done as u64, &text()[app.done..])?;
            Ok(app.done == BYTES)
        }
        3 => f.write(cx, open.unwrap(), u64::MAX, b"end").map(|n| n == 3),
        4 => f.sync(cx, open.unwrap()).map(|()| true),
        5 => {
            let mut back = vec![0; BYTES];
            let n = f.read(cx, open.unwrap(), (BYTES - app.done) as u64, &mut back)?;
            let from = BYTES - app.done;
            let ours = n.min(app.done);
            if back[..ours] != text()[from..from + ours] {
                return Err(Status::IO);
            }
            app.done -= ours;
            Ok(app.done == 0)
        }
        6 => wrong(f.look(cx, "/data/a")?.bytes == BYTES as u64 + 3),
        7 => f.resize(cx, open.unwrap(), 10).map(|()| true),
        8 => wrong(f.look(cx, "/data/a")?.bytes == 10),
        9 => f.close(cx, open.unwrap()).map(|()| true),
        10 => match f.sync(cx, open.unwrap()) {
            Err(Status::STALE) => Ok(true),
            other => other.and(Err(Status::EXIST)),
        },
        11 => f.together(cx, FILES_TOGETHER).map(|()| true),
        12 => f.rename(cx, "/data/a", "/data/b").map(|()| true),
        13 => f.replace(cx, "/data/c", b"new").map(|()| true),
        14 => f.together(cx, FILES_DONE).map(|()| true),
        15 => f.make_folder(cx, "/data/d").map(|()| true),
        16 => f.remove(cx, "/data/d", true).map(|()| true),
        17 => {
            app.open = Some(f.open(cx, "/data", FILES_READ | FILES_ONLY_FOLDER)?);
            Ok(true)
        }
        18 => match f.list(cx, open.unwrap(), app.cursor)? {
            Some((_, next)) => {
                app.cursor = next;
                app.names += 1;
                Ok(false)
            }
            None => wrong(app.names == 2),
        },
        19 => wrong(f.space(cx, "/data")?.free > 0),
        20 => f.remove(cx, "/data/b", false).map(|()| true),
        _ => f.remove(cx, "/data/c", false).map(|()| true),
    }
}

fn step(app: &mut App, cx: &mut Context) -> Next {
    loop {
        match work(app, cx) {
            Ok(next) => app.at += next as u32,
            Err(Status::AGAIN) | Err(Status::BUSY) => return Next::Wait,
            Err(Status::NOSYS) if app.at == 0 => return Next::Frame, // nobody offers files yet
            Err(why) => {
                cx.log(&format!("step {}: {:?}", app.at, why));
                return Next::Exit(1);
            }
        }
        if app.at == 22 {
            cx.log("all is well");
            return Next::Exit(0);
        }
    }
}
