"""Checks of enrolments: nobody gets in who should not, and no two kiosks are one."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding, Look

REVOKE = "revoke it on the page of kiosks, and enrol it anew"


def keys_to_the_door(look: Look) -> Iterator[Finding]:
    """Yield those who get in and may not: revoked kiosks, and the desk, which is no kiosk."""
    kiosk, token = tables.kiosk.c, tables.kiosk_token.c
    rows = look.connection.execute(
        select(kiosk.name, kiosk.enrolment, kiosk.kind)
        .join_from(
            tables.kiosk,
            tables.kiosk_token,
            and_(token.site == kiosk.site, token.enrolment == kiosk.enrolment),
        )
        .where(
            kiosk.site == look.site.id,
            or_(kiosk.revoked_at.is_not(None), kiosk.kind != "kiosk"),
        )
        .distinct()
        .order_by(kiosk.name, kiosk.enrolment)
    )
    for row in rows:
        wrong = "is revoked, and has a token" if row.kind == "kiosk" else "is no kiosk, and has one"
        do = "the server takes none of it; look who changed the database by hand"
        yield Finding(f"kiosk {row.name} ({row.enrolment})", wrong, do)


def shared_keys(look: Look) -> Iterator[Finding]:
    """Yield keys that two enrolments have: each could sign for the other."""
    kiosk = tables.kiosk.c
    twice = (
        select(kiosk.public_key)
        .where(kiosk.site == look.site.id, kiosk.public_key.is_not(None))
        .group_by(kiosk.public_key)
        .having(func.count() > 1)
    )
    rows = look.connection.execute(
        select(kiosk.name, kiosk.enrolment)
        .where(kiosk.site == look.site.id, kiosk.public_key.in_(twice))
        .order_by(kiosk.name, kiosk.enrolment)
    )
    for row in rows:
        about = f"kiosk {row.name} ({row.enrolment})"
        yield Finding(about, "has the key of another enrolment", REVOKE)


CHECKS = (
    Check("tokens", "nobody has a token who is revoked, or no kiosk", keys_to_the_door),
    Check("kiosk-keys", "no two enrolments have one key", shared_keys),
)
