"""A party that comes in the evening: told in its language where to go, also on paper."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.clock import KioskClock
from kiosk.contract.messages import SlipState
from kiosk.language import catalogue, isolate
from tests.stand.kiosk import open_kiosk
from tests.stand.server import SITE_FILE
from tests.stand.touch import KioskDriver

EVENING = datetime(2026, 11, 22, 16, 59, 30, tzinfo=UTC)  # 17:59:30 in Düsseldorf
CLOSED, SHELTER = "Зараз зачинено", "Vogelsanger Weg, Düsseldorf"


class WallClock(KioskClock):
    """The real clock, but for the hands on the wall, which the journey moves."""

    wall = EVENING

    def now(self) -> datetime:
        return self.wall


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def evening(
    server,  # noqa: ARG001  # makes the settings
    printer,
    tmp_path: Path,
    clock: WallClock,
) -> Iterator[KioskDriver]:
    """A kiosk with the shipped hours, half a minute before it closes; its server is away."""
    settings = tmp_path / "kiosk" / "kiosk.toml"
    told = settings.read_text(encoding="utf-8")
    settings.write_text(told.replace("tcp://127.0.0.1:1", printer.address), encoding="utf-8")
    (settings.parent / "site.toml").write_bytes(SITE_FILE.read_bytes())
    with open_kiosk(settings, clock=clock, hurries=True) as driver:
        yield driver


def kept(folder: Path) -> tuple[int, int, int]:
    """Return the sequence, and how many check-ins and slips are on the kiosk's disk."""
    (path,) = folder.rglob("journal.db")
    with closing(sqlite3.connect(path)) as journal:
        return tuple(
            journal.execute(sql).fetchone()[0]
            for sql in (
                "SELECT sequence FROM kiosk",
                "SELECT count(*) FROM outbox",
                "SELECT count(*) FROM slip",
            )
        )


def test_a_closed_kiosk_prints_the_way_to_a_bed_and_gives_out_no_number(
    evening: KioskDriver, printer, clock: WallClock, tmp_path: Path
) -> None:
    clock.wall = EVENING + timedelta(minutes=2)
    evening.wait_until(lambda: not evening.app.flow.conversation.opening.is_open)
    evening.frames(5)  # the mark of a closed kiosk has its place, and the tiles have theirs
    evening.tap_id("language:uk")
    evening.wait_until(lambda: isolate(SHELTER) in evening.texts())

    said = evening.texts()
    assert CLOSED in said
    assert catalogue("uk").text("Opens: {when}").format(when="понеділок, 08:00") in said
    assert "next" not in evening.tiles()

    evening.tap_id("print")
    (slip,) = printer.wait_for_slips(1, timeout=20)
    screen = evening.app.flow._presenter.screens.closed
    evening.wait_until(lambda: screen.slip is SlipState.PRINTED)
    assert catalogue("uk").text("Please take your slip.") in evening.texts()
    assert (slip.unknown, slip.drawer_kicks, slip.qr_codes) == ((), 0, ())
    assert slip.picture.height <= 110 * 8
    assert kept(tmp_path) == (0, 0, 0)

    evening.tap_id("done")
    assert evening.app.flow.conversation.state.value == "language"
    assert isolate(SHELTER) not in evening.texts()
    assert evening.app.flow._desk._spool._slips == {}
    assert len(printer.slips) == 1


def test_a_party_that_began_before_closing_time_gets_its_number(
    evening: KioskDriver, printer, clock: WallClock, tmp_path: Path
) -> None:
    for tile in ("language:uk", "next", "adults:1", "children:0", "next"):
        evening.tap_id(tile)
    clock.wall = EVENING + timedelta(minutes=5)
    for tile in ("before:collect", "wait:nobody"):
        evening.tap_id(tile)
    evening.wait_until(lambda: evening.app.flow.ticket)
    assert evening.app.flow.ticket.number in evening.texts()
    printer.wait_for_slips(1, timeout=20)
    evening.tap_id("done")
    evening.wait_until(lambda: not evening.app.flow.conversation.opening.is_open)
    evening.frames(5)
    evening.tap_id("language:uk")
    evening.wait_until(lambda: CLOSED in evening.texts())

    assert kept(tmp_path) == (1, 1, 1)
