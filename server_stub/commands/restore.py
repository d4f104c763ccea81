"""`restore`: a backup becomes the database of an empty data directory."""

import argparse
from pathlib import Path

from server_stub.commands.check import lines_of, summary
from server_stub.commands.command import Progress, add_data, settings_of
from server_stub.restore import Restored, restore

_EXAMPLES = """\
examples:
  python -m server_stub restore --data new-data /backup/ankunft-duesseldorf-20261122T020000Z.db

The data directory must hold no database. Where it holds a file `database.url` that names an
empty PostgreSQL, the backup goes there: also the way from SQLite to PostgreSQL, and back.

exit codes:
  0  it is restored
  1  it is restored, but something is wrong with it, as it was with the backup: see `check`
  2  nothing is restored
"""

_NEXT = """\
Next:
{key}  {n}. Start the server. By itself, each kiosk sends again what it has confirmed in the last
     seven days and what is missing here.
  {o}. What staff did after {last} is lost: let them look through the list of those who wait.
     Numbers that were served meanwhile: a lead marks them as served by hand.
  {p}. Whatever was enrolled, changed or closed after that is not known here: kiosks (give each
     another letter than it had), displays, passwords, days.
"""


def add_restore(command: argparse.ArgumentParser) -> None:
    """Set up `restore`."""
    command.set_defaults(run=_restore)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    add_data(command)
    command.add_argument("file", type=Path, metavar="FILE", help="a backup")


def _restore(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    restored = restore(settings, options.file, tell=Progress("restore"))
    wrong = [r for r in restored.inspection.results if r.grave]
    for result in wrong:
        print("\n".join(lines_of(result)))
    before, now = restored.revisions
    migrated = "" if before == now else f", tables brought from revision {before} to {now}"
    print(
        f"{settings.data}: restored {restored.site}, {restored.visits} visits{migrated}; "
        f"{summary(restored.inspection)}"
    )
    print(_next(restored, options.data), end="")
    return 1 if wrong else 0


def _next(restored: Restored, data: Path) -> str:
    keys = []
    if restored.missing_key:
        keys.append(
            f"Put {restored.missing_key}.key into {data}/keys: nothing works without it.\n"
            "     Put the site's other keys there too; one that is newer than this backup is then\n"
            "     put in force at /staff/admin/keys.\n"
        )
    elif restored.newer_key:
        keys.append(
            f"{restored.newer_key} was made after this backup and is in force again: kiosks\n"
            "     seal to it.\n"
        )
    if restored.prepared:
        named = ", ".join(restored.prepared)
        keys.append(
            f"When this backup was made, {named} was prepared. If it was put in force since,\n"
            "     kiosks sealed to it; before the server starts let them do so again:\n"
            "     python -m server_stub rotate-key --put-in-force "
            f"{restored.prepared[0]} --data {data}\n"
        )
    key = "".join(f"  {place}. {told}" for place, told in enumerate(keys, 1))
    first = len(keys) + 1
    last = f"{restored.last_change:%Y-%m-%d %H:%M} UTC" if restored.last_change else "the backup"
    return _NEXT.format(key=key, n=first, o=first + 1, p=first + 2, last=last)
