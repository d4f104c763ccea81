"""The command line, run in this process; what needs a process of its own is in test_serving."""

import io
import re
import socket
import tomllib

import pytest
from argon2 import PasswordHasher

from kiosk.contract.site import SERIES_LETTERS, SERIES_PAIRS
from server_stub import administration, settings, tables
from server_stub.__main__ import main
from server_stub.keys import read_keys
from server_stub.passwords import hash_password
from server_stub.store import engine_of, locked
from tests.server_stub.conftest import CHEAP

# Each test runs the whole program; how it opens a PostgreSQL is in test_postgresql.
pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command; return exit code, what it printed, and what it complained of."""
    monkeypatch.setattr(
        administration, "hash_password", lambda password, _cost: hash_password(password, CHEAP)
    )

    def run(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def rows(data, table) -> list:
    with engine_of(data / "ankunft.db") as engine, engine.connect() as connection:
        return list(connection.execute(table.select()))


def test_init_makes_a_data_directory_that_only_its_owner_can_read(run, tmp_path, site_file):
    data = tmp_path / "new" / "data"

    code, out, err = run("init", "--data", data, "--site", site_file)

    assert (code, err) == (0, "")
    assert out == f"{data} is ready for Info-Point; back up the keys in {data}/keys apart\n"
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "ankunft.db").stat().st_mode & 0o777 == 0o600
    (site,) = rows(data, tables.site)
    assert (site.id, site.next_event) == ("duesseldorf", 1)
    assert list(read_keys(data / "keys").private) == [site.key_id]


def test_a_printed_kiosk_toml_is_one_the_kiosk_can_read(run, settings):
    code, out, _ = run(
        *("add-kiosk", "--data", settings.data, "entrance-7", "--letter", "L"),
        *("--server-url", "https://ankunft.example"),
    )

    assert code == 0
    told = tomllib.loads(out)
    assert told["kiosk"]["name"] == "entrance-7"
    assert told["kiosk"]["letter"] == "L"
    assert told["kiosk"]["skip_numbers"] == [200, 300, 666]
    assert told["server"]["url"] == "https://ankunft.example"
    assert len(told["server"]["token"]) == 43
    assert told["site"]["id"] == "duesseldorf"
    (enrolled,) = [k for k in rows(settings.data, tables.kiosk) if k.name == "entrance-7"]
    assert str(enrolled.enrolment) == told["kiosk"]["enrolment"]
    key = read_keys(settings.keys).public_key(told["site"]["key_id"])
    assert key.to_text() == told["site"]["public_key"]


def test_a_kiosk_without_a_letter_gets_the_first_free_one(run, settings):
    _, out, _ = run("add-kiosk", "--data", settings.data, "entrance-3")

    assert tomllib.loads(out)["kiosk"]["letter"] == "G"  # D and F are given


def test_a_password_from_standard_input_is_stored_as_argon2id_and_not_printed(run, settings):
    code, out, _ = run(
        *("add-staff", "--data", settings.data, "Änne", "--password-from-stdin"),
        stdin="correct horse\n",
    )

    assert (code, out) == (0, "")
    (staff,) = rows(settings.data, tables.staff)
    assert (staff.name, staff.role) == ("Änne", "counter")
    assert staff.password_hash.startswith("$argon2id$")
    assert PasswordHasher().verify(staff.password_hash, "correct horse")


def test_a_made_password_is_printed_once(run, settings):
    _, out, _ = run("add-staff", "--data", settings.data, "anna", "--role", "lead")

    password = re.fullmatch(r"password of anna: (\S{14})\n", out)[1]
    (staff,) = rows(settings.data, tables.staff)
    assert PasswordHasher().verify(staff.password_hash, password)


def test_a_display_gets_an_address_whose_token_is_stored_as_its_hash(run, settings):
    code, out, _ = run("add-display", "--data", settings.data, "hall")

    assert code == 0
    token = re.search(r"^http://127\.0\.0\.1:8080/display/enter\?token=(\S{43})$", out)[1]
    assert token.encode() not in settings.database.read_bytes()
    assert [display.name for display in rows(settings.data, tables.display)] == ["hall"]


def test_migrate_says_that_nothing_was_to_do(run, settings):
    assert run("migrate", "--data", settings.data)[:2] == (
        0,
        "the tables are of revision 0006, as before\n",
    )


def refused(answer: tuple[int, str, str]) -> str:
    """Return the sentence of a refusal, and check that it is one."""
    code, out, err = answer
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    assert last.startswith(("ankunft-server: ", "python -m server_stub"))
    return last


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("dance",), "invalid choice: 'dance'"),
        (("serve",), "the following arguments are required: --data"),
        (("serve", "--data", "x", "--port", "seventy"), "'seventy' is no port: 0 to 65535"),
        (("serve", "--data", "x", "--port", "70000"), "'70000' is no port"),
        (("serve", "--data", "x", "--fast"), "unrecognized arguments: --fast"),
        (("serve", "--data", "not-there", "--port", "0"), "not-there: no Ankunft data here"),
        (("migrate", "--data", "not-there"), "not-there: no Ankunft data here"),
        (("add-staff", "--data", "not-there", "anna"), "no Ankunft data here"),
        (("serve", "--data", "x", "--host", "no.such.host.invalid"), "no address of this machine"),
        (("init", "--data", "x", "--site", "gone.toml"), "gone.toml: cannot be read: No such file"),
        (("add-staff", "--data", "x", "anna", "--role", "king"), "invalid choice: 'king'"),
    ],
)
def test_wrong_input_gets_one_sentence_and_exit_code_two(
    run, arguments, said, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    assert said in refused(run(*arguments))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add-kiosk", "entrance-1"), "there is a kiosk entrance-1 already"),
        (("add-kiosk", "Entrance One"), "is no name: small letters"),
        (
            ("add-kiosk", "entrance-3", "--letter", "D"),
            "letter D is another kiosk's, or was until lately; free are: G",
        ),
        (("add-kiosk", "entrance-3", "--letter", "Z"), "'Z' is no letter of a series; free are: G"),
        (("add-kiosk", "entrance-3", "--letter", "NS"), "'NS' is no letter of a series"),
        (("add-kiosk", "desk"), "desk stands for the numbers that staff issue by hand"),
        (("add-staff", "anna", "--password-from-stdin"), "too short: at least 8"),
        (("add-staff", " anna"), "a staff name has 1 to 40 letters"),
        (("add-display", "The Hall"), "is no name"),
    ],
)
def test_a_wrong_addition_changes_nothing(run, settings, arguments, said):
    command, *rest = arguments

    assert said in refused(run(command, "--data", settings.data, *rest, stdin="short\n"))
    assert len(rows(settings.data, tables.kiosk)) == 2
    assert rows(settings.data, tables.staff) == rows(settings.data, tables.display) == []


@pytest.mark.parametrize("command", ["add-staff", "add-display"])
def test_the_same_name_twice_is_refused(run, settings, command):
    assert run(command, "--data", settings.data, "anna")[0] == 0

    assert "there is a" in refused(run(command, "--data", settings.data, "anna"))


def test_after_the_single_letters_kiosks_get_two_until_all_are_used_up(run, settings):
    for letter in [*SERIES_LETTERS, *SERIES_PAIRS][2:]:  # D and F are given
        _, out, _ = run("add-kiosk", "--data", settings.data, f"entrance-{letter.lower()}")
        assert tomllib.loads(out)["kiosk"]["letter"] == letter

    answer = run("add-kiosk", "--data", settings.data, "entrance-22")

    assert "all letters are given out" in refused(answer)
    assert "one server takes 21 kiosks" in answer[2]


def test_two_letters_can_be_chosen_for_a_kiosk(run, settings):
    _, out, _ = run("add-kiosk", "--data", settings.data, "entrance-3", "--letter", "LJ")

    assert tomllib.loads(out)["kiosk"]["letter"] == "LJ"


def test_a_data_directory_is_not_made_twice(run, settings, site_file):
    before = settings.database.read_bytes()

    answer = run("init", "--data", settings.data, "--site", site_file)

    assert "is there already" in refused(answer)
    assert settings.database.read_bytes() == before
    assert len(list(settings.keys.iterdir())) == 1


def test_a_broken_site_file_makes_nothing(run, tmp_path):
    site_file = tmp_path / "site.toml"
    site_file.write_text('id = "x"\nname = "X"\nlanguages = []\n')

    answer = run("init", "--data", tmp_path / "data", "--site", site_file)

    assert f"{site_file}, line 3: languages" in refused(answer)
    assert not (tmp_path / "data").exists()


def test_a_data_directory_that_cannot_be_made_is_named(run, tmp_path, site_file):
    (tmp_path / "file").write_text("")

    answer = run("init", "--data", tmp_path / "file" / "data", "--site", site_file)

    assert "cannot be made: Not a directory" in refused(answer)


def test_a_port_that_is_taken_is_refused_before_the_store_is_touched(run, settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run("serve", "--data", settings.data, "--port", port)

    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in refused(answer)
    assert "--port" in answer[2]


@pytest.mark.parametrize("command", ["serve", "add-kiosk", "migrate"])
def test_a_second_process_is_told_which_one_is_first(run, settings, command):
    with locked(settings):
        rest = {"serve": ["--port", "0"], "add-kiosk": ["entrance-3"], "migrate": []}[command]
        answer = run(command, "--data", settings.data, *rest)

    assert "in use by process" in refused(answer)


def test_a_server_without_its_key_does_not_start(run, settings):
    (key_file,) = settings.keys.glob("*.key")
    key_file.unlink()

    answer = run("serve", "--data", settings.data, "--port", "0")

    assert f"the site's key {key_file.stem} is missing" in refused(answer)


@pytest.mark.parametrize("command", ["", "init", "serve", "add-kiosk", "add-staff", "migrate"])
def test_help_is_given(run, command):
    code, out, _ = run(*command.split(), "--help")

    assert code == 0
    assert "usage: python -m server_stub" in out


def test_the_help_shows_examples_that_are_commands(run):
    _, out, _ = run("--help")

    shown = re.findall(r"python -m server_stub (\S+) ", out.split("examples:")[1])
    assert shown == [
        *("init", "add-staff", "enrolment-code", "approve-kiosk", "add-display"),
        *("serve", "serve", "certificates", "serve", "backup", "check", "site", "figures"),
    ]


def test_the_settings_find_everything_in_the_data_directory(tmp_path):
    found = settings.Settings(data=tmp_path)

    assert {p.parent for p in (found.database, found.lock, found.keys)} == {tmp_path}
