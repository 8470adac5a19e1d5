#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An IRR database that answers as IRRd does (the part of its protocol that bgpq4 speaks).

irrd.py PORT FILE

FILE, read anew for each connection: {"AS-SET": ["AS64501"], "AS64501": ["192.0.2.0/24", "2001:db8::/32"]}
"""
import json
import socketserver
import sys


def members(data, name, seen):
    for m in data.get(name, []):
        if not m.startswith("AS"):
            continue
        if m[2:].isdigit():
            yield m
        elif m not in seen:
            seen.add(m)
            yield from members(data, m, seen)


class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        if text:
            self.wfile.write(f"A{len(text) + 1}\n{text}\nC\n".encode())
        else:
            self.wfile.write(b"D\n")

    def prefixes(self, asn, six):
        return " ".join(p for p in self.data.get(asn, []) if "/" in p and (":" in p) == six)

    def answer(self, line):
        if line.startswith("!i"):
            name = line[2:].split(",")[0]
            self.say(" ".join(sorted(set(members(self.data, name, {name})))))
        elif line.startswith(("!gAS", "!gas")):
            self.say(self.prefixes(line[2:].upper(), False))
        elif line.startswith(("!6AS", "!6as")):
            self.say(self.prefixes(line[2:].upper(), True))
        elif line == "!s-lc":
            self.say("TEST")
        elif line.startswith("!a") and len(line) > 2:
            six, name = line[2] == "6", line[2:].lstrip("46")
            every = [name] if name[2:].isdigit() else sorted(set(members(self.data, name, {name})))
            self.say(" ".join(filter(None, (self.prefixes(a, six) for a in every))))
        elif line.startswith(("!n", "!s")):
            self.wfile.write(b"C\n")
        elif line != "!!":
            self.wfile.write(b"F unknown\n")

    def handle(self):
        with open(sys.argv[2]) as f:
            self.data = json.load(f)
        for line in self.rfile:
            line = line.decode().strip()
            if line in ("!q", "q"):
                return
            print(line, flush=True)
            self.answer(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
