"""``python -m kiosk export-outbox``: a kiosk's check-ins as a file, where it cannot deliver.

They are sealed, and stay so: the file tells no more than the disk does.
"""

import argparse
import os
from pathlib import Path

from kiosk.contract.outbox_file import OutboxHeader, Sign, write_outbox
from kiosk.durable_file import sync_folder
from kiosk.journal import Journal, JournalError, NoJournalYet
from kiosk.private_key import read_key
from kiosk.settings import Settings, SettingsError, read_settings


def add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Set up `export-outbox`."""
    says = "write the outbox to a file, for an administrator to admit"
    command = commands.add_parser(
        "export-outbox",
        help=says,
        description=f"{says.capitalize()}. It is sealed: whoever finds it can read nothing. "
        "What the server has confirmed in the last seven days is in it too, and is not admitted "
        "twice. The kiosk may run meanwhile, and keeps what it has.",
    )
    command.add_argument(
        "--settings", type=Path, default=Path("kiosk.toml"), help="default: kiosk.toml"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    command.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> int:
    settings = read_settings(options.settings)
    journal = _open_journal(settings)
    try:
        bodies = list(journal.bodies())
    finally:
        journal.close()
    header = OutboxHeader(
        site=settings.site.id,
        kiosk=settings.kiosk.name,
        enrolment=settings.kiosk.enrolment,
        entries=len(bodies),
    )
    sign = _signer(settings)
    _write(options.out, header, bodies, sign=sign)
    signed = "" if sign else ", not signed: this kiosk has no key of its own"
    print(f"{options.out}: {len(bodies)} check-ins, sealed{signed}")
    print("Let an administrator admit it at /staff/admin/outbox; the kiosk keeps what it has.")
    return 0


def _open_journal(settings: Settings) -> Journal:
    from kiosk.assembly import journal_path  # noqa: PLC0415  # not for others

    path = journal_path(settings)
    if not path.exists():
        raise SettingsError(f"{path}: no journal: this kiosk has never run with these settings")
    enrolment = settings.kiosk.enrolment
    try:
        return Journal(path, enrolment=enrolment, look_only=True)
    except JournalError:
        # Cut off in the middle of a change, it must be made whole first; that writes to it.
        return Journal(path, enrolment=enrolment, none_yet=NoJournalYet.REFUSE)


def _signer(settings: Settings) -> Sign | None:
    return read_key(settings.server.key).sign if settings.server.key.exists() else None


def _write(path: Path, header: OutboxHeader, bodies: list[bytes], *, sign: Sign | None) -> None:
    """Write a new file, for its owner alone, and return once it is on the disk."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(file, "wb") as out:
                write_outbox(out, header, bodies, sign=sign)
                out.flush()
                os.fsync(file)
            sync_folder(path.absolute().parent)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise SettingsError(f"{path}: is there already; name a new file") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from None
