"""The deadline of an exchange: lines that drip, and answers without an end."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from kiosk import server_link
from kiosk.server_link import ServerLink, TryLaterError
from tests.kiosk.arrivals import check_in

ENTRY = check_in(1)
HEAD = b"HTTP/1.1 200 OK\r\n"
PAUSE = 0.01


@contextmanager
def stranger(talks: Callable[[socket.socket, threading.Event], None]) -> Iterator[ServerLink]:
    """Lend a link to something that talks without listening."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            near, _ = listener.accept()
            with near, suppress(OSError):
                talks(near, over)

        thread = threading.Thread(target=answer)
        thread.start()
        link = ServerLink(f"http://127.0.0.1:{listener.getsockname()[1]}", token="token")
        try:
            yield link
        finally:
            over.set()
            link.close()
            thread.join()


def drips_head(near: socket.socket, over: threading.Event) -> None:
    near.sendall(HEAD)
    while not over.wait(PAUSE):
        near.sendall(b"x")


def drips_body(near: socket.socket, over: threading.Event) -> None:
    near.sendall(HEAD + b"Content-Length: 100000\r\nConnection: close\r\n\r\n")
    while not over.wait(PAUSE):
        near.sendall(b"x")


def has_no_end(near: socket.socket, over: threading.Event) -> None:
    near.sendall(HEAD + b"Content-Type: text/html\r\n\r\n")
    while not over.is_set():
        near.sendall(65_536 * b"x")


@pytest.mark.parametrize("talks", [drips_head, drips_body])
def test_an_answer_that_drips_in_holds_nobody_up(
    talks: Callable[[socket.socket, threading.Event], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_link, "EXCHANGE_SECONDS", 0.1)

    with stranger(talks) as link, pytest.raises(TryLaterError):
        link.put_check_in(ENTRY.id, ENTRY.to_bytes(), age=None)


def test_an_answer_without_an_end_is_not_kept() -> None:
    with stranger(has_no_end) as link, pytest.raises(TryLaterError, match="not our answer"):
        link.put_check_in(ENTRY.id, ENTRY.to_bytes(), age=None)
