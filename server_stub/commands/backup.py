"""`backup`: the database as one file, while the server goes on."""

import argparse
from datetime import timedelta
from pathlib import Path

from server_stub.backup import Backup, back_up, older_backups
from server_stub.commands.check import lines_of, summary
from server_stub.commands.command import CommandError, Progress, add_data, settings_of

_EXAMPLES = """\
examples:
  python -m server_stub backup --data ankunft-data --to /backup
  python -m server_stub backup --data ankunft-data --to /backup --keep-days 14

The file is checked before it gets its name. It holds no key of the site: keep a copy of
DIR/keys somewhere else, once. Backups older than what may be kept of a party must go, too:
--keep-days removes them.

exit codes:
  0  the backup is there
  1  it is there, but something is wrong with the database, and so with it: see `check`
  2  there is none
"""


def add_backup(command: argparse.ArgumentParser) -> None:
    """Set up `backup`."""
    command.set_defaults(run=_backup)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="PATH",
        help="a new file, or a folder, for a file named by site and time",
    )
    command.add_argument(
        "--keep-days",
        type=_days,
        metavar="N",
        help="afterwards, remove this site's backups in the folder that are older",
    )


def _backup(options: argparse.Namespace) -> int:
    if options.keep_days is not None and not options.to.is_dir():
        raise CommandError(f"--keep-days needs a folder after --to, and {options.to} is none")
    settings = settings_of(options)
    made = back_up(settings, options.to, tell=Progress("backup"))
    print("\n".join(_told(made)), flush=True)
    if options.keep_days is not None:
        oldest = settings.clock() - timedelta(days=options.keep_days)
        for path in older_backups(made.path, than=oldest):
            path.unlink()
            print(f"{path}: removed, older than {options.keep_days} days")
    return 0 if made.inspection is None or made.inspection.whole else 1


def _told(made: Backup) -> list[str]:
    size = f"{made.size / 1e6:.1f} MB"
    if made.inspection is None:
        return [f"{made.path}: {size}, tables of revision {made.revision}"]
    wrong = [
        line for result in made.inspection.results if result.grave for line in lines_of(result)
    ]
    return [*wrong, f"{made.path}: {size}; {summary(made.inspection)}"]


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r}: write whole days, at least 1")
    return int(text)
