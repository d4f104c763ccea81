import io
import os
import stat
import time

import pytest

from server_stub.incoming_files import MOST_FILES, SECONDS_KEPT, IncomingFiles


@pytest.fixture
def files(tmp_path) -> IncomingFiles:
    return IncomingFiles(tmp_path / "incoming")


def test_a_file_is_kept_whole_for_its_owner_alone(files, tmp_path):
    name = files.keep(io.BytesIO(b"x" * 200_000))

    with files.open(name) as kept:
        assert kept.read() == b"x" * 200_000
    (path,) = (tmp_path / "incoming").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_was_decided_on_is_gone(files):
    name = files.keep(io.BytesIO(b"it"))

    files.drop(name)
    files.drop(name)

    with pytest.raises(FileNotFoundError):
        files.open(name)


def test_an_hour_later_it_is_gone_whether_anybody_decided_or_not(files, tmp_path):
    old, new = files.keep(io.BytesIO(b"old")), files.keep(io.BytesIO(b"new"))
    then = time.time() - SECONDS_KEPT - 1
    os.utime(tmp_path / "incoming" / f"{old}.incoming", (then, then))

    files.tidy()

    assert [path.stem for path in (tmp_path / "incoming").iterdir()] == [f"{new}"]


def test_the_oldest_goes_where_there_are_too_many(files, tmp_path):
    names = []
    for index in range(MOST_FILES + 2):
        names.append(f"{files.keep(io.BytesIO(b'it'))}")
        path = tmp_path / "incoming" / f"{names[-1]}.incoming"
        then = time.time() - 100 + index
        os.utime(path, (then, then))

    assert {path.stem for path in (tmp_path / "incoming").iterdir()} == set(names[-MOST_FILES:])


def test_without_a_folder_there_is_nothing_to_tidy(files, tmp_path):
    files.tidy()

    assert not (tmp_path / "incoming").exists()


def test_a_file_that_goes_while_the_folder_is_looked_through_stops_nobody(files, tmp_path):
    files.keep(io.BytesIO(b"it"))
    gone = tmp_path / "incoming" / "gone.incoming"
    gone.symlink_to(tmp_path / "nowhere")  # listed, and not there when it is looked at

    assert files.keep(io.BytesIO(b"another"))
