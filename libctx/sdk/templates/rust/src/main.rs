//! @NAME@ - an app in Rust without the standard library: a function, called once per frame.
#![no_std]
#![no_main]

use @CRATE@::sky::Sky;
use core::fmt::Write;
use ctx::{Context, Next, Surface};

const W: u32 = 320;
const H: u32 = 200;

/// What is kept between calls.
struct App {
    surface: Option<Surface>,
    sky: Sky,
}

ctx::app!(App { surface: None, sky: Sky::new(W, H) }, step);

fn begin(app: &mut App, cx: &mut Context) -> Result<(), ctx::Status> {
    app.surface = Some(cx.surface(W, H)?);
    for _ in 0..60 {
        let mut noise = [0; 4];
        cx.random(&mut noise)?;
        app.sky.add(noise);
    }
    let _ = write!(cx.line(), "@NAME@ begins with {} stars", app.sky.stars.len());
    Ok(())
}

fn step(app: &mut App, cx: &mut Context) -> Next {
    if app.surface.is_none() {
        if let Err(status) = begin(app, cx) {
            let _ = write!(cx.line(), "it can not begin: {:?}", status);
            return Next::Exit(1);
        }
    }
    if let Some(surface) = &mut app.surface {
        app.sky.fall();
        app.sky.draw(surface.pixels());
        surface.show(cx);
    }
    Next::Frame // once more with the next frame
}
