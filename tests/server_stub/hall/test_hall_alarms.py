from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server_stub.hall_alarms import Alarm, AlarmKind, Report, alarms, worst
from server_stub.hall_rules import Level

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
FINE = Report("entrance-1", "D", NOON, program_version="0.1.0", site_version="a")


def found(report: Report) -> list[tuple[AlarmKind, Level, str]]:
    known = alarms(report, at=NOON, site_version="a", program="0.1.0")
    return [(alarm.kind, alarm.level, alarm.about) for alarm in known]


def test_a_kiosk_that_is_well_has_no_alarm() -> None:
    assert found(FINE) == []
    assert worst(()) is Level.FINE


def test_a_kiosk_is_silent_after_six_reports_that_did_not_come() -> None:
    assert found(replace(FINE, at=NOON - timedelta(seconds=90))) == []
    silent = replace(FINE, at=NOON - timedelta(seconds=91))
    assert found(silent) == [(AlarmKind.SILENT, Level.URGENT, "")]


def test_of_a_kiosk_that_was_never_heard_nothing_else_is_said() -> None:
    assert found(Report("entrance-2", "F", None)) == [(AlarmKind.NOT_HEARD, Level.SOON, "")]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"clashes": 2}, (AlarmKind.CLASH, Level.URGENT, "2")),
        ({"clock_trusted": False}, (AlarmKind.CLOCK, Level.SOON, "")),
        ({"disk_free_bytes": 499_999_999}, (AlarmKind.DISK, Level.SOON, "")),
        ({"outbox_depth": 9}, (AlarmKind.OUTBOX, Level.CALM, "9")),
        ({"outbox_depth": 10}, (AlarmKind.OUTBOX, Level.SOON, "10")),
        ({"sound": "none"}, (AlarmKind.SOUND, Level.SOON, "")),
        ({"troubles": ("disk-full",)}, (AlarmKind.TROUBLE, Level.URGENT, "disk-full")),
        ({"troubles": ("texts-uk",)}, (AlarmKind.TROUBLE, Level.SOON, "texts-uk")),
        ({"troubles": ("taken-out",)}, (AlarmKind.TROUBLE, Level.CALM, "taken-out")),
        ({"program_version": "0.0.9"}, (AlarmKind.OLD_PROGRAM, Level.CALM, "")),
        ({"site_version": "b"}, (AlarmKind.OLD_SITE, Level.CALM, "")),
        ({"printer": "paper-out"}, (AlarmKind.PRINTER, Level.URGENT, "paper-out")),
        ({"printer": "paper-low"}, (AlarmKind.PRINTER, Level.SOON, "paper-low")),
        ({"printer": "a new state"}, (AlarmKind.PRINTER, Level.URGENT, "a new state")),
    ],
)
def test_each_thing_that_is_wrong_is_told(wrong, expected) -> None:
    assert found(replace(FINE, **wrong)) == [expected]


def test_a_printer_that_never_answers_is_no_alarm() -> None:
    assert found(replace(FINE, printer="blind")) == []


def test_with_a_second_printer_that_prints_the_first_has_time() -> None:
    one = replace(FINE, printer="paper-out; second: ready")
    both = replace(FINE, printer="paper-out; second: cover-open")

    assert found(one) == [(AlarmKind.PRINTER, Level.SOON, "paper-out")]
    assert [level for _, level, _ in found(both)] == [Level.URGENT, Level.URGENT]


def test_the_most_urgent_is_first() -> None:
    many = replace(FINE, outbox_depth=3, sound="none", printer="paper-out")

    known = alarms(many, at=NOON, site_version="a", program="0.1.0")

    assert [alarm.level for alarm in known] == [Level.URGENT, Level.SOON, Level.CALM]
    assert worst(known) is Level.URGENT
    assert known[0] == Alarm(AlarmKind.PRINTER, Level.URGENT, "paper-out")
