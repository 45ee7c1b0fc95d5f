"""The charts of a portfolio: what is spent and who funds it, when the grant ends, where it weighs most. No map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conseiller.charts import _facts, _funding, _hbars, _layout
from conseiller.charts._chart import Chart
from conseiller.charts._facts import Amount
from conseiller.messages import Lang, tr
from conseiller.portfolios.departments import names
from conseiller.text import money0, month_long, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.portfolios.results import Portfolio

#: Bars of a chart: more months than this are shown by quarter, more quarters by exercice.
_MOST = 24
#: Départements (or employers) shown.
_TOP = 12


def charts(portfolio: Portfolio, lang: Lang = "fr") -> list[Chart]:
    """Return every chart of a portfolio, in reading order."""
    return [by_exercice(portfolio, lang), ends(portfolio, lang), places(portfolio, lang)]


def _source(portfolio: Portfolio, lang: Lang) -> str:
    day = _facts.day_name(portfolio.report_date, lang)
    return tr("portfolio.charts.source", lang, name=portfolio.name, day=day)


# --- by exercice --------------------------------------------------------------------------------------


def by_exercice(portfolio: Portfolio, lang: Lang = "fr") -> Chart:
    """Return the chart of spending and grant by exercice, what lies after the report hatched."""
    years = _years(portfolio)
    net = [(str(year), row["net_cost"].total) for year, row in years.items()]
    sums = _facts.total(years)
    span = {"first": portfolio.exercices[0], "last": portfolio.exercices[-1]}
    spent = [(year, row["net_cost"].total) for year, row in years.items() if row["cost"].total]
    title = tr("portfolio.charts.years.nothing", lang, **span)
    if spent:
        title = tr(
            "portfolio.charts.years.title",
            lang,
            first=spent[0][0],
            before=money0(spent[0][1], lang),
            last=spent[-1][0],
            after=money0(spent[-1][1], lang),
        )
    day = _facts.day_name(portfolio.report_date, lang)
    words = _layout.Words(
        title, tr("portfolio.charts.years.subtitle", lang, day=day, **span), _source(portfolio, lang)
    )
    items = [tr("charts.alt.item", lang, amount=money0(v, lang), name=n) for n, v in net]
    alt = tr(
        "portfolio.charts.years.alt",
        lang,
        items=", ".join(items),
        cost=money0(sums["cost"], lang),
        grant=money0(sums["grant"], lang),
        net=money0(sums["net_cost"], lang),
    )
    return Chart(
        key="portfolio_years",
        title=title,
        alt=f"{title}. {alt}",
        source=words.source,
        lang=lang,
        _draw=lambda: _funding.figure(words, years, _states(portfolio, lang), lang),
    )


def _years(portfolio: Portfolio) -> _funding.Years:
    """Return each measure by exercice, cut at the date of the report."""
    wide = (portfolio.by("exercice", "month") * 100).round().astype("int64").reset_index()
    ahead = wide["month"].to_numpy() > np.datetime64(portfolio.report_date)
    years: _funding.Years = {year: _facts.nothing() for year in portfolio.exercices}
    for measure in _facts.MEASURES:
        parts = [wide[rows].groupby("exercice")[measure].sum() for rows in (~ahead, ahead)]
        for year in portfolio.exercices:
            past, future = (float(part.get(year, 0)) / 100 for part in parts)
            years[year][measure] = Amount(past, future)
    return years


def _states(portfolio: Portfolio, lang: Lang) -> dict[int, str]:
    out = {}
    for year in portfolio.exercices:
        key = "ahead" if year > portfolio.report_date.year else "current"
        out[year] = tr(f"charts.status.{key}", lang) if year >= portfolio.report_date.year else ""
    return out


# --- ends of the grant --------------------------------------------------------------------------------


def ends(portfolio: Portfolio, lang: Lang = "fr") -> Chart:
    """Return the calendar of the ends of the grant: posts by month, quarter or exercice."""
    frame = portfolio.ending
    names, step = _steps(frame, lang)
    grouped = frame.assign(step=names).groupby("step", sort=False)
    counts = grouped["outlives"].agg(["size", "sum"])
    rows = [
        _hbars.Row(
            str(name),
            amount=Amount(float(count)),
            label=_count(int(count), lang),
            note=_goes_on(int(on), lang),
        )
        for name, count, on in counts.itertuples()
    ]
    title = tr("portfolio.charts.ends.nothing", lang)
    if len(frame):
        by_year = frame["financing_end"].dt.year.value_counts()
        year, most = int(by_year.index[0]), int(by_year.iloc[0])
        title = tr(
            "portfolio.charts.ends.title",
            lang,
            share=percent(most / len(frame), 0, lang),
            year=year,
            count=number(most, lang),
            all=number(len(frame), lang),
        )
    words = _layout.Words(
        title, tr("portfolio.charts.ends.subtitle", lang, step=step), _source(portfolio, lang)
    )
    items = ", ".join(tr("common.labelled", lang, name=row.name, words=row.label) for row in rows)
    alt = tr("portfolio.charts.ends.alt", lang, step=step, items=items)
    return Chart(
        key="portfolio_ends",
        title=title,
        alt=f"{title}. {words.subtitle} {alt}",
        source=words.source,
        lang=lang,
        _draw=lambda: _hbars.draw(words, rows).figure,
    )


def _steps(frame: pd.DataFrame, lang: Lang) -> tuple[list[str], str]:
    """Return the name of the month, quarter or exercice in which each grant ends, and the name of the step."""
    days = [day.date() for day in frame["financing_end"]]
    months = {(d.year, d.month) for d in days}
    if len(months) <= _MOST:
        return [month_long(d, lang) for d in days], tr("portfolio.charts.ends.step_month", lang)
    if len({(d.year, (d.month - 1) // 3) for d in days}) <= _MOST:
        return [_quarter(d.year, (d.month - 1) // 3 + 1, lang) for d in days], tr(
            "portfolio.charts.ends.step_quarter", lang
        )
    return [str(d.year) for d in days], tr("portfolio.charts.ends.step_year", lang)


def _quarter(year: int, quarter: int, lang: Lang) -> str:
    if quarter == 1:
        return tr("portfolio.charts.quarter_first", lang, year=year)
    return tr("portfolio.charts.quarter", lang, quarter=quarter, year=year)


def _count(count: int, lang: Lang) -> str:
    if count == 1:
        return tr("portfolio.charts.post_label", lang)
    return tr("portfolio.charts.posts_label", lang, count=number(count, lang))


def _goes_on(count: int, lang: Lang) -> str:
    if not count:
        return ""
    if count == 1:
        return tr("portfolio.charts.goes_on_one", lang)
    return tr("portfolio.charts.goes_on", lang, count=number(count, lang))


# --- places -------------------------------------------------------------------------------------------


def _place(name: str, lang: Lang) -> str:
    """Return an employer as it is, a département with its name."""
    known = names()
    return tr("portfolio.charts.place", lang, name=known[name], code=name) if name in known else name


def places(portfolio: Portfolio, lang: Lang = "fr") -> Chart:
    """Return where the reste à charge is highest in the year after the report: départements, else employers."""
    year = min(max(portfolio.report_date.year + 1, portfolio.exercices[0]), portfolio.exercices[-1])
    known = bool((portfolio.posts["department"] != "").any())
    table = portfolio.by("department" if known else "authority", "exercice")
    here = table[table.index.get_level_values("exercice") == year].droplevel("exercice")
    top = here[here["net_cost"] > 0].sort_values("net_cost", ascending=False, kind="stable").head(_TOP)
    rows = [
        _hbars.Row(
            _place(str(name), lang) or tr("portfolio.charts.unknown_place", lang),
            amount=Amount(float(row["net_cost"])),
            label=money0(float(row["net_cost"]), lang),
            note=tr("portfolio.charts.places.note", lang, grant=money0(float(row["grant"]), lang)),
        )
        for name, row in top.iterrows()
    ]
    title = tr("portfolio.charts.places.nothing", lang, year=year)
    if rows:
        key = "title_department" if known else "title"
        title = tr(f"portfolio.charts.places.{key}", lang, name=rows[0].name, year=year, net=rows[0].label)
    subtitle = tr(
        "portfolio.charts.places.subtitle",
        lang,
        year=year,
        count=number(len(rows), lang),
        all=number(len(here), lang),
    )
    words = _layout.Words(title, subtitle, _source(portfolio, lang))
    items = ", ".join(tr("charts.alt.item", lang, amount=r.label, name=r.name) for r in rows)
    return Chart(
        key="portfolio_places",
        title=title,
        alt=f"{title}. {subtitle} {tr('portfolio.charts.places.alt', lang, items=items)}",
        source=words.source,
        lang=lang,
        _draw=lambda: _hbars.draw(words, rows).figure,
    )
