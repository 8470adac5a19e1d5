#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends every kind of frame one way and compares what arrives, octet for octet and in order.

frames.py FROM_NETNS FROM_IF TO_NETNS TO_IF MTU
frames.py FROM_NETNS FROM_IF TO_NETNS TO_IF pause     succeeds where PAUSE does not cross
"""
import ctypes
import os
import socket
import struct
import sys
import time

MAC = bytes.fromhex("0200000000aa")
PEER = bytes.fromhex("0200000000bb")
libc = ctypes.CDLL(None, use_errno=True)


def enter(netns):
    fd = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    if libc.setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def raw(netns, interface):
    enter(netns)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    # auxiliary data would carry a VLAN tag that the kernel took out of the frame
    s.setsockopt(263, 8, 1)
    s.bind((interface, 0))
    s.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex(interface), 1, 0, b""))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    return s


def ether(destination, kind, payload):
    return destination + MAC + struct.pack("!H", kind) + payload


def fill(size):
    return bytes(i * 7 & 0xFF for i in range(size))


def ipv4(payload, protocol=17, fragment=0, length=None):
    total = 20 + len(payload) if length is None else length
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, total, 7, fragment, 64, protocol, 0,
                       bytes([192, 0, 2, 1]), bytes([198, 51, 100, 2])) + payload


def ipv6(next_header, payload):
    return (struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64)
            + bytes.fromhex("20010db8" + "00" * 11 + "01")
            + bytes.fromhex("20010db8" + "00" * 11 + "02") + payload)


def kinds(mtu):
    reserved = bytes.fromhex("0180c20000")
    yield "LACP", ether(reserved + b"\x02", 0x8809, b"\x01\x01" + fill(108))
    yield "marker", ether(reserved + b"\x02", 0x8809, b"\x02\x01" + fill(108))
    yield "OAM", ether(reserved + b"\x02", 0x8809, b"\x03" + fill(60))
    yield "STP", ether(reserved + b"\x00", 39, b"\x42\x42\x03" + fill(43))
    yield "LLDP", ether(reserved + b"\x0e", 0x88CC, fill(80))
    yield "EAPOL", ether(reserved + b"\x03", 0x888E, fill(60))
    yield "PTP", ether(reserved + b"\x0e", 0x88F7, fill(60))
    for last in range(16):
        if last != 1:
            yield f"reserved {last:x}", ether(reserved + bytes([last]), 0x9999, fill(50))
    yield "broadcast", ether(b"\xff" * 6, 0x0806, fill(46))
    yield "multicast", ether(bytes.fromhex("01005e000005"), 0x0800, ipv4(fill(30)))
    yield "VLAN", ether(PEER, 0x8100, b"\x00\x64\x08\x00" + ipv4(fill(40)))
    yield "priority tag", ether(PEER, 0x8100, b"\xe0\x00\x08\x00" + ipv4(fill(40)))
    yield "double VLAN", ether(PEER, 0x88A8, b"\x00\x64\x81\x00\x00\xc8\x08\x00" + ipv4(fill(40)))
    yield "triple VLAN", ether(PEER, 0x9100, b"\x00\x01\x81\x00\x00\x02\x81\x00\x00\x03\x08\x00"
                               + ipv4(fill(40)))
    options = b"\x3c\x00" + b"\x01\x04" + bytes(4)
    routing = b"\x2c\x00" + bytes(6)
    fragment = b"\x11\x00\x00\x01" + bytes(4)
    yield "IPv6 extensions", ether(PEER, 0x86DD, ipv6(0, options + b"\x2b\x00" + b"\x01\x04"
                                                      + bytes(4) + routing + fragment + fill(40)))
    yield "first fragment", ether(PEER, 0x0800, ipv4(fill(64), fragment=0x2000))
    yield "later fragment", ether(PEER, 0x0800, ipv4(fill(64), fragment=0x2005))
    yield "lying length", ether(PEER, 0x0800, ipv4(fill(64), length=9000))
    yield "short header", ether(PEER, 0x0800, ipv4(fill(64), length=3))
    yield "not IP at all", ether(PEER, 0x0800, b"\xff" * 50)
    yield "unknown EtherType", ether(PEER, 0xFFFE, fill(60))
    yield "experimental EtherType", ether(PEER, 0x88B5, fill(60))
    yield "MPLS", ether(PEER, 0x8847, fill(60))
    yield "PPPoE", ether(PEER, 0x8864, fill(60))
    yield "Y.1731", ether(bytes.fromhex("0180c2000030"), 0x8902, fill(60))
    sizes = list(range(60, 130)) + [255, 256, 511, 512, 1023, 1024, 1500, 1513, 1514]
    sizes += [2000, 3000, 3500, 4096, 8000, 9000, 9014] if mtu >= 9000 else []
    for size in sizes:
        yield f"{size} octets", ether(PEER, 0x88B5, struct.pack("!H", size) + fill(size - 16))


def untag(frame, aux):
    """The frame as it was on the wire: a tag in the auxiliary data goes back in."""
    for level, kind, data in aux:
        if level == 263 and kind == 8:
            status, = struct.unpack_from("I", data)
            tci, tpid = struct.unpack_from("HH", data, 16)
            if status & 0x10:
                return frame[:12] + struct.pack("!HH", tpid if status & 0x40 else 0x8100, tci) + frame[12:]
    return frame


def receive(s, want, deadline):
    while time.monotonic() < deadline:
        s.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            frame, aux, _, address = s.recvmsg(20000, 256)
        except TimeoutError:
            return None
        if address[2] == socket.PACKET_OUTGOING:
            continue
        frame = untag(frame, aux)
        if frame[6:12] == MAC:
            return frame
    return None


def main():
    from_ns, from_if, to_ns, to_if, mtu = sys.argv[1:6]
    out, into = raw(from_ns, from_if), raw(to_ns, to_if)
    if mtu == "pause":
        out.send(ether(bytes.fromhex("0180c2000001"), 0x8808, bytes(46)))
        return receive(into, None, time.monotonic() + 0.5) is not None
    bad = sent = 0
    for name, frame in kinds(int(mtu)):
        if len(frame) < 60:
            frame = frame + bytes(60 - len(frame))
        out.send(frame)
        sent += 1
        got = receive(into, frame, time.monotonic() + 3)
        if got != frame:
            bad += 1
            print(f"{name}: sent {frame[:40].hex()} ({len(frame)}), "
                  f"got {got[:40].hex() if got else None} ({len(got) if got else 0})")
    # in order, in one burst
    burst = [ether(PEER, 0x88B6, struct.pack("!I", i) + fill(60 + i % 1000)) for i in range(500)]
    for frame in burst:
        out.send(frame)
    for i, frame in enumerate(burst):
        if receive(into, frame, time.monotonic() + 3) != frame:
            print(f"burst: frame {i} is missing, changed or out of order")
            bad += 1
            break
    print(f"{sent} kinds and a burst of {len(burst)}, {bad} bad")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
