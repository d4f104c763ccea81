"""The virtual printer at the end of real sockets and a real pseudo-terminal."""

import os
import select
import socket
import tty
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from printer.virtual.condition import STALE_FRAMES
from printer.virtual_printer import (
    Cable,
    Fault,
    Timing,
    VirtualPrinter,
    open_line,
    printer_from_options,
)
from tests.printer.virtual_machine import CUT

SOON = 5.0
STATUS, READY = b"\x10\x04\x01", b"\x12"


def answer(line: socket.socket, length: int = 1) -> bytes:
    line.settimeout(SOON)
    data = b""
    while len(data) < length and (more := line.recv(length - len(data))):
        data += more
    return data


@contextmanager
def connected(printer: VirtualPrinter) -> Iterator[socket.socket]:
    host, _, port = printer.address.removeprefix("tcp://").partition(":")
    with socket.create_connection((host, int(port)), timeout=SOON) as line:
        yield line


class Tty:
    """The host's end of a serial line."""

    def __init__(self, printer: VirtualPrinter) -> None:
        path = printer.address.removeprefix("serial://").partition("?")[0]
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.descriptor)

    def ask(self, data: bytes, *, patience: float = SOON) -> bytes:
        os.write(self.descriptor, data)
        ready, _, _ = select.select([self.descriptor], [], [], patience)
        return os.read(self.descriptor, 64) if ready else b""

    def close(self) -> None:
        os.close(self.descriptor)


def test_a_pseudo_terminal_is_a_serial_line():
    with VirtualPrinter(cable=Cable.PTY, timing=Timing(baud=19_200)) as printer:
        assert printer.address.startswith("serial:///dev/")
        assert printer.address.endswith("?baud=19200&flow=none")
        with closing(Tty(printer)) as line:
            assert line.ask(STATUS) == READY
            assert line.ask(b"A\n" + CUT + b"\x1dr1") == b"\x00"
        (slip,) = printer.wait_for_slips(1, SOON)

    assert slip.text == "A"


def test_no_byte_is_changed_on_a_pseudo_terminal():
    with VirtualPrinter(cable=Cable.PTY, width=384) as printer, closing(Tty(printer)) as line:
        every = bytes(range(256)) * 6
        # 1536 bytes are 32 rows of 48; one of the 10 04.. inside would be answered: none is.
        line.ask(b"\x1dv0\x00\x30\x00\x20\x00" + every + CUT + b"\x1dr1")
        (slip,) = printer.wait_for_slips(1, SOON)

    assert slip.picture.tobytes() == bytes(255 - byte for byte in every)


def test_a_serial_line_outlives_the_programs_that_open_it():
    with VirtualPrinter(cable=Cable.PTY) as printer:
        for _ in range(2):
            with closing(Tty(printer)) as line:
                assert line.ask(STATUS) == READY


def test_a_cut_serial_wire_is_silent_and_can_be_mended():
    with VirtualPrinter(cable=Cable.PTY, cut_after=3) as printer, closing(Tty(printer)) as line:
        printer.fault = Fault.CABLE_CUT
        assert line.ask(STATUS + STATUS, patience=0.05) == b""
        printer.fault = None
        assert line.ask(STATUS) == READY


def test_lines_within_the_process_find_the_same_printer():
    with VirtualPrinter(cable=Cable.INSIDE) as printer:
        for text in (b"A", b"B"):
            with closing(printer.connect()) as line:
                line.sendall(text + b"\n" + CUT + b"\x1dr1")
                assert answer(line) == b"\x00"

    assert [slip.text for slip in printer.slips] == ["A", "B"]
    assert printer.address == "virtual:"


def test_what_one_client_left_half_done_spoils_the_next_one_s_slip():
    with VirtualPrinter() as printer:
        with connected(printer) as line:
            line.sendall(b"half ")
        with connected(printer) as line:
            line.sendall(b"whole\n" + CUT)
            (slip,) = printer.wait_for_slips(1, SOON)

    assert slip.text == "half whole"


def test_a_full_printer_holds_the_sender_up_and_answers_another():
    with VirtualPrinter(timing=Timing(buffer_bytes=4096)) as printer:
        printer.fault = Fault.PAPER_OUT
        with connected(printer) as sender, connected(printer) as asking:
            sender.settimeout(0.05)
            with pytest.raises(TimeoutError):
                sender.sendall(b"A\n" * 8_000_000)
            asking.sendall(STATUS)
            assert answer(asking) == b"\x1a"


def test_clearing_ends_the_line_on_which_half_a_job_waits():
    with VirtualPrinter(timing=Timing(buffer_bytes=4096)) as printer:
        printer.fault = Fault.PAPER_OUT
        with connected(printer) as sender, connected(printer) as clearing:
            sender.settimeout(0.05)
            with pytest.raises(TimeoutError):
                sender.sendall(b"A\n" * 8_000_000)
            clearing.sendall(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
            assert answer(clearing, 3) == b"\x37\x25\x00"
            printer.fault = None
            clearing.sendall(b"B\n" + CUT)
            (slip,) = printer.wait_for_slips(1, SOON)

    assert slip.text == "B"


def test_stale_frames_lie_in_a_line_that_opens():
    with VirtualPrinter(fault=Fault.STALE) as printer, connected(printer) as line:
        assert answer(line, 5) == STALE_FRAMES
        line.sendall(STATUS)
        assert answer(line) == READY


def test_the_automatic_status_reaches_the_line_unasked():
    with VirtualPrinter() as printer, connected(printer) as line:
        line.sendall(b"\x1da\xff")
        assert answer(line, 4) == b"\x10\x00\x00\x00"
        printer.fault = Fault.COVER_OPEN
        assert answer(line, 4) == b"\x38\x00\x00\x00"


def test_a_fault_begins_after_as_many_slips_as_were_told():
    with VirtualPrinter(fault=Fault.PAPER_OUT, after=1) as printer, connected(printer) as line:
        line.sendall(b"A\n" + CUT + b"B\n" + CUT + STATUS)
        assert answer(line) == READY  # arrived before the slip was cut
        printer.wait_for_slips(1, SOON)
        assert printer.fault is Fault.PAPER_OUT
        printer.fault = None
        printer.wait_for_slips(2, SOON)


def test_a_power_cut_breaks_lines_and_keeps_what_is_stored():
    define = b"\x1d(L\x0c\x00\x30\x43\x30A1\x01\x08\x00\x01\x00\x31\xff"
    with VirtualPrinter() as printer:
        with connected(printer) as line:
            line.sendall(define + b"\x1dr1")
            assert answer(line) == b"\x00"
            printer.power_cycle()
            with pytest.raises(ConnectionResetError):
                answer(line)
        assert printer.stored == (b"A1",)
        assert printer.nv_free == 262_144 - 25
        assert printer.nv_writes == 1
        with connected(printer) as line:
            line.sendall(STATUS)
            assert answer(line) == READY


def test_an_address_within_the_process_names_one_printer(tmp_path):
    options = {"out": str(tmp_path), "paper": "58"}
    for text in (b"A", b"B"):
        with closing(open_line(options)) as line:
            line.sendall(text + b"\n" + CUT + b"\x1dr1")
            assert answer(line) == b"\x00"

    assert sorted(path.name for path in tmp_path.iterdir()) == ["slip-0001.png", "slip-0002.png"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"speeed": "1"}, "'speeed' is unknown; known are out, fault"),
        ({"baud": "fast"}, "baud is 'fast': it must be a whole number"),
        ({"paper": "70"}, "it must be 80 or 58"),
        ({"fault": "tired"}, "known are paper-out"),
    ],
)
def test_a_wrong_option_is_named(options, reason):
    with pytest.raises(ValueError, match=reason):
        printer_from_options(options)
