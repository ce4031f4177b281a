# SPDX-License-Identifier: MIT
# MuJS, an interpreter of ECMAScript 5, unchanged: `mujs FILE.js WORD...`, or a program from standard input. Scripts of ours lie in /.
argos_port_sources(mujs one.c main.c)
# A script may nest a thousand calls before MuJS says so; each takes the machine's stack too.
argos_port(mujs ${mujs_files} FILES mujs STACK 4194304 FROM mujs)
