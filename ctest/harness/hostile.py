#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The hostile apps of ctest/qemu/apps/hostile: what each does, and what must come of it on each machine.

  hostile.py        the list that CMake builds them by: NAME;SOURCE;FLAG;FLAG... a line

Each stands in a batch, which is booted as a whole with three well-behaved apps among it: those must be called in every
frame, never fault, and find nothing changed that is theirs. `argos` is what must happen in ring 0, `linux` in a process;
where they differ, it is because the processor lets ring 0 do it.
"""
import re

WORDS = {0: "divide error", 1: "debug exception", 3: "breakpoint", 4: "overflow", 6: "invalid opcode", 7: "no device",
         12: "stack fault", 13: "protection", 14: "page fault", 16: "x87 error", 17: "alignment check", 19: "SSE error"}


class Fault:
    """The call ends with this exception, once, and it is this app's; the next call finds everything as it should be."""

    def __init__(self, vector, again=True):
        self.vector, self.again = vector, again

    def wrong(self, app, text):
        lines = re.findall(rf"E app: fault name={app.name} pid=.*", text)
        if len(lines) != 1:
            return f"{len(lines)} faults, not one: {lines[1:2]}"
        if not re.search(rf" call={app.when} vector={self.vector} \({WORDS[self.vector]}\) ", lines[0]):
            return f"vector {self.vector} in call {app.when} is wanted, it says: {lines[0]}"
        return app.says(text, "went on", False) or (self.again and app.says(text, "again ok"))


class Calm:
    """No fault. It says that the deed came back, or that it leaves things behind and returns; says=None: its lines may be lost."""

    def __init__(self, says="went on", again=True):
        self.words, self.again = says, again

    def wrong(self, app, text):
        found = re.search(rf"E app: fault name={app.name} pid=.*", text)
        said = found[0] if found else self.words and app.says(text, self.words)
        return said or (self.again and app.says(text, "again ok"))


class Either:
    """What depends on the processor."""

    def __init__(self, *outcomes):
        self.outcomes = outcomes

    def wrong(self, app, text):
        why = [o.wrong(app, text) for o in self.outcomes]
        return not any(w is None or w is False for w in why) and " / ".join(why)


class Faults:
    """So many calls end in a fault; three in a row are the last ones."""

    def __init__(self, count, stopped):
        self.count, self.stopped = count, stopped

    def wrong(self, app, text):
        faults = len(re.findall(rf"E app: fault name={app.name} pid=.*", text))
        stopped = bool(re.search(rf"E app: stopped name={app.name} pid=\d+: 3 calls in a row ended in a fault", text))
        return (faults, stopped) != (self.count, self.stopped) and f"{faults} faults, stopped: {stopped}"


class Overran:
    """Never returns: taken out of its call again and again."""

    def wrong(self, app, text):
        return not re.search(rf"W app: overran name={app.name} ", text) and "it is not interrupted"


class Both:
    def __init__(self, *outcomes):
        self.outcomes = outcomes

    def wrong(self, app, text):
        return next((why for why in (o.wrong(app, text) for o in self.outcomes) if why), None)


class Logged:
    """The log has this line, with {} for the app's name; no fault."""

    def __init__(self, pattern):
        self.pattern = pattern

    def wrong(self, app, text):
        found = re.search(rf"E app: fault name={app.name} pid=.*", text)
        pattern = self.pattern.format(app.name)
        return found[0] if found else not re.search(pattern, text) and f"no line {pattern}"


CALM = Calm()
LEAVES = Calm("leaves it")
DIVIDE, DEBUG, BREAK, OVERFLOW, OPCODE, STACK, GENERAL, PAGE, X87, SSE = (
    Fault(v) for v in (0, 1, 3, 4, 6, 12, 13, 14, 16, 19))


class App:
    def __init__(self, batch, source, name, argos, linux, flags=(), when=3):
        self.batch, self.source, self.name, self.flags, self.when = batch, source, name, tuple(flags), when
        self.outcome = {"argos": argos, "linux": linux}
        self.words = GRANTS if source == "gates.c" else ""

    def says(self, text, words, wanted=True):
        """Why not: None if it does as wanted. A FAIL is never wanted."""
        failed = re.search(rf"app\.{self.name}#\d+: T .*FAIL.*", text)
        if failed:
            return failed[0]
        said = re.search(rf"app\.{self.name}#\d+: T {words}", text)
        return None if bool(said) == wanted else f"it {'does not say' if wanted else 'says'} '{words}'"


# Without them the kernel refuses before it looks at an argument.
GRANTS = "grant=" + ",".join(f"ctx.{n}/1" for n in "apps system loader control host image windows screen files block nic saving journal hands".split())

APPS = []
SAME = object()  # on Linux as under Argos


def add(batch, source, deed, argos, linux=SAME, suffix="", when=3, depth=0):
    name = deed.replace("_", "-") + suffix
    # `int` has its number behind it: deed int_0x80 is -DT_INT=0x80
    macro = "-DT_INT=" + deed[4:] if deed.startswith("int_") else "-DT_" + deed.upper()
    flags = [macro] + [f"-DWHEN={when}"] * (when != 3) + [f"-DDEPTH={depth}"] * (depth != 0)
    APPS.append(App(batch, source, name, argos, argos if linux is SAME else linux, flags, when))


# ---- places ----

for _deed in ("null_read null_write null_call wild_read wild_write wild_jump stack_overflow stack_below stack_above code_write "
              "rodata_write data_execute rodata_execute heap_execute stack_execute canvas_execute ctx_execute input_execute "
              "gate_write base_word_write entry_word_write nosys_write input_write guard_low guard_high neighbour_read "
              "neighbour_write heap_beyond freed canvas_beyond kernel_code_write kernel_high").split():
    add("memory", "memory.c", _deed, PAGE)
for _deed in ("noncanonical_read", "noncanonical_write", "noncanonical_jump"):
    add("memory", "memory.c", _deed, GENERAL)
add("memory", "memory.c", "noncanonical_stack", Either(STACK, GENERAL), STACK)  # TCG says 13

# ---- what the processor refuses ----

_E = ("exceptions", "exception.c")
for _deed in ("divide", "divide_overflow", "aam"):
    add(*_E, _deed, DIVIDE if _deed != "aam" else OPCODE)
for _deed in ("ud2", "lock", "into", "push_es", "syscall"):
    add(*_E, _deed, OPCODE)
for _deed in ("too_long", "movaps", "iretq", "retf", "far_jump", "far_call", "data_segment", "stack_segment"):
    add(*_E, _deed, GENERAL)
for _deed in ("fxrstor", "ldmxcsr"):
    add(*_E, _deed, Either(GENERAL, CALM), GENERAL)  # TCG takes reserved bits of MXCSR
add(*_E, "sysenter", Either(GENERAL, OPCODE), Either(GENERAL, OPCODE, PAGE))  # by the processor's maker
# Linux may have such a segment, but nothing of a slot lies below 4 GiB; one without 32-bit programs has none.
add(*_E, "far_32_bit", GENERAL, Either(PAGE, GENERAL))
add(*_E, "xsetbv", Either(GENERAL, OPCODE))  # a value that no processor takes; old ones do not have the instruction
add(*_E, "alignment", CALM)
add(*_E, "sse", Either(SSE, CALM), SSE)  # TCG has no SSE exceptions
add(*_E, "x87", X87)
add(*_E, "x87_pending", LEAVES)
add(*_E, "x87_pending_masked", LEAVES)
add(*_E, "x87_pending_fault", OPCODE)
add(*_E, "x87_pending_gate", X87, Either(X87, CALM))  # on Linux a gate needs the x87 unit itself, and forgets it
add(*_E, "breakpoint", CALM)
add(*_E, "breakpoint_long", CALM)
add(*_E, "breakpoint_gates", BREAK)
add(*_E, "debug", Either(DEBUG, OPCODE), DEBUG)  # TCG does not know the instruction
add(*_E, "trace", DEBUG)
add(*_E, "trace_gate", DEBUG)
add(*_E, "long_rep", PAGE)
add(*_E, "gs_read", PAGE)
add(*_E, "fs_read", PAGE, CALM)  # Linux: the C library's; the loader warns of it
# `int n` reaches ring 0's own entries, as if the device or the exception had; a process may not.
for _n, _argos in ((0, DIVIDE), (6, OPCODE), (0x0d, GENERAL)):
    add(*_E, f"int_{_n:#x}", _argos, GENERAL)
add(*_E, "int_0x4", OVERFLOW)
for _n in (2, 8, 0x0a, 0x0b, 0x0c, 0x0e, 0x11, 0x12, 0x15, 0x1d, 0x1e):
    add(*_E, f"int_{_n:#x}", GENERAL)
for _n in (0x20, 0x21, 0x30, 0xe7, 0xff):
    add(*_E, f"int_{_n:#x}", CALM, GENERAL)
add(*_E, "int_0x80", CALM, Either(OPCODE, GENERAL))  # Linux: a system call, of which there are none; without 32-bit programs no gate

for _deed in ("ret_wrong_rsp", "ret_above", "ret_into_data", "code_ends", "split_stack_overflow", "enter"):
    add("exceptions", "bare.S", _deed, PAGE)
add("exceptions", "bare.S", "jump_middle", OPCODE)
add("exceptions", "bare.S", "red_zone", CALM)
add("exceptions", "bare.S", "rsp_as_number", CALM)

add("exceptions", "bare.S", "always", Faults(3, True))
add("exceptions", "bare.S", "every_second", Faults(10, False))  # of twenty calls

# ---- the same at other depths and in other calls ----

_KINDS = (("memory.c", "null_write", PAGE), ("memory.c", "wild_jump", PAGE), ("memory.c", "stack_overflow", PAGE),
          ("memory.c", "code_write", PAGE), ("exception.c", "divide", DIVIDE), ("exception.c", "ud2", OPCODE),
          ("exception.c", "x87", X87), ("state.c", "rsp_wild_fault", OPCODE))
for _source, _deed, _outcome in _KINDS:
    add("depths", _source, _deed, _outcome, suffix="-callee", depth=1)
    add("depths", _source, _deed, _outcome, suffix="-deep", depth=1000)
    add("depths", _source, _deed, _outcome, suffix="-first", when=1)
    add("thousandth", _source, _deed, _outcome, suffix="-thousandth", when=1000)

# ---- registers and flags; ways to the gates ----

_S = ("state", "state.c")
for _deed in ("direction_return flags mxcsr x87_control x87_full mmx rsp_wild_return rsp_noncanonical_return return_target "
              "saved_registers entry_return ctx_ruined").split():
    add(*_S, _deed, LEAVES)
for _deed in ("gate_middle direction_gate flags_gate rsp_misaligned_gate gate_last gate_all".split()):
    add(*_S, _deed, CALM)
for _deed in ("mxcsr_gate", "entry_number", "entry_number_64"):
    add(*_S, _deed, Calm("kept"))
for _deed in ("rsp_wild_fault", "rsp_kernel_fault", "saved_registers_fault"):
    add(*_S, _deed, OPCODE)
for _deed in ("rsp_null", "rsp_wild_gate", "stack_gone"):
    add(*_S, _deed, PAGE)
add(*_S, "rsp_noncanonical_gate", Either(STACK, GENERAL))  # TCG says 13, and so do some hypervisors
add(*_S, "rsp_read_only_gate", PAGE)
add(*_S, "rsp_kernel_gate", Either(PAGE, GENERAL, OPCODE))  # by what the bytes happen to be

# ---- bad pointers, lengths and sizes in every gate ----

for _deed in ("null", "wild", "noncanonical", "other_slot", "kernel", "guard", "read_only", "overflow", "lengths", "sizes", "share_gone",
              "share_read_only"):
    add("gates", "gates.c", _deed, CALM, suffix="-in-gates")

# ---- what only ring 0 may do ----

_P = ("privileged", "privileged.c")
add(*_P, "cli_return", LEAVES, GENERAL)
add(*_P, "cli_fault", OPCODE, GENERAL)
for _deed in ("cli_gate sti hlt pic_mask pic_unmask pit port_read port_nobody cr0_read cr0_ts cr0_em cr3_read cr4_sse cr4_tsd cr8 "
              "dr7 dr7_kernel dr7_watch rdmsr wrmsr_lstar wrmsr_gs wrmsr_fs lldt clts wbinvd invlpg swapgs ss_null").split():
    add(*_P, _deed, CALM, GENERAL)
add(*_P, "ltr", GENERAL)
for _deed in ("cr0_paging", "cr4_pae", "cr4_reserved"):
    add(*_P, _deed, None, GENERAL)  # a processor refuses; TCG does not, and that is its end
add("privileged", "bare.S", "cli_long", CALM, GENERAL)  # the others wait, and that is all
add(*_P, "lgdt_wild", PAGE, GENERAL)
add(*_P, "efer_sce", PAGE, GENERAL)
add(*_P, "sgdt", CALM, Either(CALM, GENERAL))
add(*_P, "segments_null", CALM)
add(*_P, "fs_gs_null", CALM, None)  # Linux: see SABOTAGE
# Where the processor has them they are switched on, here for gs of verified apps; Linux lets processes do it by a bit of its own.
add(*_P, "wrgsbase", Either(CALM, OPCODE))
add(*_P, "wrfsbase", Either(CALM, OPCODE), None)

# ---- more than their share ----

_G = ("greedy", "greedy.c")
for _deed in ("memory_small", "memory_huge", "free_wild", "free_twice", "free_others"):
    add(*_G, _deed, CALM)
for _deed in ("log", "log_long"):
    add(*_G, _deed, Calm(None, again=False))
add(*_G, "self_modifying", PAGE)
add(*_G, "recursion", PAGE)
add("exhaustion", "greedy.c", "memory", CALM)
add("exhaustion", "greedy.c", "memory", CALM, suffix="-too")
add("exhaustion", "answers.c", "surfaces_large", CALM)
for _deed in ("endless", "endless_jump", "endless_gate", "endless_breakpoint"):
    add("endless", "greedy.c", _deed, Overran())

# Longer than the budget: each goes on in slices, in the state it was in, and ends as it would have without.
for _deed, _outcome in (("overrun_flags", CALM), ("overrun_rsp", CALM), ("overrun_x87", X87), ("overrun_fault", OPCODE),
                        ("overrun_return", PAGE)):
    # On Linux some hypervisors can not interrupt a program whose rsp is no address at all: then it faults.
    add("overruns", "bare.S", _deed, Both(Overran(), _outcome), Either(Both(Overran(), CALM), GENERAL) if _deed == "overrun_rsp" else SAME)

# ---- version 3 ----

_A = ("answers", "answers.c")
add(*_A, "exit_255", Logged(r"exited name={} pid=\d+ code=255"))
add(*_A, "answer_big", Logged(r"{}#\d+: _start returned 512"))
add(*_A, "answer_least", Logged(r"{}#\d+: _start returned -2147483648"))
add(*_A, "answer_negative", Logged(r"{}#\d+: _start returned -11"))
add(*_A, "wait_nothing", Calm("went on", again=False))
add(*_A, "fault", OPCODE)
add(*_A, "fault_waiting", OPCODE)
for _deed in ("ctx_write", "table_write", "surface_beyond", "surface_gone"):
    add(*_A, _deed, PAGE)
for _deed in ("surfaces", "open"):
    add(*_A, _deed, Calm("kept"))
for _deed in ("handles", "struct_size", "self"):
    add(*_A, _deed, CALM)

# What nothing in ring 0 can survive, by name: never run. CAVEATS.md says so, too.
SABOTAGE = {
    "cli, or CR8 = 15, with an endless loop": "no interrupt comes to take the processor back",
    "cli; hlt": "the same, asleep",
    "lidt, lgdt, ltr of tables of its own": "the next exception finds no way into the kernel",
    "breakpoints on the kernel's way into an exception": "each leads into the next one",
    "a wild CR3; page-table writes": "the kernel's own pages are gone",
    "CR0.PG, CR0.WP, CR4.PAE or EFER.NXE off": "no paging, nothing is read-only any more, or every page with NX faults",
    "wrmsr of the APIC's base, the TSC, the MTRRs": "no tick, or time runs wild",
    "writes to mapped bytes of others": "slots, the kernel's data and the direct map of all memory are one privilege level",
    "reads of them": "nothing is seen",
    "jumps into the kernel's code behind its entry": "it runs with what the app has put into the registers",
    "device registers, PCI's ports, DMA": "a device writes where it is told",
    "ports 0x64, 0xcf9, 0x501, ACPI's": "they reset or end the machine",
    "Linux: wrfsbase, a wild fs": "the C library's own data hang on it",
    "Linux: a jump to a system call of the C library": "only code above the slots may make one, and that is code above the slots",
    "Linux: writes to the tool's own data": "it is one process",
}


def batches():
    return list(dict.fromkeys(a.batch for a in APPS))


def of(batch, machine):
    return [a for a in APPS if a.batch == batch and a.outcome[machine] is not None]


GOOD = "good"


def complaints(batch, machine, text, report=True, chosen=lambda name: True):
    """Everything that is not as it should be. report: the run ended with the loop's own numbers."""
    wrong = [(a.name, a.outcome[machine].wrong(a, text)) for a in of(batch, machine) if chosen(a.name)]
    said = [f"{name}: {why}" for name, why in wrong if why]
    panic = re.search(r"^PANIC.*", text, re.M)
    said += [panic[0]] if panic else []
    for n in range(1, 4):
        name = f"{GOOD}{n}"
        fault = re.search(rf"fault name={name} .*", text)
        failed = re.search(rf"app\.{name}#\d+: T good FAIL.*", text)
        said += [f"{name}: {m[0]}" for m in (fault, failed) if m]
        if not re.search(rf"app\.{name}#\d+: T good ok", text):
            said.append(f"{name}: it does not come to its end")
        if report:
            own = re.search(rf"app={name} pid=\d+ calls=(\d+) faults=0 ", text)
            frames = re.search(r"loop: frames=(\d+) ", text)
            if not own or not frames or own[1] != frames[1]:
                said.append(f"{name}: {own and own[1]} calls in {frames and frames[1]} frames")
    return said


def main():
    for app in APPS:
        print(";".join((app.name, app.source) + app.flags))


if __name__ == "__main__":
    main()
