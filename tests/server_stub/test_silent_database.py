"""A line to the database that falls silent without breaking."""

import threading
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from server_stub import postgresql, silent_line
from server_stub.app import create_app
from server_stub.news import news_of_others
from tests.chaos.fates import Dice, Fate, Misfortune
from tests.chaos.proxy import Network
from tests.server_stub.conftest import point_to
from tests.server_stub.enrolled import Line

pytestmark = pytest.mark.postgresql


class Woken(threading.Event):
    """Notes that it was called."""

    def __call__(self) -> None:
        self.set()


class Deafening(Dice):
    """Every connection loses, from some time on, what the database answers."""

    def lasting(self) -> Fate:
        return Fate(Misfortune.DEAF, 0, upwards=False)


def test_a_database_that_falls_silent_is_given_up_and_nothing_is_lost(
    postgres_stand, settings, kiosk, monkeypatch, caplog
):
    monkeypatch.setattr(silent_line, "ANSWER_SECONDS", 0.3)
    socket = postgres_stand.folder / ".s.PGSQL.5432"
    name = urlsplit(settings.url_file.read_text()).path.strip("/")
    with Network(Deafening(1), silence=30.0) as network:
        network.calm()
        port = network.lay(socket, lasting=True).port
        point_to(settings, f"postgresql://ankunft@127.0.0.1:{port}/{name}")
        with TestClient(create_app(settings), raise_server_exceptions=False) as client:
            line = Line(client, kiosk)
            first, second = kiosk.check_in(1), kiosk.check_in(2)
            assert line.check_in(first).status_code == 201

            network.storm()
            silent = line.check_in(second)
            network.calm()
            again = [line.check_in(check_in) for check_in in (first, second)]

    assert "no answer within" in caplog.text  # and not: the line broke
    assert (silent.status_code, silent.json()["code"]) == (503, "try-again")
    assert [answer.status_code for answer in again[:1]] == [200]
    assert again[1].status_code in {200, 201}  # nobody knew, and now it is stored


def test_pages_are_woken_where_the_line_of_the_news_fell_silent_as_it_was_opened(
    postgres_stand, settings, monkeypatch
):
    monkeypatch.setattr(silent_line, "ANSWER_SECONDS", 0.3)
    socket = postgres_stand.folder / ".s.PGSQL.5432"
    name = urlsplit(settings.url_file.read_text()).path.strip("/")
    woken = Woken()
    with Network(Deafening(1), silence=30.0) as network:
        network.calm()
        port = network.lay(socket, lasting=True).port

        class DeafenedOnce(postgresql.Door):
            def connect(self, *, autocommit: bool = False):
                line = super().connect(autocommit=autocommit)
                if not woken.is_set():
                    network.storm()
                return line

        monkeypatch.setattr(postgresql, "Door", DeafenedOnce)
        url = f"postgresql://ankunft@127.0.0.1:{port}/{name}"
        with news_of_others(url, wake=woken):
            assert woken.wait(10)
