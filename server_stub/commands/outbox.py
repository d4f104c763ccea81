"""`admit-outbox`: what a kiosk could not deliver, from the file that it was exported to."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from kiosk.contract.outbox_file import OutboxReader
from server_stub.admin_act import AdminAct
from server_stub.commands.command import CommandError, add_data, settings_of
from server_stub.keys import read_keys
from server_stub.looking import looking_at
from server_stub.outbox_admission import (
    Findings,
    OtherNameError,
    Sender,
    StrangeKioskError,
    Ways,
    admit_outbox,
    look_through,
    lost_sender_of,
    read_outbox,
    sender_of,
    take_in_lost,
)
from server_stub.settings import Settings
from server_stub.site_in_force import load_site
from server_stub.store import open_store
from server_stub.transactions import Transactions

_EXAMPLES = """\
examples:
  python -m server_stub admit-outbox outbox.txt --data ankunft-data
  python -m server_stub admit-outbox outbox.txt --data ankunft-data --yes

Where a server was restored from a backup that is older than a kiosk, --lost-kiosk takes its word
for who it is: see that the file comes from that kiosk. It is known again, as one that is retired.

Without --yes it is only said what would be done; a server may run meanwhile. To admit, a server
on SQLite must be stopped, or use its page /staff/admin/outbox. A file that was admitted changes
nothing the second time.
"""


def add_admit_outbox(command: argparse.ArgumentParser) -> None:
    """Set up `admit-outbox`."""
    command.set_defaults(run=_run)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument("file", type=Path, metavar="FILE", help="that `export-outbox` wrote")
    command.add_argument(
        "--lost-kiosk", action="store_true", help="the server was restored, and forgot the kiosk"
    )
    command.add_argument("--yes", action="store_true", help="admit what is new")


def _run(options: argparse.Namespace) -> None:
    settings = settings_of(options)
    try:
        with options.file.open("rb") as file:
            outbox = read_outbox(file)
            keys = read_keys(settings.keys)
            with looking_at(settings) as connection:
                site = load_site(connection).site
                sender, is_lost = _sender(connection, site.id, outbox, options=options)
                found = look_through(connection, outbox, sender, site=site, keys=keys)
            print(f"{options.file}: {outbox.header.entries} check-ins of {_named(sender)}")
            print("\n".join(_told(found, would=True)))
            if not options.yes:
                print("Nothing was admitted; to do so, add: --yes")
                return
            with open_store(settings) as engine, _ways(settings, engine, site.id) as ways:
                if is_lost:
                    ways.write(partial(_take_in, ways=ways, sender=sender))
                print("\n".join(_told(admit_outbox(outbox, sender, ways), would=False)))
    except OSError as error:
        raise CommandError(f"{options.file}: cannot be read: {error.strerror}") from None


def _sender(
    connection: Connection, site: str, outbox: OutboxReader, *, options: argparse.Namespace
) -> tuple[Sender, bool]:
    """Return the kiosk that a file is from, and whether the store does not know it."""
    try:
        return sender_of(connection, site, outbox), False
    except StrangeKioskError as error:
        if not options.lost_kiosk or isinstance(error, OtherNameError):
            raise
        return lost_sender_of(outbox), True


def _take_in(connection: Connection, *, ways: Ways, sender: Sender) -> list[Any]:
    take_in_lost(ways.act(connection), sender)
    return []


def _named(sender: Sender) -> str:
    revoked = ", revoked" if sender.revoked else ""
    signed = "signed by its key" if sender.signed else "not signed by a key that is known here"
    return f"{sender.called} (letter {sender.device.letter}{revoked}), {signed}"


def _told(found: Findings, *, would: bool) -> list[str]:
    """Return what an admission came to, or would come to."""
    told = [f"  {'new' if would else 'admitted'}: {found.new}", f"  here already: {found.here}"]
    if found.unread:
        told.append(
            f"  of the new ones, unreadable, asked again at the first stage: {found.unread}"
        )
    if found.clashes:
        told.append(f"  of the new ones, with a number that another party has: {found.clashes}")
    if found.refused:
        told.append(f"  refused: {found.refused}")
        told += [f"    {number}: {reason}" for number, reason in found.reasons]
    return told


@contextmanager
def _ways(settings: Settings, engine: Engine, site: str) -> Iterator[Ways]:
    """Lend the ways of the command line, by turns with the servers of a PostgreSQL."""
    transactions = Transactions(engine, site=site)

    def write(command: Callable[[Connection], Any]) -> Any:  # noqa: ANN401  # what the command returns
        (outcome,) = transactions.run([command])
        if outcome.error:
            raise outcome.error
        return outcome.result

    try:
        yield Ways(
            act=lambda connection: AdminAct(connection, site, by="", now=settings.clock()),
            site=lambda connection: load_site(connection).site,
            keys=read_keys(settings.keys),
            write=write,
        )
    finally:
        transactions.close()
