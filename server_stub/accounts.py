"""Accounts: who of the staff may log in, and as what. Each change inside one transaction.

The page and the command line do the same through here. Who is shut out, or has another role or
password, is logged out everywhere in the same transaction: nobody goes on with what is gone.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from server_stub import tables
from server_stub.admin_act import AdminAct, AdministrationError
from server_stub.audit import FORGOTTEN
from server_stub.passwords import LEAST_LENGTH
from server_stub.rights import Role

LETTERS_OF_PASSWORDS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is taken for another on paper: no i, l, o, 0, 1."""

GROUPS_OF_PASSWORDS = (4, 4, 4)
"""59 random bits, and short enough to be typed from a card."""

LONGEST_NAME = 40


class AccountError(AdministrationError):
    """An account cannot be made or changed so; nothing has changed. The message says what to do."""


class BadStaffNameError(AccountError):
    """Nobody could type this name, or read it in a list."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r}: a staff name has 1 to {LONGEST_NAME} letters, as it is typed")


class StaffNameTakenError(AccountError):
    """Somebody has this name, or had it: names stay with what was done under them."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a {name} already: choose another name")


class ShortPasswordError(AccountError):
    """The password can be guessed."""

    def __init__(self) -> None:
        super().__init__(f"the password is too short: at least {LEAST_LENGTH} characters")


class UnknownAccountError(AccountError):
    """Nobody has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no {name}: look at the list of accounts")


class UnknownRoleError(AccountError):
    """Nobody can be that."""

    def __init__(self, role: str) -> None:
        super().__init__(f"{role!r} is no role: choose of {', '.join(Role)}")


class LastAdminError(AccountError):
    """Nobody else could administer the site."""

    def __init__(self) -> None:
        super().__init__("this is the last admin: first make another one")


class OwnAccountError(AccountError):
    """Who is logged in would shut the door behind themselves."""

    def __init__(self) -> None:
        super().__init__("this is your own account: let another admin do that")


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may log in, or might once.

    Attributes:
        name: To log in with.
        role: What they may do.
        made_at: When the account was made.
        last_login_at: When they last logged in; None for never.
        disabled_at: Since when they may not log in; None where they may.
        sessions: On how many devices they are logged in now.

    """

    name: str
    role: str
    made_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None
    sessions: int


def new_password() -> str:
    """Return a password to be typed from a card: ``"k7mf-x2aq-w9rd"``."""
    return "-".join(
        "".join(secrets.choice(LETTERS_OF_PASSWORDS) for _ in range(length))
        for length in GROUPS_OF_PASSWORDS
    )


def read_accounts(connection: Connection, site: str, *, now: datetime) -> list[Account]:
    """Return all accounts: those that may log in first, each part by name."""
    staff, session = tables.staff.c, tables.staff_session.c
    open_sessions = (
        select(func.count())
        .select_from(tables.staff_session)
        .where(session.site == staff.site, session.staff == staff.name, session.expires_at > now)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            staff.name,
            staff.role,
            staff.created_at,
            staff.last_login_at,
            staff.disabled_at,
            open_sessions.label("sessions"),
        )
        .where(staff.site == site)
        .order_by(staff.disabled_at.is_not(None), func.lower(staff.name), staff.name)
    )
    return [Account(*row) for row in rows]


def make_account(act: AdminAct, name: str, *, role: str, password_hash: str) -> None:
    """Let someone log in; raise AccountError where they cannot have that name."""
    check_name(name)
    _check_role(role)
    if _role_of(act, name) is not None:
        raise StaffNameTakenError(name)
    act.connection.execute(
        tables.staff.insert().values(
            site=act.site,
            name=name,
            password_hash=password_hash,
            role=role,
            created_at=act.now,
        )
    )
    act.note("account-made", name, role)


def check_name(name: str) -> None:
    """Raise BadStaffNameError where nobody could have this name."""
    can_be_typed = name.isprintable() and name.strip() == name and 1 <= len(name) <= LONGEST_NAME
    if not can_be_typed or name == FORGOTTEN:
        raise BadStaffNameError(name)


def check_password(password: str) -> None:
    """Raise ShortPasswordError where it can be guessed."""
    if len(password) < LEAST_LENGTH:
        raise ShortPasswordError


def change_role(act: AdminAct, name: str, *, role: str) -> None:
    """Let someone do other things from now on; they log in again."""
    _check_role(role)
    before = _require(act, name)
    if before == role:
        return
    _require_another_admin(act, name, role=before)
    _set(act, name, role=role)
    end_sessions_of(act, name)
    act.note("account-role", name, f"{before} > {role}")


def change_password(
    act: AdminAct, name: str, *, password_hash: str, keep: str | None = None
) -> None:
    """Give someone another password; all of their sessions end but `keep`, by its hash."""
    _require(act, name)
    _set(act, name, password_hash=password_hash)
    end_sessions_of(act, name, keep=keep)
    act.note("account-password", name)


def disable(act: AdminAct, name: str) -> None:
    """Shut someone out, at once and until `enable`; what they did stays in their name."""
    role = _require(act, name)
    _require_another_admin(act, name, role=role)
    _set(act, name, disabled_at=act.now)
    end_sessions_of(act, name)
    act.note("account-disabled", name)


def enable(act: AdminAct, name: str) -> None:
    """Let someone log in again, with the password that they had."""
    _require(act, name)
    _set(act, name, disabled_at=None)
    act.note("account-enabled", name)


def end_sessions(act: AdminAct, name: str, *, keep: str | None = None) -> int:
    """Log someone out everywhere, but in the session `keep`; return of how many sessions."""
    _require(act, name)
    ended = end_sessions_of(act, name, keep=keep)
    act.note("account-sessions-ended", name, f"{ended}")
    return ended


def end_sessions_of(act: AdminAct, name: str, *, keep: str | None = None) -> int:
    """End sessions without a word in the audit log, as a part of something that has one."""
    t = tables.staff_session.c
    ended = act.connection.execute(
        delete(tables.staff_session).where(
            t.site == act.site, t.staff == name, t.id_sha256 != (keep or "")
        )
    )
    return ended.rowcount


def _check_role(role: str) -> None:
    if role not in tuple(Role):
        raise UnknownRoleError(role)


def _require(act: AdminAct, name: str) -> str:
    """Return someone's role, or raise UnknownAccountError."""
    role = _role_of(act, name)
    if role is None:
        raise UnknownAccountError(name)
    return role


def _role_of(act: AdminAct, name: str) -> str | None:
    t = tables.staff.c
    return act.connection.execute(
        select(t.role).where(t.site == act.site, t.name == name)
    ).scalar_one_or_none()


def _require_another_admin(act: AdminAct, name: str, *, role: str) -> None:
    """Raise where this admin is one's own account, or the last one that can log in."""
    if name == act.by:
        raise OwnAccountError
    if role != Role.ADMIN:
        return
    t = tables.staff.c
    others = select(func.count()).where(
        t.site == act.site, t.role == Role.ADMIN, t.disabled_at.is_(None), t.name != name
    )
    if not act.connection.execute(others).scalar_one():
        raise LastAdminError


def _set(act: AdminAct, name: str, **values: object) -> None:
    t = tables.staff.c
    act.connection.execute(
        update(tables.staff).where(t.site == act.site, t.name == name).values(**values)
    )
