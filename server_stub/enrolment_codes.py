"""Enrolment codes: an administrator lets one machine ask to become a kiosk, for 15 minutes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select

from kiosk.contract.enrolling import new_code
from server_stub import fleet_kiosks, tables
from server_stub.admin_act import AdminAct
from server_stub.enrolment_rules import CODE_LASTS, is_good


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that was just made. It is shown once and not kept.

    Attributes:
        code: As it is typed: ``"K7QM-2XPA"``.
        name: Of the kiosk to be.
        replaces: The enrolment that ends when the new one is approved; None for a new kiosk.
        expires_at: Until when a machine may ask with it.

    """

    code: str
    name: str
    replaces: UUID | None
    expires_at: datetime


def code_sha256(code: str) -> str:
    """Return what is stored of a code: it is random, lasts for minutes and works once."""
    return hashlib.sha256(code.encode()).hexdigest()


def make_code(act: AdminAct, name: str) -> NewCode:
    """Let a machine ask to become a kiosk of this name.

    Raises:
        AdministrationError: The name is taken or cannot be used.

    """
    fleet_kiosks.require_new_name(act, name)
    return _make(act, name, replaces=None)


def make_code_in_place_of(act: AdminAct, enrolment: UUID) -> NewCode:
    """Let a machine ask to go on as a kiosk that is in use, under another letter.

    For a kiosk whose disk or machine was replaced. It stays in use until the new one is approved.

    Raises:
        AdministrationError: There is no such kiosk in use.

    """
    old = fleet_kiosks.require_in_use(act, enrolment)
    return _make(act, old.name, replaces=enrolment)


@dataclass(frozen=True, slots=True)
class OpenCode:
    """A code that nobody has come with yet: for which kiosk, and until when it is good."""

    name: str
    replaces: UUID | None
    expires_at: datetime


def read_open(connection: Connection, site: str, *, now: datetime) -> list[OpenCode]:
    """Return the codes that a machine may still ask with, the latest first."""
    t = tables.enrolment_code.c
    rows = connection.execute(
        select(t.name, t.replaces, t.expires_at)
        .where(t.site == site, t.used_at.is_(None), t.expires_at > now)
        .order_by(t.expires_at.desc(), t.name)
    )
    found = [OpenCode(*row) for row in rows]
    return [code for code in found if is_good(code.expires_at, now=now, made_for=CODE_LASTS)]


def _make(act: AdminAct, name: str, *, replaces: UUID | None) -> NewCode:
    """Make the code; one for the same name that nobody has used is good no more."""
    connection, t = act.connection, tables.enrolment_code.c
    connection.execute(
        delete(tables.enrolment_code).where(t.site == act.site, t.name == name, t.used_at.is_(None))
    )
    made = NewCode(new_code(), name, replaces, act.now + CODE_LASTS)
    connection.execute(
        tables.enrolment_code.insert().values(
            site=act.site,
            code_sha256=code_sha256(made.code),
            name=name,
            replaces=replaces,
            made_by=act.by,
            made_at=act.now,
            expires_at=made.expires_at,
        )
    )
    act.note("enrolment-code", name, "new series" if replaces else None)
    return made
