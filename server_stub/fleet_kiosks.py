"""Kiosks as they are administered: enrolled, named, given a new series, revoked.

A kiosk's name is in every message that it made and cannot change; what staff read can. A retired
enrolment gives out no numbers any more, yet what it made before is still taken; of a revoked one
nothing is, from this moment on.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, and_, select, update

from kiosk.contract.enrolling import fingerprint
from kiosk.contract.series import DESK
from server_stub import event_log, tables
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.device_tokens import end_tokens, new_token, store_token
from server_stub.event_log import EventKind
from server_stub.fleet_letters import choose_letter
from server_stub.fleet_names import DeviceNameTakenError, check_device_name, check_label

KIOSK = "kiosk"

SILENT = timedelta(minutes=5)
"""A kiosk that reports four times a minute and was not heard of for so long is silent."""


class NameOfTheDeskError(AdministrationError):
    """The name stands for something else."""

    def __init__(self) -> None:
        super().__init__(
            f"{DESK} stands for the numbers that staff issue by hand: choose another name"
        )


class UnknownKioskError(AdministrationError):
    """There is no such kiosk, or it is not in use any more."""

    def __init__(self) -> None:
        super().__init__("there is no such kiosk in use: look at the list of kiosks")


class KioskState(StrEnum):
    """Whether a kiosk may give out numbers and deliver them."""

    IN_USE = "in-use"
    RETIRED = "retired"
    """Gives out none; what it has may still come."""
    REVOKED = "revoked"
    """Nothing of it is taken."""


@dataclass(frozen=True, slots=True)
class FleetKiosk:
    """An enrolment, and what it reported last; that is None before the first report.

    Attributes:
        enrolment: Its id.
        name: As it stands in its messages.
        label: What staff read instead; None where the name will do.
        letter: Of its numbers.
        enrolled_at: Since when it may give out numbers.
        retired_at: Since when it may not.
        revoked_at: Since when nothing of it is taken.
        highest_sequence: How many numbers of it have come here, or were skipped by it.
        missing: How many numbers it gave out that are not here, as far as it has told.
        reported_at: When it last reported.
        printer: How its printer was then.
        outbox_depth: How many check-ins it had still to deliver.
        program_version: Of its program.
        fingerprint: Of its key; None where it has none, but a fixed token, for trials.

    """

    enrolment: UUID
    name: str
    label: str | None
    letter: str
    enrolled_at: datetime
    retired_at: datetime | None
    revoked_at: datetime | None
    highest_sequence: int
    missing: int
    reported_at: datetime | None
    printer: str | None
    outbox_depth: int | None
    program_version: str | None
    fingerprint: str | None

    @property
    def state(self) -> KioskState:
        """Whether it may give out numbers and deliver them."""
        if self.revoked_at:
            return KioskState.REVOKED
        return KioskState.RETIRED if self.retired_at else KioskState.IN_USE

    @property
    def called(self) -> str:
        """What staff call it."""
        return self.label or self.name

    def is_silent(self, now: datetime) -> bool:
        """Tell whether it has reported, and not of late."""
        return self.reported_at is not None and now - self.reported_at > SILENT


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """A kiosk that was just enrolled. The token is shown once and not kept.

    Attributes:
        name: Of the kiosk.
        enrolment: Its id.
        letter: Of its numbers.
        token: How it proves who it is.

    """

    name: str
    enrolment: UUID
    letter: str
    token: str


def read_fleet(connection: Connection, site: str) -> list[FleetKiosk]:
    """Return all enrolments of kiosks: those in use by name, then the others, the latest first."""
    t, report = tables.kiosk.c, tables.kiosk_report.c
    reported = and_(report.site == t.site, report.enrolment == t.enrolment)
    rows = connection.execute(
        select(
            t.enrolment,
            t.name,
            t.label,
            t.letter,
            t.enrolled_at,
            t.retired_at,
            t.revoked_at,
            t.highest_sequence,
            t.complete_to,
            report.highest_sequence.label("given_out"),
            report.at,
            report.printer,
            report.outbox_depth,
            report.program_version,
            t.public_key,
        )
        .outerjoin_from(tables.kiosk, tables.kiosk_report, reported)
        .where(t.site == site, t.kind == KIOSK)
        .order_by(t.retired_at.is_not(None), t.retired_at.desc(), t.name)
    )
    return [
        FleetKiosk(
            *row[:8],
            missing=max(0, max(row.highest_sequence, row.given_out or 0) - row.complete_to),
            reported_at=row.at,
            printer=row.printer,
            outbox_depth=row.outbox_depth,
            program_version=row.program_version,
            fingerprint=row.public_key and fingerprint(row.public_key),
        )
        for row in rows
    ]


def enrol(act: AdminAct, name: str, *, letter: str | None = None) -> NewEnrolment:
    """Enrol a kiosk under a letter, or two, that nothing else has; the first free one for None.

    Raises:
        AdministrationError: Name or letter is taken or cannot be used.

    """
    require_new_name(act, name)
    letter = choose_letter(act.connection, act.site, wanted=letter, now=act.now)
    made = NewEnrolment(name, uuid.uuid4(), letter, new_token())
    insert(act, made.enrolment, name=name, letter=letter)
    store_token(
        act.connection, act.site, enrolment=made.enrolment, token=made.token, issued_at=act.now
    )
    act.note("kiosk-enrolled", name, letter)
    return made


def require_new_name(act: AdminAct, name: str) -> None:
    """Raise AdministrationError where no kiosk can be enrolled under a name."""
    check_device_name(name)
    if name == DESK:
        raise NameOfTheDeskError
    t = tables.kiosk.c
    in_use = select(t.name).where(t.site == act.site, t.name == name, t.retired_at.is_(None))
    if act.connection.execute(in_use).first():
        raise DeviceNameTakenError("kiosk", name)


def name_kiosk(act: AdminAct, enrolment: UUID, *, label: str) -> None:
    """Let staff read something else than the kiosk's name; an empty label is none.

    Raises:
        AdministrationError: There is no such kiosk in use, or nobody could read that.

    """
    label = label.strip()
    check_label(label)
    name = require_in_use(act, enrolment).name
    _set(act, enrolment, label=label if label != name else "")
    act.note("kiosk-named", name, label or name)


def retire(act: AdminAct, enrolment: UUID) -> None:
    """Take a kiosk out of use for good; what it has in its outbox is still taken.

    Raises:
        AdministrationError: There is no such kiosk in use.

    """
    old = require_in_use(act, enrolment)
    end(act, enrolment)
    act.note("kiosk-retired", old.name, old.letter)


def end(act: AdminAct, enrolment: UUID) -> None:
    """Let an enrolment give out no numbers any more."""
    _set(act, enrolment, retired_at=act.now)


def revoke(act: AdminAct, enrolment: UUID) -> None:
    """Take nothing of a kiosk any more, such as one that was stolen; also of a retired one.

    Raises:
        AdministrationError: There is no such kiosk, or it is revoked already.

    """
    t = tables.kiosk.c
    here = (t.site == act.site, t.enrolment == enrolment, t.kind == KIOSK, t.revoked_at.is_(None))
    old = act.connection.execute(select(t.name, t.letter, t.retired_at).where(*here)).first()
    if old is None:
        raise UnknownKioskError
    _set(act, enrolment, revoked_at=act.now, retired_at=old.retired_at or act.now)
    end_tokens(act.connection, act.site, enrolment=enrolment)
    act.note("kiosk-revoked", old.name, old.letter)


@dataclass(frozen=True, slots=True)
class InUse:
    """A kiosk that is in use: its name, what staff call it, and the letter of its numbers."""

    name: str
    label: str | None
    letter: str


def require_in_use(act: AdminAct, enrolment: UUID) -> InUse:
    """Return a kiosk that is in use, or raise UnknownKioskError."""
    t = tables.kiosk.c
    row = act.connection.execute(
        select(t.name, t.label, t.letter).where(
            t.site == act.site,
            t.enrolment == enrolment,
            t.kind == KIOSK,
            t.retired_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise UnknownKioskError
    return InUse(*row)


def insert(act: AdminAct, enrolment: UUID, **values: str | None) -> None:
    """Store a new kiosk, whose name and letter are free; the pages are told."""
    act.connection.execute(
        tables.kiosk.insert().values(
            site=act.site,
            enrolment=enrolment,
            enrolled_at=act.now,
            highest_sequence=0,
            complete_to=0,
            **values,
        )
    )
    _tell_pages(act, enrolment)


def _set(act: AdminAct, enrolment: UUID, **values: object) -> None:
    t = tables.kiosk.c
    act.connection.execute(
        update(tables.kiosk)
        .where(t.site == act.site, t.enrolment == enrolment)
        .values(**{name: value or None for name, value in values.items()})
    )
    _tell_pages(act, enrolment)


def _tell_pages(act: AdminAct, enrolment: UUID) -> None:
    """Let live pages show the kiosks as they now are."""
    event_log.append(act.connection, act.site, kind=EventKind.KIOSK, about=enrolment, at=act.now)
