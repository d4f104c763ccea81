import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.erlang import desks_needed, erlang_b, erlang_c, mean_wait

EXACT = Path(__file__).parent / "data" / "erlang.csv"

loads = st.floats(0.01, 60)
desk_counts = st.integers(1, 80)


def exact_rows() -> list[dict[str, str]]:
    lines = EXACT.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize(
    "row", exact_rows(), ids=lambda r: f"{r['offered_load_A']}-{r['servers_c']}"
)
def test_the_formulas_give_the_exact_values(row):
    load, desks = float(row["offered_load_A"]), int(row["servers_c"])

    assert erlang_b(load, desks=desks) == pytest.approx(float(row["erlang_b"]), abs=1e-9)
    assert erlang_c(load, desks=desks) == pytest.approx(float(row["erlang_c_Pwait"]), abs=1e-9)
    assert mean_wait(load, desks=desks) == pytest.approx(
        float(row["Wq_in_mean_service_times"]), abs=1e-9
    )


def test_one_doctor_and_two_give_the_waits_of_the_textbook():
    """Hillier and Lieberman, County Hospital: 2 an hour arrive, 3 an hour are treated."""
    assert mean_wait(2 / 3, desks=1) / 3 == pytest.approx(0.6667, abs=5e-5)  # hours
    assert mean_wait(2 / 3, desks=2) / 3 == pytest.approx(0.04167, abs=5e-6)


def test_a_queue_that_grows_without_end_has_no_mean_wait():
    assert erlang_c(4, desks=4) == erlang_c(9, desks=4) == 1
    assert mean_wait(4, desks=4) == math.inf


def test_an_empty_place_makes_nobody_wait():
    assert erlang_b(0, desks=0) == 1  # and with no desk nobody is served
    assert erlang_b(0, desks=3) == erlang_c(0, desks=3) == mean_wait(0, desks=3) == 0


@pytest.mark.parametrize("load", [-0.1, math.nan, math.inf])
def test_a_load_that_cannot_be_is_refused(load):
    for formula in (erlang_b, erlang_c, mean_wait):
        with pytest.raises(ValueError, match="no queue has a load"):
            formula(load, desks=3)


@given(loads, desk_counts)
def test_one_more_desk_is_never_worse(load, desks):
    assert erlang_b(load, desks=desks + 1) <= erlang_b(load, desks=desks)
    assert erlang_c(load, desks=desks + 1) <= erlang_c(load, desks=desks)
    assert mean_wait(load, desks=desks + 1) <= mean_wait(load, desks=desks)


@given(loads, loads, desk_counts)
def test_more_load_is_never_better(one, other, desks):
    less, more = sorted((one, other))

    assert erlang_b(less, desks=desks) <= erlang_b(more, desks=desks)
    assert erlang_c(less, desks=desks) <= erlang_c(more, desks=desks) + 1e-12
    assert mean_wait(less, desks=desks) <= mean_wait(more, desks=desks) * (1 + 1e-12)


@given(loads, desk_counts)
def test_waiting_is_likelier_than_being_refused(load, desks):
    """Who waits fills the place for those who come later."""
    assert 0 <= erlang_b(load, desks=desks) <= erlang_c(load, desks=desks) + 1e-12
    assert erlang_c(load, desks=desks) <= 1


def served_in_time(load: float, *, desks: int, target: float) -> float:
    if desks <= load:
        return 0.0
    return 1 - erlang_c(load, desks=desks) * math.exp(-(desks - load) * target)


@given(loads, st.floats(0, 5), st.floats(0.05, 0.99))
def test_the_desks_needed_are_enough_and_one_fewer_is_not(load, target, share):
    desks = desks_needed(load, 1.0, target=target, share=share)

    assert served_in_time(load, desks=desks, target=target) >= share - 1e-9
    assert served_in_time(load, desks=desks - 1, target=target) < share + 1e-9


@pytest.mark.parametrize(
    ("persons_a_day", "kiosks", "fingerprint_desks"), [(360, 2, 6), (2500, 4, 34)]
)
def test_desks_of_a_morning_rush(persons_a_day, kiosks, fingerprint_desks):
    """13 % of a day come in an hour, 2.55 persons a party; three in ten give fingerprints."""
    an_hour = persons_a_day * 0.13

    assert desks_needed(an_hour / 2.55 / 60, 1.5, target=2) == kiosks
    assert desks_needed(an_hour * 0.3 / 60, 20, target=30) == fingerprint_desks


@pytest.mark.parametrize(
    ("service", "target", "share"), [(0, 5, 0.8), (-1, 5, 0.8), (1, -1, 0.8), (1, 5, 1), (1, 5, 0)]
)
def test_desks_are_not_counted_for_what_makes_no_sense(service, target, share):
    with pytest.raises(ValueError, match="desks are counted"):
        desks_needed(1, service, target=target, share=share)


def test_nobody_builds_ten_thousand_desks():
    with pytest.raises(ValueError, match="more than 10000 desks"):
        desks_needed(1e6, 1, target=1)
