"""``python -m kiosk enrol``: a technician makes this machine a kiosk of a site."""

import argparse
import signal
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.contract.enrolling import EnrolmentState
from kiosk.contract.messages import RefusalCode
from kiosk.enrolment import Enrolment, EnrolmentError, WrongCodeError
from kiosk.enrolment_folder import EnrolmentFolder
from kiosk.enrolment_watch import EnrolmentWatch
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.server_link import LinkError, NotTrustedError, TryLaterError
from kiosk.settings import Settings

ASK_SECONDS, ASK_SELDOM_SECONDS = 3.0, 10.0
INTERRUPTED = 128 + signal.SIGINT
"""What a shell says of a program that Ctrl-C has ended."""

Wait = Callable[[float], None]

COMPARE = """
  Fingerprint of this kiosk:

  +-{line}-+
  | {spaced} |
  +-{line}-+

Ask an administrator to compare this with the page of kiosks, and to approve it there.
Waiting. Ctrl-C ends the waiting; the same command goes on with the same request.
"""

DONE = """
Approved. This machine is kiosk {name}, series {letter}. Its settings are in {file}

Next:
  1. Say in that file which printer and screen it has; try the printer:
         python -m printer status {printer}
  2. Give staff a code for their menu:
         python -m kiosk staff-code
  3. Start it once while the server can be reached; only then it gives out its first number:
         python -m kiosk run --settings {file}
{earlier}"""

EARLIER = """
What this machine still owes of its earlier enrolment is delivered while it runs. Keep
{files} and what {they} until `python -m kiosk status` says that nothing of it is left.
"""


def add_enrol(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    enrol = commands.add_parser("enrol", help="make this machine a kiosk of a site")
    enrol.add_argument("--server", metavar="URL", help="like https://ankunft.example")
    enrol.add_argument("--ca", type=Path, metavar="FILE", help="certificate of the server's own CA")
    enrol.add_argument("--code", help="by an administrator; without it you are asked")
    enrol.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="the kiosk's folder; default: here"
    )
    enrol.add_argument("--screen", action="store_true", help="by touch, on the kiosk's own screen")
    enrol.add_argument(
        "--size", type=_size, metavar="WxH", help="of that screen, in pixels; default: 1080x1920"
    )
    enrol.add_argument("--window", action="store_true", help="in a window, not full screen")
    enrol.set_defaults(command=enrol_command)


def enrol_command(
    options: argparse.Namespace, *, ask: Callable[[str], str] = input, wait: Wait = time.sleep
) -> int:
    """Ask to be enrolled until that has an end; return the exit code.

    Raises:
        EnrolmentError, LinkError: With what to do.

    """
    folder = EnrolmentFolder(options.out)
    screen = _screen(folder, options) if options.screen else None
    enrolment = Enrolment(folder, server=options.server, ca=options.ca)
    if screen is not None:
        return _by_touch(folder, enrolment, screen=screen, code=options.code)
    try:
        settings = _enrol(enrolment, options.code, ask=ask, wait=wait)
    except KeyboardInterrupt:
        print("\nNot enrolled yet. The same command goes on with the same request.")
        return INTERRUPTED
    finally:
        enrolment.close()
    print(_done(settings))
    return 0


def _by_touch(
    folder: EnrolmentFolder, first: Enrolment, *, screen: ScreenSettings, code: str | None
) -> int:
    """Enrol at the kiosk's own screen; return the exit code."""
    from kiosk.screens.window import prepare  # noqa: PLC0415  # a terminal needs no Kivy

    prepare(screen)
    from kiosk.screens.set_up_app import SetUpApp  # noqa: PLC0415  # after the window is prepared

    begun = [first]

    def open_enrolment() -> Enrolment:
        return begun.pop() if begun else Enrolment(folder, server=first.server, ca=first.ca)

    watch = EnrolmentWatch(open_enrolment)
    if code is not None:
        watch.enter(code)
    watch.start()
    try:
        SetUpApp(watch, server=first.server, settings=screen).run()
    finally:
        watch.close()
    if watch.settings is None:
        print("Not enrolled yet. The same command goes on with the same request.")
        return INTERRUPTED
    print(_done(watch.settings))
    return 0


def _screen(folder: EnrolmentFolder, options: argparse.Namespace) -> ScreenSettings:
    """Return the screen as the settings have it, or as the command line says."""
    before = folder.settings()
    told = {} if before is None else before.screen.model_dump()
    if options.size:
        told["width"], told["height"] = options.size
    if options.window:
        told["fullscreen"] = False
    return ScreenSettings(**told)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _enrol(
    enrolment: Enrolment, code: str | None, *, ask: Callable[[str], str], wait: Wait
) -> Settings:
    if code is not None:
        enrolment.take_code(code)
    elif enrolment.code:
        print(f"Going on with the request to {enrolment.server}")
    state = _first_answer(enrolment, ask=None if code else ask)
    if state is EnrolmentState.WAITING:
        spaced = "   ".join(" ".join(group) for group in enrolment.fingerprint.split())
        print(COMPARE.format(spaced=spaced, line="-" * len(spaced)), flush=True)
    away = False
    while enrolment.settings is None:
        wait(ASK_SELDOM_SECONDS if away else ASK_SECONDS)
        try:
            enrolment.ask()
            away = False
        except TryLaterError as error:
            if not away:
                print(f"The server does not answer now, it is asked again: {error}", flush=True)
            away = True
    return enrolment.settings


def _first_answer(enrolment: Enrolment, *, ask: Callable[[str], str] | None) -> EnrolmentState:
    """Return how far the request is, asking for a code until there is one that is known."""
    while True:
        try:
            if not enrolment.code and ask is not None:
                enrolment.take_code(ask("Code, from the administrator's page of kiosks: "))
            return enrolment.ask()
        except WrongCodeError as error:
            if ask is None:
                raise
            print(f"{error}".capitalize())
        except NotTrustedError as error:
            raise EnrolmentError(
                f"{enrolment.server}: {error}. Its CA's certificate is named with --ca FILE; "
                "see also that this machine's clock is right"
            ) from None
        except LinkError as error:
            if error.code is RefusalCode.TOO_MANY:
                raise EnrolmentError(
                    f"{enrolment.server}: too many tries from here: wait some minutes, and call "
                    "this again"
                ) from None
            raise EnrolmentError(
                f"{enrolment.server}: {error}: is the address right, is this machine on the "
                "network, does the server run?"
            ) from None


def _done(settings: Settings) -> str:
    earlier = ""
    if settings.earlier:
        files = ", ".join(str(path) for path in settings.earlier)
        they = "it names" if len(settings.earlier) == 1 else "they name"
        earlier = EARLIER.format(files=files, they=they)
    return DONE.format(
        name=settings.kiosk.name,
        letter=settings.kiosk.letter,
        file=settings.folder / "kiosk.toml",
        printer=settings.printer.address,
        earlier=earlier,
    )
