# SPDX-License-Identifier: MIT
"""What cases of the desktop are made of: apps with windows, hands as lines of a script, and what the desktop tells of its windows."""
import os
import re

from runner import FINE, SOURCE, check, compile_app, ctx, own_apps, read_png, scratch

GRANTS = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"
MODIFIERS = ("29", "42", "56", "125")  # whoever has the keys hears of them before a chord is one
SHIFT, CTRL, ALT, META = "leftshift", "leftctrl", "leftalt", "leftmeta"

with open(os.path.join(SOURCE, "ctest", "qemu", "apps", "window.c"), encoding="utf-8") as _source:
    WINDOW = _source.read()

# Paints all of a large window in every frame, each in another colour.
BUSY = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    uint32_t *st = *ctx->store;
    if (st == 0) {
        *ctx->store = st = ctx->alloc(8, 16);
        ctx->display->create(ctx->display, 1100, 650, CTX_SURFACE_RGBX, 0, &st[0]);
        st[1] = 0;
    }
    uint32_t *px = ctx->display->pixels(ctx->display, st[0]);
    st[1]++;
    for (uint32_t i = 0; i < 1100 * 650; i++) { px[i] = 0xff000000u | (st[1] * 3 & 0xff); }
    ctx->display->damage(ctx->display, st[0], 0, 0, 1100, 650);
    return CTX_AGAIN;
}
"""

# Restarts the desktop (pid 0) again and again.
KILLER = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static const char id[] = "ctx.control/1";
int32_t _start(struct ctx *ctx)
{
    const struct ctx_table *t = 0;
    uint64_t now = 0, *count = (uint64_t *)ctx->store;
    ctx->iface->open(ctx->iface, id, sizeof id - 1, 0, &t);
    const struct ctx_control *control = (const void *)t;
    ctx->time->now(ctx->time, &now);
    if (++*count > 1) { control->restart(control, 0); }
    ctx->time->wake_at(ctx->time, *count == 1 ? 1500000000 : now + 50000000);
    if (*count == 101) { say(ctx, "killed", 100); return CTX_EXIT(0); }
    return CTX_WAIT;
}
"""


def chord(*keys):
    """The last one tapped while the others are held."""
    held = keys[:-1]
    return "".join(f"key {k} down\n" for k in held) + f"key {keys[-1]} tap\n" + "".join(f"key {k} up\n" for k in reversed(held)) + "wait 60\n"


def drag(x0, y0, x1, y1, button="left"):
    return (f"pointer {x0} {y0}\nwait 40\nbutton {button} down\nwait 40\npointer {(x0 + x1) // 2} {(y0 + y1) // 2}\nwait 40\n"
            f"pointer {x1} {y1}\nwait 40\nbutton {button} up\nwait 80\n")


def click(x, y):
    return f"pointer {x} {y}\nwait 40\nbutton left click\nwait 80\n"


_made = {}


def made(folder, name, source):
    """Compiled once for all cases; an app is called as its file is."""
    if source not in _made:
        with open(compile_app(folder, name, source), "rb") as f:
            _made[source] = f.read()
    path = os.path.join(folder, name + ".elf")
    with open(path, "wb") as f:
        f.write(_made[source])
    return path


def write(folder, text):
    path = os.path.join(folder, "script")
    with open(path, "w", encoding="utf-8") as f:
        f.write("wait 300\n" + text.replace("@", folder + "/") + "quit\n")
    return path


def play(script, *apps, words="tell", size="1280x800", how=FINE, options=()):
    """apps: each a list of words for the window app, or (source, words)."""
    with scratch() as folder:
        path = write(folder, script + "wait 100\n")
        line = [own_apps("desktop")[0], GRANTS, "trusted", *words.split()]
        for i, app in enumerate(apps):
            source, text = app if isinstance(app, tuple) else (WINDOW, app)
            line += ["+", made(folder, f"w{i}", source), *text.split()]
        said = ctx("run", "--headless", "--virtual-time", "--seed", "5", "--size", size, "--script", path, *options, *line)
        shots = {n[:-4]: read_png(os.path.join(folder, n)) for n in sorted(os.listdir(folder)) if n.endswith(".png")}
    said.ends(how)
    check(" fault name=desktop" not in said.text, said.text[-3000:])
    return said, shots


def states(said, name):
    """What the desktop told of this window, one after the other."""
    return re.findall(rf"app\.desktop#0: window {re.escape(name)}: (.*)", said.text)


def last(said, name):
    found = states(said, name)
    check(found, f"no window {name}:\n{said.text[-2500:]}")
    return found[-1]
