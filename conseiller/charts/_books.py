"""Plan against books: what each exercice leaves to the authority as planned, as booked, and where it lands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conseiller import style
from conseiller.charts import _facts, _hbars, _layout
from conseiller.charts._chart import Chart
from conseiller.charts._facts import Amount
from conseiller.messages import Lang, tr
from conseiller.text import money0, whole

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking


@dataclass(frozen=True)
class _Year:
    """The net cost of one exercice, section de fonctionnement [euros]."""

    exercice: int
    plan: float
    actual: float
    left: float
    open: bool  # something planned is still to be booked, though spending and income may offset each other

    @property
    def ends(self) -> Amount:
        """What is booked, and what is still to come."""
        return Amount(self.actual, self.left)

    @property
    def gap(self) -> int:
        """How far the landing is from the plan, in whole euros."""
        return whole(self.ends.total - self.plan)

    @property
    def landing(self) -> int:
        """Where it ends in whole euros, as the plan and the gap printed beside it add up."""
        return whole(self.plan) + self.gap


def plan_and_books(tracking: Tracking, lang: Lang = "fr") -> Chart | None:
    """Return the chart of plan against books by exercice, up to the year in course.

    Parameters
    ----------
    tracking : Tracking
    lang : {"fr", "en"}

    Returns
    -------
    Chart or None
        None when no line of the books is followed yet.
    """
    if not len(tracking.attached.lines) or not tracking.table["actual"].any():
        return None
    years = _years(tracking)
    last = years[-1]
    words = _layout.Words(
        title=landing_title(last.exercice, last.landing, last.gap, not last.open, lang),
        subtitle=_facts.sentences(
            tr("charts.subtitle.section", lang, span=_span(years, lang)),
            tr("charts.books.measure", lang),
            tr("charts.books.ahead", lang) if any(y.ends.share_ahead for y in years) else "",
        ),
        source=_source(tracking, lang),
    )
    return Chart(
        key="plan_and_books",
        title=words.title,
        alt=_alt(years, words.title, lang),
        source=words.source,
        lang=lang,
        _draw=lambda: _hbars.draw(words, _rows(years, lang), tr("charts.books.gap", lang)).figure,
    )


def _years(tracking: Tracking) -> list[_Year]:
    from conseiller.analysis.tracking.shown import last_year

    landing = tracking.landing()
    still = landing["left"].ne(0).groupby("exercice").any()
    net = landing.xs("net", level="measure")
    return [
        _Year(int(year), float(plan), float(actual), float(left), bool(still[year]))
        for year, plan, actual, left in net[["plan", "actual", "left"]].itertuples(name=None)
        if year <= last_year(tracking)
    ]


def _span(years: Sequence[_Year], lang: Lang) -> str:
    first, last = years[0].exercice, years[-1].exercice
    if first == last:
        return tr("charts.span.one", lang, year=first)
    return tr("charts.span.many", lang, first=first, last=last)


def _gap(gap: int, lang: Lang) -> str:
    """Return a gap with its sign: nothing, or the euros above or below the plan."""
    if not gap:
        return tr("charts.books.as_planned", lang)
    return f"+{money0(gap, lang)}" if gap > 0 else money0(gap, lang)


def landing_title(year: int, landing: float, gap: float, over: bool, lang: Lang = "fr") -> str:
    """Return where an exercice ends against its plan, in one sentence without its full stop.

    Parameters
    ----------
    year : int
    landing, gap : float
        Net cost, and its distance to the plan [whole euros].
    over : bool
        Whether all of it is booked.
    lang : {"fr", "en"}
    """
    kind = "same" if not gap else "more" if gap > 0 else "less"
    key = f"charts.books.title.{'closed' if over else 'landing'}_{kind}"
    return tr(key, lang, year=year, landing=money0(landing, lang), gap=money0(abs(gap), lang))


def _source(tracking: Tracking, lang: Lang) -> str:
    plan, left = tracking.plan, tracking.unattached
    values = {"name": plan.dossier.authority.name, "day": _facts.day_name(plan.report_date, lang)}
    until = tracking.until
    said = [
        tr("charts.books.source", lang, until=_facts.month_name(until, lang), **values)
        if until
        else tr("charts.books.source_no_month", lang, **values)
    ]
    if len(left):
        total = money0(float(left["cents"].abs().sum()) / 100, lang)
        said.append(
            tr(f"charts.books.left.{'one' if len(left) == 1 else 'many'}", lang, count=len(left), total=total)
        )
    return " ".join(said)


def _rows(years: Sequence[_Year], lang: Lang) -> list[_hbars.Row]:
    rows = [_hbars.Row(tr("charts.series.net_cost", lang))]
    for y in years:
        name = tr("charts.books.of_year", lang, year=y.exercice, what=tr("charts.books.plan", lang))
        rows.append(_hbars.Row(name, amount=Amount(y.plan), label=money0(y.plan, lang), fill=style.PLAN_FILL))
        gap = _gap(y.gap, lang)
        rows.append(
            _hbars.Row(
                tr("charts.books.actual", lang),
                amount=Amount(y.actual),
                label=money0(y.actual if y.open else y.landing, lang),
                note="" if y.open else gap,
            )
        )
        if y.open:
            rows.append(
                _hbars.Row(
                    tr("charts.books.landing", lang),
                    amount=y.ends,
                    label=money0(y.landing, lang),
                    note=gap,
                    strong=True,
                )
            )
    return rows


def _alt(years: Sequence[_Year], title: str, lang: Lang) -> str:
    items = [
        tr(
            f"charts.books.item_{'landing' if y.open else 'closed'}",
            lang,
            year=y.exercice,
            plan=money0(y.plan, lang),
            actual=money0(y.actual if y.open else y.landing, lang),
            landing=money0(y.landing, lang),
            gap=_gap(y.gap, lang),
        )
        for y in years
    ]
    return _facts.sentences(
        f"{title}.",
        tr("charts.books.intro", lang, span=_span(years, lang)),
        tr("charts.books.items", lang, items=tr("charts.alt.separator", lang).join(items)),
    )
