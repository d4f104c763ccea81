"""The admission: a check-in becomes a waiting party, once, whatever is in it.

Only an unreadable envelope is refused. A party that holds a slip waits, also when nobody can
read what it answered: then at the first stage, marked, so that staff ask again.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection, Row, select, update

from kiosk.contract.messages import CheckIn, CheckInContent, Receipt
from kiosk.contract.sealing import SealError, unseal
from kiosk.contract.site import Site
from server_stub import event_log, tables
from server_stub.arrival import arrived_at, service_day
from server_stub.device_tokens import Device, token_sha256
from server_stub.event_log import EventKind
from server_stub.keys import Keyring
from server_stub.refusals import NotYoursError, OtherBytesError, UnreadableError
from server_stub.visit import VisitState

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


def read_envelope(body: bytes, *, device: Device, path_id: UUID) -> CheckIn:
    """Return the check-in whose envelope the body is; raise a RefusedError where it is none."""
    try:
        check_in = CheckIn.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableError.naming_fields("check-in", error) from None
    if check_in.id != path_id:
        raise UnreadableError("check-in: its id is not the one in the path")
    if check_in.kiosk != device.name:
        raise NotYoursError(
            f"check-in: made by another kiosk than {device.name}, whose token it is"
        )
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
    known = tuple(stage for stage in dict.fromkeys(content.route) if site.stage(stage))
    if known and len(known) == len(set(content.route)):
        return known, ""
    return tuple(dict.fromkeys((first, *known))), UNKNOWN_STAGE


def admit(connection: Connection, site: Site, newcomer: Newcomer) -> Admission:
    """Store the check-in and let its party wait; raise OtherBytesError where the id is taken."""
    check_in, device = newcomer.check_in, newcomer.device
    kiosk = _kiosk_row(connection, site, enrolment=device.enrolment)
    ledger = tables.ledger.c
    stored_sha256 = connection.execute(
        select(ledger.sha256).where(ledger.site == site.id, ledger.id == check_in.id)
    ).scalar_one_or_none()
    if stored_sha256 is not None:
        if stored_sha256 != newcomer.sha256:
            raise OtherBytesError("check-in: another one is stored under this id")
        return Admission(_receipt(newcomer, kiosk.highest_sequence), first=False)
    clash = _is_taken(connection, site, newcomer, highest=kiosk.highest_sequence)
    arrived = _arrival(connection, site, newcomer, highest=kiosk.highest_sequence)
    _write_ledger(connection, site, newcomer, arrived=arrived, clash=clash)
    _write_visit(connection, site, newcomer, arrived=arrived)
    highest = _count_sequence(connection, site, newcomer, kiosk=kiosk)
    event_log.append(
        connection,
        site.id,
        kind=EventKind.CHECK_IN,
        about=check_in.id,
        at=newcomer.received_at,
    )
    if clash:
        event_log.append(
            connection,
            site.id,
            kind=EventKind.ALARM,
            about=check_in.id,
            at=newcomer.received_at,
            detail="sequence-clash",
        )
    return Admission(_receipt(newcomer, highest), first=True)


def _receipt(newcomer: Newcomer, highest: int) -> Receipt:
    return Receipt(id=newcomer.check_in.id, sha256=newcomer.sha256, highest_sequence=highest)


def _kiosk_row(connection: Connection, site: Site, *, enrolment: UUID) -> Row[int, int]:
    t = tables.kiosk.c
    return connection.execute(
        select(t.highest_sequence, t.complete_to).where(t.site == site.id, t.enrolment == enrolment)
    ).one()


def _is_taken(connection: Connection, site: Site, newcomer: Newcomer, *, highest: int) -> bool:
    """Tell whether another check-in holds the sequence: two devices use one enrolment."""
    if newcomer.check_in.sequence > highest:
        return False
    t = tables.ledger.c
    taken = connection.execute(
        select(t.id).where(
            t.site == site.id,
            t.enrolment == newcomer.device.enrolment,
            t.sequence == newcomer.check_in.sequence,
        )
    ).scalar_one_or_none()
    return taken is not None


def _arrival(connection: Connection, site: Site, newcomer: Newcomer, *, highest: int) -> datetime:
    t, sequence = tables.ledger.c, newcomer.check_in.sequence
    of_kiosk = select(t.arrived_at).where(
        t.site == site.id, t.enrolment == newcomer.device.enrolment
    )
    after = connection.execute(
        of_kiosk.where(t.sequence < sequence).order_by(t.sequence.desc()).limit(1)
    ).scalar_one_or_none()
    before = None
    if sequence < highest:
        before = connection.execute(
            of_kiosk.where(t.sequence > sequence).order_by(t.sequence).limit(1)
        ).scalar_one_or_none()
    return arrived_at(newcomer.received_at, age=newcomer.age, after=after, before=before)


def _write_ledger(
    connection: Connection, site: Site, newcomer: Newcomer, *, arrived: datetime, clash: bool
) -> None:
    check_in = newcomer.check_in
    connection.execute(
        tables.ledger.insert().values(
            site=site.id,
            id=check_in.id,
            sha256=newcomer.sha256,
            enrolment=newcomer.device.enrolment,
            sequence=None if clash else check_in.sequence,
            clash_sequence=check_in.sequence if clash else None,
            arrived_at=arrived,
            received_at=newcomer.received_at,
        )
    )
    connection.execute(
        tables.check_in_body.insert().values(site=site.id, id=check_in.id, body=newcomer.body)
    )


def _write_visit(
    connection: Connection, site: Site, newcomer: Newcomer, *, arrived: datetime
) -> None:
    check_in, content = newcomer.check_in, newcomer.content
    route, marked = place(content, site)
    connection.execute(
        tables.visit.insert().values(
            site=site.id,
            id=check_in.id,
            number=check_in.number,
            kiosk=check_in.kiosk,
            language=content.language if content else None,
            adults=content.adults if content else 0,
            children=content.children if content else 0,
            route=list(route),
            stage=route[0],
            state=VisitState.WAITING.value,
            counter=None,
            calls=0,
            called_at=None,
            arrived_at=arrived,
            arrival_order=check_in.sequence,
            service_day=service_day(arrived, site.time_zone),
            version=1,
            priority_proposed=content.priority if content else False,
            marked=marked,
            ticket_token_sha256=token_sha256(content.ticket_token) if content else None,
        )
    )


def _count_sequence(
    connection: Connection, site: Site, newcomer: Newcomer, *, kiosk: Row[int, int]
) -> int:
    """Keep what the kiosk's row knows of its sequences; return the highest."""
    sequence = newcomer.check_in.sequence
    highest: int = max(kiosk.highest_sequence, sequence)
    complete_to = max(kiosk.complete_to, sequence if sequence == kiosk.complete_to + 1 else 0)
    t = tables.kiosk.c
    connection.execute(
        update(tables.kiosk)
        .where(t.site == site.id, t.enrolment == newcomer.device.enrolment)
        .values(highest_sequence=highest, complete_to=complete_to)
    )
    return highest
