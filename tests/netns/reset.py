#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What both ends get of a TCP segment that a filter resets, read by scapy.

reset.py OPTICAL_NETNS IF ELECTRICAL_NETNS IF      a line a case
"""
import sys
import time

from frames import raw, untag

A, B = "02:00:00:00:00:aa", "02:00:00:00:00:bb"
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def cases(scapy):
    """Name, layers behind Ethernet, TCP fields, payload."""
    ip4 = scapy.IP(src="203.0.113.1", dst="203.0.113.2", ttl=9, id=77, flags=0)
    ip6 = scapy.IPv6(src="2001:db8::1", dst="2001:db8::2", hlim=9)
    options = scapy.IP(src="203.0.113.1", dst="203.0.113.2", options=scapy.IPOption(b"\x94\x04\x00\x00"))
    for name, below, ip in (("IPv4", [], ip4), ("IPv6", [], ip6), ("IPv4 with options", [], options),
                            ("tagged IPv4", [scapy.Dot1Q(vlan=100, prio=5)], ip4),
                            ("twice tagged IPv6", [scapy.Dot1AD(vlan=7), scapy.Dot1Q(vlan=100)], ip6)):
        yield f"{name}, data", below, ip, dict(seq=1000, ack=5000, flags=PSH | ACK), 100
        yield f"{name}, no data", below, ip, dict(seq=1000, ack=5000, flags=ACK), 0
        yield f"{name}, SYN", below, ip, dict(seq=0xFFFFFFFF, ack=0, flags=SYN), 0
        yield f"{name}, FIN", below, ip, dict(seq=1000, ack=5000, flags=FIN | ACK), 1
        yield f"{name}, SYN with data", below, ip, dict(seq=7, ack=0, flags=SYN), 10
        yield f"{name}, SYN ACK", below, ip, dict(seq=9, ack=8, flags=SYN | ACK), 0
        yield f"{name}, RST", below, ip, dict(seq=9, ack=8, flags=RST), 0
    chain = ip6 / scapy.IPv6ExtHdrHopByHop() / scapy.IPv6ExtHdrRouting()
    yield "IPv6 with extensions", [], chain, dict(seq=1, ack=2, flags=ACK), 60


def receive(s, mac):
    got, deadline = [], time.monotonic() + 0.3
    while time.monotonic() < deadline:
        s.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            data, aux, _, address = s.recvmsg(20000, 256)
        except TimeoutError:
            break
        data = untag(data, aux)
        if address[2] != 4 and data[:6].hex(":") == mac:
            got.append(data)
            deadline = min(deadline, time.monotonic() + 0.05)
    return got


def wanted(fields, payload):
    """Flags, sequence, acknowledgement on to the other end, and back."""
    flags, seq, ack = fields["flags"], fields["seq"], fields["ack"]
    if flags & RST:
        return None, None
    on = (RST | flags & ACK, seq, ack)
    if flags & ACK:
        return on, (RST, ack, 0)
    length = payload + bool(flags & SYN) + bool(flags & FIN)
    return on, (RST | ACK, 0, seq + length & 0xFFFFFFFF)


def stack(scapy, data):
    """The frame, dissected, and made anew with lengths and checksums by scapy."""
    packet = scapy.Ether(data)
    again = packet.copy()
    for layer in (scapy.IP, scapy.TCP):
        if layer in again:
            del again[layer].chksum
    if scapy.IP in again:
        del again[scapy.IP].len
    if scapy.IPv6 in again:
        del again[scapy.IPv6].plen
    if scapy.Padding in again:
        again[scapy.Padding].underlayer.remove_payload()
    return packet, scapy.Ether(bytes(again))


def compare(scapy, sent, got, want, back):
    if want is None:
        return "a reset of a reset" if got else ""
    if len(got) != 1:
        return f"{len(got)} frames"
    packet, again = stack(scapy, got[0])
    tcp, first = packet[scapy.TCP], sent[scapy.TCP]
    if (int(tcp.flags), tcp.seq, tcp.ack) != want:
        return f"flags, sequence, acknowledged are {int(tcp.flags)} {tcp.seq} {tcp.ack}, not {want}"
    if tcp.chksum != again[scapy.TCP].chksum:
        return f"TCP checksum {tcp.chksum:#x}, should be {again[scapy.TCP].chksum:#x}"
    network = scapy.IP if scapy.IP in sent else scapy.IPv6
    mine, was = packet[network], sent[network]
    if network is scapy.IP and (mine.chksum, mine.len) != (again[scapy.IP].chksum, again[scapy.IP].len):
        return f"IP checksum {mine.chksum:#x} or length {mine.len}"
    if network is scapy.IPv6 and mine.plen != again[scapy.IPv6].plen:
        return f"IPv6 length {mine.plen}"
    ends = (was.src, was.dst, first.sport, first.dport)
    if back:
        ends = (was.dst, was.src, first.dport, first.sport)
    if (mine.src, mine.dst, tcp.sport, tcp.dport) != ends:
        return f"from {mine.src} {tcp.sport} to {mine.dst} {tcp.dport}"
    if (packet.src, packet.dst) != ((sent.dst, sent.src) if back else (sent.src, sent.dst)):
        return f"MAC {packet.src} {packet.dst}"
    tags = [bytes(layer)[:4] for layer in (packet.getlayer(i) for i in range(1, 3))
            if isinstance(layer, (scapy.Dot1Q, scapy.Dot1AD))]
    if tags != [bytes(layer)[:4] for layer in (sent.getlayer(i) for i in range(1, 3))
                if isinstance(layer, (scapy.Dot1Q, scapy.Dot1AD))]:
        return "tags"
    end = len(got[0]) - len(tcp.payload) if scapy.Padding in packet else len(got[0])
    if any(got[0][end:]):
        return "padding is not zero"
    return ""


def main():
    from scapy import all as scapy
    optical_ns, optical_if, electrical_ns, electrical_if = sys.argv[1:5]
    optical, electrical = raw(optical_ns, optical_if), raw(electrical_ns, electrical_if)
    for name, below, ip, fields, payload in cases(scapy):
        packet = scapy.Ether(src=A, dst=B)
        for layer in below:
            packet = packet / layer
        packet = packet / ip / scapy.TCP(sport=4000, dport=9999, **fields) / (b"x" * payload)
        data = bytes(packet)
        data += bytes(max(0, 60 - len(data)))
        sent = scapy.Ether(bytes(packet))
        optical.send(data)
        on, back = wanted(fields, payload)
        wrong = compare(scapy, sent, receive(electrical, B), on, False)
        print(f"{name}, on: {wrong or 'good'}")
        wrong = compare(scapy, sent, receive(optical, A), back, True)
        print(f"{name}, back: {wrong or 'good'}")


main()
