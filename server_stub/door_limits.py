"""The limits of doors that need no token: how often somebody may come, counted in the database.

A whole hall may share one address: so a limit is generous, is over after a short while, and
never stands before those who are known already.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from server_stub import tables
from server_stub.enrolment_rules import CLOCK_STEP
from server_stub.refusals import TooManyError

t = tables.attempt.c


@dataclass(frozen=True, slots=True)
class Limit:
    """How often somebody may come to a door.

    Attributes:
        door: Its name.
        most: So often.
        within: In this time, from the first of them on.

    """

    door: str
    most: int
    within: timedelta


WRONG_CODES = Limit("wrong-codes", 60, timedelta(minutes=1))
"""From one address. A code has 40 bits: in its 15 minutes 900 can be tried, one in a thousand
million; and who hits it has only asked, and has no fingerprint to show."""

STRANGERS = Limit("strangers", 60, timedelta(minutes=1))
"""Challenges for enrolments that nobody has, from one address."""

CHALLENGES = Limit("challenges", 60, timedelta(minutes=10))
"""Challenges for one enrolment, from wherever: it needs two a day, and one more at each start."""

LONGEST_WINDOW = max(limit.within for limit in (WRONG_CODES, STRANGERS, CHALLENGES))


def check(connection: Connection, site: str, limit: Limit, *, who: str, now: datetime) -> None:
    """Raise TooManyError where somebody came too often of late."""
    row = connection.execute(
        select(t.attempts, t.since).where(t.site == site, t.door == limit.door, t.address == who)
    ).one_or_none()
    if row is None or row.attempts < limit.most or not _is_of_late(row.since, limit, now=now):
        return
    raise TooManyError(
        f"too many attempts at {limit.door}: try again later",
        seconds=math.ceil((row.since + limit.within - now).total_seconds()),
    )


def count(connection: Connection, site: str, limit: Limit, *, who: str, now: datetime) -> None:
    """Count that somebody came; nothing is refused by that."""
    here = (t.site == site, t.door == limit.door, t.address == who)
    row = connection.execute(select(t.attempts, t.since).where(*here)).one_or_none()
    if row is None:
        connection.execute(
            tables.attempt.insert().values(
                site=site, door=limit.door, address=who, attempts=1, since=now
            )
        )
        return
    again = _is_of_late(row.since, limit, now=now)
    counted = {"attempts": row.attempts + 1} if again else {"attempts": 1, "since": now}
    connection.execute(update(tables.attempt).where(*here).values(counted))


def who_at(address: str) -> str:
    """Return whom an address stands for: of IPv6, the network, for a machine has many of it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    found = getattr(found, "ipv4_mapped", None) or found  # where one socket speaks both
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found.packed, 64), strict=False))  # it may name an interface


def _is_of_late(since: datetime, limit: Limit, *, now: datetime) -> bool:
    return now - limit.within < since <= now + CLOCK_STEP
