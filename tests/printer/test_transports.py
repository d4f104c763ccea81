import errno
import os
import pty
import re
import socket
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import serial

from printer.address import open_transport, parse_address
from printer.printer import Printer
from printer.profile import Profile
from printer.slip import Slip
from printer.status import Outcome
from printer.transports import AddressError, PrinterUnreachableError, Transport
from printer.transports.serial_port import Framing
from printer.virtual.machine import Machine
from printer.virtual.paper import Piece


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://printer", "known are tcp://host:9100, serial:///dev/ttyS0"),
        ("192.168.1.40", "known are tcp://host:9100, serial:///dev/ttyS0"),
        ("tcp://", "write tcp://host:9100"),
        ("tcp://printer:port", "Port could not be cast"),
        ("tcp://printer/slips", "write tcp://host:9100"),
        ("tcp://printer:0", "write tcp://host:9100"),
        ("tcp://entrance..example", "write tcp://host:9100"),
        ("tcp://" + 64 * "x", "write tcp://host:9100"),
        ("tcp://anna@printer", "write tcp://host:9100"),
        ("tcp://[::1", "Invalid IPv6 URL"),
        ("file:///slips#2", "no '#'"),
        ("usb:///dev/\0", "no NUL"),
        ("serial:///dev/ttyS0?baud=", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?baud=99999999999999999999", "write serial:///dev/ttyS0"),
        ("serial://ttyS0", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?baud=fast", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?flow=dsrdtr", r"rtscts\|xonxoff\|none"),
        ("serial:///dev/ttyS0?speed=9600", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?baud=0", "write serial:///dev/ttyS0"),
        ("serial:///dev/ttyS0?parity=mark", r"parity=none\|even\|odd"),
        ("serial:///dev/ttyS0?bits=9", r"bits=8\|7"),
        ("usb:", "write usb:///dev/usb/lp0"),
        ("usb://1", "write usb:///dev/usb/lp0"),
        ("usb:///dev/usb/lp0?baud=9600", "write usb:///dev/usb/lp0"),
        ("file:///", "write file:///path"),
        ("virtual://printer", "write virtual:"),
        ("virtual:?colour=red", "'colour' is unknown"),
        ("virtual:?fault=fire", "fault is 'fire': known are paper-out"),
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


def test_a_printer_may_have_an_address_of_the_sixth_version() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        address = f"tcp://[::1]:{listener.getsockname()[1]}"
        open_transport(address).close()
    with pytest.raises(PrinterUnreachableError, match=re.escape(address)):
        open_transport(address)


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


def test_a_printer_that_reads_slowly_gets_all_of_a_long_write(
    tcp: tuple[Transport, socket.socket],
) -> None:
    """Longer than any buffer, and longer than the time limit: what counts is that it moves."""
    transport, far = tcp
    size, received = 3_000_000, 0
    done = threading.Thread(target=transport.write, args=(bytes(size),))
    done.start()
    while received < size:
        received += len(far.recv(500_000))
    done.join(10)

    assert not done.is_alive()
    assert received == size


def test_a_line_whose_other_end_vanished_fails_and_does_not_wait_for_ever(
    tcp: tuple[Transport, socket.socket],
) -> None:
    """The peer has forgotten the connection, as after a power cut: what is sent is refused."""
    transport, far = tcp
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    far.close()

    with pytest.raises(PrinterUnreachableError):
        transport.read(16, timeout=5)
    with pytest.raises(PrinterUnreachableError):
        transport.write(b"slip")


def test_no_connection_is_kept_alive_and_none_waits_for_acknowledgement_for_ever(
    tcp: tuple[Transport, socket.socket],
) -> None:
    connected = tcp[0]._socket

    assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0
    assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 50


def test_a_slip_arrives_although_nobody_read_the_answers(
    tcp: tuple[Transport, socket.socket],
) -> None:
    """Closing over unread bytes resets a connection, and a reset throws away what was sent."""
    transport, far = tcp
    far.sendall(b"\x10\x00\x00\x00")
    transport.write(bytes(100_000))
    threading.Thread(target=transport.close).start()

    received = 0
    while data := far.recv(65536):
        received += len(data)
    assert received == 100_000


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


def test_a_serial_line_takes_the_form_of_a_byte_from_its_address(
    terminal: tuple[int, str],
) -> None:
    _, device = terminal
    with closing(open_transport(f"serial://{device}?baud=19200&parity=even&flow=none")) as line:
        assert line.bytes_per_second == pytest.approx(19_200 / 11)


@pytest.mark.parametrize(
    ("framing", "bits"),
    [
        (Framing(9600), 10),
        (Framing(9600, 7), 9),
        (Framing(9600, 7, "odd"), 10),
        (Framing(9600, 8, "even"), 11),
    ],
)
def test_a_byte_takes_its_bits_with_start_parity_and_stop(framing: Framing, bits: int) -> None:
    assert framing.bytes_per_second == 9600 / bits


def test_a_serial_line_in_use_is_unreachable_for_a_second_program(
    terminal: tuple[int, str],
) -> None:
    _, device = terminal
    with (
        closing(open_transport(f"serial://{device}?flow=none")),
        pytest.raises(PrinterUnreachableError, match="no printer at"),
    ):
        open_transport(f"serial://{device}?flow=none")


def test_an_unplugged_serial_line_is_unreachable() -> None:
    far, near = pty.openpty()
    line = open_transport(f"serial://{os.ttyname(near)}?flow=none", timeout=0.5)
    os.close(near)
    os.close(far)

    with pytest.raises(PrinterUnreachableError, match="took no more bytes"):
        line.write(b"slip")
    with pytest.raises(PrinterUnreachableError, match="went away"):
        line.read(16, timeout=1)
    line.close()


def test_closing_a_serial_line_twice_is_harmless(terminal: tuple[int, str]) -> None:
    line = open_transport(f"serial://{terminal[1]}?flow=none")
    line.close()
    line.close()


def test_closing_a_serial_line_gives_the_last_bytes_their_time_and_no_more(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel says that bytes are left, as it does of a port that is held by its printer."""
    line = open_transport(f"serial://{terminal[1]}?baud=9600&flow=none")
    monkeypatch.setattr(serial.Serial, "out_waiting", property(lambda _: 1))
    line.write(bytes(24))
    began = time.monotonic()
    line.close()

    assert 0.01 < time.monotonic() - began < 1
    assert not line._port.is_open  # type: ignore[attr-defined]


def test_a_blind_printer_that_pauses_on_a_serial_line_gets_its_slip_to_the_end(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch, able: Profile, slip: Slip
) -> None:
    """Of a pseudo-terminal the kernel never says that bytes are left, as it does of a port."""
    far, device = terminal
    os.set_blocking(far, False)
    received = b""
    looks = iter(range(100))

    def left(_: serial.Serial) -> int:
        nonlocal received
        if next(looks) < 20:  # longer than the slip takes on the wire
            return 1
        with suppress(BlockingIOError):
            while True:
                received += os.read(far, 4096)
        return 0

    monkeypatch.setattr(serial.Serial, "out_waiting", property(left))
    blind = replace(able, blind=True)
    printer = Printer(f"serial://{device}?baud=4000000&flow=none", blind)

    assert printer.print(slip) is Outcome.SENT
    assert b"\x1dVB" in received[-20:]  # its cut
    assert not printer.leftovers


def test_a_blind_printer_that_holds_the_end_of_its_slip_back_is_not_said_to_have_it(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch, able: Profile, slip: Slip
) -> None:
    _, device = terminal
    monkeypatch.setattr(serial.Serial, "out_waiting", property(lambda _: 1))
    open_line = partial(parse_address(f"serial://{device}?baud=4000000&flow=none"), 0.05)
    printer = Printer(open_line, replace(able, blind=True))

    assert printer.print(slip) is Outcome.UNCONFIRMED
    assert printer.leftovers


def test_a_usb_line_carries_both_ways_on_a_pty_in_place_of_lp0(terminal: tuple[int, str]) -> None:
    far, device = terminal
    with closing(open_transport(f"usb://{device}", timeout=1)) as line:
        line.write(b"\x10\x04\x01")
        assert os.read(far, 16) == b"\x10\x04\x01"
        os.write(far, b"\x12")
        assert line.read(16, timeout=5) == b"\x12"
        assert line.read(16, timeout=0) == b""
        assert line.read(16, timeout=0.01) == b""
        assert line.bytes_per_second is None


def test_a_usb_printer_that_takes_nothing_does_not_hold_us_on_a_pty_in_place_of_lp0(
    terminal: tuple[int, str],
) -> None:
    _, device = terminal
    with (
        closing(open_transport(f"usb://{device}", timeout=0.05)) as line,
        pytest.raises(PrinterUnreachableError, match="took no more bytes"),
    ):
        line.write(bytes(200_000))


def test_an_unplugged_usb_printer_is_unreachable_on_a_pty_in_place_of_lp0() -> None:
    far, near = pty.openpty()
    tty.setraw(near)
    line = open_transport(f"usb://{os.ttyname(near)}", timeout=0.5)
    os.close(near)
    os.close(far)

    with pytest.raises(PrinterUnreachableError, match="went away"):
        line.read(16, timeout=5)
    with pytest.raises(PrinterUnreachableError, match="took no more bytes"):
        line.write(b"slip")
    line.close()
    line.close()
    with pytest.raises(PrinterUnreachableError, match="is closed"):
        line.read(16, timeout=0)


@pytest.mark.parametrize("reason", [errno.EINVAL, errno.EIO])
def test_a_usb_printer_that_only_listens_answers_nothing(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    """The kernel's answer to reading from such a printer, which no pty gives."""
    far, device = terminal

    def read(*_: object) -> bytes:
        raise OSError(reason, os.strerror(reason))

    with closing(open_transport(f"usb://{device}", timeout=1)) as line:
        os.write(far, b"x")
        monkeypatch.setattr(os, "read", read)
        assert line.read(16, timeout=0.01) == b""


def test_a_file_line_appends_and_answers_nothing(tmp_path: Path) -> None:
    path = tmp_path / "slips.bin"
    for slip in (b"one", b"two"):
        with closing(open_transport(f"file://{path}")) as line:
            line.write(slip)
            before = time.monotonic()
            assert line.read(16, timeout=0.01) == b""
            assert time.monotonic() - before >= 0.01

    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_line_into_a_fifo_needs_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    os.mkfifo(path)
    with pytest.raises(PrinterUnreachableError, match="nothing reads from it"):
        open_transport(f"file://{path}")

    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with closing(open_transport(f"file://{path}", timeout=0.05)) as line:
        line.write(b"slip")
        assert os.read(reader, 16) == b"slip"
        with pytest.raises(PrinterUnreachableError, match="took no more bytes"):
            line.write(bytes(1_000_000))
        os.close(reader)
        with pytest.raises(PrinterUnreachableError, match="took no more bytes"):
            line.write(b"slip")


def test_a_device_that_is_not_there_is_not_made() -> None:
    with pytest.raises(PrinterUnreachableError, match="no printer at /dev/usb-lp9"):
        open_transport("file:///dev/usb-lp9")


def test_a_virtual_address_is_one_printer_whose_slips_outlast_the_line(
    tmp_path: Path, able: Profile, slip: Slip
) -> None:
    address = f"virtual:?out={tmp_path}"
    for _ in range(2):
        assert Printer(address, able, patience=10).print(slip) is Outcome.PRINTED

    assert sorted(path.name for path in tmp_path.iterdir()) == ["slip-0001.png", "slip-0002.png"]


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
