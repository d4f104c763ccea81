"""Sound: samples in memory, as voices make them and players take them."""

import io
import wave
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

    def halved(self, times: int) -> "Sound":
        """Return the sound with every sample halved so often; each time is 6 dB less.

        All samples are shifted at once, as one large number: sample by sample would hold the
        interpreter's lock for tens of milliseconds, and a screen that comes meanwhile.
        """
        if times <= 0:
            return self
        count = len(self.samples) // SAMPLE_BYTES

        def each(sample: int) -> int:
            return int.from_bytes(sample.to_bytes(SAMPLE_BYTES, "little") * count, "little")

        whole = int.from_bytes(self.samples, "little")
        negative = (whole & each(0x8000)) >> 15
        kept = (whole >> times) & each(0xFFFF >> times)
        signs = negative * (0xFFFF << (16 - times) & 0xFFFF)
        return Sound((kept | signs).to_bytes(len(self.samples), "little"), self.rate)

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
