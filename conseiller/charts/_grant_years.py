"""Reste à charge by grant year, then by exercice outside the grant, with what the State gives beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from conseiller.charts import _facts, _hbars, _layout
from conseiller.charts._chart import Chart
from conseiller.charts._facts import Amount
from conseiller.law import day_at
from conseiller.messages import Lang, tr
from conseiller.text import date_short, listing, money0

if TYPE_CHECKING:
    from conseiller.projection import Projection


@dataclass(frozen=True)
class _Period:
    """A bar: a grant year, or the time of an exercice outside any.

    `amounts` are what a post may earn in that grant year; several when posts differ.
    `whole` says that it lasts twelve months, all of them shown.
    """

    name: str
    detail: str
    first: date
    last: date
    net: Amount
    code: str = ""
    rank: int = 0
    months: int = 12
    amounts: tuple[float, ...] = ()
    whole: bool = True


def grant_years(plan: Projection, lang: Lang = "fr") -> Chart:
    """Return the chart of the reste à charge by grant year, and outside the grant by exercice.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    """
    inside, outside = _inside(plan, lang), _outside(plan, lang)
    periods = [*inside, *outside]
    words = _layout.Words(
        title=_title(plan, inside, outside, lang),
        subtitle=_facts.sentences(
            tr("charts.subtitle.section", lang, span=_facts.span(plan, lang)),
            tr("charts.grant_years.subtitle", lang),
            _facts.ahead_note(plan, lang),
            _facts.investment(plan, lang),
        ),
        source=_facts.source(plan, lang),
    )
    return Chart(
        key="grant_years",
        title=words.title,
        alt=_alt(plan, periods, words.title, lang),
        source=words.source,
        lang=lang,
        _draw=lambda: (
            _hbars.draw(
                words, _rows(plan, inside, outside, lang), tr("charts.grant_years.column", lang)
            ).figure
        ),
    )


# --- periods ------------------------------------------------------------------------------------------


def _inside(plan: Projection, lang: Lang) -> list[_Period]:
    """Return the grant years of the plan in time order."""
    found = _facts.sums(plan, "grant_year")
    grant = plan.model.grant
    years: dict[str, list[tuple[int, int]]] = {}
    for post, rows in enumerate(plan.grant_years):
        for row, year in enumerate(rows):
            if year.label in found and grant["live_from"][post, row] > 0:
                years.setdefault(year.label, []).append((post, row))
    start, end = plan.months[0], date(plan.exercices[-1], 12, 31)
    out = []
    for label, cells in years.items():
        year = plan.grant_years[cells[0][0]][cells[0][1]]
        begins = min(day_at(grant["begins"][cell]) for cell in cells)
        ends = max(day_at(grant["live_to"][cell] - 1) for cell in cells)
        first, last = max(start, begins), min(end, ends)
        months = max(int(grant["months"][cell]) for cell in cells)
        out.append(
            _Period(
                tr("charts.grant_years.label", lang, code=year.code, rank=year.rank),
                tr(
                    "charts.grant_years.days",
                    lang,
                    first=date_short(first, lang),
                    last=date_short(last, lang),
                ),
                first,
                last,
                found[label]["net_cost"],
                year.code,
                year.rank,
                months,
                tuple(sorted({float(grant["amount"][cell]) for cell in cells})),
                months == 12 and first == begins and last == ends,
            )
        )
    return sorted(out, key=lambda p: (p.first, p.last, p.code, p.rank))


def _outside(plan: Projection, lang: Lang) -> list[_Period]:
    """Return the time outside any grant year, by exercice."""
    sums = _facts.sums(plan, "exercice", "grant_year")
    monthly = plan.by("grant_year", "month")
    monthly = monthly[(monthly["cost"] != 0) | (monthly["other_funding"] != 0)]
    months = [m.date() for label, m in monthly.index if label == ""]
    out = []
    for (year, label), row in sums.items():
        mine = sorted({m for m in months if m.year == year})
        if label or not mine:
            continue
        names = [_facts.month_short(m, lang) for m in (mine[0], mine[-1])]
        detail = names[0]
        if mine[0] != mine[-1]:
            detail = tr("charts.grant_years.months", lang, first=names[0], last=names[1])
        name = tr("charts.grant_years.outside", lang, year=year)
        out.append(_Period(name, detail, mine[0], mine[-1], row["net_cost"], whole=len(mine) == 12))
    return out


# --- words --------------------------------------------------------------------------------------------


def _title(plan: Projection, inside: list[_Period], outside: list[_Period], lang: Lang) -> str:
    key = "charts.grant_years.title."
    periods = [*inside, *outside]
    if all(p.net.total == 0 for p in periods):
        return tr(key + "nothing", lang, span=_facts.span(plan, lang))
    if len(periods) == 1:
        return tr(key + "one", lang, name=periods[0].name, net=money0(periods[0].net.total, lang))
    find = _parallel if _overlap(inside) else _in_turn
    which, shown = find(inside, outside)
    if len({p.net.total for p in shown.values()}) == 1 and len(shown) > 1:
        return tr(key + "flat", lang, net=money0(next(iter(shown.values())).net.total, lang))
    words = {role: money0(p.net.total, lang) for role, p in shown.items()}
    words |= {f"{role}_name": p.name for role, p in shown.items()}
    return tr(key + which, lang, **words)


def _overlap(inside: list[_Period]) -> bool:
    """Return whether two conventions run side by side, so that a bar stands for some posts only."""
    return any(after.first <= before.last for before, after in pairwise(inside))


def _parallel(inside: list[_Period], outside: list[_Period]) -> tuple[str, dict[str, _Period]]:
    """Return the finding where conventions run side by side: bars of some posts bear no comparison."""
    after = [p for p in outside if p.last > max(i.last for i in inside)]
    if after:
        return "after", {"after": max(after, key=lambda p: p.net.total)}
    periods = sorted([*inside, *outside], key=lambda p: p.net.total)
    return "range", {"low": periods[0], "high": periods[-1]}


def _in_turn(inside: list[_Period], outside: list[_Period]) -> tuple[str, dict[str, _Period]]:
    """Return the finding where grant years follow each other.

    The last grant year against the dearest exercice after it; failing that, the first
    period against the last. Whole years are taken rather than parts.
    """
    kept = [p for p in (*inside, *outside) if p.whole]
    if len(kept) < 2:
        kept = [*inside, *outside]
    kept.sort(key=lambda p: p.first)
    funded = [p for p in kept if p.amounts]
    after = [p for p in kept if funded and not p.amounts and p.first > funded[-1].first]
    if after:
        return "change", {"before": funded[-1], "after": max(after, key=lambda p: p.net.total)}
    shown = funded if len(funded) > 1 else kept
    return "change", {"before": shown[0], "after": shown[-1]}


def _alt(plan: Projection, periods: list[_Period], title: str, lang: Lang) -> str:
    named = [(p.name, p.net.total) for p in periods]
    items = [
        tr("charts.grant_years.alt_item", lang, name=name, amount=money0(amount, lang))
        for name, amount in named
    ]
    steps = [
        tr("charts.grant_years.step_item", lang, amount=_amounts(p.amounts, lang), name=p.name)
        for p in periods
        if p.amounts
    ]
    end = _end_of_grant(plan, lang)
    return _facts.sentences(
        f"{title}.",
        tr("charts.grant_years.intro", lang, span=_facts.span(plan, lang)),
        _facts.totals(_facts.total(_facts.sums(plan, "exercice")), lang),
        tr("charts.alt.list", lang, items=tr("charts.alt.separator", lang).join(items)) if items else "",
        _facts.extremes(named, lang),
        tr("charts.grant_years.steps", lang, items=", ".join(steps)) if steps else "",
        f"{end[0]}." if end else "",
        _facts.ahead_note(plan, lang, "charts.alt.ahead"),
    )


def _amounts(amounts: Iterable[float], lang: Lang) -> str:
    return listing([money0(a, lang) for a in amounts], lang, "or")


def _end_of_grant(plan: Projection, lang: Lang) -> tuple[str, date] | None:
    """Return the sentence on the end of the grant and its last day, None without a grant."""
    grant = plan.model.grant
    ends = []
    for post, rows in enumerate(plan.grant_years):
        live = [grant["live_to"][post, row] for row in range(len(rows))]
        if any(live):
            ends.append(day_at(max(live) - 1))
    if not ends:
        return None
    first, last = min(ends), max(ends)
    if first == last:
        return tr("charts.grant_years.ends", lang, day=_facts.day_name(last, lang)), last
    said = tr(
        "charts.grant_years.ends_between",
        lang,
        first=_facts.day_name(first, lang),
        last=_facts.day_name(last, lang),
    )
    return said, last


def _rows(plan: Projection, inside: list[_Period], outside: list[_Period], lang: Lang) -> list[_hbars.Row]:
    groups = (
        ("inside", inside, _grant_notes(plan, inside, outside, lang)),
        ("outside", outside, _outside_notes(plan, outside, lang)),
    )
    rows = []
    for group, periods, notes in groups:
        if not periods:
            continue
        rows.append(_hbars.Row(tr(f"charts.grant_years.{group}_heading", lang)))
        rows += [
            _hbars.Row(
                p.name if p.amounts else str(p.first.year),
                p.detail,
                p.net,
                money0(p.net.total, lang),
                "net_cost",
                note,
                strong,
            )
            for p, (note, strong) in zip(periods, notes, strict=True)
        ]
    return rows


def _grant_notes(
    plan: Projection, inside: list[_Period], outside: list[_Period], lang: Lang
) -> list[tuple[str, bool]]:
    """Return what the State gives per post in each grant year, and whether that is a change.

    The last one names the end of the grant, unless an exercice after it does.
    """
    notes = []
    before: dict[str, _Period] = {}
    for period in inside:
        previous = before.get(period.code)
        before[period.code] = period
        amount = _amounts(period.amounts, lang)
        short = "" if period.months == 12 else "_months"
        if previous and (previous.amounts, previous.months) != (period.amounts, period.months):
            said = tr(
                f"charts.grant_years.step{short}",
                lang,
                before=_amounts(previous.amounts, lang),
                after=amount,
                months=period.months,
            )
            notes.append((said, True))
        else:
            notes.append(
                (tr(f"charts.grant_years.amount{short}", lang, amount=amount, months=period.months), False)
            )
    end = _end_of_grant(plan, lang)
    if end and notes and end[1].year <= plan.exercices[-1] and all(p.last <= end[1] for p in outside):
        notes[-1] = (f"{notes[-1][0]}\n{end[0]}", True)
    return notes


def _outside_notes(plan: Projection, outside: list[_Period], lang: Lang) -> list[tuple[str, bool]]:
    """Return what to say of the time outside the grant; the first row after its end names that day."""
    end = _end_of_grant(plan, lang)
    notes = []
    told = False
    for period in outside:
        if end is None:
            notes.append(("", False))
        elif told:
            notes.append((tr("charts.grant_years.nothing_more", lang), False))
        elif period.last > end[1]:
            told = True
            notes.append((end[0], True))
        else:
            notes.append(("", False))
    return notes
