/* SPDX-License-Identifier: MIT */
/* What programs of ours are for, in the launcher: a file says no more of itself than its name. */
#include "desktop.h"

static const struct {
    const char *name, *text;
} programs[] = {
    {"background", "hills, drawn on the canvas behind all windows"},
    {"chat", "talk with another machine of the house"},
    {"clock", "the time, with hands"},
    {"console", "commands, files, and Lua to compute with"},
    {"cursor", "a comet in place of the arrow"},
    {"editor", "write and read texts"},
    {"faults", "crashes after four seconds, on purpose: see what then can be done"},
    {"files", "what is on the disk: open, copy, rename, remove"},
    {"floods", "writes more into the log than anybody can read, on purpose"},
    {"loops", "a call that takes too long, on purpose"},
    {"paint", "draw with the mouse; 1 to 5 are colours, C clears, Ctrl-S saves"},
    {"pictures", "look at the photos in a folder"},
    {"rusty", "a vine that grows, in Rust: the arrow keys turn it"},
    {"scripts", "moving lines, a program in Lua"},
    {"snake", "a game: arrow keys turn, P pauses"},
    {"supervisor", "all apps: their time, memory, crashes and services"},
    {"tracer", "what another app asks of the system, call by call"},
    {"veteran", "glowing drops, a binary of the first Context"},
    {"warden", "what another app may do, and what it was refused"},
    {"widgets", "all buttons, lists and fields there are, to be tried"},
};

const char *about_program(const struct ctx_program_info *program)
{
    char name[sizeof program->name + 1] = {0};
    __builtin_memcpy(name, program->name, sizeof program->name);
    for (uint32_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (same_text(name, programs[i].name)) {
            return programs[i].text;
        }
    }
    return "";
}
