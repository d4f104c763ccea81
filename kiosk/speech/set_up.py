"""The set-up of speech: voice, cache, player and jack, put together from the settings."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.contract.site import Site
from kiosk.language import LANGUAGES
from kiosk.settings import Settings, SpeechTable
from kiosk.speech.ahead import Ahead
from kiosk.speech.cache import SpeechCache
from kiosk.speech.headphones import Outlet, SwitchJack, Watcher, find_switches
from kiosk.speech.library import Library
from kiosk.speech.player import AplayPlayer, Player, SilentPlayer
from kiosk.speech.recordings import Recordings
from kiosk.speech.sentences import fixed
from kiosk.speech.speaker import Speaker
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import Voice, VoiceError
from kiosk.speech.wording import wording

log = logging.getLogger(__name__)

CACHE_FOLDER = "speech"
"""In the kiosk's data folder."""


@dataclass(frozen=True, slots=True)
class Speech:
    """All of a kiosk's speech; its threads run between `open` and `close`.

    Attributes:
        speaker: What the screens use.
        enabled: False where the settings turn it off.
        has_voice: False where nothing could be said even if it were heard.

    """

    speaker: Speaker
    enabled: bool
    has_voice: bool
    _ahead: Ahead
    _watcher: Watcher

    @property
    def sound(self) -> str:
        """What may be told of it: "ready", "none" where nothing is heard, or "off"."""
        if not self.enabled:
            return "off"
        return self.speaker.sound if self.has_voice else "none"

    def open(self) -> None:
        """Start the threads."""
        self._ahead.open()
        self.speaker.open()
        self._watcher.open()

    def prepare(self, site: Site) -> None:
        """Render ahead what a site's screens say; returns at once. Again for a new site file."""
        if self.enabled and self.has_voice:
            self._ahead.prepare(lambda: fixed(site))

    def close(self) -> None:
        """Be silent, end the threads, and wait for them."""
        self._watcher.close()
        self.speaker.close()
        self._ahead.close()


def set_up_speech(
    settings: Settings,
    *,
    on_utterance: Callable[[Utterance | None], None] = lambda _: None,
    on_headphones: Callable[[bool], None] = lambda _: None,
) -> Speech:
    """Return the speech of a kiosk; its threads are not yet running.

    A missing program or device leaves a kiosk that is silent and does all else. Raises
    SpeechDataError where the texts themselves are damaged.

    Args:
        settings: The kiosk's.
        on_utterance: See `Speaker`.
        on_headphones: See `Speaker`.

    """
    for language in LANGUAGES:
        wording(language)
    table = settings.speech
    voice = Voice(rate=table.rate)
    voice_id = _id_of(voice) if table.enabled else None
    library = _library(settings, voice, voice_id=voice_id)
    speaker = Speaker(
        library,
        _player(table),
        outlet=Outlet(loudspeaker=table.loudspeaker, handset=table.handset),
        on_utterance=on_utterance,
        on_headphones=on_headphones,
    )
    jack = SwitchJack(find_switches() if table.enabled else ())
    return Speech(
        speaker,
        enabled=table.enabled,
        has_voice=bool(voice_id or table.recorded),
        _ahead=Ahead(library),
        _watcher=Watcher(jack, speaker.plug),
    )


def _id_of(voice: Voice) -> str | None:
    try:
        return voice.id
    except VoiceError as error:
        log.warning("no voice reason=%r", f"{error}")
        return None


def _library(settings: Settings, voice: Voice, *, voice_id: str | None) -> Library:
    recorded = settings.speech.recorded
    return Library(
        voice,
        recordings=Recordings(recorded) if recorded else None,
        cache=SpeechCache(settings.data / CACHE_FOLDER, voice=voice_id) if voice_id else None,
    )


def _player(table: SpeechTable) -> Player:
    return AplayPlayer(device=table.device) if table.enabled else SilentPlayer()
