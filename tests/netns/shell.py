#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shell on a terminal: shell.py FERRULE TEXT KEYS...; each KEYS are typed at a prompt.

Succeeds where TEXT is shown. Python escapes in KEYS are understood (\\t, \\x15)."""
import os
import pty
import select
import sys
import time


def read_until(fd, shown, mark, seconds):
    begin = len(shown)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if mark in shown[begin:]:
            return True
        if select.select([fd], [], [], 0.1)[0]:
            try:
                shown += os.read(fd, 4096)
            except OSError:
                return mark in shown[begin:]
    return False


def main():
    program, text, keys = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "dumb"
        os.execv(program, [program])
    shown = bytearray()
    read_until(fd, shown, b"# ", 10)
    for key in keys:
        os.write(fd, key.encode().decode("unicode_escape").encode())
        read_until(fd, shown, b"# ", 3)
    found = text in shown or read_until(fd, shown, text, 3)
    print(shown.decode(errors="replace"))
    os.close(fd)
    os.waitpid(pid, 0)
    return not found


sys.exit(main())
