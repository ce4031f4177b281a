# SPDX-License-Identifier: MIT
"""Just enough of RFB (RFC 6143, and the extension ExtendedDesktopSize of the RFB community's list) to be somebody who sits
before QEMU's VNC display and makes the window larger: QEMU tells its display device, as its own windows do."""
import socket
import struct

DESKTOP_SIZE, EXTENDED_SIZE, CURSOR = -223, -308, -239
RAW = 0


class Viewer:
    def __init__(self, path, seconds=20):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(seconds)
        self.sock.connect(path)
        self.take(12)
        self.sock.sendall(b"RFB 003.008\n")
        kinds = self.take(self.take(1)[0])
        assert 1 in kinds, f"security {kinds}"
        self.sock.sendall(b"\x01")
        assert self.take(4) == b"\0\0\0\0"
        self.sock.sendall(b"\x01")
        self.width, self.height = struct.unpack(">HH", self.take(4))
        self.take(16)
        self.take(struct.unpack(">I", self.take(4))[0])
        encodings = (RAW, DESKTOP_SIZE, EXTENDED_SIZE, CURSOR)
        self.sock.sendall(struct.pack(">BxH", 2, len(encodings)) + struct.pack(f">{len(encodings)}i", *encodings))
        self.cursor = None  # (w, h, bytes) of the last one
        self.refresh()

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.sock.recv(count - len(data))
            if not part:
                raise EOFError("the display has gone")
            data += part
        return data

    def refresh(self):
        self.sock.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, self.width, self.height))

    def ask_size(self, width, height):
        self.sock.sendall(struct.pack(">BxHHBx", 251, width, height, 1) + struct.pack(">IHHHHI", 0, 0, 0, width, height, 0))

    def one_message(self):
        """Read one; what it was about."""
        kind = self.take(1)[0]
        if kind == 2:
            return "bell"
        if kind == 3:
            self.take(3)
            self.take(struct.unpack(">I", self.take(4))[0])
            return "text"
        assert kind == 0, f"message {kind}"
        self.take(1)
        about = []
        for _ in range(struct.unpack(">H", self.take(2))[0]):
            x, y, w, h, encoding = struct.unpack(">HHHHi", self.take(12))
            if encoding == RAW:
                self.take(w * h * 4)
            elif encoding == CURSOR:
                self.cursor = (w, h, self.take(w * h * 4), self.take((w + 7) // 8 * h))
            elif encoding == EXTENDED_SIZE:
                screens = self.take(4)[0]
                self.take(16 * screens)
                self.width, self.height = w, h
            elif encoding == DESKTOP_SIZE:
                self.width, self.height = w, h
            else:
                raise ValueError(f"encoding {encoding}")
            about.append(encoding)
        self.refresh()
        return about

    def until(self, done):
        while not done(self):
            self.one_message()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.close()
