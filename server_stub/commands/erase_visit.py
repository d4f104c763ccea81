"""`erase-visit`: delete what is kept of a party that asks for it."""

import argparse
import sys
from collections.abc import Callable
from typing import cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from kiosk.contract.site import Site
from server_stub import erasure
from server_stub.actions import Press
from server_stub.commands.command import CommandError, add_data, settings_of
from server_stub.erasure import Erased, Found
from server_stub.last_queue import read_last_queue
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.store import open_store
from server_stub.store_error import StoreError
from server_stub.transactions import Transactions
from server_stub.visit import StepError

_EXAMPLES = """\
examples:
  python -m server_stub erase-visit D214 --data ankunft-data
  python -m server_stub erase-visit D214 --data ankunft-data --yes

Shows the visit and asks, unless --yes is said. Where several have had the number, --visit says
which. Figures stay as they are; a random id and a hash of the check-in stay, so that it lets
nobody wait when its kiosk sends it again. Backups that were made before still hold it: delete
them, or erase it again after one is restored. It cannot be undone.

The queue sheet in DIR/queue is written anew; where `serve --last-queue` writes it elsewhere, a
server that runs does so within half a minute: delete it by hand where none runs.

It works while servers of a PostgreSQL run; a SQLite is its server's alone: stop that, or use its
page /staff/hall/erase.

exit codes:
  0  nothing of it is left
  2  nothing was deleted, or the queue sheet still names it: the message says which
"""


def add_erase_visit(command: argparse.ArgumentParser) -> None:
    """Set up `erase-visit`."""
    command.set_defaults(run=_erase_visit)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument("number", help="as on the slip, like D214")
    add_data(command)
    command.add_argument(
        "--visit", type=_id, metavar="ID", help="which of several that have had the number"
    )
    command.add_argument("--yes", action="store_true", help="do not ask")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no id of a visit") from None


def _erase_visit(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    with open_store(settings) as engine:
        with engine.connect() as connection:
            site = load_site(connection).site
            found = erasure.find(connection, site.id, number=options.number)
        one = _chosen(found, options, site)
        print(_told(one, site))
        if not options.yes and not _is_sure(one):
            raise CommandError("nothing was deleted")
        press = Press(uuid4(), staff="", role="lead", visit=one.visit.id)
        transactions = Transactions(engine, site=site.id)
        try:
            (outcome,) = transactions.run([_command(settings, press)])
        finally:
            transactions.close()
        if isinstance(outcome.error, StepError):
            raise CommandError(str(outcome.error))
        if outcome.error:
            raise outcome.error
        done = cast("Erased", outcome.result)
        print(f"deleted: {', '.join(done.numbers)}")
        _write_sheet_anew(settings, engine)


def _write_sheet_anew(settings: Settings, engine: Engine) -> None:
    """Let the queue sheet that a server left behind name it no more."""
    # Loaded here: templates take longer to load than the other commands take to run.
    from server_stub.queue_sheet import sheet_files, write_sheets  # noqa: PLC0415

    folder = settings.queue_folder
    if not any(path.exists() for pair in sheet_files(folder).values() for path in pair):
        return
    with engine.connect() as connection:
        site = load_site(connection).site
        queue = read_last_queue(connection, site, as_of=settings.clock())
    try:
        write_sheets(queue, folder)
    except (OSError, StoreError) as error:
        raise CommandError(f"{folder}: may still name it, delete what is there: {error}") from None


def _command(settings: Settings, press: Press) -> Callable[[Connection], Erased]:
    def command(connection: Connection) -> Erased:
        in_force = load_site(connection).site
        return erasure.erase(connection, in_force, press=press, at=settings.clock())

    return command


def _chosen(found: list[Found], options: argparse.Namespace, site: Site) -> Found:
    """Return the one that is meant, or raise CommandError."""
    if options.visit:
        found = [one for one in found if one.visit.id == options.visit]
    if not found:
        raise CommandError(f"nothing is kept of {options.number}")
    if len(found) > 1:
        several = "\n".join(f"  --visit {one.visit.id}  {_told(one, site)}" for one in found)
        raise CommandError(f"several have had {options.number}, say which:\n{several}")
    return found[0]


def _told(one: Found, site: Site) -> str:
    """Return which visit it is, in one line."""
    visit = one.visit
    arrived = visit.arrived_at.astimezone(ZoneInfo(site.time_zone))
    with_it = f", and with it {', '.join(v.number for v in one.others)}" if one.others else ""
    return (
        f"{visit.number}, arrived {arrived:%Y-%m-%d %H:%M} at {visit.kiosk}, "
        f"{visit.state.value} at {visit.stage}{with_it}"
    )


def _is_sure(one: Found) -> bool:
    """Ask for the number once more."""
    print("It cannot be undone. Type the number again to delete it: ", end="", flush=True)
    return erasure.as_printed(sys.stdin.readline()) == one.visit.number
