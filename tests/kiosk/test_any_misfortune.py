"""Whatever befalls printers, lines and kiosk: no slip twice, mixed, or against its word."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printer.profile import Clear, Profile, load_profile
from printer.virtual.condition import Fault
from tests.kiosk.misfortunes import Killed, Paper, World

ABLE = load_profile("virtual-58")
PLAIN = load_profile("generic-58")
PROFILES = (
    ABLE,
    PLAIN,
    replace(ABLE, clear=Clear.DC4),
    replace(ABLE, clear=Clear.NONE),
    replace(PLAIN, clear=Clear.NONE),
)
BLIND = replace(PLAIN, blind=True)

FAULTS = sorted(set(Fault) - {Fault.CABLE_CUT, Fault.STALE, Fault.MUTE_WRITING}, key=str)
"""What can befall the machine; the cable's own faults are the line's here."""

Befalls = Callable[[World, Paper], None]


def suffers(fault: Fault, _: World, paper: Paper) -> None:
    paper.machine.fault = fault


def is_unplugged(_: World, paper: Paper) -> None:
    paper.unplugged = True


def is_switched_off_and_on(_: World, paper: Paper) -> None:
    paper.power_cycle()


def is_mended(world: World, _: Paper) -> None:
    world.mend()


def kiosk_is_killed(world: World, _: Paper) -> None:
    world.power_is_cut()
    raise Killed


def staff_say_empty_too_soon(then: Befalls, world: World, paper: Paper) -> None:
    """Say it of the printer while a slip is on its way, before that breaks off."""
    world.staff_say_empty()
    then(world, paper)


EVENTS: tuple[Befalls, ...] = (
    *(partial(suffers, fault) for fault in FAULTS),
    is_unplugged,
    is_switched_off_and_on,
    is_mended,
)
WITHIN = (
    *EVENTS,
    *[kiosk_is_killed] * 5,
    *(partial(staff_say_empty_too_soon, event) for event in (*EVENTS, kiosk_is_killed)),
)

Step = Callable[[World], None]


def at_once(event: Befalls, which: int, world: World) -> None:
    event(world, world.papers[which % len(world.papers)])


def within(event: Befalls, which: int, share: float, world: World) -> None:
    paper = world.papers[which % len(world.papers)]
    paper.within(share, partial(event, world, paper))


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.just(partial(World.party, answers=True)),
    st.just(partial(World.party, answers=False)),
    st.just(World.idle),
    st.just(World.mend),
    st.just(World.restart),
    st.just(World.staff_empty),
    st.builds(partial, st.just(at_once), st.sampled_from(EVENTS), st.integers(0, 1)),
    st.builds(
        partial,
        st.just(within),
        st.sampled_from(WITHIN),
        st.integers(0, 1),
        st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]),
    ),
)
DAYS = given(
    profile=st.sampled_from(PROFILES),
    second=st.none() | st.sampled_from(PROFILES),
    steps=st.lists(STEPS, min_size=2, max_size=12),
    deaf=st.booleans(),
)
BLIND_DAYS = given(
    profile=st.just(BLIND),
    second=st.none() | st.sampled_from([ABLE, BLIND]),
    steps=st.lists(STEPS, min_size=2, max_size=12),
    deaf=st.just(False),  # noqa: FBT003  # nobody would learn that it has not heard
)


def live(profile: Profile, second: Profile | None, steps: list[Step], *, deaf: bool) -> list[str]:
    """Live through a day; return what went wrong in it."""
    profiles = [profile] if second is None else [profile, second]
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # made anew below it
    with TemporaryDirectory(dir=memory, prefix="ankunft-test-") as folder:
        world = World(Path(folder), *profiles, deaf=deaf)
        try:
            for step in steps:
                step(world)
            world.mend()
            world.party(answers=True)
            return world.verdict()
        finally:
            world.close()


def test_half_slips_of_a_killed_kiosk_and_of_an_ended_roll_harm_no_other() -> None:
    steps: list[Step] = [
        partial(within, kiosk_is_killed, 0, 0.5),
        partial(World.party, answers=True),
        partial(within, partial(suffers, Fault.PAPER_OUT), 0, 0.3),
        partial(World.party, answers=True),
        World.restart,
    ]

    assert live(PLAIN, ABLE, steps, deaf=True) == []


@pytest.mark.parametrize("befalls", [is_unplugged, kiosk_is_killed])
@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("noted", [False, True])
def test_a_printer_said_to_be_empty_while_a_slip_is_printed_is_not_taken_for_empty_after_it(
    befalls: Befalls, *, noted: bool, restarted: bool
) -> None:
    """Also where it was noted on disk before that slip, and the word took the note away."""
    breaks_off: list[Step] = [
        partial(within, is_unplugged, 0, 0.5),
        partial(World.party, answers=False),
        World.mend,
    ]
    steps: list[Step] = [
        *(breaks_off if noted else []),
        partial(within, partial(staff_say_empty_too_soon, befalls), 0, 0.5),
        partial(World.party, answers=False),
        *([World.restart] if restarted else []),
    ]

    assert live(ABLE if noted else replace(ABLE, clear=Clear.NONE), None, steps, deaf=True) == []


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@DAYS
def test_whatever_happens_no_slip_comes_out_twice_mixed_or_against_its_word(
    profile: Profile, second: Profile | None, steps: list[Step], *, deaf: bool
) -> None:
    assert live(profile, second, steps, deaf=deaf) == []


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@BLIND_DAYS
def test_no_slip_of_a_blind_printer_comes_out_twice_or_mixed(
    profile: Profile, second: Profile | None, steps: list[Step], *, deaf: bool
) -> None:
    assert live(profile, second, steps, deaf=deaf) == []
