"""The first screen: all languages of the site at once, each in its own script."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.language import AUDIO_LANGUAGES, LANGUAGES, Catalogue, Language
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.pages import Things
from kiosk.screens.widgets import Tile, fitting, height_of, holds

ONE_COLUMN = 6
"""Up to so many languages stand in one column in portrait, in two in landscape."""

ROWS_OF_TWO = 14
"""More languages than this are written a little smaller, so that all are seen at once."""

COLUMNS = {False: ((1, 2), (2, 1)), True: ((2, 3, 1), (3, 2, 1))}
"""In landscape or not: for few and for many languages, how many columns, best first."""


class LanguageTile(Tile):
    """A language by its own name, and a word of greeting.

    Attributes:
        language: What it offers.
        roomy: True where the tile is wide enough for an arrow beside the name.
        largest: The size of the name's letters where there is room enough, in pixels.
        smallest: The size of the name's letters where there is little room, in pixels.
        crowded: True where there are so many that names are a little smaller.
        touch: The least it may be high, in pixels.
        audio: True where a person who speaks it is called: an ear stands beside the name.
        lit: True while this language is the one that is spoken or written large.

    """

    language: Language = ObjectProperty()
    roomy = BooleanProperty(defaultvalue=True)
    crowded = BooleanProperty(defaultvalue=False)
    largest = NumericProperty(0)
    smallest = NumericProperty(0)
    touch = NumericProperty(0)
    audio = BooleanProperty(defaultvalue=False)
    lit = BooleanProperty(defaultvalue=False)

    def need(self, width: float) -> float | None:
        """Return how high it must be at a width, in pixels; None where a word would break."""
        within = width - 2 * self.padding[0]
        if self.roomy or self.audio:
            within -= self.spacing + self.ids.arrow.width
        welcome: float | None = self.ids.welcome.need(within)
        if welcome is None or not holds(self.language.name, within, self.smallest):
            return None
        size = fitting(self.language.name, within, self.largest)
        rtl = self.language.right_to_left
        name = height_of(self.language.name, size, within, bold=True, rtl=rtl)
        words = name + welcome + 2 * self.padding[1] + 3 * self.ids.words.spacing
        return float(max(self.touch, words))


class LanguageScreen(KioskScreen):
    """Lets the party choose its language.

    Attributes:
        site_name: As it is, in every language.
        is_open: False where the site is closed now; languages can be chosen all the same.
        attracts: The language that the heading is in while nobody touches the screen, or None.
        heading: What it says then; "" where the site's name stands there.
        below: What it says below that.
        landscape: True where there is room for one column more.

    """

    site_name = StringProperty()
    is_open = BooleanProperty(defaultvalue=True)
    attracts: str | None = None
    heading = StringProperty()
    below = StringProperty()
    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_language", "on_audio_language")

    def on_kv_post(self, *_args: object) -> None:
        """Begin without a language."""
        self._tiles: list[LanguageTile] = []

    def offer(self, languages: tuple[str, ...], audio: tuple[str, ...] = ()) -> None:
        """Show these languages, in this order, from the first page on.

        Args:
            languages: To choose from.
            audio: Those that are only spoken, after the others.

        """
        grid = self.ids.grid
        if [tile.language.code for tile in self._tiles] == [*languages, *audio]:
            grid.turn(-grid.page)
            return
        few = len(languages) + len(audio) <= ONE_COLUMN
        looks = {"roomy": few, "crowded": len(languages) + len(audio) > ROWS_OF_TWO}
        self._tiles = [
            LanguageTile(language=LANGUAGES[code], tile=f"language:{code}", **looks)
            for code in languages
        ]
        for tile in self._tiles:
            tile.bind(on_release=lambda tile: self.dispatch("on_language", tile.language.code))
        for code in audio:
            tile = LanguageTile(
                language=AUDIO_LANGUAGES[code], tile=f"audio:{code}", audio=True, **looks
            )
            tile.bind(
                on_release=lambda tile: self.dispatch("on_audio_language", tile.language.code)
            )
            self._tiles.append(tile)
        grid.fill(Things(self._tiles, columns=COLUMNS[self.landscape][0 if few else 1]))

    def light(self, code: str | None) -> None:
        """Show that this language is spoken now, on the page where it is; None for none."""
        for index, tile in enumerate(self._tiles):
            tile.lit = tile.language.code == code
            if tile.lit and self.attracts is None:
                self.ids.grid.show(index)

    def attract(self, catalogue: Catalogue | None) -> None:
        """Write the heading in a language and light its tile; None as usual.

        Nothing is redrawn but the head and two tiles, and every tile stays where it is.
        """
        self.attracts = catalogue.language if catalogue else None
        self.light(self.attracts)
        if catalogue is None:
            self.heading = self.below = self.heading_direction = ""
            return
        rtl = LANGUAGES[catalogue.language].right_to_left
        self.heading_direction = "rtl" if rtl else "ltr"
        touch = catalogue.text("Please touch your language.")
        closed, number = catalogue.text("Closed now"), catalogue.text("Here you get a number.")
        self.heading, self.below = (touch, number) if self.is_open else (closed, touch)

    def forget(self) -> None:
        """Show no language as spoken."""
        self.attract(None)

    def on_audio_language(self, code: str) -> None:
        """Tell that a person is wanted who speaks this language."""

    def on_language(self, code: str) -> None:
        """Tell which language was chosen."""
