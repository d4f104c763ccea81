"""A year at a reception point, by a clock that is moved: few come each day, and everything is used.

The errands of the program run every third day, in their order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from kiosk.contract.messages import SlipState
from kiosk.contract.site_file import parse_site
from server_stub import accounts, audit, daily_figures, site_versions, staff_sessions, tables
from server_stub.admin_act import AdminAct
from server_stub.arrival import service_day
from server_stub.clock_watch import ClockWatch
from server_stub.closing import Decisions
from server_stub.device_tokens import new_token
from server_stub.errands import errands
from server_stub.figures import PeriodFigures
from server_stub.retention_periods import Kind, set_period
from server_stub.settings import Settings
from server_stub.taking_site import Proposal, take_site
from server_stub.visit import Step
from tests.server_stub.conftest import enrol, retire
from tests.server_stub.enrolled import MONDAY_NOON, EnrolledKiosk, StandingClock, new_id, party
from tests.server_stub.every_cell import cells_with
from tests.server_stub.open_room import OpenRoom
from tests.server_stub.worked_day import token

T = TypeVar("T")

A_DAY = timedelta(days=1)
A_MONTH = 30
"""Days, after which staff, kiosk and site file are others."""


@dataclass
class Year:
    """Lets days go by.

    Attributes:
        settings: Of the server.
        room: Its store.
        clock: Its clock.
        kiosk: The one that gives out numbers; another one every month.
        staff: Who works there this month.
        day: How many days have gone by.
        visits: Every party that came, and when.
        gone: Who worked there and when they left.
        figures: What was reported of each past day, when it was over for three days.

    """

    settings: Settings
    room: OpenRoom
    clock: StandingClock
    kiosk: EnrolledKiosk
    staff: str = ""
    day: int = 0
    sequence: int = 0
    visits: dict[UUID, datetime] = field(default_factory=dict)
    sealed: dict[str, datetime] = field(default_factory=dict)
    gone: dict[str, datetime] = field(default_factory=dict)
    figures: dict[date, PeriodFigures] = field(default_factory=dict)
    came: dict[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take on the errands of the program."""
        self.errands = errands(
            self.settings,
            lambda: self.room.site,
            engine=self.room.engine,
            writer=self.room.writer,
            watch=ClockWatch(self.settings.clock, self.settings.steady),
        )

    def live(self) -> None:
        """Let one day go by."""
        if self.day % A_MONTH == 0:
            self.change_everything()
        staying = self.arrive()
        if self.day % 3 == 0:
            self.work(self.arrive(), staying)
        self.close()
        self.day += 1
        self.clock.now = MONDAY_NOON + self.day * A_DAY
        if self.day % 3 == 0:
            self.do_rounds()

    def do_rounds(self) -> None:
        """Do the errands, but for the last ones: the files they look after are asked elsewhere."""
        end_overdue, roll_up, delete_old, *_ = self.errands
        for errand in (end_overdue, roll_up, roll_up, roll_up, delete_old):  # a day in each
            errand.run()
        self.remember_figures()

    def change_everything(self) -> None:
        """Let other people come to work, and other devices; change the site file."""
        if self.staff:
            before, self.staff = self.staff, ""
            self.administer(accounts.disable, before)
            self.gone[before] = self.clock.now
            self.write(partial(retire, kiosk=self.kiosk, at=self.clock.now))
        self.staff = f"worker-of-day-{self.day:03}"
        self.administer(accounts.make_account, self.staff, role="lead", password_hash="none")
        self.kiosk = replace(
            self.kiosk,
            name=f"entrance-{self.day}",
            letter="G",
            enrolment=new_id(),
            token=new_token(),
        )
        self.write(partial(enrol, kiosk=self.kiosk, at=self.clock.now))
        self.sequence = 0
        self.administer(set_period, Kind.HELP_CALLS, hours=48)
        self.change_site_file()

    def change_site_file(self) -> None:
        now = self.room.site
        with self.room.engine.connect() as connection:
            last = site_versions.newest(connection, now.id)
        toml = f"{last.toml}\n# day {self.day}\n"
        site = parse_site(toml, source="a year")
        proposal = Proposal(site, toml, staff=self.staff, seen=last.number)
        self.write(partial(take_site, now=now, proposal=proposal, at=self.clock.now))

    def arrive(self) -> UUID:
        self.sequence += 1
        content = party("information", "housing").model_copy(update={"ticket_token": token()})
        check_in = self.kiosk.check_in(self.sequence, content=content)
        self.room.admit(self.kiosk, check_in)
        self.room.run(self.room.room.note_slip(self.kiosk.slip(check_in, SlipState.PRINTED)))
        self.visits[check_in.id] = self.clock.now
        self.sealed[str(check_in.sealed)[:40]] = self.clock.now
        today = self.today
        self.came[today] = self.came.get(today, 0) + 1
        self.clock.move(60)
        return check_in.id

    def work(self, called: UUID, staying: UUID) -> None:
        """Open one check-in, call, serve and finish; count persons, go to a help call."""
        told = {"staff": self.staff, "role": "lead"}
        self.write(
            partial(
                audit.note,
                site=self.room.site.id,
                staff=self.staff,
                act="visit-opened",
                about=str(staying),
                now=self.clock.now,
            )
        )
        first = self.room.visit(called)
        room = self.room.room
        first = self.room.run(room.call_chosen(self.room.press(first, counter="1", **told))).visit
        first = self.room.do(room.serve, first, counter="1", **told)
        self.room.do(room.finish, first, counter="1", **told)
        lead = self.room.press(counter=None, **told)
        self.room.run(room.count_stock(lead, figure="housed", persons=100 + self.day))
        call = self.kiosk.help_call()
        self.room.run(room.call_for_help(call, age=None))
        self.room.run(room.acknowledge_help(help_call=call.id, staff=self.staff))
        if self.day % 6 == 0:
            number = self.room.visit(staying).number
            self.room.run(
                room.mark_served_by_hand(
                    self.room.press(counter=None, **told), first=number, last=number
                )
            )
        for wrong in ("a", "b"):
            self.write(partial(_mistype, name=wrong, now=self.clock.now))
        self.write(partial(_log_in, name=self.staff, now=self.clock.now))

    def close(self) -> None:
        """Close the day; who is still here goes on tomorrow, or has left."""
        room, told = self.room.room, {"counter": None, "staff": self.staff, "role": "lead"}
        today = self.today
        self.room.run(room.stop_numbers(self.room.press(**told), day=today))
        rest = Step.CARRY_OVER if self.day % 3 else Step.LEAVE
        self.room.run(
            room.close_day(self.room.press(**told), day=today, decisions=Decisions(rest=rest))
        )

    @property
    def today(self) -> date:
        return service_day(self.clock.now, self.room.site.time_zone)

    def remember_figures(self) -> None:
        """Note what is reported of days that nothing can change any more."""
        for day in (self.today - n * A_DAY for n in (4, 5, 6)):
            if day in self.came and day not in self.figures and day.day % 4 == 0:
                self.figures[day] = self.reported(day)

    def reported(self, day: date) -> PeriodFigures:
        """Return what the report of a day is made of."""
        return self.period(day, day)

    def period(self, first: date, last: date) -> PeriodFigures:
        with self.room.engine.connect() as connection:
            return daily_figures.read_period(
                connection, self.room.site, first=first, last=last, today=self.today
            )

    def administer(self, change: Callable[..., T], *what: object, **more: object) -> T:
        """Do something at the pages of administration."""

        def command(connection: Connection) -> T:
            act = AdminAct(connection, self.room.site.id, by=self.staff, now=self.clock.now)
            return change(act, *what, **more)

        return self.write(command)

    def write(self, command: Callable[[Connection], T]) -> T:
        return self.room.writer.submit(command).result(10)

    def found(self, *needles: str) -> dict[str, set[str]]:
        """Return which texts are somewhere in the store, and where."""
        with self.room.engine.connect() as connection:
            return cells_with(connection, *needles)

    def rows(self, table: Any) -> list[dict[str, Any]]:
        return self.room.rows(table)


def _mistype(connection: Connection, *, name: str, now: datetime) -> None:
    site = connection.execute(tables.site.select()).one().id
    staff_sessions.count_attempt(connection, site, name=name, address="192.0.2.1", now=now)


def _log_in(connection: Connection, *, name: str, now: datetime) -> None:
    site = connection.execute(tables.site.select()).one().id
    staff_sessions.log_in(connection, site, name=name, address="192.0.2.1", language="de", now=now)
