"""The serving: the app behind a socket, from the first listening to an orderly end."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from kiosk.contract.supervisor import ALIVE, READY, Supervisor
from server_stub.request_limits import LimitedProtocol
from server_stub.tls import Tls

SECONDS_TO_STOP = 3
"""For requests under way when the server is told to stop."""

MOST_CONNECTIONS_BESIDE = 1_000
"""Of an app that stands beside: what is public cannot take all of the process's files."""

Beside = tuple[ASGIApp, socket.socket]
"""An app for other people, behind a socket of its own."""


def serve(
    app: FastAPI,
    listening: socket.socket,
    *,
    on_ready: Callable[[], None],
    beside: Sequence[Beside] = (),
    tls: Tls | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; call `on_ready` when requests are answered.

    What stands `beside` the app is served as long as the app is, by the same process. All of it
    speaks TLS, where there is a certificate.

    The app is started here and not by uvicorn, so that what it raises reaches the caller and
    not a traceback in the log.
    """
    config = _config(app, tls=tls)
    others = [
        (_Beside(_config(other, tls=tls, most_connections=MOST_CONNECTIONS_BESIDE)), behind)
        for other, behind in beside
    ]

    supervisor = Supervisor(os.environ)

    def is_ready() -> None:
        on_ready()
        supervisor.tell(READY)

    async def run() -> None:
        async with (
            app.router.lifespan_context(app),
            _following(tls),
            told_it_lives(supervisor),
            asyncio.TaskGroup() as group,
        ):
            for other, behind in others:
                group.create_task(other.serve(sockets=[behind]))
            await _Server(config, app=app, on_ready=is_ready).serve(sockets=[listening])
            for other, _ in others:
                other.should_exit = True

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


@asynccontextmanager
async def told_it_lives(supervisor: Supervisor) -> AsyncIterator[None]:
    """Tell the supervisor all the while that this event loop goes on."""
    pause = supervisor.sign_seconds
    if pause is None:
        yield
        return

    async def give_signs() -> None:
        while True:
            supervisor.tell(ALIVE)
            await asyncio.sleep(pause)

    signs = asyncio.create_task(give_signs(), name="watchdog")
    try:
        yield
    finally:
        signs.cancel()


@asynccontextmanager
async def _following(tls: Tls | None) -> AsyncIterator[None]:
    """Take up a renewed certificate meanwhile."""
    if tls is None:
        yield
        return
    following = asyncio.create_task(tls.follow())
    try:
        yield
    finally:
        following.cancel()


def _config(
    app: ASGIApp, *, tls: Tls | None, most_connections: int | None = None
) -> uvicorn.Config:
    context = tls.context if tls else None
    return uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        access_log=False,  # addresses may hold tokens
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_STOP,
        limit_concurrency=most_connections,
        ssl_context_factory=(lambda _config, _default: context) if context else None,
    )


class _Beside(uvicorn.Server):
    """Leaves signals to the server that it stands beside."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _Server(uvicorn.Server):
    """Tells when it is ready, and ends the live pages before it waits for them."""

    def __init__(
        self, config: uvicorn.Config, *, app: FastAPI, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the hub first: a live page never ends its request by itself."""
        await self._app.state.hub.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop in order at a signal, and only that.

        uvicorn's own raises the signal once more at the end, which would kill the process
        before the store is closed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for stop in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(stop, self.handle_exit, stop, None)
        try:
            yield
        finally:
            for stop in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(stop)
