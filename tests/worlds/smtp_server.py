"""A mail server on this machine that keeps what it is handed: enough of RFC 5321 for one client at a time."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class _Handler(socketserver.StreamRequestHandler):
    server: "Server"

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"DATA":
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                kept = message_from_bytes(b"".join(lines), policy=policy.default)
                self.server.messages.append(kept)
                self._say("250 kept")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            elif word.startswith(b"RCPT") and self.server.refuses:
                self._say("550 nobody")
            else:
                self._say("250 good")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """`messages` holds what came; with `refuses` nobody has a mailbox here."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[EmailMessage] = []
        self.refuses = False

    @property
    def url(self) -> str:
        """As carrier.yaml writes it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def mail_server() -> Iterator[Server]:
    """A server for as long as the block lasts."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
