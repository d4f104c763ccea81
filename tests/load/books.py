"""The books of a load: what its parts were told, held against what the server has stored."""

import json
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from server_stub import tables
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.day.account import Account, Tallied
from tests.day.comparison import Compared, compare
from tests.load.notes import Notes
from tests.load.plan import PlannedParty
from tests.stand.server import ServerStand, run_server


@dataclass(frozen=True, slots=True)
class Books:
    """What has to be nothing, and how much was compared for it.

    Attributes:
        check_ins: That receipts confirmed.
        lost: Of them, which are not stored.
        stored_twice: Visits that are more than the check-ins.
        gaps: Event numbers that are missing.
        figures: That were compared.
        wrong_figures: Of them, in words.
        check: What `check` said at its end.
        is_sound: Whether it found nothing.

    """

    check_ins: int
    lost: int
    stored_twice: int
    gaps: int
    figures: int
    wrong_figures: tuple[str, ...]
    check: str
    is_sound: bool

    @property
    def agree(self) -> bool:
        """Whether nothing is lost, doubled or counted otherwise than it happened."""
        faults = self.lost + self.stored_twice + self.gaps + len(self.wrong_figures)
        return self.is_sound and not faults


def read_books(server: ServerStand, parties: tuple[PlannedParty, ...], notes: Notes) -> Books:
    """Hold the notes against the store of a server that still runs."""
    confirmed = {UUID(check_in) for check_in in notes.seen["confirmed"]}
    with engine_for(Settings(data=server.data)) as engine, engine.connect() as connection:
        stored, visits = _stored(connection), _count(connection, tables.visit)
        given = connection.execute(select(tables.site.c.next_event)).scalar_one() - 1
        gaps = given - _count(connection, tables.event)
    compared = _figures(server.data, parties, notes)
    said = run_server("check", "--data", str(server.data))
    return Books(
        check_ins=len(confirmed),
        lost=len(confirmed - stored) + len(parties) - len(confirmed),
        stored_twice=visits - len(confirmed),
        gaps=gaps,
        figures=len(compared),
        wrong_figures=tuple(str(one) for one in compared if not one.agrees),
        check=(said.stdout + said.stderr).strip().splitlines()[-1],
        is_sound=said.returncode == 0,
    )


def delays(presses: list[list[Any]], sightings: dict[str, list[float]]) -> tuple[list[float], int]:
    """Return seconds from each press to each display, and how many presses no display showed.

    A call that was over before it could be shown is not shown: then its press has no sighting
    before the next press for the same party at the same stage.
    """
    shown: defaultdict[tuple[str, str], list[list[float]]] = defaultdict(list)
    for call, times in sightings.items():
        visit, stage, _ = call.split(" ")
        shown[visit, stage].append(sorted(times))
    pressed: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for visit, stage, at in presses:
        pressed[visit, stage].append(at)
    found: list[float] = []
    unseen = 0
    for key, moments in pressed.items():
        ends = [*sorted(moments)[1:], float("inf")]
        calls = sorted(shown.get(key, []))
        firsts = [times[0] for times in calls]
        for moment, end in zip(sorted(moments), ends, strict=True):
            at = bisect_left(firsts, moment)
            if at == len(firsts) or firsts[at] >= end:
                unseen += 1
                continue
            found += [seen - moment for seen in calls[at]]
    return found, unseen


def _stored(connection: Connection) -> set[UUID]:
    """Return the ids of the check-ins that are in the ledger and have a visit."""
    both = select(tables.ledger.c.id).join(tables.visit, tables.visit.c.id == tables.ledger.c.id)
    return set(connection.execute(both).scalars())


def _count(connection: Connection, table: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _figures(data: Path, parties: tuple[PlannedParty, ...], notes: Notes) -> list[Compared]:
    """Compare what is counted; waits and hours are those of a day that took minutes."""
    said = run_server("figures", "--data", str(data), "--format", "json")
    said.check_returncode()
    lines = json.loads(said.stdout)["figures"]
    everything = compare(_account(parties, notes.seen["account"]), lines)
    return [one for one in everything if one.name[0] in {"visits", "outcomes", "stages", "figures"}]


def _account(parties: tuple[PlannedParty, ...], told: dict[str, Any]) -> Account:
    account = Account()
    for party in parties:
        account.visits.add(party.persons)
        account.adults += party.adults
    account.finished, account.left = Tallied(*told["finished"]), Tallied(*told["left"])
    account.outcomes.update(told["outcomes"])
    account.no_shows.update(told["no_shows"])
    for stage, pair in told["served"].items():
        account.served[stage] = Tallied(*pair)
    for stage, pair in told["left_at"].items():
        account.left_at[stage] = Tallied(*pair)
    return account
