"""Spending, grant earned and grant received, cumulated month by month: three lines named at their ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from conseiller import style
from conseiller.charts import _facts, _layout
from conseiller.charts._chart import Chart
from conseiller.messages import Lang, tr
from conseiller.text import money0, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from conseiller.projection import Projection

_PLOT = 3.2  # inches
_FOOT = 0.42
_BAND = 0.24
_STEPS = (1, 2, 3, 6, 12, 24)


@dataclass(frozen=True)
class _Curves:
    """Cumulated euros at the end of each month shown."""

    months: list[date]
    cost: list[float]
    earned: list[float]
    received: list[float]
    #: Months that begin by the date of the report: the last of them is "now".
    past: int

    @cached_property
    def receipts(self) -> list[int]:
        """Ranks of the months in which money came in."""
        before = [0.0, *self.received]
        return [i for i, value in enumerate(self.received) if value != before[i]]

    @property
    def received_until(self) -> int:
        """Rank of the last month at which the receipts are known, -1 when none is."""
        return max(self.past - 1, *self.receipts, -1)

    @property
    def top(self) -> float:
        """The highest value of all, never 0."""
        return max(self.cost[-1], self.earned[-1], self.received[-1]) or 1.0


def cumulated(plan: Projection, lang: Lang = "fr") -> Chart:
    """Return the chart of spending engaged, grant earned and grant received, cumulated by month.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    """
    curves = _curves(plan)
    words = _layout.Words(
        title=_title(curves, lang),
        subtitle=_facts.sentences(
            tr("charts.cumulated.subtitle", lang, month=_facts.month_name(curves.months[0], lang)),
            _facts.ahead_note(plan, lang, "charts.cumulated.dashes"),
            _facts.investment(plan, lang),
        ),
        source=_facts.source(plan, lang),
    )
    return Chart(
        key="cumulated",
        title=words.title,
        alt=_alt(plan, curves, words.title, lang),
        source=words.source,
        lang=lang,
        _draw=lambda: _Drawing(words, curves, plan.report_date, lang).figure(),
    )


def _curves(plan: Projection) -> _Curves:
    months = plan.months
    rows = {m.date(): row for m, row in plan.by("month").iterrows()}  # type: ignore[attr-defined]
    clock = {m.date(): float(v) for m, v in plan.clocks("month")["received"].items()}  # type: ignore[attr-defined]

    def total(values: list[float]) -> list[float]:
        return [cents / 100 for cents in accumulate(round(v * 100) for v in values)]

    return _Curves(
        months,
        total([float(rows[m]["cost"]) if m in rows else 0.0 for m in months]),
        total([float(rows[m]["grant"]) if m in rows else 0.0 for m in months]),
        total([clock.get(m, 0.0) for m in months]),
        sum(m <= plan.report_date for m in months),
    )


def _title(curves: _Curves, lang: Lang) -> str:
    key = "charts.cumulated.title."
    last = _facts.month_name(curves.months[-1], lang)
    cost, earned = curves.cost[-1], curves.earned[-1]
    if cost == 0 and earned == 0:
        return tr(key + "nothing", lang, first=_facts.month_name(curves.months[0], lang), last=last)
    now = curves.past - 1
    if now >= 0 and curves.receipts:
        month = _facts.month_name(curves.months[now], lang)
        earned, received = curves.earned[now], curves.received[now]
        due = round(earned - received, 2)
        which = "due" if due > 0 else "advance" if due < 0 else "even"
        return tr(
            key + which,
            lang,
            month=month,
            due=money0(due, lang),
            advance=money0(-due, lang),
            earned=money0(earned, lang),
        )
    if earned == 0:
        return tr(key + "without", lang, cost=money0(cost, lang), month=last)
    return tr(key + "share", lang, month=last, share=percent(earned / cost if cost else 1.0, 0, lang))


def _alt(plan: Projection, curves: _Curves, title: str, lang: Lang) -> str:
    def at(key: str, i: int) -> str:
        return tr(
            f"charts.cumulated.{key}",
            lang,
            month=_facts.month_name(curves.months[i], lang),
            cost=money0(curves.cost[i], lang),
            earned=money0(curves.earned[i], lang),
            received=money0(curves.received[i], lang),
        )

    now = curves.past - 1
    rises = [after - before for before, after in zip([0.0, *curves.cost], curves.cost, strict=False)]
    steepest = max(range(len(rises)), key=lambda i: rises[i])
    spent = sum(rise != 0 for rise in rises)
    return _facts.sentences(
        f"{title}.",
        tr(
            "charts.cumulated.intro",
            lang,
            first=_facts.month_name(curves.months[0], lang),
            last=_facts.month_name(curves.months[-1], lang),
        ),
        at("now", now) if 0 <= now < len(curves.months) - 1 else "",
        at("end", -1),
        tr(
            "charts.cumulated.pace",
            lang,
            monthly=money0(curves.cost[-1] / spent, lang),
            high=money0(rises[steepest], lang),
            month=_facts.month_name(curves.months[steepest], lang),
        )
        if spent
        else "",
        _facts.ahead_note(plan, lang, "charts.alt.ahead"),
    )


# --- drawing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Drawing:
    words: _layout.Words
    curves: _Curves
    report: date
    lang: Lang

    def figure(self) -> Figure:
        """Draw the curves, their names at the right."""
        curves = self.curves
        names = self.names()
        right = max(_layout.text_width(t, style.LABEL_SIZE, bold=True) for t, *_ in names) + 0.45
        ticks = self.ticks()
        left = max(_layout.text_width(t, style.SMALL_SIZE) for _, t in ticks) + 0.1
        page = _layout.Page(self.words, _FOOT + _PLOT + _BAND)
        start = style.MARGIN + left
        width = page.width - style.MARGIN - right - start
        axes = page.axes(start, _FOOT, width, _PLOT)
        count = len(curves.months)
        axes.set_xlim(-0.5, count - 0.5)
        axes.set_ylim(0, curves.top * 1.04)
        axes.set_yticks([t for t, _ in ticks], [text for _, text in ticks])
        axes.tick_params(axis="y", labelsize=style.SMALL_SIZE, colors=style.GREY)
        axes.grid(axis="y", color=style.GRID, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.axhline(0, color=style.INK, linewidth=0.8)
        self.month_ticks(axes, width / count)
        self.ahead(page, axes, start, width)
        self.lines(axes)
        self.ends(page, names, start, width)
        return page.figure

    def ticks(self) -> list[tuple[float, str]]:
        """Return round amounts up the left side."""
        from matplotlib.ticker import MaxNLocator

        locator = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10], integer=True)
        values = [float(v) for v in locator.tick_values(0, self.curves.top)]
        top = self.curves.top * 1.04 if self.curves.cost[-1] or self.curves.earned[-1] else 0.0
        return [(v, money0(v, self.lang)) for v in values if 0 <= v <= top]

    def month_ticks(self, axes: Axes, month_width: float) -> None:
        """Name as many months as have room, each January with its year."""
        months = self.curves.months
        named = {m: _facts.month_short(m, self.lang) for m in months}
        widest = max(_layout.text_width(t, style.SMALL_SIZE) for t in named.values()) + 0.08
        step = next((s for s in _STEPS if s * month_width >= widest), _STEPS[-1])
        ranks = range(0, len(months), step)
        labels = [f"{named[m]}\n{m.year}" if m.month == 1 else named[m] for m in (months[i] for i in ranks)]
        axes.set_xticks(list(ranks), labels)
        axes.tick_params(axis="x", labelsize=style.SMALL_SIZE, length=3, width=0.8, color=style.RULE, pad=3)

    def ahead(self, page: _layout.Page, axes: Axes, start: float, width: float) -> None:
        """Hatch the months after the date of the report, and say where they begin."""
        curves = self.curves
        count = len(curves.months)
        if curves.past >= count:
            return
        axes.axvspan(
            curves.past - 0.5,
            count - 0.5,
            facecolor=style.WHITE,
            edgecolor=style.GRID,
            hatch=style.HATCH_AHEAD,
            linewidth=0,
            zorder=0.1,
        )
        axes.axvline(curves.past - 0.5, color=style.RULE, linewidth=0.8, zorder=0.2)
        month = _facts.month_name(curves.months[curves.past], self.lang)
        text = tr("charts.cumulated.ahead", self.lang, month=month)
        x = start + width * curves.past / count
        across = "left"
        if x + _layout.text_width(text, style.SMALL_SIZE) > page.width - style.MARGIN:
            x, across = page.width - style.MARGIN, "right"
        page.text(
            x,
            page.body - 0.1,
            text,
            style.SMALL_SIZE,
            colour=style.GREY,
            across="left" if across == "left" else "right",
        )

    def lines(self, axes: Axes) -> None:
        """Draw each curve: plain until the date of the report, dashed after it."""
        curves = self.curves
        count = len(curves.months)
        for values, colour, name in (
            (curves.cost, style.COST, "cost"),
            (curves.earned, style.FUNDING, "earned"),
        ):
            now = max(curves.past - 1, 0)
            if curves.past:
                axes.plot(range(curves.past), values[: curves.past], color=colour, linewidth=2.2, gid=name)
            if curves.past < count:
                axes.plot(
                    range(now if curves.past else 0, count),
                    values[now if curves.past else 0 :],
                    color=colour,
                    linewidth=2.2,
                    linestyle=(0, (3.5, 1.5)),
                    gid=f"{name}-ahead",
                )
        until = curves.received_until
        if until >= 0:
            axes.plot(
                range(until + 1),
                curves.received[: until + 1],
                color=style.REFERENCE,
                linewidth=1.4,
                drawstyle="steps-post",
                gid="received",
            )
            axes.plot(
                curves.receipts,
                [curves.received[i] for i in curves.receipts],
                color=style.REFERENCE,
                linestyle="none",
                marker="s",
                markersize=4.5,
                markerfacecolor=style.WHITE,
                markeredgewidth=1.4,
                zorder=6,
                gid="receipts",
            )

    def names(self) -> list[tuple[str, str, float, int]]:
        """Return for each curve its words, their colour, where it ends: euros and rank of the month."""
        curves = self.curves
        until = curves.received_until
        if curves.receipts:
            at = money0(curves.received[-1], self.lang)
            if until < len(curves.months) - 1:
                at += f"\n({self.received_at(until)})"
        else:
            at = tr("charts.cumulated.none_received", self.lang)
        last = len(curves.months) - 1
        said = {name: tr(f"charts.cumulated.{name}", self.lang) for name in ("cost", "earned", "received")}
        return [
            (f"{said['cost']}\n{money0(curves.cost[-1], self.lang)}", style.COST_TEXT, curves.cost[-1], last),
            (
                f"{said['earned']}\n{money0(curves.earned[-1], self.lang)}",
                style.FUNDING,
                curves.earned[-1],
                last,
            ),
            (f"{said['received']}\n{at}", style.REFERENCE, curves.received[-1], max(until, 0)),
        ]

    def received_at(self, rank: int) -> str:
        """Return until when the receipts are known: the date of the report, or a later month."""
        if rank == self.curves.past - 1:
            return tr("charts.cumulated.received_on", self.lang, day=_facts.day_name(self.report, self.lang))
        month = _facts.month_name(self.curves.months[rank], self.lang)
        return tr("charts.cumulated.received_by", self.lang, month=month)

    def ends(
        self, page: _layout.Page, names: list[tuple[str, str, float, int]], start: float, width: float
    ) -> None:
        """Write the names beside the ends of the curves, apart from each other, each with a leader."""
        count = len(self.curves.months)
        scale = _PLOT / (self.curves.top * 1.04)
        # Equal ends keep the order of the list: spending above.
        wanted = [_FOOT + value * scale - rank * 1e-6 for rank, (_, _, value, _) in enumerate(names)]
        heights = [_layout.text_height(text, style.LABEL_SIZE) + 0.06 for text, *_ in names]
        places = _layout.spread(wanted, heights, 0.0, page.body - _BAND)
        edge = start + width
        for (text, colour, _, rank), y, place in zip(names, wanted, places, strict=True):
            x = start + width * (rank + 0.5) / count
            page.line([x, edge], [y, y], colour, 0.8, ":")
            page.line([edge, edge + 0.08, edge + 0.24], [y, y, place], style.RULE)
            page.text(edge + 0.3, place, text, bold=True, colour=colour)
