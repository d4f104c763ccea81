from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.journal import Journal
from kiosk.leftovers import Leftovers
from kiosk.settings import read_settings
from kiosk.staff_code import matches
from tests.kiosk.arrivals import ENROLMENT, SETTINGS, SITE, SITE_TEXT, issue

COMMANDS = ("run", "status", "staff-code", "printer-empty", "check-site")

Told = tuple[int, str, str]


@pytest.fixture
def place(folder: Path) -> Path:
    """A folder with good settings and a good site file."""
    (folder / "kiosk.toml").write_text(SETTINGS)
    (folder / "hbf.toml").write_text(SITE_TEXT)
    return folder


@pytest.fixture
def kiosk(capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """Runs a command; returns its exit code and what it said."""

    def run(*arguments: object) -> Told:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit_by_argparse:
            code = int(exit_by_argparse.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def test_help_names_every_command(kiosk: Callable[..., Told]) -> None:
    code, out, _ = kiosk("--help")

    assert code == 0
    assert all(f"python -m kiosk {command}" in out for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "required: COMMAND"),
        (("fly",), "invalid choice: 'fly'"),
        (("status", "--fast"), "unrecognized arguments: --fast"),
        (("check-site",), "required: file"),
    ],
)
def test_wrong_use_is_told(
    kiosk: Callable[..., Told], arguments: tuple[str, ...], reason: str
) -> None:
    code, out, err = kiosk(*arguments)

    assert (code, out) == (2, "")
    assert reason in err


@pytest.mark.parametrize("command", ["run", "status", "printer-empty"])
def test_settings_that_are_not_there_are_told(
    kiosk: Callable[..., Told], tmp_path: Path, command: str
) -> None:
    path = tmp_path / "gone.toml"

    code, _, err = kiosk(command, "--settings", path)

    told = f"{path}: there is no such file: make one with `python -m kiosk enrol`\n"
    assert (code, err) == (2, told)


def a_folder(place: Path) -> None:
    (place / "data").write_text("in the way")


def foreign(place: Path) -> None:
    change(place / "kiosk.toml", "00000000000d", "00000000000e")


def no_site_file(place: Path) -> None:
    (place / "hbf.toml").unlink()


def broken_site_file(place: Path) -> None:
    change(place / "hbf.toml", 'door = "2"', 'door = "room 2"')


def unknown_language(place: Path) -> None:
    change(place / "hbf.toml", '"uk", "de"', '"uk", "xx"')


def wrong_address(place: Path) -> None:
    change(place / "kiosk.toml", "tcp://127.0.0.1:9", "usb://1")


def wrong_profile(place: Path) -> None:
    change(place / "kiosk.toml", "[printer]", '[printer]\nprofile = "gone"')


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (a_folder, "data: the data folder cannot be made (File exists)"),
        (foreign, "journal.db: this journal belongs to enrolment"),
        (no_site_file, "hbf.toml: cannot be read: No such file or directory"),
        (broken_site_file, "hbf.toml, line 18: stages.1.door: "),
        (unknown_language, "hbf.toml: languages: this program does not speak xx; it speaks uk"),
        (wrong_address, "printer address 'usb://1': write usb:///dev/usb/lp0"),
        (wrong_profile, "gone.toml: no such file; shipped profiles are: "),
    ],
)
def test_what_keeps_a_kiosk_from_opening_is_one_sentence_before_any_window(
    kiosk: Callable[..., Told],
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None],
    told: str,
) -> None:
    def window(_screen: object) -> None:
        pytest.fail("a window was prepared")

    monkeypatch.setattr("kiosk.screens.window.prepare", window)
    if spoil is not a_folder:
        (place / "data").mkdir()
        Journal(place / "data" / "journal.db", enrolment=ENROLMENT).close()
    spoil(place)

    code, out, err = kiosk("run", "--settings", place / "kiosk.toml")

    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert "vErY" not in err


def test_status_tells_what_waits_and_changes_nothing(
    kiosk: Callable[..., Told], place: Path
) -> None:
    (place / "data").mkdir()
    path = place / "data" / "journal.db"
    journal = Journal(path, enrolment=ENROLMENT)
    first, second, _ = issue(journal, 3)
    journal.confirm(first.id)
    journal.refuse(second.id, reason="status 422")
    journal.stop("enrol this kiosk anew")
    journal.close()
    before = path.read_bytes()

    code, out, err = kiosk("status", "--settings", place / "kiosk.toml")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "kiosk      entrance-1",
        "sequence   3",
        "outbox     2 not confirmed, 1 of them refused",
        "stopped    enrol this kiosk anew",
        "check_ins  3",
    ]
    assert path.read_bytes() == before


def test_status_of_a_kiosk_that_never_ran_says_so(kiosk: Callable[..., Told], place: Path) -> None:
    code, out, err = kiosk("status", "--settings", place / "kiosk.toml")

    assert (code, out) == (2, "")
    assert "journal.db: no journal yet: this kiosk has not run with these settings" in err
    assert not (place / "data").exists()


def test_staff_say_that_the_printer_is_empty(kiosk: Callable[..., Told], place: Path) -> None:
    (place / "data").mkdir()
    journal = Journal(place / "data" / "journal.db", enrolment=ENROLMENT)
    issue(journal, 2)
    journal.close()
    running = Leftovers(place / "data")

    code, out, err = kiosk("printer-empty", "--settings", place / "kiosk.toml")

    assert (code, out, err) == (0, "noted: slips are printed again within seconds\n", "")
    assert running.staff_spoke()
    assert running.staff_said_since(2)


def test_of_a_printer_that_prints_nobody_says_that_it_is_empty(
    kiosk: Callable[..., Told], place: Path
) -> None:
    (place / "data").mkdir()
    Journal(place / "data" / "journal.db", enrolment=ENROLMENT).close()
    with Leftovers(place / "data").printing():
        code, out, err = kiosk("printer-empty", "--settings", place / "kiosk.toml")

    assert (code, out) == (2, "")
    assert err.startswith("a slip is being printed: ")


def test_a_word_that_cannot_be_noted_is_one_sentence(
    kiosk: Callable[..., Told], place: Path
) -> None:
    (place / "data").mkdir()
    Journal(place / "data" / "journal.db", enrolment=ENROLMENT).close()
    (place / "data" / "printer-empty.new").mkdir()

    code, out, err = kiosk("printer-empty", "--settings", place / "kiosk.toml")

    assert (code, out) == (2, "")
    assert "data: cannot be written (Is a directory): call this as the user" in err


def test_a_good_site_file_is_called_good(kiosk: Callable[..., Told], place: Path) -> None:
    path = place / "hbf.toml"

    assert kiosk("check-site", path) == (0, f"{path}: good. Site hbf, version {SITE.version}\n", "")


def test_a_broken_site_file_is_told_with_its_line(kiosk: Callable[..., Told], place: Path) -> None:
    path = place / "hbf.toml"
    change(path, 'landmark = "fish"', 'landmark = "whale"')

    code, out, err = kiosk("check-site", path)

    assert (code, out) == (2, "")
    assert err.startswith(f"{path}, line 17: stages.1.landmark: no landmark 'whale'")
    assert err.count("\n") == 1


def answers(monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
    left = list(typed)
    monkeypatch.setattr("getpass.getpass", lambda _: left.pop(0))


def test_a_staff_code_becomes_a_line_for_the_settings(
    kiosk: Callable[..., Told], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "402671", "402671")

    code, out, _ = kiosk("staff-code")

    assert code == 0
    assert "402671" not in out
    with (place / "kiosk.toml").open("a") as file:
        file.write("\n" + out.split("\n\n")[1])
    kept = read_settings(place / "kiosk.toml").staff.code
    assert kept is not None
    assert matches("402671", kept.get_secret_value())
    assert kept.get_secret_value() not in repr(kept)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [(("1234",), "6 to 12 digits"), (("402671", "402672"), "not the same")],
)
def test_a_staff_code_that_cannot_be_is_told(
    kiosk: Callable[..., Told],
    monkeypatch: pytest.MonkeyPatch,
    typed: tuple[str, ...],
    reason: str,
) -> None:
    answers(monkeypatch, *typed)

    code, out, err = kiosk("staff-code")

    assert (code, out) == (2, "")
    assert reason in err
    assert typed[0] not in err


def test_a_staff_code_in_clear_is_refused_without_showing_it(
    kiosk: Callable[..., Told], place: Path
) -> None:
    with (place / "kiosk.toml").open("a") as file:
        file.write('\n[staff]\ncode = "402671"\n')

    code, _, err = kiosk("status", "--settings", place / "kiosk.toml")

    assert code == 2
    assert "python -m kiosk staff-code" in err
    assert "402671" not in err
