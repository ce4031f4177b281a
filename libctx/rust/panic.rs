// SPDX-License-Identifier: MIT
//! What a panic does: one line in the log, and the end of the call.
use crate::{Context, CURRENT};
use core::fmt::{self, Write};
use core::sync::atomic::Ordering;

/// Text of which the end is cut off.
struct Cut {
    text: [u8; 400],
    len: usize,
}

impl Write for Cut {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let mut part = s.len().min(self.text.len() - self.len);
        while !s.is_char_boundary(part) {
            part -= 1;
        }
        self.text[self.len..self.len + part].copy_from_slice(&s.as_bytes()[..part]);
        self.len += part;
        Ok(())
    }
}

/// What a panic says, out of the two forms in which compilers have told it: "panicked at 'MESSAGE', FILE:LINE:COLUMN" up to 1.72,
/// "panicked at FILE:LINE:COLUMN:\nMESSAGE" since.
fn message(told: &str) -> &str {
    match told.split_once('\n') {
        Some((head, message)) if head.starts_with("panicked at ") && head.ends_with(':') => message,
        _ => match told.strip_prefix("panicked at '") {
            Some(rest) => rest.rfind("', ").map_or(rest, |end| &rest[..end]),
            None => told,
        },
    }
}

/// Logs where and why as one line and ends the call: that line is in the crash report.
#[doc(hidden)]
pub fn panicked(info: &core::panic::PanicInfo) -> ! {
    let cx = Context { raw: CURRENT.load(Ordering::Relaxed) };
    if !cx.raw.is_null() {
        let mut told = Cut { text: [0; 400], len: 0 };
        let _ = write!(told, "{}", info);
        let told = core::str::from_utf8(&told.text[..told.len]).unwrap_or("");
        let mut line = cx.line();
        if let Some(place) = info.location() {
            // Of a path that is long, the end.
            let file = place.file();
            let mut from = file.len().saturating_sub(80);
            while !file.is_char_boundary(from) {
                from += 1;
            }
            let _ = write!(line, "panicked at {}:{}:{}: ", &file[from..], place.line(), place.column());
        }
        for (i, part) in message(told).split('\n').enumerate() {
            let _ = write!(line, "{}{}", if i > 0 { " " } else { "" }, part);
        }
        // A longer one would go on in another line, and a report has the last one.
        line.len = line.len.min(156);
        while core::str::from_utf8(&line.text[..line.len]).is_err() {
            line.len -= 1;
        }
    }
    unsafe { core::arch::asm!("ud2", options(noreturn)) }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn of_a_panic_its_message() {
        assert_eq!(message("panicked at src/main.rs:1:2:\nno 'stars', today"), "no 'stars', today");
        assert_eq!(message("panicked at 'no 'stars', today', src/main.rs:1:2"), "no 'stars', today");
        assert_eq!(message("panicked at 'two\nlines', src/main.rs:1:2"), "two\nlines");
        assert_eq!(message("panicked at 'a long one that was cu"), "a long one that was cu");
        assert_eq!(message("something else"), "something else");
    }
}
