"""The waiting room: everything that may be done with check-ins, visits and help calls.

One method per use case; those of staff with visits stand in `flow`. What changes the store goes
through the writer and is answered when it is durable; what only reads runs beside it, on a
snapshot of its own.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine

from kiosk.contract.messages import (
    Heartbeat,
    HeartbeatAnswer,
    HelpCall,
    HelpState,
    SlipOutcome,
)
from kiosk.contract.site import Site, SiteAnswer
from server_stub import (
    admission,
    daily_figures,
    device_tokens,
    event_log,
    help_calls,
    kiosk_reports,
    slip_outcomes,
    taking_site,
    waits,
)
from server_stub.admission import Admission, Newcomer
from server_stub.admission_log import AdmissionLog
from server_stub.arrival import beginning_of, service_day
from server_stub.device_tokens import Device, KnownDevices
from server_stub.event_log import EventRow
from server_stub.figures_report import Report, report
from server_stub.flow import Flow
from server_stub.help_call_rows import HelpCallRow
from server_stub.keys import Keyring
from server_stub.moving_snapshot import MovingSnapshot
from server_stub.refusals import TokenExpiredError
from server_stub.settings import Clock
from server_stub.site_in_force import SiteInForce, look_again
from server_stub.site_versions import SiteVersion
from server_stub.snapshot import Snapshot
from server_stub.taking_site import Proposal
from server_stub.writer import Command, Writer

log = logging.getLogger(__name__)

T = TypeVar("T")


class WaitingRoom(Flow):
    """The use cases of one site.

    Args:
        in_force: The site, and what belongs to it.
        keys: The site's private keys.
        engine: For what only reads.
        writer: For what changes the store.
        clock: Tells the present moment.

    """

    def __init__(
        self,
        in_force: SiteInForce,
        *,
        keys: Keyring,
        engine: Engine,
        writer: Writer,
        clock: Clock,
    ) -> None:
        super().__init__(writer=writer, clock=clock)
        self._in_force = in_force
        self._keys = keys
        self._engine = engine
        self._devices = KnownDevices(self._ask_for_device)
        self._taking_up = threading.Lock()
        self._admissions = AdmissionLog()
        self._snapshots = MovingSnapshot(in_force.site.id)

    @property
    def site(self) -> Site:
        """The site in force."""
        return self._in_force.site

    def site_inside(self, connection: Connection) -> Site:
        """Return the site in force as the connection's transaction sees it."""
        return look_again(connection, self._in_force).site

    def look_at_site(self) -> None:
        """Take up a site file that another process has put in force. From any thread."""
        with self._engine.connect() as connection:
            self._take_up(connection)

    async def take_site(self, proposal: Proposal) -> SiteVersion:
        """Put a site file in force, here and in every other process.

        Raises:
            SiteNotTakenError: It cannot follow the one in force.
            SomebodyFasterError: Another one was put in force meanwhile.

        """
        at = self._clock()

        def command(connection: Connection) -> SiteVersion:
            now = self.site_inside(connection)
            return taking_site.take_site(connection, now, proposal=proposal, at=at)

        made: SiteVersion = await self._writer.ask(command)
        await self._read(self._take_up)
        return made

    def site_answer(self) -> SiteAnswer:
        """Return the site and the key to seal to, as kiosks fetch them."""
        now = self._in_force
        # From the store: a process that was not given the key's file yet tells the same.
        public_key = now.public_key or self._keys.public_key(now.key_id).to_text()
        return SiteAnswer(
            version=now.site.version, key_id=now.key_id, public_key=public_key, site=now.site
        )

    @property
    def lacks_key(self) -> bool:
        """Whether this process cannot open what kiosks seal now."""
        return self._keys.private_key(self._in_force.key_id) is None

    async def device(self, *, token: str) -> Device | None:
        """Return the enrolled kiosk whose token it is, or None; raise TokenExpiredError."""
        device = await self._devices.device(token)
        if device and device.is_expired(self._clock()):
            raise TokenExpiredError("the token has expired: sign for another one")
        return device

    async def admit(
        self, body: bytes, *, device: Device, age: float | None, path_id: UUID
    ) -> Admission:
        """Store a check-in and let its party wait; the same bytes again change nothing.

        Args:
            body: The exact bytes received.
            device: The kiosk that sent them.
            age: Seconds since the check-in was made, if known.
            path_id: The id in the request's path.

        Raises:
            RefusedError: The envelope cannot be read, is another kiosk's, or its id is taken.

        """
        check_in = admission.read_envelope(body, device=device, path_id=path_id)
        newcomer = Newcomer(
            check_in=check_in,
            body=body,
            content=admission.open_content(check_in, site=self.site, keys=self._keys),
            device=device,
            received_at=self._clock(),
            age=age,
        )
        admitted: Admission = await self._writer.ask_for(self._admit, newcomer)
        self._admissions.note(check_in.id, kiosk=device.name, first=admitted.first)
        return admitted

    async def call_for_help(
        self, help_call: HelpCall, *, age: float | None
    ) -> tuple[HelpState, bool]:
        """Store a help call; return how far it is, and whether it is new."""
        now = self._clock()
        return await self._write(
            partial(
                help_calls.put_help_call,
                site=self.site.id,
                help_call=help_call,
                called_at=now - timedelta(seconds=age or 0.0),
                at=now,
            )
        )

    async def note_slip(self, slip: SlipOutcome) -> tuple[int, bool]:
        """Store what became of a slip; return the revision that is stored, and if it is new."""
        return await self._write(
            partial(slip_outcomes.put_slip_outcome, site=self.site.id, slip=slip, at=self._clock())
        )

    async def hear(self, heartbeat: Heartbeat, *, device: Device) -> HeartbeatAnswer:
        """Store a kiosk's report and return what it should know."""
        now = self._clock()
        # Beside the writer: to read all queues takes milliseconds, and counters want to call.
        waiting = await self._read(partial(waits.waits_of_newcomers, site=self.site, at=now))

        def command(connection: Connection) -> HeartbeatAnswer:
            in_force = look_again(connection, self._in_force)
            return kiosk_reports.hear(
                connection, in_force, heartbeat, device=device, waits=waiting, at=now
            )

        return await self._write(command)

    async def acknowledge_help(self, *, help_call: UUID, staff: str) -> HelpCallRow:
        """Note who goes to a help call; where someone goes already, it stays theirs.

        Raises:
            UnknownHelpCallError: There is no such help call.

        """
        return await self._write(
            partial(
                help_calls.acknowledge,
                site=self.site.id,
                help_call=help_call,
                staff=staff,
                at=self._clock(),
            )
        )

    async def snapshot(self) -> Snapshot:
        """Return the site at this moment, with the number of the last event in it."""

        def read() -> Snapshot:
            with self.seen() as (snapshot, _):
                return snapshot

        return await asyncio.to_thread(read)

    @contextmanager
    def seen(self) -> Iterator[tuple[Snapshot, Connection]]:
        """Lend a snapshot, and the transaction that sees the same moment. Blocks: in a thread."""
        zone = self.site.time_zone
        today = service_day(self._clock(), zone)
        with ExitStack() as open_until_read:
            with self._snapshots.turn:
                connection = open_until_read.enter_context(self._engine.connect())
                # First: no page shows a moment without knowing the site of that moment.
                self._take_up(connection)
                snapshot = self._snapshots.read(
                    connection, service_day=today, day_began=beginning_of(today, zone)
                )
            yield snapshot, connection

    async def events_after(self, number: int, limit: int) -> list[EventRow] | None:
        """Return at most `limit` events after `number`; None where they are unknown or pruned."""
        return await self._read(
            partial(event_log.events_after, site=self.site.id, number=number, limit=limit)
        )

    async def report(
        self, *, first: date | None = None, last: date | None = None, language: str
    ) -> Report:
        """Return the figures of a period as they may be told to anyone.

        Args:
            first: Its first service day; None: its last.
            last: Its last service day; None: the present one.
            language: "de" or "en", of its words.

        """
        today = service_day(self._clock(), self.site.time_zone)
        last = last or today
        query = partial(
            daily_figures.read_period, site=self.site, first=first or last, last=last, today=today
        )
        period = await self._read(query)
        site = await self._read(partial(daily_figures.knowing, site=self.site, period=period))
        return await asyncio.to_thread(report, period, site, today=today, language=language)

    def _admit(
        self, connection: Connection, newcomers: Sequence[Newcomer]
    ) -> list[Admission | Exception]:
        return admission.admit(connection, newcomers, site=self.site_inside(connection))

    def _take_up(self, connection: Connection) -> None:
        """Work by the site in force that the connection's transaction sees, if it is newer."""
        found = look_again(connection, self._in_force)
        with self._taking_up:
            if found.as_of <= self._in_force.as_of:
                return
            self._in_force = found
        log.info("site file in force version=%s key=%s", found.file_version, found.key_id)
        if self.lacks_key:
            log.error("key missing key=%s: put its file into %s", found.key_id, self._keys.folder)

    async def _ask_for_device(self, token: str) -> Device | None:
        return await self._read(partial(device_tokens.device_of, site=self.site.id, token=token))

    async def _write(self, command: Command[T]) -> T:
        return await self._writer.ask(command)

    async def _read(self, query: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self._read_now, query)

    def _read_now(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)
