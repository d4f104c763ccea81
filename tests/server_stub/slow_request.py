"""A request whose body takes its time: something else happens between its head and its body."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient
from starlette.types import Message


def send_slowly(  # a request, and what happens meanwhile
    client: TestClient,
    method: str,
    path: str,
    body: bytes,
    *,
    headers: dict[str, str],
    meanwhile: Callable[[], Any],
) -> int:
    """Send the body when `meanwhile` is done; return the status of the answer."""
    said = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver"), (b"content-length", b"%d" % len(body)), *said],
        "client": ("192.0.2.7", 50000),
        "server": ("testserver", 80),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.to_thread(meanwhile)
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        sent.append(message)

    assert client.portal is not None
    client.portal.call(client.app, scope, receive, send)
    return int(sent[0]["status"])
