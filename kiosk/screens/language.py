"""The first screen: all languages of the site at once, each in its own script."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from kiosk.language import LANGUAGES, Language
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import Tile

ONE_COLUMN = 6
"""Up to so many languages stand in one column in portrait, in two in landscape."""


class LanguageTile(Tile):
    """A language by its own name, and a word of greeting.

    Attributes:
        language: What it offers.
        roomy: True where the tile is wide enough for an arrow beside the name.
        lit: True while this language is the one that is spoken or written large.

    """

    language: Language = ObjectProperty()
    roomy = BooleanProperty(defaultvalue=True)
    lit = BooleanProperty(defaultvalue=False)


class LanguageScreen(KioskScreen):
    """Lets the party choose its language.

    Attributes:
        site_name: As it is, in every language.
        landscape: True where there is room for one column more.

    """

    site_name = StringProperty()
    landscape = BooleanProperty(defaultvalue=False)

    __events__ = ("on_language",)

    def offer(self, languages: tuple[str, ...]) -> None:
        """Show these languages, in this order."""
        grid = self.ids.grid
        if [tile.language.code for tile in reversed(grid.children)] == list(languages):
            return
        grid.clear_widgets()
        few = len(languages) <= ONE_COLUMN
        grid.cols = (1 if few else 2) + self.landscape
        for code in languages:
            tile = LanguageTile(language=LANGUAGES[code], tile=f"language:{code}", roomy=few)
            tile.bind(on_release=lambda tile: self.dispatch("on_language", tile.language.code))
            grid.add_widget(tile)

    def light(self, code: str | None) -> None:
        """Show that this language is spoken now, and no other; None for none."""
        for tile in self.ids.grid.children:
            tile.lit = tile.language.code == code

    def forget(self) -> None:
        """Show no language as spoken."""
        self.light(None)

    def on_language(self, code: str) -> None:
        """Tell which language was chosen."""
