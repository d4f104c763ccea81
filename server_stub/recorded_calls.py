"""Recorded calls: the parts of a call, said by people, joined into one sound.

A folder per language: ``uk/number.wav``, ``uk/D.wav`` and ``uk/2.wav`` for each sign of numbers,
``uk/come-5.wav`` for "please come to counter 5". Only a call whose parts are all there is taken.
"""

import io
import logging
import wave
from pathlib import Path

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.08
"""Between two parts: as between words."""

Shape = tuple[int, int, int]
"""Channels, bytes of a sample, samples a second."""


class RecordedCalls:
    """The recordings of a site.

    Args:
        folder: Where they lie; what is not there is not recorded.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wav(self, number: str, counter: str, *, language: str) -> bytes | None:
        """Return a call as a WAV file; None where a part is missing or not like the others."""
        names = ["number", *number, f"come-{counter}"]
        paths = [self._folder / language / f"{name}.wav" for name in names]
        if not all(path.is_file() for path in paths):
            return None
        shapes: set[Shape] = set()
        parts = []
        for path in paths:
            try:
                shape, samples = _read(path)
            except (OSError, EOFError, wave.Error) as error:
                log.warning(
                    "recording not usable file=%s/%s reason=%r", language, path.name, str(error)
                )
                return None
            shapes.add(shape)
            parts.append(samples)
        if len(shapes) > 1:
            log.warning("recordings of %s differ in rate, channels or sample size", language)
            return None
        return _joined(shapes.pop(), parts)


def _read(path: Path) -> tuple[Shape, bytes]:
    with wave.open(str(path), "rb") as part:
        shape = (part.getnchannels(), part.getsampwidth(), part.getframerate())
        return shape, part.readframes(part.getnframes())


def _joined(shape: Shape, parts: list[bytes]) -> bytes:
    channels, width, rate = shape
    quiet = b"\x80" if width == 1 else bytes(width)  # 8-bit samples are unsigned
    pause = quiet * (channels * int(PAUSE_SECONDS * rate))
    file = io.BytesIO()
    with wave.open(file, "wb") as whole:
        whole.setnchannels(channels)
        whole.setsampwidth(width)
        whole.setframerate(rate)
        whole.writeframes(pause.join(parts))
    return file.getvalue()
