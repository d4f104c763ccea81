"""The previews: a kiosk's screens and slips of a draft, drawn by the kiosk's own program.

The server knows none of it: it starts ``python -m kiosk preview`` and shows what comes out.
"""

import asyncio
import json
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

log = logging.getLogger(__name__)

LONGEST_SECONDS = 90.0
"""A machine that is busy calling numbers needs a while; one that needs longer has lost its way."""

KEPT = 6
"""Previews whose pictures are still there; each has some 700 kB."""

CONTENTS = "preview.json"


class Fault(StrEnum):
    """Why there is nothing to see."""

    NOT_INSTALLED = "not-installed"
    TOO_SLOW = "too-slow"
    BUSY = "busy"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen or slip.

    Attributes:
        file: Its name in its preview.
        name: Which it is: ``"party"``, ``"question:need"``, ``"slip"``; behind a ``/`` its page.
        words: What stands on it, from top to bottom.

    """

    file: str
    name: str
    words: Sequence[str]

    @property
    def kind(self) -> str:
        """The part of its name that every site has: "question" of "question:need/2"."""
        return self.name.partition("/")[0].partition(":")[0]

    @property
    def of(self) -> str:
        """Which question it is; "" for other screens."""
        return self.name.partition("/")[0].partition(":")[2]

    @property
    def page(self) -> str:
        """Which page of its screen it is; "" for the first."""
        return self.name.partition("/")[2]

    @property
    def is_slip(self) -> bool:
        """Whether it is paper."""
        return self.kind.startswith("slip")


@dataclass(frozen=True, slots=True)
class Preview:
    """What was drawn.

    Attributes:
        language: In which.
        key: Where its pictures are found.
        pictures: Screens in the order in which a party meets them, then slips.
        fault: Why there are none; None where there are.

    """

    language: str
    key: str = ""
    pictures: Sequence[Picture] = ()
    fault: Fault | None = None


@dataclass(slots=True)
class Previews:
    """Draws previews, one at a time, and keeps the last ones.

    Attributes:
        program: What is started, without its options.
        seconds: How long it may take.

    """

    program: Sequence[str] = (sys.executable, "-m", "kiosk")
    seconds: float = LONGEST_SECONDS
    _drawing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _kept: OrderedDict[str, Mapping[str, bytes]] = field(default_factory=OrderedDict)

    async def draw(self, toml: str, language: str) -> Preview:
        """Return every screen and slip of a site file in a language.

        Args:
            toml: The file; it must be one.
            language: One that it speaks.

        """
        if find_spec("kivy") is None:
            return Preview(language, fault=Fault.NOT_INSTALLED)
        if self._drawing.locked():
            return Preview(language, fault=Fault.BUSY)
        if not language.isprintable():  # nor could it be said to a program
            return Preview("", fault=Fault.FAILED)
        async with self._drawing:
            try:
                with TemporaryDirectory(prefix="ankunft-preview-") as scratch:
                    return await self._draw(toml, language, Path(scratch))
            except OSError as error:  # a disk that is full, no memory for another program
                log.warning("preview not drawn reason=%s", error.strerror)
                return Preview(language, fault=Fault.FAILED)

    async def _draw(self, toml: str, language: str, scratch: Path) -> Preview:
        site_file, out = scratch / "site.toml", scratch / "out"
        site_file.write_text(toml, encoding="utf-8")
        options = ("preview", "--site", site_file, f"--language={language}", "--out", out)
        started = await asyncio.create_subprocess_exec(
            *self.program,
            *map(str, options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # What it leaves behind when it is killed goes with the folder.
            env={**os.environ, "TMPDIR": str(scratch)},
        )
        try:
            async with asyncio.timeout(self.seconds):
                code = await started.wait()
        except TimeoutError:
            log.warning("preview not drawn seconds=%.0f", self.seconds)
            return Preview(language, fault=Fault.TOO_SLOW)
        finally:
            if started.returncode is None:  # too slow, or who asked has gone
                started.kill()
                await started.wait()
        if code != 0:
            log.warning("preview not drawn exit code=%s", code)
            return Preview(language, fault=Fault.FAILED)
        # Beside the event loop: some megabytes are read.
        preview, pictures = await asyncio.to_thread(_read, language, out)
        self._kept[preview.key] = pictures
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return preview

    def picture(self, key: str, file: str) -> bytes | None:
        """Return a picture as PNG; None where it was drawn too long ago, or never."""
        return self._kept.get(key, {}).get(file)


def _read(language: str, out: Path) -> tuple[Preview, Mapping[str, bytes]]:
    """Return what was drawn into a folder, and its pictures by the names of their files."""
    listed = json.loads((out / CONTENTS).read_text(encoding="utf-8"))
    pictures = [Picture(e["file"].removesuffix(".png"), e["name"], e["words"]) for e in listed]
    drawn = {p.file: (out / f"{p.file}.png").read_bytes() for p in pictures}
    return Preview(language, token_hex(8), pictures), drawn
