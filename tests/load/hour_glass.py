"""The hour glass: the one moment at which all parts of a load begin, and the seconds since."""

import asyncio
import time
from pathlib import Path

FILE = "begins"
LOOK_SECONDS = 0.05


class HourGlass:
    """Seconds since the load began, the same in all processes of this machine.

    Args:
        folder: Of the run; the parent writes there when it begins.

    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._over = folder / f"{FILE}.over"
        self._began = 0.0

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def turn(self, *, after: float = 0.0) -> None:
        """Let it begin so many seconds from now, for all who wait for it."""
        self._began = time.monotonic() + after
        whole = self._file.with_suffix(".new")
        whole.write_text(repr(self._began), encoding="ascii")
        whole.rename(self._file)

    async def begin(self) -> None:
        """Wait until it begins."""
        while not self._file.exists():  # noqa: ASYNC110  # another process ends it
            await asyncio.sleep(LOOK_SECONDS)
        self._began = float(self._file.read_text(encoding="ascii"))
        await self.until(0.0)

    def end(self) -> None:
        """Tell all who wait for that that it is over."""
        self._over.touch()

    async def is_over(self) -> None:
        """Wait until it is over."""
        while not self._over.exists():  # noqa: ASYNC110  # another process ends it
            await asyncio.sleep(LOOK_SECONDS)

    async def until(self, seconds: float) -> None:
        """Wait until so many seconds have passed since it began."""
        rest = seconds - self.now
        if rest > 0:
            await asyncio.sleep(rest)
