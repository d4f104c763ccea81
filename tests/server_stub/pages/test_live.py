"""The hub over a real waiting room: what a page gets, and what it gets after it was away."""

import asyncio
from contextlib import aclosing, suppress
from typing import Self

import pytest

from server_stub import tables
from server_stub.display_pages import display_channels
from server_stub.live import OVER, RELOAD, SECONDS_KEPT, Hub
from server_stub.page_rendering import environment
from server_stub.staff_fragments import staff_channels
from server_stub.static_files import edition

BEAT = 0.01  # seconds


class Watcher:
    """A page that is open: takes what the hub sends, one read at a time."""

    def __init__(self, hub: Hub, *, after: int, channel: str = "incoming/en", allowed=None) -> None:
        self.stream = hub.follow(channel, after=after, may_watch=allowed or always)

    async def news(self) -> bytes:
        """Return the next message that is no sign of life; b"" at the end of the stream."""
        while True:
            message = await anext(self.stream, b"")
            if not message.startswith(b"event: alive"):
                return message

    async def __aenter__(self) -> Self:
        assert (await anext(self.stream)).startswith(b"event: alive"), "it follows"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stream.aclose()


async def always() -> bool:
    return True


async def never() -> bool:
    return False


@pytest.fixture
def hub_of(room):
    """Makes hubs over the room, and runs a story with one that is open."""

    def run(story, **settings):
        async def told():
            channels = staff_channels(lambda: room.site) | display_channels(lambda: room.site)
            hub = Hub(room.room, channels, **settings)
            await hub.open()
            try:
                return await story(hub)
            finally:
                await hub.close()

        return room.run(told())

    return run


@pytest.fixture
def arrive(room, kiosk):
    """Let a party check in and wake the hub, as the writer does."""

    async def check_in(sequence: int, hub: Hub | None = None, *, content=None) -> None:
        await room.admission(kiosk, kiosk.check_in(sequence, content=content))
        if hub:
            hub.wake()

    return check_in


def test_a_check_in_comes_with_the_number_to_resume_from(hub_of, arrive):
    async def story(hub):
        async with Watcher(hub, after=0) as page:
            await arrive(1, hub)
            return await page.news()

    message = hub_of(story)

    assert message.startswith(b"id: 1\ndata: ")
    assert message.endswith(b"\n\n")
    assert b"D101" in message
    assert b'hx-swap="upsert key:data-order sort:desc"' in message


def test_whoever_was_away_gets_exactly_what_was_missed(hub_of, arrive):
    async def story(hub):
        async with Watcher(hub, after=0) as always_there:
            for sequence in (1, 2, 3):
                await arrive(sequence, hub)
                await always_there.news()
            async with Watcher(hub, after=1) as was_away:
                return await was_away.news()

    missed = hub_of(story)

    assert b"D101" not in missed
    assert missed.count(b"id: ") == 2
    assert missed.index(b"D102") < missed.index(b"D103")


def test_a_new_hub_catches_up_a_page_from_the_event_log(hub_of, arrive, room):
    for sequence in (1, 2, 3):
        room.run(arrive(sequence))

    async def story(hub):
        async with Watcher(hub, after=1) as page:
            return await page.news()

    missed = hub_of(story)

    assert missed.startswith(b"id: 3\n")
    assert b"D101" not in missed
    assert b"D102" in missed
    assert b"D103" in missed
    assert b'hx-target="#help-calls"' in missed, "what is not an event is sent as it is"


@pytest.mark.parametrize("limit", [{"keep": 2}, {"keep_bytes": 1}], ids=["many", "large"])
def test_a_page_that_fell_out_of_the_frames_misses_nothing(hub_of, arrive, limit):
    async def story(hub):
        async with Watcher(hub, after=0) as always_there:
            for sequence in (1, 2, 3, 4):
                await arrive(sequence, hub)
                await always_there.news()
            async with Watcher(hub, after=1) as was_away:
                return await was_away.news()

    missed = hub_of(story, **limit)

    assert [number in missed for number in (b"D101", b"D102", b"D103", b"D104")] == [
        False,
        True,
        True,
        True,
    ]


def test_frames_and_what_is_caught_up_hold_no_more_bytes_than_the_hub_may_keep(room, arrive):
    """Each message is a little longer than 1,000 bytes, and 2,500 may be kept."""
    rendered_for = []

    def render(now, touched, before):
        rendered_for.append((now.event_number, len(touched), before is None))
        return "x" * 1000

    async def story(hub: Hub) -> None:
        async with Watcher(hub, after=0, channel="large") as always_there:
            for sequence in range(1, 6):
                await arrive(sequence, hub)
                await always_there.news()
            rendered_for.clear()
            for after in (0, 1, 2, 3, 4, 0, 1, 2, 3, 4):
                async with Watcher(hub, after=after, channel="large") as was_away:
                    assert (await was_away.news()).startswith(b"id: ")

    async def told() -> None:
        hub = Hub(room.room, {"large": render}, keep_bytes=2500)
        await hub.open()
        try:
            await story(hub)
        finally:
            await hub.close()

    room.run(told())

    # The frames hold what is after 3; of what else was asked for, two are kept.
    assert rendered_for == [(5, 5, True), (5, 4, True), (5, 3, True), (5, 3, True)]


@pytest.mark.parametrize("after", [0, 99], ids=["pruned", "never given"])
def test_a_page_that_cannot_be_caught_up_is_told_to_reload(hub_of, arrive, room, after):
    for sequence in (1, 2, 3):
        room.run(arrive(sequence))
    t = tables.event.c
    room.run(write(room, tables.event.delete().where(t.number < 3)))

    async def story(hub):
        async with Watcher(hub, after=after) as page:
            return await page.news(), await page.news()

    assert hub_of(story) == (RELOAD, b"")


@pytest.mark.parametrize("channel", ["incoming/en", "incoming-helper/en", "incoming/de"])
def test_whoever_was_away_as_a_party_was_erased_loads_again(hub_of, arrive, room, channel):
    async def story(hub):
        async with Watcher(hub, after=0, channel="incoming/de") as always_there:
            await arrive(1, hub)
            assert b"D101" in await always_there.news()
            number = hub.number
            erased = (await room.room.snapshot()).visits[0]
            await room.room.erase(room.press(erased, counter=None, role="lead"))
            hub.wake()
            told = await always_there.news()
        await arrive(2, hub)
        async with Watcher(hub, after=number, channel=channel) as was_away:
            kept = b"".join(b"".join(frame.rendered.values()) for frame in hub._frames)
            return told, await was_away.news(), b"D101" in kept

    assert hub_of(story) == (RELOAD, RELOAD, False)


def test_a_page_of_the_day_before_loads_again_also_where_the_server_was_started_since(
    hub_of, arrive, room, clock
):
    """It shows who was finished on the day before, and no event takes them away."""
    room.run(arrive(1))
    room.do(room.room.finish, room.call_next("1"))
    yesterdays = room.snapshot().event_number
    clock.move(20 * 3600)

    async def story(hub):
        async with Watcher(hub, after=yesterdays) as page:
            await arrive(2, hub)
            told = await page.news()
        async with Watcher(hub, after=hub.number) as loaded_again:
            await arrive(3, hub)
            return told, await loaded_again.news()

    told, news = hub_of(story)

    assert told == RELOAD
    assert b"D103" in news


def test_a_page_that_slept_since_the_day_before_loads_again(hub_of, arrive, room, clock):
    seconds = [0.0]

    async def story(hub):
        async with Watcher(hub, after=0) as awake:
            await arrive(1, hub)
            await awake.news()
            called = await room.room.call_next(room.press(counter="1"))
            await room.room.finish(room.press(called.visit, counter="1"))
            hub.wake()
            asleep_since = (await room.room.snapshot()).event_number
            while hub.number < asleep_since:
                await awake.news()
            clock.move(20 * 3600)
            await arrive(2, hub)
            told = await awake.news()
            seconds[0] += SECONDS_KEPT + 1
            await arrive(3, hub)
            await awake.news()
        async with Watcher(hub, after=asleep_since) as woken:
            return told, await woken.news()

    told, news = hub_of(story, steady=lambda: seconds[0])

    assert b'hx-swap="delete"' in told, "whoever was awake is told who has gone"
    assert news == RELOAD


def test_a_frame_that_is_older_than_an_hour_is_not_sent_again_and_nothing_is_missed(hub_of, arrive):
    seconds = [0.0]

    async def story(hub):
        async with Watcher(hub, after=0) as page:
            for sequence in (1, 2):
                await arrive(sequence, hub)
                await page.news()
            seconds[0] += SECONDS_KEPT + 1
            await arrive(3, hub)
            await page.news()
            kept = [frame.last for frame in hub._frames]
        async with Watcher(hub, after=0) as was_away:
            return kept, await was_away.news()

    kept, missed = hub_of(story, steady=lambda: seconds[0])

    assert kept == [3]
    assert missed.count(b"id: ") == 1, "it comes from the event log"
    assert [number in missed for number in (b"D101", b"D102", b"D103")] == [True] * 3


def test_what_was_rendered_for_one_who_was_away_is_not_kept_for_longer_either(hub_of, arrive, room):
    seconds = [0.0]
    room.run(arrive(1))

    async def story(hub):
        messages = []
        for later in (0, 0, SECONDS_KEPT + 1):
            seconds[0] += later
            async with Watcher(hub, after=0) as page:
                messages.append(await page.news())
        return messages

    first, shared, anew = hub_of(story, steady=lambda: seconds[0])

    assert shared is first
    assert anew is not first
    assert anew == first


def test_one_rendering_is_shared_by_all_listeners(hub_of, arrive, monkeypatch):
    rendered = []
    template = environment("en").get_template("staff_changes.html")
    whole = template.render
    monkeypatch.setattr(template, "render", lambda **what: rendered.append(1) or whole(**what))

    async def story(hub):
        pages = [Watcher(hub, after=0) for _ in range(20)]
        try:
            await arrive(1, hub)
            return [await page.news() for page in pages]
        finally:
            for page in pages:
                await page.stream.aclose()

    messages = hub_of(story)

    assert len(set(messages)) == 1
    assert b"D101" in messages[0]
    assert rendered == [1]


def test_pages_that_come_back_together_share_one_rendering(hub_of, arrive, room):
    room.run(arrive(1))

    async def story(hub):
        async with Watcher(hub, after=0) as one, Watcher(hub, after=0) as other:
            return await asyncio.gather(one.news(), other.news())

    one, other = hub_of(story)

    assert one is other


def test_what_a_page_was_about_to_read_as_it_went_away_reaches_the_next(room, arrive):
    class Gated:
        """The waiting room, where a reading can be held up."""

        def __init__(self) -> None:
            self.snapshot = room.room.snapshot
            self.open, self.reads = asyncio.Event(), asyncio.Event()

        async def events_after(self, number, limit):
            self.reads.set()
            await self.open.wait()
            return await room.room.events_after(number, limit)

    async def story():
        gate = Gated()
        hub = Hub(gate, staff_channels(lambda: room.site))
        await hub.open()
        try:
            await arrive(1, hub)
            stream = hub.follow("incoming/en", after=0, may_watch=always)
            page = asyncio.create_task(anext(stream))
            await gate.reads.wait()
            page.cancel()
            with suppress(asyncio.CancelledError):
                await page
            gate.open.set()
            async with asyncio.timeout(60), Watcher(hub, after=0) as other:
                return await other.news()
        finally:
            await hub.close()

    assert b"D101" in room.run(story())


def test_only_what_somebody_watches_is_rendered_and_a_later_watcher_misses_nothing(room, arrive):
    rendered = []

    def channel(name):
        def render(now, touched, before):
            del touched, before
            rendered.append(name)
            return f"<p>{len(now.visits)} at {name}</p>"

        return render

    async def story():
        hub = Hub(room.room, {name: channel(name) for name in ("hall", "counter")})
        await hub.open()
        try:
            async with Watcher(hub, after=0, channel="hall") as hall:
                await arrive(1, hub)
                assert b"1 at hall" in await hall.news()
                assert rendered == ["hall"]
                async with Watcher(hub, after=0, channel="counter") as counter:
                    assert b"1 at counter" in await counter.news()
                    await arrive(2, hub)
                    assert b"2 at counter" in await counter.news()
                await arrive(3, hub)
                assert b"3 at hall" in await hall.news() + await hall.news()
        finally:
            await hub.close()

    room.run(story())

    assert sorted(rendered) == ["counter", "counter", "hall", "hall", "hall"]


def test_nothing_is_rendered_while_nobody_watches(hub_of, arrive):
    async def story(hub):
        await arrive(1, hub)
        for _ in range(100):
            await asyncio.sleep(0)
        asleep = hub.number
        async with Watcher(hub, after=0) as page:
            return asleep, await page.news()

    asleep, news = hub_of(story)

    assert asleep == 0
    assert b"D101" in news


def test_a_page_that_is_ahead_of_the_hub_is_not_told_to_reload(hub_of, arrive):
    """It has read a commit of which the hub has not been told yet."""

    async def story(hub):
        await arrive(1)
        async with Watcher(hub, after=1) as page:
            await arrive(2, hub)
            return await page.news()

    news = hub_of(story)

    assert news.startswith(b"id: 2\n")
    assert b"D101" not in news


def test_each_language_is_a_channel_of_its_own(hub_of, arrive):
    async def story(hub):
        async with Watcher(hub, after=0, channel="incoming/de") as page:
            await arrive(1, hub)
            return await page.news()

    assert "Wartet" in hub_of(story).decode()


def test_the_display_is_not_bothered_by_what_it_does_not_show(hub_of, arrive, room):
    async def story(hub):
        async with Watcher(hub, after=0, channel="display") as page:
            await arrive(1, hub)
            quiet = await page.news()
            await room.room.call_next(room.press(counter="1"))
            hub.wake()
            return quiet, await page.news()

    quiet, call = hub_of(story)

    assert quiet == b"id: 1\n\n"
    assert b'<b class="number">D101</b>' in call


def test_the_display_is_told_that_the_only_call_is_over(hub_of, arrive, room):
    async def story(hub):
        async with Watcher(hub, after=0, channel="display") as page:
            await arrive(1, hub)
            called = await room.room.call_next(room.press(counter="1"))
            hub.wake()
            while b"D101" not in await page.news():
                continue
            await room.room.finish(room.press(called.visit, counter="1"))
            hub.wake()
            return await page.news()

    over = hub_of(story)

    assert b"\ndata: " in over  # without data it would say that nothing has changed
    assert b"<li" not in over


def test_a_display_read_between_two_looks_of_the_hub_hears_that_its_call_was_taken_back(
    hub_of, arrive, room
):
    async def story(hub):
        async with Watcher(hub, after=0, channel="display") as there_before:
            await arrive(1, hub)
            await there_before.news()
            called = await room.room.call_next(room.press(counter="1"))
            shown = (await room.room.snapshot()).event_number
            await room.room.undo(room.press(called.visit, counter="1"))
            hub.wake()
            quiet = await there_before.news()
            async with Watcher(hub, after=shown, channel="display") as shows_the_call:
                return quiet, await shows_the_call.news()

    quiet, over = hub_of(story)

    assert quiet == b"id: 3\n\n", "nothing has changed for who never saw the call"
    assert over.startswith(b"id: 3\ndata: ")
    assert b"<li" not in over


def test_a_helpers_page_read_between_two_looks_of_the_hub_hears_who_has_gone(hub_of, arrive, room):
    async def story(hub):
        await arrive(1)
        party = (await room.room.snapshot()).visits[0]
        await room.room.leave(room.press(party))
        hub.wake()
        async with Watcher(hub, after=1, channel="incoming-helper/en") as page:
            return await page.news()

    gone = hub_of(story)

    assert b'hx-swap="delete"' in gone


def test_silence_is_broken_by_signs_of_life(hub_of):
    async def story(hub):
        async with aclosing(hub.follow("incoming/en", after=0, may_watch=always)) as stream:
            return [await anext(stream) for _ in range(3)]

    assert hub_of(story, beat=BEAT) == [b"event: alive\ndata: 0\n\n"] * 3


def test_a_listener_who_may_no_longer_watch_is_told_and_let_go(hub_of):
    async def story(hub):
        async with Watcher(hub, after=0, allowed=never) as page:
            return await page.news(), await page.news()

    assert hub_of(story, beat=BEAT) == (OVER, b"")


def test_closing_the_hub_ends_every_stream(hub_of):
    async def story(hub):
        async with Watcher(hub, after=0) as page:
            waiting = asyncio.create_task(page.news())
            await asyncio.sleep(0)
            await hub.close()
            return await waiting

    assert hub_of(story) == b""


def test_a_store_that_fails_for_a_while_silences_the_hub_and_then_all_arrives(
    hub_of, arrive, room, monkeypatch, caplog
):
    monkeypatch.setattr("server_stub.live.SECONDS_BEFORE_TRYING_AGAIN", 0.0)
    whole, failures = room.room.snapshot, iter(range(3))

    async def sometimes():
        if next(failures, None) is not None:
            raise OSError("disk is gone")
        return await whole()

    async def story(hub):
        monkeypatch.setattr(room.room, "snapshot", sometimes)
        async with Watcher(hub, after=0) as page:
            await arrive(1, hub)
            return await page.news()

    assert b"D101" in hub_of(story)
    assert caplog.text.count("live pages cannot read") == 3


def test_the_stream_goes_on_where_the_browser_says_it_was(anna):
    """Last-Event-ID wins over the number in the address, which is as old as the page."""
    anna.headers["Last-Event-ID"] = "999999"

    answer = anna.client.get(
        "/staff/live/incoming",
        params={"language": "en", "after": 0, "edition": edition()},
        headers=anna.headers,
    )

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.endswith(RELOAD)


def test_a_page_of_another_edition_is_told_to_reload(anna):
    answer = anna.client.get("/staff/live/incoming?language=en&after=0&edition=older")

    assert answer.content == RELOAD


async def write(room, statement) -> None:
    await asyncio.wrap_future(room.writer.submit(lambda c: c.execute(statement) and None))
