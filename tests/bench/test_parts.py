"""Each part of the bench of the server, run very small: so that it still runs when it is wanted."""

import socket
import threading
from math import isfinite

import pytest

from tests.bench import __main__ as bench
from tests.bench.calling import measure_calling
from tests.bench.check_ins import SLOW_MILLISECONDS, Size, measure_disk
from tests.bench.disk import flushes, flushes_with, slower_disk
from tests.bench.drain import measure_drain
from tests.bench.figures import Figure
from tests.bench.live_pages import measure_live_pages
from tests.bench.load import LoadError, send
from tests.bench.pages import LOOKS, measure_pages

pytestmark = pytest.mark.slow  # real servers


def by_name(figures: list[Figure], begin: str) -> list[Figure]:
    found = [figure for figure in figures if figure.name.startswith(begin)]
    assert found, f"no figure {begin}: {[figure.name for figure in figures]}"
    assert all(isfinite(value) for figure in found for value in figure.values)
    return found


@pytest.mark.postgresql
def test_check_ins_are_measured_on_both_databases_and_on_a_slow_disk(tmp_path):
    size = Size(clients=(1, 3), check_ins=4, repetitions=1, plain=10)

    with slower_disk(SLOW_MILLISECONDS) as slower:
        figures = measure_disk(tmp_path / "check-ins", size, slower or {}, "slow")

    rates = by_name(figures, "durable check-ins")
    assert [figure.name for figure in rates] == [
        f"durable check-ins, {database}, slow, {clients} clients"
        for database in ("SQLite FULL", "PostgreSQL")
        for clients in (1, 3)
    ]
    assert all(figure.values[0] > 0 for figure in rates)
    assert all(0 < figure.beside[0] <= 1000 / SLOW_MILLISECONDS for figure in rates if slower)


def test_the_slower_disk_is_as_slow_as_it_says(tmp_path):
    with slower_disk(20) as slower:
        if slower is None:
            pytest.skip("no C compiler")
        # One flush takes 20 ms or more, however fast the disk is.
        assert flushes_with(slower, tmp_path, seconds=0.2) <= 50


def test_flushes_leave_no_file(tmp_path):
    assert flushes(tmp_path, seconds=0.01) > 0
    assert list(tmp_path.iterdir()) == []


def test_the_drain_calls_while_it_delivers(tmp_path):
    figures = measure_drain(tmp_path, kiosks=3, waiting=20, pages=[2])

    assert by_name(figures, "drain")[0].values[0] > 0
    assert by_name(figures, "… 99 of 100 calls")[0].values[0] > 0


def test_live_pages_miss_nothing(tmp_path):
    figures = measure_live_pages(tmp_path, pages=5, seconds=0.5)

    assert by_name(figures, "missed")[0].values == (0.0,)


def test_calling_is_measured_with_few_and_with_many(tmp_path):
    (half, _) = measure_calling(tmp_path, few=10, many=50, calls=5)

    assert half.values[0] > 0
    assert half.beside[0] > 0


def test_an_answer_that_is_not_as_expected_is_no_figure():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            line, _ = server.accept()
            line.recv(1000)
            line.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
            line.close()

        threading.Thread(target=refuse).start()
        with pytest.raises(LoadError, match="503"):
            send(server.getsockname()[1], [[b"PUT / HTTP/1.1\r\n\r\n"]])


def test_one_part_alone_can_be_asked_for(capsys):
    code = bench.main(["check-in"])

    told = capsys.readouterr().out
    assert code == 2
    assert "no such part: check-in; there are: " in told
    assert all(name in told for name in bench.PARTS)


@pytest.mark.browser
def test_first_views_are_weighed_and_timed(tmp_path, capsys):
    figures = measure_pages(tmp_path / "pages", views=1, most=1, looks=LOOKS[-1:])

    assert by_name(figures, "/accessibility, first view")[0].values[0] > 1
    assert by_name(figures, "/accessibility, first content")[0].values[0] > 0
    assert "| dark, en, 360 px | 1 |" in capsys.readouterr().out
