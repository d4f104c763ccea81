"""`python -m kiosk enrol`, from the code to settings that a kiosk runs with."""

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from stat import S_IMODE

import pytest

from kiosk.__main__ import main
from kiosk.assembly import open_emergency_desk, open_front_desk
from kiosk.contract.enrolling import EnrolmentState, fingerprint
from kiosk.contract.messages import RefusalCode, SlipState, Trouble
from kiosk.enrol_command import INTERRUPTED, enrol_command
from kiosk.enrolment import Enrolment, EnrolmentError
from kiosk.enrolment_folder import EnrolmentFolder, Pending
from kiosk.hardware import Hardware
from kiosk.journal import Journal, JournalError
from kiosk.last_store import LastStore
from kiosk.leftovers import Leftovers
from kiosk.private_key import read_key
from kiosk.settings import Settings, read_settings
from tests.kiosk.arrivals import FAMILY, KEY, SITE, issue
from tests.kiosk.central import STORE, refusal
from tests.kiosk.loopback import Loopback, Response
from tests.kiosk.registrar import CODE, OTHER_CODE, Registrar

APPROVED, REFUSED = EnrolmentState.APPROVED, EnrolmentState.REFUSED
Enrol = Callable[..., int]


@pytest.fixture
def registrar() -> Registrar:
    return Registrar()


@pytest.fixture
def server(registrar: Registrar) -> Iterator[Loopback]:
    with Loopback(registrar) as server:
        yield server


@pytest.fixture
def place(folder: Path) -> Path:
    return folder / "kiosk"


@pytest.fixture
def enrol(server: Loopback, place: Path) -> Enrol:
    """Runs the command; what happens while it waits is `meanwhile`, once for each wait."""

    def run(
        *,
        code: str | None = None,
        typed: tuple[str, ...] = (),
        url: str | None = server.url,
        meanwhile: tuple[Callable[[], object], ...] = (),
    ) -> int:
        answers, happens = list(typed), list(meanwhile)
        options = argparse.Namespace(server=url, ca=None, code=code, out=place, screen=False)
        return enrol_command(
            options, ask=lambda _: answers.pop(0), wait=lambda _: [happens.pop(0)()].clear()
        )

    return run


@pytest.fixture
def enrolled(enrol: Enrol, registrar: Registrar, place: Path) -> Settings:
    registrar.state = APPROVED
    assert enrol(code=CODE) == 0
    return read_settings(place / "kiosk.toml")


def interrupt() -> None:
    raise KeyboardInterrupt


def names(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()}


def test_an_approved_machine_is_a_kiosk(
    enrol: Enrol, registrar: Registrar, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def approve() -> None:
        registrar.state = APPROVED

    assert enrol(typed=("k7qm 2xpa",), meanwhile=(lambda: None, approve)) == 0

    said = capsys.readouterr().out
    shown = fingerprint(registrar.requests[0].public_key)
    assert "   ".join(" ".join(group) for group in shown.split()) in said
    assert "Ask an administrator to compare this" in said
    assert f"kiosk run --settings {place}/kiosk.toml" in said
    settings = read_settings(place / "kiosk.toml")
    assert (settings.kiosk.name, settings.kiosk.letter) == ("entrance-1", "D")
    assert settings.kiosk.skip_numbers == (200, 300)
    assert settings.server.token is None
    assert settings.site.key == KEY
    assert names(place) == {"kiosk.toml", "kiosk.key", "site.json", "data"}
    assert {path.name: S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {
        "kiosk.toml": 0o600,
        "kiosk.key": 0o600,
        "site.json": 0o600,
        "data": 0o700,
    }


def test_an_enrolled_kiosk_runs_with_its_settings_as_they_are(
    enrolled: Settings, registrar: Registrar
) -> None:
    desk = open_front_desk(enrolled)
    try:
        assert (desk.site, desk.trouble) == (SITE, "not-enrolled")  # before the server was heard
        desk.open()
        registrar.wait_for(lambda: len(registrar.heartbeats) > 1)

        assert desk.check_in(FAMILY).result().number == "D101"
        registrar.wait_for(lambda: registrar.arrivals == ["D101"])
    finally:
        desk.close()


def test_an_ended_wait_is_gone_on_with_by_the_same_key_and_code(
    enrol: Enrol, registrar: Registrar, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(typed=(CODE,), meanwhile=(interrupt,)) == INTERRUPTED
    assert not (place / "kiosk.toml").exists()
    assert "The same command goes on" in capsys.readouterr().out
    registrar.state = APPROVED

    assert enrol(url=None) == 0

    first, second = registrar.requests
    assert first == second


def test_the_same_command_with_its_code_goes_on_too(enrol: Enrol, registrar: Registrar) -> None:
    enrol(code=CODE, meanwhile=(interrupt,))
    registrar.state = APPROVED

    assert enrol(code=CODE) == 0
    assert registrar.requests[0] == registrar.requests[1]


def test_another_code_is_another_request_with_another_key(
    enrol: Enrol, registrar: Registrar, place: Path
) -> None:
    enrol(code=CODE, meanwhile=(interrupt,))
    registrar.state = APPROVED
    enrol(code=OTHER_CODE)

    first, second = registrar.requests
    assert (first.code, second.code) == (CODE, OTHER_CODE)
    assert first.public_key != second.public_key
    assert read_settings(place / "kiosk.toml").kiosk.letter == "F"
    assert "kiosk.key" in names(place)


def test_a_mistyped_code_is_asked_for_again(
    enrol: Enrol, registrar: Registrar, capsys: pytest.CaptureFixture[str]
) -> None:
    registrar.state = APPROVED

    assert enrol(typed=("K7QM", "K7QM-2XPB", CODE)) == 0

    said = capsys.readouterr().out
    assert "A code has two groups of four" in said.replace("a code", "A code")
    assert "no such code: compare it" in said
    assert len({request.public_key for request in registrar.requests}) == 1


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (RefusalCode.CODE_LAPSED, "has lapsed.* Have an administrator make a new one"),
        (RefusalCode.CODE_USED, "this code was used already: .* or by another machine"),
        (RefusalCode.KEY_USED, "it makes a new key"),
    ],
)
def test_a_request_that_leads_nowhere_is_told_and_forgotten(
    enrol: Enrol, registrar: Registrar, place: Path, code: RefusalCode, told: str
) -> None:
    registrar.fail = lambda _: refusal(403, code)

    with pytest.raises(EnrolmentError, match=told):
        enrol(code=CODE)

    assert names(place) == set()


def test_a_refused_machine_is_told(enrol: Enrol, registrar: Registrar, place: Path) -> None:
    registrar.state = REFUSED

    with pytest.raises(EnrolmentError, match="an administrator has refused this machine"):
        enrol(code=CODE)

    assert names(place) == set()


def test_a_server_that_goes_away_while_somebody_waits_is_asked_again(
    enrol: Enrol, registrar: Registrar, capsys: pytest.CaptureFixture[str]
) -> None:
    def go_away() -> None:
        registrar.fail = lambda _: Response(502, b"<h1>Bad gateway</h1>")

    def come_back() -> None:
        registrar.fail = lambda _: None
        registrar.state = APPROVED

    assert enrol(code=CODE, meanwhile=(go_away, lambda: None, come_back)) == 0
    assert capsys.readouterr().out.count("does not answer now") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--server", "http://ankunft.example"), "plain http is only for this very machine"),
        (("--server", "ankunft.example"), 'an address looks like "https://ankunft.example"'),
        (("--server", "http://127.0.0.1:1"), "no answer (connection refused): is the address"),
        ((), "which server? Say so with --server"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert main(["enrol", *arguments, "--code", CODE, "--out", str(place)]) == 2

    said = capsys.readouterr()
    assert told in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_the_hardware_is_told_hashed_and_kept(
    server: Loopback, registrar: Registrar, place: Path
) -> None:
    registrar.state = APPROVED
    machine = Hardware(frozenset({"card:abc"}))
    with closing(
        Enrolment(EnrolmentFolder(place), server=server.url, hardware=machine)
    ) as enrolment:
        enrolment.take_code(CODE)
        assert enrolment.ask() is APPROVED
        settings = enrolment.settings

    assert settings is not None
    assert registrar.requests[0].hardware == machine.digest()
    with closing(open_journal(settings)) as journal:
        assert journal.hardware == "card:abc"


# --- once more --------------------------------------------------------------------------------


def open_journal(settings: Settings) -> Journal:
    return Journal(settings.data / "journal.db", enrolment=settings.kiosk.enrolment)


OWN_TABLES = """\
# behind the door, second socket
[printer]
address = "tcp://127.0.0.1:9"   # the Epson

[keypad]
up = ["f13"]
"""


@pytest.fixture
def used(enrolled: Settings) -> Settings:
    """An enrolled kiosk with a printer of its own that has given out two numbers."""
    path = enrolled.folder / "kiosk.toml"
    head, _, _ = path.read_text().partition("# tcp://")
    path.write_text(f"{head}{OWN_TABLES}")
    with closing(open_journal(enrolled)) as journal:
        journal.server_heard()
        for made in issue(journal, 2):
            journal.set_slip(made.id, SlipState.SENDING)
            journal.set_slip(made.id, SlipState.PRINTED)
    return read_settings(path)


def test_a_kiosk_that_is_enrolled_anew_keeps_what_is_its_technicians(
    used: Settings, enrol: Enrol, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enrol(code=OTHER_CODE, url=None) == 0

    new, old = read_settings(place / "kiosk.toml"), read_settings(place / "kiosk-1.toml")
    assert (new.kiosk.letter, old.kiosk.letter) == ("F", "D")
    assert OWN_TABLES in (place / "kiosk.toml").read_text()
    assert (new.printer, new.keypad) == (used.printer, used.keypad)
    assert new.data == place / "data-2"
    assert new.earlier == (place / "kiosk-1.toml",)
    assert (new.server.key, old.server.key) == (place / "kiosk-2.key", place / "kiosk.key")
    assert "is delivered while it runs" in capsys.readouterr().out


def test_what_the_earlier_enrolment_made_is_delivered_with_its_own_key(
    used: Settings, enrol: Enrol, registrar: Registrar, place: Path
) -> None:
    enrol(code=OTHER_CODE)
    registrar.revoked = set()
    LastStore(used.data).keep(STORE)  # else all of it is sent once more, when it hears of the store
    old, new = registrar.enrolment_of(CODE), registrar.enrolment_of(OTHER_CODE)
    desk = open_front_desk(read_settings(place / "kiosk.toml"))
    desk.open()
    try:
        registrar.wait_for(lambda: len(registrar.slips) == 2)
    finally:
        desk.close()

    assert registrar.arrivals == ["D101", "D102"]
    assert {*registrar.tokens.values()} == {old, new}
    with closing(open_journal(used)) as journal:
        assert journal.undelivered() == 0


def test_an_earlier_enrolment_that_is_lost_keeps_nobody_from_running(
    used: Settings, enrol: Enrol, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(used.data)
    enrol(code=OTHER_CODE)

    desk = open_front_desk(read_settings(place / "kiosk.toml"))
    desk.close()

    assert "earlier outbox not opened" in caplog.text
    assert Leftovers(place / "data-2").noted(0)  # nobody knows what the printer holds


def test_a_rest_of_a_slip_is_known_to_the_new_enrolment(
    used: Settings, enrol: Enrol, place: Path
) -> None:
    with closing(open_journal(used)) as journal:
        journal.set_slip(issue(journal)[0].id, SlipState.SENDING)

    enrol(code=OTHER_CODE)

    assert Leftovers(place / "data-2").noted(0)


@pytest.mark.usefixtures("used")
def test_no_rest_of_a_slip_is_known_where_there_is_none(enrol: Enrol, place: Path) -> None:
    enrol(code=OTHER_CODE)

    assert not Leftovers(place / "data-2").noted(0)


class CutError(Exception):
    """The power is gone."""


STEPS = 20
"""So often a second enrolment writes, flushes or renames."""


@pytest.mark.parametrize("steps", range(STEPS + 1))
def test_cut_off_anywhere_the_old_settings_or_the_new_ones_are_whole_and_it_can_go_on(
    used: Settings, enrol: Enrol, place: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    left = [steps]

    def cut(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            if not left[0]:
                raise CutError
            left[0] -= 1
            return real(*arguments, **keywords)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", cut(Path.replace))
        patch.setattr(os, "link", cut(os.link))
        patch.setattr(os, "fsync", cut(os.fsync))
        patch.setattr(Journal, "keep_site", cut(Journal.keep_site))
        try:
            enrol(code=OTHER_CODE, url=None)
        except CutError:
            assert steps < STEPS, "there are more steps than that"
            between = read_settings(place / "kiosk.toml")
            assert between.kiosk.letter in "DF"
            read_key(between.server.key)
            if between.kiosk.letter == "D":
                assert between == used
        else:
            assert steps == STEPS, "there are fewer steps than that"
            return

    if between.kiosk.letter == "D" or (place / "enrolling.json").exists():
        assert enrol(code=OTHER_CODE, url=None) == 0

    new = read_settings(place / "kiosk.toml")
    assert (new.kiosk.letter, new.earlier) == ("F", (place / "kiosk-1.toml",))
    assert (new.printer, new.data) == (used.printer, place / "data-2")
    assert read_settings(place / "kiosk-1.toml").data == used.data
    assert not [name for name in names(place) if "enrolling" in name]


@pytest.fixture
def remembered(used: Settings, place: Path) -> Settings:
    """A kiosk whose disk took note of everything but that its enrolling had ended."""
    assert used.server.key == place / "kiosk.key"
    EnrolmentFolder(place).note(Pending(used.server.url, "", CODE, series=1))
    return used


def refused(registrar: Registrar) -> None:
    registrar.state = REFUSED


def refuses_the_key(registrar: Registrar) -> None:
    registrar.fail = lambda _: refusal(403, RefusalCode.KEY_USED)


@pytest.mark.parametrize("answers", [refused, refuses_the_key])
def test_the_key_of_a_kiosk_outlives_a_note_of_its_enrolling(
    remembered: Settings,
    enrol: Enrol,
    registrar: Registrar,
    answers: Callable[[Registrar], None],
) -> None:
    answers(registrar)

    with pytest.raises(EnrolmentError):
        enrol(url=None)

    read_key(remembered.server.key)


@pytest.mark.parametrize("named", [True, False])
def test_enrolled_anew_despite_such_a_note_its_earlier_outbox_is_delivered(
    remembered: Settings, enrol: Enrol, registrar: Registrar, place: Path, *, named: bool
) -> None:
    del registrar.codes[CODE]

    assert enrol(url=None, **({"code": OTHER_CODE} if named else {"typed": (OTHER_CODE,)})) == 0

    new = read_settings(place / "kiosk.toml")
    assert (new.kiosk.letter, new.earlier) == ("F", (place / "kiosk-1.toml",))
    read_key(remembered.server.key)
    assert new.server.key != remembered.server.key


# --- without its journal ------------------------------------------------------------------------


def test_a_kiosk_without_its_journal_says_so_on_its_screen_and_to_the_server(
    used: Settings, registrar: Registrar, folder: Path
) -> None:
    away = used.data.rename(folder / "another-disk")
    with pytest.raises(JournalError, match="is not there") as raised:
        open_front_desk(used)
    desk = open_emergency_desk(used, raised.value, on_mended=lambda: None)
    desk.open()
    try:
        registrar.wait_for(lambda: len(registrar.heartbeats) > 0)
    finally:
        desk.close()

    assert (desk.trouble, desk.site) == (Trouble.STOPPED, SITE)
    assert registrar.heartbeats[0]["troubles"] == [Trouble.STOPPED]
    assert not desk._can_be_opened()
    away.rename(used.data)  # its disk was only mounted later
    assert desk._can_be_opened()


# --- from the disk of a kiosk that runs no more ---------------------------------------------------


def test_the_outbox_of_a_broken_kiosk_is_delivered_from_its_disk(
    used: Settings, registrar: Registrar, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(used.folder / "kiosk.toml")
    registrar.fail = lambda _: Response(502, b"")
    assert main(["deliver", "--settings", file]) == 75
    registrar.fail = lambda _: None

    assert main(["deliver", "--settings", file]) == 0

    assert registrar.arrivals == ["D101", "D102"]
    said = capsys.readouterr()
    assert said.out.splitlines()[-2:] == [
        "2 not delivered, 0 refused",
        "0 not delivered, 0 refused",
    ]
    assert "the server takes nothing now: status 502" in said.err


@pytest.mark.usefixtures("used")
def test_status_tells_of_the_first_word_and_of_earlier_enrolments(
    enrol: Enrol, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enrol(code=OTHER_CODE)
    capsys.readouterr()

    assert main(["status", "--settings", str(place / "kiosk.toml")]) == 0

    said = capsys.readouterr().out
    assert "awaits     the server: no number before it answers and knows this kiosk" in said
    assert "earlier    kiosk-1.toml: 2 not delivered, 0 refused" in said
