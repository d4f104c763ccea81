from pathlib import Path

import pytest

from printer.virtual_printer import Fault
from tests.kiosk import printer_faults
from tests.kiosk.printer_faults import CASES, PAGE, Row, all_rows, page, sentences

pytestmark = pytest.mark.slow  # silence takes its time


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return all_rows()


def test_the_page_of_faults_tells_what_happens(rows: list[Row]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(rows)


def test_no_fault_ever_gives_two_slips_to_one_party(rows: list[Row]) -> None:
    assert {case.story for case, row in zip(CASES, rows, strict=True) if row.copies > 1} == set()


def test_the_next_party_gets_its_slip_or_staff_are_called(rows: list[Row]) -> None:
    called = ["leftovers" in row.next_told for row in rows]

    assert [row.next_copies for row in rows] == [0 if staff else 1 for staff in called]
    assert sum(called) == 2


def test_every_fault_of_the_virtual_printer_is_among_the_cases() -> None:
    source = Path(printer_faults.__file__).read_text(encoding="utf-8")

    assert [fault.name for fault in Fault if f"Fault.{fault.name}" not in source] == []


def test_the_sentences_are_those_of_the_screen() -> None:
    assert set(sentences()) == {
        "waiting", "sending", "printed", "failed", "unconfirmed", "yes", "no",
    }  # fmt: skip
