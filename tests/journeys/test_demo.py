"""What `make demo` shows where there is no screen: two arrivals, called by a counter."""

import signal
import sys
from collections.abc import Iterator

import pytest

from tests.stand import demo

pytestmark = [pytest.mark.slow, pytest.mark.display]


@pytest.fixture(autouse=True)
def end_by_signal() -> Iterator[None]:
    """The demo takes kill for Ctrl-C: that must not outlive it here."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_demo_goes_from_touch_to_call(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "argv", ["make demo", "--screen", "no"])

    code = demo.main()

    told = capsys.readouterr()
    assert (code, told.err) == (0, "")
    assert "D101 touched, printed, received and called; then D102." in told.out
    assert len(list(tmp_path.glob("slips/*.png"))) == 2
    assert list(tmp_path.glob("screens/*-help.png"))
