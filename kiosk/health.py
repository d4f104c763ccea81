"""What a kiosk tells of itself in a heartbeat."""

import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kiosk.contract.messages import Counters, Heartbeat
from kiosk.journal import Journal


def program_version() -> str:
    """Return the version that is installed."""
    try:
        return version("ankunft")
    except PackageNotFoundError:
        return "not installed"


def take_heartbeat(
    journal: Journal,
    *,
    kiosk: str,
    data: Path,
    site_version: str,
    printer: str,
    clock_trusted: bool,
) -> Heartbeat:
    """Return how the kiosk is now. Runs in the journal's thread."""
    counters = journal.counters()
    return Heartbeat(
        kiosk=kiosk,
        program_version=program_version(),
        site_version=site_version,
        printer=printer,
        clock_trusted=clock_trusted,
        disk_free_bytes=shutil.disk_usage(data).free,
        outbox_depth=journal.depth(),
        highest_sequence=journal.sequence,
        counters=Counters.model_validate(counters),
    )
