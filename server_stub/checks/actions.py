"""Checks of what staff did: each visit's actions lead, without a break, to where it stands."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Row, and_, select

from server_stub import tables
from server_stub.checks.finding import Check, Finding, Look, stream
from server_stub.visit import Step

UNVERSIONED = frozenset({"passed_over"})
"""Of a progress: what changes without an action of the visit's own, when others are called."""

LOOK_AT_IT = "a lead looks at the party and corrects what is not so; report it with this line"

a, v = tables.staff_action.c, tables.visit.c
Taken = Row[*tuple[Any, ...]]


def broken_chains(look: Look) -> Iterator[Finding]:
    """Yield actions that did not begin where the one before them ended."""
    for actions in _by_visit(look):
        for before, action in pairwise(actions):
            about = f"action {action.id} on visit {action.number}"
            if action.version != before.version + 1:
                yield Finding(
                    about,
                    f"{action.step} made version {action.version} of version {before.version}",
                    LOOK_AT_IT,
                )
            elif before.undone != (action.step == Step.UNDO):
                yield Finding(
                    about,
                    f"is {action.step}, and {before.step} before it is "
                    f"{'' if before.undone else 'not '}marked as undone",
                    LOOK_AT_IT,
                )
            elif differing := _differing(before.after, action.before):
                yield Finding(
                    about,
                    f"{action.step} began where {before.step} did not end: "
                    f"{', '.join(differing)} differ",
                    LOOK_AT_IT,
                )


def not_where_it_was_left(look: Look) -> Iterator[Finding]:
    """Yield visits that are not as their last action left them."""
    for actions in _by_visit(look):
        last = actions[-1]
        visit = f"visit {last.number} ({last.visit})"
        stands = {name: last._mapping[column] for name, column in PROGRESS.items()}  # noqa: SLF001  # the documented way to a row's names
        if last.version != stands["version"]:
            yield Finding(
                visit,
                f"is of version {stands['version']}, its last action made {last.version}",
                LOOK_AT_IT,
            )
        elif differing := _differing(last.after, stands):
            yield Finding(
                visit,
                f"is not as {last.step} by {last.staff or 'the server'} left it: "
                f"{', '.join(differing)} differ",
                LOOK_AT_IT,
            )
    unmoved = ~select(a.id).where(a.site == v.site, a.visit == v.id).exists()
    for number, id_, version in look.connection.execute(
        select(v.number, v.id, v.version)
        .where(v.site == look.site.id, v.version != 1, unmoved)
        .order_by(v.id)
    ):
        yield Finding(
            f"visit {number} ({id_})",
            f"is of version {version}, but nobody did anything",
            LOOK_AT_IT,
        )


def lost_persons(look: Look) -> Iterator[Finding]:
    """Yield splits and mergers after which there are more persons than before, or fewer."""
    whole = tables.staff_action.alias("whole").c
    mergers = (
        select(a.id, a.step, a.before, whole.before.label("other"), a.after)
        .where(a.site == look.site.id, a.step == Step.MERGE.value, whole.id == a.part_of)
        .where(whole.site == a.site)
    )
    for row in look.connection.execute(mergers.order_by(a.id)):
        if row.other is None or row.before is None:
            continue  # the visit was deleted for its age, and how it stood with it
        if _persons(row.after) != _plus(_persons(row.before), _persons(row.other)):
            yield Finding(
                f"action {row.id}",
                f"merged {_persons(row.before)} and {_persons(row.other)} adults and children "
                f"into {_persons(row.after)}",
                LOOK_AT_IT,
            )
    splits = select(a.id, a.before, a.after, a.answer).where(
        a.site == look.site.id, a.step == Step.SPLIT.value, a.visit.is_not(None)
    )
    for split in look.connection.execute(splits.order_by(a.id)):
        gone = (split.answer or {}).get("split_off")
        if _persons(split.before) != _plus(_persons(split.after), _persons(gone)):
            yield Finding(
                f"action {split.id}",
                f"split {_persons(split.before)} adults and children into {_persons(split.after)} "
                f"and {_persons(gone)}",
                LOOK_AT_IT,
            )


def on_no_visit(look: Look) -> Iterator[Finding]:
    """Yield actions on a visit that is not there, and parts of actions that are not."""
    visit = select(v.id).where(v.site == a.site, v.id == a.visit)
    for id_, step, named in look.connection.execute(
        select(a.id, a.step, a.visit)
        .where(a.site == look.site.id, a.visit.is_not(None), ~visit.exists())
        .order_by(a.id)
    ):
        yield Finding(f"action {id_}", f"{step} on visit {named}, which is not there", "report it")
    whole = tables.staff_action.alias("whole")
    there = select(whole.c.id).where(whole.c.site == a.site, whole.c.id == a.part_of)
    for id_, step, named in look.connection.execute(
        select(a.id, a.step, a.part_of)
        .where(a.site == look.site.id, a.part_of.is_not(None), ~there.exists())
        .order_by(a.id)
    ):
        yield Finding(
            f"action {id_}", f"{step} is part of action {named}, which is not there", "report it"
        )


def absurd_priority_runs(look: Look) -> Iterator[Finding]:
    """Yield stages whose count of priority calls is none, or whose stage is none."""
    t = tables.stage_calls.c
    stages = [stage.id for stage in look.site.stages]
    for stage, run in look.connection.execute(
        select(t.stage, t.priority_run).where(t.site == look.site.id).order_by(t.stage)
    ):
        if not 0 <= run <= 2:
            yield Finding(
                f"stage {stage}",
                f"counts {run} priority calls in a row",
                "at most two of three are right: look whom it calls next",
            )
        if stage not in stages:
            yield Finding(
                f"stage {stage}",
                "is counted, but the site does not have it",
                "nothing: it may have had it once",
                grave=False,
            )


def _persons(progress: Mapping[str, Any] | None) -> tuple[int, int]:
    """Return the adults and children of a progress as it is kept."""
    return (progress["adults"], progress["children"]) if progress else (0, 0)


def _plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _by_visit(look: Look) -> Iterator[list[Taken]]:
    """Yield the actions on each visit in order, with where the visit stands."""
    stands = [column.label(_stands(name)) for name, column in _columns_of_progress()]
    rows = stream(
        look,
        select(
            a.id,
            a.step,
            a.staff,
            a.undone,
            a.visit,
            a.version,
            a.before,
            a.after,
            v.number,
            *stands,
        )
        .join(tables.visit, and_(v.site == a.site, v.id == a.visit))
        .where(a.site == look.site.id)
        .order_by(a.visit, a.version, a.id),
    )
    for _, actions in groupby(rows, key=lambda row: row.visit):
        yield list(actions)


def _columns_of_progress() -> list[tuple[str, Any]]:
    named = (
        *(
            "number",
            "route",
            "stage",
            "state",
            "counter",
            "calls",
            "called_at",
            "version",
            "priority",
        ),
        *("appointment_at", "carried_over", "waits_from", "stage_since", "first_called_at"),
        *("serving_since", "ended_at", "inside", "adults", "children", "merged_into"),
    )
    return [(name, v[name]) for name in named]


def _stands(name: str) -> str:
    return f"stands_{name}"


PROGRESS = {name: _stands(name) for name, _ in _columns_of_progress()}
"""What actions change, and under which label `_by_visit` selects it."""


def _differing(one: Mapping[str, object] | None, other: Mapping[str, object] | None) -> list[str]:
    """Return the names of what both tell and tell differently."""
    one, other = one or {}, other or {}
    both = (one.keys() & other.keys()) - UNVERSIONED
    return sorted(name for name in both if not _same(one[name], other[name]))


def _same(one: object, other: object) -> bool:
    """Return whether two values say the same; most do in the very same words."""
    if one == other or (isinstance(other, datetime) and other.isoformat() == one):
        return True
    return _plain(one) == _plain(other)


def _plain(value: object) -> object:
    """Return a value of a row or of JSON as what both can be compared by."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.astimezone(UTC) if moment.tzinfo else value
    if isinstance(value, list | tuple):
        return tuple(value)
    return value if value is None or isinstance(value, bool | int) else str(value)


CHECKS = (
    Check("action-chain", "every action began where the one before it ended", broken_chains),
    Check("versions", "every visit is as its last action left it", not_where_it_was_left),
    Check("persons", "nobody is lost or added by a split or a merger", lost_persons),
    Check("action-visits", "every action is on a visit that is there", on_no_visit),
    Check("priority-runs", "priority calls are counted as the rules say", absurd_priority_runs),
)
