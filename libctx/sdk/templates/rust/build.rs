//! What makes the program an app is in the linker's options, which come with the package ctx.
use std::env;
use std::fs;

fn main() {
    println!("cargo:rerun-if-env-changed=CTX_HOME");
    let home = env::var("CTX_HOME").expect("CTX_HOME, the folder lib/ctx of the package, is not set: see .cargo/config.toml");
    let list = format!("{home}/rust/link-options");
    println!("cargo:rerun-if-changed={list}");
    let options = fs::read_to_string(&list).unwrap_or_else(|e| panic!("{list}: {e}: is the package ctx installed there?"));
    for option in options.lines() {
        println!("cargo:rustc-link-arg-bins={}", option.replace("%HOME%", &home));
    }
}
