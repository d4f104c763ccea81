from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.contract.site import Counter, Site, Stage
from server_stub.site_moves import Move, Way, Why, move, way_on
from server_stub.visit import OPEN, Step, VisitState
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.progresses import STAGES, WAITING, after

LANDMARKS = ("tree", "fish", "boat", "umbrella")


def site_of(*stages: str, counters: str = "") -> Site:
    """A site of some of the four stages; counters as in ``"1:housing"``, else one for each."""
    names = counters.split() or [f"{n}:{stage}" for n, stage in enumerate(stages, 1)]
    return Site(
        id="s",
        name="S",
        languages=("de",),
        stages=tuple(
            Stage(
                id=stage,
                name={"de": stage, "en": stage},
                landmark=LANDMARKS[STAGES.index(stage)],
                door=str(STAGES.index(stage) + 1),
            )
            for stage in stages
        ),
        counters=tuple(
            Counter(id=name, stage=stage) for name, _, stage in (n.partition(":") for n in names)
        ),
    )


@pytest.mark.parametrize(
    ("route", "stage", "there", "way"),
    [
        # nothing of it is gone
        ("i h b", "h", "i h r b", Way(("information", "housing", "benefits"), "housing")),
        # a stage to come
        ("i h b", "i", "i b", Way(("information", "benefits"), "information")),
        # the stage where it is: on to the next
        ("i h b", "h", "i b", Way(("information", "benefits"), "benefits")),
        ("i h r b", "h", "i b", Way(("information", "benefits"), "benefits")),
        # one that it has passed
        ("i h b", "b", "i b", Way(("information", "benefits"), "benefits")),
        # nothing is left: asked again, at the first stage, whether it was there or not
        ("i h", "h", "i b", Way(("information",), "information", asked_again=True)),
        ("h", "h", "r b", Way(("registration",), "registration", asked_again=True)),
        (
            *("i r h", "h", "i r"),
            Way(("registration", "information"), "information", asked_again=True),
        ),
    ],
)
def test_a_party_goes_on_at_the_next_stage_that_there_is(route, stage, there, way):
    names = {name[0]: name for name in STAGES}
    site = site_of(*(names[short] for short in there.split()))

    assert way_on(tuple(names[s] for s in route.split()), names[stage], site) == way


routes = st.lists(st.sampled_from(STAGES), min_size=1, unique=True)


@given(route=routes, there=routes, at=st.integers(0, 3))
def test_wherever_a_party_is_it_has_a_stage_and_loses_none_that_there_is(route, there, at):
    stage = route[at % len(route)]
    to_come = [s for s in route[route.index(stage) :] if s in there]

    way = way_on(tuple(route), stage, site_of(*there))

    assert set(way.route) <= set(there)
    assert len(set(way.route)) == len(way.route)
    assert way.asked_again == (not to_come)
    later = list(way.route[way.route.index(way.stage) :])
    assert later == (to_come or [there[0]])


def test_a_party_that_lacks_nothing_is_left_alone():
    serving = after(WAITING, Step.CALL, Step.SERVE)

    assert move(WAITING, site_of("information", "housing")) is None
    assert move(serving, site_of("information", "housing", counters="1:information")) is None


@pytest.mark.parametrize("state", OPEN)
def test_a_party_whose_stage_is_gone_keeps_its_place_in_line(state):
    way_there = {
        VisitState.WAITING: (),
        VisitState.CALLED: (Step.CALL,),
        VisitState.SERVING: (Step.CALL, Step.SERVE),
        VisitState.PARKED: (Step.CALL, Step.SERVE, Step.PARK),
    }
    visit = after(WAITING, *way_there[state])

    made = move(visit, site_of("housing", "benefits"))
    then = made.of(visit, at=MONDAY_NOON)

    assert (made.why, made.step, made.lost) == (Why.STAGE, Step.MOVE, ("information",))
    parked = state is VisitState.PARKED
    assert then.state is (VisitState.PARKED if parked else VisitState.WAITING)
    assert (then.stage, then.route, then.calls) == ("housing", ("housing",), 0)
    assert (then.waits_from, then.stage_since) == (visit.waits_from, MONDAY_NOON)


@pytest.mark.parametrize("counters", ["2:information 3:housing", "1:housing"])
def test_a_party_whose_counter_is_gone_or_another_stages_waits_again(counters):
    visit = after(WAITING, Step.CALL, Step.SERVE)

    made = move(visit, site_of("information", "housing", counters=counters))
    then = made.of(visit, at=MONDAY_NOON)

    assert (made.why, made.lost) == (Why.COUNTER, ())
    assert (then.state, then.stage, then.calls) == (VisitState.WAITING, "information", 0)
    assert (then.waits_from, then.stage_since) == (visit.waits_from, visit.stage_since)


def test_a_party_that_only_loses_a_stage_to_come_stays_where_it_is():
    visit = after(replace(WAITING, route=STAGES), Step.CALL, Step.SERVE)

    made = move(visit, site_of("information", "benefits"))
    then = made.of(visit, at=MONDAY_NOON)

    assert made == Move(
        Why.ROUTE, Way(("information", "benefits"), "information"), ("housing", "registration")
    )
    assert (then.state, then.counter, then.version) == (VisitState.SERVING, "1", visit.version + 1)
    assert then.route == ("information", "benefits")


def test_a_counter_of_the_past_frees_nobody_who_waits_elsewhere():
    called_before = replace(after(WAITING, Step.CALL, Step.FORWARD), counter="9")

    assert move(called_before, site_of("information", "housing")) is None
