"""Figures of one run, each with its spread and the alternative measured beside it."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    Attributes:
        name: What was measured.
        values: One for each repetition.
        unit: Of values and alternative.
        beside: The same for the alternative; empty where there is none.
        than: What the alternative is.

    """

    name: str
    values: tuple[float, ...]
    unit: str
    beside: tuple[float, ...] = ()
    than: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the alternative this is."""
        if not self.beside or not median(self.beside):
            return None
        return median(self.values) / median(self.beside)


def table(figures: list[Figure]) -> str:
    """Return the figures as lines of text: median, lowest to highest, alternative, ratio."""
    rows = [("what", "median", "spread", "beside", "ratio", "than")]
    for figure in figures:
        ratio = figure.ratio
        rows.append(
            (
                figure.name,
                f"{_plain(median(figure.values))} {figure.unit}",
                f"{_plain(min(figure.values))}-{_plain(max(figure.values))}",
                _plain(median(figure.beside)) if figure.beside else "",
                f"{ratio:.2f}" if ratio is not None else "",
                figure.than,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def write(figures: list[Figure], path: Path) -> None:
    """Write the figures as JSON, by name."""
    content = {
        figure.name: {
            "value": median(figure.values),
            "unit": figure.unit,
            "beside": median(figure.beside) if figure.beside else None,
            "ratio": figure.ratio,
            "than": figure.than,
            "lowest": min(figure.values),
            "highest": max(figure.values),
            "repetitions": len(figure.values),
        }
        for figure in figures
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
