from pathlib import Path

import pytest

from kiosk.settings import Settings, SettingsError, read_settings
from tests.kiosk.arrivals import KEY

TOKEN = "vErY-sEcReT-tOkEn"
CERTIFICATE = "-----BEGIN CERTIFICATE-----"
ADDRESS = "https://ankunft.example/"
GOOD = f"""
[kiosk]
name = "entrance-1"
enrolment = "0190a000-0000-7000-8000-00000000000d"
letter = "D"
skip_numbers = [200, 300, 666]

[server]
url = "{ADDRESS}"

[site]
id = "hbf"
file = "sites/hbf.toml"
key_id = "key-1"
public_key = "{KEY.to_text()}"

[printer]
address = "tcp://127.0.0.1:9100"
"""
TRIAL = GOOD.replace(f'"{ADDRESS}"', f'"http://127.0.0.1:8080"\ntoken = "{TOKEN}"')


def read(folder: Path, text: str = GOOD) -> Settings:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_good_settings_say_who_the_kiosk_is(tmp_path: Path) -> None:
    settings = read(tmp_path)

    assert (settings.kiosk.name, settings.kiosk.letter) == ("entrance-1", "D")
    assert settings.kiosk.skip_numbers == (200, 300, 666)
    assert settings.server.url == "https://ankunft.example"
    assert (settings.server.token, settings.server.ca) == (None, None)
    assert settings.server.key == tmp_path / "kiosk.key"
    assert settings.site.key == KEY
    assert (settings.printer.profile, settings.screen.width) == ("generic-80", 1080)


def test_relative_paths_begin_at_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "ca.pem").write_text(CERTIFICATE)
    files = f'"{ADDRESS}"\nkey = "kiosk-2.key"\nca = "ca.pem"'
    text = GOOD.replace(f'"{ADDRESS}"', files)
    (tmp_path / "kiosk.toml").write_text(f'earlier = ["kiosk-1.toml"]\n{text}')

    settings = read_settings(Path("../kiosk.toml"))

    assert settings.data == tmp_path / "data"
    assert settings.site.file == tmp_path / "sites" / "hbf.toml"
    assert settings.server.key == tmp_path / "kiosk-2.key"
    assert settings.server.ca == tmp_path / "ca.pem"
    assert settings.earlier == (tmp_path / "kiosk-1.toml",)


def test_absolute_paths_stay(tmp_path: Path) -> None:
    settings = read(tmp_path, f'data = "/var/lib/ankunft"\n{GOOD}')

    assert settings.data == Path("/var/lib/ankunft")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:8080",
        "https://10.0.0.7:8443",
        "https://host/ankunft",
    ],
)
def test_addresses_that_are_safe(tmp_path: Path, url: str) -> None:
    text = GOOD.replace(ADDRESS, url)

    assert read(tmp_path, text).server.url == url


def test_a_second_printer_has_the_settings_of_the_first(tmp_path: Path) -> None:
    second = '[second_printer]\naddress = "usb:///dev/usb/lp0"\nrendition = "drawn"\n'
    settings = read(tmp_path, GOOD + second)

    assert settings.printer.rendition is None
    assert settings.second_printer is not None
    assert settings.second_printer.rendition == "drawn"
    assert settings.second_printer.profile == "generic-80"
    with pytest.raises(SettingsError, match=r"second_printer\.rendition: Input should be 'drawn'"):
        read(tmp_path, GOOD + second.replace('"drawn"', '"bold"'))


PLAIN = "plain http is only for this very machine: use https"
LOOKS = 'an address looks like "https://ankunft.example"'


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://ankunft.example", PLAIN),
        ("http://10.0.0.7", PLAIN),
        ("http://127.0.0.1.example", PLAIN),
        ("ftp://ankunft.example", LOOKS),
        ("ankunft.example", LOOKS),
        ("https://", LOOKS),
        ("https://ankunft.example?site=1", LOOKS),
        ("https://ankunft.example#top", LOOKS),
        ("https://kiosk:password@ankunft.example", LOOKS),
        ("https://ankunft.example:99999", "Port out of range 0-65535"),
        ("https://[::1", "Invalid IPv6 URL"),
    ],
)
def test_addresses_that_are_not(tmp_path: Path, url: str, reason: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, GOOD.replace(ADDRESS, url))

    assert f"{raised.value}" == f"{tmp_path}/kiosk.toml, server.url: {reason}"


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('name = "entrance-1"', 'name = "Entrance 1"', "kiosk.name: "),
        ('name = "entrance-1"', "", "kiosk.name: Field required"),
        ("0190a000-", "0190-", "kiosk.enrolment: "),
        ('letter = "D"', 'letter = "Z"', "kiosk.letter: "),
        ('letter = "D"', 'letter = "DFG"', "kiosk.letter: "),
        ("[200, 300, 666]", '["all"]', "kiosk.skip_numbers.0: "),
        ("[200, 300, 666]", str(list(range(101, 1000))), "kiosk.skip_numbers: "),
        (f'url = "{ADDRESS}"', "", "server.url: Field required"),
        (ADDRESS, f'{ADDRESS}"\nca = "gone.pem', "server.ca: "),
        (KEY.to_text(), "AAAA", "site.public_key: site key key-1: 3 bytes, an X25519 key has 32"),
        (KEY.to_text(), "ä", "site.public_key: "),
        ("[printer]", "[prnter]", "printer: Field required"),
        ("[printer]", "[screen]\nidle_seconds = 1\n[printer]", "screen.idle_seconds: "),
        ("[printer]", "[screen]\nwidth = 'wide'\n[printer]", "screen.width: "),
        ("[printer]", "[printer]\nspeed = 3", "printer.speed: Extra inputs are not permitted"),
    ],
)
def test_a_broken_setting_is_named_with_its_place_and_without_its_value(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    assert before in GOOD

    with pytest.raises(SettingsError) as raised:
        read(tmp_path, GOOD.replace(before, after))

    message = f"{raised.value}"
    assert message.startswith(f"{tmp_path}/kiosk.toml, {place}")
    assert TOKEN not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "line",
    [
        'token = ""',
        "token = 7",
        f'token = "{TOKEN}\\n"',
        f'token = "{TOKEN}ü"',
        f'tokn = "{TOKEN}"',
    ],
)
def test_a_token_that_cannot_be_is_refused_without_showing_it(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=r"kiosk\.toml, server\.tok") as raised:
        read(tmp_path, TRIAL.replace(f'token = "{TOKEN}"', line))

    assert TOKEN not in f"{raised.value}"


def test_a_fixed_token_never_leaves_the_machine(tmp_path: Path) -> None:
    token = read(tmp_path, TRIAL).server.token
    assert token is not None
    assert token.get_secret_value() == TOKEN

    with pytest.raises(SettingsError, match=r"a fixed token is for trials .*kiosk enrol") as raised:
        read(tmp_path, TRIAL.replace("http://127.0.0.1:8080", "https://10.0.0.7"))

    assert TOKEN not in f"{raised.value}"


def test_a_ca_that_is_no_certificate_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN PRIVATE KEY-----")

    with pytest.raises(SettingsError, match=r"server\.ca: .*ca\.pem: is no certificate in PEM"):
        read(tmp_path, GOOD.replace(f'"{ADDRESS}"', f'"{ADDRESS}"\nca = "ca.pem"'))


def test_text_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"kiosk\.toml: .*line 10") as raised:
        read(tmp_path, TRIAL.replace(f'"{TOKEN}"', f'"{TOKEN}'))

    assert TOKEN not in f"{raised.value}"


def test_a_file_that_is_not_there_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml: there is no such file: .*kiosk enrol"):
        read_settings(tmp_path / "gone.toml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(tmp_path)

    assert f"{raised.value}" == f"{tmp_path}: cannot be read: Is a directory"


def test_settings_in_another_encoding_are_refused(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_bytes(GOOD.encode() + b"# \xfc")

    with pytest.raises(SettingsError) as raised:
        read_settings(tmp_path / "kiosk.toml")

    assert f"{raised.value}" == f"{tmp_path}/kiosk.toml: cannot be read: not UTF-8 text"


def test_settings_written_by_a_windows_editor_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff" + GOOD).kiosk.name == "entrance-1"


def test_the_token_is_not_shown_with_the_settings(tmp_path: Path) -> None:
    assert TOKEN not in repr(read(tmp_path, TRIAL))


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "x = " + "1" * 5_000])
def test_settings_that_no_person_wrote_are_refused_with_their_file(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(SettingsError, match=r"kiosk\.toml: "):
        read(tmp_path, text)
