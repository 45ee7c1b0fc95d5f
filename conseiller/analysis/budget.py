"""The budget grid (maquette): section, side, chapter and account by exercice, ready to paste."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from conseiller.messages import Lang, tr
from conseiller.projection import Projection

if TYPE_CHECKING:
    import pandas as pd

_SECTIONS = ("fonctionnement", "investissement")
_SIDES = ("cost", "funding")
_FIELDS = ("level", "section", "side", "chapter", "account", "label")


def budget_grid(plan: Projection, exercices: Iterable[int] | None = None, lang: Lang = "fr") -> pd.DataFrame:
    """Return the budget grid: spending engaged and funding earned, by chapter and account.

    Parameters
    ----------
    plan : Projection
    exercices : iterable of int, optional
        Among those of the plan; all of them by default.
    lang : {"fr", "en"}
        Language of chapter labels and totals; accounts keep the labels of the official chart.

    Returns
    -------
    pandas.DataFrame
        In reading order [euros, exact to the cent]. ``level`` says what a row is: "account",
        "chapter" (its total), "side" (total of spending or of income in a section) or "balance"
        (reste à charge of the section: spending less income). ``section``, ``side`` ("cost" or
        "funding"), ``chapter``, ``account``, ``label``, then one column per exercice.

    Raises
    ------
    ValueError
        When an exercice is not one of the plan's.
    """
    import pandas as pd

    years = list(plan.exercices if exercices is None else exercices)
    if outside := [y for y in years if y not in plan.exercices]:
        raise ValueError(f"exercices {outside} are not among those of the plan: {plan.exercices}")
    table = plan.table
    table = table[table["clock"].isin(["engaged", "earned"]) & table["exercice"].isin(years)]
    table = table.assign(
        cents=(table["amount"] * 100).round().astype("int64"),
        chapter=table["account"].map({a: plan.law.chapter(a) for a in table["account"].unique()}),
    )
    keys = ["section", "side", "chapter", "account", "exercice"]
    sums = table.groupby(keys)["cents"].sum().unstack("exercice", fill_value=0)
    sums = sums.reindex(columns=years, fill_value=0)
    sums = sums[(sums != 0).any(axis=1)]
    rows: list[list[Any]] = []
    for section in _SECTIONS:
        if section != _SECTIONS[0] and section not in sums.index.get_level_values("section"):
            continue
        rows += _section(plan, sums, section, lang)
    return pd.DataFrame(rows, columns=[*_FIELDS, *years])


def _section(plan: Projection, sums: pd.DataFrame, section: str, lang: Lang) -> list[list[Any]]:
    rows: list[list[Any]] = []
    totals = []
    for side in _SIDES:
        mine = sums[
            (sums.index.get_level_values("section") == section)
            & (sums.index.get_level_values("side") == side)
        ]
        for chapter, group in mine.groupby(level="chapter", sort=True):
            for account, amounts in group.droplevel(["section", "side", "chapter"]).iterrows():
                label = _account_label(plan, str(account))
                rows.append(["account", section, side, chapter, account, label, *(amounts / 100)])
            labels = plan.law.chapter_labels.get(str(chapter), {})
            label = labels.get(lang) or tr("analysis.budget.no_chapter", lang)
            rows.append(["chapter", section, side, chapter, "", label, *(group.sum() / 100)])
        totals.append(mine.sum())
        label = tr(f"analysis.budget.total.{section}.{side}", lang)
        rows.append(["side", section, side, "", "", label, *(totals[-1] / 100)])
    label = tr(f"analysis.budget.balance.{section}", lang)
    rows.append(["balance", section, "", "", "", label, *((totals[0] - totals[1]) / 100)])
    return rows


def _account_label(plan: Projection, account: str) -> str:
    """Return the label of an account, or of the listed account it subdivides; "" when none is known."""
    chart = plan.dossier.authority.chart
    for length in range(len(account), 2, -1):
        if label := plan.law.account_label(chart, account[:length]):
            return label
    return ""


def proposal_years(plan: Projection) -> tuple[int, ...]:
    """Return the year of the report and the next, as far as shown; the last two shown if neither is."""
    year = plan.report_date.year
    shown = tuple(y for y in (year, year + 1) if y in plan.exercices)
    return shown or tuple(plan.exercices[-2:])


def budget_proposal(plan: Projection, lang: Lang = "fr") -> pd.DataFrame:
    """Return the grid of the current year, projected, and of the next, proposed (see `budget_grid`)."""
    return budget_grid(plan, proposal_years(plan), lang)


def to_clipboard_text(grid: pd.DataFrame, lang: Lang = "fr", current: int | None = None) -> str:
    r"""Return a grid as text to paste into budget software: tabs between cells, decimal comma.

    Parameters
    ----------
    grid : DataFrame
        As `budget_grid` returns it.
    lang : {"fr", "en"}
        Language of the headings.
    current : int, optional
        The year in course: it and the years before are headed "projected", later ones "proposed".

    Returns
    -------
    str
        A heading line, then one line per row, each ended by ``\n``.
    """
    years = [int(c) for c in grid.columns if c not in _FIELDS]
    fields = _FIELDS[1:]
    head = [tr(f"analysis.budget.column.{f}", lang) for f in fields]
    head += [_heading(y, current, lang) for y in years]
    lines = [head]
    for _, row in grid.iterrows():
        section = tr(f"analysis.budget.section.{row['section']}", lang)
        side = tr(f"analysis.budget.side.{row['side']}", lang) if row["side"] else ""
        words = [section, side, *(str(row[f]) for f in fields[2:])]
        lines.append(words + [_decimal_comma(row[y]) for y in years])
    return "".join("\t".join(line) + "\n" for line in lines)


def _heading(year: int, current: int | None, lang: Lang) -> str:
    if current is None:
        return str(year)
    key = "projected" if year <= current else "proposed"
    return tr(f"analysis.budget.year.{key}", lang, year=year)


def _decimal_comma(amount: float) -> str:
    return f"{round(amount, 2) + 0.0:.2f}".replace(".", ",")
