"""Départements as officers write them: by code, by name, or by both; what names none is refused."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from conseiller.ledger.cells import plain

#: "62 - Pas-de-Calais", "Pas-de-Calais (62)": a code at either end and a name.
_CODE_FIRST = re.compile(r"^(\d{1,3}|2[ab]|69[dm])\b(.+)$", re.IGNORECASE)
_CODE_LAST = re.compile(r"^(.+?)\b(\d{1,3}|2[ab]|69[dm])\)?$", re.IGNORECASE)
_BETWEEN = " -–:()"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("departements.toml").read_text("utf-8"))


def names() -> dict[str, str]:
    """Return the name of each département and overseas collectivité by its code (Insee)."""
    known: dict[str, str] = _table()["names"]
    return known


@cache
def _words() -> dict[str, str]:
    """Return the code behind each code, name or short name, in plain words."""
    return {
        **{plain(code): code for code in names()},
        **{_name(name): code for code, name in names().items()},
        **{_name(word): code for word, code in _table()["also"].items()},
    }


def _name(text: str) -> str:
    """Return a name in plain words, "Saint" in full, without its article."""
    words = ["saint" if word == "st" else word for word in plain(text).split()]
    return " ".join(words[1:] if words[:1] in (["la"], ["le"], ["l"]) else words)


@lru_cache(maxsize=1000)
def code_of(text: str) -> str | None:
    """Return the code of a département as the reference writes it, None when the text names none.

    Parameters
    ----------
    text : str
        Code with or without its nought, name, or both where they agree.

    Examples
    --------
    >>> code_of("1"), code_of("2a"), code_of("Pas de Calais"), code_of("62 - Pas-de-Calais"), code_of("99Z")
    ('01', '2A', '62', '62', None)
    >>> code_of("59 - Pas-de-Calais") is None
    True
    """
    text = text.strip()
    found = _one(text)
    for pattern, code, name in ((_CODE_FIRST, 1, 2), (_CODE_LAST, 2, 1)):
        both = pattern.match(text)
        if found is None and both:
            one, other = _one(both[code]), _one(both[name].strip(_BETWEEN))
            found = one if one == other else None
    return found


def _one(text: str) -> str | None:
    if text.isascii() and text.isdecimal():
        text = text.lstrip("0").zfill(2)
    return _words().get(plain(text)) or _words().get(_name(text))


def most_alike(text: str) -> str | None:
    """Return "62 (Pas-de-Calais)" for a name mistyped, None when none comes near."""
    from difflib import get_close_matches

    near = get_close_matches(_name(text), [w for w in _words() if len(w) > 3], 1, 0.8)
    code = _words()[near[0]] if near else None
    return f"{code} ({names()[code]})" if code else None
