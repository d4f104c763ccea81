"""Revision 0003 gives the visits of older stores what the flow needs."""

import itertools
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text

from server_stub import schema, tables
from server_stub.settings import Settings
from server_stub.store import engine_for
from tests.server_stub.conftest import point_to

OLD = """
INSERT INTO site VALUES ('s', '{site}', '1', '{{"time_zone": "Europe/Berlin"}}', 'k', 9);
INSERT INTO visit (site, id, number, kiosk, language, adults, children, route, stage, state,
    counter, calls, called_at, arrived_at, arrival_order, service_day, version,
    priority_proposed, marked) VALUES
    ('s', '{waits}', 'D101', 'e-1', 'uk', 2, 1, '["a", "b"]', 'a', 'waiting', NULL, 0, NULL,
     '2026-11-21 09:00:00.000000', 1, '2026-11-21', 1, false, ''),
    ('s', '{moved}', 'D102', 'e-1', 'uk', 1, 0, '["a", "b"]', 'b', 'called', '3', 1,
     '2026-11-21 09:20:00.000000', '2026-11-21 09:01:00.000000', 2, '2026-11-21', 4, false, ''),
    ('s', '{ended}', 'D103', 'e-1', NULL, 0, 0, '["a"]', 'a', 'finished', '1', 2,
     '2026-11-22 00:40:00.000000', '2026-11-22 00:30:00.000000', 3, '2026-11-22', 4, false, '');
INSERT INTO staff_action (site, id, step, staff, at, counter, visit, version, stage, state, calls,
    called_at) VALUES
    ('s', '{none}', 'call', 'anna', '2026-11-21 08:59:00.000000', '1', NULL, NULL, NULL, NULL,
     NULL, NULL),
    ('s', '{call}', 'call', 'anna', '2026-11-21 09:10:00.000000', '1', '{moved}', 2, 'a', 'called',
     1, '2026-11-21 09:10:00.000000'),
    ('s', '{forward}', 'forward', 'anna', '2026-11-21 09:15:00.000000', '1', '{moved}', 3, 'b',
     'waiting', 0, '2026-11-21 09:10:00.000000'),
    ('s', '{again}', 'call', 'berta', '2026-11-21 09:20:00.000000', '3', '{moved}', 4, 'b',
     'called', 1, '2026-11-21 09:20:00.000000'),
    ('s', '{late}', 'call', 'anna', '2026-11-22 00:35:00.000000', '1', '{ended}', 2, 'a',
     'called', 1, '2026-11-22 00:35:00.000000'),
    ('s', '{recall}', 'recall', 'anna', '2026-11-22 00:40:00.000000', '1', '{ended}', 3, 'a',
     'called', 2, '2026-11-22 00:40:00.000000'),
    ('s', '{finish}', 'finish', 'anna', '2026-11-22 00:45:00.000000', '1', '{ended}', 4, 'a',
     'finished', 2, '2026-11-22 00:40:00.000000');
"""
NAMES = [
    "site",
    "waits",
    "moved",
    "ended",
    "none",
    "call",
    "forward",
    "again",
    "late",
    "recall",
    "finish",
]
IDS = {name: UUID(int=number) for number, name in enumerate(NAMES, 1)}


def at(hour: int, minute: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def old_data(request, tmp_path_factory) -> Settings:
    """A data directory that names a database without tables."""
    settings = Settings(data=tmp_path_factory.mktemp("old"))
    if request.param == "postgresql":
        stand = request.getfixturevalue("postgres_stand")
        point_to(settings, stand.url(stand.make_database()))
    return settings


@pytest.fixture(scope="module")
def migrated(old_data) -> dict[str, list[dict[str, object]]]:
    """The rows of a store of revision 0002 after it was brought to the newest."""
    with engine_for(old_data) as engine:
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection, to="0002")
            old = OLD.format(**{name: known.hex for name, known in IDS.items()})
            for statement in old.split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
        with engine.execution_options(writes=True).begin() as connection:
            schema.migrate(connection)
        with engine.connect() as connection:
            named = ("visit", "staff_action", "passage")
            return {
                name: [
                    dict(row)
                    for row in connection.execute(select(tables.metadata.tables[name])).mappings()
                ]
                for name in named
            } | {"broken": broken_keys(connection)}


def broken_keys(connection: Connection) -> list[dict[str, object]]:
    if connection.dialect.name != "sqlite":
        return []  # PostgreSQL allows none at any time
    return [dict(row) for row in connection.execute(text("PRAGMA foreign_key_check")).mappings()]


def by_id(rows: list[dict[str, object]], name: str) -> dict[str, object]:
    return next(row for row in rows if row["id"] == IDS[name])


def test_a_visit_that_waits_goes_on_waiting_from_its_arrival(migrated):
    visit = by_id(migrated["visit"], "waits")

    assert visit["waits_from"] == visit["stage_since"] == visit["arrived_at"] == at(9, 0)
    assert (visit["calling_class"], visit["priority"], visit["by_hand"]) == (2, False, False)
    assert (visit["inside"], visit["ended_at"], visit["carried_over"]) == (False, None, None)


def test_a_visit_that_was_sent_on_keeps_since_when_it_is_at_its_stage(migrated):
    visit = by_id(migrated["visit"], "moved")

    assert (visit["stage_since"], visit["waits_from"]) == (at(9, 15), at(9, 1))
    assert (visit["first_called_at"], visit["inside"]) == (at(9, 20), True)


def test_a_finished_visit_has_its_end_and_is_not_inside(migrated):
    visit = by_id(migrated["visit"], "ended")

    assert (visit["ended_at"], visit["inside"]) == (at(0, 45, 22), False)


def test_each_action_has_the_visit_before_and_after_it(migrated):
    actions = migrated["staff_action"]
    chain = [by_id(actions, name) for name in ("call", "forward", "again")]

    assert [a["before"]["version"] for a in chain] == [1, 2, 3]
    assert [a["after"]["version"] for a in chain] == [2, 3, 4]
    assert all(one["after"] == next_["before"] for one, next_ in itertools.pairwise(chain))
    assert chain[0]["before"]["state"] == "waiting"
    assert chain[1]["after"]["stage_since"] == at(9, 15).isoformat()
    assert chain[2]["after"]["called_at"] == at(9, 20).isoformat()
    assert not any(action["undone"] for action in actions)


def test_an_action_that_found_nobody_stays_empty(migrated):
    nobody = by_id(migrated["staff_action"], "none")

    assert (nobody["visit"], nobody["before"], nobody["after"]) == (None, None, None)


def test_what_was_passed_can_be_measured(migrated):
    forward, finish = (by_id(migrated["passage"], name) for name in ("forward", "finish"))

    assert (forward["stage"], forward["persons"], forward["counter"]) == ("a", 1, "1")
    assert (forward["waited_from"], forward["ended_at"]) == (at(9, 1), at(9, 15))
    assert (finish["first_called_at"], finish["served_at"]) == (at(0, 35, 22), at(0, 40, 22))
    assert finish["ended_by"] == "finish"
    assert len(migrated["passage"]) == 2


def test_what_ended_before_four_in_the_morning_belongs_to_the_day_before(migrated):
    assert by_id(migrated["passage"], "finish")["service_day"] == date(2026, 11, 21)


def test_no_row_points_into_nothing(migrated):
    assert migrated["broken"] == []
