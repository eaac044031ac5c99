"""A loopback server that speaks the hub's protocol as huggingface_hub uses it, and fails on request."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Repository ``owner/model`` at one commit.

    Attributes:
        files: content by path.
        cut: bytes after which the next answers break off, one entry an answer.
        refuse: statuses of the next answers, one entry an answer.
        lie: content that is sent instead of the announced one.
        size: size that is announced instead of the true one.
        token: bearer token that is demanded.
        log: (method, path, range) of every request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cut: list[int] = []
        self.refuse: list[int] = []
        self.lie: bytes | None = None
        self.size: int | None = None
        self.token: str | None = None
        self.log: list[tuple[str, str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        hub = self.server
        hub.log.append((self.command, self.path, self.headers.get("Range")))
        if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
            return self.error(401, "RepoNotFound", "Invalid credentials")
        if hub.refuse:
            return self.error(hub.refuse.pop(0), "", "Not now")
        if found := re.fullmatch(r"/owner/model/resolve/(\w+)/(.+)", self.path.partition("?")[0]):
            return self.resolve(*found.groups(), body=body)
        if found := re.fullmatch(r"/api/models/owner/model/(revision|tree)/(\w+)(/.*)?", self.path.partition("?")[0]):
            return self.listing(found.group(1), found.group(2))
        if self.path.startswith("/plain/"):
            return self.send(self.path.removeprefix("/plain/"), body=body)
        return self.error(404, "RepoNotFound", "Repository not found")

    def listing(self, kind: str, commit: str) -> None:
        if commit != COMMIT:
            return self.error(404, "RevisionNotFound", f"Invalid rev id: {commit}")
        entries = [
            {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest(),
             "lfs": {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}}
            for name, content in self.server.files.items()
        ]  # fmt: skip
        siblings = [{"rfilename": name} for name in self.server.files]
        document = entries if kind == "tree" else {"id": "owner/model", "sha": COMMIT, "siblings": siblings}
        text = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def resolve(self, commit: str, name: str, *, body: bool) -> None:
        if commit != COMMIT:
            return self.error(404, "RevisionNotFound", f"Invalid rev id: {commit}")
        if name not in self.server.files:
            return self.error(404, "EntryNotFound", "Entry not found")
        return self.send(name, body=body)

    def send(self, name: str, *, body: bool) -> None:
        hub = self.server
        if name not in hub.files:
            return self.error(404, "EntryNotFound", "Entry not found")
        content = hub.files[name]
        sent = hub.lie if hub.lie is not None and body else content
        start = int((self.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])
        if start and start >= len(sent):
            return self.error(416, "", "Range not satisfiable")
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Linked-Etag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Linked-Size", str(hub.size or len(content)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str((hub.size or len(sent)) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(sent) - 1}/{len(sent)}")
        self.end_headers()
        if not body:
            return None
        end = start + hub.cut.pop(0) if hub.cut else len(sent)
        self.wfile.write(sent[start:end])
        if end < len(sent):
            self.wfile.flush()
            self.close_connection = True
        return None

    def error(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def running_hub():
    """A hub that is stopped in the end."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
