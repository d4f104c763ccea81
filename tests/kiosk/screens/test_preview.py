"""The preview, run as the server runs it: a program of its own, without a screen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from kiosk.contract.site_file import read_site_file
from kiosk.language import catalogue

ROOT = Path(__file__).parents[3]
SITE = ROOT / "assets" / "sites" / "own-questions.toml"

pytestmark = pytest.mark.display


def preview(site: Path, language: str, out: Path) -> subprocess.CompletedProcess[str]:
    options = ("--site", str(site), "--language", language, "--out", str(out))
    return subprocess.run(
        [sys.executable, "-m", "kiosk", "preview", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_screen_and_slip_is_drawn_and_its_words_are_told(tmp_path):
    done = preview(SITE, "uk", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    listed = json.loads((tmp_path / "out" / "preview.json").read_text(encoding="utf-8"))
    names = [entry["name"] for entry in listed]
    site = read_site_file(SITE)
    assert {f"question:{question.id}" for question in site.questions} <= set(names)
    assert names[-1] == "slip"
    words = {entry["name"]: entry["words"] for entry in listed}
    assert catalogue("uk").of_site(site.questions[0].text) in words["question:before"]
    assert "D214" in words["ticket"]
    assert "D214" in words["slip"]
    for entry in listed:
        with Image.open(tmp_path / "out" / entry["file"]) as picture:
            drawn = picture.convert("RGB")
            assert drawn.width == (432 if entry["name"].startswith("slip") else 540)
            assert len(drawn.getcolors(1 << 20)) > 8  # something is on it
    assert len({(tmp_path / "out" / e["file"]).read_bytes() for e in listed}) == len(listed)


def test_a_language_that_the_site_does_not_speak_is_refused(tmp_path):
    done = preview(SITE, "xx", tmp_path / "out")

    assert done.returncode == 2
    assert "the site does not speak 'xx'; it speaks: uk, " in done.stderr
    assert not (tmp_path / "out").exists()
