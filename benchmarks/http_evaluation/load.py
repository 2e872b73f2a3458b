"""Keep so many connections busy with POSTs for so long; print one JSON line: `python load.py PORT PATH CONNECTIONS SECONDS < requests`.

A process of its own, so that it shares no lock with the server. Bodies are read from standard input, one per line;
headers from the environment. Every answer is read whole; one that is not 200, or came
without evidence, counts as failed.
"""

import asyncio
import json
import os
import random
import sys
import time

PORT, PATH, CONNECTIONS, SECONDS = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
BODIES = [line.rstrip(b"\n") for line in sys.stdin.buffer]
HEADERS = os.environ.get("LOAD_HEADERS", "")


class Caller(asyncio.Protocol):
    """One connection: sends the next request the moment it has read an answer."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at, self.took, self.failed, self.decisions = ends_at, [], 0, {}
        self.buffer, self.gone = b"", asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send one request."""
        body = random.choice(BODIES)
        head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n{HEADERS}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.began = time.perf_counter()
        self.transport.write(head.encode() + body)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, mark, rest = self.buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
        if len(rest) < length:
            return
        now = time.perf_counter()
        self.took.append(now - self.began)
        self.failed += not head.startswith(b"HTTP/1.1 200") or b'"evidence":""' in rest
        decision = rest[:16]
        self.decisions[decision] = self.decisions.get(decision, 0) + 1
        self.buffer = rest[length:]
        if now < self.ends_at:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self.gone.set_result(None)


async def main() -> None:
    """Run and print."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    callers = [
        (await loop.create_connection(lambda: Caller(began + SECONDS), "127.0.0.1", PORT))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(caller.gone for caller in callers))
    took = sorted(one for caller in callers for one in caller.took)
    lasted = time.perf_counter() - began
    said = {
        "per_second": len(took) / lasted,
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "failed": sum(caller.failed for caller in callers),
        "permitted": sum(caller.decisions.get(b'{"decision":true', 0) for caller in callers),
        "asked": len(took),
    }
    print(json.dumps(said))


asyncio.run(main())
