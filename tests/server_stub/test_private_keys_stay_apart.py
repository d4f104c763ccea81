"""The site's private keys are in nothing but their files: no backup, export, log or answer."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kiosk.contract import paths
from server_stub import site_keys
from server_stub.__main__ import main
from server_stub.app import create_app
from server_stub.backup import back_up
from server_stub.keys import make_key, read_keys
from server_stub.looking import looking_at
from server_stub.restore import restore
from server_stub.settings import Settings
from tests.kiosk.leaks import leaks
from tests.server_stub.administering import Office
from tests.server_stub.enrolled import Line

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]


def secrets_of(settings: Settings) -> list[str]:
    """Return the private halves as text: what the search looks for in every writing."""
    lines = [path.read_text().splitlines()[0] for path in settings.keys.glob("*.key")]
    raw = [key.private_bytes_raw() for key in read_keys(settings.keys).private.values()]
    return [*lines, *(line.rstrip("=") for line in lines), *(key.hex() for key in raw)]


def raw_keys(settings: Settings) -> list[bytes]:
    return [key.private_bytes_raw() for key in read_keys(settings.keys).private.values()]


@contextmanager
def log_file(path: Path) -> Iterator[None]:
    """Write down all that is logged meanwhile, whatever its level."""
    handler, root = logging.FileHandler(path), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def test_no_byte_of_a_backup_export_log_or_answer_is_of_a_private_key(
    settings, kiosk, clock, tmp_path, capsys
):
    out = tmp_path / "out"
    out.mkdir()
    with log_file(out / "log"):
        with TestClient(create_app(settings)) as client:
            line = Line(client, kiosk)
            line.check_in(kiosk.check_in(1))
            office = Office(client.app.state.engine, clock)
            office.do(site_keys.rotate, make_key(settings.keys, now=clock.now))
            client.app.state.room.look_at_site()
            (out / "site").write_bytes(line.get(paths.SITE).content)
            line.check_in(kiosk.check_in(2))
        backup = back_up(settings, out / "backup.db")
        restore(Settings(data=out / "restored", clock=clock), backup.path)
        for command in (["check"], ["keys"], ["site", "show"], ["export", "--into", f"{out}"]):
            main([*command, "--data", f"{settings.data}"])
        said = capsys.readouterr()
        (out / "said").write_text(said.out + said.err)
        with looking_at(settings) as connection, closing((out / "rows").open("w")) as rows:
            for row in site_keys.read_site_keys(connection, "duesseldorf"):
                rows.write(f"{row!r}\n{read_keys(settings.keys)!r}\n")

    assert len(secrets_of(settings)) == 2 * 3
    assert {path.name for path in out.iterdir()} >= {"log", "site", "backup.db", "restored", "said"}
    assert leaks([out], secrets_of(settings)) == []
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert len(everything) > 100_000
    assert all(key not in everything for key in raw_keys(settings))
    elsewhere = [path for path in settings.data.rglob("*") if path.is_file()]
    rest = b"".join(path.read_bytes() for path in elsewhere if path.suffix != ".key")
    assert all(key not in rest for key in raw_keys(settings))


def test_the_search_would_find_a_key(settings, tmp_path):
    (tmp_path / "database.db").write_bytes(b"SQLite" + raw_keys(settings)[0].hex().encode())
    assert leaks([tmp_path], secrets_of(settings))

    (tmp_path / "database.db").write_bytes(next(settings.keys.glob("*.key")).read_bytes())
    assert leaks([tmp_path], secrets_of(settings))
