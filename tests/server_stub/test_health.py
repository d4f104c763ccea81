import asyncio
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server_stub import health_api
from server_stub.app import create_app
from server_stub.health import Health, HealthWatch, Trouble
from server_stub.interpreter import THREADS_BESIDE, run_in_few_threads
from server_stub.schema import newest_revision
from server_stub.settings import Settings
from server_stub.store_failures import StoreFailure
from server_stub.writer import TryAgainError
from tests.server_stub.conftest import CHEAP

ROOM_FOR_THE_STORE = "24m"


class Disk:
    """A small disk of its own that can really be full, or read-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        # Without a buffer: what is left in one is written when the file is closed, and fails again.
        with self._filler.open("wb", buffering=0) as filler:
            while True:
                try:
                    filler.write(b"\0" * 65536)
                except OSError:
                    return

    def clear(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(tmp_path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_FOR_THE_STORE}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nobody but root may mount a file system")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def on_disk(disk, made_once) -> Iterator[TestClient]:
    """A server whose data lies on that disk."""
    data = disk.folder / "data"
    shutil.copytree(made_once[0], data)
    app = create_app(Settings(data=data, password_cost=CHEAP))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


class Writing:
    """A writer's word, as the test gives it."""

    failing: StoreFailure | None = None
    waiting_since: float | None = None


def watch_over(read, write, *, writer=None, monotonic=time.monotonic) -> HealthWatch:
    return HealthWatch(
        read=read, write=write, writer=writer or Writing(), folder=None, monotonic=monotonic
    )


def anew(client: TestClient) -> HealthWatch:
    """Return a watch over the client's server that has tried nothing yet."""
    state = client.app.state
    return HealthWatch.of(
        state.settings, state.engine, writer=state.writer, site=state.room.site.id
    )


def done(error: Exception | None = None) -> Future[None]:
    future: Future[None] = Future()
    future.set_exception(error) if error else future.set_result(None)
    return future


def test_a_server_that_runs_is_well_and_says_nothing_of_its_site(client):
    answer = client.get(health_api.HEALTHY)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "ok": True,
        "trouble": None,
        "revision": newest_revision(),
        "oldest_waiting_seconds": 0.0,
        "warnings": answer.json()["warnings"],  # of the disk that tests run on
    }


def test_the_trial_waits_for_nobody_whose_database_hangs():
    may_end = threading.Event()

    async def asked_while_all_threads_wait() -> Health:
        run_in_few_threads()
        waiting = [
            asyncio.create_task(asyncio.to_thread(may_end.wait, 60)) for _ in range(THREADS_BESIDE)
        ]
        try:
            return await watch_over(lambda: "0006", done).health(limit=30)
        finally:
            may_end.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(asked_while_all_threads_wait()).trouble is None


def test_being_alive_needs_no_database(client):
    answer = client.get(health_api.LIVE)

    assert (answer.status_code, answer.text) == (200, "alive\n")


def test_asking_for_health_really_writes(client):
    writer = client.app.state.writer
    before = writer.commits

    health = asyncio.run(anew(client).health())

    assert health.trouble is None
    assert writer.commits == before + 1


def test_a_disk_that_is_full_is_told_and_over_when_there_is_room_again(disk, on_disk):
    assert on_disk.get(health_api.HEALTHY).status_code == 200

    disk.fill()
    full = on_disk.get(health_api.HEALTHY)
    disk.clear()
    on_disk.app.state.health = anew(on_disk)  # the last trial is not a second old

    assert full.status_code == 503
    assert full.json()["trouble"] == "disk-full"
    assert full.json()["warnings"] == ["disk-low"]
    assert on_disk.get(health_api.HEALTHY).status_code == 200


def test_a_commit_that_found_the_disk_full_says_so(disk, on_disk):
    writer = on_disk.app.state.writer
    disk.fill()

    def long(connection) -> None:
        for _ in range(100):
            connection.exec_driver_sql(
                "INSERT INTO check_in_body VALUES ('s', hex(randomblob(16)), randomblob(30000))"
            )

    refused = writer.submit(long).exception()

    assert isinstance(refused, TryAgainError)
    assert writer.failing is StoreFailure.DISK_FULL


def test_a_database_that_does_not_answer_holds_nobody_longer_than_the_limit():
    stuck = threading.Event()

    async def ask() -> tuple[float, Trouble | None]:
        began = time.monotonic()
        health = await watch_over(stuck.wait, done).health(limit=0.05)
        seconds = time.monotonic() - began
        stuck.set()
        return seconds, health.trouble

    seconds, trouble = asyncio.run(ask())

    assert trouble is Trouble.SLOW
    assert seconds < 5


def test_while_one_trial_hangs_no_second_is_begun():
    stuck = threading.Event()
    begun = []

    def read() -> str:
        begun.append(1)
        stuck.wait()
        return "0003"

    async def ask() -> None:
        watch = watch_over(read, done)
        for _ in range(3):
            await watch.health(limit=0.01)
        stuck.set()

    asyncio.run(ask())

    assert begun == [1]


def test_many_who_ask_at_once_share_one_trial():
    written = []

    def write() -> Future[None]:
        written.append(1)
        return done()

    async def ask() -> None:
        watch = watch_over(lambda: "0003", write)
        await asyncio.gather(*(watch.health() for _ in range(50)))

    asyncio.run(ask())

    assert written == [1]


def test_after_a_second_the_database_is_tried_anew():
    now, written = [100.0], []

    def write() -> Future[None]:
        written.append(now[0])
        return done()

    async def ask() -> None:
        watch = watch_over(lambda: "0003", write, monotonic=lambda: now[0])
        await watch.health()
        now[0] += 0.5
        await watch.health()
        now[0] += 0.5
        await watch.health()

    asyncio.run(ask())

    assert written == [100.0, 101.0]
