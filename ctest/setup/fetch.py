# SPDX-License-Identifier: MIT
"""cmake/fetch-sources.sh: it fetches whatever is installed, and when it cannot, what really failed decides what it advises.

Most cases have an archive of their own on this machine: Debian's layout around the files of the cache. One fetches from the
real one, with an empty cache, as a new machine does."""
import email.utils
import functools
import hashlib
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import SOURCE, Skip, case, check, limit  # noqa: E402

SCRIPT = os.path.join(SOURCE, "cmake", "fetch-sources.sh")
# What Debian 12 has installed under these names, or could have: all older than what is fetched.
INSTALLED = {"picolibc": "1.8-1", "lua5.4": "5.4.4-3+deb12u1", "lz4": "1.9.4-1", "libvterm": "0.1.4-1",
             "sqlite3": "3.40.1-2+deb12u2", "lwip": "2.1.3+dfsg1-2", "mbedtls": "2.28.3-1"}


PORTS = os.path.join(SOURCE, "apps", "ports", "sources.list")


def sources(listed=os.path.join(SOURCE, "cmake", "sources.list")):
    """[(package, version, file, bytes, sum)] of such a list."""
    with open(listed, encoding="utf-8") as f:
        lines = [line.split() for line in f if line.strip() and line[0] != "#"]
    return [(*package.split("="), file, int(size), sha) for _, _, package, file, size, sha in lines]


def cached():
    with open(os.path.join(suite.build(), "CMakeCache.txt"), encoding="utf-8") as f:
        return os.path.join(re.search(r"^ARGOS_CACHE:PATH=(.*)$", f.read(), re.M)[1], "sources")


def have_apt():
    if shutil.which("apt-get") is None:
        raise Skip("this is no Debian: there is no apt-get")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w" if isinstance(text, str) else "wb") as f:
        f.write(text)


def sums(files, algorithm):
    return "".join(f" {hashlib.new(algorithm, data).hexdigest()} {len(data)} {name}\n" for name, data in files)


class Archive:
    """Debian's layout with the sources of the list, served on this machine's loopback."""

    def __init__(self, trusted=True, damaged=False, old=False, other=False, missing=False):
        self.folder = tempfile.TemporaryDirectory(prefix="argos-archive-")
        root = os.path.join(self.folder.name, "debian")
        stanzas = []
        for package, version, file, _, _ in sources():
            package = "zlib" if other else package
            if old:
                version, file = INSTALLED.get(package, "0"), f"{package}_{INSTALLED.get(package, '0').split('-')[0]}.orig.tar.gz"
            data = b"older" if old else suite.read(os.path.join(cached(), file))
            where = f"pool/main/{package}"
            write(os.path.join(root, where, file), data[:-1] + b"?" if damaged else data)
            data = data[:-1] + b"?" if damaged else data
            dsc = f"Format: 3.0 (quilt)\nSource: {package}\nBinary: {package}\nArchitecture: any\nVersion: {version}\n".encode()
            name = f"{package}_{version}.dsc"
            write(os.path.join(root, where, name), dsc)
            files = [(name, dsc), (file, data)]
            stanzas.append(f"Package: {package}\nBinary: {package}\nVersion: {version}\nArchitecture: any\nDirectory: {where}\n"
                           f"Checksums-Sha256:\n{sums(files, 'sha256')}Files:\n{sums(files, 'md5')}\n")
        index = "".join(stanzas).encode()
        if not missing:
            write(os.path.join(root, "dists/trixie/main/source/Sources"), index)
            when = time.time()
            write(os.path.join(root, "dists/trixie/Release"),
                  f"Origin: Debian\nSuite: trixie\nCodename: trixie\nComponents: main\nDate: {email.utils.formatdate(when, usegmt=True)}\n"
                  f"Valid-Until: {email.utils.formatdate(when + 86400, usegmt=True)}\nSHA256:\n{sums([('main/source/Sources', index)], 'sha256')}")

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=self.folder.name))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.uri = f"http://127.0.0.1:{self.server.server_port}/debian"
        self.trusted = trusted

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


def fetch(uri=None, trusted=True, installed=(), cache=None, path=None, list_format=False, listed=None):
    """Runs the script on a machine with these packages installed and that archive (else this machine's own):
    (exit code, what it said, the files fetched that are right)."""
    with tempfile.TemporaryDirectory(prefix="argos-fetch-") as folder:
        settings = [f'Dir::State::status "{folder}/status";', 'Acquire::Retries "0";']
        write(f"{folder}/status", "".join(
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: nobody <n@example.org>\n"
            f"Version: {INSTALLED.get(name, '0.1-1')}\nDescription: something\n\n" for name in installed))
        if uri is not None:
            write(f"{folder}/etc/sources.list.d/none", "")
            settings += [f'Dir::Etc::sourcelist "{folder}/etc/sources.list";', f'Dir::Etc::sourceparts "{folder}/etc/sources.list.d";',
                         'Acquire::http::Proxy::127.0.0.1 "DIRECT";']
            if list_format:
                option = "[trusted=yes] " if trusted else ""
                write(f"{folder}/etc/sources.list", f"# a comment\ndeb {option}{uri} bookworm main\n" if uri else "")
            elif uri:
                write(f"{folder}/etc/sources.list.d/debian.sources",
                      f"Types: deb\nURIs: {uri}\nSuites: bookworm bookworm-updates\nComponents: main\n" + ("Trusted: yes\n" if trusted else ""))
        write(f"{folder}/apt.conf", "\n".join(settings) + "\n")
        store = cache or f"{folder}/cache"
        env = {**os.environ, "APT_CONFIG": f"{folder}/apt.conf", "ARGOS_CACHE": store, "LC_ALL": "C.UTF-8"}
        if path is not None:
            env["PATH"] = path
        words = ["/bin/sh", SCRIPT, *(["--list", listed] if listed else [])]
        done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=limit(300))
        right = []
        for package, _, file, _, sha in sources(*([listed] if listed else [])):
            made = os.path.join(store, "sources", file)
            if os.path.isfile(made) and hashlib.sha256(suite.read(made)).hexdigest() == sha:
                right.append(package)
        if os.path.isdir(os.path.join(store, "sources")):
            left = [n for n in os.listdir(os.path.join(store, "sources")) if n.startswith(".")]
            check(not left, f"it leaves {left}")
        return done.returncode, done.stdout, right


def fetches(**options):
    rc, said, right = fetch(**options)
    check(rc == 0 and right == [s[0] for s in sources()], f"{options}: exit code {rc}, fetched {right}\n{said}")


@case
def nothing_installed():
    have_apt()
    with Archive() as archive:
        fetches(uri=archive.uri)
        fetches(uri=archive.uri, list_format=True)


@case
def each_package_installed():
    """Where the binary package of the same name is installed, apt must not look for the release that it has."""
    have_apt()
    check(set(INSTALLED) == {s[0] for s in sources()}, "cmake/sources.list has a package that this test does not know")
    with Archive() as archive:
        for package in INSTALLED:
            fetches(uri=archive.uri, installed=[package])
        fetches(uri=archive.uri, installed=list(INSTALLED))


def from_the_real_one(wanted, **options):
    """A new machine: an empty cache, all of the list installed, this machine's own archive."""
    have_apt()
    rc, said, right = fetch(installed=wanted, **options)
    if rc != 0 and "with network access" in said:
        names = set(re.findall(r"https?://([^/\s:']+)", said))
        check(names, f"the network is blamed, and yet nothing failed that needs it:\n{said}")
        for name in names:
            try:
                socket.create_connection((name, 80), 5).close()
            except OSError:
                continue
            check(False, f"{name} can be reached, and yet:\n{said}")
        raise Skip("there is no network")
    check(rc == 0 and right == wanted, f"exit code {rc}, fetched {right}\n{said}")


@case
def from_the_real_archive():
    from_the_real_one([s[0] for s in sources()])


@case
def the_ports_sources_from_there():
    """The other list, which is fetched only where ports are built: nobody would notice for long that Debian has them no more."""
    from_the_real_one([s[0] for s in sources(PORTS)], listed=PORTS)


@case
def advice_fits():
    """What failed decides the advice; nobody is sent to look after a network that is fine."""
    have_apt()

    def fails(why, **options):
        rc, said, _ = fetch(**options)
        check(rc == 1, f"{why}: exit code {rc}\n{said}")
        check(re.search(why, said), f"no {why!r} in\n{said}")
        check(why == NETWORK or NETWORK not in said, f"it is not the network:\n{said}")
        check(all(s[4] in said and s[2] in said for s in sources()), f"it does not say what to put where:\n{said}")

    NETWORK = "with network access"
    with socket.socket() as s:  # a port at which nobody listens
        s.bind(("127.0.0.1", 0))
        fails(NETWORK, uri=f"http://127.0.0.1:{s.getsockname()[1]}/debian")
    fails("knows no Debian archive", uri="")
    with Archive(missing=True) as archive:
        fails("whole Debian archive", uri=archive.uri)
        for address in ("401", "port-40125", "unreachable.certificate", "no-mirror-resolves"):  # no word of apt's
            fails("whole Debian archive", uri=f"{archive.uri}/{address}")
    for state in ("old", "other"):
        with Archive(**{state: True}) as archive:
            fails("newer Argos.*has not got these versions", uri=archive.uri)
    with Archive(damaged=True) as archive:
        fails("another file under that name", uri=archive.uri)
    with Archive() as archive:
        fails("keys", uri=archive.uri, trusted=False)
        with tempfile.TemporaryDirectory() as folder:
            write(os.path.join(folder, "file"), "")
            fails("ARGOS_CACHE", uri=archive.uri, cache=os.path.join(folder, "file", "cache"))
            # A disk that is full when the file arrives.
            write(os.path.join(folder, "cp"), "#!/bin/sh\necho \"cp: error writing '$2': No space left on device\" >&2\nexit 1\n")
            os.chmod(os.path.join(folder, "cp"), 0o755)
            fails("make room", uri=archive.uri, path=f"{folder}:{os.environ['PATH']}")
            # (apt looks at dates only where it looks at signatures, and these archives have none: its words will do.)
            write(os.path.join(folder, "late", "apt-get"), "#!/bin/sh\necho 'E: Release file for http://127.0.0.1/debian/dists/trixie/"
                  "InRelease is not valid yet (invalid for another 3h 2min 1s). Updates for this repository will not be applied.'\nexit 100\n")
            os.chmod(os.path.join(folder, "late", "apt-get"), 0o755)
            fails("clock", uri=archive.uri, path=f"{folder}/late:{os.environ['PATH']}")
            # No apt: all else that the script uses is there.
            bare = os.path.join(folder, "bare")
            os.mkdir(bare)
            for name in ("dirname", "sha256sum", "mkdir", "grep", "sh"):
                os.symlink(shutil.which(name), os.path.join(bare, name))
            fails("no apt-get here", uri=archive.uri, path=bare)


@case
def ready():
    """What is there is not fetched: no network, no word."""
    rc, said, right = fetch(uri="", cache=os.path.dirname(cached()))
    check(rc == 0 and said == "" and len(right) == len(sources()), f"exit code {rc}: {said}")


@case
def a_ccache_compiles_no_picolibc():
    """picolibc's own CMake makes any ccache of the machine a launcher, before the rewriter, which it then called with the words of Python."""
    with tempfile.TemporaryDirectory(prefix="argos-fetch-") as folder:
        os.symlink(cached(), os.path.join(folder, "sources"))
        # Of the configuration only what comes until it has decided: the rest asks the compiler some hundred questions.
        cmake = f"""lists=$2/CMakeLists.txt
case $1 in
    --build) cat "$2/CMakeFiles/rules.ninja" || cat "$2/CMakeFiles/c.dir/build.make"; exit 1;;
    -E) exec '{shutil.which("cmake")}' "$@";;
esac >'{folder}/made'
sed '/CMAKE_C_COMPILER_LAUNCHER/{{n;q}}' "$lists" >"$lists.new" && mv "$lists.new" "$lists" && : >"$2/x.c" && echo 'add_library(c STATIC x.c)' >>"$lists"
exec '{shutil.which("cmake")}' "$@"
"""
        for name, text in {"ccache": "exit 1\n", "cmake": cmake}.items():
            path = os.path.join(folder, "bin", name)
            write(path, "#!/bin/sh\n" + text)
            os.chmod(path, 0o755)
        tarball = next(file for package, _, file, _, _ in sources() if package == "picolibc" and ".orig." in file)
        settings = os.path.join(folder, "settings")
        write(settings, f"key=k cache='{folder}' tarball={tarball} cmake='{folder}/bin/cmake' ar=ar python=python3\n")
        run = subprocess.run([os.path.join(SOURCE, "cmake", "build-picolibc.sh"), settings, os.path.join(folder, "out")], text=True,
                             env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}, capture_output=True, timeout=limit(120), check=False)
        with open(os.path.join(folder, "made"), encoding="utf-8", errors="replace") as f:
            made = f.read()
        check("x.c" in made or "command" in made, f"it was not even configured: {run.stderr}")
        check("ccache" not in made, "ccache is a launcher")


if __name__ == "__main__":
    suite.main()
