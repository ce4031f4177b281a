#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that others wrote, against apps/httpd as a program of this machine: each by what it does by itself - connections that stay, several at once, requests one behind
the other, compression, tickets of TLS. `clients.py --build DIR [CASE...]`."""
import re
import shutil
import ssl
import subprocess
import sys
import urllib.request

import httpd
from httpd import Server, path

NODE = r"""
const http = require('http'), https = require('https'), zlib = require('zlib'), fs = require('fs');
const [plain, tls, cert] = [process.argv[1], process.argv[2], fs.readFileSync(process.argv[3])];
const ask = (lib, options, body) => new Promise((resolve, reject) => {
    const request = lib.request({host: 'localhost', family: 4, timeout: 20000, ...options}, answer => {
        const parts = [];
        answer.on('data', part => parts.push(part));
        answer.on('end', () => resolve({status: answer.statusCode, headers: answer.headers, data: Buffer.concat(parts)}));
        answer.on('error', reject);
    });
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('timed out')));
    request.end(body);
});
const check = (what, good) => { if (!good) throw new Error(what); };
(async () => {
    const agent = new http.Agent({keepAlive: true, maxSockets: 4});
    let sockets = 0;
    agent.on('free', () => sockets++);
    const all = await Promise.all([...Array(60)].map((_, i) => ask(http, {port: plain, path: '/files/big', agent, headers: {Range: `bytes=${i * 1000}-${i * 1000 + 999}`}})));
    const big = fs.readFileSync(process.argv[4]);
    all.forEach((a, i) => check(`range ${i}: ${a.status}`, a.status === 206 && a.data.equals(big.subarray(i * 1000, i * 1000 + 1000))));
    check(`${sockets} were kept`, sockets >= 56);
    const packed = await ask(http, {port: plain, path: '/files/page.html', agent, headers: {'Accept-Encoding': 'gzip'}});
    check('gzip', packed.headers['content-encoding'] === 'gzip' && zlib.gunzipSync(packed.data).toString() === '<p>hello'.repeat(100));
    const got = await fetch(`http://127.0.0.1:${plain}/files/page.html`);
    check('fetch', got.ok && await got.text() === '<p>hello'.repeat(100));
    const same = await fetch(`http://127.0.0.1:${plain}/files/a.txt`, {headers: {'If-None-Match': (await fetch(`http://127.0.0.1:${plain}/files/a.txt`)).headers.get('etag')}});
    check(`etag ${same.status}`, same.status === 304);
    const head = await ask(http, {port: plain, path: '/files/big', method: 'HEAD', agent});
    check('HEAD', head.headers['content-length'] === '1000000' && head.data.length === 0);
    agent.destroy();
    const secure = new https.Agent({keepAlive: true, ca: cert, maxSockets: 1});
    for (const max of ['TLSv1.2', 'TLSv1.3']) {
        const a = await ask(https, {port: tls, path: '/files/a.txt', servername: 'localhost', ca: cert, minVersion: max, maxVersion: max});
        check(max, a.status === 200 && a.data.toString() === 'hello\n');
    }
    for (let i = 0; i < 5; i++) {
        const a = await ask(https, {port: tls, path: '/files/big', servername: 'localhost', agent: secure});
        check('https', a.data.equals(big));
    }
    await ask(https, {port: tls, path: '/'}).then(() => check('a stranger is trusted', false), error => check(error.code, /SELF_SIGNED|UNABLE/.test(error.code)));
    console.log('fine');
    process.exit(0);
})().catch(error => { console.log(error.stack); process.exit(1); });
"""


# The page's own script, with as much of a browser around it as it asks for: what it sends when somebody looks away while keys are down.
PAGE = r"""
const fs = require('fs'), vm = require('vm');
const sent = [], heard = {};
class Element {
    constructor() { Object.assign(this, {dataset: {}, style: {}, width: 640, height: 400, clientWidth: 640, hidden: false, textContent: '', heard: {}}); }
    addEventListener(kind, what) { (this.heard[kind] = this.heard[kind] || []).push(what); }
    getContext() { return this; }
    getBoundingClientRect() { return {left: 0, top: 0, width: 640, height: 400}; }
    fire(kind, event) { for (const what of this.heard[kind] || []) what({preventDefault() {}, timeStamp: 0, repeat: false, ...event}); }
    setAttribute() {} setPointerCapture() {} focus() {} append() {} remove() {} replaceChildren() {}
}
const elements = {}, document = new Element(), window = new Element();
document.getElementById = id => elements[id] = elements[id] || new Element();
document.createElement = document.createElementNS = () => new Element();
let socket;
class WebSocket { constructor() { socket = this; this.readyState = 1; } send(words) { sent.push(words); } }
const world = {document, window, WebSocket, location: {protocol: 'http:', host: 'x'}, performance, requestAnimationFrame: f => f(), setTimeout() {}, fetch() {}, console, Map, Set, Math};
vm.runInNewContext(fs.readFileSync(process.argv[1], 'utf8'), world);
socket.onopen();
socket.onmessage({data: '{"may":true}'});
elements.hands.fire('click');
const screen = elements.screen, downs = () => {
    const down = new Set();
    for (const words of sent) {
        const [kind, code, is] = words.split(' ');
        if (kind === 'key' && is === '1') down.add(code);
        if (kind === 'key' && is === '0') down.delete(code);
    }
    return [...down].join(' ');
};
const press = () => {
    screen.fire('keydown', {code: 'AltLeft'});
    screen.fire('pointerdown', {button: 0, pointerId: 1, clientX: 5, clientY: 5});
    if (downs() !== '56 272') throw new Error(`pressed: ${downs()}`);
};
const gone = (what, how) => {
    press();
    how();
    if (downs() !== '') throw new Error(`${what}: ${downs()} are still down`);
};
gone('another window', () => window.fire('blur'));
gone('another field', () => screen.fire('blur'));
gone('a finger that scrolls', () => screen.fire('pointercancel', {button: 0, pointerId: 1}));
gone('letting go', () => elements.hands.fire('click'));
elements.hands.fire('click');
press();
socket.onclose();
const before = sent.length;
window.fire('blur');
if (sent.length !== before) throw new Error('it lets go of what nobody holds');
console.log('fine');
"""


def curls(*words):
    return subprocess.run(["curl", "-sS", "--max-time", "60", *words], capture_output=True, check=True).stdout


def curl_keeps_and_doubles_connections():
    """One connection for many files, several at once, and one that it unpacks."""
    with Server() as server:
        url = f"http://127.0.0.1:{server.port}/files/"
        words = [word for _ in range(20) for word in ("-o", path("got"), url + "a.txt")]
        assert curls("-w", "%{num_connects}\n", *words).split() == [b"1"] + 19 * [b"0"], "it does not stay"
        many = [word for i in range(12) for word in ("-o", path(f"got{i}"), url + "big")]
        curls("--parallel", "--parallel-max", "6", *many)
        with open(path("root/big"), "rb") as f:
            big = f.read()
        for i in range(12):
            with open(path(f"got{i}"), "rb") as f:
                assert f.read() == big, i
        said = subprocess.run(["curl", "-sSv", "--max-time", "30", "--compressed", url + "page.html"], capture_output=True, check=True)
        assert said.stdout == b"<p>hello" * 100 and b"content-encoding: gzip" in said.stderr.lower(), said.stderr


def python_stays_and_unpacks():
    """urllib, and ssl with a session that is taken up again, in both versions of TLS."""
    with Server(f"cert={path('cert.pem')}", f"key={path('key.pem')}") as server:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/files/a.txt", timeout=20) as answer:
            assert answer.read() == b"hello\n" and answer.headers["Content-Length"] == "6"
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=path("cert.pem"))
            context.minimum_version = context.maximum_version = version
            session = None
            for again in (False, True, True):
                with httpd.socket.create_connection(("127.0.0.1", server.ports[1]), timeout=20) as plain, context.wrap_socket(plain, server_hostname="localhost", session=session) as s:
                    s.sendall(b"GET /files/a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    got = b"".join(iter(lambda s=s: s.recv(4096), b""))
                    assert got.endswith(b"\r\n\r\nhello\n") and s.session_reused == again, (version, again, s.session_reused, got)
                    session = s.session


def openssl_sends_one_behind_the_other():
    """s_client: fifty requests in one piece, in both versions of TLS; its verdict about the certificate; a ticket, five times."""
    with Server(f"cert={path('cert.pem')}", f"key={path('key.pem')}") as server:
        one = b"GET /files/a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for version in ("-tls1_2", "-tls1_3"):
            words = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.ports[1]}", "-servername", "localhost", "-verify_hostname", "localhost", "-CAfile", path("cert.pem"), version, "-ign_eof"]
            p = subprocess.run(words, input=one * 50 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), capture_output=True, timeout=60)
            assert p.returncode == 0 and p.stdout.count(b"HTTP/1.1 200") == 51 and p.stdout.count(b"\nhello\n") == 51, (version, p.stdout[-2000:], p.stderr[-500:])
            assert b"Verify return code: 0 (ok)" in p.stdout, p.stdout[-2000:]
        p = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.ports[1]}", "-servername", "localhost", "-CAfile", path("cert.pem"), "-tls1_2", "-reconnect"],
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        assert len(re.findall(rb"(?m)^Reused, TLSv1.2", p.stdout)) == 5, p.stdout[-3000:]


def node_does_it_all():
    """Node's http, https and fetch. Where it is not installed the case says so, and the others stand."""
    if shutil.which("node") is None:
        print("skipped: there is no node")
        return
    with Server(f"cert={path('cert.pem')}", f"key={path('key.pem')}") as server:
        p = subprocess.run(["node", "-e", NODE, str(server.ports[0]), str(server.ports[1]), path("cert.pem"), path("root/big")], capture_output=True, text=True, timeout=120)
        assert p.stdout == "fine\n", p.stdout + p.stderr


def a_page_lets_go_of_what_it_holds():
    if shutil.which("node") is None:
        print("skipped: there is no node")
        return
    p = subprocess.run(["node", "-e", PAGE, f"{httpd.SOURCE}/apps/httpd/www/app.js"], capture_output=True, text=True, timeout=60)
    assert p.stdout == "fine\n", p.stdout + p.stderr


if __name__ == "__main__":
    sys.exit(httpd.run([curl_keeps_and_doubles_connections, python_stays_and_unpacks, openssl_sends_one_behind_the_other, node_does_it_all, a_page_lets_go_of_what_it_holds]))
