"""A tracking as a reader sees it: years, causes, landing, and what is not tied yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from conseiller.analysis.tracking.agenda import hypotheses
from conseiller.analysis.tracking.facts import CAUSES
from conseiller.analysis.tracking.reconcile import doubled, pay_twice, totals_read
from conseiller.display import Cell, Grid, Sheet
from conseiller.ledger.proposals import best
from conseiller.messages import Lang, tr
from conseiller.text import date_long, date_short, listing, money, month_long, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.tracking.tracking import Tracking


def tracking_line(tracking: Tracking, lang: Lang = "fr") -> str:
    """Return a tracking in one line."""
    return tr(
        "tracking.shown.brief",
        lang,
        name=tracking.plan.dossier.authority.name,
        until=_until(tracking, lang),
        left=len(tracking.unattached),
    )


def sheet(tracking: Tracking, lang: Lang = "fr") -> Sheet:
    """Return what is shown of a tracking: section de fonctionnement, every exercice of the books and after."""
    left = len(tracking.unattached)
    notes = [tr("tracking.shown.section", lang)]
    if left:
        total = tracking.unattached["cents"].abs().sum() / 100
        notes.append(tr("tracking.shown.unattached", lang, count=left, total=money(float(total), lang)))
    if len(tracking.left_out):
        notes.append(tr("tracking.shown.left_out", lang, count=len(tracking.left_out)))
    told = [answer(tracking, lang), tr("tracking.shown.until", lang, until=_until(tracking, lang))]
    pay = pay_twice(tracking)
    twice = doubled(tracking)
    if len(pay):
        told.append(_pay_twice(pay, lang))
    elif len(twice):
        files = listing(sorted({f for names in twice["files"] for f in names}), lang)
        sums = money(float((twice["amount"] * 100).round().sum()) / 100, lang)
        notes.append(tr("tracking.shown.doubled", lang, count=len(twice), files=files, total=sums))
    notes += [*_silent_years(tracking, lang), *hypotheses(tracking, lang)]
    name = tracking.plan.dossier.authority.name
    return Sheet(
        tr("tracking.shown.title", lang, name=name),
        told,
        [years_grid(tracking, lang), why_grid(tracking, lang), landing_grid(tracking, lang)],
        notes,
    )


def _silent_years(tracking: Tracking, lang: Lang) -> Iterator[str]:
    """Name the exercices of the books in which these hold no spending, or no income, that the plan has."""
    frame = tracking.by("exercice")
    silent = frame[(frame["actual"] == 0) & (frame["plan"] != 0)].index
    for side in ("cost", "funding"):
        years = [str(year) for year, measure in silent if measure == side and year <= last_year(tracking)]
        if years and tracking.begun:
            yield tr(f"tracking.shown.silent_{side}", lang, years=listing(years, lang))


def _pay_twice(pay: pd.DataFrame, lang: Lang) -> str:
    """Say which pay the books hold twice."""
    values: dict[str, Any] = {"count": len(pay)}
    for kind in ("extract", "booked"):
        names = sorted({name for found in pay[f"{kind}_files"] for name in found})
        values[f"{kind}_files"] = listing(names, lang)
        values[kind] = money(float((pay[kind] * 100).round().sum()) / 100, lang)
    return tr("tracking.shown.pay_twice", lang, **values)


def answer(tracking: Tracking, lang: Lang = "fr") -> str:
    """Return in one sentence where the year in course lands against its plan."""
    if not tracking.begun:
        left = tracking.unattached
        total = money(float(left["cents"].abs().sum()) / 100, lang)
        return tr("tracking.shown.answer_none", lang, count=len(left), total=total)
    year = last_year(tracking)
    rows = tracking.landing().reset_index()
    row = rows[(rows["exercice"] == year) & (rows["measure"] == "net")].to_dict("records")[0]
    gap = float(row["variance"])
    key = "more" if gap > 0 else "less" if gap < 0 else "same"
    values = {"plan": money(float(row["plan"]), lang), "landing": money(float(row["landing"]), lang)}
    return tr(f"tracking.shown.answer_{key}", lang, year=year, gap=money(abs(gap), lang), **values)


def years_grid(tracking: Tracking, lang: Lang = "fr") -> Grid:
    """Return plan, actual and variance by exercice and measure, up to the year in course."""
    frame = tracking.by("exercice")
    frame = frame[frame.index.get_level_values("exercice") <= last_year(tracking)]
    return _grid(frame, ("plan", "actual", "variance", "share"), "years", lang)


def why_grid(tracking: Tracking, lang: Lang = "fr", exercice: int | None = None) -> Grid:
    """Return the causes of the variance as rows, exercices as columns; the net is taken (spending − income).

    Causes that explain nothing are left out.
    """
    why = tracking.why("exercice")
    net = why[why.index.get_level_values("measure") == "net"].droplevel("measure")
    by_year = {int(y): row for y, row in zip(net.index, net.to_dict("records"), strict=True)}
    years = [y for y in by_year if (y <= last_year(tracking) if exercice is None else y == exercice)]
    names = [c for c in CAUSES if any(by_year[y][c] for y in years)]
    heads = [Cell(tr("tracking.head.cause", lang)), *(Cell(str(y), True) for y in years)]
    rows = [
        [
            Cell(tr(f"tracking.cause.{c}", lang)),
            *(Cell(money(by_year[y][c], lang), True) for y in years),
        ]
        for c in names
    ]
    foot = [Cell(tr("tracking.head.variance", lang))]
    foot += [Cell(money(by_year[y]["variance"], lang), True) for y in years]
    return Grid(heads, rows, foot=foot, title=tr("tracking.shown.why", lang))


def landing_grid(tracking: Tracking, lang: Lang = "fr") -> Grid:
    """Return the landing by exercice and measure."""
    return _grid(
        tracking.landing(), ("plan", "actual", "left", "landing", "variance", "share"), "landing", lang
    )


def lines_grid(tracking: Tracking, exercice: int, lang: Lang = "fr") -> Grid:
    """Return one exercice line by line, to date."""
    frame = tracking.to_date(exercice)
    figures = ("plan_year", "plan", "actual", "variance", "share", "remaining")
    heads = [Cell(tr("tracking.head.line", lang)), *_heads(figures, lang)]
    rows = [
        [Cell(tracking.label(str(line), lang)), *_figures(row, figures, lang)]
        for (_, line), row in _rows(frame)
        if any(row[f] for f in ("plan_year", "plan", "actual"))
    ]
    return Grid(heads, rows, title=tr("tracking.shown.lines", lang, year=exercice))


def balance_grid(tracking: Tracking, lang: Lang = "fr") -> Grid:
    """Return where each convention stands."""
    figures = ("agreed", "earned", "titled", "received", "left_to_claim", "to_title", "exposed")
    heads = [Cell(tr(f"tracking.head.{h}", lang)) for h in ("post", "code")]
    rows = [
        [Cell(row["post"]), Cell(row["code"]), *_figures(row, figures, lang)]
        for row in tracking.balance().to_dict("records")
    ]
    title = tr("tracking.shown.balance", lang, day=date_long(tracking.plan.report_date, lang))
    said = titled_before(tracking, lang)
    return Grid([*heads, *_heads(figures, lang)], rows, 2, title=title, notes=[said] if said else [])


def titled_before(tracking: Tracking, lang: Lang = "fr") -> str:
    """Say what is taken for titled before the books begin, "" when nothing is (see `openings.Opening`)."""
    found = tracking.balance()
    found = found[found["titled_assumed"] > 0]
    if not len(found):
        return ""
    amounts = [f"{row['post']} {money(row['titled_assumed'], lang)}" for row in found.to_dict("records")]
    year = tracking.exercices[0]
    return tr("tracking.shown.titled_before", lang, year=year, amounts=listing(amounts, lang))


def closing_grid(tracking: Tracking, exercice: int, threshold: float = 0.0, lang: Lang = "fr") -> Grid:
    """Return the entries to propose at the end of an exercice; those under the threshold are counted below."""
    found = tracking.year_end(exercice, threshold=threshold, lang=lang)
    kept = found[found["retained"] | (found["piece"] == "a_rendre")]
    heads = [Cell(tr(f"tracking.head.{h}", lang)) for h in ("post", "piece", "account", "line")]
    heads += [Cell(tr("tracking.head.amount", lang), True), Cell(tr("tracking.head.why", lang))]
    rows = [
        [
            Cell(row["post"]),
            Cell(tr(f"tracking.piece.{row['piece']}", lang)),
            Cell(row["account"]),
            Cell(tracking.label(row["line"], lang)),
            Cell(money(row["amount"], lang), True),
            Cell(row["justification"]),
        ]
        for row in kept.to_dict("records")
    ]
    small = found[~found["retained"] & (found["piece"] != "a_rendre")]
    notes = []
    if len(small):
        total = money(float((small["amount"].abs() * 100).round().sum()) / 100, lang)
        notes.append(tr("tracking.shown.small", lang, count=len(small), total=total))
    return Grid(heads, rows, title=tr("tracking.shown.closing", lang, year=exercice), notes=notes)


def instalments_grid(tracking: Tracking, lang: Lang = "fr") -> Grid:
    """Return each instalment of the grant: what is due, and when it was titled and received."""
    heads = [Cell(tr(f"tracking.head.{h}", lang)) for h in ("post", "instalment")]
    heads += [Cell(tr("tracking.head.amount", lang), True)]
    heads += [Cell(tr(f"tracking.head.{h}", lang)) for h in ("titled_on", "received_on", "state")]
    rows = [
        [
            Cell(row["post"]),
            Cell(row["label"]),
            Cell(money(row["amount"], lang), True),
            *(Cell(date_short(row[d], lang) if row[d] else "–") for d in ("titled_on", "received_on")),
            Cell(tr("tracking.state.late" if row["late"] else f"tracking.state.{row['state']}", lang)),
        ]
        for row in tracking.instalments().to_dict("records")
    ]
    return Grid(heads, rows, 2, title=tr("tracking.shown.instalments", lang))


def files_grid(tracking: Tracking, lang: Lang = "fr") -> Grid:
    """Return what became of every line of every file of mandats, titres, pay and payments."""
    counts = ("rows", "set_aside", "superseded", "kept", "followed", "left_out", "unattached", "ruled_out")
    heads = [Cell(tr(f"tracking.head.{h}", lang), h != "file") for h in ("file", *counts, "total")]
    rows = [
        [
            Cell(row["file"]),
            *(Cell(number(row[c], lang), True) for c in counts),
            Cell(money(row["total"], lang), True),
        ]
        for row in tracking.reconciliation().to_dict("records")
    ]
    return Grid(heads, rows, title=tr("tracking.shown.files", lang))


def totals_grid(tracking: Tracking, lang: Lang = "fr") -> Grid:
    """Return the files read as totals to compare with: budgets, comptes, the State's list of posts."""
    counts = ("rows", "set_aside", "superseded", "kept")
    figures = ("voted_cost", "voted_funding", "realised_cost", "realised_funding")
    heads = [Cell(tr(f"tracking.head.{h}", lang), h != "file") for h in ("file", *counts, *figures)]
    rows = [
        [
            Cell(row["file"]),
            *(Cell(number(row[c], lang), True) for c in counts),
            *(Cell(money(row[f], lang), True) for f in figures),
        ]
        for row in totals_read(tracking).to_dict("records")
    ]
    return Grid(heads, rows, title=tr("tracking.shown.totals", lang))


def dated(day: date, post: str, label: str, lang: Lang = "fr") -> str:
    """Return a date of the échéancier in one line."""
    what = f"{post} – {label}" if post else label
    return tr("tracking.shown.dated", lang, day=date_long(day, lang), what=what)


def unattached_grid(tracking: Tracking, lang: Lang = "fr", most: int = 20) -> Grid:
    """Return the first lines no rule takes, each with its best proposal."""
    proposed = proposals_in_words(tracking, lang)
    heads = [Cell(tr(f"tracking.head.{h}", lang)) for h in ("place", "date", "account", "label")]
    heads += [Cell(tr("tracking.head.amount", lang), True), Cell(tr("tracking.head.proposal", lang))]
    rows = []
    for line in tracking.unattached.head(most).to_dict("records"):
        said = proposed.get(line["origin"], "–")
        day = "–" if line["date"] != line["date"] else date_short(line["date"], lang)
        if day == "–" and line["period"] == line["period"]:
            day = month_long(line["period"], lang)
        place = f"{line['file']}, {place_in_words(line, lang)}"
        amount = Cell(money(line["cents"] / 100, lang), True)
        rows.append(
            [Cell(place), Cell(day), Cell(line["account"]), Cell(_named(line, lang)), amount, Cell(said)]
        )
    notes = []
    if (more := len(tracking.unattached) - most) > 0:
        notes.append(tr("common.and_more", lang, count=more))
    return Grid(heads, rows, title=tr("tracking.shown.to_attach", lang), notes=notes)


def proposals_in_words(tracking: Tracking, lang: Lang = "fr") -> dict[int, str]:
    """Return, by row of the ledger, the best proposals of each line that has any."""
    return {origin: _proposed(tracking, rivals, lang) for origin, rivals in best(tracking.proposals).items()}


def place_in_words(line: dict[Any, Any], lang: Lang) -> str:
    """Return where a line of the books is in its file."""
    from conseiller.ledger.places import line_in_words

    place, sheet, bordereau, piece = (str(line[c]) for c in ("place", "sheet", "bordereau", "piece"))
    return line_in_words(place, sheet, bordereau, piece, lang)


def _named(line: dict[Any, Any], lang: Lang) -> str:
    """Return the label of a line, with the codes a rule may take."""
    codes = [
        tr(f"tracking.code.{c}", lang, code=line[c]) for c in ("payroll", "analytic", "service") if line[c]
    ]
    return f"{line['label']} [{', '.join(codes)}]" if codes else str(line["label"])


def _proposed(tracking: Tracking, rivals: Sequence[dict[Any, Any]], lang: Lang) -> str:
    """Return the best proposals of a line in words: one post, or several that the same reason names."""
    first = rivals[0]
    reason = tr(f"tracking.proposal.{first['reason']}", lang, detail=first["detail"])
    posts = listing((r["post"] for r in rivals), lang, "or")
    what = f", {tracking.label(first['line'], lang)}" if len(rivals) == 1 else ""
    return f"{posts}{what} ({reason})"


def _grid(frame: pd.DataFrame, figures: Sequence[str], title: str, lang: Lang) -> Grid:
    heads = [Cell(tr(f"tracking.head.{n}", lang)) for n in frame.index.names]
    rows = [
        [*(Cell(_word(v, lang)) for v in key), *_figures(row, figures, lang)] for key, row in _rows(frame)
    ]
    return Grid([*heads, *_heads(figures, lang)], rows, len(heads), title=tr(f"tracking.shown.{title}", lang))


def _rows(frame: pd.DataFrame) -> Iterable[tuple[tuple[Any, ...], dict[Any, Any]]]:
    yield from zip(frame.index, frame.to_dict("records"), strict=True)


def _heads(figures: Sequence[str], lang: Lang) -> list[Cell]:
    return [Cell(tr(f"tracking.head.{f}", lang), True) for f in figures]


def _figures(row: dict[Any, Any], figures: Sequence[str], lang: Lang) -> list[Cell]:
    return [Cell(_figure(row[f], f, lang), True) for f in figures]


def _figure(value: float, name: str, lang: Lang) -> str:
    if value != value:  # noqa: PLR0124 (NaN)
        return "–"
    return percent(value, 1, lang) if name == "share" else money(value, lang)


def _word(value: Any, lang: Lang) -> str:
    if value in ("cost", "funding", "net"):
        return tr(f"tracking.measure.{value}", lang)
    return str(value)


def last_year(tracking: Tracking) -> int:
    """Return the last exercice whose variance says something: after it nothing has happened yet."""
    booked = tracking.until.year if tracking.until else tracking.exercices[0]
    return max(booked, min(tracking.plan.report_date.year, tracking.exercices[-1]))


def _until(tracking: Tracking, lang: Lang) -> str:
    return month_long(tracking.until, lang) if tracking.until else tr("tracking.shown.nothing", lang)
