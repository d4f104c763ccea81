"""The board of the hall: one reading and one rendering, shared by all who look at it.

A page asks when it has heard that something changed. Whoever asks meanwhile shares one reading,
and between two of them there is a second: fifty pages cost the database as much as one.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from kiosk.contract.site import Site
from server_stub.hall_reading import Hall, read_hall
from server_stub.hall_view import HallView, view_of
from server_stub.live import Render
from server_stub.page_rendering import render
from server_stub.page_texts import LANGUAGES
from server_stub.snapshot import Snapshot

FRESH_SECONDS = 5.0
"""So long a reading is good where nothing has happened since: waits grow by themselves."""

REST_SECONDS = 1.0
"""Between the beginnings of two readings."""


def hall_channels() -> dict[str, Render]:
    """Return the hub's channels of the hall: they tell that something changed, and not what."""
    return {f"hall/{language}": _moved for language in LANGUAGES}


def _moved(_now: Snapshot, _touched: frozenset[UUID], _before: Snapshot | None) -> str:
    return "moved"


class HallBoard:
    """Reads and renders the hall, for the event loop of the app.

    Args:
        engine: Of the store.
        site: Returns the site in force.
        clock: Tells the present moment.
        rest: Seconds between the beginnings of two readings.

    """

    def __init__(
        self,
        engine: Engine,
        *,
        site: Callable[[], Site],
        clock: Callable[[], datetime],
        rest: float = REST_SECONDS,
    ) -> None:
        self._engine = engine
        self._site = site
        self._clock = clock
        self._rest = rest
        self._begun = float("-inf")
        self._view: HallView | None = None
        self._reading: asyncio.Task[HallView] | None = None
        self._rendered: dict[str, tuple[HallView, str]] = {}

    async def view(self, *, after: int = 0) -> HallView:
        """Return the hall as it stands, with all up to event number `after` in it."""
        age = asyncio.get_running_loop().time() - self._begun
        known = self._view
        if known and age < FRESH_SECONDS and known.hall.event_number >= after:
            return known
        shared = self._reading
        view = await self._read_soon()
        if view.hall.event_number < after and shared is not None:
            view = await self._read_soon()  # the shared one had begun before that event
        return view

    async def html(self, language: str, *, after: int = 0) -> str:
        """Return the live part of the page, as `view` has it."""
        view = await self.view(after=after)
        known = self._rendered.get(language)
        if known and known[0] is view:
            return known[1]
        html = await asyncio.to_thread(render, "hall_now.html", language, view=view)
        self._rendered[language] = view, html
        return html

    async def _read_soon(self) -> HallView:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(self._reading)

    async def _read(self) -> HallView:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(self._begun + self._rest - clock(), 0))
        self._begun = clock()
        self._view = await asyncio.to_thread(self._read_now)
        return self._view

    def _read_now(self) -> HallView:
        site = self._site()
        with self._engine.connect() as connection:
            hall: Hall = read_hall(connection, site, at=self._clock())
        return view_of(hall, site)
