"""The waiting room of a real store, called from plain tests."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, Table, select

from kiosk.contract.messages import CheckIn
from server_stub import tables
from server_stub.actions import Press
from server_stub.admission import Admission
from server_stub.calling import CallAnswer, Called, NobodyWaits
from server_stub.event_log import EventRow
from server_stub.keys import read_keys
from server_stub.moving_snapshot import MovingSnapshot
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.snapshot import Snapshot, VisitRow, read_visit
from server_stub.store import open_store
from server_stub.waiting_room import WaitingRoom
from server_stub.writer import Writer
from tests.server_stub.enrolled import EnrolledKiosk, new_id

T = TypeVar("T")


class OpenRoom:
    """A waiting room, its store and its writer."""

    def __init__(self, room: WaitingRoom, *, engine: Engine, writer: Writer) -> None:
        self.room = room
        self.engine = engine
        self.writer = writer
        self.site = room.site
        self._runner = asyncio.Runner()

    def run(self, use_case: Awaitable[T]) -> T:
        """Return what a use case comes to."""

        async def awaited() -> T:
            return await use_case

        return self._runner.run(awaited())

    def together(self, *use_cases: Awaitable[T]) -> list[T | BaseException]:
        """Return what use cases come to that all begin at once."""

        async def gathered() -> list[T | BaseException]:
            return await asyncio.gather(*use_cases, return_exceptions=True)

        return self._runner.run(gathered())

    def close(self) -> None:
        self._runner.close()

    def empty(self) -> None:
        """Forget everything but the site and its kiosks."""
        kept = (tables.site, tables.site_file, tables.site_key, tables.kiosk, tables.kiosk_token)
        with self.engine.execution_options(writes=True).begin() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                if table not in kept:
                    connection.execute(table.delete())
            desk = tables.kiosk.c.kind == "desk"
            connection.execute(tables.kiosk.delete().where(desk))
            connection.execute(tables.site.update().values(next_event=1))
            connection.execute(tables.kiosk.update().values(highest_sequence=0, complete_to=0))

    def admit(
        self, kiosk: EnrolledKiosk, check_in: CheckIn, *, age: float | None = None
    ) -> Admission:
        return self.run(self.admission(kiosk, check_in, age=age))

    def admission(
        self, kiosk: EnrolledKiosk, check_in: CheckIn, *, age: float | None = None
    ) -> Awaitable[Admission]:
        return self.room.admit(
            check_in.to_bytes(), device=kiosk.device, age=age, path_id=check_in.id
        )

    def press(  # who presses what, where
        self,
        visit: VisitRow | None = None,
        *,
        counter: str | None = "1",
        staff: str = "anna",
        role: str = "counter",
        seen: int | None = None,
        action: UUID | None = None,
    ) -> Press:
        """Return the press of a button, beside a visit as it was shown."""
        version = visit.version if visit and seen is None else seen
        return Press(
            action=action or new_id(),
            staff=staff,
            role=role,
            counter=counter,
            visit=visit.id if visit else None,
            seen=version,
        )

    def call(self, counter: str = "1", **pressed: Any) -> CallAnswer:
        """Call next at a counter."""
        return self.run(self.room.call_next(self.press(counter=counter, **pressed)))

    def call_next(self, counter: str = "1", **pressed: Any) -> VisitRow | None:
        """Call next at a counter; return the visit, None where nobody waits."""
        answer = self.call(counter, **pressed)
        if isinstance(answer, Called):
            return answer.visit
        assert isinstance(answer, NobodyWaits), answer
        return None

    def do(
        self,
        step: Callable[..., Awaitable[T]],
        visit: VisitRow,
        *said: Any,
        saying: Mapping[str, Any] | None = None,
        **pressed: Any,
    ) -> T:
        """Press the button of a step beside a visit as it was shown."""
        return self.run(step(self.press(visit, **pressed), *said, **(saying or {})))

    def visit(self, visit: VisitRow | UUID) -> VisitRow:
        """Return a visit as it now is."""
        wanted = visit if isinstance(visit, UUID) else visit.id
        with self.engine.connect() as connection:
            found = read_visit(connection, self.site.id, visit=wanted)
        assert found is not None
        return found

    @contextmanager
    def with_site(self, **keys: object) -> Iterator[None]:
        """Let the site have other keys meanwhile: stages, counters, most_persons."""
        in_force = self.room._in_force
        self.room._in_force = replace(in_force, site=in_force.site.model_copy(update=keys))
        try:
            yield
        finally:
            self.room._in_force = in_force

    def snapshot(self) -> Snapshot:
        """Return the snapshot, which was moved on from the last one and is as a fresh one."""
        moved = self.run(self.room.snapshot())
        moving, self.room._snapshots = self.room._snapshots, MovingSnapshot(self.site.id)
        fresh = self.run(self.room.snapshot())
        self.room._snapshots = moving
        assert moved == fresh
        return moved

    def events(self, after: int = 0) -> list[EventRow]:
        events = self.run(self.room.events_after(after, 10_000))
        assert events is not None
        return events

    def rows(self, table: Table) -> list[dict[str, object]]:
        with self.engine.connect() as connection:
            return [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]


@contextmanager
def open_room(settings: Settings) -> Iterator[OpenRoom]:
    """Open the store of `settings` and lend its waiting room."""
    with open_store(settings) as engine:
        with engine.connect() as connection:
            in_force = load_site(connection)
        writer = Writer(engine, site=in_force.site.id, on_commit=lambda: None)
        writer.start()
        room = WaitingRoom(
            in_force,
            keys=read_keys(settings.keys),
            engine=engine,
            writer=writer,
            clock=settings.clock,
        )
        opened = OpenRoom(room, engine=engine, writer=writer)
        try:
            yield opened
        finally:
            writer.close()
            opened.close()
