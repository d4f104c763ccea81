"""Rows that are inserted in bulk are the rows that SQLAlchemy's own insert would have made."""

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from server_stub import tables
from server_stub.bulk_insert import insert_all
from tests.server_stub.enrolled import MONDAY_NOON, new_id

IN_TOKYO = datetime(2026, 11, 23, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))


def writing(room):
    return room.engine.execution_options(writes=True).begin()


def events(site: str) -> list[dict[str, object]]:
    return [
        {"site": site, "number": number, "kind": kind, "about": about, "detail": detail, "at": at}
        for number, kind, about, detail, at in (
            (1, "check-in", new_id(), None, MONDAY_NOON),
            (2, "it's %s, ? and ü", None, 'a "quoted" :detail', IN_TOKYO),
            (2**53, "", None, "", MONDAY_NOON),
        )
    ]


def test_values_of_every_kind_arrive_as_they_were_given(room):
    rows = events(room.site.id)
    body = [{"site": room.site.id, "id": new_id(), "body": b"\x00\xff%s"}]

    with writing(room) as connection:
        insert_all(connection, tables.event, rows)
        insert_all(connection, tables.check_in_body, body)
    in_bulk = room.rows(tables.event), room.rows(tables.check_in_body)
    room.empty()
    with writing(room) as connection:
        connection.execute(insert(tables.event), rows)
        connection.execute(insert(tables.check_in_body), body)

    assert in_bulk == (room.rows(tables.event), room.rows(tables.check_in_body))
    assert in_bulk[0] == rows


def test_no_rows_are_no_statement(room):
    with writing(room) as connection:
        insert_all(connection, tables.event, [])

    assert room.rows(tables.event) == []


def test_a_time_without_a_zone_is_refused_here_too(room):
    (row, *_) = events(room.site.id)

    with writing(room) as connection, pytest.raises(ValueError, match="without a zone"):
        insert_all(connection, tables.event, [row | {"at": MONDAY_NOON.replace(tzinfo=None)}])


def test_a_broken_constraint_is_told_as_sqlalchemy_tells_it_and_without_values(room):
    (row, *_) = events(room.site.id)

    with pytest.raises(IntegrityError) as told, writing(room) as connection:
        insert_all(connection, tables.event, [row, row])

    assert str(row["about"]) not in str(told.value)
    assert room.rows(tables.event) == []
