"""The one-way flow: every step, what it came to, figures and days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what the flow needs, and work it out for the visits that are there."""
    actions = _old_actions()
    op.add_column("kiosk", sa.Column("kind", sa.String(), server_default="kiosk", nullable=False))
    op.add_column("display", sa.Column("stages", sa.String(), server_default="", nullable=False))
    op.add_column("display", sa.Column("look", sa.String(), server_default="auto", nullable=False))
    _extend_visits()
    _extend_actions()
    _make_calls_and_passages()
    _make_figures()
    _make_days()
    _fill_visits()
    _fill_histories(actions)
    _require_values()


def _anew() -> Literal["always", "never"]:
    """Make tables anew on SQLite, so that they are letter for letter those of the program."""
    return "always" if op.get_context().dialect.name == "sqlite" else "never"


def _extend_visits() -> None:
    op.drop_index("ix_visit_waiting", "visit")
    op.drop_index("ix_visit_open", "visit")
    op.drop_index("uq_visit_called_at_counter", "visit")
    for column in (
        sa.Column("waits_from", MOMENT),
        sa.Column("calling_class", sa.Integer()),
        sa.Column("priority", sa.Boolean()),
        sa.Column("appointment_at", MOMENT),
        sa.Column("carried_over", MOMENT),
        sa.Column("passed_over", sa.Integer()),
        sa.Column("inside", sa.Boolean()),
        sa.Column("stage_since", MOMENT),
        sa.Column("first_called_at", MOMENT),
        sa.Column("serving_since", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("merged_into", sa.Uuid()),
        sa.Column("split_from", sa.Uuid()),
        sa.Column("by_hand", sa.Boolean()),
    ):
        op.add_column("visit", column)


def _extend_actions() -> None:
    op.drop_index("ix_staff_action_visit", "staff_action")
    with op.batch_alter_table("staff_action", recreate=_anew()) as action:
        for name in ("stage", "state", "calls", "called_at"):
            action.drop_column(name)
        action.alter_column("counter", existing_type=sa.String(), nullable=True)
        for column in (
            sa.Column("request", sa.JSON()),
            sa.Column("before", sa.JSON()),
            sa.Column("after", sa.JSON()),
            sa.Column("answer", sa.JSON()),
            sa.Column("part_of", sa.Uuid()),
            sa.Column("undone", sa.Boolean()),
        ):
            action.add_column(column)


def _make_calls_and_passages() -> None:
    op.create_table(
        "stage_calls",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("priority_run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "stage", name="pk_stage_calls"),
    )
    op.create_table(
        "passage",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("language", sa.String()),
        sa.Column("waited_from", MOMENT, nullable=False),
        sa.Column("first_called_at", MOMENT),
        sa.Column("served_at", MOMENT),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("counter", sa.String()),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", name="pk_passage"),
    )
    op.create_index("ix_passage_service_day", "passage", ["site", "service_day"])
    op.create_index("ix_passage_stage", "passage", ["site", "stage", "ended_at"])


def _make_figures() -> None:
    op.create_table(
        "outcome",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", "ordinal", name="pk_outcome"),
    )
    op.create_index("ix_outcome_service_day", "outcome", ["site", "service_day"])
    op.create_index("ix_outcome_visit", "outcome", ["site", "visit"])
    op.create_table(
        "stock_count",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("figure", sa.String(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", "id", name="pk_stock_count"),
    )
    op.create_index("ix_stock_count_figure", "stock_count", ["site", "figure", "at"])
    op.create_table(
        "daily_figures",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", "day", name="pk_daily_figures"),
    )


def _make_days() -> None:
    op.create_table(
        "service_day",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String()),
        sa.PrimaryKeyConstraint("site", "day", name="pk_service_day"),
    )
    op.create_table(
        "kiosk_day",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("check_ins", sa.BigInteger(), nullable=False),
        sa.Column("abandoned", sa.BigInteger(), nullable=False),
        sa.Column("help_calls", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site", "enrolment"], ["kiosk.site", "kiosk.enrolment"], name="fk_kiosk_day_kiosk"
        ),
        sa.PrimaryKeyConstraint("site", "day", "enrolment", name="pk_kiosk_day"),
    )
    op.create_table(
        "served_by_hand",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment", sa.Uuid(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site", "enrolment"],
            ["kiosk.site", "kiosk.enrolment"],
            name="fk_served_by_hand_kiosk",
        ),
        sa.PrimaryKeyConstraint("site", "id", name="pk_served_by_hand"),
    )
    op.create_table(
        "health_probe",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site", name="pk_health_probe"),
    )


# What the tables have while this revision runs; the program's own may change later.
_site = sa.table("site", sa.column("id"), sa.column("file_json", sa.JSON()))
_visit = sa.table(
    "visit",
    sa.column("site", sa.String()),
    sa.column("id", sa.Uuid()),
    *(sa.column(name, sa.String()) for name in ("number", "language", "stage", "state")),
    *(sa.column(name, sa.Integer()) for name in ("adults", "children", "version")),
    sa.column("route", sa.JSON()),
    *(
        sa.column(name, MOMENT)
        for name in ("arrived_at", "waits_from", "stage_since", "first_called_at", "ended_at")
    ),
    *(sa.column(name, sa.Boolean()) for name in ("priority", "inside", "by_hand")),
    *(sa.column(name, sa.Integer()) for name in ("calling_class", "passed_over")),
)
_action = sa.table(
    "staff_action",
    sa.column("site", sa.String()),
    sa.column("id", sa.Uuid()),
    *(sa.column(name, sa.String()) for name in ("step", "staff", "counter", "stage", "state")),
    *(sa.column(name, MOMENT) for name in ("at", "called_at")),
    sa.column("visit", sa.Uuid()),
    *(sa.column(name, sa.Integer()) for name in ("version", "calls")),
    *(sa.column(name, sa.JSON(none_as_null=True)) for name in ("request", "before", "after")),
    sa.column("undone", sa.Boolean()),
)
_passage = sa.table(
    "passage",
    sa.column("site", sa.String()),
    *(sa.column(name, sa.Uuid()) for name in ("id", "visit")),
    *(sa.column(name, sa.String()) for name in ("stage", "language", "counter", "ended_by")),
    sa.column("service_day", sa.Date()),
    sa.column("persons", sa.Integer()),
    *(
        sa.column(name, MOMENT)
        for name in ("waited_from", "first_called_at", "served_at", "ended_at")
    ),
)


def _old_actions() -> list[dict[str, Any]]:
    """Return the actions with what only the old columns tell, those of one visit in order."""
    named = ("site", "id", "step", "at", "counter", "visit", "version")
    answered = ("stage", "state", "calls", "called_at")
    rows = op.get_bind().execute(
        sa.select(*(_action.c[name] for name in (*named, *answered))).order_by(
            _action.c.site, _action.c.visit, _action.c.version
        )
    )
    return [dict(row) for row in rows.mappings()]


def _fill_visits() -> None:
    op.execute(
        _visit.update().values(
            waits_from=_visit.c.arrived_at,
            stage_since=_visit.c.arrived_at,
            calling_class=2,
            priority=sa.false(),
            passed_over=0,
            inside=sa.false(),
            by_hand=sa.false(),
        )
    )


def _fill_histories(actions: list[dict[str, Any]]) -> None:
    bind = op.get_bind()
    zones = {
        row.id: row.file_json.get("time_zone", "Europe/Berlin")
        for row in bind.execute(sa.select(_site.c.id, _site.c.file_json))
    }
    op.execute(_action.update().values(request={}, undone=sa.false()))
    for (site, visit_id), taken in groupby(actions, key=lambda a: (a["site"], a["visit"])):
        visit = bind.execute(
            sa.select(_visit).where(_visit.c.site == site, _visit.c.id == visit_id)
        ).one_or_none()
        if visit is not None:
            _fill_history(_History(visit, zone=zones[site]), list(taken))


def _fill_history(history: "_History", taken: list[dict[str, Any]]) -> None:
    for action, before, after in history.steps(taken):
        op.execute(
            _action.update()
            .where(_action.c.site == action["site"], _action.c.id == action["id"])
            .values(before=before, after=after)
        )
    if history.passages:
        op.bulk_insert(_passage, history.passages)
    op.execute(
        _visit.update()
        .where(_visit.c.site == history.visit.site, _visit.c.id == history.visit.id)
        .values(
            inside=history.progress["inside"],
            stage_since=history.stage_since,
            first_called_at=history.first_called_at,
            ended_at=history.ended_at,
        )
    )


class _History:
    """A visit as it was before its first step, and then after each."""

    def __init__(self, visit: sa.Row[Any], *, zone: str) -> None:
        self.visit = visit
        self.zone = zone
        self.stage_since = visit.arrived_at
        self.first_called_at: datetime | None = None
        self.called_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.passages: list[dict[str, Any]] = []
        self.progress: dict[str, Any] = {
            "number": visit.number,
            "route": visit.route,
            "stage": (visit.route or [visit.stage])[0],
            "state": "waiting",
            "counter": None,
            "calls": 0,
            "called_at": None,
            "version": 1,
            "priority": False,
            "appointment_at": None,
            "carried_over": None,
            "waits_from": _text(visit.arrived_at),
            "stage_since": _text(visit.arrived_at),
            "first_called_at": None,
            "serving_since": None,
            "ended_at": None,
            "passed_over": 0,
            "inside": False,
            "adults": visit.adults,
            "children": visit.children,
            "merged_into": None,
        }

    def steps(
        self, taken: list[dict[str, Any]]
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
        """Yield each action with the progress before and after it."""
        for action in taken:
            before = self.progress
            self._take(action)
            yield action, before, self.progress

    def _take(self, action: dict[str, Any]) -> None:
        if action["step"] in ("call", "recall"):
            self.called_at = action["called_at"]
            self.first_called_at = self.first_called_at or self.called_at
        else:
            self._leave_stage(action)
        self.progress = self.progress | {
            "stage": action["stage"],
            "state": action["state"],
            "counter": action["counter"],
            "calls": action["calls"],
            "called_at": _text(action["called_at"]),
            "version": action["version"],
            "stage_since": _text(self.stage_since),
            "first_called_at": _text(self.first_called_at),
            "ended_at": _text(self.ended_at),
            "inside": action["step"] != "finish",
        }

    def _leave_stage(self, action: dict[str, Any]) -> None:
        at = action["at"]
        local = at.replace(tzinfo=at.tzinfo or UTC).astimezone(ZoneInfo(self.zone))
        self.passages.append(
            {
                "site": self.visit.site,
                "id": action["id"],
                "visit": self.visit.id,
                "stage": self.progress["stage"],
                "service_day": _service_day(local),
                "persons": self.visit.adults + self.visit.children,
                "language": self.visit.language,
                "waited_from": self.stage_since,
                "first_called_at": self.first_called_at,
                "served_at": self.called_at,
                "ended_at": at,
                "counter": action["counter"],
                "ended_by": action["step"],
            }
        )
        if action["step"] == "finish":
            self.ended_at = at
        else:
            self.stage_since, self.first_called_at, self.called_at = at, None, None


def _text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).isoformat()


def _service_day(local: datetime) -> date:
    return (local.replace(tzinfo=None) - timedelta(hours=4)).date()


def _require_values() -> None:
    """Make the columns as the program has them, now that each row has what they need."""
    with op.batch_alter_table("visit", recreate=_anew()) as visit:
        for name in ("waits_from", "stage_since"):
            visit.alter_column(name, existing_type=MOMENT, nullable=False)
        for name in ("calling_class", "passed_over"):
            visit.alter_column(name, existing_type=sa.Integer(), nullable=False)
        for name in ("priority", "inside", "by_hand"):
            visit.alter_column(name, existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("staff_action", recreate=_anew()) as action:
        action.alter_column("request", existing_type=sa.JSON(), nullable=False)
        action.alter_column("undone", existing_type=sa.Boolean(), nullable=False)
    _index_some(
        "ix_visit_waiting",
        "stage calling_class waits_from arrival_order id",
        where="state = 'waiting'",
    )
    _index_some("ix_visit_open", "id", where="(state NOT IN ('finished', 'left', 'merged'))")
    _index_some(
        "uq_visit_at_counter", "counter", where="state IN ('called', 'serving')", unique=True
    )
    op.create_index("ix_visit_ticket", "visit", ["site", "ticket_token_sha256"])
    op.create_index("ix_staff_action_visit", "staff_action", ["site", "visit", "version"])
    op.create_index("ix_staff_action_at", "staff_action", ["site", "at"])
    no_show = sa.text("step = 'no-show'")
    op.create_index(
        "ix_staff_action_no_show",
        "staff_action",
        ["site", "at"],
        sqlite_where=no_show,
        postgresql_where=no_show,
    )


def _index_some(name: str, columns: str, *, where: str, unique: bool = False) -> None:
    op.create_index(
        name,
        "visit",
        ["site", *columns.split()],
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
