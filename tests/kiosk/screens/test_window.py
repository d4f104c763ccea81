import pytest

from kiosk.screens import window
from kiosk.screens.screen_settings import ScreenSettings
from kiosk.screens.window import WindowError


@pytest.mark.parametrize("display", [None, ""])
def test_a_window_that_nobody_could_see_is_refused_with_what_to_do(monkeypatch, tmp_path, display):
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setattr(window, "GRAPHICS_CARDS", tmp_path)

    with pytest.raises(WindowError, match="Start the kiosk inside an X session"):
        window.prepare(ScreenSettings())
