#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends of connections for loan.sh.

echo PORT               TCP: says who asks and echoes; UDP too
ask ADDRESS PORT        one question over TCP; prints the answer
askudp ADDRESS PORT
many ADDRESS PORT N GO  N connections, each with a question before and one after GO exists
hold ADDRESS PORT GO    one connection, a question now and one each 100 ms until GO exists
flood INTERFACE TO_MAC FROM_MAC ADDRESS PORT N     UDP from N forged sources
"""
import asyncio
import errno
import os
import select
import socket
import struct
import sys


async def echo(port):
    async def serve(reader, writer):
        peer = writer.get_extra_info("peername")
        while data := await reader.read(65536):
            writer.write(b"%s %d " % (peer[0].removeprefix("::ffff:").encode(), peer[1]) + data[:100])
            await writer.drain()
        writer.close()

    class Datagrams(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, peer):
            self.transport.sendto(b"%s %d " % (peer[0].removeprefix("::ffff:").encode(), peer[1]) + data, peer)

    loop = asyncio.get_running_loop()
    for family, address in (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"):
        s = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((address, port))
        await loop.create_datagram_endpoint(Datagrams, sock=s)
    server = await asyncio.start_server(serve, None, port, backlog=4096)
    await server.serve_forever()


def ask(address, port):
    with socket.create_connection((address, port), 5) as s:
        s.settimeout(5)
        s.sendall(b"hi")
        print(s.recv(200).decode())


def askudp(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(3)
        s.connect((address, port))
        s.send(b"hi")
        print(s.recv(200).decode())


async def many(address, port, n, go):
    async def one(i):
        local = None
        if i < 900:  # from the very ports that the module opens its own from
            local = ("192.0.2.2", 61000 + i)
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(address, port, local_addr=local), 60)
        writer.write(b"a")
        assert (await asyncio.wait_for(reader.read(100), 60)).endswith(b"a")
        return reader, writer

    open_ones = []
    for begin in range(0, n, 500):
        open_ones += await asyncio.gather(*(one(i) for i in range(begin, min(n, begin + 500))))
    print("open", len(open_ones), flush=True)
    while not os.path.exists(go):
        await asyncio.sleep(0.05)

    async def again(reader, writer):
        writer.write(b"b")
        assert (await asyncio.wait_for(reader.read(100), 60)).endswith(b"b")

    for begin in range(0, n, 500):
        await asyncio.gather(*(again(*c) for c in open_ones[begin:begin + 500]))
    print("good", len(open_ones), flush=True)


async def hold(address, port, go):
    reader, writer = await asyncio.open_connection(address, port)
    rounds = 0
    while not os.path.exists(go):
        writer.write(b"x")
        await asyncio.wait_for(reader.read(200), 30)  # a router may lose its neighbour for a while
        rounds += 1
        if rounds == 1:
            print("holds", flush=True)
        await asyncio.sleep(0.1)
    print("held", flush=True)


def flood(interface, to_mac, from_mac, address, port, n):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((interface, 0))
    octets = lambda mac: bytes(int(o, 16) for o in mac.split(":"))
    head = octets(to_mac) + octets(from_mac) + b"\x08\x00"
    ip = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 29, 0, 0x4000, 64, 17, 0, bytes(4),
                               socket.inet_aton(address)))
    for i in range(n):
        ip[12:16] = struct.pack("!I", 0xC6120000 + i // 60000)
        ip[10:12] = b"\0\0"
        total = sum(struct.unpack("!10H", ip))
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        ip[10:12] = struct.pack("!H", ~total & 0xFFFF)
        frame = head + ip + struct.pack("!HHHHB", 1024 + i % 60000, port, 9, 0, 1) + bytes(17)
        while True:
            try:
                s.send(frame)
                break
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    raise
                select.select([], [s], [], 1)  # the interface's ring is full
    print("sent", n)


verb, *words = sys.argv[1:]
words = [int(w) if w.isdigit() else w for w in words]
if verb in ("echo", "many", "hold"):
    asyncio.run({"echo": echo, "many": many, "hold": hold}[verb](*words))
else:
    {"ask": ask, "askudp": askudp, "flood": flood}[verb](*words)
