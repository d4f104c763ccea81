"""`python -m printer virtual`, started as a technician starts it."""

import signal
import subprocess
import sys
import threading

import pytest

from printer.__main__ import main
from printer.commands.virtual import obey
from printer.virtual_printer import Fault, VirtualPrinter


@pytest.fixture
def printer():
    with VirtualPrinter() as virtual:
        yield virtual


def test_a_typed_fault_begins_and_is_mended(printer):
    assert obey("paper-out\n", printer) == "paper-out"
    assert printer.fault is Fault.PAPER_OUT
    assert obey("ok\n", printer) == "all is well"
    assert printer.fault is None


def test_a_typed_fault_may_wait_for_some_slips(printer):
    assert obey("paper-out 3\n", printer) == "paper-out after 3 more slips"
    assert printer.fault is None


def test_status_tells_what_it_has_done(printer):
    assert obey("status\n", printer) == (
        "ok; 0 slips, 0 bytes received; NV memory: 0 pictures, 262144 bytes free"
    )


def test_power_is_cycled(printer):
    assert obey("power-cycle\n", printer) == "off and on again"


@pytest.mark.parametrize("line", ["tired", "paper-out soon", "ok 3", ""])
def test_what_it_does_not_understand_is_answered_with_what_it_does(printer, line):
    assert "is none of ok, status, power-cycle, paper-out" in obey(line, printer)


def test_a_speed_of_nothing_is_refused(tmp_path, capsys):
    assert main(["virtual", "--speed", "0", "--out", str(tmp_path)]) == 2
    assert "must be above 0" in capsys.readouterr().err


def test_help_shows_examples_and_what_may_be_typed(capsys):
    with pytest.raises(SystemExit):
        main(["virtual", "--help"])
    text = capsys.readouterr().out

    assert "python -m printer virtual --pty" in text
    assert "paper-out 3" in text


@pytest.fixture
def program(tmp_path):
    """The program on a serial line, as a terminal starts it; it never outlives the test.

    A run in the background may be started with SIGINT ignored, and whatever it starts inherits
    that; a handler it does not inherit.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        program = subprocess.Popen(
            [sys.executable, "-m", "printer", "virtual", "--pty", "--out", str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    patience = threading.Timer(60, program.kill)
    patience.start()
    with program:
        try:
            yield program
        finally:
            patience.cancel()
            program.kill()


@pytest.mark.slow
def test_the_program_announces_its_device_obeys_and_ends(program):
    assert program.stdout.readline().startswith("printer at serial:///dev/")
    program.stdin.write("near-end\n")
    program.stdin.flush()
    assert program.stdout.readline() == "near-end\n"
    program.send_signal(signal.SIGINT)
    assert program.wait(10) == 0
