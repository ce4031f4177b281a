# SPDX-License-Identifier: MIT
"""Providers and consumers of ctest/qemu/apps/services, each language against each: who runs with what words, and what they say."""
import re

import isolation
from suite import Skip

LANGUAGES = ("c", "cpp", "rust")
# Of a provider that is busy for longer (400 ms): it is interrupted, and others find it in the middle of a call. On Linux a tick may be
# five times as long as it should.
BUDGET = "budget=50ms"


def built(name, verified=False):
    return isolation.built(f"ctest/qemu/apps/services/{'verified/' if verified else ''}{name}.elf")


def languages(verified=False):
    """Those whose apps were built here."""
    built("provider-c", verified)
    if verified:
        return LANGUAGES[:2]  # rustc's own library can not be verified
    try:
        built("provider-rust")
    except Skip:
        print("without Rust: there is no rustc", flush=True)
        return LANGUAGES[:2]
    return LANGUAGES


def consumers(verified=False):
    """And of Rust both: in a step that asks again, and in tasks."""
    names = languages(verified)
    return (*names, "async") if "rust" in names else names


def pairs(verified=False, budget=BUDGET):
    """[(file, name, words)] of all of them at once; consumers first: whoever is there before what it needs waits for it."""
    names = languages(verified)
    apps = [(built(f"consumer-{mine}-of-{theirs}", verified), f"{mine}-of-{theirs}", "") for theirs in names for mine in consumers(verified)]
    return apps + [(built(f"provider-{lang}", verified), f"provider-{lang}", f"offer=org.example.parcel-{lang}/1 {budget}") for lang in names]


def said(apps):
    """Patterns: each consumer is content, or not."""
    return [rf"app\.{name}#\d+: T parcel (?:ok|FAIL|ends)" for _, name, _ in apps if "-of-" in name]


def wrong(apps, text):
    """Why the log is not as it should be; empty if it is."""
    out = re.findall(r"T parcel (?:FAIL.*|ends)", text) + re.findall(r" fault name=\S+.*", text)
    out += [f"{name} does not say ok" for _, name, _ in apps if "-of-" in name and not re.search(rf"app\.{name}#\d+: T parcel ok", text)]
    # The wait for a busy provider was one: some call of it was interrupted.
    out += [f"{name} was never busy" for _, name, _ in apps if name.startswith("provider-") and not re.search(rf"overran name={name} ", text)]
    return out
