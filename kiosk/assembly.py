"""The one place that puts a kiosk together from its settings."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

from kiosk.back_office import SoundCheck
from kiosk.clock import KioskClock
from kiosk.contract.messages import Sounds, Trouble
from kiosk.contract.sealing import SiteKey
from kiosk.contract.series import Series
from kiosk.contract.site import Site, SiteAnswer
from kiosk.contract.site_file import SiteFileError, read_site_file
from kiosk.courier import Route
from kiosk.credentials import Credentials, FixedToken, KeyCredentials
from kiosk.earlier_outbox import EarlierOutbox
from kiosk.emergency import EmergencyDesk
from kiosk.front_desk import FrontDesk, Identity, JournalThread, SiteInForce
from kiosk.hardware import Hardware, read_hardware
from kiosk.journal import Journal, JournalError, NoJournalYet
from kiosk.language import LANGUAGES, unspoken
from kiosk.last_store import LastStore
from kiosk.leftovers import Leftovers
from kiosk.printers import Printers
from kiosk.private_key import KeyFileError, read_key
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.server_link import ServerLink
from kiosk.settings import PrinterTable, Settings, SettingsError, read_settings
from kiosk.speech.chime import chime
from kiosk.speech.player import AplayPlayer
from kiosk.speech.set_up import Speech, set_up_speech
from kiosk.speech.wording import SpeechDataError
from kiosk.stops import stop_on_other_hardware
from printer.address import Opener, parse_address
from printer.escpos_codec import Rendition
from printer.printer import Printer
from printer.profile import Profile, load_profile

log = logging.getLogger(__name__)

PRINTER_TIMEOUT_SECONDS = 5.0

MENDABLE = {
    Trouble.DISK_FULL,
    Trouble.DISK_READ_ONLY,
    Trouble.JOURNAL_DAMAGED,
    Trouble.STOPPED,  # the journal is gone: perhaps its disk is only mounted later
}
"""With these a kiosk says calmly on its screen that it does not work."""


def open_front_desk(
    settings: Settings, *, clock: KioskClock | None = None, hardware: Hardware | None = None
) -> FrontDesk:
    """Open the journal and put the kiosk's parts together; its threads are not yet running.

    Args:
        settings: Of this kiosk.
        clock: What it goes by, where that is not the machine's.
        hardware: What it runs on, where that is not this machine.

    Raises:
        JournalError, SiteFileError, ProfileError, AddressError, KeyFileError: With what to do,
            before anything was printed or sent.

    """
    if settings.server.token is not None:  # else the folder was made by enrolling
        _make_data_folder(settings.data)
    makers = [_printer_maker(table) for table in _printer_tables(settings)]
    credentials = open_credentials(settings)
    machine = read_hardware() if hardware is None else hardware
    clock = clock or KioskClock()
    journal = JournalThread(lambda: _open_journal(settings))
    try:
        journal(lambda there: stop_on_other_hardware(there, machine))
        if stopped := journal(lambda there: there.stopped):
            log.error("gives out no numbers reason=%r", stopped)
        in_force = _site_in_force(settings, journal(Journal.site))
        printers = _printers(makers, settings.data, unsettled=journal(Journal.unsettled))
    except BaseException:
        journal.close()
        raise
    return FrontDesk(
        _identity(settings),
        in_force,
        journal=journal,
        printer=printers,
        open_link=_link_opener(settings, credentials),
        clock=clock,
        earlier=_open_earlier(settings, clock),
    )


def open_emergency_desk(
    settings: Settings, error: JournalError, *, on_mended: Callable[[], None]
) -> EmergencyDesk:
    """Return the desk of a kiosk whose journal cannot be opened; its thread is not yet running.

    Raises `error` where waiting will not mend it, and SiteFileError.
    """
    if error.trouble not in MENDABLE:
        raise error

    def can_be_opened() -> bool:
        try:
            _open_journal(settings).close()
        except JournalError:
            return False
        return True

    return EmergencyDesk(
        _identity(settings),
        _site_in_force(settings, None).site,
        error,
        can_be_opened=can_be_opened,
        on_mended=on_mended,
        open_link=_link_opener(settings, open_credentials(settings)),
        clock=KioskClock(),
    )


def open_speech(settings: Settings) -> Speech | None:
    """Return the kiosk's speech; None where its texts are damaged, and then nothing is said."""
    try:
        return set_up_speech(settings)
    except SpeechDataError as error:
        log.error("no speech reason=%r", f"{error}")  # noqa: TRY400
        return None


def sound_check(settings: Settings, speech: Speech | None) -> SoundCheck:
    """Return what staff may know of the sound device, and how they try it."""
    if not settings.speech.enabled:
        return SoundCheck()
    player = AplayPlayer(device=settings.speech.device)

    def try_it() -> bool:
        playing = player.start(chime())
        return playing is not None and playing.wait()

    def state() -> Sounds:
        return "ready" if speech is not None and speech.sound == "ready" else "none"

    return SoundCheck(state, try_it)


def screen_settings(settings: Settings, *, fullscreen: bool = True) -> ScreenSettings:
    """Return what the screens need to know; `fullscreen` only where the settings allow it."""
    chosen = {
        **settings.screen.model_dump(),
        "fullscreen": fullscreen and settings.screen.fullscreen,
        "keys": settings.keypad.commands,
        "double_strike_seconds": settings.keypad.double_strike_seconds,
    }
    return ScreenSettings(**chosen)


def open_credentials(settings: Settings) -> Credentials:
    """Return what the kiosk shows at the server's door; raise KeyFileError."""
    if settings.server.token is not None:
        return FixedToken(settings.server.token.get_secret_value())
    return KeyCredentials(read_key(settings.server.key), settings.kiosk.enrolment)


def open_earlier_outbox(file: Path, clock: KioskClock) -> EarlierOutbox:
    """Return the outbox of an earlier enrolment; its thread is not yet running.

    Args:
        file: Its settings.
        clock: The kiosk's clocks.

    Raises:
        SettingsError, KeyFileError, JournalError: It cannot be opened.

    """
    settings = read_settings(file)
    credentials = open_credentials(settings)
    journal = JournalThread(
        lambda: Journal(
            journal_path(settings),
            enrolment=settings.kiosk.enrolment,
            none_yet=NoJournalYet.REFUSE,
        )
    )
    link = _link_opener(settings, credentials)()

    def close() -> None:
        link.close()
        journal.close()

    route = Route(journal, link, clock, settings.kiosk.name)
    return EarlierOutbox(
        route,
        letter=settings.kiosk.letter,
        last_store=LastStore(settings.data),
        close=close,
    )


def journal_path(settings: Settings) -> Path:
    """Return where the journal lies."""
    return settings.data / "journal.db"


def _identity(settings: Settings) -> Identity:
    who, code = settings.kiosk, settings.staff.code
    return Identity(
        who.name,
        Series(who.letter, who.skip_numbers),
        settings.data,
        staff_code=None if code is None else code.get_secret_value(),
    )


def _link_opener(settings: Settings, credentials: Credentials) -> Callable[[], ServerLink]:
    server = settings.server
    return lambda: ServerLink(server.url, credentials=credentials, ca=server.ca)


def _printer_tables(settings: Settings) -> list[PrinterTable]:
    return [table for table in (settings.printer, settings.second_printer) if table is not None]


def _printer_maker(table: PrinterTable) -> Callable[[bool], Printer]:
    """Return what makes the printer of a table, given whether it may hold the rest of a slip."""
    open_line: Opener = parse_address(table.address)
    profile: Profile = load_profile(table.profile)
    rendition = None if table.rendition is None else Rendition(table.rendition)

    def make(leftovers: bool) -> Printer:  # noqa: FBT001  # its only argument
        return Printer(
            lambda: open_line(PRINTER_TIMEOUT_SECONDS),
            profile,
            rendition=rendition,
            leftovers=leftovers,
        )

    return make


def _printers(
    makers: list[Callable[[bool], Printer]], data: Path, *, unsettled: int | None
) -> Printers:
    """Return the printers, each with what may still lie in it from before this start."""
    notes = Leftovers(data)
    cut_off = unsettled is not None and not notes.staff_said_since(unsettled)
    printers = [make(cut_off or notes.noted(index)) for index, make in enumerate(makers)]
    return Printers(*printers, notes=notes)


def _make_data_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise JournalError(
            f"{path}: the data folder cannot be made ({error.strerror}): make its folder "
            'writable, or name another one as "data" in the settings'
        ) from None


def _open_journal(settings: Settings) -> Journal:
    """Open the journal; only where a fixed token is for trials is one begun by running."""
    is_trial = settings.server.token is not None
    return Journal(
        journal_path(settings),
        enrolment=settings.kiosk.enrolment,
        none_yet=NoJournalYet.BEGIN if is_trial else NoJournalYet.REFUSE,
    )


def _open_earlier(settings: Settings, clock: KioskClock) -> list[EarlierOutbox]:
    """Open what earlier enrolments left; what cannot be opened keeps nobody from running."""
    found = []
    for file in settings.earlier:
        try:
            found.append(open_earlier_outbox(file, clock))
        except (SettingsError, KeyFileError, JournalError) as error:
            log.error("earlier outbox not opened reason=%r", f"{error}")  # noqa: TRY400
    return found


def _site_in_force(settings: Settings, remembered: bytes | None) -> SiteInForce:
    """Return the site as the server last told it, or else by the settings file."""
    if remembered is not None:
        try:
            answer = SiteAnswer.model_validate_json(remembered)
            key = SiteKey.from_text(answer.key_id, answer.public_key)
            if not unspoken(answer.site.languages, answer.site.audio_languages):
                return SiteInForce(answer.site, key)
        except ValueError:  # pydantic's ValidationError is one
            pass
        log.warning("remembered site not usable, taking the file=%s", settings.site.file)
    key = _remembered_key(remembered) or settings.site.key
    site = _read_site(settings.site.file)
    if unknown := unspoken(site.languages, site.audio_languages):
        raise SiteFileError(
            f"{settings.site.file}: languages: this program does not speak {unknown}; "
            f"it speaks {', '.join(LANGUAGES)}"
        )
    return SiteInForce(site, key)


def _remembered_key(remembered: bytes | None) -> SiteKey | None:
    """Return the key that the server named last, also where its site cannot be used.

    The one of the settings may be destroyed by now: nobody could read what is sealed to it.
    """
    try:
        told = json.loads(remembered or b"")
        return SiteKey.from_text(told["key_id"], told["public_key"])
    except (ValueError, KeyError, TypeError):
        return None


def _read_site(file: Path) -> Site:
    """Return the site in a file: one that people wrote, or the server's answer at enrolment."""
    if file.suffix != ".json":
        return read_site_file(file)
    try:
        return SiteAnswer.model_validate_json(file.read_bytes()).site
    except OSError as error:
        raise SiteFileError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise SiteFileError(
            f"{file}: is no answer of the server about its site: enrol anew with "
            "`python -m kiosk enrol`, or name a site file instead"
        ) from None
