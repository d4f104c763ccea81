"""A slip through a real pseudo-terminal, at the pace of a real wire and a real head."""

import time

import pytest

from printer.escpos_codec import Rendition
from printer.printer import Printer
from printer.sample import load_sample
from printer.status import Outcome
from printer.virtual_printer import Cable, Timing, VirtualPrinter

BAUD = 115_200


@pytest.mark.slow
def test_a_slip_takes_the_time_of_its_wire_and_is_confirmed(able):
    timing = Timing(baud=BAUD, millimetres_a_second=200)
    with VirtualPrinter(cable=Cable.PTY, timing=timing) as virtual:
        printer = Printer(virtual.address, able, rendition=Rendition.COMPACT)
        printer.prepare()
        began = time.monotonic()
        assert printer.print(load_sample("ar")) is Outcome.PRINTED
        took = time.monotonic() - began

    (slip,) = virtual.slips
    assert (slip.unknown, slip.remarks, slip.drawer_kicks) == ((), (), 0)
    assert took >= virtual.bytes_received * 10 / BAUD
    assert took >= timing.cut_seconds
