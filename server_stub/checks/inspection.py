"""The inspection: all checks of a database, one after the other, at one moment of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from kiosk.contract.site import Site
from server_stub import tables
from server_stub.checks import (
    actions,
    check_ins,
    counted,
    enrolments,
    event_numbers,
    passages,
    site_files,
    tables_there,
    visits,
)
from server_stub.checks.finding import Check, Finding, Look, Subject

OF_THE_DATABASE = tables_there.CHECKS
"""Where one of these finds something, the others cannot be relied on and are left out."""

OF_ITS_ROWS = (
    *event_numbers.CHECKS,
    *check_ins.CHECKS,
    *visits.CHECKS,
    *actions.CHECKS,
    *passages.CHECKS,
    *counted.CHECKS,
    *site_files.CHECKS,
    *enrolments.CHECKS,
)

MOST_FINDINGS = 20
"""Of one check: more of the same tell nobody more."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one check came to.

    Attributes:
        name: The check's.
        fact: What holds where nothing was found.
        findings: What it found, at most `MOST_FINDINGS`.
        more: Whether there would have been more.
        ends_all: Whether nothing further can be looked at.

    """

    name: str
    fact: str
    findings: tuple[Finding, ...]
    more: bool = False
    ends_all: bool = False

    @property
    def grave(self) -> bool:
        """Whether something is wrong, and not only to be looked at."""
        return any(finding.grave for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What all checks came to, in their order."""

    results: tuple[Result, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong; what should be looked at may be there all the same."""
        return not any(result.grave for result in self.results)

    @property
    def damaged(self) -> bool:
        """Whether the file itself is, so that nobody knows what of it can be used."""
        return self.results[0].grave

    @property
    def readable(self) -> bool:
        """Whether all of the database could be looked at, whatever may be wrong with its rows."""
        return not any(result.ends_all for result in self.results)


def inspect_database(
    connection: Connection,
    *,
    now: datetime,
    besides: Sequence[Check[Connection]] = (),
    tell: Callable[[Result], None] = lambda _: None,
) -> Inspection:
    """Return what is wrong with a database of this program's revision.

    Args:
        connection: In a transaction that sees one moment; nothing is changed.
        now: When it is.
        besides: Checks of what belongs to the database and is not in it.
        tell: Gets each result as soon as it is there: some take minutes on a large database.

    """
    results: list[Result] = []
    for result in _in_order(connection, besides, now=now):
        results.append(result)
        tell(result)
        if result.ends_all:
            break
    return Inspection(tuple(results))


def _in_order(
    connection: Connection, besides: Sequence[Check[Connection]], *, now: datetime
) -> Iterator[Result]:
    for gate in OF_THE_DATABASE:
        result = _result(gate, [connection])
        yield replace(result, ends_all=result.grave)
    for check in (*tables_there.FURTHER_CHECKS, *besides):
        yield _result(check, [connection])
    looks = [Look(connection, site, now) for site in _sites(connection)]
    for of_rows in OF_ITS_ROWS:
        yield _result(of_rows, looks)


def _sites(connection: Connection) -> list[Site]:
    files = connection.execute(select(tables.site.c.file_json).order_by(tables.site.c.id))
    return [Site.model_validate(file) for file in files.scalars()]


def _result(check: Check[Subject], subjects: Iterable[Subject]) -> Result:
    found = chain.from_iterable(check.find(subject) for subject in subjects)
    first: list[Finding] = []
    try:
        first.extend(islice(found, MOST_FINDINGS))
        more = next(found, None) is not None
    except (DBAPIError, ValueError) as error:
        # Its own words may hold what is stored.
        cause = error.orig if isinstance(error, DBAPIError) else error
        wrong = f"cannot be read ({type(cause).__name__})"
        first.append(Finding("the database", wrong, tables_there.RESTORE))
        return Result(check.name, check.fact, tuple(first), ends_all=True)
    return Result(check.name, check.fact, tuple(first), more=more)
