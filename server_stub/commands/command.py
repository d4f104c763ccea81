"""What the commands share: the options that name a database, and words about progress."""

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from server_stub.fitting import require_newest
from server_stub.settings import Settings

SECONDS_BETWEEN_WORDS = 5.0


class CommandError(Exception):
    """The command cannot be carried out; the message says why and what to do."""


def add_data(command: argparse.ArgumentParser) -> None:
    """Add the data directory."""
    command.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the server's data directory"
    )


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings that the options name."""
    return Settings(data=options.data)


def require_newest_store(connection: Connection, settings: Settings) -> None:
    """Raise where a store's tables are not those of this program; the message says what to run."""
    require_newest(
        connection,
        where=settings.data,
        migrate=f"run: python -m server_stub migrate --data {settings.data}",
        make=f"run: python -m server_stub init --data {settings.data} --site FILE",
    )


def day_of(text: str) -> date:
    """Return the day that a text says, as argparse's `type` takes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it like 2026-11-22") from None


class Progress:
    """Says on standard error how far a long work is, each five seconds.

    Args:
        work: What is done: ``"backup"``.

    """

    def __init__(self, work: str) -> None:
        self._work = work
        self._said = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        """Take in how much is done, and of how much."""
        if time.monotonic() - self._said >= SECONDS_BETWEEN_WORDS and of:
            self._said = time.monotonic()
            print(f"{self._work}: {100 * done // of} %", file=sys.stderr, flush=True)
