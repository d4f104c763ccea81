import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, update
from starlette.testclient import TestClient

from server_stub import administration, schema, tables
from server_stub.app import create_app
from server_stub.device_tokens import new_token, store_token
from server_stub.settings import PasswordCost, Settings
from server_stub.store import engine_for, engine_of
from tests.server_stub.enrolled import MONDAY_NOON, EnrolledKiosk, Line, StandingClock, new_id
from tests.server_stub.open_room import OpenRoom, open_room
from tests.stand.postgres import PostgresStand, postgres

ROOT = Path(__file__).parents[2]

CHEAP = PasswordCost(rounds=1, memory_kib=8, lanes=1)
"""Passwords of tests guard nothing."""

MORE_COUNTERS = "".join(
    f'\n[[counters]]\nid = "i{n}"\nstage = "information"\n' for n in range(1, 17)
)


NewData = Callable[[Path], Settings]
"""Makes a data directory with the two kiosks in it, over a database of its own."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests on SQLite, and those that are marked so on PostgreSQL as well, or alone."""
    if "database" not in metafunc.fixturenames:
        return
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    databases = [] if "postgresql" in marks else ["sqlite"]
    if not databases or ("both_databases" in marks and "sqlite" not in marks):
        databases.append(pytest.param("postgresql", marks=pytest.mark.postgresql))
    metafunc.parametrize("database", databases, indirect=True, scope="session")


@pytest.fixture(scope="session")
def database(request) -> str:
    """Which database the test runs on."""
    return request.param


@pytest.fixture(scope="session")
def postgres_stand() -> Iterator[PostgresStand]:
    with postgres() as stand:
        yield stand


@pytest.fixture(scope="session")
def postgres_template(postgres_stand, made_once, tmp_path_factory) -> str:
    """A database with all that the SQLite file of `made_once` holds, to be copied."""
    name = postgres_stand.make_database()
    settings = Settings(data=tmp_path_factory.mktemp("template"))
    point_to(settings, postgres_stand.url(name))
    with engine_of(made_once[0] / "ankunft.db") as source:
        copy_into_postgres(source, settings)
    return name


@pytest.fixture(scope="session")
def new_data(request, database, made_once, shared_clock) -> NewData:
    """Make data directories over the database of this run."""
    if database == "sqlite":
        return lambda folder: copy_of(made_once[0], folder, clock=shared_clock)
    template = request.getfixturevalue("postgres_template")
    stand: PostgresStand = request.getfixturevalue("postgres_stand")

    def make(folder: Path) -> Settings:
        settings = copy_of(made_once[0], folder, clock=shared_clock)
        settings.database.unlink()
        point_to(settings, stand.url(stand.make_database(template=template)))
        return settings

    return make


@pytest.fixture(scope="session")
def site_file(tmp_path_factory) -> Path:
    """The shipped site with sixteen more counters at its first stage."""
    shipped = (ROOT / "assets" / "sites" / "duesseldorf.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("site") / "site.toml"
    path.write_text(shipped + MORE_COUNTERS, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, site_file) -> tuple[Path, EnrolledKiosk, EnrolledKiosk]:
    """A data directory with two kiosks, to be copied: to migrate anew takes longer."""
    data = tmp_path_factory.mktemp("made-once") / "data"
    settings = Settings(data=data, clock=StandingClock(), password_cost=CHEAP)
    administration.init(settings, site_file)
    first = EnrolledKiosk.of(administration.add_kiosk(settings, "entrance-1"))
    second = EnrolledKiosk.of(administration.add_kiosk(settings, "entrance-2"))
    return data, first, second


@pytest.fixture
def kiosk(made_once) -> EnrolledKiosk:
    return made_once[1]


@pytest.fixture
def other_kiosk(made_once) -> EnrolledKiosk:
    return made_once[2]


@pytest.fixture(scope="session")
def shared_clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def clock(shared_clock) -> StandingClock:
    shared_clock.now = MONDAY_NOON
    return shared_clock


@pytest.fixture
def settings(tmp_path, new_data, clock) -> Settings:  # noqa: ARG001  # the clock must stand where it began
    """A data directory of the test's own."""
    return new_data(tmp_path / "data")


@pytest.fixture(scope="session")
def shared_room(tmp_path_factory, new_data) -> Iterator[OpenRoom]:
    with open_room(new_data(tmp_path_factory.mktemp("room") / "data")) as room:
        yield room


@pytest.fixture
def room(shared_room, clock) -> OpenRoom:  # noqa: ARG001  # the clock must stand where it began
    """The waiting room over a real store, emptied, without HTTP around it."""
    shared_room.empty()
    return shared_room


@pytest.fixture(scope="session")
def client(tmp_path_factory, new_data) -> Iterator[TestClient]:
    """The whole app, started once; what tests send it is told apart by their kiosks."""
    settings = new_data(tmp_path_factory.mktemp("app") / "data")
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def line(client, made_once, clock) -> Iterator[Line]:
    """The line of a kiosk that was enrolled for this test alone."""
    own = {"name": "entrance-9", "enrolment": new_id(), "letter": "G", "token": new_token()}
    kiosk = replace(made_once[1], **own)
    writer = client.app.state.writer
    writer.submit(partial(enrol, kiosk=kiosk, at=clock.now)).result()
    yield Line(client, kiosk)
    writer.submit(partial(retire, kiosk=kiosk, at=clock.now)).result()


def copy_of(data: Path, copy: Path, *, clock: StandingClock) -> Settings:
    shutil.copytree(data, copy)
    return Settings(data=copy, clock=clock, password_cost=CHEAP, seconds_between_rounds=None)


def copy_into_postgres(source: Engine, settings: Settings) -> None:
    """Make the tables in the database that a data directory names, with all rows of another."""
    with (
        engine_for(settings) as target,
        source.connect() as read,
        target.execution_options(writes=True).begin() as write,
    ):
        schema.migrate(write)
        for table in tables.metadata.sorted_tables:
            if rows := [dict(row) for row in read.execute(select(table)).mappings()]:
                write.execute(table.insert(), rows)


def point_to(settings: Settings, url: str) -> None:
    """Let a data directory name a PostgreSQL."""
    settings.url_file.touch(mode=0o600)
    settings.url_file.write_text(f"{url}\n", encoding="utf-8")


def enrol(connection: Connection, *, kiosk: EnrolledKiosk, at: datetime) -> None:
    connection.execute(
        tables.kiosk.insert().values(
            site=kiosk.site,
            enrolment=kiosk.enrolment,
            name=kiosk.name,
            letter=kiosk.letter,
            enrolled_at=at,
            highest_sequence=0,
            complete_to=0,
        )
    )
    store_token(connection, kiosk.site, enrolment=kiosk.enrolment, token=kiosk.token, issued_at=at)


def retire(
    connection: Connection, *, kiosk: EnrolledKiosk, at: datetime, revoked: bool = False
) -> None:
    connection.execute(
        update(tables.kiosk)
        .where(tables.kiosk.c.enrolment == kiosk.enrolment)
        .values(retired_at=at, revoked_at=at if revoked else None)
    )
