"""Comparisons, decisions and sensitivities as a reader sees them: the tables of `conseiller.display`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from conseiller import shares_display
from conseiller.analysis.compare import Comparison, CutShort, Difference
from conseiller.analysis.decision_table import SPANS, STOP, BreakEven, DecisionTable, Option
from conseiller.analysis.notices import unpriced_exit, unpriced_posts
from conseiller.analysis.sensitivity import (
    Factor,
    Sensitivity,
    TwoWay,
    factor_label,
    value_words,
)
from conseiller.analysis.wording import plural
from conseiller.display import Cell, Grid, Sheet
from conseiller.messages import Lang, tr
from conseiller.scenario import READY, read_ready
from conseiller.text import date_long, date_short, listing, money, money0, number, percent, percent_exact

#: Groups of lines told when the lines themselves are not asked for.
GROUPS = (
    "remuneration",
    "cotisations",
    "taxes",
    "fin_de_contrat",
    "autres_couts",
    "subvention",
    "autres_financements",
)
#: A scenario and, where another bears its name, its rank.
_AGAIN = re.compile(r"(.*?)( \(\d+\))?", re.DOTALL)
#: What leaving costs, in the order of its table.
_LEAVING = ("leave", "broken", "are", "total")


def sheet(
    thing: Comparison | DecisionTable | Sensitivity | TwoWay, lang: Lang, detail: bool = False
) -> Sheet:
    """Return what is shown of a comparison, a decision table, a sensitivity or a grid.

    Parameters
    ----------
    thing : Comparison, DecisionTable, Sensitivity or TwoWay
    lang : {"fr", "en"}
    detail : bool
        For a comparison, explain by line of the plan rather than by group.
    """
    match thing:
        case Comparison():
            return _comparison(thing, lang, detail)
        case DecisionTable():
            return _decision(thing, lang)
        case Sensitivity():
            return _sensitivity(thing, lang)
        case TwoWay():
            return _two_way(thing, lang)


def variant_name(name: str, lang: Lang) -> str:
    """Return the name of a scenario for a reader: the case itself, a ready one in words, or its own name."""
    if not name:
        return tr("scenarios.base", lang)
    parts = [part.strip() for part in name.split("+")]
    words = [_ready_name(part, lang) for part in parts]
    return name if words == parts else " + ".join(words)


def _ready_name(name: str, lang: Lang) -> str:
    """Return a ready scenario in words; its value, its post and its rank among scenarios of one name after it."""
    typed, again = _AGAIN.fullmatch(name).groups()  # type: ignore[union-attr]  # the pattern takes any text
    found = read_ready(typed)
    if found is None:
        return name
    head, value, post = found
    said = tr(f"scenarios.ready.{head}", lang)
    if value is not None:
        said = tr(f"scenarios.ready_value.{head}", lang, value=_value_said(value, head, lang))
    return said + (f" ({post})" if post else "") + (again or "")


def _value_said(value: Any, head: str, lang: Lang) -> str:
    if isinstance(value, date):
        return date_short(value, lang)
    if head == "remplacement":
        return plural("scenarios.sensitivity.unit.months", value, lang, value=number(value, lang))
    return percent_exact(value, lang) if READY[head].value in ("share", "part") else number(value, lang)


def change_label(amount: float, lang: Lang) -> str:
    """Return an amount with its sign, to the cent."""
    return ("+" if amount > 0 else "") + money(amount, lang)


# --- comparison ------------------------------------------------------------------------------------------


def _comparison(of: Comparison, lang: Lang, detail: bool) -> Sheet:
    names = {v.name: variant_name(v.name, lang) for v in of.all}
    grids = [_net_grid(of, names.values(), lang), _totals_grid(of, names.values(), lang)]
    explained = {v.name: of.differences(v) for v in of.variants}
    grids += [
        _difference_grid(of, explained[v.name], names[v.name], lang, detail)
        for v in of.variants
        if explained[v.name]
    ]
    grids += list(shares_display.grids(of, names, lang))
    grids += list(_leaving_grids(of, names, lang))
    notes = [tr("scenarios.compare.section", lang)]
    notes += [
        tr("scenarios.compare.same", lang, name=names[name], first=of.years[0], last=of.years[-1])
        for name, found in explained.items()
        if not found
    ]
    notes += [_cut_words(cut, names[cut.scenario], lang) for cut in of.cut_short]
    if any(v.leaving for v in of.variants):
        notes.append(tr("scenarios.compare.exits", lang))
        # What the case leaves out of its own exits makes it look cheaper than a scenario that stops.
        notes += unpriced_exit(of.base.plan, lang)
    notes += _leaving_notes(of, names, lang)
    for name, faults in of.refused:
        reason = " ".join(f.message for f in faults.faults)
        notes.append(tr("scenarios.compare.refused", lang, name=variant_name(name, lang), reason=reason))
    return Sheet(title=tr("scenarios.compare.title", lang), lead=_finding(of, lang), grids=grids, notes=notes)


def _finding(of: Comparison, lang: Lang) -> list[str]:
    """Say which scenario leaves least to pay, and which most."""
    if not of.variants:
        return []
    nets = {v.name: of.net(v) for v in of.variants}
    low, high = min(nets, key=lambda n: nets[n]), max(nets, key=lambda n: nets[n])
    base = of.net(of.base)
    key = "one" if low == high else "many"
    return [
        tr(
            f"scenarios.compare.finding.{key}",
            lang,
            first=of.years[0],
            last=of.years[-1],
            base=money0(base, lang),
            low=variant_name(low, lang),
            low_net=money0(nets[low], lang),
            high=variant_name(high, lang),
            high_net=money0(nets[high], lang),
        )
    ]


def _heads(first: str, names: Any) -> list[Cell]:
    return [Cell(first), *(Cell(name, True) for name in names)]


def _net_grid(of: Comparison, names: Any, lang: Lang) -> Grid:
    rows = [
        [Cell(str(year)), *(Cell(money(of.net(v, [year]), lang), True) for v in of.all)] for year in of.years
    ]
    total = Cell(tr("workbook.total", lang))
    foot = [total, *(Cell(money(of.net(v), lang), True) for v in of.all)]
    heads = _heads(tr("scenarios.compare.year", lang), names)
    return Grid(heads, rows, foot=foot, title=tr("scenarios.compare.net", lang))


def _totals_grid(of: Comparison, names: Any, lang: Lang) -> Grid:
    rows = []
    for measure in ("cost", "grant", "other_funding", "net_cost"):
        amounts = [float(v.sums.loc[list(of.years), measure].sum()) for v in of.all]
        rows.append(
            [
                Cell(tr(f"scenarios.compare.measure.{measure}", lang)),
                *(Cell(money(a, lang), True) for a in amounts),
            ]
        )
    moved = [of.net(v) - of.net(of.base) for v in of.variants]
    foot = [Cell(tr("scenarios.compare.moved", lang)), Cell("–", True)]
    foot += [Cell(change_label(round(m, 2), lang), True) for m in moved]
    heads = _heads(tr("scenarios.compare.span", lang, first=of.years[0], last=of.years[-1]), names)
    return Grid(heads, rows, foot=foot, title=tr("scenarios.compare.totals", lang))


def _cut_words(cut: CutShort, name: str, lang: Lang) -> str:
    day = date_long(cut.day, lang)
    end = date_long(cut.end, lang) if cut.end else ""
    until = "short" if cut.end else "open"
    words = [tr(f"scenarios.compare.cut_{until}", lang, name=name, post=cut.post, day=day, end=end)]
    kind: str = cut.contract.nature if cut.contract.status == "contractuel" else "titulaire"
    kind = "stated" if cut.contract.break_pay else kind
    rate = percent(cut.rate, lang=lang)
    words.append(tr(f"scenarios.compare.break_{kind}", lang, amount=money(cut.owed, lang), rate=rate))
    if kind == "projet" and cut.day < cut.allowed_from:
        day = date_long(cut.allowed_from, lang)
        words.append(tr("scenarios.compare.break_too_soon", lang, day=day))
    return " ".join(words)


def _difference_grid(
    of: Comparison, found: Sequence[Difference], name: str, lang: Lang, detail: bool
) -> Grid:
    rows = []
    told = [(d.label, d.by_year) for d in found] if detail else list(_by_group(found, lang))
    for label, by_year in told:
        cells = [Cell(change_label(by_year[y], lang), True) for y in of.years]
        total = round(sum(by_year.values()), 2)
        rows.append([Cell(label), *cells, Cell(change_label(total, lang), True)])
    sums = {y: round(sum(d.by_year[y] for d in found), 2) for y in of.years}
    foot = [Cell(tr("scenarios.compare.measure.net_cost", lang))]
    foot += [Cell(change_label(a, lang), True) for a in (*sums.values(), round(sum(sums.values()), 2))]
    heads = [
        Cell(tr("scenarios.compare.line", lang)),
        *(Cell(str(y), True) for y in of.years),
        Cell(tr("workbook.total", lang), True),
    ]
    return Grid(heads, rows, foot=foot, title=tr("scenarios.compare.why", lang, name=name))


def _by_group(found: Sequence[Difference], lang: Lang) -> Iterator[tuple[str, Mapping[int, float]]]:
    for group in GROUPS:
        mine = [d for d in found if d.group == group]
        if mine:
            years = mine[0].by_year
            sums = {y: round(sum(d.by_year[y] for d in mine), 2) + 0.0 for y in years}
            yield tr(f"scenarios.compare.group.{group}", lang), sums


def _leaving_grids(of: Comparison, names: Mapping[str, str], lang: Lang) -> Iterator[Grid]:
    for v in of.all:
        if not v.leaving or (v is not of.base and v.leaving == of.base.leaving):
            continue
        rows = [
            [
                Cell(str(one.exercice)),
                *(Cell(money(getattr(one, what), lang), True) for what in _LEAVING),
            ]
            for one in v.leaving
        ]
        sums = (round(sum(getattr(one, what) for one in v.leaving), 2) for what in _LEAVING)
        foot = [Cell(tr("workbook.total", lang)), *(Cell(money(a, lang), True) for a in sums)]
        heads = _heads(
            tr("scenarios.compare.paid_in", lang),
            (tr(f"scenarios.compare.{k}", lang) for k in ("leave", "broken", "are", "leaving")),
        )
        yield Grid(
            heads, rows, foot=foot, title=tr("scenarios.compare.cost_of_leaving", lang, name=names[v.name])
        )


def _leaving_notes(of: Comparison, names: Mapping[str, str], lang: Lang) -> Iterator[str]:
    """Say which scenarios leave as the case does, what is paid after the years compared, and what is not priced."""
    same = [v.name for v in of.variants if v.leaving and v.leaving == of.base.leaving]
    if same:
        said = listing((tr("scenarios.compare.quoted", lang, name=names[n]) for n in same), lang)
        yield tr("scenarios.compare.same_leaving", lang, names=said)
    for v in of.all:
        later = round(sum(one.total for one in v.leaving if one.exercice > of.years[-1]), 2)
        if later:
            yield tr(
                "scenarios.compare.later_leaving",
                lang,
                name=names[v.name],
                amount=money(later, lang),
                last=of.years[-1],
            )
    known = unpriced_posts(of.base.plan)
    for v in of.variants:
        posts = [post for post in unpriced_posts(v.plan) if post not in known]
        if posts:
            yield tr("scenarios.compare.unpriced", lang, name=names[v.name], posts=listing(posts, lang))


# --- decision ---------------------------------------------------------------------------------------------


def _decision(of: DecisionTable, lang: Lang) -> Sheet:
    heads = [Cell(tr("scenarios.decision.choice", lang))]
    heads += [Cell(tr(f"scenarios.decision.{span}", lang), True) for span in SPANS]
    heads.append(Cell(tr("scenarios.decision.leaving", lang), True))
    heads += [Cell(tr(f"scenarios.decision.{k}", lang), True) for k in ("notify", "no_return")]
    rows = [
        [
            Cell(variant_name(o.name, lang)),
            *(Cell(money0(o.net[s], lang), True) for s in SPANS),
            Cell(money0(o.leaving["mandate"], lang) if o.leaving["mandate"] else "–", True),
            Cell(_day(o.notify_by, of.report_date, lang), True),
            Cell(_day(o.no_return, of.report_date, lang), True),
        ]
        for o in of.options
    ]
    grids = [Grid(heads, rows, title=tr("scenarios.decision.grid", lang))]
    told = [o for o in of.options if o.against_now is not None]
    if told:
        grids.append(_break_even_grid(told, lang))
    days = {span: date_long(of.last[span], lang) for span in SPANS}
    notes = [tr("scenarios.decision.section", lang, first=date_long(of.first, lang), **days)]
    if len(set(of.deadlines.values())) > 1:
        each = (
            tr(
                "scenarios.decision.deadline",
                lang,
                post=post,
                notify=_day(notify, of.report_date, lang),
                end=_day(end, of.report_date, lang),
            )
            for post, (notify, end) in of.deadlines.items()
        )
        notes.append(tr("scenarios.decision.deadlines", lang, posts=" ; ".join(each)))
    if told:
        now = money0(of.now, lang)
        notes.append(tr("scenarios.decision.reference", lang, year=of.first.year - 1, now=now))
    names = {o.name for o in of.options}
    notes += [
        tr(f"scenarios.decision.{key}", lang, grade=of.open_grade)
        for key, wanted in (
            ("notice", {STOP}),
            ("exits", {STOP}),
            ("keep", {"maintien", "mi-temps", "temps-complet"}),
            ("titularise", {"titularisation"}),
        )
        if names & wanted
    ]
    for name, faults in of.impossible:
        reason = " ".join(f.message for f in faults)
        notes.append(tr("scenarios.compare.refused", lang, name=variant_name(name, lang), reason=reason))
    lead = [_deciding(of, lang)]
    return Sheet(title=tr("scenarios.decision.title", lang), lead=lead, grids=grids, notes=notes)


def _deciding(of: DecisionTable, lang: Lang) -> str:
    if not of.posts:
        return tr("scenarios.decision.nothing", lang, end=date_long(of.mandate_end, lang))
    return plural("scenarios.decision.posts", len(of.posts), lang, posts=listing(of.posts, lang))


def _day(day: date | None, report: date, lang: Lang) -> str:
    if day is None:
        return "–"
    said = date_short(day, lang)
    return tr("scenarios.decision.missed", lang, day=said) if day < report else said


def _break_even_grid(options: Sequence[Option], lang: Lang) -> Grid:
    heads = [Cell(tr("scenarios.decision.choice", lang))]
    heads.append(Cell(tr("scenarios.decision.share_now", lang), True))
    heads.append(Cell(tr("scenarios.decision.hours_now", lang), True))
    heads.append(Cell(tr("scenarios.decision.share_stop", lang), True))
    heads.append(Cell(tr("scenarios.decision.hours_stop", lang), True))
    rows = [
        [
            Cell(variant_name(o.name, lang)),
            Cell(_share(o.against_now, lang), True),
            Cell(_hours(o, o.against_now, lang), True),
            Cell(_share(o.against_stop, lang), True),
            Cell(_hours(o, o.against_stop, lang), True),
        ]
        for o in options
    ]
    return Grid(heads, rows, title=tr("scenarios.decision.break_even", lang))


def _share(found: BreakEven | None, lang: Lang) -> str:
    if found is None:
        return "–"
    if found.share is None:
        return tr("scenarios.decision.no_share", lang)
    return percent(found.share, 2, lang)


def _hours(option: Option, found: BreakEven | None, lang: Lang) -> str:
    if found is None or option.name != "maintien":
        return "–"
    if found.hours is None:
        return tr("scenarios.decision.no_share", lang)
    return plural("scenarios.sensitivity.unit.hours", found.hours, lang, value=number(found.hours, lang))


# --- sensitivity ------------------------------------------------------------------------------------------


def _sensitivity(of: Sensitivity, lang: Lang) -> Sheet:
    heads = [
        Cell(tr("scenarios.sensitivity.head.factor", lang)),
        Cell(tr("scenarios.sensitivity.head.low", lang), True),
        Cell(tr("scenarios.sensitivity.head.high", lang), True),
        Cell(tr("scenarios.sensitivity.head.swing", lang), True),
    ]
    rows = [
        [
            Cell(factor_label(s.factor, lang)),
            Cell(money(s.low, lang), True),
            Cell(money(s.high, lang), True),
            Cell(change_label(s.swing, lang), True),
        ]
        for s in of.swings
    ]
    title = tr("scenarios.sensitivity.title", lang, year=of.exercice, net=money(of.net, lang))
    notes = [tr("scenarios.sensitivity.note", lang, year=of.exercice)]
    return Sheet(title=title, lead=of.words(lang), grids=[Grid(heads, rows)], notes=notes)


def _two_way(of: TwoWay, lang: Lang) -> Sheet:
    def named(factor: Factor, value: float) -> str:
        return value_words(factor, value or (None if factor.code != "hours" else value), lang)

    names = [tr(f"scenarios.sensitivity.factor.{f.code}", lang) for f in (of.x, of.y)]
    corner = tr("scenarios.sensitivity.corner", lang, y=names[1], x=names[0])
    heads = [Cell(corner), *(Cell(named(of.x, v), True) for v in of.x_values)]
    rows = [
        [Cell(named(of.y, value)), *(Cell(money(net, lang), True) for net in row)]
        for value, row in zip(of.y_values, of.nets, strict=True)
    ]
    title = tr("scenarios.sensitivity.two_way", lang, year=of.exercice, x=names[0], y=names[1])
    return Sheet(title=title, grids=[Grid(heads, rows)])
