"""`make demo`: one reception point on this machine, with nothing faked but the paper.

With a screen: a kiosk window, a server to log in to, a call display; until Ctrl-C.
Without: two scripted arrivals by touches, called by a counter over HTTP, with pictures to look at.
"""

import argparse
import logging
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from printer.virtual_printer import VirtualPrinter
from tests.stand.enrolling import Administrator, enrol, equip
from tests.stand.server import ROOT, ServerStand, ServerStandError, free_port
from tests.stand.touch import TouchError

FOLDER = ROOT / "build" / "demo"
SERVER_PORT, PRINTER_PORT = 8080, 9100
STAFF, ADMIN, COUNTER = "anna", "rosa", "1"
STOPPED_SECONDS = 15.0


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--screen", choices=["auto", "yes", "no"], default="auto", help="open a window?"
    )
    options = parser.parse_args()
    has_screen = bool(os.environ.get("DISPLAY"))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    # Ctrl-C and a kind kill both end the demo the same way: everything it started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            if options.screen == "yes" or (options.screen == "auto" and has_screen):
                show(stack)
            else:
                script(stack)
    except KeyboardInterrupt:
        print("\nStopped. Nothing of the demo runs any more.")
    except (ServerStandError, TouchError, OSError) as error:
        print(f"The demo could not go on: {error}", file=sys.stderr)
        return 2
    return 0


# A portrait kiosk at half its size, so that it fits a desktop's screen.
WINDOW = "width = 540\nheight = 960"


def _set_up(
    stack: ExitStack, *, screen: str = ""
) -> tuple[ServerStand, VirtualPrinter, Path, str, str]:
    """Start server and printer; return them with the kiosk's settings, password, display."""
    _say("setting up the server: database, site key, staff, call display …")
    server = ServerStand(FOLDER / "server", port=SERVER_PORT)
    server.set_up()
    password = secrets.token_urlsafe(9)
    server.add_staff(STAFF, password)
    as_admin = ("--role", "admin", "--password-from-stdin")
    server.command("add-staff", ADMIN, *as_admin, stdin=password)
    display = server.add_display("hall")
    slips = FOLDER / "slips"
    printer = VirtualPrinter(port=free_port(PRINTER_PORT), out=slips)
    stack.enter_context(printer)
    _say("starting the server …")
    stack.enter_context(server)
    _say("a machine makes a key and asks to be a kiosk; an administrator approves …")
    with closing(Administrator(server.address, ADMIN, password)) as administrator:
        settings = enrol(administrator, FOLDER / "kiosk", "entrance-1")
    equip(settings, printer=printer.address, screen=screen)
    return server, printer, settings, password, display


def show(stack: ExitStack) -> None:
    """Open the kiosk's window, say where everything is, and wait for Ctrl-C."""
    server, printer, settings, password, display = _set_up(stack, screen=WINDOW)
    kiosk = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "run", "--window", "--settings", str(settings)],
        cwd=ROOT,
        start_new_session=True,  # Ctrl-C is ours: the kiosk is stopped by name, and first
    )
    stack.callback(_end, kiosk)
    print(f"""
  kiosk         its window has opened: touch it with the mouse
  staff page    {server.address}/staff     login {STAFF}, password {password}
  administers   {server.address}/staff/admin     login {ADMIN}, the same password
  call display  {display}
  printer       virtual, {printer.address}; slips are drawn into {_short(FOLDER / "slips")}

  Ctrl-C stops everything.
""")
    kiosk.wait()


def script(stack: ExitStack) -> None:
    """Touch two arrivals through, call the first, and say what happened."""
    from tests.stand.arrivals import MAN_ALONE, MOTHER_WITH_TWO, check_in, leave, wait_for_slip
    from tests.stand.kiosk import open_kiosk
    from tests.stand.staff import StaffMember

    server, printer, settings, password, _ = _set_up(stack)
    pictures = FOLDER / "screens"
    pictures.mkdir()
    _say("opening the kiosk, without a screen …")
    kiosk = stack.enter_context(open_kiosk(settings, hurries=True))
    kiosk.wait_until(lambda: "language:uk" in kiosk.tiles(), seconds=30)  # the server was heard
    numbers = []
    for arrival in (MOTHER_WITH_TWO, MAN_ALONE):

        def see(name: str, language: str = arrival.language) -> None:
            count = len(list(pictures.iterdir())) + 1
            kiosk.picture(pictures / f"{count:02d}-{language}-{name}.png")

        _say(f"a party touches the kiosk in {arrival.language!r} …")
        ticket = check_in(kiosk, arrival, see=see)
        state = wait_for_slip(kiosk, ticket)
        see("ticket")
        numbers.append(ticket.number)
        _say(f"    number {ticket.number}, slip {state.value}")
        leave(kiosk)
    kiosk.tap_id("help:person")
    kiosk.wait_until(lambda: "We have called someone." in kiosk.texts())
    kiosk.picture(pictures / f"{len(list(pictures.iterdir())) + 1:02d}-help.png")

    _say("a counter opens its page …")
    anna = StaffMember(server.address, STAFF, password)
    stack.callback(anna.close)
    kiosk.wait_until(lambda: set(numbers) <= set(anna.words()), seconds=30)
    anna.work_at(COUNTER)
    anna.call_next()
    kiosk.wait_until(lambda: "Call again" in anna.words("/staff/counter"), seconds=30)
    row = _visit_row(server.data / "ankunft.db", numbers[0])
    print(
        f"\nWhat happened: {numbers[0]} touched, printed, received and called; then {numbers[1]}."
    )
    print("\nThe visit in the server's database:")
    for name, value in row.items():
        print(f"    {name:20} {value}")
    print("\nLook at:")
    for picture in sorted(pictures.iterdir()) + sorted((FOLDER / "slips").iterdir()):
        print(f"    {_short(picture)}")
    print(f"\nThe slips took {printer.bytes_received} bytes on the wire.")


def _visit_row(database: Path, number: str) -> dict[str, object]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return dict(db.execute("SELECT * FROM visit WHERE number = ?", (number,)).fetchone())


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOPPED_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(text: str) -> None:
    print(text, flush=True)


def _short(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    sys.exit(main())
