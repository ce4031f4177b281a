# SPDX-License-Identifier: MIT
"""Scripts: every action reaches the app as hands would, in order; a wrong line is told before anything runs."""
import os
import re

from runner import FINE, USAGE, case, check, compile_app, ctx, limit, main, read_png, scratch, test_app, until

A, B, C, SHIFT, UP, ENTER = 30, 48, 46, 42, 103, 28
LEFT, RIGHT, MIDDLE = 0x110, 0x111, 0x112


def write(folder, text):
    path = os.path.join(folder, "script")
    with open(path, "w") as f:
        f.write(text)
    return path


def play(text, *apps):
    with scratch() as folder:
        words = [w for app in apps for w in ("+", app)][1:]
        return ctx("run", "--headless", "--seconds", str(limit(20)), "--script", write(folder, text.replace("DIR", folder)),
                   *words), [read_png(os.path.join(folder, n)) for n in sorted(os.listdir(folder)) if n.endswith(".png")]


def events(text):
    return [(d == "down", int(c)) for d, c in re.findall(r"T (down|up) code=(\d+)", text)]


def taps(*codes):
    return [e for code in codes for e in ((True, code), (False, code))]


@case
def keys_and_buttons():
    said, _ = play("""
# comments and empty lines are nothing

        frames 2
key a down
key b down
key A up
key B up
key LeftShift tap
\ttype bC<up><ret>
button left down
button left up
button right click
button middle click
frames 3
quit
""", test_app("keys"))
    said.ends(FINE).hasnt("FAIL").has("I script: quit")
    want = [(True, A), (True, B), (False, A), (False, B)] + taps(SHIFT, B) + [(True, SHIFT), *taps(C), (False, SHIFT)] + taps(UP, ENTER, LEFT, RIGHT, MIDDLE)
    check(events(said.text) == want, f"events are {events(said.text)}, not {want}")


POINTER = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    struct ctx_event e;
    uint32_t bytes;
    while (ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &bytes) == CTX_OK) {
        if (e.kind == CTX_EVENT_POINTER || e.kind == CTX_EVENT_WHEEL) {
            int wheel = e.kind == CTX_EVENT_WHEEL;
            say(ctx, wheel ? "wheel" : "pointer", wheel ? e.y : e.x * 10000 + e.y);
        } else if (e.kind == CTX_EVENT_KEY) {
            say(ctx, "key", e.code * 10 + e.value);
        }
    }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_KEY);
    return CTX_WAIT;
}
"""


@case
def pointer_and_wheel():
    """To the pixel, corners included; each waiting action is seen before the next one."""
    with scratch() as folder:
        elf = compile_app(folder, "pointer", POINTER)
        said, _ = play("""wait 50
pointer 0 0
wait 5
pointer 1279 799
wait 5
pointer 641 77
wait 5
button left down
wait 5
wheel -3
wait 5
wheel 2
wait 20
quit""", elf)
    said.ends(FINE)
    seen = re.findall(r"T (pointer|wheel|key) (-?\d+)", said.text)
    once = [s for n, s in enumerate(seen) if n == 0 or s != seen[n - 1]]  # a button tells the place once more
    want = [("pointer", "0"), ("pointer", "12790799"), ("pointer", "6410077"), ("key", f"{LEFT}1"), ("wheel", "-3"),
            ("wheel", "2")]
    check(once == want, f"{seen}, not {want}")


@case
def screenshots():
    """Several ones in one run, each of its moment."""
    with scratch() as folder:
        elf = compile_app(folder, "grow", '#include "t.h"\nint32_t _start(struct ctx *ctx) { static u64 n; '
                          "if (n < ctx->fb.len) { ctx->fb.pixels[n++] = 0xffffff; } return 0; }\n")
        said, shots = play("frames 3\nscreenshot DIR/1.png\nframes 10\nscreenshot DIR/2.png\nquit\n", elf)
    said.ends(FINE)
    white = [len(p.data) - p.data.count(0) for p in shots]
    check(len(shots) == 2, f"{len(shots)} pictures")
    check(white[0] >= 3 * 2 and white[1] >= white[0] + 3 * 9, f"white bytes: {white}")
    said, _ = play("screenshot /nowhere/a.png\nquit\n", test_app("idle"))
    said.ends(USAGE).has("E main: screenshot /nowhere")


COUNT = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls, seen;
    calls++;
    for (; seen < ctx->input->last; seen++) {
        const struct event *e = &ctx->input->ring[(seen + 1) % 64];
        struct line l = {0};
        put(&l, "T code ");
        put_number(&l, e->code);
        put(&l, e->down ? " down in " : " up in ");
        put_number(&l, calls);
        send(ctx, &l);
    }
    return 0;
}
"""


@case
def frames():
    """An app that is called each frame is called exactly N times between two actions; after the script the run goes on."""
    with scratch() as folder:
        elf = compile_app(folder, "count", COUNT)
        path = write(folder, "frames 1\nkey a down\nframes 30\nkey a up\n")
        said = until("run", "--headless", "--script", path, elf, says=[rf"T code {A} up in"])
        said.ends(FINE).hasnt("script: quit")
        seen = re.findall(r"T code (\d+) (down|up) in (\d+)", said.text)
        check([s[:2] for s in seen] == [(str(A), "down"), (str(A), "up")], seen)
        check(int(seen[1][2]) - int(seen[0][2]) == 30, f"{seen}: not 30 calls")
        # Nobody is called in each frame: then it is time.
        path = write(folder, "frames 6\nquit\n")
        said = ctx("run", "--headless", "--seconds", str(limit(20)), "--script", path, test_app("v3wait"), "forever")
        said.ends(FINE).has("script: quit")


@case
def wrong_lines():
    """A file, a line, a reason; exit code 1; and nothing has run."""
    with scratch() as folder:
        for line, why in (("wait", "too little"), ("wait x", "no number"), ("wait -1", "no number"),
                          ("wait 99999999999999999999", "no number"), ("frames 1 2", "too much"),
                          ("key foo tap", "no key.*foo"), ("key a press", "down, up or tap"), ("key a", "too little"),
                          ("pointer 1280 0", "1280x800"), ("pointer 0 -1", "1280x800"), ("pointer 1", "too little"),
                          ("button left tap", "down, up or click"), ("button nose click", "no button"),
                          ("wheel 101", "steps"), ("hop", "no such action: hop"), ("typ", "no such action"),
                          ("type \u00e9", "US keyboard"), ("quit now", "too much"), ("screenshot", "too little"),
                          ("type", "too little")):
            path = write(folder, "# first\n\nwait 1\n" + line + "\n")
            said = ctx("run", "--headless", "--script", path, test_app("idle")).ends(USAGE)
            said.has(rf"^ctx: {re.escape(path)}:4: .*{why}").hasnt("main:")
        ctx("run", "--headless", "--script", "/nowhere/s", test_app("idle")).ends(USAGE).has("/nowhere/s").hasnt("main:")


if __name__ == "__main__":
    main()
