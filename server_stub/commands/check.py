"""`check`: what is wrong with a database, in words."""

import argparse
from pathlib import Path

from server_stub.checks.inspection import MOST_FINDINGS, Inspection, Result, inspect_database
from server_stub.checks.keys_there import keys_check
from server_stub.commands.command import require_newest_store, settings_of
from server_stub.fitting import require_newest
from server_stub.looking import looking_at, looking_at_file
from server_stub.settings import Settings

_EXAMPLES = """\
examples:
  python -m server_stub check --data ankunft-data
  python -m server_stub check --file /backup/ankunft-duesseldorf-20261122T020000Z.db

Nothing is changed, and a server may run meanwhile. On a large database it takes minutes.

exit codes:
  0  nothing is wrong
  1  something is wrong: each line says what, and what to do
  2  nothing could be looked at
"""


def add_check(command: argparse.ArgumentParser) -> None:
    """Set up `check`."""
    command.set_defaults(run=_check)
    command.epilog = _EXAMPLES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, metavar="DIR", help="the server's data directory")
    what.add_argument("--file", type=Path, metavar="FILE", help="a backup, instead")


def _check(options: argparse.Namespace) -> int:
    if options.file:
        settings = Settings(data=options.file.parent)
        with looking_at_file(options.file) as connection:
            require_newest(
                connection,
                where=options.file,
                migrate="restore it: that brings its tables up to date",
                make="is it a backup?",
            )
            found = inspect_database(connection, now=settings.clock(), tell=_tell)
    else:
        settings = settings_of(options)
        with looking_at(settings) as connection:
            require_newest_store(connection, settings)
            found = inspect_database(
                connection,
                now=settings.clock(),
                besides=[keys_check(settings.keys)],
                tell=_tell,
            )
    print(summary(found))
    return 0 if found.whole else 1


def _tell(result: Result) -> None:
    print("\n".join(lines_of(result)), flush=True)


def lines_of(result: Result) -> list[str]:
    """Return what a check came to: a line, and one for each finding."""
    if not result.findings:
        return [f"ok     {result.fact}"]
    word = "WRONG" if result.grave else "look"
    found = [f"         {finding}" for finding in result.findings]
    more = [f"         … more than {MOST_FINDINGS}"] if result.more else []
    return [f"{word:<6} not so: {result.fact}", *found, *more]


def summary(found: Inspection) -> str:
    """Return what all checks came to, as one line."""
    count = len(found.results)
    checks = "1 check" if count == 1 else f"{count} checks"
    wrong = sum(result.grave for result in found.results)
    look = sum(bool(result.findings) and not result.grave for result in found.results)
    besides = f"; {look} found something to look at" if look else ""
    if not wrong:
        return f"{checks}: nothing is wrong{besides}"
    left_out = "" if found.readable else "; the others were left out"
    return f"{checks}: {wrong} found something wrong{besides}{left_out}"
