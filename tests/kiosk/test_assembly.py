from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest

from kiosk.assembly import journal_path, open_front_desk
from kiosk.contract.messages import SlipState
from kiosk.contract.sealing import SiteKey, new_private_key, public_key
from kiosk.contract.site import SiteAnswer
from kiosk.contract.site_file import parse_site
from kiosk.front_desk import FrontDesk
from kiosk.journal import Journal
from kiosk.leftovers import Leftovers
from kiosk.printers import Printers
from kiosk.settings import Settings, read_settings
from printer.escpos_codec import Rendition
from tests.kiosk.arrivals import DIGITS_TEXT, ENROLMENT, FAMILY, KEY, SITE, SITE_TEXT, issue
from tests.kiosk.test_command_line import SETTINGS

NEWER = SITE.model_copy(update={"name": "New Info-Point"})
NEWER_KEY = public_key(new_private_key(), key_id="key-2")
ANSWER = SiteAnswer(
    version=NEWER.version, key_id="key-2", public_key=NEWER_KEY.to_text(), site=NEWER
)


@pytest.fixture
def settings(folder: Path) -> Settings:
    (folder / "hbf.toml").write_text(SITE_TEXT)
    (folder / "kiosk.toml").write_text(SETTINGS)
    return read_settings(folder / "kiosk.toml")


def remember(settings: Settings, answer: bytes) -> None:
    settings.data.mkdir()
    journal = Journal(journal_path(settings), enrolment=ENROLMENT)
    journal.keep_site(answer)
    journal.close()


@pytest.fixture
def opened(settings: Settings) -> Iterator[FrontDesk]:
    desk = open_front_desk(settings)
    yield desk
    desk.close()


def test_a_kiosk_is_put_together_from_its_settings(opened: FrontDesk, settings: Settings) -> None:
    assert (opened.site, opened._in_force.key) == (SITE, KEY)
    assert isinstance(opened._spool._printer, Printers)
    assert opened.check_in(FAMILY).result().number == "D101"
    assert journal_path(settings).exists()


def test_nobody_else_may_look_into_the_data_folder(opened: FrontDesk, settings: Settings) -> None:
    assert S_IMODE(settings.data.stat().st_mode) == 0o700
    assert opened.site == SITE


def test_the_site_that_the_server_told_last_is_in_force(settings: Settings) -> None:
    remember(settings, ANSWER.to_bytes())

    desk = open_front_desk(settings)

    assert (desk.site, desk._in_force.key) == (NEWER, NEWER_KEY)
    desk.close()


OF_OTHER_LANGUAGES = NEWER.model_copy(update={"languages": ("xx",)})


@pytest.mark.parametrize(
    ("remembered", "key"),
    [
        (b"", KEY),
        (b"{}", KEY),
        (b"[]", KEY),
        (ANSWER.model_copy(update={"public_key": "AAAA"}).to_bytes(), KEY),
        # The key of the settings may be destroyed by now: the server's last word counts.
        (ANSWER.model_copy(update={"site": OF_OTHER_LANGUAGES}).to_bytes(), NEWER_KEY),
    ],
    ids=["nothing", "no answer", "no object", "no key", "no language of ours"],
)
def test_a_remembered_site_that_cannot_be_used_gives_way_to_the_file(
    settings: Settings, remembered: bytes, key: SiteKey, caplog: pytest.LogCaptureFixture
) -> None:
    remember(settings, remembered)

    desk = open_front_desk(settings)

    assert (desk.site, desk._in_force.key) == (SITE, key)
    desk.close()
    assert "remembered site not usable" in caplog.text


SECOND = """
[second_printer]
address = "usb:///dev/usb/lp0"
profile = "generic-58"
rendition = "compact"
"""


def printers(settings: Settings) -> list[Any]:
    desk = open_front_desk(settings)
    desk.close()
    return list(desk._spool._printer._printers)  # type: ignore[attr-defined]


def test_a_second_printer_is_one_with_a_profile_and_a_rendition_of_its_own(
    folder: Path, settings: Settings
) -> None:
    (folder / "kiosk.toml").write_text(SETTINGS + SECOND)

    first, second = printers(read_settings(folder / "kiosk.toml"))

    assert (first._profile.paper_dots, second._profile.paper_dots) == (576, 384)
    assert (first._rendition, second._rendition) == (None, Rendition.COMPACT)
    assert len(printers(settings)) == 1


def end_slips(settings: Settings, *ends: SlipState) -> None:
    """Give out a number for each end, send its slip, and let it end so."""
    settings.data.mkdir(exist_ok=True)
    journal = Journal(journal_path(settings), enrolment=ENROLMENT)
    for made, end in zip(issue(journal, len(ends)), ends, strict=True):
        journal.set_slip(made.id, SlipState.SENDING)
        if end is not SlipState.SENDING:
            journal.set_slip(made.id, end)
    journal.close()


@pytest.mark.parametrize(
    ("ends", "leftovers"),
    [
        ([], False),
        ([SlipState.PRINTED], False),
        ([SlipState.SENDING], True),
        ([SlipState.UNCONFIRMED], True),
        ([SlipState.UNCONFIRMED, SlipState.PRINTED], False),
        ([SlipState.PRINTED, SlipState.UNCONFIRMED], True),
    ],
)
def test_a_printer_that_was_cut_off_in_a_slip_is_not_taken_for_empty(
    settings: Settings,
    ends: list[SlipState],
    leftovers: bool,  # noqa: FBT001
) -> None:
    end_slips(settings, *ends)

    assert [printer.leftovers for printer in printers(settings)] == [leftovers]


def test_staff_empty_a_printer_also_while_the_kiosk_is_off(settings: Settings) -> None:
    end_slips(settings, SlipState.UNCONFIRMED)
    notes = Leftovers(settings.data)
    notes.note(0, there=True)
    notes.staff_say_empty(sequence=1)

    assert not printers(settings)[0].leftovers
    notes.note(0, there=True)
    assert printers(settings)[0].leftovers


def test_a_remembered_site_with_questions_for_keys_is_used(settings: Settings) -> None:
    newer = parse_site(SITE_TEXT + DIGITS_TEXT, source="newer.toml")
    remember(settings, ANSWER.model_copy(update={"site": newer}).to_bytes())
    desk = open_front_desk(settings)
    desk.close()

    assert desk.site == newer
