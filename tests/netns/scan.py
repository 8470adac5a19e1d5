#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Which TCP ports of an address let a connection in: scan.py ADDRESS [PORT...], 1 to 4095 and those.
import asyncio, sys
async def one(port, gate, found):
    async with gate:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(sys.argv[1], port), 5)
            writer.close()
            found.append(port)
        except (OSError, asyncio.TimeoutError):
            pass
async def main():
    gate, found = asyncio.Semaphore(2048), []
    await asyncio.gather(*(one(port, gate, found) for port in list(range(1, 4096)) + [int(port) for port in sys.argv[2:]]))
    print(sorted(found))
asyncio.run(main())
