"""What a kiosk tells of itself in a heartbeat."""

import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kiosk.contract.messages import MOST_KEYS_TOLD, Counters, Heartbeat, Sounds
from kiosk.journal import Journal


def program_version() -> str:
    """Return the version that is installed."""
    try:
        return version("ankunft")
    except PackageNotFoundError:
        return "not installed"


@dataclass(frozen=True, slots=True)
class Told:
    """What a heartbeat tells that the journal does not know; see `Heartbeat`.

    Attributes:
        data: The data folder, whose free space is told.
        key_id: The key of the site that check-ins are sealed to now.

    """

    kiosk: str
    data: Path
    site_version: str
    key_id: str
    printer: str
    clock_trusted: bool
    sound: Sounds
    troubles: tuple[str, ...]


def take_heartbeat(journal: Journal, told: Told) -> Heartbeat:
    """Return how the kiosk is now. Runs in the journal's thread."""
    return Heartbeat(
        kiosk=told.kiosk,
        program_version=program_version(),
        site_version=told.site_version,
        printer=told.printer,
        clock_trusted=told.clock_trusted,
        disk_free_bytes=shutil.disk_usage(told.data).free,
        outbox_depth=journal.depth(),
        highest_sequence=journal.sequence,
        counters=Counters.model_validate(journal.counters()),
        sound=told.sound,
        troubles=told.troubles,
        sealed_to=_keys(journal, told.key_id),
    )


def _keys(journal: Journal, in_use: str) -> tuple[str, ...] | None:
    """Return the keys of all check-ins on the disk, first the one in use; None for very many."""
    keys = (in_use, *sorted(journal.keys() - {in_use}))
    return keys if len(keys) <= MOST_KEYS_TOLD else None
