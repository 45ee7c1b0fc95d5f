"""The line of every value of a TOML text, so that a fault can be found with an ordinary editor.

The text has already been read by `tomllib`: it is known to be well formed, and
this scanner only has to follow its structure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)


def line_map(text: str) -> dict[Path, int]:
    r"""Return the line, from 1, of every key, row and value of a well-formed TOML text.

    Examples
    --------
    >>> line_map("[[postes]]\ncode = 'CN1'\n")[("postes", 0, "code")]
    2
    """
    return _Scanner(text).scan()


def nearest(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of a path, or of the closest thing that holds it; None at the root."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.pos = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}  # how many [[…]] headers each list of rows has had

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip_blank():
            if self.text.startswith("[[", self.pos):
                self._advance(2)
                table = self._header(self._keys(), is_row=True)
                self._advance(2)
            elif self.text.startswith("[", self.pos):
                self._advance(1)
                table = self._header(self._keys(), is_row=False)
                self._advance(1)
            else:
                self._pair(table)
        return self.lines

    def _header(self, keys: tuple[str, ...], is_row: bool) -> Path:
        """Return the table a header opens: within the latest row of each list it names on its way."""
        path: Path = ()
        for key in keys[:-1]:
            self._note((*path, key))
            path = self._latest((*path, key))
        path = (*path, keys[-1])
        if not is_row:
            path = self._latest(path)
        else:
            self._note(path)
            self.rows[path] = self.rows.get(path, 0) + 1
            path = self._latest(path)
        self._note(path)
        return path

    def _latest(self, path: Path) -> Path:
        return (*path, self.rows[path] - 1) if path in self.rows else path

    def _pair(self, table: Path) -> None:
        keys = self._keys()
        path = table
        for key in keys:
            path = (*path, key)
            self._note(path)
        self._skip_space()
        self._advance(1)  # the sign =
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blank()
        self._note(path)
        sign = self.text[self.pos]
        if sign == "[":
            self._array(path)
        elif sign == "{":
            self._inline(path)
        elif sign in "\"'":
            self._string()
        else:
            found = _SCALAR.match(self.text, self.pos)
            self._advance(len(found[0]) if found else 1)

    def _array(self, path: Path) -> None:
        self._advance(1)
        rank = 0
        while self._skip_blank() and self.text[self.pos] != "]":
            self._value((*path, rank))
            rank += 1
            self._comma()
        self._advance(1)

    def _inline(self, path: Path) -> None:
        self._advance(1)
        while self._skip_blank() and self.text[self.pos] != "}":
            self._pair(path)
            self._comma()
        self._advance(1)

    def _comma(self) -> None:
        self._skip_blank()
        if self.text.startswith(",", self.pos):
            self._advance(1)

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip_space()
            keys.append(self._key())
            self._skip_space()
            if not self.text.startswith(".", self.pos):
                return tuple(keys)
            self._advance(1)

    def _key(self) -> str:
        if self.text[self.pos] in "\"'":
            key: str = tomllib.loads(f"k = {self._string()}")["k"]
            return key
        found = _BARE.match(self.text, self.pos)
        assert found is not None, "a key is bare or quoted in a well-formed text"
        self._advance(len(found[0]))
        return found[0]

    def _string(self) -> str:
        found = next(filter(None, (s.match(self.text, self.pos) for s in _STRINGS)))
        self._advance(len(found[0]))
        return found[0]

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self.line)

    def _advance(self, count: int) -> None:
        self.line += self.text.count("\n", self.pos, self.pos + count)
        self.pos += count

    def _skip_space(self) -> None:
        while self.pos < len(self.text) and self.text[self.pos] in " \t":
            self.pos += 1

    def _skip_blank(self) -> bool:
        """Skip spaces, line ends and comments; return whether something is left."""
        while self.pos < len(self.text):
            sign = self.text[self.pos]
            if sign == "#":
                end = self.text.find("\n", self.pos)
                self.pos = len(self.text) if end < 0 else end
            elif sign in " \t\r\n":
                self._advance(1)
            else:
                return True
        return False
