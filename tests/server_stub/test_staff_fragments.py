"""What the incoming pages are sent: rows that something happened to, and who is gone."""

import re
from datetime import timedelta

import pytest

from server_stub.page_rendering import opaque
from server_stub.staff_fragments import ranks_of, staff_channels


@pytest.fixture
def send(room):
    """Return what a channel brings of a change that is about these visits."""
    render = staff_channels(lambda: room.site)

    def sent(channel, change, *about) -> str:
        before = room.snapshot()
        change()
        touched = frozenset(visit.id for visit in about)
        return render[f"{channel}/en"](room.snapshot(), touched, before)

    return sent


@pytest.fixture
def three(room, kiosk, clock):
    """Three parties, of which the first has been at counter 1 and is finished."""
    for sequence in (1, 2, 3):
        clock.move(60)
        room.admit(kiosk, kiosk.check_in(sequence))
    return room.do(room.room.finish, room.call_next("1"))


def taken_away(html):
    return re.findall(r'hx-target="#([^"]+)" hx-swap="delete"', html)


def next_day(clock):
    clock.move(timedelta(days=1).total_seconds())


def test_only_who_leaves_is_taken_from_a_helper_and_not_who_left_before(room, three, send):
    called = room.call_next("1")

    html = send("incoming-helper", lambda: room.do(room.room.finish, called), called)

    assert taken_away(html) == [f"party-{opaque(called.id)}"]
    assert opaque(three.id) not in html


def test_whose_visit_goes_on_after_all_is_no_news_to_a_helper(room, three, send):
    html = send("incoming-helper", lambda: room.do(room.room.undo, three), three)

    assert three.number in html
    assert "is-new" not in html
    assert "New:" not in html
    assert taken_away(html) == []


@pytest.fixture
def fourth(kiosk):
    """A party that comes on the day after."""
    return kiosk.check_in(4)


@pytest.fixture
def morning(room, kiosk, clock, fourth):
    """Return what lets the next day begin, and the party come."""

    def begins():
        next_day(clock)
        room.admit(kiosk, fourth)

    return begins


def test_a_new_day_takes_away_who_was_finished_on_the_one_before(three, morning, fourth, send):
    html = send("incoming", morning, fourth)

    assert taken_away(html) == [f"visit-{three.id}"]
    assert "New: D104" in html


def test_a_new_day_takes_nobody_from_a_helper(three, morning, fourth, send):
    html = send("incoming-helper", morning, fourth)

    assert taken_away(html) == []
    assert three.number not in html


def test_who_came_on_an_earlier_day_is_taken_away_when_its_visit_ends(room, clock, three, send):
    next_day(clock)
    called = room.call_next("1")

    html = send("incoming", lambda: room.do(room.room.finish, called), called)

    assert taken_away(html) == [f"visit-{called.id}"]
    assert three.number not in html


def test_who_was_away_as_a_visit_of_an_earlier_day_ended_is_rid_of_it_too(room, clock, three):
    render = staff_channels(lambda: room.site)
    next_day(clock)
    called = room.call_next("1")
    room.do(room.room.finish, called)

    html = render["incoming/en"](room.snapshot(), frozenset({called.id}), None)

    assert taken_away(html) == [f"visit-{called.id}"]
    assert three.number not in html


@pytest.mark.usefixtures("three")
def test_a_finished_visit_of_the_day_stays_in_the_list_of_the_others(room, send):
    called = room.call_next("1")

    html = send("incoming", lambda: room.do(room.room.finish, called), called)

    assert taken_away(html) == []
    assert f'id="visit-{called.id}"' in html
    assert '<hx-partial hx-target="#count-finished" hx-swap="textContent">2<' in html


def test_ranks_are_the_order_of_arrival_also_of_who_came_late(room, kiosk, three):
    room.admit(kiosk, kiosk.check_in(9), age=90)
    snapshot = room.snapshot()
    oldest_first = list(reversed(snapshot.visits))

    ranks = ranks_of(snapshot.visits, snapshot)

    assert [ranks[visit.id] for visit in oldest_first] == [1, 2, 3, 4]
    assert ranks_of([three], snapshot) == {three.id: ranks[three.id]}
