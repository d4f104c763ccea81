"""Probing the virtual printer: what is answered, what is seen, and what happens on each fault."""

import io
from collections.abc import Iterator

import pytest

from printer.__main__ import main
from printer.address import open_transport
from printer.artwork import Artwork
from printer.escpos_codec import hinted_slots
from printer.probe import Probe
from printer.profile import Clear, Profile, load_profile
from printer.status import Outcome, PrinterState
from printer.test_page import encode_page, page_of_claims, page_of_everything
from printer.transports import PrinterUnreachableError
from printer.transports.serial_port import SerialPort
from printer.trials import ABILITIES, SPECIMENS, TRIAL_URL, Sheet, trial_commands
from printer.virtual_printer import Cable, Fault, VirtualPrinter

PATIENCE = "0.1"


@pytest.fixture
def virtual() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as printer:
        yield printer


@pytest.fixture
def probe(virtual, tmp_path, monkeypatch):
    """Run the command; return its exit code and the profile that it wrote, if any."""
    monkeypatch.setattr("printer.probe.PAGE_SECONDS", 0.5)
    monkeypatch.setattr("printer.probe.SETTLE_SECONDS", 0)

    def run(*options: str) -> tuple[int, Profile | None]:
        out = tmp_path / "mine.toml"
        code = main(["probe", virtual.address, "--patience", PATIENCE, "--out", str(out), *options])
        return code, load_profile(out) if out.exists() else None

    return run


def test_what_nobody_has_seen_is_not_claimed(probe, virtual, capsys):
    code, profile = probe("--no-print")

    assert code == 0
    assert profile == Profile(
        "ANKUNFT VIRTUAL", 576, process_id=True, nv_graphics=True, clear=Clear.DC4, cutter=False
    )
    assert virtual.slips == []
    assert "done, by its name (GS ( H): answered" in capsys.readouterr().out


def test_what_a_person_saw_is_claimed_and_nothing_else(probe, virtual):
    code, profile = probe("--right", "1,3,5,9,10", "--capital-dots", "20")

    assert code == 0
    assert profile is not None
    assert (profile.left_margin, profile.native_qr, profile.cutter) == (True, True, True)
    assert (profile.doubled_raster, profile.dot_feed, profile.smoothing) == (False, False, False)
    assert profile.capital_dots == 20
    assert profile.code_pages == {"CP1251": 46}
    assert virtual.slips == []


def test_each_value_says_how_it_was_found(probe, tmp_path):
    probe("--right", "1,5")
    text = (tmp_path / "mine.toml").read_text("utf-8")

    assert "# confirmed by a person\nnative_qr = true" in text
    assert "# a person saw that it is not so\nleft_margin = false" in text
    assert "# GS ( H function 48: answered\nprocess_id = true" in text
    assert "# assumed: nobody has measured it\ncapital_dots = 0" in text


def test_a_profile_that_was_there_is_kept(probe, tmp_path):
    probe("--right", "1,5")
    before = (tmp_path / "mine.toml").read_text("utf-8")
    probe("--right", "1")

    assert (tmp_path / "mine.toml.old").read_text("utf-8") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml", "mine.toml.old"]


def test_paper_of_another_width_gets_no_profile(probe, capsys):
    assert probe("--right", "2,5") == (1, None)
    assert "the paper is not 80 mm wide" in capsys.readouterr().out


def test_a_number_that_is_not_on_the_page_is_refused(probe, capsys):
    assert probe("--right", "1,99") == (2, None)
    assert "there is no number 99" in capsys.readouterr().err


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_before_the_printer_is_asked_until_the_answer_is_clear(
    probe, virtual, monkeypatch, capsys
):
    monkeypatch.setattr("sys.stdin", Keyboard("one\n99\n1, 5 9\n30\n20\n"))
    code, profile = probe()

    assert code == 0
    assert profile is not None
    assert (profile.native_qr, profile.cutter, profile.capital_dots) == (True, True, 20)
    assert len(virtual.slips) == 1
    said = capsys.readouterr().out
    assert "write numbers such as 1,3,7" in said
    assert "there is no number 99" in said
    assert "write a whole number, 14 to 24" in said


def test_a_keyboard_that_is_gone_confirms_nothing(probe, monkeypatch):
    monkeypatch.setattr("sys.stdin", Keyboard(""))
    code, profile = probe()

    assert code == 0
    assert profile is not None
    assert not profile.native_qr


def test_a_printer_that_answers_nothing_and_prints_is_blind(probe, virtual):
    virtual.fault = Fault.SILENT
    assert probe() == (1, None)
    code, profile = probe("--right", "1,5")

    assert code == 1  # no slip on it can ever be confirmed
    assert profile is not None
    assert profile.blind
    assert not profile.process_id


# What the command says, and its exit code, for each misfortune of the virtual printer.
ENDINGS = {
    Fault.PAPER_OUT: (1, "the printer is paper-out: mend it and probe again"),
    Fault.NEAR_END: (0, "test page: printed"),
    Fault.COVER_OPEN: (1, "the printer is cover-open: mend it and probe again"),
    Fault.CUTTER_ERROR: (1, "the printer is cutter-error: mend it and probe again"),
    Fault.CUTTER_JAMS: (1, "not confirmed, the printer is cutter-error"),
    Fault.OVERHEATED: (1, "the printer is overheated: mend it and probe again"),
    Fault.OFFLINE: (1, "the printer is offline: mend it and probe again"),
    Fault.SILENT: (1, "sent to a printer that answers nothing"),
    Fault.SLOW: (1, "not confirmed, the printer is ready: probe again with more --patience"),
    Fault.UNCONFIRMING: (1, "it never says that it is done"),
    Fault.MUTE_WRITING: (0, "test page: printed"),
    Fault.GARBAGE: (0, "test page: printed"),
    Fault.STALE: (0, "test page: printed"),
    Fault.CABLE_CUT: (2, "it may hold half a page: switch it off and on"),
}


def test_every_fault_has_its_ending():
    assert set(ENDINGS) == set(Fault)


@pytest.mark.slow
@pytest.mark.parametrize("fault", Fault)
def test_each_fault_ends_in_a_sentence_and_an_exit_code(fault, probe, virtual, capsys, monkeypatch):
    monkeypatch.setattr("printer.probe.SETTLE_SECONDS", 0.1)
    virtual.cut_after = 5000
    virtual.fault = fault
    code, _ = probe()

    said = capsys.readouterr()
    assert (code, ENDINGS[fault][1] in said.out + said.err) == (ENDINGS[fault][0], True)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.CABLE_CUT])
def test_no_fault_leaves_half_a_command_in_the_printer(fault, probe, virtual, monkeypatch):
    monkeypatch.setattr("printer.probe.SETTLE_SECONDS", 0.1)
    virtual.fault = fault
    probe()
    virtual.fault = None
    slips = len(virtual.slips)

    # The mended printer may have a page to finish before it answers.
    assert probe("--print", "--right", "1", "--patience", "3")[0] == 0
    printed = virtual.wait_for_slips(slips + 1, timeout=5)[-1]
    assert printed.unknown == ()
    assert printed.qr_codes[-1] == TRIAL_URL


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("lpt1", "known are tcp://"),
        ("usb:///dev/usb/lp99", "No such file or directory"),
        ("serial:///dev/ttyS99?baud=1", "no printer at /dev/ttyS99"),
    ],
)
@pytest.mark.parametrize("command", ["probe", "test-page"])
def test_an_address_without_a_printer_is_one_sentence(command, address, reason, capsys):
    assert main([command, address, "--patience", PATIENCE]) == 2

    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_a_profile_that_cannot_be_written_is_one_sentence(virtual, tmp_path, capsys):
    out = str(tmp_path / "no-such-folder" / "mine.toml")
    assert main(["probe", virtual.address, "--no-print", "--out", out]) == 2

    assert "No such file or directory" in capsys.readouterr().err


class BrokenLine:
    """Takes so many bytes and is gone."""

    bytes_per_second = None

    def __init__(self, sent: list[bytes], breaks_at: int | None) -> None:
        self._sent, self._breaks_at = sent, breaks_at

    def write(self, data: bytes) -> None:
        self._sent.append(data)
        if self._breaks_at is not None and len(data) > self._breaks_at:
            raise PrinterUnreachableError("gone")

    def read(self, limit: int, *, timeout: float) -> bytes:
        del limit, timeout
        return b""

    def close(self) -> None:
        pass


def test_half_a_page_is_thrown_away_over_a_new_line():
    sent: list[bytes] = []
    lines = iter([BrokenLine(sent, 100), BrokenLine(sent, None)])
    probe = Probe(lambda: next(lines), patience=0, ids=iter([b"0001"]), tell=print)

    with pytest.raises(PrinterUnreachableError):
        probe.print_page(lambda _: bytes(200), Profile("blind", 576, blind=True))
    assert sent == [bytes(200), b"\x10\x05\x02"]


@pytest.mark.parametrize(("blind", "confirms"), [(True, True), (False, False)])
def test_a_page_that_nobody_confirms_is_not_said_to_be_sent_while_its_end_is_held_back(
    monkeypatch, blind, confirms
):
    def drain(_: SerialPort) -> None:
        raise PrinterUnreachableError("it holds the line")

    monkeypatch.setattr(SerialPort, "drain", drain)
    profile = Profile("any", 576, blind=blind)
    with VirtualPrinter(cable=Cable.PTY) as virtual:
        probe = Probe(_line(virtual), patience=1, ids=iter([b"0001"]), tell=print)

        with pytest.raises(PrinterUnreachableError, match="it holds the line"):
            probe.print_page(lambda _: b"A\n", profile, confirms=confirms)


@pytest.mark.parametrize("paper", [576, 384])
def test_the_page_shows_everything_that_a_profile_can_claim(paper, artwork: Artwork):
    profile = Profile("any", paper)
    page = page_of_everything("any", paper, {"CP1251": (46, 73), "CP857": (13,)})
    with VirtualPrinter(width=paper) as virtual:
        probe = Probe(_line(virtual), patience=1, ids=iter([b"0001"]), tell=print)
        outcome = probe.print_page(
            lambda job_id: encode_page(page, profile, artwork, job_id=job_id), profile
        )
        (slip,) = virtual.wait_for_slips(1, timeout=5)

    assert outcome == (Outcome.PRINTED, PrinterState.READY)
    assert f"10 slot 46  {SPECIMENS['CP1251']}" in slip.text
    assert SPECIMENS["CP1251"] not in slip.text.split("11 slot")[1]
    assert slip.qr_codes == (TRIAL_URL,)
    assert (slip.unknown, slip.drawer_kicks) == ((), 0)


def test_the_slots_of_the_model_are_tried_first():
    assert hinted_slots("CP1251", "unheard of")[0] == 46
    assert hinted_slots("CP1251", "pos-5890")[:2] == (73, 46)
    assert hinted_slots("CP0", "POS-5890") == ()


def test_the_numbers_of_the_abilities_never_change():
    page = page_of_everything("any", 576, {"CP1251": (46,)})
    profile = Profile("any", 576, native_qr=True, cutter=False, code_pages={"CP1251": 6})

    assert [trial.number for trial in page.trials] == [*range(1, 11)]
    assert [trial.number for trial in page_of_claims(profile).trials] == [1, 5, 10]


@pytest.mark.parametrize("setting", ["left_margin", "doubled_raster"])
def test_only_an_able_printer_joins_the_halves_of_a_frame(setting, artwork: Artwork):
    ability = next(ability for ability in ABILITIES if ability.setting == setting)
    commands = trial_commands(ability, Sheet(Profile("any", 576), artwork))
    # What a printer without the ability makes of it: no margin, no doubling.
    unable = commands.replace(b"\x1dL", b"\x1dW").replace(b"\x1dv0\x03", b"\x1dv0\x00")

    able_picture, unable_picture = (_printed(data) for data in (commands, unable))
    height = able_picture.height
    halves = [
        able_picture.crop((0, 0, 576, height // 2)),
        able_picture.crop((0, height // 2, 576, height)).transpose(1),
    ]
    assert halves[0].tobytes() == halves[1].tobytes()
    assert unable_picture.tobytes() != able_picture.tobytes()


def _printed(commands: bytes):
    with VirtualPrinter() as virtual:
        line = _line(virtual)()
        line.write(b"\x1b@" + commands + b"\x1dV\x00")
        (slip,) = virtual.wait_for_slips(1, timeout=5)
        line.close()
    return slip.picture


def _line(virtual: VirtualPrinter):
    return lambda: open_transport(virtual.address)
