"""Tables as CSV, as a spreadsheet of the reader's language opens them: the one place where CSV is written.

UTF-8 with its mark. In French, semicolons and decimal commas; in English, commas and decimal points. A text
that a spreadsheet would compute is written as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    import pandas as pd

#: Beginnings that a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DIGITS = 6


def write_rows(heads: Sequence[str], rows: Iterable[Iterable[Any]], lang: Lang = "fr") -> bytes:
    """Return rows of texts and whole numbers as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_delimiter(lang), lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_guarded(v) for v in row])
    return out.getvalue().encode("utf-8-sig")


def write_table(table: pd.DataFrame, lang: Lang = "fr", heads: Sequence[str] | None = None) -> bytes:
    """Return a table as CSV.

    Columns of floats wholly at the cent are amounts, written with two decimals; others keep six at most. Dates
    are ISO, truth is yes or no, nothing known is empty.

    Parameters
    ----------
    table : DataFrame
        Its index is left out.
    lang : {"fr", "en"}
    heads : sequence of str, optional
        Headings; the names of the columns by default.
    """
    columns = [_texts(table.iloc[:, k], lang) for k in range(table.shape[1])]
    head = [str(c) for c in table.columns] if heads is None else list(heads)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_delimiter(lang), lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode("utf-8-sig")


def _delimiter(lang: Lang) -> str:
    return ";" if lang == "fr" else ","


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _texts(column: pd.Series[Any], lang: Lang) -> list[str]:
    """Return the values of a column as they are written."""
    if column.dtype.kind == "f":
        known = column.dropna()
        money = bool((known == known.round(2)).all())
        return [_number(v, money, lang) for v in column.tolist()]
    if column.dtype.kind == "M":
        return [str(v) for v in column.dt.strftime("%Y-%m-%d").fillna("").tolist()]
    return [_text(v, lang) for v in column.tolist()]


def _number(value: float, money: bool, lang: Lang) -> str:
    if value != value:  # noqa: PLR0124 (NaN)
        return ""
    text = f"{value:.2f}" if money else f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
    text = text.removeprefix("-") if float(text) == 0 else text
    return text.replace(".", ",") if lang == "fr" else text


def _text(value: Any, lang: Lang) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(_text(v, lang) for v in value)
    if value is None or value != value or str(value) in ("<NA>", "NaT"):  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(value, bool):
        return tr("common.yes" if value else "common.no", lang)
    return str(_guarded(str(value)) if isinstance(value, str) else value)
