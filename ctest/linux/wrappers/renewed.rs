// SPDX-License-Identifier: MIT
//! For tables.py: who keeps files and tables begins anew behind what nobody synced, and the next sync says so, once; in all three ways to call.
#![no_std]
#![no_main]
extern crate alloc;

use alloc::format;
use core::future::Future;
use ctx::files::Files;
use ctx::sql::Database;
use ctx::sql_table::{AsyncClient, Result as Told};
use ctx::tables::{Control, FILES_CREATE, FILES_WRITE};
use ctx::{task, Context, Status};

ctx::async_app!(all);

fn asks_again(why: Status) -> bool {
    matches!(why, Status::AGAIN | Status::BUSY)
}

/// Once it has an answer of its own.
async fn until<T>(mut call: impl FnMut() -> Result<T, Status>) -> Result<T, Status> {
    loop {
        match call() {
            Err(why) if asks_again(why) => task::sleep(1_000_000).await,
            other => return other,
        }
    }
}

/// The same for one that is awaited.
async fn until_done<F: Future<Output = Result<(), Status>>>(mut call: impl FnMut() -> F) -> Result<(), Status> {
    loop {
        match call().await {
            Err(why) if asks_again(why) => task::sleep(1_000_000).await,
            other => return other,
        }
    }
}

fn is_away(why: Status) -> bool {
    matches!(why, Status::STALE | Status::NOSYS)
}

fn begin_anew(cx: &Context) {
    let control = cx.open::<Control>().unwrap();
    if unsafe { (control.restart)(control, 0) } != 0 {
        cx.log("it can not begin anew");
    }
}

fn tell(cx: &Context, who: &str, first: Result<(), Status>, second: Result<(), Status>) {
    let told = first == Err(Status::STALE) && second == Ok(());
    cx.log(&format!("{who}: {} {first:?} {second:?}", if told { "told once" } else { "wrong" }));
}

async fn by_tasks(cx: &Context) -> Result<(), Status> {
    let client = AsyncClient::new();
    client.offered_().await?;
    let run = |text: &'static [u8]| {
        let client = &client;
        async move { client.run(text, &mut Told::new()).await }
    };
    until_done(|| run(b"CREATE TABLE IF NOT EXISTS r(n)")).await?;
    until_done(|| client.sync()).await?;
    until_done(|| run(b"INSERT INTO r VALUES(1)")).await?;
    begin_anew(cx);
    while until_done(|| run(b"INSERT INTO r VALUES(2)")).await.is_err_and(is_away) {
        task::sleep(1_000_000).await;
    }
    let first = until_done(|| client.sync()).await;
    tell(cx, "tasks", first, until_done(|| client.sync()).await);
    Ok(())
}

async fn by_steps(cx: &Context) -> Result<(), Status> {
    let mut db = Database::new();
    while until(|| db.run(cx, "INSERT INTO r VALUES(3)")).await.is_err_and(is_away) {
        task::sleep(1_000_000).await;
    }
    until(|| db.sync(cx)).await?;
    until(|| db.run(cx, "INSERT INTO r VALUES(4)")).await?;
    begin_anew(cx);
    while until(|| db.run(cx, "INSERT INTO r VALUES(5)")).await.is_err_and(is_away) {
        task::sleep(1_000_000).await;
    }
    let first = until(|| db.sync(cx)).await;
    tell(cx, "tables", first, until(|| db.sync(cx)).await);
    Ok(())
}

async fn of_files(cx: &Context) -> Result<(), Status> {
    let mut files = Files::new();
    until(|| files.make_folder(cx, "/data/made")).await?;
    begin_anew(cx);
    let file = loop {
        match until(|| files.open(cx, "/data/new", FILES_WRITE | FILES_CREATE)).await {
            Err(why) if is_away(why) => task::sleep(1_000_000).await,
            other => break other?,
        }
    };
    let first = until(|| files.sync(cx, file)).await;
    tell(cx, "files", first, until(|| files.sync(cx, file)).await);
    Ok(())
}

async fn all(cx: Context) -> u8 {
    for result in [by_tasks(&cx).await, by_steps(&cx).await, of_files(&cx).await] {
        if let Err(why) = result {
            cx.log(&format!("{why:?}"));
            return 1;
        }
    }
    0
}
