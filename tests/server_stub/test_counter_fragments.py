"""What counter pages are sent: only what changed, and the slips of numbers by hand."""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from server_stub.calling import NobodyWaits
from server_stub.counter_fragments import counter_channels
from server_stub.counter_slips import MOST_ON_A_SHORT_SLIP, slip_of
from server_stub.counter_view import SHOWN, LatestViews
from server_stub.snapshot import VisitRow
from server_stub.ticket_texts import LANGUAGES
from tests.server_stub.enrolled import MONDAY_NOON, party

TOKEN = "k" * 22

DESK_3 = r'<hx-partial hx-target="#desk-3".*?</hx-partial>'


def targets(html: str) -> set[str]:
    """Return what of a page is replaced."""
    return set(re.findall(r'<hx-partial hx-target="([^"]+)"', html))


def channel(room, language):
    """Return what renders the channel of a language."""
    site = lambda: room.room.site  # noqa: E731
    return counter_channels(site, LatestViews(site))[f"counter/{language}"]


@pytest.fixture
def send(room, clock):
    """Return where the channel's fragments of what a change came to go."""
    render = channel(room, "en")

    def sent(change) -> set[str]:
        before = room.snapshot()
        clock.move(60)
        change()
        html = render(room.snapshot(), frozenset(), before)
        return targets(html)

    return sent


def test_a_check_in_moves_only_its_stage(room, kiosk, send):
    moved = send(lambda: room.admit(kiosk, kiosk.check_in(1, content=party("housing"))))

    assert moved == {"#desk-3", "#next-3", "#queue-housing", ".waiting-housing"}


def test_the_first_to_come_to_a_free_counter_is_called_by_a_button_that_nobody_has_pressed(
    room, kiosk
):
    render = channel(room, "en")

    def button(before):
        """Return the id of the action that the free counter 3 calls by."""
        (desk,) = re.findall(DESK_3, render(room.snapshot(), frozenset(), before), re.DOTALL)
        return re.search(r'name="action" value="([^"]+)"', desk)[1]

    nobody_here = room.snapshot()
    pressed = button(None)
    press = room.press(counter="3", action=UUID(pressed))
    assert isinstance(room.run(room.room.call_next(press)), NobodyWaits)
    room.admit(kiosk, kiosk.check_in(1, content=party("housing")))

    assert button(nobody_here) != pressed


def test_far_back_in_a_long_queue_only_the_count_moves(room, kiosk, send):
    for sequence in range(1, SHOWN + 3):
        room.admit(kiosk, kiosk.check_in(sequence, content=party("housing")))

    moved = send(lambda: room.admit(kiosk, kiosk.check_in(SHOWN + 3, content=party("housing"))))

    assert moved == {".waiting-housing", ".behind-housing"}


def test_a_call_moves_its_counter_and_who_is_next_at_the_stage(room, kiosk, send):
    for sequence in (1, 2):
        room.admit(kiosk, kiosk.check_in(sequence, content=party("registration")))

    moved = send(lambda: room.call("4"))

    assert moved == {
        *("#desk-4", "#next-4", "#desk-5", "#next-5"),
        *("#queue-registration", ".waiting-registration"),
    }


def test_whoever_was_away_is_sent_all_of_it(room):
    render = channel(room, "de")

    html = render(room.snapshot(), frozenset(), None)

    assert {f"#desk-{counter.id}" for counter in room.site.counters} <= targets(html)


# --- slips ----------------------------------------------------------------------------------------


@pytest.fixture
def visit(room, kiosk) -> VisitRow:
    room.admit(kiosk, kiosk.check_in(1, content=party("information", "housing")))
    return room.snapshot().visits[0]


def with_address(room):
    return room.site.model_copy(update={"public_address": "https://ankunft.example/"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slip_speaks_every_language_of_the_kiosks_and_german(room, visit, language):
    site = with_address(room)
    slip = slip_of(replace(visit, language=language), site, now=MONDAY_NOON, token=TOKEN)

    german = slip_of(replace(visit, language="de"), site, now=MONDAY_NOON, token=TOKEN)
    for both, alone in ((slip.heading, german.heading), (slip.keep, german.keep)):
        assert both.german == ("" if language == "de" else alone.own)
        assert (both.own == alone.own) is (language == "de")
    assert slip.direction == ("rtl" if language in ("ar", "fa") else "ltr")
    assert slip.address == f"https://ankunft.example/t/{TOKEN}"
    assert all(stop.shows for stop in slip.stops)


def test_an_unknown_language_is_written_in_english_and_german(room, visit):
    for language in (None, "rom", "xx"):
        slip = slip_of(replace(visit, language=language), room.site, now=MONDAY_NOON, token=TOKEN)
        assert (slip.heading.own, slip.heading.german) == ("Your number", "Ihre Nummer")


def test_a_copy_and_a_site_without_an_address_have_no_code(room, visit):
    copy = slip_of(visit, with_address(room), now=MONDAY_NOON)
    without = slip_of(visit, room.site, now=MONDAY_NOON, token=TOKEN)

    assert (copy.code, copy.follow, copy.is_copy) == (None, None, True)
    assert (without.code, without.is_copy) == (None, False)


def test_a_slip_shows_the_way_from_where_the_party_is_now(room, visit):
    further = replace(visit, stage="housing")

    slip = slip_of(further, room.site, now=MONDAY_NOON)

    assert [stop.door for stop in slip.stops] == ["2"]
    assert not slip.is_long
    route = tuple(stage.id for stage in room.site.stages)
    assert len(route) <= MOST_ON_A_SHORT_SLIP
