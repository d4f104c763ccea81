"""HTTP on the wire: where a message ends, for a proxy that passes on bytes and reads nothing else.

Message lengths are those of RFC 9112, section 6; what is sent here has a length or is chunked.
"""

import asyncio
import re

LONGEST_HEAD = 65_536

_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_BODILESS = re.compile(rb"HTTP/1\.1 (1\d\d|204|304)")


async def read_request(reader: asyncio.StreamReader) -> bytes | None:
    """Return a whole request; None where the client has gone, or goes within one."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        return head + await reader.readexactly(length_of(head) or 0)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None


async def read_head(reader: asyncio.StreamReader) -> bytes | None:
    """Return the head of an answer; None where none comes."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None


def length_of(head: bytes) -> int | None:
    """Return how many bytes follow a head; None where it does not say."""
    if _BODILESS.match(head):
        return 0
    found = _LENGTH.search(head)
    return int(found[1]) if found else None


def path_of(request: bytes) -> str:
    """Return the path that a request asks for."""
    return request.split(b" ", 2)[1].decode("ascii", "replace")


def message(start: str, body: bytes, **headers: str) -> bytes:
    """Return a message with that first line."""
    lines = [start, *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
