"""Checks of the passages: a party's times at its stages follow one another without a hole."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Row, and_, or_, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding, Look, stream
from server_stub.visit import Step

WAITS_WRONG = "waits and estimates of that hour are wrong: report it with this line"

p, v, a = tables.passage.c, tables.visit.c, tables.staff_action.c


def holes(look: Look) -> Iterator[Finding]:
    """Yield passages that do not begin where the one before them ended."""
    reopened = set(
        look.connection.execute(
            select(a.visit).where(a.site == look.site.id, a.step == Step.CORRECT.value)
        ).scalars()
    )
    for passages in _by_visit(look):
        first, last = passages[0], passages[-1]
        for before, passage in pairwise(passages):
            if _is_hole(before.ended_at, passage.waited_from, reopened=passage.visit in reopened):
                yield Finding(
                    f"passage {passage.id} of visit {passage.number}",
                    f"at {passage.stage} from {passage.waited_from}, but {before.stage} "
                    f"ended at {before.ended_at}",
                    WAITS_WRONG,
                )
        if first.waited_from < first.arrived_at:
            yield Finding(
                f"passage {first.id} of visit {first.number}",
                f"waited from {first.waited_from}, but arrived at {first.arrived_at}",
                WAITS_WRONG,
            )
        since, reopens = last.stage_since, last.visit in reopened
        if last.visit_ended_at is None and _is_hole(last.ended_at, since, reopened=reopens):
            yield Finding(
                f"visit {last.number} ({last.visit})",
                f"is at {last.now_at} since {last.stage_since}, but {last.stage} ended at "
                f"{last.ended_at}",
                WAITS_WRONG,
            )


def _is_hole(ended_at: datetime, begins_at: datetime, *, reopened: bool) -> bool:
    """Return whether the next stage does not begin where the one before it ended.

    A lead may set right that a party has not ended: it then begins anew, later.
    """
    return begins_at < ended_at if reopened else begins_at != ended_at


def out_of_order(look: Look) -> Iterator[Finding]:
    """Yield passages that ended before they began, or called after they ended."""
    wrong = or_(
        p.ended_at < p.waited_from,
        p.first_called_at > p.ended_at,
        p.served_at > p.ended_at,
        p.served_at < p.first_called_at,
    )
    for row in look.connection.execute(
        select(tables.passage).where(p.site == look.site.id, wrong).order_by(p.id)
    ):
        yield Finding(
            f"passage {row.id} at {row.stage}",
            f"waited from {row.waited_from}, called {row.first_called_at}, served "
            f"{row.served_at}, ended {row.ended_at}",
            "the machine's clock may have been put back: look at it",
            grave=False,
        )


def without_action(look: Look) -> Iterator[Finding]:
    """Yield passages that no action ended, or one that was undone."""
    joined = tables.passage.outerjoin(tables.staff_action, and_(a.site == p.site, a.id == p.id))
    rows = look.connection.execute(
        select(p.id, p.stage, p.persons, a.id.label("action"), a.undone)
        .select_from(joined)
        .where(p.site == look.site.id, or_(a.id.is_(None), a.undone, p.persons < 0))
        .order_by(p.id)
    )
    for row in rows:
        wrong = "no action ended it" if row.action is None else "the action that ended it is undone"
        if row.persons < 0:
            wrong = f"counts {row.persons} persons"
        yield Finding(f"passage {row.id} at {row.stage}", wrong, WAITS_WRONG)


def _by_visit(look: Look) -> Iterator[list[Row[*tuple[Any, ...]]]]:
    rows = stream(
        look,
        select(
            *(p.id, p.visit, p.stage, p.waited_from, p.ended_at, v.number, v.arrived_at),
            *(v.stage_since, v.stage.label("now_at"), v.ended_at.label("visit_ended_at")),
        )
        .join(tables.visit, and_(v.site == p.site, v.id == p.visit))
        .where(p.site == look.site.id)
        .order_by(p.visit, p.ended_at, p.waited_from, p.id),
    )
    for _, passages in groupby(rows, key=lambda row: row.visit):
        yield list(passages)


CHECKS = (
    Check("passages", "a party's stages follow one another without a hole", holes),
    Check("passage-times", "nothing ended before it began", out_of_order),
    Check("passage-actions", "every passage was ended by an action", without_action),
)
