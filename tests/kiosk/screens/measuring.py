"""Measures a screen by its layout: what is cut, what overlaps, what is too small to touch."""

from collections.abc import Iterator
from itertools import combinations
from math import inf
from typing import Any

from kiosk.screens.screen_settings import ScreenSettings

SLACK = 1.5
"""Pixels by which rounding may differ."""


CAPITAL = 0.714
"""The height of a capital of our font; `test_look` draws one and measures it."""

LARGE_MM, TOUCH_MM, GAP_MM, LOW_MM = 7.3, 20, 5, 1050


def faults(root: Any, *, theme: Any, settings: ScreenSettings, letters: set[int]) -> list[str]:
    """Return what is wrong on the screen, a sentence each.

    Args:
        root: What is shown, with everything in it.
        theme: How it is shown: what is large or low must be.
        settings: How large the screen is, and where it hangs.
        letters: The code points that the font can draw.

    """
    touch, gap = TOUCH_MM * settings.pixels_per_mm, GAP_MM * settings.pixels_per_mm
    least = LARGE_MM * settings.pixels_per_mm if theme.large else 0
    highest = (LOW_MM - settings.mounting_mm) * settings.pixels_per_mm if theme.low else inf
    shown = list(_shown(root))
    texts = [w for w in shown if getattr(w, "texture_size", None) is not None and w.text]
    tiles = [w for w in shown if getattr(w, "tile", "")]
    return [
        *(f"cut: {_name(text)}" for text in texts if _is_cut(text)),
        *(f"broken word: {_name(text)}" for text in texts if _breaks_a_word(text)),
        *(f"no letter: {_name(text)}" for text in texts if _lacks(text, letters)),
        *(f"outside: {_name(w)}" for w in shown if w is not root and _is_outside(w, root)),
        *(f"overlap: {_name(a)} and {_name(b)}" for a, b in _siblings(shown) if _overlap(a, b)),
        *(f"too small: {_name(t)}" for t in tiles if min(t.size) < touch - SLACK),
        *(f"small letters: {_name(t)}" for t in texts if t.font_size * CAPITAL < least),
        *(f"too high: {_name(t)}" for t in tiles if t.top > highest + SLACK),
        *(
            f"too close: {_name(a)} and {_name(b)}"
            for a, b in combinations(tiles, 2)
            if _distance(a, b) < gap - SLACK
        ),
    ]


def pages_of(root: Any) -> Iterator[Any]:
    """Yield what shows more than one page."""
    for widget in _shown(root):
        if type(widget).__name__ == "Pages" and widget.pages > 1:
            yield widget


def _shown(widget: Any) -> Iterator[Any]:
    if widget.opacity == 0 or not (widget.width > 0 and widget.height > 0):
        return
    yield widget
    for child in widget.children:
        yield from _shown(child)


def _siblings(shown: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs that share a layout; a layer above the screen may cover it."""
    for parent in shown:
        if type(parent).__name__ != "Frame":
            children = [child for child in parent.children if child in shown]
            yield from combinations(children, 2)


def _is_cut(text: Any) -> bool:
    width, height = text.texture_size
    return bool(width > text.width + SLACK or height > text.height + SLACK)


def _breaks_a_word(text: Any) -> bool:
    lines = [" ".join(word.text for word in line.words) for line in text._label._cached_lines]
    return " ".join(lines).split() != text.text.split()


def _lacks(text: Any, letters: set[int]) -> bool:
    return any(ord(c) not in letters for c in text.text if c.isprintable())


def _is_outside(widget: Any, root: Any) -> bool:
    around = widget.parent if type(widget.parent).__name__ not in {"Frame", "Disc"} else root
    return bool(
        widget.x < around.x - SLACK
        or widget.y < around.y - SLACK
        or widget.right > around.right + SLACK
        or widget.top > around.top + SLACK
    )


def _overlap(one: Any, other: Any) -> bool:
    return bool(
        one.x < other.right - SLACK
        and other.x < one.right - SLACK
        and one.y < other.top - SLACK
        and other.y < one.top - SLACK
    )


def _distance(one: Any, other: Any) -> float:
    aside = max(one.x - other.right, other.x - one.right, 0)
    above = max(one.y - other.top, other.y - one.top, 0)
    return float((aside**2 + above**2) ** 0.5)


def _name(widget: Any) -> str:
    what = getattr(widget, "tile", "") or getattr(widget, "text", "") or "…"
    return f"{type(widget).__name__} {what!r} {[round(n) for n in (*widget.pos, *widget.size)]}"
