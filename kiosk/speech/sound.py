"""Sound: samples in memory, as voices make them and players take them."""

import io
import sys
import wave
from array import array
from dataclasses import dataclass

SAMPLE_BYTES = 2
MOST_BYTES = 48_000 * SAMPLE_BYTES * 120
"""Two minutes at 48 kHz: no sentence is longer, and a broken file does not fill the memory."""


class SoundError(Exception):
    """Bytes that are no sound which the kiosk can play; the message says why."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of 16-bit samples, little-endian.

    Attributes:
        samples: The samples.
        rate: Samples per second.

    """

    samples: bytes
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / SAMPLE_BYTES / self.rate

    def quieter(self, decibels: float) -> "Sound":
        """Return the sound with every sample made smaller by so many decibels, 0 or more."""
        if decibels <= 0:
            return self
        factor = 10 ** (-decibels / 20)
        samples = array("h", self.samples)
        if sys.byteorder == "big":
            samples.byteswap()
        samples = array("h", (round(sample * factor) for sample in samples))
        if sys.byteorder == "big":
            samples.byteswap()
        return Sound(samples.tobytes(), self.rate)

    def to_wav(self) -> bytes:
        """Return it as a WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(SAMPLE_BYTES)
            wav.setframerate(self.rate)
            wav.writeframes(self.samples)
        return file.getvalue()


def from_wav(content: bytes) -> Sound:
    """Return the sound of a WAV file: PCM, 16 bits, one channel. Raises SoundError.

    A program that writes WAV into a pipe cannot know its length and says a huge one; what is
    there counts. A file that was cut off is the same to this function: see `whole_wav`.
    """
    try:
        with wave.open(io.BytesIO(content), "rb") as wav:
            if (wav.getnchannels(), wav.getsampwidth()) != (1, SAMPLE_BYTES):
                raise SoundError("not 16-bit samples in one channel")
            rate = wav.getframerate()
            frames = min(wav.getnframes(), len(content) // SAMPLE_BYTES)
            samples = wav.readframes(frames)
    except (wave.Error, EOFError) as error:
        raise SoundError(f"not a WAV file of PCM samples ({error})") from None
    samples = samples[: len(samples) // SAMPLE_BYTES * SAMPLE_BYTES]
    if not samples or rate <= 0:
        raise SoundError("holds no sound")
    if len(samples) > MOST_BYTES:
        raise SoundError("lasts longer than any sentence")
    return Sound(samples, rate)


def whole_wav(content: bytes) -> Sound:
    """Return the sound of a WAV file that is complete. Raises SoundError."""
    sound = from_wav(content)
    with wave.open(io.BytesIO(content), "rb") as wav:
        if wav.getnframes() * SAMPLE_BYTES != len(sound.samples):
            raise SoundError("was cut off")
    return sound
