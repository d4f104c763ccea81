import pytest

from server_stub import tables
from server_stub.__main__ import main
from server_stub.queue_sheet import sheet_files
from tests.server_stub.open_room import open_room


@pytest.fixture
def store(settings, kiosk):
    """A store in which two parties wait, and one more that has had the first one's number."""
    with open_room(settings) as room:
        for sequence in (1, 2, 901):
            room.admit(kiosk, kiosk.check_in(sequence))
        return settings, room.rows(tables.visit)


def run(settings, *arguments: str) -> int:
    return main(["erase-visit", *arguments, "--data", str(settings.data)])


def left(settings) -> list[str]:
    with open_room(settings) as room:
        return sorted(str(row["id"]) for row in room.rows(tables.visit))


def test_a_visit_is_shown_and_deleted(store, capsys):
    settings, visits = store
    (second,) = [row for row in visits if row["number"].endswith("02")]

    assert run(settings, second["number"].lower(), "--yes") == 0

    assert f"deleted: {second['number']}" in capsys.readouterr().out
    assert str(second["id"]) not in left(settings)
    assert len(left(settings)) == 2


def test_the_queue_sheet_of_a_server_that_was_stopped_names_the_visit_no_more(store):
    settings, visits = store
    (second,) = [row for row in visits if row["number"].endswith("02")]
    assert main(["queue", "--to", str(settings.queue_folder), "--data", str(settings.data)]) == 0
    sheets = sorted(settings.queue_folder.iterdir())
    assert all(second["number"] in sheet.read_text() for sheet in sheets)

    run(settings, second["number"], "--yes")

    assert sorted(settings.queue_folder.iterdir()) == sheets
    for sheet in sheets:
        assert second["number"] not in sheet.read_text()
        assert visits[0]["number"] in sheet.read_text()


def test_where_a_server_writes_no_queue_sheet_none_is_written(store):
    settings, visits = store
    (second,) = [row for row in visits if row["number"].endswith("02")]

    run(settings, second["number"], "--yes")

    assert not settings.queue_folder.exists()


def test_a_queue_sheet_that_cannot_be_written_anew_is_told(store, capsys):
    settings, visits = store
    (second,) = [row for row in visits if row["number"].endswith("02")]
    for path, _ in sheet_files(settings.queue_folder).values():
        path.mkdir(parents=True)

    assert run(settings, second["number"], "--yes") == 2

    assert f"{settings.queue_folder}: may still name" in capsys.readouterr().err
    assert str(second["id"]) not in left(settings)


def test_without_the_number_typed_again_nothing_is_deleted(store, monkeypatch, capsys):
    settings, visits = store
    monkeypatch.setattr("sys.stdin.readline", lambda: "no\n")

    assert run(settings, visits[1]["number"]) == 2

    assert "nothing was deleted" in capsys.readouterr().err
    assert len(left(settings)) == 3


def test_where_several_have_had_the_number_it_must_be_said_which(store, capsys):
    settings, visits = store
    same = [row for row in visits if row["number"] == visits[0]["number"]]
    assert len(same) == 2

    assert run(settings, same[0]["number"], "--yes") == 2
    said = capsys.readouterr().err
    assert all(f"--visit {row['id']}" in said for row in same)
    assert run(settings, same[0]["number"], "--visit", str(same[0]["id"]), "--yes") == 0

    assert str(same[1]["id"]) in left(settings)
    assert str(same[0]["id"]) not in left(settings)


def test_a_number_of_which_nothing_is_kept_is_told_so(store, capsys):
    assert run(store[0], "D999", "--yes") == 2
    assert "nothing is kept of D999" in capsys.readouterr().err
