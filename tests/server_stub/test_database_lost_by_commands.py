"""A command whose database goes away in the middle says so in one sentence."""

from urllib.parse import urlsplit

import pytest

from server_stub.__main__ import DATABASE_FAILED, main
from tests.chaos.fates import Dice, Fate, Misfortune
from tests.chaos.proxy import Network
from tests.server_stub.conftest import point_to

pytestmark = pytest.mark.postgresql


class Cut(Dice):
    """Cuts every connection once the database has answered so many bytes."""

    def __init__(self, after: int) -> None:
        super().__init__(1)
        self._after = after

    def lasting(self) -> Fate:
        return Fate(Misfortune.CUT, self._after, upwards=False)


def test_wherever_it_is_cut_off_there_is_one_sentence_and_no_traceback(
    postgres_stand, settings, capsys
):
    socket = postgres_stand.folder / ".s.PGSQL.5432"
    name = urlsplit(settings.url_file.read_text()).path.strip("/")
    ends: list[int] = []
    while 0 not in ends:
        after = 500 * len(ends)
        with Network(Cut(after), silence=30.0) as network:
            port = network.lay(socket, lasting=True).port
            point_to(settings, f"postgresql://ankunft@127.0.0.1:{port}/{name}")
            ends.append(main(["keys", "--data", str(settings.data)]))
        said = capsys.readouterr().err
        if ends[-1]:
            assert said.startswith("ankunft-server: "), after
            assert said.count("\n") == 1, after
        if ends[-1] == DATABASE_FAILED:
            assert "the database went away: see that it runs" in said, after

    assert {*ends} == {0, 2, DATABASE_FAILED}
