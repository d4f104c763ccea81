from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.speech.sound import Sound
from kiosk.speech.voice import Voice


@pytest.fixture
def voice() -> Voice:
    return Voice()


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Makes a program of a shell script; returns its path."""

    def make(script: str) -> str:
        path = tmp_path / f"program-{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        return str(path)

    return make


@pytest.fixture
def tone() -> Sound:
    """A tenth of a second of something."""
    return Sound(bytes(range(256)) * 16 + bytes(314), 22_050)
