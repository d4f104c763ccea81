"""``python -m kiosk``: run a kiosk, and what its technician asks of it."""

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from kiosk.contract.site_file import SiteFileError, read_site_file
from kiosk.contract.supervisor import Supervisor
from kiosk.core_dumps import forbid_core_dumps
from kiosk.enrol_command import add_enrol
from kiosk.enrolment import EnrolmentError
from kiosk.enrolment_folder import EnrolmentFolderError
from kiosk.export_command import add_export
from kiosk.hardware import Hardware
from kiosk.journal import Journal, JournalError
from kiosk.language import CatalogueError
from kiosk.leftovers import Leftovers
from kiosk.log_lines import log_to_standard_error
from kiosk.private_key import KeyFileError
from kiosk.screens.window import WindowError
from kiosk.server_link import LinkError
from kiosk.settings import Settings, SettingsError, read_settings
from kiosk.speech.command import SpeakError, add_speak
from kiosk.speech.wording import SpeechDataError
from kiosk.staff_code import hash_code, is_code
from kiosk.trouble import trouble
from printer.profile import ProfileError
from printer.transports import AddressError

log = logging.getLogger("kiosk")

EXAMPLES = """examples:
  python -m kiosk enrol --server https://ankunft.example  (this machine becomes a kiosk)
  python -m kiosk run --settings kiosk.toml
  python -m kiosk run --settings kiosk.toml --window      (not full screen)
  python -m kiosk status --settings kiosk.toml
  python -m kiosk deliver --settings /mnt/kiosk.toml      (the outbox of a kiosk that is broken)
  python -m kiosk export-outbox --out outbox.txt          (of a revoked kiosk, to be admitted)
  python -m kiosk printer-empty --settings kiosk.toml     (no rest of a slip lies in it)
  python -m kiosk staff-code                              (asks for the code of the staff menu)
  python -m kiosk check-site assets/sites/duesseldorf.toml
  python -m kiosk preview --site site.toml --language uk --out pictures
  python -m kiosk speak --language uk "Ваш номер"
  python -m kiosk speak --all --language uk --out to-record

exit codes: 0 done, 2 wrong use or settings (one sentence says what to do),
70 the screens failed, 75 the journal can be opened again: for systemd's Restart=on-failure
"""


SCREENS_ENDED, BEGIN_ANEW = 70, 75
"""EX_SOFTWARE and EX_TEMPFAIL of sysexits.h: for a supervisor, to start the program again."""

NOT_ALL_DELIVERED = 75

UNUSABLE = (
    SettingsError,
    SiteFileError,
    JournalError,
    KeyFileError,
    EnrolmentError,
    EnrolmentFolderError,
    CatalogueError,
    AddressError,
    ProfileError,
    WindowError,
    SpeakError,
    SpeechDataError,
)
"""What a technician can mend; the message of each says how."""


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    options = _parser().parse_args(arguments)
    log_to_standard_error()
    try:
        return int(options.command(options))
    except UNUSABLE as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kiosk",
        description="The touchscreen kiosk of Ankunft.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_enrol(commands)
    run = commands.add_parser("run", help="open the kiosk")
    run.add_argument("--window", action="store_true", help="in a window, not full screen")
    run.set_defaults(command=_run)
    status = commands.add_parser("status", help="what waits for the server, and why")
    status.set_defaults(command=_status)
    deliver = commands.add_parser(
        "deliver", help="deliver the outbox of a kiosk that runs no more, from its disk"
    )
    deliver.set_defaults(command=_deliver)
    add_export(commands)
    empty = commands.add_parser(
        "printer-empty", help="say that the printer holds no rest of a slip"
    )
    empty.set_defaults(command=_printer_empty)
    code = commands.add_parser("staff-code", help="make the line that lets staff into their menu")
    code.set_defaults(command=_staff_code)
    for command in (run, status, deliver, empty):
        command.add_argument(
            "--settings", type=Path, default=Path("kiosk.toml"), help="default: kiosk.toml"
        )
    check = commands.add_parser("check-site", help="say what is wrong with a site file")
    check.add_argument("file", type=Path)
    check.set_defaults(command=_check_site)
    preview = commands.add_parser("preview", help="draw every screen and slip of a site file")
    preview.add_argument("--site", type=Path, required=True, metavar="FILE", help="the site file")
    preview.add_argument("--language", required=True, metavar="CODE", help="like uk")
    preview.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the pictures")
    preview.set_defaults(command=_preview)
    add_speak(commands)
    return parser


def _run(options: argparse.Namespace) -> int:
    from kiosk.assembly import (  # noqa: PLC0415  # not for others
        open_emergency_desk,
        open_front_desk,
        open_speech,
        screen_settings,
        sound_check,
    )
    from kiosk.clock import seconds_since_start  # noqa: PLC0415
    from kiosk.emergency import EmergencyDesk  # noqa: PLC0415
    from kiosk.front_desk import FrontDesk  # noqa: PLC0415
    from kiosk.screens.window import prepare  # noqa: PLC0415

    gc.disable()  # nothing of what a start makes is garbage; the app collects in its pauses
    settings = read_settings(options.settings)
    screen = screen_settings(settings, fullscreen=not options.window)
    speech = open_speech(settings)
    mended = threading.Event()
    desk: FrontDesk | EmergencyDesk
    try:
        desk = open_front_desk(settings)
    except JournalError as error:
        desk = open_emergency_desk(settings, error, on_mended=lambda: _end(mended))
        print(error, file=sys.stderr)
    desk.connect_sound(sound_check(settings, speech))
    try:
        prepare(screen)
        forbid_core_dumps()  # before the first party comes
        from kiosk.screens.app import KioskApp  # noqa: PLC0415  # after the window is prepared
        from kiosk.screens.life_signs import give_signs_of_life  # noqa: PLC0415

        def begin_work() -> None:
            log.info("first picture after=%.2f s", seconds_since_start())
            give_signs_of_life(Supervisor(os.environ))
            desk.open()
            if speech is not None:
                speech.open()
            app.rehearse()

        app = KioskApp(desk, settings=screen, speech=speech, on_shown=begin_work)
        app.run()
    except UNUSABLE:
        raise
    except Exception as error:  # noqa: BLE001  # its words may quote what a party entered
        log.critical("screens ended error=%r", trouble(error))
        return SCREENS_ENDED
    finally:
        if speech is not None:
            speech.close()
        desk.close()
    return BEGIN_ANEW if mended.is_set() else 0


def _end(because: threading.Event) -> None:
    """End the program as SIGTERM does, from any thread."""
    because.set()
    os.kill(os.getpid(), signal.SIGTERM)


def _staff_code(_: argparse.Namespace) -> int:
    from getpass import getpass  # noqa: PLC0415  # not for others

    code = getpass("Staff code, 6 to 12 digits: ")
    if not is_code(code):
        raise SettingsError(
            "a staff code is 6 to 12 digits, and not all the same: think of another"
        )
    if getpass("The same again: ") != code:
        raise SettingsError("the two were not the same: try again")
    print("Put this into kiosk.toml, and keep the file readable for its user alone:\n")
    print(f'[staff]\ncode = "{hash_code(code)}"')
    return 0


def _status(options: argparse.Namespace) -> int:
    settings: Settings = read_settings(options.settings)
    journal = _look_into_journal(settings)
    try:
        print(f"kiosk      {settings.kiosk.name}")
        print(f"sequence   {journal.sequence}")
        print(f"outbox     {journal.depth()} not confirmed, {journal.refused()} of them refused")
        print(f"stopped    {journal.stopped or 'no'}")
        if journal.awaits_server:
            print("awaits     the server: no number before it answers and knows this kiosk")
        if journal.hardware:
            print(f"hardware   {Hardware.from_text(journal.hardware)}")
        for name, value in sorted(journal.counters().items()):
            print(f"{name:10} {value}")
    finally:
        journal.close()
    for file in settings.earlier:
        print(f"earlier    {file.name}: {_what_is_left(file)}")
    return 0


def _what_is_left(file: Path) -> str:
    """Return how much an earlier enrolment still owes the server."""
    try:
        journal = _look_into_journal(read_settings(file))
        try:
            return f"{journal.undelivered()} not delivered, {journal.refused()} refused"
        finally:
            journal.close()
    except (SettingsError, JournalError) as error:
        return f"{error}"


def _deliver(options: argparse.Namespace) -> int:
    from kiosk.assembly import open_earlier_outbox  # noqa: PLC0415  # as above
    from kiosk.clock import KioskClock  # noqa: PLC0415

    outbox = open_earlier_outbox(options.settings, KioskClock())
    try:
        outbox.deliver()
        left, refused = outbox.left(), outbox.refused()
    except LinkError as error:
        left, refused = outbox.left(), outbox.refused()
        print(f"the server takes nothing now: {error}", file=sys.stderr)
    finally:
        outbox.close()
    print(f"{left} not delivered, {refused} refused")
    return NOT_ALL_DELIVERED if left else 0


def _printer_empty(options: argparse.Namespace) -> int:
    settings: Settings = read_settings(options.settings)
    journal = _look_into_journal(settings)
    try:
        sequence = journal.sequence
    finally:
        journal.close()
    try:
        Leftovers(settings.data).staff_say_empty(sequence=sequence)
    except OSError as error:
        raise SettingsError(
            f"{settings.data}: cannot be written ({error.strerror}): "
            "call this as the user that runs the kiosk"
        ) from None
    print("noted: slips are printed again within seconds")
    return 0


def _look_into_journal(settings: Settings) -> Journal:
    from kiosk.assembly import journal_path  # noqa: PLC0415  # as above

    path = journal_path(settings)
    if not path.exists():
        is_trial = settings.server.token is not None
        told = (
            "no journal yet: this kiosk has not run with these settings"
            if is_trial
            else "the journal of this enrolment is not there: mount its disk, or enrol anew"
        )
        raise SettingsError(f"{path}: {told}")
    return Journal(path, enrolment=settings.kiosk.enrolment, look_only=True)


def _check_site(options: argparse.Namespace) -> int:
    site = read_site_file(options.file)
    print(f"{options.file}: good. Site {site.id}, version {site.version}")
    return 0


def _preview(options: argparse.Namespace) -> int:
    from kiosk.preview import write_preview  # noqa: PLC0415  # as above

    site = read_site_file(options.site)
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    count = write_preview(site, options.language, options.out)
    print(f"{options.out}: {count} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
