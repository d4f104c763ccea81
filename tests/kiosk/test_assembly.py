from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from kiosk.assembly import journal_path, open_front_desk
from kiosk.contract.sealing import new_private_key, public_key
from kiosk.contract.site import SiteAnswer
from kiosk.front_desk import FrontDesk
from kiosk.journal import Journal
from kiosk.settings import Settings, read_settings
from printer.printer import Printer
from tests.kiosk.arrivals import ENROLMENT, FAMILY, KEY, SITE, SITE_TEXT
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
    assert isinstance(opened._spool._printer, Printer)
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


@pytest.mark.parametrize(
    "remembered",
    [
        b"",
        b"{}",
        ANSWER.model_copy(update={"public_key": "AAAA"}).to_bytes(),
        ANSWER.model_copy(
            update={"site": NEWER.model_copy(update={"languages": ("xx",)})}
        ).to_bytes(),
    ],
    ids=["nothing", "no answer", "no key", "no language of ours"],
)
def test_a_remembered_site_that_cannot_be_used_gives_way_to_the_file(
    settings: Settings, remembered: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    remember(settings, remembered)

    desk = open_front_desk(settings)

    assert (desk.site, desk._in_force.key) == (SITE, KEY)
    desk.close()
    assert "remembered site not usable" in caplog.text
