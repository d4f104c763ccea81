from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from kiosk.contract.hours import Closure, Hours
from kiosk.contract.site import Site
from server_stub.hall_forecast import Desks
from server_stub.hall_rules import (
    Advice,
    Level,
    Missing,
    Need,
    PartyHere,
    advise,
    is_open,
    level,
    longest_first,
    missing,
)
from server_stub.visit import VisitState

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # a Monday, 12:00 in Berlin
TARGET = timedelta(minutes=20)


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


SENT_ON = PartyHere(
    id=UUID(int=1),
    number="D214",
    stage="housing",
    sent_on=True,
    state=VisitState.WAITING,
    counter=None,
    persons=3,
    priority=False,
    since=ago(5),
    called_at=ago(5),
    calls=0,
    inside=True,
    service_day=date(2026, 11, 23),
    carried_over=None,
    appointment_at=None,
)
CALLED = replace(SENT_ON, state=VisitState.CALLED, counter="3", calls=1, called_at=ago(2))


def why(party: PartyHere, *, open_counters: frozenset[str] = frozenset({"3"})) -> Missing | None:
    return missing(party, open_counters=open_counters, at=NOON)


# --- who is to be looked for ----------------------------------------------------------------------


def test_a_party_that_waits_in_turn_is_not_looked_for() -> None:
    assert why(replace(SENT_ON, since=ago(300))) is None


def test_a_party_that_was_sent_where_nobody_calls_is_looked_for_after_half_an_hour() -> None:
    nobody: frozenset[str] = frozenset()

    assert why(replace(SENT_ON, since=ago(30)), open_counters=nobody) is None
    assert why(replace(SENT_ON, since=ago(31)), open_counters=nobody) is Missing.NOBODY_CALLS


def test_a_party_that_was_called_three_times_is_looked_for() -> None:
    assert why(CALLED) is None
    assert why(replace(CALLED, calls=3)) is Missing.CALLED_IN_VAIN


def test_a_party_that_was_called_and_not_noted_is_looked_for_after_ten_minutes() -> None:
    assert why(replace(CALLED, called_at=ago(10))) is None
    assert why(replace(CALLED, called_at=ago(11))) is Missing.NOT_NOTED


def test_who_did_not_come_is_looked_for_and_who_was_put_back_is_not() -> None:
    parked = replace(SENT_ON, state=VisitState.PARKED, calls=3)

    assert why(replace(parked, inside=False)) is Missing.PUT_ASIDE
    assert why(parked) is None


def test_who_never_passed_a_stage_has_just_gone() -> None:
    """At the first stage nobody was sent on: an absent party there is a no-show like any other."""
    for party in (
        replace(CALLED, calls=3),
        replace(SENT_ON, state=VisitState.PARKED, inside=False),
    ):
        assert why(replace(party, sent_on=False)) is None


@pytest.mark.parametrize("state", [VisitState.CALLED, VisitState.SERVING])
def test_a_visit_that_nobody_has_ended_for_four_hours_is_looked_for(state: VisitState) -> None:
    for sent_on in (True, False):
        party = replace(CALLED, state=state, sent_on=sent_on, called_at=ago(241))
        assert why(party) is Missing.FORGOTTEN


def test_who_waits_the_longest_comes_first_and_who_is_called_waits_no_more() -> None:
    late = replace(SENT_ON, number="D216", since=ago(1))
    early = replace(SENT_ON, number="D215", since=ago(90))

    assert longest_first([late, CALLED, early, SENT_ON], most=2) == [early, SENT_ON]


# --- where people are needed ----------------------------------------------------------------------


def advice(
    *,
    waiting: int = 0,
    open_counters: int = 0,
    counters: int = 4,
    desks: Desks | None = None,
    is_open: bool = True,
) -> Advice:
    return advise(
        waiting=waiting,
        open_counters=open_counters,
        counters=counters,
        desks=desks,
        is_open=is_open,
    )


def test_where_somebody_waits_and_nobody_calls_a_counter_is_opened_before_anything_is_measured():
    assert advice(waiting=1) == Advice(Need.OPEN_ONE, 1)
    assert advice(waiting=9, desks=Desks(2, 3)) == Advice(Need.OPEN_ONE, 3)
    assert advice(waiting=9, desks=Desks(2, 30)) == Advice(Need.OPEN_ONE, 4)


def test_more_counters_are_asked_for_up_to_those_that_there_are() -> None:
    assert advice(waiting=9, open_counters=2, desks=Desks(3, 3)) == Advice(Need.MORE, 1)
    assert advice(waiting=9, open_counters=2, desks=Desks(3, 9)) == Advice(Need.MORE, 2)
    assert advice(waiting=9, open_counters=4, desks=Desks(3, 9)) == Advice(Need.ALL_OPEN, 5)


def test_a_counter_is_spared_only_beyond_the_last() -> None:
    assert advice(open_counters=4, desks=Desks(2, 0)) == Advice(Need.SPARE, 2)
    assert advice(open_counters=1, desks=Desks(0, 0)) == Advice(Need.NONE)
    assert advice(open_counters=2, desks=Desks(0, 0)) == Advice(Need.SPARE, 1)


def test_a_closed_stage_gives_its_counters_away_but_for_its_last_party() -> None:
    assert advice(is_open=False) == Advice(Need.CLOSED)
    assert advice(is_open=False, open_counters=2, desks=Desks(1, 0)) == Advice(Need.SPARE, 2)
    assert advice(is_open=False, waiting=1) == Advice(Need.OPEN_ONE, 1)


def test_what_was_never_measured_gets_no_advice() -> None:
    assert advice(waiting=9, open_counters=1) == Advice(Need.UNKNOWN)


@pytest.mark.parametrize(
    ("minutes", "need", "expected"),
    [
        (None, Need.NONE, Level.FINE),
        (20, Need.NONE, Level.FINE),
        (21, Need.NONE, Level.SOON),
        (40, Need.SPARE, Level.SOON),
        (41, Need.NONE, Level.URGENT),
        (0, Need.MORE, Level.SOON),
        (0, Need.ALL_OPEN, Level.SOON),
        (0, Need.OPEN_ONE, Level.URGENT),
    ],
)
def test_how_soon_to_look_at_a_stage(minutes: int | None, need: Need, expected: Level) -> None:
    longest = None if minutes is None else timedelta(minutes=minutes)

    assert level(Advice(need), longest=longest, target=TARGET, is_quiet=False) is expected


def test_a_stage_at_which_nothing_happens_is_calm() -> None:
    assert level(Advice(Need.NONE), longest=None, target=TARGET, is_quiet=True) is Level.CALM


# --- hours ----------------------------------------------------------------------------------------


def open_at(site: Site, moment: datetime, *, stage: int = 0) -> bool:
    return is_open(site, site.stages[stage], at=moment)


def test_a_site_without_hours_is_always_open(plain_site: Site) -> None:
    assert open_at(plain_site.model_copy(update={"hours": None}), NOON)


def test_hours_are_those_on_the_wall(plain_site: Site) -> None:
    site = plain_site.model_copy(update={"hours": Hours(every_day=("08:00-18:00",))})
    clocks = ("07:59", "08:00", "17:59", "18:00")

    found = [open_at(site, datetime.fromisoformat(f"2026-11-23T{at}:00+01:00")) for at in clocks]

    assert found == [False, True, True, False]


def test_what_is_open_past_midnight_belongs_to_the_day_before(plain_site: Site) -> None:
    site = plain_site.model_copy(update={"hours": Hours(mon=("20:00-02:00 next day",))})

    assert open_at(site, datetime.fromisoformat("2026-11-24T01:59:00+01:00"))
    assert not open_at(site, datetime.fromisoformat("2026-11-24T02:00:00+01:00"))
    assert not open_at(site, datetime.fromisoformat("2026-11-23T01:00:00+01:00"))


def test_a_stage_has_hours_of_its_own_within_the_sites(plain_site: Site) -> None:
    first = plain_site.stages[0].model_copy(update={"hours": Hours(every_day=("09:00-12:00",))})
    site = plain_site.model_copy(update={"stages": (first, *plain_site.stages[1:]), "hours": None})

    assert open_at(site, NOON - timedelta(minutes=1))
    assert not open_at(site, NOON)
    assert open_at(site, NOON, stage=1)


def test_a_closure_stands_above_the_hours_of_the_week(plain_site: Site) -> None:
    closures = (Closure(days="2026-11-23", hours=("08:00-10:00",)),)
    site = plain_site.model_copy(update={"closures": closures, "hours": None})

    assert not open_at(site, NOON)
    assert open_at(site, NOON - timedelta(hours=3))
    assert open_at(site, NOON + timedelta(days=1))
