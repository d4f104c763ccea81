"""How a process hears of what another one has committed."""

import os
import resource
import threading
from functools import partial

import pytest
from sqlalchemy import text

from server_stub import event_log, news
from server_stub.event_log import EventKind
from server_stub.news import News, news_of_others
from server_stub.postgresql import open_postgresql
from server_stub.store import database_url
from tests.server_stub.enrolled import MONDAY_NOON
from tests.server_stub.open_room import open_room

append = partial(event_log.append, about=None, at=MONDAY_NOON, kind=EventKind.CHECK_IN)

END_SESSIONS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()"
)


class Woken:
    """Counts how often it is called, and lets a test wait for the next time."""

    def __init__(self) -> None:
        self.times = 0
        self._called = threading.Condition()

    def __call__(self) -> None:
        with self._called:
            self.times += 1
            self._called.notify_all()

    def reaches(self, times: int) -> bool:
        with self._called:
            return self._called.wait_for(lambda: self.times >= times, 20)


@pytest.fixture
def only_when_told(monkeypatch):
    """Nobody looks by itself: whoever is woken was told."""
    monkeypatch.setattr(news, "SECONDS_BETWEEN_LOOKS", 60.0)


@pytest.mark.postgresql
@pytest.mark.usefixtures("only_when_told")
def test_a_commit_of_another_process_wakes_this_one(settings):
    woken = Woken()
    with open_room(settings) as other, news_of_others(database_url(settings), wake=woken):
        assert woken.reaches(1)  # once at the beginning: something may have been before
        other.writer.submit(lambda c: append(c, other.site.id)).result(10)

        assert woken.reaches(2)


@pytest.fixture
def many_files():
    """The process holds more than 1,024 files, as with a thousand live pages."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2_000:
        pytest.skip("no process may hold so many files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    yield
    for file in held:
        os.close(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.postgresql
@pytest.mark.usefixtures("only_when_told", "many_files")
def test_the_thousandth_page_keeps_nobody_from_hearing(settings):
    woken = Woken()
    with open_room(settings) as other, news_of_others(database_url(settings), wake=woken):
        assert woken.reaches(1)
        other.writer.submit(lambda c: append(c, other.site.id)).result(10)

        assert woken.reaches(2)


@pytest.mark.postgresql
@pytest.mark.usefixtures("only_when_told")
def test_a_transaction_that_is_taken_back_wakes_nobody(settings):
    woken = Woken()
    with open_room(settings) as other, news_of_others(database_url(settings), wake=woken):
        assert woken.reaches(1)
        cut = "SELECT pg_terminate_backend(pg_backend_pid())"
        failed = other.writer.submit(lambda c: c.execute(text(cut)))
        assert failed.exception(30) is not None
        assert woken.times == 1

        other.writer.submit(lambda c: append(c, other.site.id)).result(10)

        assert woken.reaches(2)


@pytest.mark.postgresql
def test_pages_look_by_themselves_where_nobody_can_be_heard(monkeypatch, settings, caplog):
    monkeypatch.setattr(news, "SECONDS_BETWEEN_LOOKS", 0.01)
    woken = Woken()

    with news_of_others(f"{database_url(settings)}-that-is-not-there", wake=woken):
        assert woken.reaches(3)

    assert caplog.text.count("news not heard") == 1


@pytest.mark.postgresql
def test_a_line_that_was_cut_is_opened_again(monkeypatch, settings):
    monkeypatch.setattr(news, "SECONDS_BETWEEN_LOOKS", 0.05)
    woken = Woken()
    url = database_url(settings)
    line = News(url, wake=woken)
    line.start()
    engine = open_postgresql(url)
    try:
        assert line.listening.wait(10)
        line.listening.clear()
        with engine.connect() as connection:
            connection.execute(END_SESSIONS)

        assert line.listening.wait(20)
    finally:
        line.close()
        engine.dispose()


def test_a_database_of_one_process_has_no_news_of_others(settings):
    woken = Woken()

    with news_of_others(database_url(settings), wake=woken):
        pass

    assert woken.times == 0
