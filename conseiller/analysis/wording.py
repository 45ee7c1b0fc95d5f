"""Values of a sentence, each written as its type asks: amounts, dates, counts, words, legal values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from conseiller.messages import Lang, tr
from conseiller.text import date_long, money

#: A value that a text of the catalogue takes: euros (float), a count (int), a date or words.
Value = str | int | float | date
Values = tuple[tuple[str, Value], ...]


def shown(value: Value, lang: Lang) -> str:
    """Return a value as a reader sees it: floats are euros, integers counts."""
    if isinstance(value, date):
        return date_long(value, lang)
    if isinstance(value, float):
        return money(value, lang)
    return str(value)


def sentence(key: str, lang: Lang, values: Iterable[tuple[str, Value]] = ()) -> str:
    """Return a text of the catalogue with its values written for a reader."""
    return tr(key, lang, **{name: shown(value, lang) for name, value in values})


def plural(key: str, count: float, lang: Lang, **words: str) -> str:
    """Return the text ``key.one`` or ``key.many``, with its count."""
    return tr(f"{key}.{'one' if count == 1 else 'many'}", lang, count=count, **words)
