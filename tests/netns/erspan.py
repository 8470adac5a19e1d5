#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a collector gets of frames that cross, read by scapy and by tshark.

erspan.py capture FROM_NETNS FROM_IF AT_NETNS AT_IF FILE [small]   sends frames, keeps what arrives
erspan.py check FILE SESSION...                            a line a session and reader

SESSION is NAME=COLLECTOR,VERSION,ID,GRANULARITY,KEEP,SIDE[,fragment|,drop]: KEEP octets of a frame
at most, SIDE 0 for frames that come in on the optical side.
"""
import json
import subprocess
import sys
import time

from frames import MAC, enter, fill, ipv4, raw, untag  # noqa: F401
from frames import ether as ether_of

PEER = bytes.fromhex("0200000000bb")
SOURCE = bytes([203, 0, 113, 1])


def packet(size):
    text = bytearray(ipv4(fill(size)))
    text[12:16] = SOURCE
    return bytes(text)


def sent_frames(most=1700):
    """Name, frame, and what is to be said of it: VLAN, COS, tagged, short or oversized."""
    return [row for row in all_frames() if len(row[1]) <= most]


def all_frames():
    for size in (50, 60, 300, 1400, 1514, 1700):
        frame = ether_of(PEER, 0x0800, packet(size - 34))
        yield f"{size} untagged", frame, 0, 0, 0, 1 if size < 60 else 2 if size > 1514 else 0
    for size in (64, 1518, 1519):
        frame = ether_of(PEER, 0x8100, b"\xa0\x64\x08\x00" + packet(size - 38))
        yield f"{size} tagged", frame, 100, 5, 3, 2 if size > 1518 else 0
    frame = ether_of(PEER, 0x88A8, b"\x4f\xff\x81\x00\x20\xc8\x08\x00" + packet(1522 - 42))
    yield "1522 with two tags", frame, 4095, 2, 3, 0


def capture(from_ns, from_if, at_ns, at_if, path, small=None):
    out = raw(from_ns, from_if)
    at = raw(at_ns, at_if)
    began = time.time()
    most = 1514 if small else 1700
    for _, frame, *_ in sent_frames(most):
        out.send(frame)
    got, deadline = [], time.monotonic() + 2
    while time.monotonic() < deadline:
        at.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            data, aux, _, address = at.recvmsg(20000, 256)
        except TimeoutError:
            break
        if address[2] != 4:  # not what this end sends itself
            got.append(untag(data, aux))
    from scapy.all import Ether, wrpcap
    wrpcap(path, [Ether(data) for data in got])
    with open(path + ".time", "w", encoding="ascii") as file:
        json.dump([began, time.time(), most], file)


class Session:
    most = 1700

    def __init__(self, text):
        self.name, rest = text.split("=")
        words = rest.split(",")
        self.collector, self.version, self.id = words[0], int(words[1]), int(words[2])
        self.granularity, self.keep, self.side = int(words[3]), int(words[4]), int(words[5])
        self.how = words[6] if len(words) > 6 else "truncate"

    def expected(self):
        """Of each frame: inner octets, fields."""
        for name, frame, vlan, cos, tagged, bso in sent_frames(self.most):
            if self.how == "drop" and len(frame) > self.keep:
                continue
            inner = frame if self.how == "fragment" else frame[:self.keep]
            yield name, inner, vlan, cos, tagged, bso, len(inner) < len(frame)


def stamp_is_now(session, stamp, seconds, times):
    low, high = times[0] - 1, times[1] + 1
    if session.granularity == 2:
        return low <= seconds + stamp / 1e9 <= high
    unit = 1e-7 if session.granularity == 1 else 1e-4
    first, last = int(low / unit) & 0xFFFFFFFF, int(high / unit) & 0xFFFFFFFF
    return first <= stamp <= last if first <= last else stamp >= first or stamp <= last


# ---- scapy ----

def scapy_packets(path):
    from scapy.all import IP, IPv6, defragment, defragment6, rdpcap
    from scapy.contrib import erspan  # noqa: F401  it tells GRE what follows
    from scapy.layers.inet6 import IPv6ExtHdrFragment
    packets = rdpcap(path)
    whole = list(defragment([p for p in packets if IP in p and IPv6 not in p]))
    whole += [p for p in packets if IPv6 in p and IPv6ExtHdrFragment not in p]
    pieces = {}
    for p in packets:
        if IPv6ExtHdrFragment in p:
            pieces.setdefault((p[IPv6].dst, p[IPv6ExtHdrFragment].id), []).append(p)
    return whole + [defragment6(list(group)) for group in pieces.values()]


def scapy_check(session, packets, times):
    from scapy.all import GRE, IP, IPv6
    from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
    network = IPv6 if ":" in session.collector else IP
    mine = [p for p in packets if network in p and p[network].dst == session.collector and GRE in p]
    if session.how == "fragment":  # those that came in pieces are at the end
        mine.sort(key=lambda p: p[GRE].seqence_number)
    if session.version > 1:
        layer = ERSPAN_II if session.version == 2 else ERSPAN_III
        mine = [p for p in mine if layer in p and p[layer].session_id == session.id]
    expected = list(session.expected())
    if len(mine) != len(expected):
        yield f"{len(mine)} packets, expected {len(expected)}"
        return
    for number, (p, want) in enumerate(zip(mine, expected)):
        name, inner, vlan, cos, tagged, bso, cut = want
        gre = p[GRE]
        if network is IP:
            fresh = IP(bytes(p[IP])[:20])
            del fresh.chksum
            if p[IP].chksum != IP(bytes(fresh)).chksum:
                yield f"{name}: header checksum"
            if (p[IP].ttl, p[IP].tos, int(p[IP].flags)) != (33, 40, 0 if session.how == "fragment" else 2):
                yield f"{name}: TTL {p[IP].ttl}, TOS {p[IP].tos}, flags {p[IP].flags}"
        elif (p[IPv6].hlim, p[IPv6].tc) != (33, 40):
            yield f"{name}: hop limit {p[IPv6].hlim}, traffic class {p[IPv6].tc}"
        proto = 0x22EB if session.version == 3 else 0x88BE
        if gre.proto != proto or gre.seqnum_present != (session.version > 1):
            yield f"{name}: GRE {gre.proto:#x}"
        if session.version > 1 and gre.seqence_number != number:
            yield f"{name}: sequence {gre.seqence_number}, expected {number}"
        if session.version == 1:
            payload = bytes(gre.payload)
        else:
            e = p[ERSPAN_II if session.version == 2 else ERSPAN_III]
            got = (e.ver, e.vlan, e.cos, e.t, e.session_id)
            if got != (session.version - 1, vlan, cos, int(cut), session.id):
                yield f"{name}: version, VLAN, COS, T, session are {got}"
            payload = bytes(e.payload)
        if session.version == 2 and (e.en != tagged or e.index != session.side + 1):
            yield f"{name}: En {e.en}, index {e.index}"
        if session.version == 3:
            seconds = 0
            if e.o:
                platform = ERSPAN_PlatformSpecific(payload[:8])
                seconds = int.from_bytes(payload[4:8], "big")
                payload = payload[8:]
                if platform.platf_id != 5:
                    yield f"{name}: platform {platform.platf_id}"
            got = (e.bso, e.p, e.ft, e.hw, e.d, e.gra, e.o)
            if got != (bso, 1, 0, 9, session.side, session.granularity, int(session.granularity == 2)):
                yield f"{name}: BSO, P, FT, HwID, D, Gra, O are {got}"
            if not stamp_is_now(session, e.timestamp, seconds, times):
                yield f"{name}: time {e.timestamp} {seconds}"
        if payload != inner and payload[:len(inner)] != inner:
            yield f"{name}: the frame is another: {payload[:20].hex()}"
        if len(payload) != len(inner):
            yield f"{name}: {len(payload)} octets of the frame, expected {len(inner)}"


# ---- tshark ----

FIELDS = ("ip.dst", "ipv6.dst", "gre.proto", "gre.sequence_number", "erspan.version", "erspan.vlan",
          "erspan.cos", "erspan.encap", "erspan.bso", "erspan.truncated", "erspan.spanid",
          "erspan.direction", "erspan.gra", "erspan.hw", "erspan.p", "erspan.ft", "erspan.o",
          "erspan.platid", "frame.protocols", "ip.checksum.status")


def tshark_rows(path):
    command = ["tshark", "-n", "-r", path, "-Y", "gre", "-o", "ip.check_checksum:TRUE", "-T", "fields",
               "-E", "separator=|", "-E", "occurrence=f"]
    for field in FIELDS:
        command += ["-e", field]
    lines = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                           text=True).stdout.splitlines()
    return [dict(zip(FIELDS, line.split("|"))) for line in lines]


def number(text):
    return {"": 0, "True": 1, "False": 0}.get(text) if text in ("", "True", "False") else int(text, 0)


def tshark_check(session, rows):
    mine = [r for r in rows if session.collector in (r["ip.dst"], r["ipv6.dst"])]
    if session.version > 1:
        mine = [r for r in mine if r["erspan.spanid"] and number(r["erspan.spanid"]) == session.id]
    expected = list(session.expected())
    if session.how == "fragment":  # the last piece of each is dissected whole
        mine = sorted((r for r in mine if r["erspan.version"]),
                      key=lambda r: int(r["gre.sequence_number"]))
    if len(mine) != len(expected):
        yield f"{len(mine)} packets, expected {len(expected)}"
        return
    for count, (row, want) in enumerate(zip(mine, expected)):
        name, _, vlan, cos, tagged, bso, cut = want
        if ":" not in session.collector and row["ip.checksum.status"] not in ("1", "Good"):
            yield f"{name}: header checksum"
        if session.version == 1:
            continue
        got = [number(row[f"erspan.{f}"]) for f in ("version", "vlan", "cos", "truncated", "spanid")]
        if got != [session.version - 1, vlan, cos, int(cut), session.id]:
            yield f"{name}: version, VLAN, COS, T, session are {got}"
        if number(row["gre.sequence_number"]) != count:
            yield f"{name}: sequence {row['gre.sequence_number']}"
        if session.version == 2 and number(row["erspan.encap"]) != tagged:
            yield f"{name}: En {row['erspan.encap']}"
        if session.version == 3:
            got = [number(row[f"erspan.{f}"]) for f in ("bso", "p", "ft", "hw", "direction", "gra", "platid")]
            precise = session.granularity == 2
            if got != [bso, 1, 0, 9, session.side, session.granularity, 5 if precise else 0]:
                yield f"{name}: BSO, P, FT, HwID, D, Gra, platform are {got}"


def main():
    if sys.argv[1] == "capture":
        capture(*sys.argv[2:])
        return
    path, sessions = sys.argv[2], [Session(text) for text in sys.argv[3:]]
    with open(path + ".time", encoding="ascii") as file:
        *times, Session.most = json.load(file)
    packets, rows = scapy_packets(path), tshark_rows(path)
    for session in sessions:
        for reader, wrong in (("scapy", list(scapy_check(session, packets, times))),
                              ("tshark", list(tshark_check(session, rows)))):
            print(f"{session.name} {reader} {'; '.join(wrong) or 'good'}")


main()
