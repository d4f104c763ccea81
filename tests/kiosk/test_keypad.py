import pytest

from kiosk.keypad import DEFAULTS, USAGES, Command, commands


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
