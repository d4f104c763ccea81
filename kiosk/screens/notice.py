"""The notice: what the kiosk asks and what becomes of it, in four short sentences."""

from kivy.properties import BooleanProperty, ObjectProperty

from kiosk.contract.signs import Text
from kiosk.screens.kiosk_screen import KioskScreen
from kiosk.screens.widgets import Row


class Sentence(Row):
    """One sentence of the notice, as the site file has it; a line parts it from the one above."""

    line = BooleanProperty(defaultvalue=False)

    content: Text = ObjectProperty("")


class NoticeScreen(KioskScreen):
    """Shows the notice. The way on is "Next": nothing is accepted here."""

    def tell(self, sentences: tuple[Text, ...]) -> None:
        """Show these sentences of the site file."""
        card = self.ids.card
        if tuple(shown.content for shown in reversed(card.children)) == sentences:
            return
        card.clear_widgets()
        for index, sentence in enumerate(sentences):
            card.add_widget(Sentence(content=sentence, line=index > 0))
