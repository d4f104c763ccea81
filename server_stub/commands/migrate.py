"""`migrate`: brings the tables to this program's revision, after a backup."""

import argparse
from pathlib import Path

from server_stub.administration import Migration, migrate
from server_stub.commands.command import Progress, add_data, settings_of

_EXAMPLES = """\
examples:
  python -m server_stub migrate --data ankunft-data
  python -m server_stub migrate --data ankunft-data --backup-to /backup

Stop all servers of this database first. Before anything is changed a backup is made, in
DIR/backups where no other folder is named. Either all tables are changed, or none is.

exit codes:
  0  the tables are as this program needs them
  2  nothing was changed
"""


def add_migrate(command: argparse.ArgumentParser) -> None:
    """Set up `migrate`."""
    command.set_defaults(run=_migrate)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    before = command.add_mutually_exclusive_group()
    before.add_argument(
        "--backup-to", type=Path, metavar="PATH", help="where to (a folder or a new file)"
    )
    before.add_argument(
        "--no-backup", action="store_true", help="only where you have made one yourself"
    )


def _migrate(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    done = migrate(
        settings,
        backup_to=None if options.no_backup else options.backup_to or settings.backups,
        tell=Progress("backup"),
    )
    print(told(done), end="")
    return 0


def told(done: Migration) -> str:
    """Return what was done, and what to do where it was a mistake."""
    if done.before == done.after:
        return f"the tables are of revision {done.after}, as before\n"
    what = f"the tables are of revision {done.after} now; they were of {done.before or 'none'}\n"
    if done.backup is None:
        return what
    return (
        f"{what}the backup from before is {done.backup}; remove it when all is well, it holds "
        "check-ins\n"
    )
