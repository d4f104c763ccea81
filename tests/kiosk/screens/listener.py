"""Someone who listens: a real speaker, whose player keeps what is heard instead of playing it."""

import threading

from kiosk.contract.site import Site
from kiosk.speech.chime import chime
from kiosk.speech.headphones import Outlet
from kiosk.speech.sound import Sound
from kiosk.speech.speaker import CHIME, Speaker
from kiosk.speech.utterance import Utterance

WAIT = 10.0
FIRST_RATE = 10_000


class _Playing:
    """A sound that is over at once, or when it is stopped."""

    def __init__(self, *, lasts: bool) -> None:
        self._over = threading.Event()
        self._stopped = False
        if not lasts:
            self._over.set()

    def wait(self) -> bool:
        assert self._over.wait(WAIT)
        return not self._stopped

    def stop(self) -> None:
        self._stopped = True
        self._over.set()

    def end(self) -> None:
        self._over.set()


class Listener:
    """The kiosk's speech, and the ear that hears it.

    Args:
        plugged: Whether headphones are in from the beginning; without, it hears a loudspeaker.
        lasts: True where a sound goes on until it is stopped.

    """

    def __init__(self, *, plugged: bool = False, lasts: bool = False) -> None:
        self.sound = "ready"
        self.prepared: list[Site] = []
        self._lasts = lasts
        self._asked: list[Utterance] = []
        self._heard: list[Utterance] = []
        self._playing = _Playing(lasts=False)
        outlet = Outlet(loudspeaker=True)
        outlet.plugged = plugged
        self.speaker = Speaker(_Shelf(self._asked), self, outlet=outlet)  # type: ignore[arg-type]
        self.speaker.open()

    def hears(self) -> list[Utterance]:
        """Return what was heard since this was last asked, once all is said."""
        changed, speaker = self.speaker._changed, self.speaker
        with changed:
            quiet = changed.wait_for(
                lambda: speaker._turn is None and speaker._waiting is None, WAIT
            )
        assert quiet, "it still speaks"
        return self.has_heard()

    def has_heard(self) -> list[Utterance]:
        """Return what was begun since this was last asked."""
        heard, self._heard = self._heard, []
        return heard

    def hears_next(self) -> Utterance:
        """Return what is begun next, and let it end; for sounds that last."""
        with self.speaker._changed:
            assert self.speaker._changed.wait_for(lambda: self._heard, WAIT)
            playing = self._playing
        playing.end()
        return self._heard.pop(0)

    def forget(self) -> None:
        """Keep nothing of what was heard."""
        self._asked.clear()
        self._heard.clear()

    def prepare(self, site: Site) -> None:
        """Take what is to be rendered ahead."""
        self.prepared.append(site)

    def probe(self) -> str:
        """Return whether there is a sound device."""
        return self.sound

    def start(self, sound: Sound) -> _Playing | None:
        """Hear it."""
        if self.sound == "none":
            return None
        rings = sound.rate == chime().rate
        self._heard.append(CHIME if rings else self._asked[sound.rate - FIRST_RATE])
        self._playing = _Playing(lasts=self._lasts)
        self.speaker._changed.notify_all()
        return self._playing

    def close(self) -> None:
        """End the thread."""
        self.speaker.close()


class _Shelf:
    """A library whose sounds have a rate of their own, by which the player knows them."""

    def __init__(self, asked: list[Utterance]) -> None:
        self._asked = asked

    def sound(self, utterance: Utterance) -> Sound:
        self._asked.append(utterance)
        return Sound(b"\0\0", FIRST_RATE + len(self._asked) - 1)
