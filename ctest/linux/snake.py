# SPDX-License-Identifier: MIT
"""The game: it waits on its pages and moves while it is played; its pictures show what happened."""
import os
import re

from runner import FINE, case, check, ctx, main, own_apps, read_png, scratch

BOARD = (304, 212, 976, 632)


def play(script, *options):
    with scratch() as folder:
        path = os.path.join(folder, "game.script")
        with open(path, "w", encoding="utf-8") as f:
            f.write(script.replace("@", folder + "/"))
        said = ctx("run", "--headless", "--virtual-time", "--seed", "3", "--script", path, *options, *own_apps("snake"), "instrument=display.damage")
        shots = {n[:-4]: read_png(os.path.join(folder, n)) for n in os.listdir(folder) if n.endswith(".png")}
    said.ends(FINE).hasnt(" fault name=")
    return said, shots


def damages(text, begin, end):
    stamps = [float(t) for t in re.findall(r"^\[ *([\d.]+)\] I trace\.snake#0: display\.damage", text, re.M)]
    return sum(begin < t < end for t in stamps)


def greens(shot):
    """Pixels of the snake's head on the board (the leaf of the fruit is darker)."""
    x0, y0, x1, y1 = BOARD
    return [(x, y) for y in range(y0, y1, 2) for x in range(x0, x1, 2)
            if shot.at(x, y)[1] > shot.at(x, y)[0] + 60 and shot.at(x, y)[1] > 222]


@case
def a_game():
    said, shots = play("wait 600\nscreenshot @title.png\nkey space tap\nwait 500\nscreenshot @a.png\nkey down tap\nwait 700\n"
                       "screenshot @b.png\nkey p tap\nwait 200\nscreenshot @pause1.png\nwait 500\nscreenshot @pause2.png\n"
                       "key space tap\nwait 5000\nscreenshot @over.png\nquit\n")
    check(len(greens(shots["title"])) == 0, "a snake before the game")
    a, b = greens(shots["a"]), greens(shots["b"])
    check(len(a) > 20 and len(b) > 20, f"no snake: {len(a)}, {len(b)} pixels")
    check(max(y for _, y in b) > max(y for _, y in a) + 40, "it did not turn down")
    check(not shots["pause1"].differing(shots["pause2"]), "it moves in a pause")
    said.has(r"app\.snake#0: over$")
    text = [p for p in shots["over"].differing(shots["b"]) if 527 < p[0] < 753 and 380 < p[1] < 470]
    check(len(text) > 100, "nothing says that it is over")


@case
def pages_wait():
    """On the title page it draws once and is not called again; played, it draws every frame."""
    said, _ = play("wait 1500\nkey space tap\nwait 1000\nquit\n")
    check(damages(said.text, 0.3, 1.4) == 0, "the title page is drawn again and again")
    check(damages(said.text, 1.6, 2.4) > 15, "the game stands still")


if __name__ == "__main__":
    main()
