#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbered frames at a steady pace; counts what arrives on the other side.

load.py FROM_NETNS FROM_IF TO_NETNS TO_IF SECONDS STOP_FILE
Ends after SECONDS, or earlier when STOP_FILE appears. Prints sent, lost, reordered.
"""
import os
import struct
import sys
import threading
import time

from frames import MAC, PEER, ether, raw

PER_TICK = 20  # frames every 5 ms: far below what a ring of 256 holds
TICK = 0.005


def main():
    from_ns, from_if, to_ns, to_if, seconds, stop = sys.argv[1:7]
    out, into = raw(from_ns, from_if), raw(to_ns, to_if)
    into.settimeout(1.0)
    seen, order = set(), []
    done = threading.Event()

    def reader():
        last = -1
        while True:
            try:
                frame = into.recv(2048)
            except TimeoutError:
                if done.is_set():
                    return
                continue
            if frame[6:12] == MAC and frame[12:14] == b"\x88\xb7":
                number, = struct.unpack_from("!I", frame, 14)
                seen.add(number)
                if number <= last:
                    order.append(number)
                last = number

    thread = threading.Thread(target=reader)
    thread.start()
    number, begin = 0, time.monotonic()
    tick = begin
    while time.monotonic() < begin + float(seconds) and not os.path.exists(stop):
        for _ in range(PER_TICK):
            out.send(ether(PEER, 0x88B7, struct.pack("!I", number) + bytes(46)))
            number += 1
        tick += TICK
        time.sleep(max(0, tick - time.monotonic()))
    done.set()
    thread.join()
    print(f"sent {number} lost {number - len(seen)} reordered {len(order)}")
    return number == 0 or len(seen) != number or bool(order)


sys.exit(main())
