"""The lines of a site file: keys of a table replaced, with every remark left where it was.

A library that rewrites TOML takes a remark for part of the table before it, and lets it go with it.
"""

import json
import re
from collections.abc import Mapping, Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w-]+)(?:\.[\w-]+)*\s*=")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'[^']*'")


class FileLines:
    """A site file, line by line.

    Args:
        text: The file, which must be TOML.

    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

    @property
    def text(self) -> str:
        """The file as it is now."""
        return "\n".join(self._lines) + "\n"

    def tables(self, name: str) -> list[int]:
        """Return where the headers of a table, or of each of a list of tables, stand."""
        found = ((at, _HEADER.match(line)) for at, line in enumerate(self._lines))
        return [at for at, header in found if header and header[2] == name]

    def set_keys(self, header: int, keys: Mapping[str, str]) -> None:
        """Let a table have these keys and no others; what stays the same stays where it is."""
        there = self._keys(header)
        kept = {name for name, (first, end) in there.items() if self._says(first, end, name, keys)}
        last = max((first for name, (first, _) in there.items() if name in kept), default=header)
        new = [f"{name} = {value}" for name, value in keys.items() if name not in kept]
        gone = sorted((span for name, span in there.items() if name not in kept), reverse=True)
        at = there[self._name_at(there, last)][1] if kept else header + 1
        for first, end in gone:
            del self._lines[first:end]
            at -= end - first if first < at else 0
        self._lines[at:at] = new

    def set_key(self, header: int, name: str, value: str | None) -> None:
        """Let a table have a key, behind its others where it is new; or not, where it is None."""
        there = self._keys(header)
        if name in there:
            first, end = there[name]
            self._lines[first:end] = [] if value is None else [f"{name} = {value}"]
        elif value is not None:
            behind = max((end for _, end in there.values()), default=header + 1)
            self._lines.insert(behind, f"{name} = {value}")

    def remove(self, header: int) -> None:
        """Take a table out, and leave the remarks in it."""
        for first, end in sorted(self._keys(header).values(), reverse=True):
            del self._lines[first:end]
        del self._lines[header]
        if header < len(self._lines) and not self._lines[header].strip():
            del self._lines[header]

    def insert(self, header: str, keys: Mapping[str, str], *, behind: int | None) -> None:
        """Put a new table behind the keys of another one; at the end where there is none."""
        new = [header, *(f"{name} = {value}" for name, value in keys.items())]
        if behind is None:
            self._lines += ["", *new]
            return
        ends = [end for _, end in self._keys(behind).values()]
        at = max(ends, default=behind + 1)
        self._lines[at:at] = ["", *new]

    def remove_top_key(self, name: str) -> None:
        """Take a key out that stands before all tables."""
        there = self._keys(-1)
        if name in there:
            first, end = there[name]
            del self._lines[first:end]

    def _keys(self, header: int) -> dict[str, tuple[int, int]]:
        """Return the keys of a table, each with its first line and the line behind its last."""
        found: dict[str, tuple[int, int]] = {}
        at = header + 1
        while at < len(self._lines) and not _HEADER.match(self._lines[at]):
            key = _KEY.match(self._lines[at])
            end = self._end_of_value(at) if key else at + 1
            if key:
                found[key[1]] = (at, end)
            at = end
        return found

    def _end_of_value(self, at: int) -> int:
        depth = 0
        for end, line in enumerate(self._lines[at:], at + 1):
            bare = _STRINGS.sub("", line).partition("#")[0]
            depth += sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
            if depth <= 0:
                return end
        return len(self._lines)

    def _says(self, first: int, end: int, name: str, keys: Mapping[str, str]) -> bool:
        if name not in keys or end != first + 1:
            return False
        value = self._lines[first].partition("=")[2].strip()
        return value == keys[name] or value.startswith((f"{keys[name]} ", f"{keys[name]}\t"))

    @staticmethod
    def _name_at(there: Mapping[str, tuple[int, int]], line: int) -> str:
        return next(name for name, (first, _) in there.items() if first == line)


def toml_text(value: str) -> str:
    """Return a text as TOML: what JSON escapes, TOML escapes too."""
    return json.dumps(value, ensure_ascii=False)


def toml_list(values: Sequence[str]) -> str:
    """Return texts as a TOML array."""
    return f"[{', '.join(map(toml_text, values))}]"


def toml_table(keys: Mapping[str, str]) -> str:
    """Return keys with their values, which are TOML already, as a table in one line."""
    return f"{{ {', '.join(f'{name} = {value}' for name, value in keys.items())} }}"
