# SPDX-License-Identifier: MIT
"""Interfaces from one text: what `ctx idl` and libctx/abi/generate.py are made of.

form.py    kinds of fields and arguments, layouts of structs, and how C, Rust and pages write them; both tools use it
model.py   reads FILE.toml and checks every rule; errors name file, line, place, field and reason
golden.py  NAME.layout: what an interface once was, and whether it is still that
binary.py  the descriptor, as <ctx/interface.h> has it
c.py, cpp.py, rust.py, page.py, skeleton.py    what is made
"""
