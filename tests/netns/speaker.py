#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Members of an exchange, many in one process: each announces a table and takes what it is sent.

speaker.py [--flap N] [--together] [--status FILE] [--restart SECONDS] [--bare] SERVER SESSION...

SESSION is ADDRESS,ASN,TABLE: where it connects from, its AS, and a file of what it announces, a
line for each set of attributes, "AS AS AS|65000:1 65000:2|PREFIX PREFIX" (path, communities,
IPv4 prefixes; a fourth part is further attributes in hex, "C01703000100"). A table is written in pieces as large as the socket takes, as a router does: a
segment for each message brings a machine with two processors down before it says anything about
a route server. FILE has, as JSON twice a second, how many sessions are established, how many of them
have sent their table, the octets of UPDATEs taken, when the first and the last octet came, and when
the last table was out (s, CLOCK_MONOTONIC).

--flap N: each session that has sent its table ends without a word and comes again, N times; then
they stay. --restart: each asks for its routes to be kept for so long while it is away (RFC 4724).
--bare: an OPEN without any capability. RFC 4271, 5492, 6793.
"""
import argparse
import ipaddress
import json
import os
import selectors
import socket
import struct
import time

MARKER = b"\xff" * 16
OPEN, UPDATE, NOTIFICATION, KEEPALIVE = 1, 2, 3, 4
HOLD = 240  # s
MOST = 4096  # octets of a message
AS_TRANS = 23456
RESTART, BARE = 0, False  # see above


def message(kind, body=b""):
    return MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def open_message(asn, address):
    families = struct.pack("!BBHBB", 1, 4, 1, 0, 1)  # multiprotocol: IPv4 unicast
    wide = struct.pack("!BBI", 65, 4, asn)
    capabilities = families + wide
    if RESTART:
        capabilities += struct.pack("!BBHHBB", 64, 6, RESTART, 1, 1, 0x80)
    if BARE:
        return message(OPEN, struct.pack("!BHH4sB", 4, asn, HOLD, address.packed, 0))
    parameter = struct.pack("!BB", 2, len(capabilities)) + capabilities
    short = asn if asn < 65536 else AS_TRANS
    return message(OPEN, struct.pack("!BHH4sB", 4, short, HOLD, address.packed, len(parameter)) + parameter)


def attribute(flags, kind, value):
    if len(value) > 255:
        return struct.pack("!BBH", flags | 0x10, kind, len(value)) + value
    return struct.pack("!BBB", flags, kind, len(value)) + value


def attributes(path, communities, next_hop):
    asns = [int(a) for a in path.split()]
    text = attribute(0x40, 1, b"\0")
    text += attribute(0x40, 2, struct.pack(f"!BB{len(asns)}{'H' if BARE else 'I'}", 2, len(asns), *asns))
    text += attribute(0x40, 3, next_hop.packed)
    if communities:
        pairs = [int(n) for c in communities.split() for n in c.split(":")]
        text += attribute(0xC0, 8, struct.pack(f"!{len(pairs)}H", *pairs))
    return text


def encoded(prefix):
    address, length = prefix.split("/")
    octets = (int(length) + 7) // 8
    return bytes([int(length)]) + socket.inet_aton(address)[:octets]


def updates(path, communities, prefixes, next_hop, more=""):
    """As few messages as there can be for a set of attributes."""
    head = attributes(path, communities, next_hop) + bytes.fromhex(more)
    head = struct.pack("!HH", 0, len(head)) + head
    now = b""
    for piece in map(encoded, prefixes):
        if 19 + len(head) + len(now) + len(piece) > MOST:
            yield message(UPDATE, head + now)
            now = b""
        now += piece
    yield message(UPDATE, head + now)


def table_read(path, next_hop):
    out = bytearray()
    with open(path) as f:
        for line in f:
            as_path, communities, prefixes, *more = line.rstrip("\n").split("|")
            for text in updates(as_path, communities, prefixes.split(), next_hop, *more):
                out += text
    return bytes(out)


class Session:
    def __init__(self, all_, address, asn, table):
        self.all = all_
        self.address = ipaddress.ip_address(address)
        self.asn = int(asn)
        self.table = table_read(table, self.address)
        self.flaps = all_.flaps
        self.sock = None
        self.again(0)

    def again(self, wait):
        if self.sock:
            self.all.selector.unregister(self.sock)
            self.sock.close()
        self.sock = None
        self.connect_at = time.monotonic() + wait
        self.established = self.begun = self.sent = False
        self.out = memoryview(b"")
        self.early = b""
        self.alive = 0

    def connect(self):
        self.connect_at = None
        self.connected = time.monotonic()
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((str(self.address), 0))
        self.sock.connect_ex((self.all.server, 179))
        self.out = memoryview(open_message(self.asn, self.address))
        self.all.selector.register(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def say(self, text):
        self.out = memoryview(bytes(self.out) + text)
        self.all.selector.modify(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def writable(self):
        if self.out:
            self.out = self.out[self.sock.send(self.out) :]
        if self.out:
            return
        self.all.selector.modify(self.sock, selectors.EVENT_READ, self)
        if self.begun and not self.sent:
            self.sent = True
            self.all.sent_at = time.monotonic()
            if self.flaps:
                self.flaps -= 1
                self.again(0.05)

    def begin(self):
        self.begun = True
        self.say(self.table)

    def early_messages(self):
        """OPEN and the first KEEPALIVE; what follows is counted, and not looked at."""
        while len(self.early) >= 19 and not self.established:
            length, kind = struct.unpack("!HB", self.early[16:19])
            if len(self.early) < length:
                return
            self.early = self.early[length:]
            if kind == NOTIFICATION:
                raise ConnectionError
            if kind == OPEN:
                self.say(message(KEEPALIVE))
            elif kind == KEEPALIVE:
                self.established = True
                self.alive = time.monotonic()
                self.all.came(self)

    def readable(self):
        got = self.sock.recv_into(self.all.buffer)
        if not got:
            raise ConnectionError
        if not self.established:
            self.early += self.all.buffer[:got]
            self.early_messages()
        elif got > 19:  # more than a KEEPALIVE
            self.all.took(got)

    def handle(self, events):
        try:
            if events & selectors.EVENT_READ:
                self.readable()
            if events & selectors.EVENT_WRITE and self.sock:
                self.writable()
        except BlockingIOError:
            pass
        except OSError:
            self.again(1)

    def tick(self, now):
        if self.connect_at is not None:
            if now >= self.connect_at:
                self.connect()
        elif not self.established and now - self.connected > 2:
            self.again(0)
        elif self.established and now - self.alive > HOLD / 6:
            self.alive = now
            self.say(message(KEEPALIVE))


class Speakers:
    def __init__(self, args):
        self.server = args.server
        self.flaps = args.flap
        self.status = args.status
        self.together = args.together
        self.selector = selectors.DefaultSelector()
        self.buffer = memoryview(bytearray(1 << 20))
        self.octets = 0
        self.begun_at = self.last = self.sent_at = 0
        self.sessions = [Session(self, *s.split(",")) for s in args.session]
        for at, session in enumerate(self.sessions):
            session.connect_at += at * 0.02  # the queue of those who listen is short

    def came(self, session):
        if self.together and not all(s.established for s in self.sessions):
            return
        self.begun_at = self.begun_at or time.monotonic()
        for each in self.sessions if self.together else [session]:
            each.begin()
        self.together = False

    def took(self, octets):
        self.octets += octets
        self.last = time.monotonic()

    def write_status(self):
        with open(self.status + ".new", "w") as f:
            json.dump(
                {
                    "established": sum(s.established for s in self.sessions),
                    "sent": sum(s.sent for s in self.sessions),
                    "flaps": sum(s.flaps for s in self.sessions),
                    "octets": self.octets,
                    "begun_at": self.begun_at,
                    "sent_at": self.sent_at,
                    "last": self.last,
                    "now": time.monotonic(),
                },
                f,
            )
        os.rename(self.status + ".new", self.status)

    def run(self):
        look = 0
        while True:
            for key, events in self.selector.select(0.1):
                key.data.handle(events)
            now = time.monotonic()
            if now - look < 0.1:
                continue
            look = now
            for session in self.sessions:
                session.tick(now)
            if self.status:
                self.write_status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--flap", type=int, default=0)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--status")
    parser.add_argument("--restart", type=int, default=0)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("server")
    parser.add_argument("session", nargs="+")
    arguments = parser.parse_args()
    RESTART, BARE = arguments.restart, arguments.bare
    Speakers(arguments).run()
