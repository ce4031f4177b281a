# SPDX-License-Identifier: MIT
"""Hosts, images, undo, surfaces, kills and restarts by chance, all at once (ctest/qemu/apps/soak.c); in the end every counter
is back. ARGOS_SOAK=SECONDS and ARGOS_SEED=N for another length and another chance; `--target soak` takes an hour.
"""
import os

from runner import FAULTED, case, check, ctx, main, test_app

GRANTS = "grant=" + ",".join(f"ctx.{table}/1" for table in ("loader", "control", "system", "apps", "host", "image"))


@case
def everything_at_once():
    seconds, seed = int(os.environ.get("ARGOS_SOAK", "8")), os.environ.get("ARGOS_SEED", "1")
    said = ctx("run", "--headless", "--fast", "--mem", "256", test_app("soak"), str(seconds * 1000), seed, "trusted", GRANTS,
               seconds=seconds * 3 + 600)  # the kids fault, and are to
    said.hasnt(r"T soak FAIL.*").hasnt(r"T kid WRONG.*").hasnt(r"PANIC.*").has(r"T soak ok$").ends(FAULTED)
    print(" ".join(line.split("T ")[1] for line in said.text.splitlines() if "T rounds" in line or "T deeds" in line))
    check("T deeds" in said.text, "it did nothing")


if __name__ == "__main__":
    main()
