"""The speaker: says one list at a time, in a thread of its own, and is silent at once.

The screens' only door to speech. Nothing here waits, and no method raises.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from kiosk.speech.chime import chime
from kiosk.speech.headphones import Outlet
from kiosk.speech.library import Library
from kiosk.speech.player import Player, Playing
from kiosk.speech.sound import Sound
from kiosk.speech.utterance import Utterance
from kiosk.speech.voice import VoiceError
from kiosk.trouble import trouble

log = logging.getLogger(__name__)

VOLUMES = (4, 3, 2, 1, 0)
"""How often each step halves what the technician set at the sound device: 6 dB each time."""

USUAL_VOLUME = 2

CHIME = Utterance("", "")
"""Stands for the chime, which tells nobody anything of a party."""

LOOK_AGAIN_SECONDS = 60.0
"""A sound device that was away is looked for so often: nobody else would find that it is back."""


class _Turn:
    """One list to say; put aside by whatever comes after it.

    Attributes:
        left: What was not yet begun.
        rings: True where the chime comes before it.
        over: True where nothing of it may be said any more.

    """

    def __init__(self, utterances: tuple[Utterance, ...], *, rings: bool = False) -> None:
        self.left = deque(utterances)
        self.rings = rings
        self.over = False


class Speaker:
    """Says what the screens show.

    Callbacks come in threads of the speaker's, never in the caller's.

    Args:
        library: Where the sound comes from.
        player: Where it goes.
        outlet: Who hears it.
        on_utterance: Told each utterance as it begins, and None when the list is over, for
            whatever reason.
        on_headphones: Told when a plug is put in (True) or pulled out (False); what was being
            said is already over when it is pulled.

    """

    def __init__(
        self,
        library: Library,
        player: Player,
        *,
        outlet: Outlet,
        on_utterance: Callable[[Utterance | None], None] = lambda _: None,
        on_headphones: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._library = library
        self._player = player
        self._outlet = outlet
        self.on_utterance = on_utterance
        self.on_headphones = on_headphones
        self._changed = threading.Condition()
        self._turn: _Turn | None = None
        self._waiting: _Turn | None = None
        self._playing: Playing | None = None
        self._last: tuple[Utterance, ...] = ()
        self._closing = False
        self._volume = USUAL_VOLUME
        self._silent_languages: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="speech", daemon=True)

    @property
    def sound(self) -> str:
        """What may be told of the sound device: "ready" or "none"."""
        return self._player.sound

    @property
    def plugged(self) -> bool:
        """True while headphones are in."""
        return self._outlet.plugged

    @property
    def volume(self) -> int:
        """The step, 0 to 4."""
        return self._volume

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def speak(self, utterances: Iterable[Utterance]) -> None:
        """Say these, in order, instead of whatever is being said."""
        with self._changed:
            self._last = tuple(utterances)
            self._begin(self._last)

    def add(self, utterances: Iterable[Utterance], *, instead_of: Iterable[Utterance] = ()) -> None:
        """Say these after what is being said; now, where nothing is.

        Args:
            utterances: What is new.
            instead_of: What is no longer true, and goes unsaid if it was not yet begun.

        """
        with self._changed:
            new, old = tuple(utterances), set(instead_of)
            self._last = tuple(one for one in self._last if one not in old) + new
            turn = self._waiting or self._turn
            if turn is None or turn.over:
                self._begin(new)
            else:
                turn.left = deque([*(one for one in turn.left if one not in old), *new])

    def ring(self) -> None:
        """Let the chime be heard, unless something is being said; nobody needs a plug for it."""
        with self._changed:
            if self._waiting is None and self._turn is None:
                self._waiting = _Turn((), rings=True)
                self._changed.notify_all()

    def repeat(self) -> None:
        """Say the last list again, from its beginning."""
        with self._changed:
            self._begin(self._last)

    def stop(self) -> None:
        """Be silent now; `repeat` begins again."""
        with self._changed:
            self._end()

    def louder(self) -> int:
        """Go one step up, from the next utterance on; return the step."""
        return self._set_volume(self._volume + 1)

    def softer(self) -> int:
        """Go one step down, from the next utterance on; return the step."""
        return self._set_volume(self._volume - 1)

    def reset(self) -> None:
        """Be silent, forget what was said, and take the usual volume: the party has gone."""
        with self._changed:
            self._end()
            self._last = ()
            self._volume = USUAL_VOLUME

    def plug(self, plugged: bool) -> None:  # noqa: FBT001  # a watcher's callback
        """Take in that headphones were plugged in or pulled out."""
        with self._changed:
            self._outlet.plugged = plugged
            if not plugged:
                self._end()
        self._tell(self.on_headphones, plugged)

    def close(self) -> None:
        """Be silent, end the thread, and wait for it."""
        with self._changed:
            self._closing = True
            self._end()
        if self._thread.is_alive():
            self._thread.join()

    def _set_volume(self, step: int) -> int:
        with self._changed:
            self._volume = min(max(step, 0), len(VOLUMES) - 1)
            return self._volume

    def _begin(self, utterances: tuple[Utterance, ...]) -> None:
        self._end()
        if utterances:
            self._waiting = _Turn(utterances)
            self._changed.notify_all()

    def _end(self) -> None:
        self._waiting = None
        if self._turn is not None:
            self._turn.over = True
        if self._playing is not None:
            self._playing.stop()
        self._changed.notify_all()

    def _run(self) -> None:
        self._player.probe()
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._waiting is not None,
                    LOOK_AGAIN_SECONDS if self._player.sound == "none" else None,
                )
                if self._closing:
                    return
                self._turn, self._waiting = self._waiting, None
            if self._turn is None:
                self._player.probe()
            else:
                self._take_turn(self._turn)

    def _take_turn(self, turn: _Turn) -> None:
        """Say a list; afterwards nothing here holds it any more."""
        try:
            if turn.rings:
                self._ring(turn)
            self._say(turn)
        except Exception as error:  # noqa: BLE001  # the next list may be said
            log.error("speech stumbled error=%r", trouble(error))  # noqa: TRY400
        with self._changed:
            self._turn = None
            self._changed.notify_all()
        self._tell(self.on_utterance, None)

    def _say(self, turn: _Turn) -> None:
        """Say a list; the sound of each utterance is made while the one before is heard."""
        made = self._make_next(turn)
        while made is not None or (made := self._make_next(turn, last=True)) is not None:
            (utterance, sound), made = made, None
            playing = self._start(turn, utterance, sound) if sound is not None else None
            if playing is not None:
                self._tell(self.on_utterance, utterance)
            try:
                made = self._make_next(turn)
            finally:
                if playing is not None:
                    self._wait(playing)
            if sound is not None and self._player.sound == "none":
                return

    def _ring(self, turn: _Turn) -> None:
        playing = self._start(turn, CHIME, chime())
        if playing is not None:
            self._wait(playing)

    def _make_next(
        self, turn: _Turn, *, last: bool = False
    ) -> tuple[Utterance, Sound | None] | None:
        """Return the next utterance with its sound; None where there is none left.

        Args:
            turn: The list.
            last: True where the list is over if nothing is left: more begins a new one.

        """
        with self._changed:
            while turn.left and not turn.over:
                utterance = turn.left.popleft()
                if self._outlet.lets(personal=utterance.personal):
                    break
            else:
                turn.over |= last
                return None
        return utterance, self._sound(utterance)

    def _start(self, turn: _Turn, utterance: Utterance, sound: Sound) -> Playing | None:
        sound = sound.halved(VOLUMES[self._volume])
        with self._changed:
            # Asked again: a plug may have been pulled since the list began.
            if turn.over or not self._outlet.lets(personal=utterance.personal):
                return None
            self._playing = self._player.start(sound)
            return self._playing

    def _wait(self, playing: Playing) -> None:
        playing.wait()
        with self._changed:
            self._playing = None

    def _sound(self, utterance: Utterance) -> Sound | None:
        try:
            return self._library.sound(utterance)
        except VoiceError as error:
            if utterance.language not in self._silent_languages:
                self._silent_languages.add(utterance.language)
                log.warning("not said language=%s reason=%r", utterance.language, f"{error}")
            return None

    def _tell(self, whom: Callable[[Any], None], what: object) -> None:
        try:
            whom(what)
        except Exception as error:  # noqa: BLE001  # a screen's mistake silences nobody
            log.error("speech callback stumbled error=%r", trouble(error))  # noqa: TRY400
