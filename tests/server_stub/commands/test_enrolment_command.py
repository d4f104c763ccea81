"""`enrolment-code`, `kiosk-requests`, `approve-kiosk`, `refuse-kiosk`, as somebody calls them."""

import re
from functools import partial

import pytest

from server_stub import enrolment_requests
from server_stub.__main__ import main
from server_stub.enrolment_rules import Verdict
from server_stub.settings import Settings
from server_stub.sqlite import held_alone
from tests.server_stub.asking import Machine
from tests.server_stub.open_room import open_room

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]

HALL = "192.0.2.7"


@pytest.fixture
def run(capsys, settings, clock, monkeypatch):
    """Run a command on the data of this test; return exit code, what it printed, complained of."""
    monkeypatch.setattr(
        "server_stub.commands.enrolment.settings_of",
        lambda options: Settings(data=options.data, clock=clock),
    )

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        name, *more = map(str, arguments)
        code = main([name, "--data", str(settings.data), *more])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def ask(settings, clock):
    """Let a machine ask, while a server runs on the data; return what it is told."""

    def ask(machine: Machine, code: str) -> enrolment_requests.Asked:
        with open_room(settings) as room:
            asking = partial(
                enrolment_requests.ask,
                site=room.site.id,
                request=machine.request(code),
                address=HALL,
                now=clock.now,
            )
            return room.writer.submit(asking).result(10)

    return ask


def code_in(out: str) -> str:
    return re.search(r": (\S{4}-\S{4})$", out, re.MULTILINE)[1]


def test_a_kiosk_is_enrolled_from_the_command_line(run, ask):
    code, out, _ = run("enrolment-code", "exit-1")
    assert code == 0
    assert "good until 12:15" in out
    machine, typed = Machine(), code_in(out)
    ask(machine, typed)

    assert run("kiosk-requests") == (0, f"{machine.fingerprint}  exit-1\n", "")
    assert run("approve-kiosk", *machine.fingerprint.split(), "--letter", "S") == (
        0,
        "exit-1 is enrolled; it goes on by itself\n",
        "",
    )

    assert ask(machine, typed).verdict is Verdict.APPROVED
    assert run("kiosk-requests") == (0, "no kiosk asks to be enrolled\n", "")


def test_a_new_series_says_which_one_it_ends(run, ask):
    _, out, _ = run("enrolment-code", "entrance-1", "--new-series")
    machine = Machine()
    ask(machine, code_in(out))

    told = run("kiosk-requests")[1]
    run("approve-kiosk", machine.fingerprint.replace(" ", "-").lower())

    assert told == f"{machine.fingerprint}  entrance-1  (in place of series D)\n"
    code, _, err = run("enrolment-code", "entrance-3", "--new-series")
    assert (code, err) == (
        2,
        "ankunft-server: no kiosk entrance-3 is in use: leave out --new-series\n",
    )


def test_a_second_machine_with_the_code_is_told_and_the_first_may_be_refused(run, ask):
    typed = code_in(run("enrolment-code", "exit-1")[1])
    machine = Machine()
    ask(machine, typed)
    ask(Machine(), typed)

    assert "another machine came with the same code" in run("kiosk-requests")[1]
    assert run("refuse-kiosk", machine.fingerprint) == (0, "exit-1 is refused\n", "")

    assert ask(machine, typed).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("enrolment-code", "Entrance One"), "is no name"),
        (("enrolment-code", "entrance-1"), "there is a kiosk entrance-1 already"),
        (("approve-kiosk", "K7QM"), "a fingerprint has four groups of four"),
        (("approve-kiosk", "K7QM-2XPA-9DGH-RT4W"), "no such kiosk asks to be enrolled"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, arguments, why):
    code, _, err = run(*arguments)

    assert (code, len(err.splitlines())) == (2, 1)
    assert why in err


@pytest.mark.sqlite
def test_a_server_that_runs_on_a_file_is_named_and_its_requests_can_be_read(run, settings):
    with held_alone(settings.lock):
        assert run("kiosk-requests")[0] == 0
        code, _, err = run("enrolment-code", "exit-1")

    assert code == 2
    assert "in use by process" in err


def test_a_fixed_token_is_said_to_be_for_trials(run):
    _, out, err = run("add-kiosk", "exit-1")

    assert "for trials on this machine" in out
    assert "for trials on this machine" in err
