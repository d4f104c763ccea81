"""A site file is put in force while parties are here."""

from functools import partial

import pytest

from kiosk.contract import paths
from kiosk.contract.messages import HeartbeatAnswer
from kiosk.contract.site import SiteAnswer
from kiosk.contract.site_file import parse_site
from server_stub import daily_figures, site_versions, tables, taking_site
from server_stub.event_log import EventKind
from server_stub.live import RELOAD, Hub
from server_stub.news import news_of_others
from server_stub.progress import Correction
from server_stub.retention_periods import PROMISED_HOURS
from server_stub.site_in_force import load_site
from server_stub.site_versions import UnknownVersionError
from server_stub.step_errors import NotOfThisSiteError, UnknownCounterError
from server_stub.store import database_url
from server_stub.taking_site import SiteNotTakenError, SomebodyFasterError
from server_stub.undoing import SetRight
from server_stub.visit import IllegalStepError, VisitState
from tests.server_stub.enrolled import MONDAY_NOON, party
from tests.server_stub.open_room import open_room
from tests.server_stub.site_drafts import (
    asking_for_a_letter,
    offering_letters,
    with_keys,
    without_counters,
    without_stages,
)
from tests.server_stub.test_closing import findings
from tests.server_stub.test_served_by_hand import Outage

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]  # each puts a site file in force


@pytest.fixture
def room(settings):
    """A room whose site file the test may change."""
    with open_room(settings) as opened:
        yield opened


@pytest.fixture
def toml(site_file) -> str:
    return site_file.read_text(encoding="utf-8")


def take(room, toml: str, *, seen: int = 1, staff: str = "berta", note: str | None = None):
    proposal = taking_site.proposed(toml, source="new.toml", staff=staff, seen=seen, note=note)
    return room.run(room.room.take_site(proposal))


@pytest.fixture
def arrive(room, kiosk):
    """Let parties with these routes check in; return their visits."""
    sequences = iter(range(1, 100))

    def check_in(*routes: str):
        made = []
        for route in routes:
            sequence = next(sequences)
            content = party(*route.split()).model_copy(update={"ticket_token": f"{sequence:022}"})
            message = kiosk.check_in(sequence, content=content)
            room.admit(kiosk, message)
            made.append(room.visit(message.id))
        return made if len(made) > 1 else made[0]

    return check_in


def test_a_site_file_is_in_force_as_soon_as_it_is_taken(room, toml, clock):
    clock.move(60)
    renamed = with_keys(toml, name="Bahnhof")

    made = take(room, renamed, note="a new name")

    assert room.room.site.name == "Bahnhof"
    assert room.room.site_answer().version == parse_site(renamed, source="").version
    assert (made.number, made.staff, made.note, made.based_on) == (2, "berta", "a new name", None)
    with room.engine.connect() as connection:
        assert load_site(connection).site.name == "Bahnhof"
        kept = site_versions.versions(connection, room.site.id)
    assert [(v.number, v.staff, v.toml) for v in kept] == [(2, "berta", renamed), (1, "", toml)]
    assert [v.taken_at for v in kept] == [clock.now, MONDAY_NOON]
    assert [(e.kind, e.detail) for e in room.events()][-1] == (EventKind.SITE, "2")
    acts = {(row["staff"], row["act"], row["about"]) for row in room.rows(tables.audit)}
    assert ("berta", "site-taken", "version 2") in acts


def test_the_same_proposal_again_changes_nothing(room, toml):
    renamed = with_keys(toml, name="Bahnhof")

    assert take(room, renamed) == take(room, renamed)
    assert len(room.rows(tables.site_file)) == 2


def test_whoever_has_not_seen_the_version_in_force_learns_who_was_faster(room, toml):
    take(room, with_keys(toml, name="Bahnhof"), staff="berta")

    with pytest.raises(SomebodyFasterError, match=r"version 2 was put in force .* by berta"):
        take(room, with_keys(toml, name="Hafen"), staff="anna")
    assert room.room.site.name == "Bahnhof"


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("id", "elsewhere", "id is duesseldorf and not elsewhere: all that is stored"),
        ("time_zone", "Europe/Kyiv", "time_zone is Europe/Berlin and not Europe/Kyiv"),
        ("skip_numbers", [], "skip_numbers is 200, 300, 666 and not none: numbers that"),
    ],
)
def test_what_is_stored_keeps_its_meaning(room, toml, key, value, reason):
    with pytest.raises(SiteNotTakenError, match=reason):
        take(room, with_keys(toml, **{key: value}))
    assert len(room.rows(tables.site_file)) == 1
    assert EventKind.SITE not in {event.kind for event in room.events()}


def test_what_was_entered_for_certain_readers_does_not_become_an_answer_for_all(room, toml):
    take(room, asking_for_a_letter(toml))

    with pytest.raises(SiteNotTakenError, match="give the new question another id"):
        take(room, offering_letters(toml), seen=2)
    take(room, f"{asking_for_a_letter(toml)}\n# the same", seen=2)


def test_nor_while_what_was_entered_may_be_there_though_it_is_asked_no_more(room, toml, clock):
    take(room, asking_for_a_letter(toml))
    clock.move(60)
    take(room, toml, seen=2)
    clock.move(PROMISED_HOURS * 3600 - 1)

    with pytest.raises(SiteNotTakenError, match="give the new question another id"):
        take(room, offering_letters(toml), seen=3)
    clock.move(1)

    assert take(room, offering_letters(toml), seen=3).number == 4


def test_a_party_at_a_stage_that_is_gone_goes_on_at_the_next_in_its_old_place(
    room, toml, arrive, clock
):
    moved = arrive("housing benefits")
    clock.move(60)
    later = arrive("benefits")
    clock.move(60)

    take(room, without_stages(toml, "housing"))

    now = room.visit(moved)
    assert (now.stage, now.route, now.marked) == ("benefits", ("benefits",), "moved")
    assert now.state is VisitState.WAITING
    assert room.call_next("6").number == moved.number
    assert room.visit(later).marked == ""


def test_a_party_of_whose_route_nothing_is_left_is_asked_again_at_the_first_stage(
    room, toml, arrive
):
    visit = arrive("housing")

    take(room, without_stages(toml, "housing"))

    now = room.visit(visit)
    assert (now.stage, now.route, now.marked) == ("information", ("information",), "moved")


def test_a_counter_that_is_gone_frees_its_party_and_calls_nobody(room, toml, arrive):
    first, second = arrive("information", "information")
    room.call_next("1")

    take(room, without_counters(toml, "1"))

    now = room.visit(first)
    assert (now.state, now.stage, now.marked) == (VisitState.WAITING, "information", "")
    with pytest.raises(UnknownCounterError, match="no counter 1"):
        room.call("1")
    assert room.call_next("2").number == first.number
    assert room.call_next("i1").number == second.number


def test_a_party_at_a_counter_only_loses_the_stages_to_come_that_are_gone(room, toml, arrive):
    visit = arrive("information housing benefits")
    called = room.call_next("1")

    take(room, without_stages(toml, "housing"))

    now = room.visit(visit)
    assert (now.state, now.counter) == (VisitState.CALLED, "1")
    assert now.route == ("information", "benefits")
    assert now.version == called.version + 1
    assert room.do(room.room.forward, now).stage == "benefits"


def test_a_visit_that_has_ended_stays_as_it_was(room, toml, arrive):
    arrive("housing")
    called = room.call_next("3")
    finished = room.do(room.room.finish, called, counter="3")

    take(room, without_stages(toml, "housing"))

    assert room.visit(finished) == finished


def test_a_step_that_would_lead_back_to_what_is_gone_is_not_undone(room, toml, arrive):
    moved, waiting = arrive("housing", "information housing")
    called = room.call_next("1")
    ended = room.do(room.room.finish, called)
    assert ended.id == waiting.id

    take(room, without_stages(without_counters(toml, "1"), "housing"))

    with pytest.raises(IllegalStepError, match="not there any more: a lead corrects it"):
        room.do(room.room.undo, room.visit(moved), counter="2", role="lead")
    with pytest.raises(NotOfThisSiteError):
        room.do(room.room.undo, room.visit(ended), counter="2", role="lead")


def test_a_party_whose_range_is_taken_back_goes_on_where_the_new_file_lets_it(
    room, toml, arrive, clock
):
    left = arrive("housing benefits")
    clock.move(60)
    at_the_end = arrive("information housing")
    clock.move(60)
    room.do(room.room.forward, room.call_next("1"))
    arrive("benefits")
    lead = Outage(room)
    marked = lead.mark(left.number, at_the_end.number)
    take(room, without_stages(toml, "housing"))
    clock.move(60)

    assert lead.take_back(marked).visits == 2

    now = room.visit(left)
    assert (now.state, now.stage, now.route) == (VisitState.WAITING, "benefits", ("benefits",))
    assert now.marked == "moved"
    assert room.visit(at_the_end).stage == "information"
    assert room.call_next("6").number == left.number, "in its old place"
    assert findings(room, clock.now) == []


def test_a_party_that_a_lead_leads_back_passes_no_stage_that_is_gone(room, toml, arrive, clock):
    arrive("information registration benefits")
    left = room.do(room.room.leave, room.call_next("1"))
    take(room, without_stages(toml, "benefits"))
    right = SetRight(visit=Correction(stage="registration"))

    back = room.do(room.room.correct, left, right, counter=None, role="lead")

    assert (back.state, back.stage) == (VisitState.WAITING, "registration")
    assert back.route == ("information", "registration")
    with pytest.raises(IllegalStepError, match="registration is the last stage"):
        room.do(room.room.forward, room.call_next("4"), counter="4")
    assert findings(room, clock.now) == []


def test_a_display_that_showed_only_what_is_gone_shows_all_calls(room, toml):
    def put(connection) -> None:
        for name, stages in (("one", "housing"), ("two", "housing benefits"), ("all", "")):
            connection.execute(
                tables.display.insert().values(
                    site=room.site.id,
                    name=name,
                    token_sha256=name,
                    created_at=MONDAY_NOON,
                    stages=stages,
                )
            )

    room.writer.submit(put).result()

    take(room, without_stages(toml, "housing"))

    shown = {row["name"]: row["stages"] for row in room.rows(tables.display)}
    assert shown == {"one": "", "two": "benefits", "all": ""}


def test_what_is_told_beforehand_is_what_happens(room, toml, arrive):
    arrive("housing benefits", "housing", "information housing", "benefits")
    room.call_next("1")
    new = without_stages(without_counters(toml, "1"), "housing")

    with room.engine.connect() as connection:
        told = taking_site.consequences(connection, parse_site(new, source=""))
    take(room, new)

    expected = {v.id: (m.way.route, m.way.stage) for v, m in told.moves}
    assert len(expected) == 3
    changed = {
        row["id"]: (tuple(row["route"]), row["stage"])
        for row in room.rows(tables.visit)
        if row["version"] > 2 or (row["version"] == 2 and row["calls"] == 0)
    }
    assert changed == expected


def test_the_store_is_whole_after_a_site_file_has_moved_everybody(room, toml, arrive, clock):
    visits = arrive("housing benefits", "housing", "information housing", "benefits")
    room.call_next("1")
    room.call_next("6")
    parked = room.call_next("3")
    parked = room.do(room.room.serve, parked, counter="3")
    room.do(room.room.park, parked, counter="3")
    clock.move(60)

    take(room, without_stages(without_counters(toml, "1", "6"), "housing"))

    assert findings(room, clock.now) == []
    snapshot = room.snapshot()
    assert {v.id for v in snapshot.visits} == {v.id for v in visits}
    assert {v.stage for v in snapshot.visits} == {"information", "benefits"}


def test_an_older_version_comes_back_as_a_new_one(room, toml):
    take(room, with_keys(toml, name="Bahnhof"))
    with room.engine.connect() as connection:
        proposal = taking_site.return_to(connection, room.site.id, 1, staff="anna", seen=2)
        with pytest.raises(UnknownVersionError, match="no version 7"):
            taking_site.return_to(connection, room.site.id, 7, staff="anna", seen=2)

    made = room.run(room.room.take_site(proposal))

    assert (made.number, made.based_on, made.toml) == (3, 1, toml)
    assert room.room.site == parse_site(toml, source="")


def test_a_press_right_behind_the_new_file_goes_by_it(room, toml, arrive):
    arrive("information")
    new = taking_site.proposed(
        without_counters(toml, "1"), source="", staff="berta", seen=1, note=None
    )

    taken, refused = room.together(
        room.room.take_site(new), room.room.call_next(room.press(counter="1"))
    )

    assert taken.number == 2
    assert isinstance(refused, UnknownCounterError)


def test_a_check_in_of_the_older_file_waits_where_it_still_can(room, toml, arrive):
    take(room, without_stages(toml, "housing"))

    visit = arrive("information housing benefits")

    assert visit.route == ("information", "benefits")
    assert visit.marked == "unknown-stage"


def test_what_was_achieved_under_the_older_file_stays_in_the_figures(room, toml, arrive, clock):
    arrive("registration")
    called = room.call_next("4")
    room.do(room.room.note_outcomes, called, {"permit-issued": 2}, counter="4")

    take(room, without_stages(toml, "registration"))

    today = clock.now.date()
    lines = {
        (line.subject.section, line.subject.figure): (line.subject.label, line.value)
        for line in room.run(room.room.report(first=today, last=today, language="en")).lines
    }
    assert lines["outcomes", "permit-issued"] == ("Residence permit issued", 2)
    assert lines["figures", "residence-permits"] == ("Residence permits", 2)
    assert findings(room, clock.now) == []
    with room.engine.connect() as connection:
        rolled = daily_figures.count(connection, room.room.site, today)
    assert rolled["sums"]["residence-permits"] == 2


def test_figures_that_nobody_achieved_do_not_come_back(room, toml, clock):
    take(room, without_stages(toml, "registration"))

    today = clock.now.date()
    report = room.run(room.room.report(first=today, last=today, language="en"))
    assert "residence-permits" not in {line.subject.figure for line in report.lines}


@pytest.mark.parametrize("again", [False, True])
def test_a_kiosk_hears_of_the_new_file_with_its_next_heartbeat(settings, kiosk, toml, again):
    from starlette.testclient import TestClient

    from server_stub.app import create_app
    from tests.server_stub.enrolled import Line

    with TestClient(create_app(settings)) as client:
        line, room = Line(client, kiosk), client.app.state.room
        fetched = line.get(paths.SITE)
        before = SiteAnswer.model_validate_json(fetched.content)
        new = taking_site.proposed(
            with_keys(toml, name="Hafen"), source="", staff="b", seen=1, note=None
        )
        client.portal.call(room.take_site, new)
        if again:
            old = client.portal.call(taking_site_back, room, 1)
            assert old.number == 3
        heard = HeartbeatAnswer.model_validate_json(line.beat(kiosk.heartbeat()).content)
        known = line.get(paths.SITE, **{"If-None-Match": fetched.headers["ETag"]})

    if again:
        assert heard.site_version == before.version
        assert known.status_code == 304
    else:
        assert heard.site_version == new.site.version != before.version
        assert SiteAnswer.model_validate_json(known.content).site.name == "Hafen"


async def taking_site_back(room, number: int):
    proposal = await room._read(
        lambda c: taking_site.return_to(c, room.site.id, number, staff="b", seen=2)
    )
    return await room.take_site(proposal)


@pytest.mark.postgresql
def test_other_processes_go_by_it_at_once(settings, toml, monkeypatch):
    from server_stub import news
    from tests.server_stub.test_news import Woken

    monkeypatch.setattr(news, "SECONDS_BETWEEN_LOOKS", 60.0)  # nobody looks by itself
    looked = Woken()
    with open_room(settings) as one, open_room(settings) as other:

        def look() -> None:
            other.room.look_at_site()
            looked()

        with news_of_others(database_url(settings), wake=lambda: None, look_at_site=look):
            assert looked.reaches(1)
            take(one, with_keys(without_counters(toml, "1"), name="Hafen"))
            assert looked.reaches(2)

            assert other.room.site.name == "Hafen"


@pytest.mark.postgresql
def test_a_process_that_has_not_heard_yet_stores_nothing_by_the_old_file(settings, toml, kiosk):
    with open_room(settings) as one, open_room(settings) as other:
        take(one, without_stages(toml, "housing"))

        other.admit(kiosk, kiosk.check_in(1, content=party("housing")))
        with pytest.raises(UnknownCounterError):
            other.call("3")
        heard = other.run(other.room.hear(kiosk.heartbeat(), device=kiosk.device))

        (visit,) = other.rows(tables.visit)
        assert visit["stage"] == "information"
        assert heard.site_version == one.room.site.version
        other.snapshot()
        assert other.room.site.version == one.room.site.version


def test_pages_that_follow_are_told_to_load_again_and_new_ones_are_not(room, toml, arrive):
    def render(now, touched, before) -> str:  # noqa: ARG001  # a Render
        return f"<p>{len(touched)}</p>"

    async def may_watch() -> bool:
        return True

    async def watched() -> tuple[bytes, bytes]:
        hub = Hub(room.room, {"incoming/en": render})
        await hub.open()
        try:
            follow = partial(hub.follow, "incoming/en", may_watch=may_watch)
            before = follow(after=hub.number)
            await anext(before)  # a sign of life
            new = taking_site.proposed(
                with_keys(toml, name="Hafen"), source="", staff="b", seen=1, note=None
            )
            await room.room.take_site(new)
            hub.wake()
            old_page = await anext(before)
            new_page = follow(after=hub.number)
            return old_page, await anext(new_page)
        finally:
            await hub.close()

    arrive("information")
    old_page, new_page = room.run(watched())

    assert old_page == RELOAD
    assert b"event: alive" in new_page


@pytest.mark.sqlite
def test_the_server_knows_which_languages_kiosks_speak():
    from kiosk.language import AUDIO_LANGUAGES, LANGUAGES

    assert set(taking_site.LANGUAGES) == set(LANGUAGES)
    assert set(taking_site.SPOKEN_ONLY) == set(AUDIO_LANGUAGES)


def test_older_versions_are_read_only_as_far_as_figures_ask(room, toml, monkeypatch):
    for seen, name in enumerate(("Hafen", "Messe", "Bahnhof"), 1):
        take(room, with_keys(toml, name=name), seen=seen)
    take(room, without_stages(toml, "registration"), seen=4)
    read = []

    def parsed(text, *, source):
        read.append(source)
        return parse_site(text, source=source)

    monkeypatch.setattr(site_versions, "parse_site", parsed)
    site_versions._read.cache_clear()

    with room.engine.connect() as connection:
        known = site_versions.remembering(connection, room.room.site, outcomes=["permit-issued"])

    assert "permit-issued" in {outcome.id for outcome in known.outcomes}
    assert read == ["version 4"]
