# SPDX-License-Identifier: MIT
"""A Linux beside ours: Debian's kernel for virtual machines, busybox and nginx in one initial file system, all of it from Debian's packages by name.

They are fetched once into the user's cache and stay there as they are: what is measured tomorrow is measured beside the same versions (`versions`). A
folder `peer` in the cache that is deleted is fetched again, and then is what the archive has. nginx has its settings of the package but for these: no log, as httpd
writes none; sendfile and tcp_nopush as Debian sets them; connections that live as long as the client wants them.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "cmake"))
import mkcpio  # noqa: E402

KERNEL = "linux-image-cloud-amd64"  # names the real one
MODULES = ("virtio_pci", "virtio_net")
LIBRARIES = "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu"
INIT = """#!/bin/sh
/bin/busybox mkdir -p /proc /sys /tmp /run /var/log/nginx /var/lib/nginx
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for m in $(cat /modules/order); do insmod /modules/$m; done
ulimit -n 40000
echo 40000 >/proc/sys/net/core/somaxconn
ifconfig lo 127.0.0.1 up
ifconfig eth0 {address} netmask 255.255.255.0 up
nginx -c /nginx.conf
echo peer: nginx runs
while read line; do cat /proc/meminfo; echo peer: that was it; done
"""
CONF = """user root root;
worker_processes 1;
worker_rlimit_nofile 40000;
pid /run/nginx.pid;
error_log stderr crit;
events { worker_connections 20000; }
http {
  access_log off; sendfile on; tcp_nopush on; default_type text/html; keepalive_requests 1000000000; keepalive_timeout 300;
  server { listen 80 backlog=4096; root /www; }
  server { listen 443 ssl; root /www; ssl_certificate /cert.pem; ssl_certificate_key /key.pem; ssl_protocols TLSv1.2 TLSv1.3;
           ssl_session_cache shared:s:10m; }
}
"""


def cache():
    at = os.environ.get("ARGOS_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "argos")
    return os.path.join(at, "peer")


def said(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"peer.py: {' '.join(command[:6])} ...: {done.stderr.strip() or done.returncode}")
    return done.stdout


def depends(package):
    return re.findall(r"^[ |]*(?:Pre)?Depends: ([a-z0-9][\w.+-]*)$", said("apt-cache", "depends", "--important", package), re.M)


def with_libraries(packages):
    """They, and the libraries that they need."""
    found, todo = set(), list(packages)
    while todo:
        package = todo.pop()
        if package not in found:
            found.add(package)
            todo += [d for d in depends(package) if re.match(r"lib|zlib", d)]
    return sorted(found)


def fetch():
    """Where the packages lie unpacked. The network is needed the first time only."""
    folder = cache()
    root = os.path.join(folder, "root")
    if os.path.exists(os.path.join(folder, "versions")):
        return root
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(tool) is None:
            sys.exit(f"peer.py: there is no {tool}: the Linux to compare with, and wrk, are packages of Debian's")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(root)
    kernel = [d for d in depends(KERNEL) if d.startswith("linux-image-")]
    packages = kernel + ["busybox-static", "nginx-common", *with_libraries(["nginx", "wrk"])]
    print(f"fetching {len(packages)} packages of Debian's into {folder} (40 MB)", flush=True)
    said("apt-get", "-o", "APT::Sandbox::User=", "download", *packages, cwd=folder)
    files = sorted(glob.glob(os.path.join(folder, "*.deb")))
    for file in files:
        said("dpkg-deb", "-x", file, root)
        os.unlink(file)
    with open(os.path.join(folder, "versions"), "w", encoding="utf-8") as f:
        f.writelines(os.path.basename(file).replace("%3a", ":").rsplit("_", 1)[0].replace("_", " ") + "\n" for file in files)
    return root


def versions():
    """Of what the figures are: {package: version}."""
    with open(os.path.join(cache(), "versions"), encoding="utf-8") as f:
        return {re.sub(r"^linux-image-[\d.-]+", "linux-image-", name): version for name, version in (line.split() for line in f)}


def wrk(root):
    """(command, environment): this machine's own, or the package's with its own Lua."""
    own = shutil.which("wrk")
    if own:
        return own, dict(os.environ)
    lua = os.path.join(cache(), "lua")
    os.makedirs(lua, exist_ok=True)
    for file in glob.glob(root + "/usr/lib/x86_64-linux-gnu/libluajit*.so.2"):
        shutil.copy(file, lua)
    return os.path.join(root, "usr/bin/wrk"), {**os.environ, "LD_LIBRARY_PATH": lua}


def data(path):
    with open(path, "rb") as f:
        return f.read()


def libraries(root, program):
    """{path in the guest: bytes} of what the program is linked with."""
    out, todo = {}, [program]
    while todo:
        for name in re.findall(r"\(NEEDED\).*\[(.*)\]", said("readelf", "-d", todo.pop())):
            path = next((root + at + "/" + name for at in LIBRARIES if os.path.exists(root + at + "/" + name)), None)
            if path is None:
                sys.exit(f"peer.py: no package has {name}, which {program} wants")
            if "/lib/" + name not in out:
                out["/lib/" + name] = data(path)
                todo.append(path)
    loader = next(p for p in glob.glob(root + "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2") + glob.glob(root + "/usr/lib64/ld-linux-x86-64.so.2"))
    return {**out, "/lib64/ld-linux-x86-64.so.2": data(loader)}


def modules(root):
    """[(name, bytes)], each behind what it needs."""
    files = {os.path.basename(p)[:-3].replace("-", "_"): p for p in glob.glob(root + "/lib/modules/**/*.ko", recursive=True)}
    order = []

    def add(name):
        if name in files and files[name] not in order:
            for other in re.search(rb"\0depends=([^\0]*)\0", b"\0" + data(files[name]))[1].decode().split(","):
                add(other.replace("-", "_"))
            order.append(files[name])
    for name in MODULES:
        add(name)
    return [(os.path.basename(p), data(p)) for p in order]


def build(folder, address, www, cert, key):
    """(kernel, initial file system) of a Linux whose nginx serves www ({name: bytes}) at this address."""
    root = fetch()
    loaded = modules(root)
    files = {"/init": INIT.format(address=address).encode(), "/nginx.conf": CONF.encode(), "/cert.pem": cert, "/key.pem": key,
             "/etc/passwd": b"root:x:0:0:root:/:/bin/sh\n", "/etc/group": b"root:x:0:\n", "/modules/order": " ".join(n for n, _ in loaded).encode(),
             "/bin/busybox": data(glob.glob(root + "/bin/busybox")[0]), "/bin/nginx": data(root + "/usr/sbin/nginx"), **libraries(root, root + "/usr/sbin/nginx"),
             **{"/modules/" + name: blob for name, blob in loaded}, **{"/www/" + name: blob for name, blob in www.items()}}
    files["/bin/sh"] = files["/bin/busybox"]
    entries, seen = [], set()
    for name, blob in files.items():
        for i, c in enumerate(name):
            if c == "/" and i and name[:i] not in seen:
                seen.add(name[:i])
                entries.append(mkcpio.entry(name[1:i], b"", 2 * len(entries) + 2, 0o040755))
        entries.append(mkcpio.entry(name[1:], blob, 2 * len(entries) + 3, 0o100755))
    path = os.path.join(folder, "peer.cpio")
    with open(path, "wb") as f:
        f.write(b"".join(entries) + mkcpio.entry("TRAILER!!!", b"", 1, 0))
    return glob.glob(root + "/boot/vmlinuz-*")[0], path
