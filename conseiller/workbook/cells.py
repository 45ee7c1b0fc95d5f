"""An input cell of the form: its look, what may be typed there, and what is said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from conseiller.law import load_law
from conseiller.workbook.book import Sheet
from conseiller.workbook.form import Field
from conseiller.workbook.looks import Style

#: Number format of each kind of field.
FORMAT = {
    "text": "general",
    "code": "@",
    "account": "@",
    "date": "dd/mm/yyyy",
    "integer": "0",
    "number": "General",
    "euros": "#,##0.00\\ [$€-40C]",
    "rate": "0.00%",
    "choice": "general",
    "yesno": "general",
}
#: Look of a kind of field whose cells hold no number or date.
LOOK: dict[str, Style] = {
    "text": "words",
    "code": "choice",
    "account": "choice",
    "choice": "choice",
    "yesno": "choice",
}


def write_input(
    sheet: Sheet, row: int, col: int, item: Field, value: Any, header: str, posts: str = ""
) -> None:
    """Write a cell to type in, with its value and its check.

    Parameters
    ----------
    sheet : Sheet
    row, col : int
    item : Field
    value : any
        None leaves the cell empty.
    header : str
        Name of the field for the reader.
    posts : str
        Range of the codes of posts, where the field is one of them.
    """
    sheet.entry(row, col, value, FORMAT[item.kind], LOOK.get(item.kind, "input"))
    rule = _rule(sheet, item, posts)
    if not rule:
        return
    tr = sheet.book.tr
    kind = "choice" if item.key == "grade" else item.kind
    words = {"low": item.low, "high": item.high, "words": ", ".join(item.choices or load_law().grades)}
    prompt = "form.part_prompt" if item.key.startswith("part_") else f"form.prompt.{kind}"
    rule |= {
        "input_title": header[:32],
        "input_message": tr(prompt, **words)[:255],
        "error_title": tr("form.stop.title"),
        "error_message": tr(f"form.stop.{kind}", **words)[:255],
    }
    sheet.raw.data_validation(row, col, row, col, rule)


def _rule(sheet: Sheet, item: Field, posts: str) -> dict[str, Any]:
    tr = sheet.book.tr
    if item.key == "grade":
        return {"validate": "list", "source": list(load_law().grades)}
    if item.kind == "choice":
        return {"validate": "list", "source": list(item.choices)}
    if item.kind == "yesno":
        return {"validate": "list", "source": [tr("workbook.yes"), tr("workbook.no")]}
    if item.kind == "date":
        bounds = {"minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31)}
        return {"validate": "date", "criteria": "between", **bounds}
    if item.low is not None and item.high is not None:
        kind = "integer" if item.kind == "integer" else "decimal"
        return {"validate": kind, "criteria": "between", "minimum": item.low, "maximum": item.high}
    if item.key == "poste" and posts:
        return {"validate": "list", "source": f"={posts}"}
    return {}
