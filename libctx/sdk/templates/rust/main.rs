//! @NAME@ - an app in Rust without the standard library.
#![no_std]
#![no_main]
extern crate alloc;

use alloc::vec::Vec;
use core::fmt::Write;
use ctx::{Context, Next, Surface};

const W: u32 = 320;
const H: u32 = 200;

struct Star {
    x: i32,
    y: i32,
    speed: i32,
}

/// What is kept between calls.
struct App {
    surface: Option<Surface>,
    stars: Vec<Star>,
}

ctx::app!(App { surface: None, stars: Vec::new() }, step);

fn begin(app: &mut App, cx: &mut Context) -> Result<(), ctx::Status> {
    app.surface = Some(cx.surface(W, H)?);
    for i in 0..60 {
        let mut noise = [0; 4];
        cx.random(&mut noise)?;
        app.stars.push(Star { x: i * 5 + 3, y: noise[0] as i32 % H as i32, speed: 1 + noise[1] as i32 % 3 });
    }
    let _ = write!(cx.line(), "@NAME@ begins with {} stars", app.stars.len());
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
        let pixels = surface.pixels();
        pixels.fill(0x30_18_10);
        for star in &mut app.stars {
            star.y = (star.y + star.speed) % H as i32;
            pixels[star.y as usize * W as usize + star.x as usize] = 0xff_ff_ff;
        }
        surface.show(cx);
    }
    Next::Frame // once more with the next frame
}
