//! What @NAME@ is made of. On this machine, in tests, it has the standard library; in the app it has not.
#![cfg_attr(not(test), no_std)]
extern crate alloc;

pub mod sky;
