"""The clock check: a server whose clock is plainly wrong does not start."""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from server_stub import tables
from server_stub.store_error import StoreError

log = logging.getLogger(__name__)

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is not older: a clock before it has lost its battery."""

NEWS_AHEAD = timedelta(minutes=5)
"""The newest change may be so much later than now, and nothing is said."""

LONG_SILENCE = timedelta(days=3)
"""A site rests over a weekend. After a longer silence the clock may as well be ahead."""

A_DAY = timedelta(days=1)
"""In which somebody notices that the date is wrong; until then a jump may be an error."""


class WrongClockError(StoreError):
    """Nothing that the server dates would be true, so it must not write."""


def check_clock(connection: Connection, site: str, *, now: datetime) -> timedelta:
    """Compare the machine's clock with what is certain; log what only a person can judge.

    Returns:
        How far ahead it may be: for how long nothing had changed until now, or until the changes
        of the last day began, where that is long. A clock that has jumped dates these, too.

    Raises:
        WrongClockError: It is earlier than this program.

    """
    if now < NOT_BEFORE:
        raise WrongClockError(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, which is before this program "
            "was written: set it (for example with: timedatectl set-ntp true), then start again"
        )
    t, here = tables.event.c, tables.site.c
    newest = connection.execute(
        select(t.at)
        .join(tables.site, (here.id == t.site) & (here.next_event - 1 == t.number))
        .where(t.site == site)
    ).scalar_one_or_none()
    if newest is None:
        return timedelta()
    if newest - now > NEWS_AHEAD:
        log.error(
            "clock behind the store now=%s newest_change=%s: one of them is wrong",
            *_told(now, newest),
        )
    before = _newest_of_before(connection, site, now=now) or newest
    begun = _first_of_last_day(connection, site, now=now) or now
    ahead: timedelta = max(now - newest, begun - before)
    if ahead <= LONG_SILENCE:
        return timedelta()
    log.warning(
        "clock far ahead of the store now=%s newest_change=%s change_before=%s: nothing is deleted "
        "for its age for a day; set the clock right if it is wrong",
        *_told(now, newest, before),
    )
    return ahead


def _first_of_last_day(connection: Connection, site: str, *, now: datetime) -> datetime | None:
    """Return when the changes of the last day began; None where there are none."""
    t = tables.event.c
    first: datetime | None = connection.execute(
        select(func.min(t.at)).where(t.site == site, t.at > now - A_DAY, t.at <= now)
    ).scalar_one()
    return first


def _newest_of_before(connection: Connection, site: str, *, now: datetime) -> datetime | None:
    """Return the newest change of before the last day, which stays while no age is believed."""
    t = tables.event.c
    newest: datetime | None = connection.execute(
        select(func.max(t.at)).where(t.site == site, t.at <= now - A_DAY)
    ).scalar_one()
    return newest


def _told(*moments: datetime) -> list[str]:
    return [moment.isoformat(timespec="seconds") for moment in moments]
