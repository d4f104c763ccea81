import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from printer.__main__ import main
from printer.printer import Printer
from printer.virtual_printer import Fault, VirtualPrinter


@pytest.fixture
def virtual() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


def test_status_says_how_the_printer_is(
    virtual: VirtualPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", virtual.address]) == 0
    assert capsys.readouterr().out == "ready\n"

    virtual.fault = Fault.COVER_OPEN
    assert main(["status", virtual.address]) == 1
    assert capsys.readouterr().out == "cover-open\n"


def test_a_test_page_is_printed_or_says_why_not(
    virtual: VirtualPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test-page", virtual.address, "--profile", "virtual-80"]) == 0
    virtual.fault = Fault.PAPER_OUT
    assert main(["test-page", virtual.address]) == 1

    told = "printed\nnot printed: the printer is paper-out: mend it and print again\n"
    assert capsys.readouterr().out == told


def test_a_slip_is_rendered_to_picture_and_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    png, out = tmp_path / "slip.png", tmp_path / "slip.bin"
    options = ["--number", "J777", "--paper", "58", "--png", str(png), "--out", str(out)]

    assert main(["render", "--language", "de", *options]) == 0
    with Image.open(png) as picture:
        assert picture.width == 384
    assert out.read_bytes().startswith(b"\x1b@")
    assert f"{out.stat().st_size} bytes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["status", "lpt1"], "known are tcp://"),
        (["render", "--language", "tlh"], "no sample slip in 'tlh'"),
        (["render", "--profile", "none"], "no such file; shipped profiles are"),
        (["render", "--png", "/dev/null/slip.png"], "/dev/null/slip.png: Not a directory"),
        (["render", "--profile", "\0.toml"], "embedded null byte"),
        (["virtual", "--listen", "9100"], "write HOST:PORT"),
        (["virtual", "--speed", "nan"], "must be above 0"),
        (["virtual", "--out", "/dev/null/slips"], "choose another port or folder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_ctrl_c_is_not_taken_for_a_printer_that_can_print(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Printer, "state", interrupted)
    assert main(["status", "virtual:"]) == 130


def test_a_taken_port_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["virtual", "--listen", listen, "--out", str(tmp_path)]) == 2
    assert "choose another port" in capsys.readouterr().err


def test_an_unreachable_printer_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert main(["status", f"tcp://127.0.0.1:{port}"]) == 2
    assert "is it on, and is the address right?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["render", "--paper", "70"],
        ["render", "--copy", "-1"],
        ["status", "virtual:", "--patience", "-1"],
        ["status", "virtual:", "--patience", "0"],
        ["status", "virtual:", "--patience", "nan"],
        ["status", "virtual:", "--patience", "inf"],
        ["status", "virtual:", "--patience", "long"],
        ["virtual", "--after", "-1"],
        [],
    ],
)
def test_an_unknown_option_is_argparse_s_sentence_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)

    assert left.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_help_shows_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    text = capsys.readouterr().out
    assert "python -m printer virtual" in text
    assert "exit codes:" in text
