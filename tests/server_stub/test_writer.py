import asyncio
import threading
from concurrent.futures import Future
from functools import partial

import pytest
from sqlalchemy import select, text

from server_stub import event_log, tables
from server_stub.bulk_insert import insert_all
from server_stub.event_log import EventKind
from server_stub.writer import MOST_COMMANDS, TryAgainError, Writer, WriterClosedError
from tests.server_stub.enrolled import MONDAY_NOON, new_id
from tests.server_stub.open_room import open_room

pytestmark = pytest.mark.both_databases


append = partial(event_log.append, about=None, at=MONDAY_NOON, kind=EventKind.CHECK_IN)


class BrokenCommandError(Exception):
    pass


@pytest.fixture
def own_room(settings):
    """A store of the test's own, for what changes its connections."""
    with open_room(settings) as room:
        room.empty()  # but for the site and its kiosks
        yield room


def while_busy(writer: Writer, *commands) -> list[Future]:
    """Submit commands while the writer is busy, so that they make one batch."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(_connection):
        busy.set()
        go_on.wait(10)

    held = writer.submit(hold)
    assert busy.wait(10)
    futures = [writer.submit(command) for command in commands]
    go_on.set()
    held.result(10)
    return futures


def test_commands_that_come_while_the_writer_is_busy_share_one_commit(room):
    site = room.site.id
    commits, commands = room.writer.commits, room.writer.commands

    futures = while_busy(room.writer, *([lambda c: append(c, site)] * 50))

    for future in futures:
        future.result(10)
    assert room.writer.commands - commands == 51
    assert room.writer.commits - commits == 2
    assert len(room.events()) == 50


def test_a_batch_has_an_end(room):
    commits = room.writer.commits

    futures = while_busy(room.writer, *([lambda _: None] * (MOST_COMMANDS + 1)))

    futures[-1].result(10)
    assert room.writer.commits - commits == 3


def test_a_command_that_fails_leaves_the_others_of_its_batch_alone(room):
    site = room.site.id

    def broken(connection):
        append(connection, site)
        raise BrokenCommandError

    def good(connection):
        append(connection, site)

    first, failed, last = while_busy(room.writer, good, broken, good)

    assert (first.result(10), last.result(10)) == (None, None)
    with pytest.raises(BrokenCommandError):
        failed.result(10)
    assert [event.number for event in room.events()] == [1, 2]


def test_a_command_that_the_database_refuses_may_be_tried_again_and_spoils_nothing(room):
    site = room.site.id

    def twice(connection):
        connection.execute(tables.display.insert(), 2 * [display(site)])

    good, failed = while_busy(room.writer, lambda c: append(c, site), twice)

    good.result(10)
    with pytest.raises(TryAgainError):
        failed.result(10)
    assert room.rows(tables.display) == []
    assert len(room.events()) == 1


def display(site):
    return {"site": site, "name": "hall", "token_sha256": "0" * 64, "created_at": MONDAY_NOON}


def given_together(writer: Writer, bulk, *items) -> list[Future]:
    """Submit items to a bulk command while the writer is busy, so that they wait together."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(_connection):
        busy.set()
        go_on.wait(10)

    writer.submit(hold)
    assert busy.wait(10)
    futures = [writer.submit_to(bulk, item) for item in items]
    go_on.set()
    return futures


def test_items_that_wait_for_the_same_command_are_given_to_it_together(room):
    given = []

    def double(_connection, items):
        given.append(list(items))
        return [2 * item for item in items]

    futures = given_together(room.writer, double, 1, 2, 3)

    assert [future.result(10) for future in futures] == [2, 4, 6]
    assert given == [[1, 2, 3]]


def test_an_item_that_is_refused_leaves_the_others_of_its_command_alone(room):
    def refuse_two(_connection, items):
        return [BrokenCommandError() if item == 2 else item for item in items]

    first, refused, last = given_together(room.writer, refuse_two, 1, 2, 3)

    assert (first.result(10), last.result(10)) == (1, 3)
    with pytest.raises(BrokenCommandError):
        refused.result(10)


def test_a_command_that_breaks_over_one_item_is_run_for_each_alone(room):
    site = room.site.id

    def break_over_two(connection, items):
        for item in items:
            append(connection, site)
            if item == 2:
                raise BrokenCommandError
        return items

    first, broken, last = given_together(room.writer, break_over_two, 1, 2, 3)

    assert (first.result(10), last.result(10)) == (1, 3)
    with pytest.raises(BrokenCommandError):
        broken.result(10)
    assert [event.number for event in room.events()] == [1, 2]


def test_a_command_that_answers_for_too_few_items_is_run_for_each_alone(room):
    def forget_the_last(_connection, items):
        return items[:-1] if len(items) > 1 else items

    futures = given_together(room.writer, forget_the_last, 1, 2, 3)

    assert [future.result(10) for future in futures] == [1, 2, 3]


def test_what_the_database_refuses_of_one_item_leaves_the_others_of_its_command_alone(room):
    site = room.site.id

    def store(connection, numbers):
        rows = [
            {"site": site, "number": number, "kind": "day", "about": None, "at": MONDAY_NOON}
            for number in numbers
        ]
        insert_all(connection, tables.event, rows)  # on PostgreSQL refused only at the end
        return numbers

    first, twice, last = given_together(room.writer, store, 1_000, 1_000, 1_001)

    assert (first.result(10), last.result(10)) == (1_000, 1_001)
    with pytest.raises(TryAgainError):
        twice.result(10)
    assert [row["number"] for row in room.rows(tables.event)] == [1_000, 1_001]


def test_a_command_for_many_items_reads_what_it_has_written(room):
    site = room.site.id

    def count(connection, items):
        for _ in items:
            append(connection, site)
        found = connection.execute(select(tables.event.c.number).order_by(tables.event.c.number))
        return found.scalars().all()

    futures = given_together(room.writer, count, "a", "b")

    assert [future.result(10) for future in futures] == [1, 2]


def test_nobody_is_answered_before_the_commit(room):
    site = room.site.id
    seen = []

    def look(_future):
        with room.engine.connect() as connection:
            seen.append(connection.execute(select(tables.event.c.number)).scalars().all())

    def first(connection):
        append(connection, site)

    one, two = while_busy(room.writer, first, lambda c: append(c, site))
    one.add_done_callback(look)
    two.result(10)
    one.result(10)

    assert seen == [[1, 2]]


@pytest.mark.sqlite
def test_a_commit_that_fails_tells_everyone_to_try_again_and_stores_nothing(own_room):
    """SQLite checks a deferred foreign key at COMMIT: the one place where it can fail for real."""
    site = own_room.site.id

    def refused_at_commit(connection):
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(
            tables.staff_session.insert().values(
                site=site,
                id_sha256="0" * 64,
                staff="nobody",
                language="de",
                created_at=MONDAY_NOON,
                expires_at=MONDAY_NOON,
            )
        )

    def told_no(_connection):
        raise BrokenCommandError

    futures = while_busy(own_room.writer, lambda c: append(c, site), refused_at_commit, told_no)

    for future in futures:
        with pytest.raises(TryAgainError):
            future.result(10)
    assert own_room.events() == []
    own_room.writer.submit(lambda c: append(c, site)).result(10)
    assert [event.number for event in own_room.events()] == [1]


@pytest.mark.sqlite
def test_a_full_disk_tells_everyone_to_try_again_and_the_writer_goes_on(own_room):
    site = own_room.site.id

    def limit_pages(connection, *, more: int):
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + more}"))

    def too_much(connection):
        row = {"site": site, "id": new_id(), "body": b"x" * 1_000_000}
        connection.execute(tables.check_in_body.insert(), row)

    own_room.writer.submit(partial(limit_pages, more=20)).result(10)

    before, failed, after = while_busy(
        own_room.writer, lambda c: append(c, site), too_much, lambda c: append(c, site)
    )

    for future in (before, failed, after):
        with pytest.raises(TryAgainError):
            future.result(10)
    assert own_room.events() == []
    own_room.writer.submit(lambda c: append(c, site)).result(10)
    assert [event.number for event in own_room.events()] == [1]


def test_a_command_that_nobody_waits_for_any_more_is_not_run(room):
    site = room.site.id
    busy, go_on = threading.Event(), threading.Event()
    held = room.writer.submit(lambda _: (busy.set(), go_on.wait(10)))
    assert busy.wait(10)
    later = room.writer.submit(lambda c: append(c, site))

    assert later.cancel()

    go_on.set()
    held.result(10)
    room.writer.submit(lambda _: None).result(10)
    assert room.events() == []


def test_every_commit_is_announced_after_it(own_room):
    site = own_room.site.id
    announced = []

    def look():
        with own_room.engine.connect() as connection:
            announced.append(len(connection.execute(select(tables.event.c.number)).all()))

    writer = Writer(own_room.engine, site=site, on_commit=look)
    writer.start()
    writer.submit(lambda c: append(c, site)).result(10)
    writer.submit(lambda c: append(c, site)).result(10)
    writer.close()

    assert announced == [1, 2]


def test_a_page_that_cannot_be_told_does_not_stop_the_writer(own_room, caplog):
    def broken():
        raise BrokenCommandError

    writer = Writer(own_room.engine, site=own_room.site.id, on_commit=broken)
    writer.start()

    assert writer.submit(lambda _: 1).result(10) == 1
    assert writer.submit(lambda _: 2).result(10) == 2
    writer.close()
    assert "commit not announced reason=BrokenCommandError" in caplog.text


def test_a_writer_that_closes_finishes_what_it_was_given_and_takes_no_more(own_room):
    site = own_room.site.id
    writer = Writer(own_room.engine, site=site, on_commit=lambda: None)
    writer.start()
    futures = [writer.submit(lambda c: append(c, site)) for _ in range(20)]

    writer.close()

    assert all(future.done() for future in futures)
    assert len(own_room.events()) == 20
    with pytest.raises(WriterClosedError):
        writer.submit(lambda _: None).result(10)
    writer.close()


def test_an_event_loop_is_called_once_for_all_its_answers_of_a_batch(room):
    calls = []

    async def ask_many() -> list[int]:
        loop = asyncio.get_running_loop()
        threadsafe = loop.call_soon_threadsafe
        busy, go_on = threading.Event(), threading.Event()
        held = room.writer.submit(lambda _: (busy.set(), go_on.wait(10)))
        assert busy.wait(10)
        answers = [room.writer.ask(lambda _, n=n: n) for n in range(20)]
        loop.call_soon_threadsafe = lambda *asked: (calls.append(asked), threadsafe(*asked))
        go_on.set()
        held.result(10)
        return await asyncio.gather(*answers)

    assert asyncio.run(ask_many()) == list(range(20))
    assert len(calls) == 1


def test_who_asks_in_an_event_loop_is_told_what_the_command_raised(room):
    def broken(_connection):
        raise BrokenCommandError

    async def ask() -> None:
        await room.writer.ask(broken)

    with pytest.raises(BrokenCommandError):
        asyncio.run(ask())


def test_who_asks_a_closed_writer_is_told_to_try_again(own_room):
    own_room.writer.close()

    async def ask() -> None:
        await own_room.writer.ask(lambda _: None)

    with pytest.raises(WriterClosedError):
        asyncio.run(ask())


def test_who_went_away_leaves_the_others_their_answers(room):
    async def ask() -> int:
        busy, go_on = threading.Event(), threading.Event()
        room.writer.submit(lambda _: (busy.set(), go_on.wait(10)))
        assert busy.wait(10)
        gone, patient = (room.writer.ask(lambda _, n=n: n) for n in (1, 2))
        gone.cancel()
        go_on.set()
        return await patient

    assert asyncio.run(ask()) == 2


def test_an_event_loop_that_has_ended_does_not_end_the_writer(room):
    busy, go_on = threading.Event(), threading.Event()

    async def ask() -> None:
        room.writer.submit(lambda _: (busy.set(), go_on.wait(10)))
        assert busy.wait(10)
        room.writer.ask(lambda _: None)

    asyncio.run(ask())
    go_on.set()

    assert room.writer.submit(lambda _: "goes on").result(10) == "goes on"
