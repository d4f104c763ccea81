"""What the tests of the kiosk have in common: a site, its key, a clock that stands, answers."""

from datetime import UTC, datetime
from uuid import UUID

from kiosk.clock import KioskClock
from kiosk.contract.messages import CheckIn
from kiosk.contract.sealing import public_key
from kiosk.contract.site_file import parse_site
from kiosk.journal import Journal
from kiosk.questionnaire import Answers, Party

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENROLMENT = UUID("0190a000-0000-7000-8000-00000000000d")
PRIVATE_KEY = bytes(range(32))
KEY = public_key(PRIVATE_KEY, key_id="key-1")

SITE_TEXT = """
id = "hbf"
name = "Info-Point"
languages = ["uk", "de", "ar"]
public_address = "https://ankunft.example/"
first_stages = ["information"]

[[stages]]
id = "information"
name = { de = "Information", en = "Information" }
landmark = "tree"
door = "1"

[[stages]]
id = "housing"
name = { de = "Unterkunft", en = "Housing" }
landmark = "fish"
door = "2"

[[stages]]
id = "benefits"
name = { de = "Leistungen", en = "Benefits" }
landmark = "boat"
door = "3"

[[counters]]
id = "1"
stage = "information"

[[questions]]
id = "before"
text = "Have you been here before?"

[[questions.options]]
id = "no"
text = "No"
icon = "ask"

[[questions.options]]
id = "collect"
text = "To collect a document"
icon = "document"
stages = ["benefits"]

[[questions]]
id = "need"
text = "What do you need today?"
most = 2

[[questions.options]]
id = "sleep"
text = "A place to sleep"
icon = "bed"
stages = ["housing"]

[[questions.options]]
id = "money"
text = "Money"
icon = "money"
stages = ["benefits"]

[[questions.options]]
id = "ask"
text = "Ask something"
icon = "ask"
"""
DIGITS_TEXT = """
[[questions]]
id = "letter"
kind = "digits"
text = { en = "The number on your letter", de = "Die Nummer auf dem Brief" }
when = { before = ["collect"] }
length = 8
shortest = 6
purpose = { de = "Findet das Dokument", en = "Finds the document" }
retention_days = 2
readers = ["counter", "lead"]
"""
SITE = parse_site(SITE_TEXT, source="site.toml")
FAMILY = Answers(SITE, "uk", Party(2, 1), {"before": ("no",), "need": ("sleep", "money")})


class StandingClock(KioskClock):
    """Stands until a test moves it; boot "boot-1"."""

    def __init__(self) -> None:
        super().__init__()
        self.boot = "boot-1"
        self.wall = NINE
        self.seconds = 100.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds


def check_in(sequence: int) -> CheckIn:
    """Return an envelope with no content; enough where nobody opens it."""
    return CheckIn(
        id=UUID(int=(0x0190A000 << 96) + (0x7 << 76) + (0x8 << 60) + sequence),
        kiosk="entrance-1",
        key_id="key-1",
        sequence=sequence,
        number=f"D{100 + sequence}",
        made_at=NINE,
        site_version=SITE.version,
        sealed=None,
    )


def issue(journal: Journal, count: int = 1) -> list[CheckIn]:
    """Give out so many numbers; return their check-ins."""
    return [journal.issue(check_in, boot="boot-1", made=100.0) for _ in range(count)]


SETTINGS = f"""
[kiosk]
name = "entrance-1"
enrolment = "{ENROLMENT}"
letter = "D"

[server]
url = "http://127.0.0.1:9"
token = "vErY-sEcReT"

[site]
id = "hbf"
file = "hbf.toml"
key_id = "key-1"
public_key = "{KEY.to_text()}"

[printer]
address = "tcp://127.0.0.1:9"
"""
