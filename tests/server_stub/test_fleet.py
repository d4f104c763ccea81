from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from kiosk.contract.site import ALL_SERIES
from server_stub import enrolment_codes, fleet_displays, fleet_kiosks, tables
from server_stub.device_tokens import device_of
from server_stub.fleet_displays import (
    UnknownDisplayError,
    UnknownLookError,
    UnknownStagesError,
    read_displays,
)
from server_stub.fleet_kiosks import (
    KioskState,
    NameOfTheDeskError,
    UnknownKioskError,
    read_fleet,
)
from server_stub.fleet_letters import (
    FORGOTTEN,
    REST,
    LetterTakenError,
    NoLetterLeftError,
    NoSuchLetterError,
    free_letters,
)
from server_stub.fleet_names import BadDeviceNameError, BadLabelError, DeviceNameTakenError
from server_stub.site_in_force import load_site
from server_stub.store import engine_for
from tests.server_stub.administering import SITE, Office

pytestmark = pytest.mark.both_databases


@pytest.fixture
def office(settings, clock):
    """An office over a site with the kiosks entrance-1 (D) and entrance-2 (F)."""
    with engine_for(settings) as engine:
        yield Office(engine, clock)


@pytest.fixture
def site(office):
    return office.read(load_site).site


def fleet(office: Office) -> list[tuple[str, str, KioskState]]:
    found = office.read(lambda c: read_fleet(c, SITE))
    return [(kiosk.name, kiosk.letter, kiosk.state) for kiosk in found]


def free(office: Office, clock) -> list[str]:
    return office.read(lambda c: free_letters(c, SITE, now=clock.now))


def set_kiosk(office: Office, enrolment: UUID, **values: object) -> None:
    t = tables.kiosk.c
    office.do(
        lambda act: act.connection.execute(
            update(tables.kiosk).where(t.enrolment == enrolment).values(**values)
        )
    )


def device(office: Office, token: str):
    return office.read(lambda c: device_of(c, SITE, token=token))


# ---- kiosks ----


def test_a_kiosk_is_enrolled_under_the_first_free_letter(office):
    made = office.do(fleet_kiosks.enrol, "exit-1")

    assert made.letter == "G"
    assert device(office, made.token).name == "exit-1"
    assert ("exit-1", "G", KioskState.IN_USE) in fleet(office)


@pytest.mark.parametrize(
    ("name", "letter", "error"),
    [
        ("Main Entrance", None, BadDeviceNameError),
        ("desk", None, NameOfTheDeskError),
        ("entrance-1", None, DeviceNameTakenError),
        ("exit-1", "D", LetterTakenError),
        ("exit-1", "Z", NoSuchLetterError),
    ],
)
def test_a_kiosk_that_could_be_taken_for_another_is_not_enrolled(office, name, letter, error):
    with pytest.raises(error):
        office.do(fleet_kiosks.enrol, name, letter=letter)
    assert len(fleet(office)) == 2


def test_when_all_letters_are_given_out_no_kiosk_is_enrolled(office):
    for number, _letter in enumerate(ALL_SERIES[2:]):
        office.do(fleet_kiosks.enrol, f"exit-{number}")

    with pytest.raises(NoLetterLeftError):
        office.do(fleet_kiosks.enrol, "one-more")


def test_staff_can_call_a_kiosk_as_they_like_and_its_name_stays(office, kiosk):
    office.do(fleet_kiosks.name_kiosk, kiosk.enrolment, label=" Main entrance, left ")

    named = office.read(lambda c: read_fleet(c, SITE))[0]
    assert (named.name, named.called) == ("entrance-1", "Main entrance, left")

    office.do(fleet_kiosks.name_kiosk, kiosk.enrolment, label="")
    assert office.read(lambda c: read_fleet(c, SITE))[0].called == "entrance-1"


@pytest.mark.parametrize("label", ["x" * 41, "two\nlines"])
def test_what_cannot_be_read_in_a_list_names_no_kiosk(office, kiosk, label):
    with pytest.raises(BadLabelError):
        office.do(fleet_kiosks.name_kiosk, kiosk.enrolment, label=label)


def test_a_retired_enrolment_is_known_as_retired_and_a_revoked_one_not_at_all(office, kiosk):
    office.do(fleet_kiosks.retire, kiosk.enrolment)
    assert device(office, kiosk.token).retired

    office.do(fleet_kiosks.revoke, kiosk.enrolment)
    assert device(office, kiosk.token) is None


def test_a_kiosk_that_is_revoked_is_retired_at_the_same_moment(office, kiosk, clock):
    office.do(fleet_kiosks.revoke, kiosk.enrolment)

    assert ("entrance-1", "D", KioskState.REVOKED) in fleet(office)
    gone = next(k for k in office.read(lambda c: read_fleet(c, SITE)) if k.name == "entrance-1")
    assert gone.retired_at == gone.revoked_at == clock.now


@pytest.mark.parametrize(
    "change",
    [
        fleet_kiosks.revoke,
        fleet_kiosks.retire,
        enrolment_codes.make_code_in_place_of,
        lambda act, enrolment: fleet_kiosks.name_kiosk(act, enrolment, label="x"),
    ],
)
def test_what_is_revoked_already_cannot_be_changed_any_more(office, kiosk, change):
    office.do(fleet_kiosks.revoke, kiosk.enrolment)

    with pytest.raises(UnknownKioskError):
        office.do(change, kiosk.enrolment)


def test_what_is_done_with_kiosks_is_in_the_audit_log(office, kiosk, other_kiosk):
    office.do(fleet_kiosks.retire, kiosk.enrolment)
    office.do(fleet_kiosks.revoke, other_kiosk.enrolment)

    assert ("olga", "kiosk-retired", "entrance-1", "D") in office.noted()
    assert ("olga", "kiosk-revoked", "entrance-2", "F") in office.noted()


# ---- letters ----


def test_the_letter_of_a_kiosk_rests_for_two_days_after_it_was_retired(office, kiosk, clock):
    office.do(fleet_kiosks.retire, kiosk.enrolment)
    assert "D" not in free(office, clock)

    clock.now += REST

    assert free(office, clock)[0] == "D"


def test_the_letter_of_a_kiosk_that_has_not_delivered_all_rests_for_a_month(office, kiosk, clock):
    set_kiosk(office, kiosk.enrolment, highest_sequence=12, complete_to=10)
    office.do(fleet_kiosks.retire, kiosk.enrolment)

    clock.now += REST
    assert "D" not in free(office, clock)
    clock.now += FORGOTTEN
    assert "D" in free(office, clock)


def test_what_a_kiosk_said_it_gave_out_counts_even_where_nothing_of_it_came(office, kiosk, clock):
    report = {
        "site": SITE,
        "enrolment": kiosk.enrolment,
        "at": clock.now,
        "program_version": "1",
        "site_version": "1",
        "printer": "ready",
        "clock_trusted": True,
        "disk_free_bytes": 1,
        "outbox_depth": 3,
        "highest_sequence": 3,
        "check_ins": 3,
        "abandoned": 0,
        "help_calls": 0,
    }
    office.do(lambda act: act.connection.execute(insert(tables.kiosk_report).values(report)))
    office.do(fleet_kiosks.retire, kiosk.enrolment)

    clock.now += timedelta(days=3)

    assert "D" not in free(office, clock)
    assert office.read(lambda c: read_fleet(c, SITE))[-1].missing == 3


# ---- displays ----


def test_a_display_is_made_with_the_stages_that_it_shows(office, site):
    office.do(
        fleet_displays.make_display, site, name="hall", stages=("housing", "information", "housing")
    )

    (hall,) = office.read(lambda c: read_displays(c, SITE))
    assert (hall.name, hall.stages, hall.look) == ("hall", ("housing", "information"), "auto")


def test_a_display_keeps_its_address_when_it_is_renamed_or_set_up_otherwise(office, site):
    token = office.do(fleet_displays.make_display, site, name="hall")
    before = token_stored(office)

    office.do(fleet_displays.rename_display, "hall", to="gallery")
    office.do(fleet_displays.change_display, site, name="gallery", stages=("housing",), look="dark")

    (gallery,) = office.read(lambda c: read_displays(c, SITE))
    assert (gallery.name, gallery.stages, gallery.look) == ("gallery", ("housing",), "dark")
    assert token_stored(office) == before
    assert token not in before


def test_a_new_address_makes_the_old_one_good_for_nothing(office, site):
    office.do(fleet_displays.make_display, site, name="hall")
    before = token_stored(office)

    office.do(fleet_displays.new_address, "hall")

    assert token_stored(office) != before


def test_the_name_of_a_revoked_display_is_free_again(office, site):
    office.do(fleet_displays.make_display, site, name="hall")
    office.do(fleet_displays.revoke_display, "hall")

    office.do(fleet_displays.make_display, site, name="hall")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": "The Hall"}, BadDeviceNameError),
        ({"name": "hall", "stages": ("nowhere",)}, UnknownStagesError),
        ({"name": "hall", "look": "pink"}, UnknownLookError),
    ],
)
def test_a_display_that_could_show_nothing_is_not_made(office, site, wrong, error):
    with pytest.raises(error):
        office.do(fleet_displays.make_display, site, **wrong)


def test_two_displays_have_no_name_in_common(office, site):
    office.do(fleet_displays.make_display, site, name="hall")
    office.do(fleet_displays.make_display, site, name="gallery")

    with pytest.raises(DeviceNameTakenError):
        office.do(fleet_displays.rename_display, "hall", to="gallery")


@pytest.mark.parametrize(
    "change",
    [
        lambda act, site: fleet_displays.rename_display(act, "none", to="some"),  # noqa: ARG005
        lambda act, site: fleet_displays.new_address(act, "none"),  # noqa: ARG005
        lambda act, site: fleet_displays.revoke_display(act, "none"),  # noqa: ARG005
        lambda act, site: fleet_displays.change_display(
            act, site, name="none", stages=(), look="auto"
        ),
    ],
)
def test_a_display_that_there_is_not_is_said_to_be_unknown(office, site, change):
    with pytest.raises(UnknownDisplayError):
        office.do(change, site)


def token_stored(office: Office) -> str:
    return office.read(lambda c: c.execute(tables.display.select()).one().token_sha256)
