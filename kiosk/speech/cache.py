"""The cache: fixed sentences as sound on disk, rendered ahead so that speech begins at once.

It never holds anything personal: `put` refuses it.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from kiosk.speech.sound import Sound, SoundError, whole_wav
from kiosk.speech.utterance import Utterance, plain

MOST_BYTES = 300_000_000
"""All fourteen languages of the shipped site file take about a third of it."""

UNFINISHED = ".part"


class CacheFullError(Exception):
    """There is no room for more sentences; those that are missing are said without the cache."""


class SpeechCache:
    """A folder of WAV files by the hash of voice, language and text.

    A file is there whole or not at all, also after a power cut: it is written under another name,
    synced and renamed. A changed text has another hash, so it never gets an old sound.

    Args:
        folder: Where; made when something is put there.
        voice: The `Voice.id` that renders.
        most_bytes: How much it may hold.

    """

    def __init__(self, folder: Path, *, voice: str, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._voice = voice
        self._most_bytes = most_bytes
        self._held: int | None = None  # bytes; counted when first needed

    def find(self, utterance: Utterance) -> Sound | None:
        """Return the sound of a sentence, or None where it must be rendered."""
        if utterance.personal:
            return None
        path = self._path(utterance)
        try:
            return whole_wav(path.read_bytes())
        except SoundError:
            path.unlink(missing_ok=True)  # damaged: it is rendered again
        except OSError:
            pass
        return None

    def holds(self, utterance: Utterance) -> bool:
        """Return whether a sound is there."""
        return self._path(utterance).exists()

    def put(self, utterance: Utterance, sound: Sound) -> None:
        """Keep the sound of a fixed sentence.

        Raises:
            ValueError: It is personal; that is a mistake in the program.
            CacheFullError: There is no room.
            OSError: It cannot be written.

        """
        if utterance.personal:
            raise ValueError("nothing personal is written to disk")
        content = sound.to_wav()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._held is None:
            self._held = sum(path.stat().st_size for path in self._files())
        if self._held + len(content) > self._most_bytes:
            raise CacheFullError(f"the speech cache holds {self._most_bytes // 1_000_000} MB")
        path = self._path(utterance)
        unfinished = path.with_suffix(UNFINISHED)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        self._held += len(content)

    def keep_only(self, utterances: Iterable[Utterance]) -> int:
        """Remove whatever is not one of these; return how many files went."""
        kept = {self._path(utterance).name for utterance in utterances}
        stale = [path for path in self._files() if path.name not in kept]
        for path in stale:
            path.unlink(missing_ok=True)
        self._held = None
        return len(stale)

    def _path(self, utterance: Utterance) -> Path:
        said = "\n".join((self._voice, utterance.language, plain(utterance.text)))
        return self._folder / f"{hashlib.sha256(said.encode('utf-8')).hexdigest()[:32]}.wav"

    def _files(self) -> list[Path]:
        return [*self._folder.glob("*.wav"), *self._folder.glob(f"*{UNFINISHED}")]
