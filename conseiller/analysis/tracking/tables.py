"""The tables of a tracking as files for an officer: headings and codes in words, amounts in euros."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from conseiller.analysis.tracking.cells import line_label
from conseiller.analysis.tracking.reconcile import set_aside_reasons
from conseiller.analysis.tracking.shown import proposals_in_words
from conseiller.csv_form import write_table
from conseiller.messages import Lang, has, tr

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking

#: Where the words of a column of codes are; the first beginning that has the code. A code without words is text.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "side": ("display.value.",),
    "measure": ("tracking.measure.",),
    "cause": ("tracking.cause.",),
    "basis": ("tracking.csv.basis.",),
    "operand": ("column.month.",),
    "entry": ("tracking.piece.",),
    "status": ("display.code.decision.",),
    "certainty": ("tracking.agenda.certainty.",),
    "state": ("tracking.state.",),
    "step": ("workbook.rapprochement.step.",),
    "reason": ("workbook.reason.", "books.reason.", "tracking.csv.reason."),
}
#: Shares, written as percentages under headings that say so.
_PERCENT = frozenset({"share", "staff_share", "effect"})
#: Columns of a line to tie that help to write a rule for it, in this order.
_TO_ATTACH = (
    *("number", "date", "exercice", "period", "account", "side", "amount", "label", "third_party"),
    *("analytic", "service", "function", "operation", "payroll", "bordereau", "piece"),
    *("file", "sheet", "place", "reason", "proposal"),
)


def tables(
    tracking: Tracking, year: int, threshold: float = 0.0, lang: Lang = "fr"
) -> Mapping[str, pd.DataFrame]:
    """Return every table of a tracking by the name of its file; columns keep the names of the program."""
    closing = tracking.year_end(year, threshold=threshold, lang=lang).rename(columns={"piece": "entry"})
    return {
        "realise": tracking.table,
        "ecarts": tracking.explained,
        "atterrissage": tracking.landing("exercice", "line").reset_index(),
        "exercices": tracking.years().reset_index(),
        "cloture": closing.drop(columns="reason"),  # said by the justification
        "versements": tracking.instalments().rename(columns={"called": "called_on"}),
        "conventions": tracking.balance(),
        "echeancier": tracking.agenda(lang=lang).drop(columns="kind"),  # said by the label
        "liste_etat": tracking.state_list(),
        "credits": tracking.credits(),
        "poids": tracking.weight().rename(columns={"share": "staff_share"}),
        "a_rattacher": _to_attach(tracking, lang),
        "propositions": tracking.proposals.rename(columns={"origin": "number"}),
        "rapprochement": tracking.reconciliation(),
        "lignes_ecartees": set_aside_reasons(tracking),
    }


def as_csv(tracking: Tracking, table: pd.DataFrame, lang: Lang = "fr") -> bytes:
    """Return a table as CSV in words: each plan line by its label, then its code."""
    import pandas as pd

    label = cache(lambda line: line_label(tracking.plan, line, lang) if line else "")
    heads: list[str] = []
    columns: list[pd.Series[Any]] = []
    for name in table.columns:
        values = table[name]
        if name == "line":
            heads.append(heading("line", lang))
            columns.append(values.map(label))
        heads.append(heading("line_code" if name == "line" else str(name), lang))
        columns.append(_worded(values, str(name), lang))
    made = pd.concat(columns, axis=1) if columns else table
    return write_table(made, lang, heads)


def heading(name: str, lang: Lang = "fr") -> str:
    """Return the heading of a column; those of an exercice begin with it (``2026_plan``)."""
    year, _, rest = name.partition("_")
    if year.isdecimal():
        return f"{year} – {heading(rest, lang)}"
    return tr(f"tracking.csv.head.{name}", lang)


def _worded(values: pd.Series[Any], name: str, lang: Lang) -> pd.Series[Any]:
    if name in _PERCENT:
        return (values * 100).round(2)
    if name == "papers":
        from conseiller.analysis.clocks import papers

        return values.map(lambda codes: papers(codes, lang))
    if name not in _WORDS:
        return values
    return values.map(cache(lambda code: _word(code, _WORDS[name], lang)))


def _word(code: Any, beginnings: tuple[str, ...], lang: Lang) -> Any:
    return next((tr(b + str(code), lang) for b in beginnings if code and has(b + str(code), lang)), code)


def _to_attach(tracking: Tracking, lang: Lang) -> pd.DataFrame:
    """Return the lines that no rule takes, amounts in euros, each with its best proposals."""
    left, proposed = tracking.unattached, proposals_in_words(tracking, lang)
    made = left.assign(
        number=left["origin"],
        amount=left["cents"] / 100,
        proposal=[proposed.get(origin, "") for origin in left["origin"].tolist()],
    )
    return made[list(_TO_ATTACH)]
