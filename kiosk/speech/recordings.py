"""Recordings: sentences said by people, which are taken before any made voice."""

import hashlib
import logging
import re
import unicodedata
from pathlib import Path

from kiosk.speech.sound import Sound, SoundError, whole_wav
from kiosk.speech.utterance import Utterance, plain

log = logging.getLogger(__name__)

WORDS_IN_NAME = 4


def recording_name(utterance: Utterance) -> str:
    """Return where a recording of the utterance lies: ``"uk/ваш-номер-1f0c2a9b.wav"``.

    Its first words are for people; the digits are of the whole text, so a recording is no more
    used once the text says something else.
    """
    text = plain(utterance.text)
    unmarked = "".join(sign for sign in text.lower() if unicodedata.category(sign) != "Mn")
    words = re.findall(r"\w+", unmarked)[:WORDS_IN_NAME]
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]
    return f"{utterance.language}/{'-'.join([*words, digest])}.wav"


class Recordings:
    """A folder of recordings: a folder per language, a WAV file per sentence.

    Args:
        folder: Where they lie; what is not there is not recorded.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, utterance: Utterance) -> Sound | None:
        """Return the recording of an utterance, or None. One that cannot be used is logged."""
        name = recording_name(utterance)
        try:
            return whole_wav((self._folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = error.strerror
        except SoundError as error:
            reason = str(error)
        # A name holds words of the sentence: of a personal one nothing may stand in a log.
        told = "(personal)" if utterance.personal else name
        log.warning("recording not usable file=%s reason=%r", told, reason)
        return None
