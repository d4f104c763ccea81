import io
import struct
import wave

import pytest

from kiosk.speech.sound import Sound, SoundError, from_wav, whole_wav


def wav(channels: int = 1, width: int = 2, frames: bytes = b"\1\0\2\0") -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(22_050)
        out.writeframes(frames)
    return file.getvalue()


def test_a_sound_survives_its_file(tone: Sound) -> None:
    assert from_wav(tone.to_wav()) == whole_wav(tone.to_wav()) == tone
    assert tone.seconds == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("times", range(5))
def test_every_sample_is_halved_so_often(times: int) -> None:
    samples = (0, 1, -1, 2, -2, 1000, -1000, 32767, -32768, 257, -257)
    loud = Sound(struct.pack("<11h", *samples), 22_050)

    assert struct.unpack("<11h", loud.halved(times).samples) == tuple(s >> times for s in samples)


def test_a_length_that_a_pipe_could_not_know_is_what_is_there() -> None:
    endless = bytearray(wav())
    endless[40:44] = struct.pack("<I", 0x7FFFF000)

    assert from_wav(bytes(endless)).samples == b"\1\0\2\0"
    with pytest.raises(SoundError, match="was cut off"):
        whole_wav(bytes(endless))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a WAV file"),
        (b"OggS and so on", "not a WAV file"),
        (wav()[:30], "not a WAV file"),
        (wav(channels=2), "not 16-bit samples in one channel"),
        (wav(width=1), "not 16-bit samples in one channel"),
        (wav(frames=b""), "holds no sound"),
    ],
)
def test_what_is_no_sound_is_told(content: bytes, told: str) -> None:
    with pytest.raises(SoundError, match=told):
        from_wav(content)
