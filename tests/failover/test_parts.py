"""The parts of `make failover` that need no cluster: its files, its door, its table."""

import socket
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml

from tests.chaos.results import RunOf
from tests.failover import ground, report
from tests.failover.cluster import FILES, WITHOUT_TLS, patroni_template, rendered, values_of
from tests.failover.door import Door
from tests.failover.network import PREFIX, Machine
from tests.failover.people import Answered, longest_gap, longest_wait
from tests.failover.report import Report
from tests.failover.rounds import Row, Run

MACHINES = [Machine(f"db{n}", f"{PREFIX}.{10 + n}") for n in (1, 2, 3)]


def file_of(name: str, folder: Path, *, tls: bool = True, synchronous: bool = True) -> dict:
    values = values_of(
        MACHINES[1], MACHINES, folder=folder, programs=Path("/usr/bin"), synchronous=synchronous
    )
    text = patroni_template(tls=tls) if name == "patroni.yml" else (FILES / name).read_text()
    return yaml.safe_load(rendered(text, values))


def test_patroni_confirms_nothing_that_one_machine_alone_has(tmp_path):
    dcs = file_of("patroni.yml", tmp_path)["bootstrap"]["dcs"]

    assert dcs["synchronous_mode"] is True
    assert dcs["synchronous_mode_strict"] is True
    assert dcs["ttl"] >= dcs["loop_wait"] + 2 * dcs["retry_timeout"]  # else it leads and is not


def test_nobody_gets_to_a_database_of_the_cluster_without_tls_and_password(tmp_path):
    told = file_of("patroni.yml", tmp_path)

    for line in told["postgresql"]["pg_hba"]:
        kind, _, _, *rest = line.split()
        if kind != "local":
            network, method = rest
            assert (kind, method) == ("hostssl", "scram-sha-256")
            assert ip_network(network).num_addresses == 256
    assert told["etcd3"]["protocol"] == "https"
    assert told["restapi"]["verify_client"] == "required"
    for side in ("client", "peer"):
        assert file_of("etcd.yml", tmp_path)[f"{side}-transport-security"]["client-cert-auth"]


def test_a_postgresql_without_tls_is_told_of_none(tmp_path):
    without = file_of("patroni.yml", tmp_path, tls=False)

    assert without["postgresql"]["parameters"]["ssl"] == "off"
    assert all("hostssl" not in line for line in without["postgresql"]["pg_hba"])
    assert all("sslmode" not in who for who in without["postgresql"]["authentication"].values())
    for with_it, _ in WITHOUT_TLS:  # each is still there to be replaced
        assert with_it in patroni_template(tls=True)


def test_a_place_without_a_value_is_an_error():
    with pytest.raises(KeyError):
        rendered("name: '@NAME@'", {})


def test_the_door_leads_to_a_server_that_takes_connections():
    with ExitStack() as stack:
        gone = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        here = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        ports = [each.getsockname()[1] for each in (gone, here)]
        gone.close()
        door = stack.enter_context(Door(ports))
        threading.Thread(target=echo, args=(here, 2), daemon=True).start()
        port = int(door.address.rpartition(":")[2])

        for _ in range(2):  # the turn of the one that is gone, too
            with closing(socket.create_connection(("127.0.0.1", port), 5)) as line:
                line.sendall(b"anybody?")
                assert line.recv(100) == b"anybody?"


def echo(server: socket.socket, count: int) -> None:
    for _ in range(count):
        line, _ = server.accept()
        with line:
            line.sendall(line.recv(100))


def test_an_outage_is_the_longest_time_without_an_answer():
    answers = [Answered(0.0, 1.0), Answered(1.0, 2.0), Answered(2.0, 9.5), Answered(9.5, 10.0)]

    assert longest_gap(answers, begin=1.5, end=11.0) == 7.5
    assert longest_gap([], begin=1.5, end=11.0) == 9.5
    assert longest_wait(answers, begin=1.5, end=11.0) == 7.5


WELL = Row(
    fault="leader killed",
    postgresql="18, no TLS",
    counters_outage=17.0,
    kiosks_wait=0.2,
    numbers=30,
    slips=29,
    led_after=16.0,
    check_ins_lost=0,
    presses_lost=0,
    numbers_twice=0,
    calls_twice=0,
    events_missing=0,
)
STRICT = Run(
    1,
    synchronous=True,
    rows=(WELL, replace(WELL, counters_outage=19.0)),
    check_ins=100,
    presses=200,
    disagreements=(),
)
LOOSE = Run(
    1,
    synchronous=False,
    rows=(replace(WELL, check_ins_lost=7, numbers_twice=2),),
    check_ins=50,
    presses=70,
    disagreements=("a", "b"),
)
OF = RunOf("0123456789ab", "2026-11-22 16:00 UTC", "Linux", 4.2)


def test_the_table_puts_alike_faults_together_and_the_contrast_apart():
    told = report.markdown(Report(OF, (STRICT, LOOSE)))

    assert "| leader killed | 18, no TLS | 2 | 18.0 (17.0 to 19.0) | 16.0" in told
    assert "| leader killed | 18, no TLS | 1 | 17.0 | 16.0 | 0.20 | 30, 29 | 7 | 0 | 2 |" in told
    assert told.index("| 2 | 18.0") < told.index("for contrast") < told.index("| 7 | 0 | 2 |")
    assert "100 check-ins and 200 presses in all; at the end the books agree." in told


def test_a_run_that_loses_something_or_a_contrast_that_loses_nothing_is_no_success():
    assert Report(OF, (STRICT, LOOSE)).kept
    assert not Report(OF, (replace(STRICT, disagreements=("x",)), LOOSE)).kept
    assert not Report(OF, (replace(STRICT, rows=(replace(WELL, calls_twice=1),)), LOOSE)).kept
    assert not Report(OF, (STRICT, replace(LOOSE, rows=(WELL,)))).kept


def test_a_report_is_written_between_its_marks_and_read_again(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- other: begin -->\nold\n<!-- other: end -->\nafter\n")
    done = Report(OF, (STRICT, LOOSE))

    report.write(done, "other", page=page)

    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("<!-- other: end -->\nafter\n")
    assert "old" not in text
    assert Report.from_json((tmp_path / "other.json").read_text()) == done


def test_the_page_holds_what_was_measured_last():
    page = report.PAGE.read_text(encoding="utf-8")
    for part in report.PARTS.values():
        figures = report.PAGE.with_name(f"{part}.json")
        assert report.markdown(Report.from_json(figures.read_text(encoding="utf-8"))) in page


def test_a_machine_that_lacks_something_is_told_so_in_a_sentence(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(ground, "ADMINISTRATION", ())

    with pytest.raises(ground.CannotRunError, match="unshare is not installed; on Debian: apt"):
        ground.require()
