# SPDX-License-Identifier: MIT
"""
Assembly in, assembly out: what a compiler wrote for x86-64 (AT&T syntax) becomes code that can not leave its slot, and
that the verifier takes (kernel/doc/isolation.md has the rules). Nobody needs to trust this file: what it gets wrong is
refused when it is loaded.

    memory        d(%base,%index,s)  ->  %gs:d(%ebase,%eindex,s)      gs is the slot's base, and addresses have 32 bits
    returns       ret                ->  pop %r11; and $-32, add the base, jmp *%r11
    branches      jmp *%rax          ->  and $-32, add the base, jmp *%rax
    rsp           sub $n,%rsp        ->  sub $n+8,%rsp; pop %r11      what rsp is now is touched at once
                  mov %rbp,%rsp      ->  mov %ebp,%esp; add the base
    strings       rep movsb          ->  rdi and rsi cut to 32 bits, the base added

r11 is the rewriter's own: compile with -ffixed-r11. Flags do not survive a return, a computed branch, a string
instruction or a change of rsp; where a compiler counts on that, it is said. The output is for clang's assembler, which
knows bundles: groups that must not cross a multiple of 32, and calls that end at one.
"""
import re

BASE = "__ehdr_start-0x3e0000(%rip)"  # the word at slot+0x20000, seen from a file that is linked at slot+0x400000
STACK_REACH = 32768

LOW = {}  # %rax: %eax
for _name in ("ax", "bx", "cx", "dx", "si", "di", "bp", "sp"):
    LOW["%r" + _name] = "%e" + _name
for _no in range(8, 16):
    LOW[f"%r{_no}"] = f"%r{_no}d"

_LOW32 = set(LOW.values())
_TLS = re.compile(r"@(tpoff|gottpoff|tlsgd|tlsld|dtpoff|tlsdesc)\b", re.I)
_THREAD_LOCAL = "thread-local data (_Thread_local, __thread): an app has no %fs, and one thread; make it static"
# Registers that no verified code has: the kernel's own, and those of EVEX, whose instructions the verifier does not list.
_NO_REGISTER = re.compile(r"%(?P<kernel>cr\d+|dr\d+|db\d+|tr\d)\b|%(?P<segment>[c-gs]s)(?!:)\b|%(?P<evex>zmm\d+|[xy]mm(1[6-9]|2\d|3[01])|k[0-7])\b")
_MEMORY = re.compile(r"^(?P<disp>[^()%*$]*)\((?P<base>%\w+)?\s*(?:,\s*(?P<index>%\w+)?\s*(?:,\s*(?P<scale>[1248])\s*)?)?\)$")
_LABEL = re.compile(r'^\s*([\w.$@]+|"[^"]+")\s*:\s*')
_LOCAL = re.compile(r"\.L[\w.$]+")
_CONDITION = ("o no b c nae ae nb nc e z ne nz be na a nbe s ns p pe np po l nge ge nl le ng g nle").split()
_JUMPS = {"j" + c for c in _CONDITION} | {"jrcxz"}
_USE_FLAGS = ({"j" + c for c in _CONDITION} | {"set" + c for c in _CONDITION} |
              {"adc", "sbb", "rcl", "rcr", "lahf", "cmc", "adcx", "adox"})
_STRING = re.compile(r"^(movs|stos|cmps|scas|lods)([bwlq])$")
_KEEP_FLAGS = ("mov", "lea", "push", "pop", "nop", "v", "xchg", "not", "leave", "bswap", "cvt", "p")
_FRAME = ("%rsp", "%esp", "%sp", "%spl", "%rbp", "%ebp", "%bp", "%bpl")
_PREFIXES = ("lock", "rep", "repe", "repz", "repne", "repnz", "notrack", "bnd", "data16")
# What no rewriting makes harmless. The verifier's list is one of what is allowed; these get a better word here.
_NEVER = {"syscall", "sysenter", "sysexit", "sysret", "int", "iret", "iretq", "hlt", "cli", "sti", "std", "popf", "popfq", "pushf",
          "pushfq", "in", "inb", "inw", "inl", "out", "outb", "outw", "outl", "cpuid", "rdmsr", "wrmsr", "rdtsc", "rdtscp", "xgetbv",
          "xsetbv", "lgdt", "lidt", "sgdt", "sidt", "ltr", "lldt", "wrgsbase", "wrfsbase", "rdgsbase", "rdfsbase", "swapgs",
          "clts", "lmsw", "outsb", "outsw", "outsl", "insb", "insw", "insl",
          "fxsave", "fxrstor", "xsave", "xrstor", "fldenv", "fnstenv", "fstenv", "fnsave", "fsave", "frstor", "clflush", "enter",
          "xlat", "xlatb", "maskmovdqu", "maskmovq", "vmaskmovdqu", "loop", "loope", "loopne", "lret", "lcall", "ljmp", "invlpg",
          "monitor", "mwait", "wbinvd", "rdrand", "rdseed", "xbegin"}


class RewriteError(Exception):
    pass


def _operands(text):
    """Split at commas that are outside of parentheses and strings."""
    out, depth, start, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        elif c == "," and depth == 0 and not quoted:
            out.append(text[start:i].strip())
            start = i + 1
    last = text[start:].strip()
    return out + [last] if last else out


def _is_memory(operand):
    return not operand.startswith(("$", "%")) or operand[3:4] == ":"


def _base_of(mnemonic):
    """Without the letter for the size."""
    return mnemonic[:-1] if mnemonic[-1:] in "bwlq" else mnemonic


def uses_flags(mnemonic):
    return mnemonic in _USE_FLAGS or _base_of(mnemonic) in _USE_FLAGS or mnemonic.startswith("cmov")


class Rewriter:
    """One file. rewrite() gives its new text; RewriteError names the place as `where`: the source's, if that is known."""

    def __init__(self, name, debug=True):
        self.name = name
        self.debug = debug  # whether lines and debug information go on into the output
        self.out = []
        self.places = []  # of each line of it: (where, what it was)
        self.dropping = self.frames = False  # a section of debug information; unwind tables that are for it alone
        self.inline = False  # in inline assembly
        self.taken = set()  # local labels that code can get to by their address
        self.files = {}  # of .file directives
        self.place = None  # of the last .loc
        self.line = 0
        self.lines = []
        self.marked = None  # (file, line) of a preprocessor's line marker, and the line where it stood
        self.text = True
        self.sections = []
        self.pending = None  # a change of rsp that the next instruction, a pop, will probe
        self.leaving = False  # a `leave` that waits for those behind it that still read flags

    # ---- errors ----

    def where(self):
        if self.place and not (self.inline and self.marked):
            return f"{self.files.get(self.place[0], self.name)}:{self.place[1]}"
        if self.marked:
            return f"{self.marked[0]}:{self.marked[1] + self.line - self.marked[2]}"
        return f"{self.name}:{self.line}"

    def fail(self, why, what=None):
        what = what or self.lines[self.line - 1].split("#")[0].strip()
        raise RewriteError(f"{self.where()}: error: `{' '.join(what.split())}`: {why}")

    # ---- output ----

    def emit(self, *instructions):
        self.out += ["\t" + i for i in instructions]

    def group(self, *instructions, end=False):
        """They never cross a multiple of 32; with end, they end at one."""
        self.out.append("\t.bundle_lock align_to_end" if end else "\t.bundle_lock")
        self.emit(*instructions)
        self.out.append("\t.bundle_unlock")

    # ---- operands ----

    def memory(self, operand):
        """An operand of memory as the slot has it."""
        if operand.startswith("%"):
            self.fail("a segment register means nothing in a slot" + ("; " + _THREAD_LOCAL if operand == "%fs:0" else ""))
        if re.match(r"^(0x[0-9a-fA-F]+|\d+)$", operand) and int(operand, 0) < 1 << 31:
            return "%gs:" + operand  # what a compiler makes of a null pointer that it knows: it faults in the slot too
        if re.match(r"^-\d+$", operand) and int(operand) >= -4096:
            return "%gs:0"  # likewise, of one that it has gone back from
        match = _MEMORY.match(operand)
        if not match:
            self.fail("an address that only the linker knows, or a number that is none in a slot; assembly writes name(%rip), a compiler "
                      "does with -fPIE")
        disp, base, index, scale = match["disp"].strip(), match["base"], match["index"], match["scale"]
        if base == "%rip":
            return operand
        if base is None and index is None:
            self.fail("an address that is a number is not in the slot")
        if base == "%rsp" and index is None:
            try:
                if abs(int(disp or "0", 0)) <= STACK_REACH:
                    return operand
            except ValueError:
                pass
        inner = ""
        for register in (base, index):
            if register is not None and register not in LOW and register not in _LOW32:
                self.fail(f"an address by {register}")
        # (One that has 32 bits already, `(int *)(n & 0xffffffff)`, means the same place: what is cut off is zero.)
        inner = (LOW.get(base, base) if base else "") + ("," + LOW.get(index, index) if index else "") + ("," + scale if index and scale else "")
        return f"%gs:{disp}({inner})"

    # ---- what comes next ----

    def next_instructions(self, count):
        """The (mnemonic, rest) of up to so many instructions that follow in a straight line; None: a label."""
        found = []
        for at in range(self.line, min(self.line + 60, len(self.lines))):
            text = self.lines[at].strip()
            if not text or text[0] in "#/":
                continue
            if _LABEL.match(text):
                found.append(None)
                return found
            if text[0] == ".":
                continue
            for part in text.split("#")[0].split(";"):
                words = part.split(None, 1)
                if words:
                    found.append((words[0], words[1] if len(words) > 1 else ""))
            if len(found) >= count:
                break
        return found[:count]

    def flags_are_read(self):
        """By somebody behind this instruction, before they are made anew?"""
        for entry in self.next_instructions(8):
            if entry is None or entry[0] in ("ret", "retq", "call", "callq", "jmp", "jmpq"):
                return False  # a compiler passes nothing in flags between blocks that far apart
            if uses_flags(entry[0]):
                return True
            if not entry[0].startswith(_KEEP_FLAGS):
                return False
        return False

    def flags_die(self):
        """What becomes of this instruction changes the flags."""
        if self.flags_are_read():
            self.fail("flags are needed behind it, and do not survive what becomes of it")

    # ---- instructions ----

    def leave(self):
        self.leaving = False
        self.group("movl %ebp,%esp", f"addq {BASE},%rsp")
        self.emit("popq %rbp")

    def leave_before(self, mnemonic, operands):
        """A `leave` waits: this instruction goes before it, if it has to do with other registers only; else it waits no longer."""
        if mnemonic.startswith(("cmov", "set", "mov", "sbb", "adc")) and all(op[0] in "%$" and op not in _FRAME for op in operands):
            return
        self.leave()
        if uses_flags(mnemonic):
            self.fail("flags are needed here, and did not survive what became of `leave`")
        if mnemonic.startswith(_KEEP_FLAGS):
            self.flags_die()

    def leave_by(self, register, verb, end=False):
        self.group(f"andl $-32,{LOW[register]}", f"addq {BASE},{register}", f"{verb} *{register}", end=end)

    def branch(self, mnemonic, operand):
        call = mnemonic.startswith("call")
        if not operand.startswith("*"):
            if call:
                self.group("call " + operand, end=True)
            else:
                self.emit("jmp " + operand)
            return
        target = operand[1:]
        if target not in LOW:
            if target.startswith("%") and ":" not in target:
                self.fail("a branch by a part of a register")
            self.emit(f"movq {self.memory(target)},%r11")
            target = "%r11"
        if target == "%rsp":
            self.fail("a branch by rsp")
        self.leave_by(target, "call" if call else "jmp", end=call)

    def string(self, prefix, mnemonic):
        self.flags_die()
        kind = _STRING.match(mnemonic)[1]
        group = []
        if kind != "lods":
            group += ["movl %edi,%edi", f"addq {BASE},%rdi"]
        if kind in ("movs", "cmps", "lods"):
            group += ["movl %esi,%esi", f"addq {BASE},%rsi"]
        self.group(*group, prefix + mnemonic)

    def change_stack(self, mnemonic, operands):
        """Something is written to rsp."""
        plain = mnemonic[:-1] if mnemonic.endswith("q") else mnemonic
        if operands[-1] != "%rsp" or plain not in ("add", "sub", "and", "mov", "lea") or len(operands) != 2:
            self.fail("rsp can not be changed like this")
        source = operands[0]
        if plain in ("mov", "lea"):
            self.flags_die()
        if plain in ("add", "sub") and re.match(r"^\$-?\d+$", source):
            by = int(source[1:]) if plain == "add" else -int(source[1:])
            then = self.next_instructions(1)
            if abs(by) <= STACK_REACH and then and then[0] and re.match(r"^(popq?$|retq?$)", then[0][0]) and \
                    (then[0][0].startswith("ret") or then[0][1].strip() in LOW and then[0][1].strip() != "%rsp"):
                self.pending = f"addq ${by},%rsp"
                return
            # The next push or pop probes what rsp became, and no base is needed; where there is none, one is made that reads a
            # word which nobody needs.
            if by < 0 and then and then[0] and re.match(r"^pushq?$", then[0][0]) and then[0][1].strip() in LOW and \
                    abs(by) <= STACK_REACH:
                self.pending = f"subq ${-by},%rsp"
                return
            if by == 8:
                self.emit("popq %r11")
                return
            if abs(by - 8) <= STACK_REACH:
                self.group(f"subq ${8 - by},%rsp" if by < 8 else f"addq ${by - 8},%rsp", "popq %r11")
                return
        if plain == "lea":
            self.group(f"leal {source},%esp", f"addq {BASE},%rsp")
        elif _is_memory(source):
            self.group(f"{plain}l {self.memory(source)},%esp", f"addq {BASE},%rsp")
        else:
            self.group(f"{plain}l {LOW.get(source, source)},%esp", f"addq {BASE},%rsp")

    def instruction(self, mnemonic, rest):
        prefix, words = "", (mnemonic, rest)
        while words[0] in _PREFIXES:
            if words[0] not in ("notrack", "bnd"):
                prefix += words[0] + " "
            parts = words[1].split(None, 1)
            if not parts:
                self.fail("a prefix without an instruction")
            words = (parts[0], parts[1] if len(parts) > 1 else "")
        mnemonic, rest = words
        if mnemonic in _NEVER:
            self.fail("no verified app may have it")
        operands = _operands(rest)
        if _TLS.search(rest):
            self.fail(_THREAD_LOCAL)
        odd = _NO_REGISTER.search(rest)
        if odd and (mnemonic.startswith(("mov", "push", "pop", "kmov")) or odd["evex"]):
            self.fail(f"no verified app may have it: %{odd['kernel']} is the kernel's" if odd["kernel"] else
                      f"no verified app may have it: %{odd['segment']} is the kernel's" if odd["segment"] else
                      f"no verified app may have it: {odd[0]} is AVX-512, and AVX2 is the most")
        if any(op in ("%r11", "%r11d", "%r11w", "%r11b") or "%r11" in op for op in operands):
            self.fail("r11 is reserved, for what becomes of branches: take another register (compilers are told by -ffixed-r11)")
        if self.leaving:
            self.leave_before(mnemonic, operands)
        pending, self.pending = self.pending, None
        if mnemonic in ("ret", "retq"):
            if operands:
                self.fail("no compiler returns like this")
            if pending:
                self.group(pending, "popq %r11")
            else:
                self.emit("popq %r11")
            self.leave_by("%r11", "jmp")
        elif pending:
            self.group(pending, mnemonic + " " + rest)
        elif mnemonic in ("call", "callq", "jmp", "jmpq"):
            self.branch(mnemonic, operands[0])
        elif mnemonic in _JUMPS:
            self.emit(mnemonic + " " + rest)
        elif mnemonic in ("leave", "leaveq"):
            self.leaving = self.flags_are_read()
            if not self.leaving:
                self.leave()
        elif _STRING.match(mnemonic) and not (operands and operands[0].startswith("%xmm")) and \
                (not operands or operands[0][0] in "(%"):
            self.string(prefix, mnemonic)
        elif operands and operands[-1] in ("%rsp", "%esp", "%sp", "%spl") and \
                not mnemonic.startswith(("push", "cmp", "test")):
            self.change_stack(mnemonic, operands)
        elif mnemonic.startswith(("lea", "nop")):
            self.emit(prefix + mnemonic + (" " + rest if rest else ""))
        else:
            if "%rsp" in operands[:-1] and mnemonic.startswith(("xchg", "xadd")):
                self.fail("rsp can not be changed like this")
            operands = [self.memory(op) if _is_memory(op) else op for op in operands]
            self.emit(prefix + mnemonic + (" " + ",".join(operands) if operands else ""))

    # ---- directives ----

    def section(self, words, text):
        if words[0] in (".text", ".data", ".bss"):
            self.text = words[0] == ".text"
        elif words[0] in (".section", ".pushsection"):
            if words[0] == ".pushsection":
                self.sections.append(self.text)
            flags = re.search(r',\s*"([a-zA-Z?]*)"', text)
            self.text = "x" in flags[1] if flags else words[1].startswith(".text")
        elif words[0] == ".popsection":
            if not self.sections:
                self.fail(".popsection without .pushsection")
            self.text = self.sections.pop()

    def directive(self, text):
        words = text.split()
        if words[0] in (".section", ".pushsection") and re.match(r"\.t(data|bss)\b", words[1].strip('"')):
            raise RewriteError(f"{self.name}: error: {_THREAD_LOCAL}")  # data have no lines
        if words[0] == ".file":
            match = re.match(r'\.file\s+(\d+)\s+((?:"[^"]*"\s*)+)', text)
            if match:
                self.files[match[1]] = re.findall(r'"([^"]*)"', match[2])[-1]
        elif words[0] == ".loc":
            self.place = (words[1], words[2])
            text = " ".join(w for k, w in enumerate(words) if w != "view" and words[k - 1] != "view")
        elif words[0] in (".p2align", ".align", ".balign") and self.text:
            return  # of loops: bundles are enough; of functions: their label has it
        elif words[0] in (".byte", ".long", ".quad", ".ascii", ".string", ".value", ".zero", ".skip", ".space", ".fill",
                          ".octa", ".int", ".word", ".short") and self.text:
            self.fail("data among the code; put it into .rodata")
        elif words[0] in (".bundle_align_mode", ".bundle_lock", ".bundle_unlock"):
            self.fail("it is rewritten already")
        self.section(words, text)
        if words[0] in (".section", ".pushsection", ".text", ".data", ".bss", ".previous", ".popsection"):
            self.dropping = not self.debug and words[0] == ".section" and words[1].startswith(".debug_")
        self.frames |= text.startswith(".cfi_sections") and ".eh_frame" not in text
        if self.dropping or not self.debug and (words[0] == ".loc" or words[0] == ".file" and words[1].isdigit() or
                                                self.frames and words[0].startswith(".cfi_")):
            return
        self.out.append("\t" + text)

    # ---- a file ----

    def addresses_taken(self):
        """Local labels that anything but a direct branch names: tables of a switch, computed gotos. Debug information names
        nearly all of them, and nobody goes there by it."""
        taken, debug = set(), False
        for line in self.lines:
            text = line.strip()
            if text.startswith((".section", ".text", ".data", ".bss", ".previous", ".pushsection", ".popsection")):
                debug = bool(re.match(r"\.(push)?section\s+\.debug_", text))
            if debug:
                continue
            if ".L" not in text or text[0] == "#":
                continue
            text = _LABEL.sub("", text)
            first = text.split(None, 1)
            if not first:
                continue
            if first[0] in (".long", ".quad", ".value", ".4byte", ".8byte"):
                taken.update(_LOCAL.findall(text))
            elif first[0][0] != "." and len(first) > 1 and first[0] not in _JUMPS and \
                    not first[0].startswith(("jmp", "call")):
                taken.update(_LOCAL.findall(first[1]))
        return taken

    def one_line(self, line):
        marker = re.match(r'^#\s+(\d+)\s+"([^"]*)"', line)
        if marker:
            self.marked = (marker[2], int(marker[1]), self.line + 1) if marker[2] else None
        if line in ("#APP", "#NO_APP"):
            self.inline, self.marked = line == "#APP", None
        if not line or line[0] == "#" or line.startswith("/*") and line.endswith("*/"):
            return
        while True:
            label = _LABEL.match(line)
            if not label:
                break
            name = label[1]
            if self.pending:
                self.fail("a label between a change of rsp and what probes it")
            if self.leaving:
                self.leave()
            if self.text and (name in self.taken or not name.startswith(".L") and not name.isdigit()):
                self.out.append("\t.p2align 5")
            if not self.dropping:
                self.out.append(name + ":")
            line = line[label.end():]
        if not line:
            return
        if line[0] == ".":
            self.directive(line if '"' in line else line.split("#")[0].strip())
        elif self.text:
            for part in line.split("#")[0].split(";"):
                words = part.split(None, 1)
                if words and words[0].startswith("."):
                    self.directive(part.strip())
                elif words:
                    self.instruction(words[0], words[1].strip() if len(words) > 1 else "")
        elif not self.dropping:
            self.out.append("\t" + line)

    def rewrite(self, text):
        self.lines = text.split("\n")
        self.taken = self.addresses_taken()
        self.out.append("\t.bundle_align_mode 5")
        for self.line, line in enumerate(self.lines, 1):
            self.one_line(line.strip())
            self.places += [(self.where(), line.split("#")[0])] * (len(self.out) - len(self.places))
        return "\n".join(self.out) + "\n"


def rewrite(text, name):
    return Rewriter(name).rewrite(text)
