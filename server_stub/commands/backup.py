"""`backup`: the database as one file, while the server goes on."""

import argparse
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from server_stub.backup import Backup, back_up, others_beside
from server_stub.clock_check import A_DAY, LONG_SILENCE, WrongClockError, check_clock
from server_stub.commands.check import lines_of, summary
from server_stub.commands.command import CommandError, Progress, add_data, settings_of
from server_stub.looking import looking_at
from server_stub.settings import Settings
from server_stub.site_in_force import load_site

_EXAMPLES = """\
examples:
  python -m server_stub backup --data ankunft-data --to /backup
  python -m server_stub backup --data ankunft-data --to /backup --keep-days 14

The file is checked before it gets its name. It holds no key of the site: keep a copy of
DIR/keys somewhere else, once. Backups older than what may be kept of a party must go, too:
--keep-days removes them, but none while the clock may be wrong or something is wrong with
the newest: then it says so.

exit codes:
  0  the backup is there
  1  it is there, but something is wrong with the database, and so with it: see `check`;
     or older ones were kept, and it says why
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
    tidy = options.keep_days is None or _remove_old(settings, made, days=options.keep_days)
    return 0 if tidy and (made.inspection is None or made.inspection.whole) else 1


def _remove_old(settings: Settings, made: Backup, *, days: int) -> bool:
    """Remove older backups; False where they are kept because they may be needed."""
    now, others = settings.clock(), others_beside(made.path)
    for path, made_at in others.items():
        if made_at > now:
            print(f"{path}: is dated in the future: this machine's clock is wrong, or was")
    old = [path for path, made_at in others.items() if made_at < now - timedelta(days=days)]
    kept = _why_kept(settings, made, times=others.values(), now=now) if old else None
    if kept:
        are = "is" if len(old) == 1 else "are"
        print(f"{made.path.parent}: {len(old)} older than {days} days {are} kept: {kept}")
        return False
    for path in old:
        path.unlink()
        print(f"{path}: removed, older than {days} days")
    return True


def _why_kept(
    settings: Settings, made: Backup, *, times: Iterable[datetime], now: datetime
) -> str | None:
    """Return why no backup may be removed for its age; None where there is no reason."""
    if made.inspection is None:
        return "the newest is of another revision and was not checked; migrate first"
    if not made.inspection.whole:
        return "something is wrong with the newest; see to that first"
    if any(A_DAY <= now - made_at <= LONG_SILENCE for made_at in times):
        return None  # the clock told such a time a day ago
    with looking_at(settings) as connection:
        site = load_site(connection).site.id
        try:
            ahead = check_clock(connection, site, now=now)
        except WrongClockError as error:
            return str(error)
    return "this machine's clock may be ahead; set it right if it is wrong" if ahead else None


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
