"""The hours of a busy day, lived through the use cases in one process, up to a moment."""

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kiosk.contract.messages import CheckIn, CheckInContent, Counters, SlipState
from kiosk.contract.sealing import seal
from kiosk.contract.series import Series
from server_stub.actions import Press
from server_stub.calling import Called
from server_stub.closing import Decisions
from server_stub.parties import PartyByHand
from server_stub.visit import Step
from tests.day.plan import DAY_BEGINS, Arrival
from tests.day.world import Counter, Party, World
from tests.server_stub.enrolled import EnrolledKiosk, StandingClock, new_id
from tests.server_stub.open_room import OpenRoom


def minute_of(clock: str) -> float:
    """Return the minute of the service day at which the wall says ``"14:30"``."""
    hour, minute = map(int, clock.split(":"))
    return float(hour * 60 + minute - DAY_BEGINS)


LAST_SERVED = minute_of("14:28")
"""Who is called shortly before the day stands still, is still called then."""

ABANDONED = 0.1
"""Dialogues that nobody ends, for each that ends with a number."""

PACE = {"information": 0.72, "housing": 0.5, "registration": 0.24, "benefits": 0.6}
"""Of the minutes that a service takes elsewhere: by stage, how practised its desks are.

At registration several stations work behind one counter, so that a family is served at once.
"""

UNCONFIRMED = 0.02
"""Of the slips, of which the printer did not say that they came out."""


class TheMomentError(Exception):
    """The day has come to the moment at which it is looked at."""


@dataclass
class Doorway:
    """The kiosks at the entrance: each gives out numbers and reports.

    Args:
        room: Where their messages arrive.
        kiosks: In the order in which parties choose of them.
        given: How many numbers each has given out before.
        chance: Decides which slips fail.

    Attributes:
        silent: Kiosks that nobody hears of any more.
        without_paper: Kiosks that give out no numbers.

    """

    room: OpenRoom
    kiosks: Sequence[EnrolledKiosk]
    given: dict[str, int]
    chance: random.Random
    abandoned: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    without_paper: set[str] = field(default_factory=set)

    def check_in(self, arrival: Arrival, minute: float) -> tuple[UUID, str, float]:
        """Take a party in, at once; return visit, number, and when the server has heard of it."""
        away = self.silent | self.without_paper
        there = [kiosk for kiosk in self.kiosks if kiosk.name not in away]
        kiosk = there[(arrival.kiosk or 0) % len(there)]
        self.given[kiosk.name] += 1
        if self.chance.random() < ABANDONED:
            self.abandoned[kiosk.name] = self.abandoned.get(kiosk.name, 0) + 1
        content = CheckInContent(
            language=arrival.language,
            adults=arrival.adults,
            children=arrival.children,
            route=arrival.route,
            priority=arrival.proposed,
            ticket_token=secrets.token_urlsafe(16),
        )
        check_in = self._sealed(kiosk, content)
        self.room.admit(kiosk, check_in)
        failed = self.chance.random() < UNCONFIRMED
        slip = SlipState.UNCONFIRMED if failed else SlipState.PRINTED
        self.room.run(self.room.room.note_slip(kiosk.slip(check_in, slip)))
        return check_in.id, check_in.number, minute

    def _sealed(self, kiosk: EnrolledKiosk, content: CheckInContent) -> CheckIn:
        envelope = self._envelope(kiosk)
        sealed = seal(content, site=self.room.site.id, envelope=envelope, key=kiosk.key)
        return envelope.model_copy(update={"sealed": sealed})

    def _envelope(self, kiosk: EnrolledKiosk) -> CheckIn:
        sequence, site = self.given[kiosk.name], self.room.site
        return CheckIn(
            id=new_id(),
            kiosk=kiosk.name,
            key_id=kiosk.key.key_id,
            sequence=sequence,
            number=Series(kiosk.letter, site.skip_numbers).number(sequence),
            made_at=None,
            site_version=site.version,
        )

    def check_in_unreadable(self) -> None:
        """Take a party in whose answers nobody can read."""
        kiosk = self.kiosks[0]
        self.given[kiosk.name] += 1
        envelope = self._envelope(kiosk)
        self.room.admit(kiosk, envelope.model_copy(update={"sealed": "not sealed to anyone"}))

    def deliver(self, visit: UUID) -> None:
        """Do nothing: it was delivered when it was made."""

    def report(self) -> None:
        """Let every kiosk that is not silent tell how it is."""
        for kiosk in self.kiosks:
            if kiosk.name not in self.silent:
                self._report_of(kiosk)

    def _report_of(self, kiosk: EnrolledKiosk) -> None:
        given = self.given[kiosk.name]
        heartbeat = kiosk.heartbeat(
            highest=given,
            site_version=self.room.site.version,
            printer="paper-out" if kiosk.name in self.without_paper else "ready",
            counters=Counters(check_ins=given, abandoned=self.abandoned.get(kiosk.name, 0)),
            sound="ready",
            disk_free_bytes=11 * 10**9,
        )
        self.room.run(self.room.room.hear(heartbeat, device=kiosk.device))


@dataclass
class Desks:
    """The staff: everything they press goes to the use cases.

    Args:
        room: Theirs.
        staff: Who works at which counter; nobody works at the others.

    """

    room: OpenRoom
    staff: dict[str, str]

    def call_next(self, counter: str) -> tuple[UUID, int] | None:
        """Call whoever is next; None where nobody waits."""
        answer = self.room.run(self.room.room.call_next(self._at(counter)))
        return (answer.visit.id, answer.visit.version) if isinstance(answer, Called) else None

    def at_counter(self, step: str, counter: str, party: Party, **asked: Any) -> int:
        """Take a step at a counter; return the visit's version afterwards."""
        return self._take(step, self._at(counter, party), **asked)

    def by_lead(self, step: str, party: Party, **asked: Any) -> int:
        """Take a step at no counter; return the visit's version afterwards."""
        return self._take(step, self._lead(party), **asked)

    def split(self, party: Party, *, adults: int, children: int) -> tuple[int, UUID, str]:
        """Part a party; return its version, and the new visit and number."""
        parts = self.room.run(
            self.room.room.split(
                self._lead(party),
                adults=adults,
                children=children,
                ticket_token=secrets.token_urlsafe(16),
            )
        )
        return parts.visit.version, parts.other.id, parts.other.number

    def merge(self, kept: Party, other: Party) -> int:
        """Join two parties; return the version of the one that stays."""
        merged = self.room.room.merge(self._lead(other), into=kept.visit, into_seen=kept.version)
        return self.room.run(merged).other.version

    def by_hand(self, arrival: Arrival) -> tuple[UUID, str]:
        """Issue a number; return visit and number."""
        party = PartyByHand(
            arrival.route,
            adults=arrival.adults,
            children=arrival.children,
            language=arrival.language,
            ticket_token=secrets.token_urlsafe(16),
        )
        visit = self.room.run(self.room.room.issue_by_hand(self._lead(), party))
        return visit.id, visit.number

    def close_day(self, gone: list[Party]) -> None:
        """Stop numbers, then close the present day: these have left, the others go on."""
        day = self.room.snapshot().visits[0].service_day
        self.room.run(self.room.room.stop_numbers(self._lead(), day=day))
        each = {party.visit: Step.LEAVE for party in gone}
        decisions = Decisions(rest=Step.CARRY_OVER, each=each)
        self.room.run(self.room.room.close_day(self._lead(), day=day, decisions=decisions))

    def count_stock(self, figure: str, persons: int) -> None:
        """Note a count."""
        self.room.run(self.room.room.count_stock(self._lead(), figure=figure, persons=persons))

    def _take(self, step: str, press: Press, **asked: Any) -> int:
        room = self.room.room
        steps: dict[str, Callable[..., Any]] = {
            "recall": room.recall,
            "no-show": room.no_show,
            "serve": room.serve,
            "park": room.park,
            "readmit": room.readmit,
            "outcome": room.note_outcomes,
            "forward": room.forward,
            "finish": room.finish,
            "leave": room.leave,
            "undo": room.undo,
            "priority": room.set_priority,
            "appointment": room.set_appointment,
        }
        version: int = self.room.run(steps[step](press, **asked)).version
        return version

    def _at(self, counter: str, party: Party | None = None) -> Press:
        return _press(self.staff[counter], "counter", counter, party)

    def _lead(self, party: Party | None = None) -> Press:
        return _press("lena", "lead", None, party)


def _press(staff: str, role: str, counter: str | None, party: Party | None) -> Press:
    return Press(
        action=new_id(),
        staff=staff,
        role=role,
        counter=counter,
        visit=party.visit if party else None,
        seen=party.version if party else None,
    )


class BusyWorld(World):
    """A world with the counters of the room's site, that stands still at a moment."""

    office: Desks

    def __post_init__(self) -> None:
        """Staff the counters that the site has."""
        super().__post_init__()
        self._counters.clear()
        for known in self.office.room.site.counters:
            if known.id not in self.office.staff:
                continue
            self._counters[known.stage].append(Counter(known.id, known.stage, works_at_night=False))

    def know(self, party: Party) -> None:
        """Know a party that waits since an earlier day."""
        self.parties[party.visit] = party

    def confirm_appointments(self, number: int) -> None:
        """Confirm what the last parties say that wait at their first stage: now is their time."""
        waiting = [party for party in self.parties.values() if party.waits and not party.stage]
        for party in waiting[-number:]:
            at = self.office.room.room._clock()
            party.version = self.office.by_lead("appointment", party, appointment_at=at)

    def _serve(self, counter: Counter, party: Party) -> None:
        """Serve a party that has come, unless the day is about to stand still: it is on its way."""
        if self.minute < LAST_SERVED:
            super()._serve(counter, party)

    def _minutes_of(self, party: Party) -> float:
        """Return how long a counter serves a party, at the pace of its stage."""
        return super()._minutes_of(party) * PACE.get(party.here, 1)

    def live_until(self, minute: float, planned: list[Arrival]) -> None:
        """Let the day pass up to a minute of the service day."""

        def stop() -> None:
            raise TheMomentError

        self.at(minute, stop)
        try:
            self.live(planned)
        except TheMomentError:
            return


def clock_of_day(clock: StandingClock, morning: datetime) -> Callable[[float], None]:
    """Return what puts a clock to a minute of the service day that began at `morning`."""

    def pass_time(minute: float) -> None:
        moment = morning + timedelta(minutes=minute)
        clock.now = moment.replace(microsecond=0)

    return pass_time
