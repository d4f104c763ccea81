"""Enrolment requests: a machine asks with a code, an administrator compares and answers.

All that changes the store runs in the writer, one behind the other: of two machines that come
with one code at the same instant, exactly one asks.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, and_, select, update

from kiosk.contract.enrolling import EnrolmentRequest, fingerprint
from server_stub import audit, door_limits, fleet_kiosks, tables
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.door_limits import WRONG_CODES
from server_stub.enrolment_codes import code_sha256
from server_stub.enrolment_rules import (
    ANSWERED,
    REQUEST_LASTS,
    CodeThere,
    RequestThere,
    Verdict,
    judge,
    waits,
)
from server_stub.fleet_letters import choose_letter

log = logging.getLogger(__name__)

KEY_OF_ANOTHER = "key-of-another"
"""The key belongs to another enrolment: a verdict that only the store can come to."""


class UnknownRequestError(AdministrationError):
    """Nobody asks any more: it was answered, or has lapsed."""

    def __init__(self) -> None:
        super().__init__("no such kiosk asks to be enrolled: look at the list of those that do")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a kiosk that came with a code.

    Attributes:
        verdict: What it is told.
        enrolment: Of its request; None where there is none.

    """

    verdict: Verdict | str
    enrolment: UUID | None = None


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A machine that asks, as an administrator sees it.

    Attributes:
        enrolment: Its id from then on.
        name: Of the kiosk that it would be.
        replaces: The enrolment that would end; None for a new kiosk.
        replaced_letter: Of that one's numbers.
        fingerprint: Of its key.
        other_hardware: Tells whether it is another machine than the one that it replaces; None
            where one of them could not tell.
        program_version: Of its program.
        asked_at: When it came first.
        lapses_at: When it may be approved no more.
        contested_at: When somebody else last came with the same code; None for never.

    """

    enrolment: UUID
    name: str
    replaces: UUID | None
    replaced_letter: str | None
    fingerprint: str
    other_hardware: bool | None
    program_version: str
    asked_at: datetime
    lapses_at: datetime
    contested_at: datetime | None


def look_up(
    connection: Connection, site: str, request: EnrolmentRequest, *, now: datetime
) -> Asked:
    """Return what a kiosk would be told that comes with a code; changes nothing."""
    row = _row_of(connection, site, request)
    code = CodeThere(row.expires_at) if row else None
    asked = None
    if row and row.enrolment:
        asked = RequestThere(
            row.public_key,
            asked_at=row.asked_at,
            approved=row.approved_at is not None,
            refused=row.refused_at is not None or row.revoked_at is not None,
        )
    verdict = judge(code, asked, public_key=request.public_key, now=now)
    if verdict is Verdict.NEW and _is_known_key(connection, site, request.public_key):
        return Asked(KEY_OF_ANOTHER)
    return Asked(verdict, row.enrolment if row and verdict in ANSWERED else None)


def ask(  # a message, and from where it came
    connection: Connection,
    site: str,
    *,
    request: EnrolmentRequest,
    address: str,
    now: datetime,
) -> Asked:
    """Let a kiosk ask with a code, in the writer; return what it is told.

    Raises:
        TooManyError: From this address too many wrong codes came of late.

    """
    asked = look_up(connection, site, request, now=now)
    if asked.verdict in ANSWERED:
        return asked
    who = door_limits.who_at(address)
    door_limits.check(connection, site, WRONG_CODES, who=who, now=now)
    if asked.verdict is not Verdict.NEW:
        door_limits.count(connection, site, WRONG_CODES, who=who, now=now)
        if asked.verdict is Verdict.USED:
            _note_contest(connection, site, request, now=now)
        return asked
    return _begin(connection, site, request, now=now)


def _begin(connection: Connection, site: str, request: EnrolmentRequest, *, now: datetime) -> Asked:
    """Use the code up: from here on it is this key's, and what the key asked before is over."""
    r = tables.enrolment_request.c
    connection.execute(
        update(tables.enrolment_request)
        .where(
            r.site == site,
            r.public_key == request.public_key,
            r.approved_at.is_(None),
            r.refused_at.is_(None),
        )
        .values(refused_at=now)
    )
    c, used = tables.enrolment_code.c, code_sha256(request.code)
    here = (c.site == site, c.code_sha256 == used)
    code = connection.execute(select(c.name, c.replaces).where(*here)).one()
    connection.execute(update(tables.enrolment_code).where(*here).values(used_at=now))
    enrolment = uuid.uuid4()
    connection.execute(
        tables.enrolment_request.insert().values(
            site=site,
            enrolment=enrolment,
            code_sha256=used,
            name=code.name,
            replaces=code.replaces,
            public_key=request.public_key,
            hardware=request.hardware,
            program_version=request.program_version,
            asked_at=now,
        )
    )
    _note(connection, site, "enrolment-asked", code.name, fingerprint(request.public_key), now=now)
    return Asked(Verdict.WAITING, enrolment)


def _note_contest(
    connection: Connection, site: str, request: EnrolmentRequest, *, now: datetime
) -> None:
    """Write down that a second key came with a code; in the audit log once."""
    c = tables.enrolment_code.c
    here = (c.site == site, c.code_sha256 == code_sha256(request.code))
    code = connection.execute(select(c.name, c.contested_at).where(*here)).one()
    connection.execute(update(tables.enrolment_code).where(*here).values(contested_at=now))
    if code.contested_at is None:
        told = fingerprint(request.public_key)
        _note(connection, site, "enrolment-contested", code.name, told, now=now)


def _note(  # an entry of the audit log, field by field
    connection: Connection, site: str, act: str, name: str, detail: str, *, now: datetime
) -> None:
    audit.note(connection, site, staff="", act=act, about=name, detail=detail, now=now)


def _row_of(
    connection: Connection, site: str, request: EnrolmentRequest
) -> Row[*tuple[object, ...]] | None:
    c, r, k = tables.enrolment_code.c, tables.enrolment_request.c, tables.kiosk.c
    of_code = and_(r.site == c.site, r.code_sha256 == c.code_sha256)
    of_request = and_(k.site == r.site, k.enrolment == r.enrolment)
    return connection.execute(
        select(
            c.expires_at,
            r.enrolment,
            r.public_key,
            r.asked_at,
            r.approved_at,
            r.refused_at,
            k.revoked_at,
        )
        .select_from(
            tables.enrolment_code.outerjoin(tables.enrolment_request, of_code).outerjoin(
                tables.kiosk, of_request
            )
        )
        .where(c.site == site, c.code_sha256 == code_sha256(request.code))
    ).one_or_none()


def _is_known_key(connection: Connection, site: str, public_key: str) -> bool:
    """Tell whether an enrolment has the key, of whatever state."""
    k = tables.kiosk.c
    known = select(k.enrolment).where(k.site == site, k.public_key == public_key).limit(1)
    return connection.execute(known).first() is not None


def read_waiting(connection: Connection, site: str, *, now: datetime) -> list[WaitingRequest]:
    """Return the machines that ask and wait for an administrator, the first to ask first."""
    r, c, k = tables.enrolment_request.c, tables.enrolment_code.c, tables.kiosk.c
    of_code = and_(c.site == r.site, c.code_sha256 == r.code_sha256)
    replaced = and_(k.site == r.site, k.enrolment == r.replaces)
    rows = connection.execute(
        select(
            *r,
            c.contested_at,
            k.letter.label("replaced_letter"),
            k.hardware.label("replaced_hardware"),
        )
        .select_from(
            tables.enrolment_request.join(tables.enrolment_code, of_code).outerjoin(
                tables.kiosk, replaced
            )
        )
        .where(r.site == site, r.approved_at.is_(None), r.refused_at.is_(None))
        .order_by(r.asked_at, r.enrolment)
    )
    return [
        WaitingRequest(
            enrolment=row.enrolment,
            name=row.name,
            replaces=row.replaces,
            replaced_letter=row.replaced_letter,
            fingerprint=fingerprint(row.public_key),
            other_hardware=_is_other(row.replaced_hardware, row.hardware),
            program_version=row.program_version,
            asked_at=row.asked_at,
            lapses_at=row.asked_at + REQUEST_LASTS,
            contested_at=row.contested_at,
        )
        for row in rows
        if waits(row.asked_at, now=now)
    ]


def _is_other(before: str | None, now: str | None) -> bool | None:
    return None if before is None or now is None else before != now


def approve(act: AdminAct, enrolment: UUID, *, letter: str | None = None) -> str:
    """Let a machine be a kiosk from now on; the one that it replaces gives out no numbers more.

    Returns:
        The kiosk's name.

    Raises:
        AdministrationError: Nobody asks under this id, or name or letter were taken meanwhile.

    """
    asked = _require_waiting(act, enrolment)
    old = _still_in_use(act, asked.replaces) if asked.replaces else None
    if old is None:
        fleet_kiosks.require_new_name(act, asked.name)
    letter = choose_letter(act.connection, act.site, wanted=letter, now=act.now)
    if old:
        fleet_kiosks.end(act, asked.replaces)
    fleet_kiosks.insert(
        act,
        enrolment,
        name=asked.name,
        letter=letter,
        label=old.label if old else None,
        public_key=asked.public_key,
        hardware=asked.hardware,
    )
    _answer(act, enrolment, "approved_at")
    if old:
        act.note("kiosk-new-series", old.name, f"{old.letter} > {letter}")
    else:
        act.note("kiosk-enrolled", asked.name, letter)
    return str(asked.name)


def refuse(act: AdminAct, enrolment: UUID) -> str:
    """Tell a machine that it is no kiosk; return the name that it asked for.

    Raises:
        AdministrationError: Nobody asks under this id.

    """
    asked = _require_waiting(act, enrolment)
    _answer(act, enrolment, "refused_at")
    act.note("enrolment-refused", asked.name, fingerprint(asked.public_key))
    return str(asked.name)


def find_by_fingerprint(act: AdminAct, wanted: str) -> UUID:
    """Return the machine that asks and has this fingerprint; raise UnknownRequestError."""
    for asked in read_waiting(act.connection, act.site, now=act.now):
        if asked.fingerprint == wanted:
            return asked.enrolment
    raise UnknownRequestError


def _require_waiting(act: AdminAct, enrolment: UUID) -> Row[*tuple[object, ...]]:
    r = tables.enrolment_request.c
    row = act.connection.execute(
        select(*r).where(
            r.site == act.site,
            r.enrolment == enrolment,
            r.approved_at.is_(None),
            r.refused_at.is_(None),
        )
    ).one_or_none()
    if row is None or not waits(row.asked_at, now=act.now):
        raise UnknownRequestError
    return row


def _still_in_use(act: AdminAct, enrolment: UUID) -> fleet_kiosks.InUse | None:
    try:
        return fleet_kiosks.require_in_use(act, enrolment)
    except fleet_kiosks.UnknownKioskError:
        return None


def _answer(act: AdminAct, enrolment: UUID, said: str) -> None:
    r = tables.enrolment_request.c
    act.connection.execute(
        update(tables.enrolment_request)
        .where(r.site == act.site, r.enrolment == enrolment)
        .values({said: act.now})
    )
