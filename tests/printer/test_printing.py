"""A printer object and a virtual printer with TCP between them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from printer.artwork import Artwork
from printer.escpos_codec import Rendition
from printer.printer import Printer
from printer.profile import Profile
from printer.raster import measure
from printer.slip import Slip
from printer.slip_layout import lay_out
from printer.slip_picture import draw_slip
from printer.status import Outcome, PrinterState
from printer.transports import PrinterUnreachableError, Transport
from printer.virtual_printer import Fault, VirtualPrinter
from tests.printer.functions import LayOut

SOON = 10
"""Seconds that a test waits for what comes at once."""


@pytest.fixture
def virtual() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def printer(virtual: VirtualPrinter, able: Profile) -> Printer:
    return Printer(virtual.address, replace(able, speed=2000), patience=SOON)


@pytest.fixture
def impatient(virtual: VirtualPrinter, able: Profile) -> Printer:
    """A printer object that gives up after a twentieth of a second."""
    return Printer(virtual.address, replace(able, speed=100_000), patience=0.05)


def test_a_slip_comes_out_once_and_is_confirmed(
    printer: Printer, virtual: VirtualPrinter, slip: Slip, artwork: Artwork
) -> None:
    assert printer.print(slip) is Outcome.PRINTED

    (printed,) = virtual.wait_for_slips(1, SOON)
    design = draw_slip(lay_out(slip, 576, partial(measure, artwork)), artwork)
    assert printed.picture.tobytes() == design.tobytes()
    assert printed.shows(design.crop((0, 100, 576, 300)))
    assert not printed.shows(design.crop((0, 100, 576, 300)).rotate(180))
    assert virtual.job_began is not None


def test_slips_are_confirmed_by_process_id_and_by_queue_answer(
    virtual: VirtualPrinter, plain: Profile, able: Profile, slip: Slip
) -> None:
    for profile in (plain, able):
        printer = Printer(virtual.address, profile, rendition=Rendition.COMPACT, patience=SOON)
        assert printer.print(slip) is Outcome.PRINTED

    assert len(virtual.wait_for_slips(2, SOON)) == 2


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault.PAPER_OUT, PrinterState.PAPER_OUT),
        (Fault.COVER_OPEN, PrinterState.COVER_OPEN),
        (Fault.CUTTER_ERROR, PrinterState.CUTTER_ERROR),
        (Fault.OVERHEATED, PrinterState.OVERHEATED),
        (Fault.OFFLINE, PrinterState.OFFLINE),
        (Fault.SILENT, PrinterState.SILENT),
    ],
)
def test_a_printer_that_cannot_print_gets_nothing_but_questions(
    printer: Printer,
    impatient: Printer,
    virtual: VirtualPrinter,
    slip: Slip,
    fault: Fault | None,
    state: PrinterState,
) -> None:
    asker = impatient if fault is Fault.SILENT else printer
    virtual.fault = fault

    assert asker.state() is state
    assert asker.print(slip) is Outcome.FAILED
    assert virtual.bytes_received <= 24
    assert virtual.slips == []


def test_low_paper_prints_and_is_told(
    printer: Printer, virtual: VirtualPrinter, slip: Slip
) -> None:
    virtual.fault = Fault.NEAR_END

    assert printer.state() is PrinterState.PAPER_LOW
    assert printer.print(slip) is Outcome.PRINTED


def test_a_mended_printer_prints_the_next_slip(
    printer: Printer, virtual: VirtualPrinter, slip: Slip
) -> None:
    virtual.fault = Fault.PAPER_OUT
    assert printer.print(slip) is Outcome.FAILED
    virtual.fault = None

    assert printer.print(slip) is Outcome.PRINTED
    assert len(virtual.wait_for_slips(1, SOON)) == 1


def test_a_cable_cut_in_the_middle_is_unconfirmed_then_unreachable(
    printer: Printer, virtual: VirtualPrinter, slip: Slip
) -> None:
    virtual.cut_after = 5000
    virtual.fault = Fault.CABLE_CUT

    assert printer.print(slip) is Outcome.UNCONFIRMED
    assert printer.state() is PrinterState.UNREACHABLE
    assert printer.print(slip) is Outcome.FAILED
    assert virtual.slips == []


def test_half_a_slip_never_hangs_on_the_next_one(
    printer: Printer, virtual: VirtualPrinter, slip: Slip, laid_out: LayOut, artwork: Artwork
) -> None:
    virtual.cut_after = 20_000
    virtual.fault = Fault.CABLE_CUT
    assert printer.print(slip) is Outcome.UNCONFIRMED
    virtual.fault = None

    copy = replace(slip, number="J345", copy=2)
    assert printer.print(copy) is Outcome.PRINTED
    half, whole = virtual.wait_for_slips(2, SOON)
    design = draw_slip(laid_out(copy), artwork)
    assert whole.picture.tobytes() == design.tobytes()
    assert half.picture.height < design.height
    assert half.unknown == whole.unknown == ()


class Line:
    """A line on which the test speaks for the printer."""

    bytes_per_second = None

    def __init__(self, *, stale: bytes = b"", confirms: bytes = b"\x00") -> None:
        self.sent: list[bytes] = []
        self._stale = stale
        self._confirms = confirms

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def read(self, limit: int, *, timeout: float) -> bytes:
        stale, self._stale = self._stale[:limit], b""
        if stale or timeout == 0:
            return stale
        asked = self.sent[-1]
        if asked.startswith(b"\x10\x04"):
            return b"\x12"
        return self._confirms if asked.endswith(b"\x1dr1") else b""

    def close(self) -> None:
        pass


def test_the_buffer_is_cleared_only_after_an_unconfirmed_slip(slip: Slip, plain: Profile) -> None:
    """By DLE ENQ 2; never by DLE ENQ 1, which would print the rest of someone else's slip."""
    lines = [Line(), Line(confirms=b""), Line(), Line()]
    opened = iter(lines)
    printer = Printer(lambda: next(opened), replace(plain, speed=100_000), patience=0.01)

    outcomes = [printer.print(slip) for _ in lines]

    assert outcomes == [Outcome.PRINTED, Outcome.UNCONFIRMED, Outcome.PRINTED, Outcome.PRINTED]
    assert [line.sent[0] == b"\x10\x05\x02" for line in lines] == [False, False, True, False]
    assert not any(b"\x10\x05\x01" in data for line in lines for data in line.sent)
    assert lines[2].sent[-1].startswith(b"\x1b@\x1dVB\x00\x1b@")


def test_no_confirmation_is_unconfirmed_and_nothing_is_sent_again(
    slip: Slip, plain: Profile
) -> None:
    line = Line(confirms=b"")
    printer = Printer(lambda: line, replace(plain, speed=100_000), patience=0.01)

    assert printer.print(slip) is Outcome.UNCONFIRMED
    assert len([data for data in line.sent if data.startswith(b"\x1b@")]) == 1


def test_a_slip_is_one_write(slip: Slip, plain: Profile) -> None:
    line = Line()
    Printer(lambda: line, plain).print(slip)

    assert [data for data in line.sent if not data.startswith(b"\x10\x04")] == line.sent[4:]
    assert len(line.sent) == 5


def test_a_stale_answer_is_not_taken_for_news(slip: Slip, plain: Profile) -> None:
    """An old "offline" lies in the line; the printer is online again."""
    printer = Printer(lambda: Line(stale=b"\x1a"), plain, patience=0.01)

    assert printer.state() is PrinterState.READY
    assert printer.print(slip) is Outcome.PRINTED


def test_paper_that_ran_out_during_the_slip_leaves_it_unconfirmed(
    slip: Slip, plain: Profile
) -> None:
    """GS r 1 answers with bits 2 and 3: whether the last line came out nobody knows."""
    printer = Printer(lambda: Line(confirms=b"\x0c"), plain, patience=0.01)

    assert printer.print(slip) is Outcome.UNCONFIRMED


def test_nobody_at_the_address_is_a_failure_and_no_exception(able: Profile, slip: Slip) -> None:
    with VirtualPrinter() as gone:
        address = gone.address
    printer = Printer(address, able)

    assert printer.state() is PrinterState.UNREACHABLE
    assert printer.print(slip) is Outcome.FAILED


def test_a_line_that_dies_before_the_question_sends_nothing(able: Profile, slip: Slip) -> None:
    def dead() -> Transport:
        raise PrinterUnreachableError("no printer at the end of this line")

    assert Printer(dead, able).print(slip) is Outcome.FAILED


def test_pictures_of_slips_lie_in_the_folder(able: Profile, slip: Slip, tmp_path: Path) -> None:
    with VirtualPrinter(out=tmp_path / "slips") as virtual:
        Printer(virtual.address, able, patience=SOON).print(slip)
        (printed,) = virtual.wait_for_slips(1, SOON)

    assert printed.path == tmp_path / "slips" / "slip-0001.png"
    assert printed.path.stat().st_size > 1000


def test_waiting_for_a_slip_that_never_comes_ends() -> None:
    with VirtualPrinter() as virtual, pytest.raises(TimeoutError, match="0 of 1 slips"):
        virtual.wait_for_slips(1, 0.01)


def test_a_test_page_shows_each_code_page(printer: Printer, virtual: VirtualPrinter) -> None:
    assert printer.print_test_page() is Outcome.PRINTED

    (page,) = virtual.wait_for_slips(1, SOON)
    assert "CP1251 = 46: Щ Ґ ґ Є є І і Ї ї №" in page.text  # noqa: RUF001
