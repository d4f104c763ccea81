"""What travels between kiosk and server, and the site file that both go by."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from kiosk.contract import enrolling, messages
from kiosk.contract.messages import CheckIn, CheckInContent, Message
from kiosk.contract.sealing import SealError, new_private_key, public_key, seal, unseal
from kiosk.contract.site import SiteAnswer
from kiosk.contract.site_file import SiteFileError, faults_of, parse_site
from tests.fuzz.target import Target, feeding, held, some

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "assets" / "contract" / "v1").glob("*.json"))
SITES = sorted((ROOT / "assets" / "sites").glob("*.toml"))

MESSAGES: tuple[type[Message], ...] = (
    *(
        kind
        for module in (messages, enrolling)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
    ),
    SiteAnswer,
)

HOSTILE_TOML = (
    b"a" + b".a" * 20_000 + b" = 1\n",
    b"".join(b"a%d" % n + b".a" * 60 + b" = 1\n" for n in range(500)),
    b"a = " + b"[" * 20_000,
    b"[[a]]\n" * 10_000,
    b"[" + b"a." * 20_000 + b"a]\n",
    b"x = " + b"1" * 20_000,
    b'x = "' + b"\\" * 20_001,
    b"".join(b'"k%d" = {a={b={c={d=1}}}}\n' % n for n in range(2_000)),
    b"[stages]\n" * 2,
)


def read_site(data: bytes) -> None:
    """Read a site file: a site, or a fault with its line; both ways agree."""
    text = data.decode("utf-8", "replace")
    faults = faults_of(text)
    lines = max(1, len(text.splitlines()))
    assert all(1 <= fault.line <= lines for fault in faults), "a line that the file has not"
    assert all(fault.reason for fault in faults)
    try:
        site = parse_site(text, source="site.toml")
    except SiteFileError as error:
        held(faults, f"refused, and no fault is told: {error}")
        held("site.toml" in f"{error}", "the error says nothing of use")
    else:
        assert not faults, "taken, with faults"
        assert parse_site(text, source="again") == site


def read_messages(data: bytes) -> None:
    """Read each message; what is one comes back the same from what it is sent as."""
    for kind in MESSAGES:
        try:
            message = kind.model_validate_json(data)
        except ValidationError:
            continue
        sent = message.to_bytes()
        again = kind.model_validate_json(sent)
        assert again == message, f"{kind.__name__} does not come back"
        assert again.to_bytes() == sent


@contextmanager
def seals(_: Path) -> Iterator[Callable[[bytes], None]]:
    """Lend what opens a check-in, whatever its envelope and its seal say."""

    def feed(data: bytes) -> None:
        try:
            check_in = CheckIn.model_validate_json(data)
        except ValidationError:
            return
        try:
            content = unseal(check_in, site="duesseldorf", private_key=KEY)
        except SealError as error:
            held("AAAAAAAAAAAAAAAAAAAAAA" not in f"{error}", "the error tells what is sealed")
        else:
            assert content == CONTENT, "another content came out than was sealed"

    yield feed


KEY = new_private_key()
CONTENT = CheckInContent(
    language="uk", adults=2, children=1, route=("information",), ticket_token="A" * 22
)


def sealed_check_ins(_: Path) -> list[bytes]:
    """Return a check-in that was sealed to this run's key, and the golden one of another."""
    golden = (ROOT / "assets" / "contract" / "v1" / "check-in.json").read_bytes()
    envelope = CheckIn.model_validate_json(golden).model_copy(update={"sealed": None})
    key = public_key(KEY, key_id=envelope.key_id)
    text = seal(CONTENT, site="duesseldorf", envelope=envelope, key=key)
    return [envelope.model_copy(update={"sealed": text}).to_bytes(), golden]


TARGETS = (
    Target(
        name="site files",
        holds="a site, or faults with lines that the file has; in bounded time",
        corpus=some([*(file.read_bytes() for file in SITES), *HOSTILE_TOML]),
        open=feeding(read_site),
        modules=("kiosk.contract.site_file", "kiosk.contract.site", "kiosk.contract.questions"),
        seconds=2.0,
    ),
    Target(
        name="messages of the contract",
        holds="refused, or the same after being sent and read",
        corpus=some(
            [
                *(file.read_bytes() for file in GOLDEN if file.stem != "openapi"),
                *(
                    b'{"code":"K7QM-2XPA","public_key":"' + b"A" * 43 + b'=","hardware":null,'
                    b'"program_version":"0.1.0"}',
                    b'{"enrolment":"019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa","nonce":"'
                    + b"A" * 43
                    + b'=","signature":"'
                    + b"A" * 86
                    + b'=="}',
                ),
            ]
        ),
        open=feeding(read_messages),
        modules=("kiosk.contract.messages", "kiosk.contract.enrolling", "kiosk.contract.site"),
    ),
    Target(
        name="sealed content",
        holds="what was sealed comes out, or nothing; no error quotes it",
        corpus=sealed_check_ins,
        open=seals,
        modules=("kiosk.contract.sealing", "kiosk.contract.messages"),
    ),
)
