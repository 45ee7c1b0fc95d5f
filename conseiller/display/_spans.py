"""Spans of exercices and counts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    pass


def span_words(first: int, last: int, lang: Lang) -> str:
    if first == last:
        return tr("display.span.one", lang, year=first)
    return tr("display.span.many", lang, first=first, last=last)


def count_words(key: str, count: int, lang: Lang) -> str:
    return tr(f"display.count.{key}.{'one' if count == 1 else 'many'}", lang, count=count)
