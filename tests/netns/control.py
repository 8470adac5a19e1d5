#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that misbehave. control.py SOCKET KIND; succeeds where the supervisor does as it should."""
import os
import socket
import struct
import sys
import time


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect(sys.argv[1])
    return s


def read(s):
    header = b""
    while len(header) < 4:
        part = s.recv(4 - len(header))
        if not part:
            return None
        header += part
    length, data = struct.unpack("!I", header)[0], b""
    while len(data) < length:
        part = s.recv(length - len(data))
        if not part:
            return None
        data += part
    return data.decode()


def send(s, text):
    data = text.encode() if isinstance(text, str) else text
    s.sendall(struct.pack("!I", len(data)) + data)


def closed(s):
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True


def hello():
    return '"version":1' in read(connect())


def old():
    """One that takes no answer in parts."""
    s = connect()
    read(s)
    for role, verb in (("oob", "peers"), ("route-server", "clients"), ("route-server", "routes"), ("nobody", "x")):
        send(s, f'{{"ferrule-control:act":{{"role":"{role}","verb":"{verb}","word":["--all"]}}}}')
        if '"ferrule-control:error"' not in read(s):
            return False
    return True


def garbled():
    s = connect()
    read(s)
    for text in ("", "{", "[]", "null", '{"x":1}', '{"ferrule-control:nosuch":{}}', "\xff\xfe",
                 '{"ferrule-control:set":{"path":7}}', '{"ferrule-control:commit":{"confirm":86401}}',
                 '{"ferrule:system":{"name":"x"}}', os.urandom(2000), '{"a":' * 2000):
        send(s, text)
        if '"ferrule-control:error"' not in read(s):
            return False
    send(s, '{"ferrule-control:get":{"path":["system"]}}')
    return '"name":"sfp1"' in read(s)


def huge():
    s = connect()
    read(s)
    s.sendall(struct.pack("!I", 0xFFFFFFF0))
    return closed(s)


def slow():
    s = connect()
    read(s)
    s.sendall(b"\0\0")
    begin = time.monotonic()
    return closed(s) and 5 < time.monotonic() - begin < 25


def deaf():
    """Asks and asks, and reads nothing: dropped when too much is waiting for it."""
    s = connect()
    s.settimeout(30)
    try:
        for _ in range(200000):
            send(s, '{"ferrule-control:get-config":{"defaults":true}}')
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def many():
    # 32 for all, and 8 more for root
    all_of_them = [connect() for _ in range(40)]
    extra = connect()
    refused = "too many clients" in read(extra) and closed(extra)
    return refused and all(read(s) for s in all_of_them)


def pipelined():
    s = connect()
    read(s)
    one = '{"ferrule-control:get":{"path":["system"]}}'.encode()
    s.sendall((struct.pack("!I", len(one)) + one) * 50)
    return all('"name"' in read(s) for _ in range(50))


sys.exit(0 if globals()[sys.argv[2]]() else 1)
