// SPDX-License-Identifier: MIT
//! For storage.py: `ctx::sql`. sql.c and sql.cpp do the same, and say the same.
#![no_std]
#![no_main]
extern crate alloc;

use alloc::{format, string::String, vec};
use ctx::sql::{Database, Query, Value};
use ctx::{Context, Next, Status};

struct App {
    db: Database,
    query: Option<Query>,
    at: u32,
    i: i64,
    sums: (i64, i64, f64, i64, i64, String),
    long: (u32, u32, u32),
}
ctx::app!(
    App { db: Database::new(), query: None, at: 0, i: 1, sums: (0, 0, 0.0, 0, 0, String::new()), long: (0, 0, 0) },
    step
);

const TABLE: &str = "DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, half REAL, data BLOB)";
const LONG: usize = 200_000;

fn query(i: i64) -> Query {
    let q = Query::new("INSERT INTO t VALUES(?, ?, ?, ?)").bind(i).bind(format!("name {i}").as_str()).bind(i as f64 * 0.5);
    if i % 2 == 0 {
        q.bind(Value::Null)
    } else {
        q.bind(&[0u8, 1, 2][..])
    }
}

/// One call of the database. Ok(true): the next step; Ok(false): the same once more.
fn work(app: &mut App, cx: &Context) -> Result<bool, Status> {
    let db = &mut app.db;
    match app.at {
        0 => db.run(cx, TABLE)?,
        1 => db.run(cx, "BEGIN")?,
        2 => {
            let q = app.query.get_or_insert_with(|| query(app.i));
            q.all(cx, db)?;
            if app.i == 1000 {
                cx.log(&format!("changed {} last {}", q.changed, q.last_id));
            }
            app.query = None;
            app.i += 1;
            return Ok(app.i > 1000);
        }
        3 => db.run(cx, "COMMIT")?,
        4 => {
            let q = app.query.get_or_insert_with(|| Query::new("SELECT id, name, half, data FROM t WHERE id > ? ORDER BY id").bind(100));
            if let Some(row) = q.row(cx, db)? {
                let s = &mut app.sums;
                s.0 += 1;
                s.1 += row.integer(0);
                s.2 += row.real(2);
                match row.value(3) {
                    Value::Null => s.4 += 1,
                    Value::Blob(b) => s.3 += b.len() as i64,
                    _ => return Err(Status::INVAL),
                }
                s.5 = String::from(row.text(1).ok_or(Status::INVAL)?);
                return Ok(false);
            }
            let s = &app.sums;
            cx.log(&format!("rows {} sum {} halves {} bytes {} nulls {} last {} then {}", s.0, s.1, (s.2 * 2.0) as i64, s.3, s.4, s.5, Status::NOENT.0));
            app.query = None;
        }
        5 => {
            let bytes: vec::Vec<u8> = (0..LONG).map(|i| (i * 7) as u8).collect();
            // As four values, which a statement puts together: there is no append here.
            let q = app.query.get_or_insert_with(|| {
                Query::new("UPDATE t SET data = CAST(coalesce(data, x'') || ? AS BLOB) WHERE id = 5").bind(&bytes[app.long.0 as usize..app.long.0 as usize + 50_000])
            });
            q.all(cx, db)?;
            app.query = None;
            app.long.0 += 50_000;
            return Ok(app.long.0 as usize == LONG);
        }
        6 => {
            let q = app.query.get_or_insert_with(|| Query::new("SELECT substr(data, 4) FROM t WHERE id = 5"));
            match q.row(cx, db)?.map(|row| row.value(0)) {
                Some(Value::Cut(len)) => app.long = (len, 0, 0),
                _ => return Err(Status::INVAL),
            }
        }
        7 => {
            let mut bytes = vec![0; 60_000];
            let q = app.query.as_mut().ok_or(Status::INVAL)?;
            let n = q.read(cx, db, 0, app.long.1, &mut bytes)?;
            for byte in &bytes[..n] {
                app.long.2 = app.long.2.wrapping_mul(31).wrapping_add(*byte as u32);
            }
            app.long.1 += n as u32;
            if n > 0 {
                return Ok(false);
            }
            cx.log(&format!("kind {} len {} read {} sum {}", 256 + 4, app.long.0, app.long.1, app.long.2));
        }
        8 => {
            app.query.as_mut().ok_or(Status::INVAL)?.close(cx, db)?;
            app.query = None;
        }
        9 => match db.run(cx, "INSERT INTO t(name) VALUES('name 7')") {
            Err(Status::AGAIN) => return Err(Status::AGAIN),
            Err(why) => cx.log(&format!("twice {} {}", why.0, db.why(cx))),
            Ok(()) => return Err(Status::INVAL),
        },
        10 | 11 => {
            let q = app.query.get_or_insert_with(|| match app.at {
                10 => Query::new("SELECT nonsense FROM nowhere").bind(1),
                _ => Query::new("SELECT ?").bind(1).bind(2),
            });
            match q.row(cx, db).map(|_| ()) {
                Err(Status::AGAIN) => return Err(Status::AGAIN),
                Err(why) if app.at == 10 => cx.log(&format!("nonsense {} {} {}", why.0, why.0, why.0)),
                Err(why) => cx.log(&format!("too many {}", why.0)),
                Ok(()) => return Err(Status::EXIST),
            }
            app.query = None;
        }
        _ => db.sync(cx)?,
    }
    Ok(true)
}

fn step(app: &mut App, cx: &mut Context) -> Next {
    loop {
        match work(app, cx) {
            Ok(next) => app.at += next as u32,
            Err(Status::AGAIN) | Err(Status::BUSY) => return Next::Wait,
            Err(Status::NOSYS) if app.at == 0 => return Next::Frame, // nobody offers it yet
            Err(why) => {
                cx.log(&format!("step {}: {:?} {}", app.at, why, app.db.why(cx)));
                return Next::Exit(1);
            }
        }
        if app.at == 13 {
            cx.log("all is well");
            return Next::Exit(0);
        }
    }
}
