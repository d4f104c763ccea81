import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from printer.printer import Printer
from printer.profile import Profile
from printer.slip import Slip
from printer.status import Outcome
from printer.transports import (
    AddressError,
    PrinterUnreachableError,
    Transport,
    open_transport,
    parse_address,
)
from printer.virtual.machine import Machine
from printer.virtual.paper import Piece


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://printer", "known are tcp://, serial://"),
        ("192.168.1.40", "known are tcp://, serial://"),
        ("tcp://", "write tcp://host:9100"),
        ("tcp://printer:port", "Port could not be cast"),
        ("tcp://printer/slips", "write tcp://host:9100"),
        ("serial://ttyS0", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?baud=fast", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?flow=dsrdtr", r"rtscts\|xonxoff\|none"),
        ("serial:///dev/ttyS0?speed=9600", "write serial:///dev/ttyS0"),
    ],
)
def test_a_wrong_address_says_what_to_write(address: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason):
        parse_address(address)


def test_a_missing_device_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(PrinterUnreachableError, match="no printer at"):
        open_transport(f"serial://{tmp_path}/ttyS9")


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(PrinterUnreachableError, match=f"tcp://127.0.0.1:{port}"):
        open_transport(f"tcp://127.0.0.1:{port}")


@pytest.fixture
def tcp() -> Iterator[tuple[Transport, socket.socket]]:
    """Both ends of a connection that a TcpPort has opened."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = open_transport(f"tcp://127.0.0.1:{listener.getsockname()[1]}", timeout=0.05)
        far, _ = listener.accept()
        with far:
            yield transport, far
            transport.close()


def test_nothing_to_read_is_nothing(tcp: tuple[Transport, socket.socket]) -> None:
    transport, _ = tcp

    assert transport.read(16, timeout=0) == b""
    assert transport.read(16, timeout=0.01) == b""


def test_a_hung_up_line_is_told_from_a_silent_one(tcp: tuple[Transport, socket.socket]) -> None:
    transport, far = tcp
    far.close()

    with pytest.raises(PrinterUnreachableError, match="closed the connection"):
        transport.read(16, timeout=5)


def test_a_printer_that_stops_reading_does_not_hold_us(
    tcp: tuple[Transport, socket.socket],
) -> None:
    transport, _ = tcp

    with pytest.raises(PrinterUnreachableError, match="took no more bytes"):
        transport.write(bytes(50_000_000))


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: the printer's end, and the name of ours."""
    far, near = pty.openpty()
    tty.setraw(far)
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(near)
    os.close(far)


def test_a_serial_line_carries_both_ways(terminal: tuple[int, str]) -> None:
    far, device = terminal
    transport = open_transport(f"serial://{device}?baud=115200&flow=none")

    transport.write(b"\x10\x04\x01")
    assert os.read(far, 16) == b"\x10\x04\x01"
    os.write(far, b"\x12\x14")
    assert transport.read(16, timeout=5) == b"\x12\x14"
    assert transport.read(16, timeout=0) == b""
    assert transport.bytes_per_second == 11_520
    transport.close()


def test_a_full_serial_line_does_not_hold_us(terminal: tuple[int, str]) -> None:
    _, device = terminal
    transport = open_transport(f"serial://{device}?baud=4000000&flow=none", timeout=0.05)

    with pytest.raises(PrinterUnreachableError, match="took no more bytes"):
        transport.write(bytes(20_000))
    transport.close()


def test_a_slip_over_a_serial_line_is_compact_and_confirmed(
    terminal: tuple[int, str], able: Profile, slip: Slip
) -> None:
    far, device = terminal
    pieces: list[Piece] = []
    received: list[bytes] = []
    machine = Machine(576, pieces.append)
    stop = threading.Event()

    def be_a_printer() -> None:
        while not stop.is_set():
            data = os.read(far, 4096)
            received.append(data)
            os.write(far, machine.receive(data))

    thread = threading.Thread(target=be_a_printer, daemon=True)
    thread.start()
    printer = Printer(f"serial://{device}?baud=115200&flow=none", able, patience=10)
    outcome = printer.print(slip)
    stop.set()
    with closing(open_transport(f"serial://{device}?baud=115200&flow=none")) as last:
        last.write(b"\x00")
        thread.join(10)

    assert outcome is Outcome.PRINTED
    assert "Ваш номер" in pieces[0].text
    assert sum(map(len, received)) < 8_000
