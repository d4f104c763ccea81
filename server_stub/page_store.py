"""What stands behind a page: the waiting room of its server, and a look at its store."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from server_stub.waiting_room import WaitingRoom

T = TypeVar("T")


def room_of(request: Request) -> WaitingRoom:
    """Return the waiting room of the server that was asked."""
    room: WaitingRoom = request.app.state.room
    return room


async def look_at(request: Request, look: Callable[[Connection], T]) -> T:
    """Return what a look at the store finds, all of one moment; others are served meanwhile."""
    engine = request.app.state.engine

    def read() -> T:
        with engine.connect() as connection:
            return look(connection)

    return await run_in_threadpool(read)
