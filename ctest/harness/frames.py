# SPDX-License-Identifier: MIT
"""Frames of a pcap file, and what is wrong with each: lengths, and the checksums of IPv4, TCP, UDP, ICMP and ICMPv6."""
import struct

ETHERNET = 14


class Capture:
    """frames: the bytes of each. Raises ValueError where the file is no pcap of whole frames."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        if len(data) < 24 or struct.unpack_from("<IHH", data) != (0xa1b23c4d, 2, 4) or struct.unpack_from("<I", data, 20) != (1,):
            raise ValueError(f"{path} is no pcap of Ethernet frames")
        self.frames, self.times, at = [], [], 24
        while at < len(data):
            seconds, ns, kept, whole = struct.unpack_from("<IIII", data, at)
            at += 16
            if kept != whole or at + kept > len(data) or ns >= 1_000_000_000:
                raise ValueError(f"a frame of {kept} of {whole} bytes at {at} of {len(data)}")
            self.times.append(seconds + ns / 1e9)
            self.frames.append(data[at:at + kept])
            at += kept


def total(data):
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n


def wrong(frame):
    """Why it is malformed; None: it is not. What it does not know it does not judge: kind() says."""
    if len(frame) < ETHERNET:
        return "shorter than Ethernet's header"
    kind, rest = struct.unpack_from("!H", frame, 12)[0], frame[ETHERNET:]
    return {0x800: ip4, 0x86dd: ip6, 0x806: arp}.get(kind, lambda _: f"type {kind:#x}")(rest)


def kind(frame):
    """arp, tcp4, udp6, icmp4 ..., other; of part of a packet fragment4."""
    of = {0x800: 4, 0x86dd: 6}.get(struct.unpack_from("!H", frame, 12)[0])
    if of is None:
        return "arp" if frame[12:14] == b"\x08\x06" else "other"
    protocol = frame[23] if of == 4 else frame[20]
    if of == 6 and protocol == 0:
        protocol = frame[54]
    if of == 4 and struct.unpack_from("!H", frame, 20)[0] & 0x3fff:
        return "fragment4"
    return {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp", 2: "igmp"}.get(protocol, "other") + str(of)


def arp(p):
    if len(p) < 28:
        return f"ARP of {len(p)} bytes"
    return None if p[:6] == b"\0\1\x08\0\6\4" and p[6:8] in (b"\0\1", b"\0\2") else "ARP that makes no sense"


def ip4(p):
    if len(p) < 20 or p[0] >> 4 != 4:
        return "no header of IPv4"
    head, length, fragment = (p[0] & 15) * 4, struct.unpack_from("!H", p, 2)[0], struct.unpack_from("!H", p, 6)[0]
    if head < 20 or not head <= length <= len(p):
        return f"IPv4 header {head}, length {length}, frame {len(p)}"
    if total(p[:head]) != 0xffff:
        return "checksum of IPv4"
    if fragment & 0x3fff:
        return None
    return inner(p[9], p[12:20], p[head:length])


def ip6(p):
    if len(p) < 40 or p[0] >> 4 != 6:
        return "no header of IPv6"
    length, protocol = struct.unpack_from("!H", p, 4)[0], p[6]
    if 40 + length > len(p):
        return f"IPv6 length {length}, frame {len(p)}"
    body = p[40:40 + length]
    if protocol == 0: # options for routers, in front of multicast's reports
        if len(body) < 8 or len(body) < (body[1] + 1) * 8:
            return "IPv6 options are cut"
        protocol, body = body[0], body[(body[1] + 1) * 8:]
    return inner(protocol, p[8:40], body)


def inner(protocol, addresses, p):
    least = {1: 8, 2: 8, 6: 20, 17: 8, 58: 4}.get(protocol)
    if least is None:
        return f"protocol {protocol}"
    if len(p) < least:
        return f"protocol {protocol} of {len(p)} bytes"
    if protocol in (1, 2):
        return None if total(p) == 0xffff else f"checksum of protocol {protocol}"
    if protocol == 17 and struct.unpack_from("!H", p, 4)[0] != len(p):
        return "UDP's length"
    if protocol == 17 and p[6:8] == b"\0\0":
        return None if len(addresses) == 8 else "UDP without a checksum over IPv6"
    if protocol == 6 and not 20 <= (p[12] >> 4) * 4 <= len(p):
        return "TCP's header"
    return None if total(addresses + struct.pack("!HH", protocol, len(p)) + p) == 0xffff else f"checksum of protocol {protocol}"
