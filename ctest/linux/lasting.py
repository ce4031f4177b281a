# SPDX-License-Identifier: MIT
"""What is frozen with version 3 runs as on the first day: programs in C, C++ and Rust, plain and verified, their images and a session.
Until there is such a folder, one is made of today's build as it would be frozen, and looked at the same way."""
import os

from runner import FINE, case, check, ctx, main, read_png, scratch, until
import lasting
import parcels


def ran(*words, frames=lasting.FRAMES):
    """What a run said, and the corner that they draw in."""
    with scratch() as own:
        png = os.path.join(own, "shot.png")
        said = ctx(*lasting.RUN, "--frames", str(frames), "--screenshot", png, *words).ends(FINE)
        return said, lasting.corner(read_png(png))


def as_ever(runs, what, said, names=None):
    bad = lasting.wrong(runs, what, said.text, names)
    check(not bad, "\n".join(bad))


@case
def programs_say_and_show_the_same():
    """Alone, and where each call may be undone."""
    folder = lasting.folder()
    runs = lasting.read(folder)
    words = lasting.drawing(folder, lasting.DRAW)
    for more in ([], ["restart=undo"]):
        said, corner = ran(*[w for word in words for w in ([word, *more] if word == lasting.GRANTS else [word])])
        as_ever(runs, "says", said)
        check(corner == runs["picture"], f"{more}: the picture is another one")


@case
def verified_ones_are_enough():
    folder = lasting.folder()
    said, _ = ran("--isolate=require", *lasting.drawing(folder, lasting.VERIFIED))
    as_ever(lasting.read(folder), "says", said.hasnt("unverified name="), lasting.VERIFIED)


@case
def images_go_on():
    folder = lasting.folder()
    runs = lasting.read(folder)
    for name in lasting.DRAW:
        image = os.path.join(folder, name + ".img")
        ctx("image", "verify", image).ends(FINE)
        as_ever(runs, "resumed", ran("--load", image)[0], [name])


@case
def the_session_goes_on():
    folder = lasting.folder()
    said, corner = ran("--load", os.path.join(folder, "session.img"))
    runs = lasting.read(folder)
    as_ever(runs, "resumed", said)
    check(corner == runs["picture"], "the picture is another one")


@case
def services_answer():
    """Each language asks another one: what `ctx idl` made when the version froze."""
    folder = lasting.folder()
    for calls, more in ((lasting.CALL, ()), (lasting.CALL_VERIFIED, ("--isolate=require",))):
        words = []
        for consumer, provider in calls.items():
            language = provider.split("-")[1]
            words += ["+"] * bool(words) + [os.path.join(folder, consumer + ".elf"), "+", os.path.join(folder, provider + ".elf"),
                                            f"offer=org.example.parcel-{language}/1", parcels.BUDGET]
        said = until("run", "--headless", *more, *words, says=[rf"app\.{name}#\d+: T parcel (?:ok|FAIL|ends)" for name in calls], seconds=60)
        said.ends(FINE).hasnt("T parcel (?:FAIL|ends)").hasnt(r" fault .*name=").hasnt("refused file=")


@case
def apps_of_ours_run():
    folder = lasting.folder()
    words = []
    for name, more in lasting.OURS.items():
        words += ["+"] * bool(words) + [os.path.join(folder, name + ".elf"), *more.split()]
    with scratch() as own:
        png = os.path.join(own, "shot.png")
        said = ctx("run", "--headless", "--seconds", "1", "--screenshot", png, *words).ends(FINE)
        said.has(rf"running apps={len(lasting.OURS)} refused=0").hasnt(r" fault .*name=").has("looks at clock")
        check(len(read_png(png).colours()) > 8, "there is nothing to see")


if __name__ == "__main__":
    main()
