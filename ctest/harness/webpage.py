# SPDX-License-Identifier: MIT
"""A small client of httpd: requests, and its WebSocket as a page uses it."""
import base64
import hashlib
import http.client
import json
import os
import socket
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Page:
    """The WebSocket of a page; refused: an OSError with the status."""

    def __init__(self, port, **fields):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        key = base64.b64encode(os.urandom(16))
        fields = {"Host": f"localhost:{port}", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": key.decode(), **fields}
        self.sock.sendall(("GET /ws HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None) + "\r\n").encode())
        self.file = self.sock.makefile("rb")
        self.status = int(self.file.readline().split(b" ")[1])
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            line = self.file.readline()
            if not line:
                break
            answer += line
            if line == b"\r\n":
                break
        if self.status == 101:
            assert b"Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(key + GUID).digest()) in answer, answer

    def send(self, payload, first=0x81, mask=b"\1\2\3\4"):
        payload = payload.encode() if isinstance(payload, str) else payload
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.sock.sendall(bytes([first]) + length + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(payload)))

    def receive(self):
        first, length = self.file.read(2)
        assert not length & 0x80  # a server's are not masked
        if length == 126:
            length, = struct.unpack(">H", self.file.read(2))
        elif length == 127:
            length, = struct.unpack(">Q", self.file.read(8))
        return first & 15, self.file.read(length)

    def until(self, kind, test=lambda data: True):
        for _ in range(200):
            got, data = self.receive()
            if got == kind and test(data):
                return data
            assert got != 8 or kind == 8, data
        raise AssertionError(f"no message of kind {kind}")

    def close_code(self):
        return struct.unpack(">H", self.until(8)[:2])[0]


class Site:
    def __init__(self, port):
        self.port = port

    def ask(self, target, method="GET", body=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, target, body, {k.replace("_", "-"): v for k, v in fields.items()})
        answer = connection.getresponse()
        answer.data = answer.read()
        connection.close()
        return answer

    def get(self, target):
        answer = self.ask(target)
        return answer.status, answer.data

    def page(self, **fields):
        return Page(self.port, **fields)

    def once(self, token):
        return json.loads(self.ask("/api/login", "POST", "", Authorization="Bearer " + token).data)["once"]

    def do(self, token, action, pid):
        login = self.ask("/api/login", "POST", "", Authorization="Bearer " + token)
        if login.status != 200:
            return login.status
        return self.ask("/api/do", "POST", f"action={action}&pid={pid}", Authorization="Bearer " + token, Once=json.loads(login.data)["once"]).status
