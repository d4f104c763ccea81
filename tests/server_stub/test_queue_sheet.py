from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.contract.site_file import read_site_file
from server_stub import queue_sheet
from server_stub.last_queue import LastNumber, LastQueue, QueuedParty, StageQueue
from server_stub.queue_sheet import as_page, as_text, sheet_files, write_sheets
from tests.server_stub.enrolled import MONDAY_NOON

FAMILY = QueuedParty(
    number="D214",
    language="uk",
    adults=2,
    children=1,
    priority=False,
    carried_over=False,
    since=MONDAY_NOON - timedelta(minutes=28),
    counter=None,
)
URGENT = replace(FAMILY, number="F120", language="ar", adults=1, priority=True)
YESTERDAYS = replace(
    FAMILY, number="D188", carried_over=True, since=MONDAY_NOON - timedelta(days=1)
)
UNREAD = replace(FAMILY, number="D215", language=None, adults=0, children=0)
SERVED = replace(FAMILY, number="D213", counter="2")


@pytest.fixture(scope="module")
def queue(root) -> LastQueue:
    site = read_site_file(root / "assets" / "sites" / "duesseldorf.toml")
    first, second = site.stages[:2]
    return LastQueue(
        site=site,
        as_of=MONDAY_NOON,
        stages=(
            StageQueue(first, (URGENT, YESTERDAYS, FAMILY, UNREAD), (SERVED,), ()),
            StageQueue(second, (), (), (replace(FAMILY, number="D101"),)),
        ),
        elsewhere=(),
        last_numbers=(LastNumber("entrance-1", "D215"), LastNumber("entrance-2", "F120")),
    )


@pytest.fixture(scope="module")
def root() -> Path:
    return Path(__file__).parents[2]


def test_the_text_tells_in_calling_order_who_waits_where(queue):
    lines = as_text(queue, "en").splitlines()

    assert lines[:2] == ["Queue of Info-Point", "As of Mon 23 Nov 2026 12:00"]
    at = lines.index("4 parties are waiting here.")
    assert [" ".join(line.split()) for line in lines[at + 1 : at + 6]] == [
        "Number Adults + children Language Here since",
        "[ ] 1 F120 1 + 1 Arabic 11:32 Priority",
        "[ ] 2 D188 2 + 1 Ukrainian Sun 22 Nov 12:00 Earlier day",
        "[ ] 3 D214 2 + 1 Ukrainian 11:32",
        "[ ] 4 D215 ? ? 11:32",
    ]
    assert lines.index("At the counters") < at
    assert "Last numbers on this list: D215 (entrance-1), F120 (entrance-2)" in lines
    assert all(len(line) <= queue_sheet.WIDTH + 12 for line in lines)


def test_page_and_text_name_the_same_numbers_in_the_same_order(queue):
    numbers = [party.number for party in (SERVED, URGENT, YESTERDAYS, FAMILY, UNREAD)]
    page = as_page(queue, "de").split("</ol>")[1].split("<section>")[1]
    text = as_text(queue, "de").split("==")[2]

    assert sorted(numbers, key=page.index) == numbers == sorted(numbers, key=text.index)


def test_the_page_needs_no_other_file_and_no_network(queue):
    page = as_page(queue, "de")

    for reference in ("src=", "href=", "url(", "@import", "<script", "http"):
        assert reference not in page


def test_names_of_a_site_are_text_and_never_markup(queue):
    site = queue.site.model_copy(update={"name": "<b>&Info"})

    assert "&lt;b&gt;&amp;Info" in as_page(replace(queue, site=site), "de")
    assert "<b>&Info" in as_text(replace(queue, site=site), "de")


def test_where_nobody_waits_the_sheet_says_so(queue):
    empty = replace(queue, stages=())

    assert "Niemand wartet." in as_page(empty, "de")
    assert as_text(empty, "en").endswith("No one is waiting.\n")


def test_who_is_at_a_stage_that_was_taken_out_of_the_site_is_not_lost(queue):
    lost = replace(queue, elsewhere=(replace(FAMILY, number="D777"),))

    assert "D777" in as_page(lost, "de")
    assert "D777" in as_text(lost, "de").split("An einer Station, die es nicht mehr gibt")[1]


def test_the_sheets_are_readable_by_their_owner_alone_and_replace_older_ones(queue, tmp_path):
    folder = tmp_path / "new" / "queue"
    write_sheets(replace(queue, stages=()), folder)
    write_sheets(queue, folder)

    files = [path for pair in sheet_files(folder).values() for path in pair]
    assert sorted(folder.iterdir()) == sorted(files)
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    page, text = sheet_files(folder)["de"]
    assert page.read_text(encoding="utf-8") == as_page(queue, "de")
    assert text.read_text(encoding="utf-8") == as_text(queue, "de")


def test_a_sheet_that_cannot_be_made_leaves_the_last_one(queue, tmp_path, monkeypatch):
    write_sheets(queue, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space left"):
        write_sheets(replace(queue, stages=()), tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
