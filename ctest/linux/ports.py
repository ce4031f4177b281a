# SPDX-License-Identifier: MIT
"""Programs of others (apps/ports, where ARGOS_PORTS is on): with the same words and the same input they print, byte for byte, what they
print on this machine, and end with the same status; saved between two lines of input, they go on as if they had not been."""
import os
import subprocess

from runner import SOURCE, Skip, case, check, main, tool
import suite

PORTS = os.path.join(SOURCE, "apps", "ports")
# Port, the folder that is compiled in, words, standard input.
SESSIONS = [
    ("mujs", "mujs", ["session.js", "one", "two"], b""),
    ("mujs", "mujs", ["nobody.js"], b""),
    ("mujs", "mujs", [], b"print(6 * 7)\nvar a = [3, 1, 2]; a.sort()\nprint(a)\nthrow new Error('here')\n"),
    ("cjson", "cjson/data", ["chance.json"], b""),
    ("cjson", "cjson/data", ["wrong.json"], b""),
    ("cjson", "cjson/data", ["nobody.json"], b""),
    ("bc", ".", [], b"scale=60; 4*a(1)\n2^200\nfor (i = 0; i < 5; i++) i^3\ndefine f(n) { if (n < 2) return 1; return n * f(n - 1) }\nf(40)\n"),
]


def program(name):
    path = os.path.join(suite.build(), "ports", name)
    if not os.path.exists(path):
        raise Skip(f"not built here: {name} (ARGOS_PORTS)")
    return path


def here(name, folder, words, stdin):
    return subprocess.run([program(name + "-here"), *words], cwd=os.path.join(PORTS, folder), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=60)


def there(name, words, stdin, *options):
    return subprocess.run([tool(), "run", "--headless", *options, program(name + ".elf"), *words], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, env={**os.environ, "CTX_RUN_OPTIONS": ""})


@case
def same_as_here():
    for name, folder, words, stdin in SESSIONS:
        words = ["-l", *words] if name == "bc" else words
        want, got = here(name, folder, words, stdin), there(name, words, stdin)
        check(want.stdout == got.stdout, f"{name} {words}: {got.stdout[-500:]!r} instead of {want.stdout[-500:]!r}\n{got.stderr[-1500:].decode(errors='replace')}")
        check(want.returncode == got.returncode, f"{name} {words} ends with {got.returncode}, here with {want.returncode}")


@case
def undone():
    """Chance faults in the middle of interpreting, parsing and printing: each call is undone, and what comes out is the same. (What a
    call had printed before it was undone stays printed: a run may say its beginning twice.)"""
    faults = seed = 0
    sessions = [s for s in SESSIONS if s[0] != "bc" and s[2] and "nobody" not in s[2][0]]
    wanted = int(os.environ.get("ARGOS_PORT_FAULTS", "60"))
    while faults < wanted:
        seed += 1
        check(seed < 100 * wanted, "they come too slowly")
        name, folder, words, stdin = sessions[seed % len(sessions)]
        want = here(name, folder, words, stdin)
        got = there(name, [*words, f"inject={seed},1,ux", "restart=undo:1000"], stdin)
        faults += got.stderr.count(f"undone name={name}".encode())
        check(got.stdout.endswith(want.stdout), f"{name} {words}, seed {seed}: {got.stdout[-500:]!r} instead of {want.stdout[-500:]!r}")
        check(got.returncode == want.returncode, f"{name} {words}, seed {seed}, ends with {got.returncode}")


if __name__ == "__main__":
    main()
