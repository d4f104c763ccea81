from pathlib import Path

import pytest

from kiosk.assembly import screen_settings
from kiosk.keypad import DEFAULTS, USAGES, Command, commands
from kiosk.settings import Settings, SettingsError, read_settings
from tests.kiosk.arrivals import SETTINGS


def test_keys_have_the_usages_of_the_usb_tables() -> None:
    # HID Usage Tables 1.5, page 0x07: the first and the last of each run.
    first_and_last = [
        ("a", 0x04, "z", 0x1D),
        ("1", 0x1E, "0", 0x27),
        ("enter", 0x28, "space", 0x2C),
        ("f1", 0x3A, "f12", 0x45),
        ("pause", 0x48, "page-down", 0x4E),
        ("right", 0x4F, "up", 0x52),
        ("pad-divide", 0x54, "pad-enter", 0x58),
        ("pad-1", 0x59, "pad-point", 0x63),
        ("f13", 0x68, "f24", 0x73),
        ("help", 0x75, "menu", 0x76),
        ("volume-up", 0x80, "volume-down", 0x81),
    ]

    told = [(one, USAGES[one], last, USAGES[last]) for one, _, last, _ in first_and_last]
    assert told == first_and_last
    assert len(set(USAGES.values())) == len(USAGES)


def test_every_command_has_a_key_and_arrows_do_what_they_show() -> None:
    keys = commands()

    assert set(keys.values()) == set(Command)
    for way in ("up", "down", "left", "right"):
        assert keys[USAGES[way]] is Command(way)


def test_a_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no key 'F1'; there are: a, b"):
        commands({Command.HELP: ("F1",)})


def test_a_key_does_one_thing() -> None:
    with pytest.raises(ValueError, match="key 'up' cannot do two things"):
        commands({**DEFAULTS, Command.HELP: ("up",)})
    assert commands({Command.UP: ("up", "up")}) == {USAGES["up"]: Command.UP}


# --- in the settings ----------------------------------------------------------------------------


def read(folder: Path, keypad: str) -> Settings:
    path = folder / "kiosk.toml"
    path.write_text(f"{SETTINGS}\n[keypad]\n{keypad}\n", encoding="utf-8")
    return read_settings(path)


def test_the_settings_change_some_keys_and_leave_the_others(tmp_path: Path) -> None:
    settings = read(tmp_path, 'up = ["f20"]\ndouble_strike_seconds = 0.5')
    told = screen_settings(settings)

    assert told.keys[USAGES["f20"]] is Command.UP
    assert USAGES["up"] not in told.keys
    assert told.keys[USAGES["down"]] is Command.DOWN
    assert told.double_strike_seconds == 0.5


@pytest.mark.parametrize(
    ("keypad", "reason"),
    [
        ('up = ["F20"]', "keypad: no key 'F20'; there are: a, b"),
        ('up = ["f1"]', "keypad: key 'f1' cannot do two things"),
        ("double_strike_seconds = 3", "keypad.double_strike_seconds: Input should be less"),
        ('ups = ["f1"]', "keypad.ups: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_in_the_keys_is_told(tmp_path: Path, keypad: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"kiosk.toml, {reason}"):
        read(tmp_path, keypad)
