"""The settings file of one kiosk (``kiosk.toml``): who it is, where its server and printer are."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from kiosk.contract.messages import Name
from kiosk.contract.sealing import SiteKey
from kiosk.contract.series import Series
from kiosk.contract.toml_text import read_toml
from kiosk.keypad import DEFAULTS, Command, commands
from kiosk.private_key import FILE
from kiosk.staff_code import check_hash

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SettingsError(Exception):
    """The settings cannot be used. The message names file, place, reason and next step."""


def safe_address(url: str) -> str:
    """Return an address without a slash at its end; raise ValueError where it is not safe."""
    parts = urlsplit(url)
    _ = parts.port  # raises what is wrong with it
    more = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise ValueError('an address looks like "https://ankunft.example"')
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("plain http is only for this very machine: use https")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether what is sent to this address never leaves the machine."""
    return urlsplit(url).hostname in LOOPBACK


def _leaves_a_number(skipped: tuple[int, ...]) -> tuple[int, ...]:
    Series("", skipped).number(1)
    return skipped


def _fits_a_header(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[\x21-\x7e]+", token.get_secret_value()):
        raise ValueError("a token is letters, digits and signs, as `add-kiosk` printed it")
    return token


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KioskTable(_Table):
    """Who this kiosk is; given at enrolment, never changed by hand."""

    name: Name
    enrolment: UUID
    letter: Annotated[str, StringConstraints(pattern=r"^[DFGJLNRSU]{1,2}$")]
    # Of the enrolment and not of the site file: another skip list would lay the running
    # sequence onto other digits, and a number that is still open could be given out again.
    skip_numbers: Annotated[tuple[int, ...], AfterValidator(_leaves_a_number)] = ()


class ServerTable(_Table):
    """The central server, and what this kiosk is known by: its key, or in trials a fixed token."""

    url: Annotated[str, AfterValidator(safe_address)]
    key: Path = Path(FILE)
    ca: Path | None = None
    token: Annotated[SecretStr, AfterValidator(_fits_a_header)] | None = None

    @model_validator(mode="after")
    def _token_stays_here(self) -> Self:
        if self.token is not None and not is_loopback(self.url):
            raise ValueError(
                "a fixed token is for trials on this very machine: "
                "take the line away and enrol with `python -m kiosk enrol`"
            )
        return self


class SiteTable(_Table):
    """The site, as it is known before the server was ever reached."""

    id: Name
    file: Path
    key_id: Name
    public_key: str

    @property
    def key(self) -> SiteKey:
        """The key to seal to."""
        return SiteKey.from_text(self.key_id, self.public_key)


class PrinterTable(_Table):
    """A printer: where it is, and what it can do."""

    address: str
    profile: str = "generic-80"
    rendition: Literal["drawn", "compact"] | None = None


class ScreenTable(_Table):
    """The screen and how long it waits for a party."""

    width: int = Field(default=1080, ge=320, le=7680)
    height: int = Field(default=1920, ge=320, le=7680)
    diagonal_inches: float = Field(default=23.8, gt=3, lt=100)
    mounting_mm: float = Field(default=800, ge=0, le=2000)
    fullscreen: bool = True
    idle_seconds: float = Field(default=60, ge=10)
    warning_seconds: float = Field(default=20, ge=20)
    ticket_seconds: float = Field(default=45, ge=5)
    listening_seconds: float = Field(default=180, ge=5)


class KeypadTable(_Table):
    """Which keys of a keypad do what, by the names of `kiosk.keypad`."""

    up: tuple[str, ...] = DEFAULTS[Command.UP]
    down: tuple[str, ...] = DEFAULTS[Command.DOWN]
    left: tuple[str, ...] = DEFAULTS[Command.LEFT]
    right: tuple[str, ...] = DEFAULTS[Command.RIGHT]
    enter: tuple[str, ...] = DEFAULTS[Command.ENTER]
    back: tuple[str, ...] = DEFAULTS[Command.BACK]
    help: tuple[str, ...] = DEFAULTS[Command.HELP]
    hear: tuple[str, ...] = DEFAULTS[Command.HEAR]
    softer: tuple[str, ...] = DEFAULTS[Command.SOFTER]
    louder: tuple[str, ...] = DEFAULTS[Command.LOUDER]
    double_strike_seconds: float = Field(default=0.2, ge=0, le=2)

    @model_validator(mode="after")
    def _each_does_one_thing(self) -> Self:
        _ = self.commands
        return self

    @property
    def commands(self) -> dict[int, Command]:
        """What each key does, by its USB usage."""
        return commands({command: getattr(self, command.value) for command in Command})


class SpeechTable(_Table):
    """What is said aloud, how fast, and who can hear it."""

    enabled: bool = True
    rate: int = Field(default=130, ge=80, le=300)
    recorded: Path | None = None
    device: str = "default"
    loudspeaker: bool = True
    handset: bool = False

    @model_validator(mode="after")
    def _one_outlet(self) -> Self:
        if self.loudspeaker and self.handset:
            raise ValueError(
                "handset is only for a kiosk without a loudspeaker: loudspeaker = false"
            )
        return self


def _is_staff_code(kept: SecretStr) -> SecretStr:
    check_hash(kept.get_secret_value())
    return kept


class StaffTable(_Table):
    """The staff menu. Without a code there is none."""

    code: Annotated[SecretStr, AfterValidator(_is_staff_code)] | None = None


class Settings(_Table):
    """All settings of one kiosk. Relative paths begin at the folder of the settings file."""

    folder: Path
    data: Path
    earlier: tuple[Path, ...] = ()
    kiosk: KioskTable
    server: ServerTable
    site: SiteTable
    printer: PrinterTable
    second_printer: PrinterTable | None = None
    screen: ScreenTable = ScreenTable()
    keypad: KeypadTable = KeypadTable()
    speech: SpeechTable = SpeechTable()
    staff: StaffTable = StaffTable()


def read_settings(path: Path) -> Settings:
    """Return the settings in a file, or raise SettingsError. Values are never in the message."""
    try:
        tables = read_toml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(
            f"{path}: there is no such file: make one with `python -m kiosk enrol`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError(f"{path}: cannot be read: {reason}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: {error}") from None
    folder = path.resolve().parent
    try:
        settings = Settings.model_validate({"data": "data", **tables, "folder": folder})
        _ = settings.site.key
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{path}, {where}: {reason}") from None
    except ValueError as error:
        raise SettingsError(f"{path}, site.public_key: {error}") from None
    server = settings.server
    ca = None if server.ca is None else _certificate(folder / server.ca, settings=path)
    return settings.model_copy(
        update={
            "data": folder / settings.data,
            "earlier": tuple(folder / earlier for earlier in settings.earlier),
            "server": server.model_copy(update={"key": folder / server.key, "ca": ca}),
            "site": settings.site.model_copy(update={"file": folder / settings.site.file}),
            "speech": _with_folder(settings.speech, folder),
        }
    )


def _certificate(path: Path, *, settings: Path) -> Path:
    """Return where the CA's certificate lies; raise SettingsError where there is none."""
    try:
        is_one = b"-----BEGIN CERTIFICATE-----" in path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{settings}, server.ca: {path}: {error.strerror}") from None
    if not is_one:
        raise SettingsError(
            f"{settings}, server.ca: {path}: is no certificate in PEM: take the one that "
            "`python -m server_stub certificates` made"
        )
    return path


def _with_folder(speech: SpeechTable, folder: Path) -> SpeechTable:
    if speech.recorded is None:
        return speech
    return speech.model_copy(update={"recorded": folder / speech.recorded})
