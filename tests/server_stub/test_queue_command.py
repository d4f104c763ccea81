"""`queue` reads the database itself, whether a server runs or not."""

import shutil

import pytest

from server_stub.__main__ import main
from tests.server_stub.open_room import open_room

pytestmark = pytest.mark.both_databases


@pytest.fixture
def queue(settings, kiosk, capsys):
    """Run the command on a data directory in which D101 waits; return code and output."""
    with open_room(settings) as room:
        room.admit(kiosk, kiosk.check_in(1))

    def run(*options: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["queue", "--data", str(settings.data), *options])
        return code, *capsys.readouterr()

    return run


def test_the_queue_is_printed_in_the_language_that_was_asked_for(queue):
    code, german, _ = queue()
    assert code == 0
    assert "1 Gruppe wartet hier." in german
    assert "D101" in german
    _, english, _ = queue("--language", "en")
    assert "1 party is waiting here." in english


def test_a_page_is_one_file_for_a_browser(queue):
    _, page, _ = queue("--page", "--language", "en")

    assert page.startswith("<!doctype html>")
    assert "D101" in page


def test_all_files_are_written_where_they_are_wanted(queue, tmp_path):
    code, told, _ = queue("--to", str(tmp_path / "stick"))

    assert code == 0
    assert told.split() == [
        str(tmp_path / "stick" / name)
        for name in ("queue.de.html", "queue.de.txt", "queue.en.html", "queue.en.txt")
    ]
    assert all("D101" in path.read_text() for path in (tmp_path / "stick").iterdir())


def test_while_a_server_holds_the_store_the_queue_can_be_read(settings, kiosk, capsys):
    with open_room(settings) as room:
        room.admit(kiosk, kiosk.check_in(1))

        assert main(["queue", "--data", str(settings.data)]) == 0

    assert "D101" in capsys.readouterr().out


def test_where_there_is_no_database_it_says_so(settings, capsys):
    shutil.rmtree(settings.data)

    assert main(["queue", "--data", str(settings.data)]) == 2
    assert "no Ankunft data here" in capsys.readouterr().err
