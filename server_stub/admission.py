"""The admission: a check-in becomes a waiting party, once, whatever is in it.

Only an unreadable envelope is refused. A party that holds a slip waits, also when nobody can
read what it answered: then at the first stage, marked, so that staff ask again.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, select

from kiosk.contract.messages import CheckIn, CheckInContent, Receipt
from kiosk.contract.sealing import SealError, unseal
from kiosk.contract.series import letter_of
from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.arrival import arrived_at, service_day
from server_stub.bulk_insert import insert_all
from server_stub.device_tokens import Device, token_sha256
from server_stub.direct_sql import DirectStatement, OneOf
from server_stub.event_log import EventKind, NewEvent
from server_stub.keys import Keyring
from server_stub.late_arrivals import LateArrivals, settle
from server_stub.refusals import NotYoursError, OtherBytesError, UnreadableError
from server_stub.series_at_server import ask_for_series, store_series
from server_stub.served_by_hand import Range
from server_stub.visit import BY_HAND, LATE, CallingClass, VisitState

log = logging.getLogger(__name__)

UNREADABLE = "unreadable"
UNKNOWN_STAGE = "unknown-stage"


@dataclass(frozen=True, slots=True)
class Admission:
    """A check-in is stored.

    Attributes:
        receipt: Confirms it.
        first: False where it was stored already.

    """

    receipt: Receipt
    first: bool


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A check-in that can be read, as far as it can be read, on its way into the store.

    Attributes:
        check_in: The envelope.
        body: The exact bytes received.
        content: What was sealed; None where it cannot be opened.
        device: The enrolled kiosk that sent it.
        received_at: When it came.
        age: Seconds since it was made, if known.

    """

    check_in: CheckIn
    body: bytes
    content: CheckInContent | None
    device: Device
    received_at: datetime
    age: float | None

    @property
    def sha256(self) -> str:
        """The SHA-256 of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


def read_envelope(body: bytes, *, device: Device, path_id: UUID | None) -> CheckIn:
    """Return the check-in whose envelope the body is; raise a RefusedError where it is none.

    `path_id` is what the request says of its id; None where there is no request.
    """
    try:
        check_in = CheckIn.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableError.naming_fields("check-in", error) from None
    if path_id not in (None, check_in.id):
        raise UnreadableError("check-in: its id is not the one in the path")
    if check_in.kiosk != device.name:
        raise NotYoursError(
            f"check-in: made by another kiosk than {device.name}, whose token it is"
        )
    if letter_of(check_in.number) != device.letter:  # or a stolen one could have any number called
        raise NotYoursError(f"check-in: its number is of another series than {device.letter}")
    return check_in


def open_content(check_in: CheckIn, *, site: Site, keys: Keyring) -> CheckInContent | None:
    """Return what the party answered, or None where it cannot be opened."""
    private_key = keys.private_key(check_in.key_id)
    try:
        if private_key is None:
            raise SealError(f"no private key {check_in.key_id}")  # noqa: TRY301  # one way out
        return unseal(check_in, site=site.id, private_key=private_key)
    except SealError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  # whatever is in it, the party must be admitted
        reason = type(error).__name__
    log.warning("content unreadable kiosk=%s id=%s reason=%r", check_in.kiosk, check_in.id, reason)
    return None


def place(content: CheckInContent | None, site: Site) -> tuple[tuple[str, ...], str]:
    """Return the stages that a party passes, at least one, and its mark ("" for none)."""
    first = (*site.first_stages, site.stages[0].id)[0]
    if content is None:
        return (first,), UNREADABLE
    stages = {stage.id for stage in site.stages}
    known = tuple(stage for stage in dict.fromkeys(content.route) if stage in stages)
    if known and len(known) == len(set(content.route)):
        return known, ""
    return tuple(dict.fromkeys((first, *known))), UNKNOWN_STAGE


def admit(
    connection: Connection, newcomers: Sequence[Newcomer], *, site: Site
) -> list[Admission | Exception]:
    """Store check-ins in the order in which they came, and let their parties wait.

    Returns:
        For each its admission, or OtherBytesError where the id is another check-in's.

    """
    lobby = _Lobby(connection, site, newcomers)
    admissions = [lobby.take(newcomer) for newcomer in newcomers]
    lobby.store()
    return admissions


class _Lobby:
    """Check-ins that are stored together: what the store knows of them, and what it is to learn.

    One statement per table, however many they are.
    """

    def __init__(self, connection: Connection, site: Site, newcomers: Sequence[Newcomer]) -> None:
        self._connection = connection
        self._site = site
        by_enrolment: dict[UUID, set[int]] = {}
        for newcomer in newcomers:
            sequences = by_enrolment.setdefault(newcomer.device.enrolment, set())
            sequences.add(newcomer.check_in.sequence)
        self._at = newcomers[-1].received_at
        # All is asked before the first answer is read: PostgreSQL then answers all at once.
        ids = [newcomer.check_in.id for newcomer in newcomers]
        stored = STORED.ask(connection, {"of_site": site.id, "ids": ids})
        next_event = event_log.NEXT_NUMBER.ask(connection, {"of_site": site.id})
        late = LateArrivals.ask(connection, site, at=self._at)
        series = ask_for_series(connection, site.id, sequences=by_enrolment)
        self._stored: dict[UUID, str] = dict(stored.rows())
        ((self._next_event,),) = next_event.rows()
        self._late = late()
        self._series = series()
        self._served: list[tuple[UUID, Range]] = []
        self._carried_over: list[UUID] = []
        self._rows: list[dict[str, object]] = []
        self._bodies: list[dict[str, object]] = []
        self._visits: list[dict[str, object]] = []
        self._events: list[NewEvent] = []

    def take(self, newcomer: Newcomer) -> Admission | Exception:
        """Take in one more; what is told of it is true once `store` has returned."""
        check_in, series = newcomer.check_in, self._series[newcomer.device.enrolment]
        sha256 = newcomer.sha256
        stored = self._stored.get(check_in.id)
        if stored is not None:
            if stored != sha256:
                return OtherBytesError("check-in: another one is stored under this id")
            return Admission(_receipt(check_in, sha256, highest=series.highest), first=False)
        self._stored[check_in.id] = sha256
        after, before = series.neighbours(check_in.sequence)
        arrived = arrived_at(
            newcomer.received_at,
            age=newcomer.age,
            made_at=check_in.made_at,
            after=after,
            before=before,
        )
        clash = not series.take(check_in.sequence, arrived)
        key = {"site": self._site.id, "id": check_in.id}
        row = _ledger_row(newcomer, sha256, arrived=arrived, clash=clash)
        self._rows.append(key | row)
        self._bodies.append(key | {"body": newcomer.body})
        visit = key | _visit_row(newcomer, self._site, arrived=arrived)
        self._visits.append(visit | self._lateness(newcomer, visit, clash=clash))
        self._events.append(NewEvent(EventKind.CHECK_IN, check_in.id, newcomer.received_at))
        if clash:  # two devices use one enrolment
            alarm = NewEvent(
                EventKind.ALARM, check_in.id, newcomer.received_at, detail="sequence-clash"
            )
            self._events.append(alarm)
        return Admission(_receipt(check_in, sha256, highest=series.highest), first=True)

    def _lateness(
        self, newcomer: Newcomer, visit: Mapping[str, Any], *, clash: bool
    ) -> dict[str, object]:
        """Return what is different where a check-in comes late, and take note of it."""
        check_in, mark = newcomer.check_in, ""
        since = self._late.carried_over(visit["service_day"])
        if since:
            mark = LATE
            self._carried_over.append(check_in.id)
        if not clash:
            served = self._late.range_of(newcomer.device.enrolment, check_in.sequence)
            if served:
                mark = BY_HAND
                self._served.append((check_in.id, served))
        over = CallingClass.CARRIED_OVER if since else CallingClass.OTHERS
        return {
            "carried_over": since,
            "calling_class": over.value,
            "marked": visit["marked"] or mark,
        }

    def store(self) -> None:
        """Write down what was taken in."""
        if not self._rows:
            return
        insert_all(self._connection, tables.ledger, self._rows)
        insert_all(self._connection, tables.check_in_body, self._bodies)
        insert_all(self._connection, tables.visit, self._visits)
        store_series(self._connection, self._series.values())
        event_log.append_all(self._connection, self._site.id, self._events, first=self._next_event)
        if self._served or self._carried_over:
            settle(
                self._connection,
                self._site,
                served=self._served,
                carried_over=self._carried_over,
                at=self._at,
            )


STORED = DirectStatement(
    select(tables.ledger.c.id, tables.ledger.c.sha256).where(
        tables.ledger.c.site == bindparam("of_site"), OneOf(tables.ledger.c.id, "ids")
    )
)


NEW_VISIT: dict[str, object] = {
    "state": VisitState.WAITING.value,
    "counter": None,
    "calls": 0,
    "called_at": None,
    "version": 1,
    "calling_class": CallingClass.OTHERS.value,
    "priority": False,
    "passed_over": 0,
    "inside": False,
    "by_hand": False,
}
"""What is the same of every visit that a check-in makes."""


def _receipt(check_in: CheckIn, sha256: str, *, highest: int) -> Receipt:
    return Receipt(id=check_in.id, sha256=sha256, highest_sequence=highest)


def _ledger_row(
    newcomer: Newcomer, sha256: str, *, arrived: datetime, clash: bool
) -> dict[str, object]:
    sequence = newcomer.check_in.sequence
    return {
        "enrolment": newcomer.device.enrolment,
        "sha256": sha256,
        "sequence": None if clash else sequence,
        "clash_sequence": sequence if clash else None,
        "arrived_at": arrived,
        "received_at": newcomer.received_at,
    }


def _visit_row(newcomer: Newcomer, site: Site, *, arrived: datetime) -> dict[str, Any]:
    check_in, content = newcomer.check_in, newcomer.content
    route, marked = place(content, site)
    return NEW_VISIT | {
        "number": check_in.number,
        "kiosk": check_in.kiosk,
        "language": content.language if content else None,
        "adults": content.adults if content else 0,
        "children": content.children if content else 0,
        "route": route,
        "stage": route[0],
        "arrived_at": arrived,
        "arrival_order": check_in.sequence,
        "service_day": service_day(arrived, site.time_zone),
        "priority_proposed": content.priority if content else False,
        "marked": marked,
        "ticket_token_sha256": token_sha256(content.ticket_token) if content else None,
        "waits_from": arrived,
        "stage_since": arrived,
    }
