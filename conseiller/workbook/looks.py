"""How the cells of a workbook look: text, amounts, heads of tables, cells to type in."""

from __future__ import annotations

from typing import Any, Literal

from conseiller import style

Style = Literal[
    "input",
    "calc",
    "head",
    "headnum",
    "headcell",
    "headstate",
    "words",
    "choice",
    "beside",
    "title",
    "tabletitle",
    "subtitle",
    "text",
    "total",
    "note",
    "key",
    "label",
    "remark",
    "state",
    "cell",
    "aside",
    "headaside",
]

#: Looks of the cells to type in: numbers and dates, words over several lines, a code or a choice on one.
INPUTS = ("input", "words", "choice")
#: Looks of the heads of tables.
HEADS = ("head", "headnum", "headcell", "headstate", "headaside")

EURO = '#,##0.00\\ [$€-40C];\\-#,##0.00\\ [$€-40C];"–"'
NUMBER_FORMAT = {
    "euros": EURO,
    "amount": '#,##0.00;\\-#,##0.00;"–"',
    "rate": "0.00%",
    "share": "0.0000",
    "date": '[=0]"–";[=73050]"–";dd/mm/yyyy',
    "number": '0.##;\\-0.##;"–"',
    "index": '0;\\-0;"–"',
    "days": '0.##;\\-0.##;"–"',
    "flag": '0;\\-0;"–"',
    "years": "0",
    "integer": "0",
    "text": "@",
    "general": "General",
    "point": "0.0000",
    "percent": "0.0%",
}

_HEAD: dict[str, Any] = {
    "bold": True,
    "text_wrap": True,
    "bg_color": style.HEAD_FILL,
    "font_color": style.INK,
    "bottom": 1,
    "bottom_color": style.GREY,
    "valign": "bottom",
}
_INPUT: dict[str, Any] = {
    "font_color": style.INPUT,
    "bg_color": style.INPUT_FILL,
    "border": 1,
    "border_color": style.RULE,
}
LOOKS: dict[str, dict[str, Any]] = {
    "input": _INPUT,
    "words": _INPUT | {"align": "left", "indent": 1, "text_wrap": True},
    "choice": _INPUT | {"align": "left", "indent": 1, "shrink": True},
    "beside": {"font_color": style.INK, "text_wrap": True, "align": "left", "indent": 1},
    "calc": {"font_color": style.INK},
    "head": _HEAD,
    "title": {"bold": True, "font_size": 16, "font_color": style.INK},
    "subtitle": {"bold": True, "font_size": 12, "font_color": style.INK},
    "tabletitle": {"bold": True, "font_size": 12, "font_color": style.INK, "text_wrap": True},
    "text": {"font_color": style.INK},
    "label": {"font_color": style.INK, "text_wrap": True},
    "total": {"bold": True, "top": 1, "top_color": style.GREY, "font_color": style.INK},
    "note": {"italic": True, "font_color": style.GREY, "valign": "top"},
    "remark": {"italic": True, "font_color": style.GREY, "text_wrap": True, "valign": "top"},
    "aside": {"italic": True, "font_color": style.GREY, "text_wrap": True, "align": "left", "indent": 3},
    "headaside": _HEAD | {"align": "left", "indent": 3},
    "headcell": _HEAD | {"align": "left", "indent": 1},
    "headstate": _HEAD | {"align": "center"},
    "state": {"font_color": style.INK, "align": "center"},
    "cell": {"font_color": style.INK, "text_wrap": True, "indent": 1},
    "headnum": _HEAD | {"align": "right"},
    "key": {"font_size": 7, "font_color": style.GREY},
}
