# SPDX-License-Identifier: MIT
"""Services between languages: providers and consumers in C, C++ and Rust, by what `ctx idl` makes of one text. The same apps in
QEMU: ctest/qemu/pairs.py."""
import os

from runner import FAULTED, FINE, case, check, ctx, main, sanitized, scratch, together, until
import parcels


def run(apps, *options, says=None):
    with scratch() as folder:
        files = []
        for file, name, words in apps:
            path = os.path.join(folder, name + ".elf")
            os.symlink(file, path)
            files.append([path, *words.split()])
        return until("run", "--headless", *options, *together(files), says=says or parcels.said(apps), seconds=60)


@case
def each_with_each():
    """All at once, consumers first."""
    apps = parcels.pairs()
    said = run(apps).ends(FINE)
    check(not parcels.wrong(apps, said.text), "\n  ".join(parcels.wrong(apps, said.text)) + "\n" + said.text[-3000:])


@case
def verified_ones():
    """Those in C and C++, where nothing else may run."""
    apps = parcels.pairs(verified=True)
    said = run(apps, "--isolate=require").ends(FINE).hasnt("unverified name=")
    check(not parcels.wrong(apps, said.text), "\n  ".join(parcels.wrong(apps, said.text)) + "\n" + said.text[-3000:])


@case
def a_provider_that_faults_is_there_again():
    """Its caller hears FAULT, once; the wrapper's next call opens it anew, whether it goes on or begins anew."""
    for theirs in parcels.languages():
        for words in ("", "restart=on-fault") if theirs == "c" else ("restart=on-fault",):
            apps = [(parcels.built(f"consumer-{mine}-of-{theirs}"), f"{mine}-of-{theirs}", "x faulty") for mine in parcels.consumers()]
            provider = (parcels.built(f"provider-{theirs}"), "provider", f"offer=org.example.parcel-{theirs}/1 {parcels.BUDGET} {words}")
            for app in apps if not sanitized() else apps[:1]:
                run([app, provider]).ends(FAULTED).has(r" fault name=provider ").has("T parcel ok").hasnt("T parcel FAIL")


@case
def put_back_with_its_provider():
    """A session is saved when the consumer has the interface open and waits in its fiber, or its task. Put back, its table is stale; the
    wrapper opens it again, by itself."""
    theirs = parcels.languages()[-1]
    for mine in ("c", "async") if theirs == "rust" else ("c",):
        with scratch() as folder:
            image = os.path.join(folder, "session")
            apps = [[parcels.built(f"consumer-{mine}-of-{theirs}"), "x", "pause"],
                    [parcels.built(f"provider-{theirs}"), f"offer=org.example.parcel-{theirs}/1", parcels.BUDGET]]
            saved = ctx("run", "--headless", "--virtual-time", "--seconds", "0.4", "--save", image, *together(apps)).ends(FINE)
            saved.has("T parcel waits").hasnt("T parcel (?:ok|FAIL|ends)")
            said = until("run", "--headless", "--load", image, says=["T parcel (?:ok|FAIL|ends)"], seconds=60)
            said.has("T parcel ok").hasnt("T parcel waits")


if __name__ == "__main__":
    main()
