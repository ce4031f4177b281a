# SPDX-License-Identifier: MIT
"""A time server (SNTP) on a port of this machine's loopback, which apps see at 10.0.2.2."""
import contextlib
import socket
import struct
import threading
import time

FROM_1900 = 2208988800


class TimeServer:
    """ahead: how many seconds before the true time it is; stratum 16: it does not know."""

    def __init__(self, ahead=0, stratum=2):
        self.ahead, self.stratum, self.asked = ahead, stratum, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                message, peer = self.socket.recvfrom(100)
                self.asked += 1
                now = int((time.time() + self.ahead + FROM_1900) * 2**32)
                head = struct.pack("!BBbbIII", 4 << 3 | 4, self.stratum, 6, -20, 0, 0, 0x7f000001)
                self.socket.sendto(head + struct.pack("!Q", now) + message[40:48] + struct.pack("!QQ", now, now), peer)
