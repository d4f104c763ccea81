"""The commands of whoever keeps a database well, run in this process."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from server_stub import tables
from server_stub.__main__ import main
from server_stub.settings import utc_now
from server_stub.store import engine_for, locked

pytestmark = pytest.mark.slow


@pytest.fixture
def run(capsys):
    """Run a command; return exit code, what it printed, and what it complained of."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def change(settings, statement):
    with engine_for(settings) as engine, engine.execution_options(writes=True).begin() as c:
        c.execute(statement)


def lose_an_event(settings):
    forget_events(settings)
    event = {"site": "duesseldorf", "kind": "day", "at": utc_now()}
    for number in (1, 3):
        change(settings, insert(tables.event).values(number=number, **event))
    change(settings, tables.site.update().values(next_event=4))


def forget_events(settings):
    """Those of the kiosks that were enrolled."""
    change(settings, tables.event.delete())


def test_a_whole_database_is_said_to_be_whole_also_while_a_server_runs(run, settings):
    with locked(settings):  # as a running server has it
        code, out, err = run("check", "--data", settings.data)

    *lines, last = out.splitlines()
    assert (code, err) == (0, "")
    assert {line[:7] for line in lines} == {"ok     "}
    assert last == f"{len(lines)} checks: nothing is wrong"
    assert "ok     the keys of the site are there" in lines


def test_what_is_wrong_is_said_with_its_key_and_what_to_do(run, settings):
    lose_an_event(settings)

    code, out, _ = run("check", "--data", settings.data)

    assert code == 1
    assert "WRONG  not so: event numbers have no gap\n" in out
    assert "         event 3: follows event 1: 1 missing; nothing is lost but" in out
    assert out.splitlines()[-1].endswith("checks: 1 found something wrong")


def test_more_of_the_same_are_not_all_told(run, settings):
    forget_events(settings)
    event = {"site": "duesseldorf", "kind": "day", "at": utc_now()}
    for number in range(1, 80, 3):
        change(settings, insert(tables.event).values(number=number, **event))
    change(settings, tables.site.update().values(next_event=80))

    _, out, _ = run("check", "--data", settings.data)

    assert out.count(" missing; ") == 20
    assert "         … more than 20\n" in out


def test_a_key_that_is_missing_is_found(run, settings):
    (key,) = settings.keys.glob("*.key")
    key.unlink()

    code, out, _ = run("check", "--data", settings.data)

    assert code == 1
    assert f"key {key.stem} of site duesseldorf: is not in {settings.keys}; put" in out


def test_a_database_that_lacks_a_table_is_looked_at_no_further(run, settings):
    change(settings, delete(tables.passage))
    with engine_for(settings) as engine, engine.begin() as connection:
        tables.passage.drop(connection)

    code, out, _ = run("check", "--data", settings.data)

    assert code == 1
    assert "table passage: is missing; restore the last good backup" in out
    assert out.splitlines()[-1] == "2 checks: 1 found something wrong; the others were left out"


def test_a_damaged_file_is_told_and_looked_at_no_further(run, settings):
    content = bytearray(settings.database.read_bytes())
    content[-4096:] = b"\xff" * 4096
    settings.database.write_bytes(content)

    code, out, _ = run("check", "--data", settings.data)

    assert code == 1
    assert "WRONG  not so: the file is whole\n" in out
    assert out.splitlines()[-1] == "1 check: 1 found something wrong; the others were left out"


def test_a_backup_is_checked_as_a_file(run, settings, tmp_path):
    assert run("backup", "--data", settings.data, "--to", tmp_path / "it.db")[0] == 0

    code, out, _ = run("check", "--file", tmp_path / "it.db")

    assert code == 0
    assert out.splitlines()[-1].endswith(" checks: nothing is wrong")


def test_a_backup_tells_where_it_is_and_that_it_is_whole(run, settings, tmp_path):
    with locked(settings):
        code, out, err = run("backup", "--data", settings.data, "--to", tmp_path)

    (made,) = tmp_path.glob("ankunft-duesseldorf-*.db")
    assert (code, err) == (0, "")
    assert out.startswith(f"{made}: 0.")
    assert out.endswith(" checks: nothing is wrong\n")


def test_a_backup_of_a_database_with_something_wrong_is_kept_and_says_so(run, settings, tmp_path):
    lose_an_event(settings)

    code, out, _ = run("backup", "--data", settings.data, "--to", tmp_path / "it.db")

    assert code == 1
    assert (tmp_path / "it.db").exists()
    assert "WRONG  not so: event numbers have no gap\n" in out


@pytest.fixture
def made_before(tmp_path):
    """Put an empty file where a backup was made so long ago."""

    def put(**ago: float) -> Path:
        path = tmp_path / f"ankunft-duesseldorf-{utc_now() - timedelta(**ago):%Y%m%dT%H%M%SZ}.db"
        path.touch()
        return path

    return put


def change_newest(settings, **ago: float) -> None:
    """Let the newest change of the store be so old."""
    forget_events(settings)
    event = {"site": "duesseldorf", "kind": "day", "at": utc_now() - timedelta(**ago)}
    change(settings, insert(tables.event).values(number=1, **event))
    change(settings, tables.site.update().values(next_event=2))


def test_old_backups_are_removed_on_request(run, settings, tmp_path, made_before):
    change_newest(settings, hours=1)
    old, young = made_before(days=15), made_before(days=13)

    run("backup", "--data", settings.data, "--to", tmp_path)
    assert old.exists()
    for made in tmp_path.glob("*.db"):
        if made not in (old, young):
            made.unlink()  # a second one within a second would have its name
    code, out, _ = run("backup", "--data", settings.data, "--to", tmp_path, "--keep-days", "14")

    assert f"{old}: removed, older than 14 days\n" in out
    assert (old.exists(), young.exists(), code) == (False, True, 0)


def test_by_a_clock_that_may_be_ahead_no_backup_is_removed(run, settings, tmp_path, made_before):
    change_newest(settings, days=100)
    old = made_before(days=101)

    code, out, _ = run("backup", "--data", settings.data, "--to", tmp_path, "--keep-days", "2")

    assert f"{tmp_path}: 1 older than 2 days is kept: this machine's clock may be ahead" in out
    assert (old.exists(), code) == (True, 1)


def test_where_a_site_rests_the_backups_of_the_last_nights_tell_that_the_clock_is_right(
    run, settings, tmp_path, made_before
):
    change_newest(settings, days=7)
    old, last_but_one = made_before(hours=72), made_before(hours=47)

    code, _, _ = run("backup", "--data", settings.data, "--to", tmp_path, "--keep-days", "2")

    assert (old.exists(), last_but_one.exists(), code) == (False, True, 0)


def test_while_something_is_wrong_with_the_database_no_backup_is_removed(
    run, settings, tmp_path, made_before
):
    lose_an_event(settings)
    old = made_before(days=3)

    code, out, _ = run("backup", "--data", settings.data, "--to", tmp_path, "--keep-days", "2")

    assert f"{tmp_path}: 1 older than 2 days is kept: something is wrong with the newest" in out
    assert (old.exists(), code) == (True, 1)


def test_a_backup_that_is_dated_in_the_future_is_named(run, settings, tmp_path, made_before):
    change_newest(settings, hours=1)
    strange = made_before(days=-100)

    _, out, _ = run("backup", "--data", settings.data, "--to", tmp_path, "--keep-days", "2")

    assert f"{strange}: is dated in the future" in out
    assert strange.exists()


def test_a_restore_tells_what_to_do_next(run, settings, tmp_path):
    run("backup", "--data", settings.data, "--to", tmp_path / "it.db")

    code, out, _ = run("restore", "--data", tmp_path / "new", tmp_path / "it.db")

    (key,) = settings.keys.glob("*.key")
    assert code == 0
    assert out.startswith(f"{tmp_path / 'new'}: restored duesseldorf, 0 visits; ")
    assert f"  1. Put {key.name} into {tmp_path / 'new'}/keys: nothing works without it.\n" in out
    assert "  2. Start the server." in out
    assert run("check", "--data", tmp_path / "new")[0] == 1  # the key


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "one of the arguments --data --file is required"),
        (("check", "--file", "gone.db"), "gone.db: no such file"),
        (("check", "--data", "gone"), "gone: no Ankunft data here"),
        (("backup", "--data", "gone", "--to", "x.db"), "gone: no Ankunft data here"),
        (("backup", "--data", "gone", "--to", "x", "--keep-days", "0"), "'0': write whole days"),
        (("backup", "--data", "d", "--to", "x.db", "--keep-days", "9"), "needs a folder after"),
        (("restore", "--data", "new", "gone.db"), "gone.db: no such file"),
        (("migrate", "--data", "x", "--no-backup", "--backup-to", "y"), "not allowed with"),
    ],
)
def test_wrong_input_gets_one_sentence_and_exit_code_two(
    run, arguments, said, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)

    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("command", ["backup", "restore", "check", "migrate"])
def test_help_shows_examples_and_what_the_exit_codes_mean(run, command):
    code, out, _ = run(command, "--help")

    assert code == 0
    assert f"  python -m server_stub {command} --" in out
    assert "exit codes:\n  0  " in out
