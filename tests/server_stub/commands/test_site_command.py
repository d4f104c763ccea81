"""`site`, as whoever runs the server calls it."""

import pytest

from server_stub.__main__ import main
from server_stub.sqlite import held_alone
from tests.server_stub.enrolled import party
from tests.server_stub.open_room import open_room
from tests.server_stub.site_drafts import with_keys, without_counters, without_stages

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]


@pytest.fixture
def run(capsys, settings):
    """Run `site` on the data of this test; return exit code, what it printed and complained of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["site", *map(str, arguments), "--data", str(settings.data)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def toml(site_file) -> str:
    return site_file.read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path):
    def write(toml: str):
        path = tmp_path / "new.toml"
        path.write_text(toml, encoding="utf-8")
        return path

    return write


def test_the_file_in_force_is_printed_as_it_was_written(run, toml):
    assert run("show") == (0, toml, "")


def test_a_file_is_put_in_force_and_taken_back(run, toml, file):
    new = with_keys(toml, name="Hafen")

    assert run("take", file(new), "--note", "a new name")[0] == 0
    assert run("show")[1] == new
    code, out, _ = run("back", 1)
    assert (code, "version 3 is in force" in out) == (0, True)

    assert run("show")[1] == toml
    assert run("show", "--number", 2)[1] == new
    lines = run("versions")[1].splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert lines[0].endswith("the command line      as version 1 was")
    assert lines[1].endswith("a new name")


def test_what_a_file_does_is_told_beforehand_and_when_it_is_done(run, toml, file, settings, kiosk):
    with open_room(settings) as room:
        for sequence, route in enumerate(("housing", "information housing"), 1):
            content = party(*route.split()).model_copy(update={"ticket_token": f"{sequence:022}"})
            room.admit(kiosk, kiosk.check_in(sequence, content=content))
        room.call_next("1")
    new = file(without_stages(without_counters(toml, "1"), "housing"))

    checked, taken = run("check", new)[1], run("take", new)[1]

    assert "stages housing removed\n" in checked
    for said in (checked, taken):
        assert "D101: housing is gone: goes on at information, to be asked" in said
        assert "D102: counter 1 is gone: waits again at information\n" in said
    assert "version 2 is in force" in taken


@pytest.mark.parametrize("command", ["check", "take"])
def test_what_cannot_follow_is_refused_with_the_reason(run, toml, file, command):
    code, out, err = run(command, file(with_keys(toml, time_zone="Europe/Kyiv")))

    assert (code, out) == (2, "")
    assert "time_zone is Europe/Berlin and not Europe/Kyiv: the days" in err


def test_a_broken_file_is_refused_with_its_line(run, toml, file):
    code, _, err = run("take", file(toml.replace('door = "4"', 'door = ""')))

    assert code == 2
    assert "line " in err


def test_a_language_that_kiosks_do_not_speak_is_refused(run, toml, file):
    code, _, err = run("take", file(toml.replace('"az", "vi",', '"az", "vi", "sw",')))

    assert (code, "kiosks do not speak sw" in err) == (2, True)


def test_a_version_that_there_is_not_is_said_to_be_none(run):
    for arguments in (("back", 9), ("show", "--number", 9)):
        code, _, err = run(*arguments)
        assert (code, "there is no version 9" in err) == (2, True)


@pytest.mark.sqlite
def test_a_sqlite_that_a_server_uses_is_read_and_not_changed(run, toml, file, settings):
    with held_alone(settings.lock):
        assert run("show")[1] == toml
        assert run("check", file(with_keys(toml, name="Hafen")))[0] == 0
        code, _, err = run("take", file(with_keys(toml, name="Hafen")))

    assert (code, "in use by process" in err) == (2, True)
    assert run("show")[1] == toml
