"""The narrator: reads each screen aloud to a party that wants it, and is silent at any touch.

It knows no Kivy. All of it runs in the screens' thread; what the speaker tells from its own
thread is brought here by the app.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from kiosk.contract.site import Site
from kiosk.conversation import State
from kiosk.screens import narration
from kiosk.screens.narration import View
from kiosk.speech import sentences
from kiosk.speech.sentences import Utterances
from kiosk.speech.speaker import Speaker
from kiosk.speech.utterance import Utterance

ISSUING_SECONDS = 1.0
"""Who waits less is told nothing of it: the number follows at once."""


class Speech(Protocol):
    """The kiosk's speech, as the screens know it."""

    @property
    def speaker(self) -> Speaker:
        """Says what it is given."""

    @property
    def sound(self) -> str:
        """What may be told of it: "ready", or why nothing is heard."""

    def prepare(self, site: Site) -> None:
        """Render ahead what a site's screens say; returns at once."""


class Narrator:
    """Says what the screens show, from the ear tile or the headphones' plug until the party goes.

    A plug that stays in begins nothing for the next party: who comes by touch is not who wears
    the headphones, and its answers would be said into them. The ear tile, a key of the keypad or
    the plug, pulled out and put in again, begin anew.

    Args:
        speech: The kiosk's; None where it has none.
        view: Returns what the screen of the moment shows.
        on_change: Told that one of the attributes has changed.
        monotonic: Seconds that never jump.

    Attributes:
        speaks: True while screens are read aloud.
        has_sound: False where nothing would be heard.
        spoken: The language whose name is being said, or None.
        arrivals: How many screens have come.

    """

    def __init__(
        self,
        speech: Speech | None,
        *,
        view: Callable[[], View],
        on_change: Callable[[], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._speech = speech
        self._view = view
        self._on_change = on_change
        self._monotonic = monotonic
        self.speaks = False
        self.has_sound = False
        self.spoken: str | None = None
        self._prepared: Site | None = None
        self._told: Utterances = ()
        self._last_name = 0
        self._asked = False
        self.arrivals = 0
        self._due: float | None = None

    # What a party does

    def begin(self) -> None:
        """Read this screen, and from now on each one: the ear tile was touched, or once more."""
        if self._speech is not None:
            self._set(speaks=True)
            self._read()

    def hush(self) -> None:
        """Be silent: someone has touched the screen or a key."""
        if self._speech is not None:
            self._speech.speaker.stop()
        self._set(spoken=None)
        if self._asked:  # someone is there, and hears where the dialogue was
            self._asked = False
            self._read()

    def louder(self) -> None:
        """Go one step up, and let it be heard."""
        if self._speech is not None:
            self._speech.speaker.louder()
            self._say_sample("tool:louder")

    def softer(self) -> None:
        """Go one step down, and let it be heard."""
        if self._speech is not None:
            self._speech.speaker.softer()
            self._say_sample("tool:softer")

    def count(self, whom: str, count: int) -> None:
        """Say how many were touched; `whom` is "adults" or "children"."""
        self._say(lambda view: sentences.counted(view.language, whom, count))

    def mark(self, option: str, *, chosen: bool) -> None:
        """Say that an option was marked, or is no longer."""
        self._say(lambda view: narration.marked(view, option, chosen=chosen))

    def enter(self, *, before: str) -> None:
        """Say what a key did to what was entered before."""
        self._say(lambda view: narration.entered(view, before=before))

    def turn_page(self, things: Iterable[object]) -> None:
        """Say what stands on the page that a hand has turned to."""
        self._say(lambda view: narration.page(view, things))

    def refuse(self) -> None:
        """Say what is asked for: a hand was at a tile that offers nothing yet."""
        self._say(narration.reminder)

    def focus(self, tile: object, *, by_key: bool = True, is_first: bool = False) -> None:
        """Say what the tile is called that the keypad has come to; first, how to go on.

        With a plug in, a key begins to speak: whoever presses it may see nothing. Where a screen
        has just come, the tile is said after the screen.
        """
        if self._speech is None:
            return
        if by_key and self._speech.speaker.plugged:
            self._set(speaks=True)
        if by_key:
            self._say(lambda view: narration.focused(view.language, tile, is_first=is_first))
        elif self.speaks:
            self._speech.speaker.add(narration.tile(self._view().language, tile))

    # What the kiosk does

    def arrive(self) -> None:
        """Another screen is shown."""
        state = self._view().conversation.state
        self._last_name = 0
        self.arrivals += 1
        self._due = self._monotonic() + ISSUING_SECONDS if state is State.ISSUING else None
        if self._due is None:
            self._read()

    def tell_news(self) -> None:
        """The screen says something else of a slip or a call; it is said after the rest."""
        if self._speech is not None and self.speaks:
            told, self._told = self._told, narration.news(self._view())
            new = [one for one in self._told if one not in told]
            old = [one for one in told if one not in self._told]
            if new or old:
                self._speech.speaker.add(new, instead_of=old)

    def tell_called(self, language: str) -> None:
        """Say in a language that is only spoken that someone was called, where it is recorded.

        Whoever touches it wants to hear it, so no ear and no plug is asked for.
        """
        if self._speech is not None:
            rest = narration.whole(self._view()) if self.speaks else ()
            self._speech.speaker.speak(sentences.called_in(language) + rest)

    def ask_still_there(self) -> None:
        """Ask it once, aloud."""
        if not self._asked:
            self._asked = self.speaks
            self._say(lambda view: sentences.still_there(view.language))

    def stop_asking(self) -> None:
        """Nobody is asked whether it is still there any more; it may be asked again."""
        self._asked = False

    def leave(self) -> None:
        """Be silent and forget: the party has gone."""
        self._asked, self._told, self._due = False, (), None
        if self._speech is not None:
            self._speech.speaker.reset()
        self._set(speaks=False, spoken=None)

    def tick(self) -> None:
        """Look whether there is sound, and whether something is due."""
        if self._speech is None:
            return
        self._set(has_sound=self._speech.sound == "ready")
        site = self._view().conversation.site
        if site is not self._prepared:
            self._prepared = site
            self._speech.prepare(site)
        if self._due is not None and self._monotonic() >= self._due:
            self._due = None
            self._read()

    # What the speaker tells

    def plug(self, plugged: bool) -> None:  # noqa: FBT001  # the speaker's callback
        """Headphones were plugged in, which begins; or pulled out, which ends."""
        if plugged:
            self.begin()
        else:
            self._set(speaks=False, spoken=None)

    def uttered(self, utterance: Utterance | None) -> None:
        """An utterance has begun, or all is said (None)."""
        view = self._view()
        names = narration.names(view)
        if view.conversation.state is State.LANGUAGE and self.speaks and utterance in names:
            self._last_name = names.index(utterance)
            self._set(spoken=utterance.language)
        else:
            self._set(spoken=None)

    def _read(self) -> None:
        """Read the whole screen."""
        self._say(narration.whole)
        if self.speaks:
            self._told = narration.news(self._view())

    def _say_sample(self, tile: str) -> None:
        """Say how loud it is now; on the first screen the names go on from where they were."""
        view = self._view()
        if view.conversation.state is State.LANGUAGE:
            names, here = narration.whole(view), self._last_name
            self._say(lambda _: names[here:] + names[:here])
        else:
            self._say(lambda view: sentences.texts(view.language, narration.TILES[tile]))

    def _say(self, what: Callable[[View], Utterances]) -> None:
        if self._speech is not None and self.speaks:
            self._speech.speaker.speak(what(self._view()))

    def _set(self, **changes: object) -> None:
        if any(getattr(self, name) != value for name, value in changes.items()):
            for name, value in changes.items():
                setattr(self, name, value)
            self._on_change()
