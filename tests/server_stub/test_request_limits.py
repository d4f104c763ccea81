"""What a client may send that is no browser of ours, over real sockets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from server_stub import request_limits
from server_stub.request_limits import LARGEST_HEAD, MOST_HEADERS, LimitedProtocol

GET = b"GET /there HTTP/1.1\r\nhost: here\r\n"
END = b"\r\n"


async def app(_scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body."""
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = b"%d" % length
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Caller:
    """A client that sends bytes as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            await self.writer.drain()
        except ConnectionError:
            return  # it has hung up, as it should

    async def answer(self) -> bytes:
        """Return all that comes until it hangs up; b"" where nothing does."""
        try:
            return await asyncio.wait_for(self.reader.read(), 5)
        except ConnectionError:
            return b""

    async def first(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)


def call(tell: Callable[[Caller], Awaitable[Any]]) -> Any:
    """Run what is told of a caller against a server of its own; return what it returns."""

    async def told() -> Any:
        config = uvicorn.Config(app, lifespan="off", log_config=None)
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: LimitedProtocol(config, state, {}, loop), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await tell(Caller(reader, writer))
        finally:
            writer.close()
            server.close()
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.gather(*state.tasks, return_exceptions=True)
            await server.wait_closed()

    return asyncio.run(told())


def exchange(*pieces: bytes) -> bytes:
    async def tell(caller: Caller) -> bytes:
        for piece in pieces:
            await caller.send(piece)
        return await caller.answer()

    return call(tell)


def test_a_request_with_a_body_is_answered_as_ever():
    body = b"x" * 200_000
    answer = exchange(
        GET.replace(b"GET", b"POST")
        + b"connection: close\r\ncontent-length: 200000\r\n"
        + END
        + body
    )

    assert answer.endswith(b"\r\n\r\n200000")


def test_two_requests_on_one_line_are_answered_as_ever():
    async def tell(caller: Caller) -> list[bytes]:
        answers = []
        for _ in range(2):
            await caller.send(GET + END)
            answers.append(await caller.first())
            await caller.reader.readexactly(1)
        return answers

    assert all(answer.startswith(b"HTTP/1.1 200") for answer in call(tell))


def test_a_header_that_never_ends_is_hung_up_on():
    answer = exchange(GET, b"x-long: " + b"a" * LARGEST_HEAD, b"a" * 1000)

    assert answer.startswith(b"HTTP/1.1 431")


def test_a_head_that_is_too_large_is_refused_also_where_it_comes_at_once():
    lines = b"".join(b"x-%d: %s\r\n" % (n, b"a" * 1000) for n in range(40))

    assert exchange(GET + lines + END).startswith(b"HTTP/1.1 431")


def test_too_many_headers_are_refused():
    lines = b"".join(b"x-%d: a\r\n" % n for n in range(MOST_HEADERS))

    assert exchange(GET + lines + END).startswith(b"HTTP/1.1 431")


def test_an_address_that_is_too_long_is_refused():
    assert exchange(b"GET /" + b"a" * LARGEST_HEAD + b" HTTP/1.1\r\n\r\n").startswith(
        b"HTTP/1.1 431"
    )


CHUNKED = GET.replace(b"GET", b"POST") + b"transfer-encoding: chunked\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        b"0\r\nx-long: ",  # a header after the body
        b"0\r\n" + b"".join(b"x-%d: a\r\n" % n for n in range(1000)),  # many of them
        b"1;x=",  # what a chunk says beside its length
    ],
)
def test_a_body_with_something_without_end_beside_it_is_hung_up_on(endless):
    async def tell(caller: Caller) -> bytes:
        await caller.send(CHUNKED + END + endless)
        for _ in range(20):
            await caller.send(b"a" * LARGEST_HEAD)
        await caller.send(b"\r\nx\r\n0\r\n\r\n")
        return await caller.answer()

    assert call(tell) == b""


def test_a_header_after_the_body_is_none_of_the_request(monkeypatch):
    seen: list[tuple[bytes, bytes]] = []

    async def looking(scope: Any, receive: Any, send: Any) -> None:
        await answering(scope, receive, send)
        seen.extend(scope["headers"])

    answering = app
    monkeypatch.setitem(globals(), "app", looking)
    trailer = b"0\r\nauthorization: Bearer of-another\r\n\r\n"

    assert exchange(CHUNKED + b"connection: close\r\n" + END + trailer).endswith(b"\r\n\r\n0")
    assert b"authorization" not in dict(seen)


def test_a_large_body_in_small_chunks_is_answered_as_ever():
    chunks = b"1\r\nx\r\n" * 100_000

    answer = exchange(CHUNKED + b"connection: close\r\n" + END, chunks, b"0\r\n\r\n")

    assert answer.endswith(b"\r\n\r\n100000")


@pytest.mark.parametrize(
    ("limit", "pieces"),
    [
        ("SECONDS_FOR_HEAD", ()),
        ("SECONDS_FOR_HEAD", (GET,)),
        ("SECONDS_FOR_BODY", (GET + b"content-length: 9\r\n" + END, b"part")),
    ],
)
def test_who_begins_to_ask_and_never_ends_is_hung_up_on(monkeypatch, limit, pieces):
    monkeypatch.setattr(request_limits, limit, 0.05)

    assert exchange(*pieces) == b""


def test_a_second_request_has_its_own_time(monkeypatch):
    monkeypatch.setattr(request_limits, "SECONDS_FOR_HEAD", 0.05)

    async def tell(caller: Caller) -> bytes:
        await caller.send(GET + END)
        await caller.first()
        await caller.reader.readexactly(1)
        await caller.send(GET)
        return await caller.answer()

    assert call(tell) == b""


def test_what_is_no_http_is_told_so():
    assert exchange(b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400")
