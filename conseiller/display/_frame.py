"""Tables of figures, and records of `conseiller.analysis`, with their headers and values in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from conseiller.messages import Lang, has, tr
from conseiller.text import date_short, listing, money, month_long, number

if TYPE_CHECKING:
    import pandas as pd

from conseiller.display._sheet import Cell, Grid
from conseiller.display._spans import span_words

#: Measures that one may add up, where a total is asked for.
_YEAR_COLUMNS = {"exercice", "year"}


def grid(
    frame: pd.DataFrame,
    lang: Lang = "fr",
    *,
    title: str = "",
    total: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Grid:
    """Return a table of figures with its headers and values in words.

    Floats are amounts in euros, integers counts (years where the column says so). Of a budget
    grid, the sums stand in bold and the column that says so is left out.

    Parameters
    ----------
    frame : DataFrame
        As the views of a projection or of `conseiller.analysis` return it.
    lang : {"fr", "en"}
    title : str
    total : bool
        Add a row with the sum of each column of amounts, to the cent.
    labels : mapping, optional
        Names of codes: ``{"cout_1": "Ordinateur"}``.
    """
    import pandas as pd

    names = {} if labels is None else dict(labels)
    sums = [False] * len(frame)
    if "level" in frame.columns:
        sums = [level != "account" for level in frame["level"]]
        frame = frame.drop(columns="level")
    named = [name for name in frame.index.names if name is not None]
    plain = frame.reset_index() if named else frame
    stubs = len(named) or 1
    kinds = {c: _is_amount(plain[c]) for c in plain.columns}
    counts = {c: pd.api.types.is_integer_dtype(plain[c]) and c not in _YEAR_COLUMNS for c in plain.columns}
    heads = [Cell(heading(c, lang), kinds[c] or counts[c]) for c in plain.columns]
    rows = [
        [
            Cell(_value(v, str(c), lang, names), kinds[c] or counts[c], bold=is_sum)
            for c, v in zip(plain.columns, row, strict=True)
        ]
        for row, is_sum in zip(plain.itertuples(index=False, name=None), sums, strict=True)
    ]
    foot: list[Cell] = []
    if total and rows:
        for rank, c in enumerate(plain.columns):
            if kinds[c]:
                foot.append(Cell(money(float((plain[c] * 100).round().sum()) / 100, lang), True))
            else:
                foot.append(Cell(tr("display.total", lang) if rank == 0 else ""))
    notes = [] if rows else [tr("display.empty", lang)]
    return Grid(heads, rows, stubs, foot, title, notes)


def _is_amount(column: pd.Series[Any]) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_float_dtype(column))


def heading(name: Any, lang: Lang = "fr") -> str:
    """Return the heading of a column as a table shows it."""
    key = f"display.column.{name}"
    return tr(key, lang) if has(key, lang) else str(name)


def _value(value: Any, column: str, lang: Lang, labels: Mapping[str, str]) -> str:
    import pandas as pd

    if isinstance(value, (tuple, list)):
        return listing((_value(v, column, lang, labels) for v in value), lang) or tr("display.nothing", lang)
    if value is None or pd.isna(value):
        return tr("display.nothing", lang)
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return tr("common.yes" if value else "common.no", lang)
    if isinstance(value, (date, datetime)):
        return month_long(value, lang) if column == "month" else date_short(value, lang)
    if isinstance(value, str):
        return _word(value, column, lang, labels)
    if column in _YEAR_COLUMNS:
        return str(int(value))
    if isinstance(value, float):
        return money(value, lang)
    return number(value, lang)


def _word(value: str, column: str, lang: Lang, labels: Mapping[str, str]) -> str:
    if value in labels:
        return labels[value]
    if column == "grant_year" and not value:
        return tr("display.outside", lang)
    if column == "line":
        from conseiller.law import load_law

        line = load_law().lines.get(value)
        return line.label[lang] if line else value
    if column == "papers":
        from conseiller.analysis.clocks import papers

        return papers([value], lang)[0]
    if column == "generation":
        from conseiller.law import load_law

        generation = load_law().generations.get(value)
        return generation.label[lang] if generation else value
    key = f"display.value.{value}"
    if column in {"side", "section", "clock", "basis", "level", "kind", "state"} and value and has(key, lang):
        return tr(key, lang)
    return value


def word(value: str, column: str, lang: Lang = "fr") -> str:
    """Return a value of a column as a table shows it: the name of a generation, of a state, of a line."""
    return _word(value, column, lang, {})


def amounts_by_year(
    rows: Mapping[int, Mapping[str, float]], heads: Mapping[str, str], title: str, lang: Lang
) -> Grid:
    """Return amounts by exercice as a table, one column per head, with their sums."""
    top = [Cell(tr("display.column.exercice", lang)), *(Cell(h, True) for h in heads.values())]
    body = [[Cell(str(y)), *(Cell(money(row[k], lang), True) for k in heads)] for y, row in rows.items()]
    sums = (round(sum(row[k] for row in rows.values()), 2) for k in heads)
    foot = [Cell(tr("display.total", lang)), *(Cell(money(v, lang), True) for v in sums)]
    return Grid(top, body, foot=foot, title=title)


#: What is shown of the records of `conseiller.analysis`, in this order.
_RECORDS: dict[str, tuple[str, ...]] = {
    "Year": ("exercice", "pay", "other_costs", "cost", "grant", "other_funding", "net_cost"),
    "Change": ("cause", "amount"),
    "Choice": ("choice", "as_planned", "net_next", "net_total", "leave", "exposure_total"),
    "Effect": ("effect", "per_post", "total"),
    "Decision": ("date", "post", "label", "status"),
    "Control": ("label", "status", "detail"),
}
#: Columns whose name is not that of the field.
_FIELDS = {"choice": "code", "effect": "code"}


def records(thing: Any, lang: Lang, title: str = "", total: bool = False) -> Grid:
    """Return records of `conseiller.analysis` as a table."""
    import pandas as pd

    rows = list(getattr(thing, "rows", thing))
    kinds = {type(row).__name__ for row in rows}
    if not rows:
        return Grid([Cell("")], [], title=title, notes=[tr("display.empty", lang)])
    if len(kinds) != 1 or not kinds <= set(_RECORDS):
        raise TypeError(f"nothing known to show of a list of {', '.join(sorted(kinds))}")
    kind = kinds.pop()
    words: dict[str, Any] = {}
    if hasattr(thing, "rows"):
        following = str(thing.first)
        words = {"year": following, "span": span_words(thing.first, thing.last, lang)}
    frame = pd.DataFrame([{c: _record_value(row, kind, c, lang) for c in _RECORDS[kind]} for row in rows])
    frame = frame.rename(
        columns={c: tr(f"display.head.{c}", lang, **words) for c in frame if has(f"display.head.{c}", lang)}
    )
    return grid(frame, lang, title=title, total=total)


def _record_value(row: Any, kind: str, column: str, lang: Lang) -> Any:
    value = getattr(row, _FIELDS.get(column, column))
    if callable(value):
        return value(lang)
    key = f"display.code.{kind.lower()}.{value}"
    return tr(key, lang) if isinstance(value, str) and has(key, lang) else value
