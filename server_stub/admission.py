"""The admission: a check-in becomes a waiting party, once, whatever is in it.

Only an unreadable envelope is refused. A party that holds a slip waits, also when nobody can
read what it answered: then at the first stage, marked, so that staff ask again.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import BindParameter, Connection, Select, bindparam, select, update

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
    check_in = newcomer.check_in
    named = {
        "site": site.id,
        "id": check_in.id,
        "enrolment": newcomer.device.enrolment,
        "sequence": check_in.sequence,
    }
    known = connection.execute(KNOWN, named).one()
    if known.stored_sha256 is not None:
        if known.stored_sha256 != newcomer.sha256:
            raise OtherBytesError("check-in: another one is stored under this id")
        return Admission(_receipt(newcomer, known.highest_sequence), first=False)
    clash = known.holder is not None
    arrived = arrived_at(
        newcomer.received_at,
        age=newcomer.age,
        after=known.arrived_before,
        before=known.arrived_after,
    )
    connection.execute(INSERT_LEDGER, named | _ledger_row(newcomer, arrived=arrived, clash=clash))
    connection.execute(INSERT_BODY, {"site": site.id, "id": check_in.id, "body": newcomer.body})
    connection.execute(INSERT_VISIT, _visit_row(newcomer, site, arrived=arrived))
    highest = max(known.highest_sequence, check_in.sequence)
    is_next = check_in.sequence == known.complete_to + 1
    connection.execute(
        UPDATE_KIOSK,
        {
            "of_site": site.id,
            "of_enrolment": newcomer.device.enrolment,
            "highest_sequence": highest,
            "complete_to": known.complete_to + is_next,
        },
    )
    _tell(connection, site, newcomer, clash=clash)
    return Admission(_receipt(newcomer, highest), first=True)


def _statement_of_what_is_known() -> Select[*tuple[Any, ...]]:
    """Return the one question to the store: is it here, is its sequence, who came around it."""
    kiosk, ledger = tables.kiosk.c, tables.ledger.c
    at_site = ledger.site == bindparam("site")
    of_kiosk = (at_site, ledger.enrolment == bindparam("enrolment"))
    sequence: BindParameter[int] = bindparam("sequence")
    stored = select(ledger.sha256).where(at_site, ledger.id == bindparam("id"))
    holder = select(ledger.id).where(*of_kiosk, ledger.sequence == sequence)
    arrived = select(ledger.arrived_at).where(*of_kiosk).limit(1)
    before = arrived.where(ledger.sequence < sequence).order_by(ledger.sequence.desc())
    after = arrived.where(ledger.sequence > sequence).order_by(ledger.sequence)
    return select(
        kiosk.highest_sequence,
        kiosk.complete_to,
        stored.scalar_subquery().label("stored_sha256"),
        holder.scalar_subquery().label("holder"),
        before.scalar_subquery().label("arrived_before"),
        after.scalar_subquery().label("arrived_after"),
    ).where(kiosk.site == bindparam("site"), kiosk.enrolment == bindparam("enrolment"))


# Built once: to build a statement takes SQLAlchemy longer than SQLite takes to run it.
KNOWN = _statement_of_what_is_known()
INSERT_LEDGER = tables.ledger.insert()
INSERT_BODY = tables.check_in_body.insert()
INSERT_VISIT = tables.visit.insert()
UPDATE_KIOSK = update(tables.kiosk).where(
    tables.kiosk.c.site == bindparam("of_site"),
    tables.kiosk.c.enrolment == bindparam("of_enrolment"),
)


def _receipt(newcomer: Newcomer, highest: int) -> Receipt:
    return Receipt(id=newcomer.check_in.id, sha256=newcomer.sha256, highest_sequence=highest)


def _ledger_row(newcomer: Newcomer, *, arrived: datetime, clash: bool) -> dict[str, object]:
    sequence = newcomer.check_in.sequence
    return {
        "sha256": newcomer.sha256,
        "sequence": None if clash else sequence,
        "clash_sequence": sequence if clash else None,
        "arrived_at": arrived,
        "received_at": newcomer.received_at,
    }


def _visit_row(newcomer: Newcomer, site: Site, *, arrived: datetime) -> dict[str, object]:
    check_in, content = newcomer.check_in, newcomer.content
    route, marked = place(content, site)
    return {
        "site": site.id,
        "id": check_in.id,
        "number": check_in.number,
        "kiosk": check_in.kiosk,
        "language": content.language if content else None,
        "adults": content.adults if content else 0,
        "children": content.children if content else 0,
        "route": list(route),
        "stage": route[0],
        "state": VisitState.WAITING.value,
        "counter": None,
        "calls": 0,
        "called_at": None,
        "arrived_at": arrived,
        "arrival_order": check_in.sequence,
        "service_day": service_day(arrived, site.time_zone),
        "version": 1,
        "priority_proposed": content.priority if content else False,
        "marked": marked,
        "ticket_token_sha256": token_sha256(content.ticket_token) if content else None,
    }


def _tell(connection: Connection, site: Site, newcomer: Newcomer, *, clash: bool) -> None:
    append = partial(
        event_log.append, connection, site.id, about=newcomer.check_in.id, at=newcomer.received_at
    )
    append(kind=EventKind.CHECK_IN)
    if clash:  # two devices use one enrolment
        append(kind=EventKind.ALARM, detail="sequence-clash")
