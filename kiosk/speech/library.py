"""The library: where the sound of a sentence comes from, the best source first."""

from kiosk.speech.cache import SpeechCache
from kiosk.speech.recordings import Recordings
from kiosk.speech.sound import Sound
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice


class Library:
    """Finds a recording, else what was rendered ahead, else has it rendered now.

    What is rendered while a party is there stays in memory: only `render_ahead` writes, and it is
    given fixed sentences.

    Args:
        voice: Renders.
        recordings: Said by people, or None.
        cache: Rendered ahead, or None.

    """

    def __init__(
        self,
        voice: Voice,
        *,
        recordings: Recordings | None = None,
        cache: SpeechCache | None = None,
    ) -> None:
        self._voice = voice
        self._recordings = recordings
        self._cache = cache

    def sound(self, utterance: Utterance) -> Sound:
        """Return the sound of an utterance. Raises VoiceError."""
        found = self._recordings.find(utterance) if self._recordings else None
        if found is None and self._cache:
            found = self._cache.find(utterance)
        return found or self._voice.render(utterance)

    def render_ahead(self, utterance: Utterance) -> None:
        """Render a fixed sentence into the cache, unless it is there or was recorded.

        Raises:
            VoiceError: It cannot be rendered.
            CacheFullError, OSError: It cannot be kept.

        """
        if self._cache is None or self._cache.holds(utterance):
            return
        if self._recordings and self._recordings.find(utterance):
            return
        self._cache.put(utterance, self._voice.render(utterance, idle=True))

    def keep_only(self, utterances: tuple[Utterance, ...]) -> None:
        """Remove from the cache what is none of these. Raises OSError."""
        if self._cache is not None:
            self._cache.keep_only(utterances)
