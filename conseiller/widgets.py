"""What if: a dossier changed in a few ways, projected again at once; sliders in a notebook, a table without.

Changes bear on what lies ahead: the months after the date of the report. Indices
are changed by a number of points, so that nobody's own index is shown.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from conseiller.display import Cell, Grid, Sheet, Shown, amounts_by_year
from conseiller.dossier import schema
from conseiller.law import grid_parameter
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.rules.algebra import months_of
from conseiller.text import listing, money, money0, month_long, percent

if TYPE_CHECKING:
    from ipywidgets import VBox

_DAY = timedelta(days=1)
_POINT, _SMIC = "point_indice_annuel", "smic_mensuel"
#: Source of what a slider supposes, in the words of a dossier.
_SOURCE = f"{schema.HYPOTHESIS} : curseur"
_ADDED, _MINIMUM = "points_supplementaires", "im_minimum"
_COLUMNS = {
    "cost": "cout_fonctionnement",
    "grant": "subvention_etat",
    "other_funding": "autres_financements",
    "net_cost": "reste_fonctionnement",
}
_DPI = 100
#: Inches left blank above and below the drawing by the words that the page writes itself.
_HEAD, _FOOT = 0.6, 0.3
#: Steps of the sliders.
POINTS = (-50, 150)
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
DELAYS = 12
GROWTHS = tuple(n / 1000 for n in range(0, 51, 5))
FULL_TIME_HOURS = 35.0

Years = dict[int, dict[str, float]]


@dataclass(frozen=True)
class PostChange:
    """What becomes of one post after the report.

    Parameters
    ----------
    points : int
        Points of indice majoré added to its agents.
    share : float or None
        Share of full time, as weekly hours (temps non complet); None as in the dossier.
    delay : int
        Months by which its next contract starts later.
    renew : bool or None
        Whether its contracts go on to the end of the period; None as in the dossier.
    """

    points: int = 0
    share: float | None = None
    delay: int = 0
    renew: bool | None = None


@dataclass(frozen=True)
class Change:
    """What is changed of a dossier: by post, and yearly growth of the point and of the SMIC."""

    posts: Mapping[str, PostChange] = field(default_factory=dict)
    point_growth: float = 0.0
    smic_growth: float = 0.0


def what_if(dossier: schema.Dossier, change: Change, today: date | None = None) -> Projection:
    """Project a dossier changed ahead of its report.

    Parameters
    ----------
    dossier : Dossier
    change : Change
    today : date, optional
        Date of the report where the dossier states none.

    Examples
    --------
    >>> import conseiller
    >>> case = conseiller.load("data/campagnes-artois")
    >>> kept = what_if(case, Change({"CN1": PostChange(renew=False)}))
    >>> bool(kept.by("exercice").loc[2027, "net_cost"] < 71476.56)
    True
    """
    plan = Projection(dossier, today=today)
    return _Changer(plan).project(change)


@dataclass(frozen=True)
class _Changer:
    """Changes a dossier from the month after its report."""

    plan: Projection

    @property
    def first(self) -> date:
        """First day of the month after the report."""
        month = self.plan.report_date.year * 12 + self.plan.report_date.month
        return date(month // 12, month % 12 + 1, 1)

    @property
    def closing(self) -> date:
        """Last day of the period."""
        return date(self.plan.exercices[-1], 12, 31)

    def project(self, change: Change) -> Projection:
        """Return the projection of the changed dossier."""
        posts = tuple(self.post(p, change.posts.get(p.code, PostChange())) for p in self.plan.dossier.posts)
        assumptions = self.assumptions(change)
        dossier = self.plan.dossier.model_copy(update={"posts": posts, "assumptions": assumptions})
        return Projection(dossier, self.plan.base_law, self.plan.report_date)

    # --- law ---

    def assumptions(self, change: Change) -> tuple[schema.Assumption, ...]:
        """Return the assumptions of the dossier and the growth of legal values after the report."""
        kept = {(a.parameter, a.start): a for a in self.plan.dossier.assumptions}
        for parameter, growth in ((_POINT, change.point_growth), (_SMIC, change.smic_growth)):
            for a in self._growth(parameter, growth) if growth else ():
                kept[a.parameter, a.start] = a
        return tuple(sorted(kept.values(), key=lambda a: (a.start, a.parameter)))

    def _growth(self, parameter: str, growth: float) -> list[schema.Assumption]:
        table = self.plan.law.table(parameter)
        year = self.plan.report_date.year
        days = {date(y, 1, 1) for y in range(year + 1, self.closing.year + 1)}
        days |= {e.start for e in table.entries if e.start >= date(year + 1, 1, 1)}
        digits = 4 if parameter == _POINT else 2
        return [
            schema.Assumption(
                parameter=parameter,
                start=day,
                value=round(table.at(day).value * (1 + growth) ** (day.year - year), digits),
                source=_SOURCE,
            )
            for day in sorted(days)
        ]

    # --- posts ---

    def next_contract(self, post: schema.Post) -> schema.Contract | None:
        """Return the first contract that starts after the report."""
        later = [c for c in post.contracts if c.start >= self.first]
        return min(later, key=lambda c: c.start, default=None)

    def goes_on(self, post: schema.Post) -> bool:
        """Return whether some contract of the post holds on the last day of the period."""
        return any(c.end is None or c.end >= self.closing for c in post.contracts)

    def renewable(self, post: schema.Post) -> bool:
        """Return whether there is something to renew, or not to: a contract without an end has nothing."""
        return bool(post.contracts) and (self.next_contract(post) is not None or not self.goes_on(post))

    def post(self, post: schema.Post, change: PostChange) -> schema.Post:
        """Return a post after its change."""
        if change == PostChange():
            return post
        contracts = self._renewed(post, change)
        if change.delay:
            contracts = self._delayed(contracts, change.delay)
        if change.share is not None or change.points:
            contracts = [piece for c in contracts for piece in self._changed(c, change)]
        return post.model_copy(update={"contracts": tuple(contracts)})

    def _renewed(self, post: schema.Post, change: PostChange) -> list[schema.Contract]:
        contracts = sorted(post.contracts, key=lambda c: c.start)
        if change.renew is False:
            # A contract without an end has nothing to renew and goes on.
            return [c for c in contracts if c.start < self.first]
        if change.renew and contracts and not self.goes_on(post):
            last = contracts[-1]
            assert last.end is not None
            start = max(last.end + _DAY, self.first)
            contracts[-1] = last.model_copy(update={"leave_days": 0.0, "are_days": 0})
            terms = last.terms and (max(last.terms, key=lambda t: t.start),)
            more = {"start": start, "end": None, "nature": "autre", "terms": terms}
            contracts.append(contracts[-1].model_copy(update=more))
        return contracts

    def _delayed(self, contracts: Sequence[schema.Contract], months: int) -> list[schema.Contract]:
        later = [c for c in contracts if c.start >= self.first]
        if not later:
            return list(contracts)
        moved = min(later, key=lambda c: c.start)
        start = _later(moved.start, months)
        out = []
        for c in contracts:
            if c is not moved:
                out.append(c)
            elif c.end is None or start <= c.end:
                out.append(c.model_copy(update={"start": start}))
        return out

    def _changed(self, contract: schema.Contract, change: PostChange) -> list[schema.Contract]:
        """Return a contract with its share and index changed ahead, cut in two when it has begun."""
        if contract.end is not None and contract.end < self.first:
            return [contract]
        ahead = contract
        before: list[schema.Contract] = []
        if contract.start < self.first and change.share is not None:
            stop = {"end": self.first - _DAY, "leave_days": 0.0, "are_days": 0}
            before = [contract.model_copy(update=stop)]
            ahead = contract.model_copy(update={"start": self.first})
        if change.share is not None:
            ahead = ahead.model_copy(update=_time(change.share))
        if change.points:
            ahead = ahead.model_copy(update={"terms": self._terms(contract, change.points)})
        return [*before, ahead]

    def _terms(self, contract: schema.Contract, points: int) -> tuple[schema.PayTerm, ...]:
        """Return the pay of a contract, its index raised ahead, wherever the law moves it."""
        terms = sorted(contract.terms, key=lambda t: t.start)
        out: dict[date, schema.PayTerm] = {t.start: t for t in terms if t.start < self.first}
        for rank, term in enumerate(terms):
            until = terms[rank + 1].start if rank + 1 < len(terms) else date.max
            if until <= self.first:
                continue
            start = max(term.start, self.first, contract.start)
            for day in self._moves(term, start, until):
                index = min(max(round(self._index(term, day)) + points, 200), 1600)
                more = {"start": day, "index": index, "grade": None, "step": None}
                out[day] = term.model_copy(update=more)
        return tuple(out[day] for day in sorted(out))

    def _moves(self, term: schema.PayTerm, start: date, until: date) -> list[date]:
        tables = [_MINIMUM, *([_grid(term)] if term.index is None else [])]
        found = {e.start for name in tables for e in self.plan.law.table(name).entries}
        return sorted({start, *(d for d in found if start < d < until)})

    def _index(self, term: schema.PayTerm, day: date) -> float:
        """Return the index paid under a term on a day."""
        law = self.plan.law
        minimum = law.value(_MINIMUM, day)
        if term.index is None:
            return max(law.value(_grid(term), day), minimum)
        return max(term.index + law.value(_ADDED, day) - law.value(_ADDED, term.start), minimum)


def _grid(term: schema.PayTerm) -> str:
    return grid_parameter(str(term.grade), int(term.step or 1))


def _time(share: float) -> dict[str, Any]:
    if share >= 1:
        return {"working_time": "temps_complet", "hours": None, "share": None}
    return {"working_time": "temps_non_complet", "hours": FULL_TIME_HOURS * share, "share": None}


def _later(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, min(day.day, 28))


def by_year(plan: Projection) -> Years:
    """Return spending and funding by exercice (fonctionnement), without building the tidy table.

    The same amounts as ``plan.by("exercice")``, in a few milliseconds.
    """
    out: Years = {year: dict.fromkeys(_COLUMNS, 0.0) for year in plan.exercices}
    for frame in (plan.model.month, plan.model.extra):
        years = months_of(frame.full("month")) // 12 + 1970
        for measure, column in _COLUMNS.items():
            cents = np.rint(frame.full(column) * 100).astype(np.int64)
            for year in out:
                out[year][measure] += int(cents[years == year].sum())
    return {year: {m: c / 100 for m, c in row.items()} for year, row in out.items()}


# --- the picture ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _View:
    """A changed dossier beside the dossier itself."""

    plan: Projection
    base: Years
    lang: Lang

    @property
    def ahead(self) -> list[int]:
        """Exercices that are not over at the date of the report."""
        found = [y for y in self.plan.exercices if y >= self.plan.report_date.year]
        return found or self.plan.exercices[-1:]

    @property
    def span(self) -> str:
        """The exercices ahead in words."""
        first, last = self.ahead[0], self.ahead[-1]
        if first == last:
            return tr("display.span.one", self.lang, year=first)
        return tr("display.span.many", self.lang, first=first, last=last)

    def net(self, years: Years, measure: str = "net_cost") -> float:
        """Return what the exercices ahead leave to pay."""
        return round(sum(years[y][measure] for y in self.ahead), 2)

    def change(self, amount: float) -> str:
        """Return a change with its sign, in whole euros."""
        change = round(amount)
        if not change:
            return tr("display.widgets.same", self.lang)
        sign = "+" if change > 0 else ""
        return tr("display.widgets.moved", self.lang, change=f"{sign}{money0(change, self.lang)}")

    def html(self) -> str:
        """Return the chart with its text alternative, and the change year by year."""
        years = by_year(self.plan)
        net = self.net(years)
        said = tr("display.widgets.chart_title", self.lang, span=self.span, net=money0(net, self.lang))
        title = f"{said} ({_lower(self.change(net - self.net(self.base)))})"
        items = (
            tr(
                "display.widgets.item",
                self.lang,
                year=year,
                cost=money0(row["cost"], self.lang),
                grant=money0(row["grant"], self.lang),
                net=money0(row["net_cost"], self.lang),
            )
            for year, row in years.items()
        )
        alt = f"{title}. {tr('display.widgets.alt', self.lang, items=' ; '.join(items))}"
        data = b64encode(_png(self.plan, years, self.lang)).decode("ascii")
        head = (
            f'<div aria-live="polite" style="font-size:120%;font-weight:600;margin-top:.5em">{escape(title)}</div>'
            f"<div>{escape(tr('display.widgets.chart_subtitle', self.lang))}</div>"
        )
        image = f'<img src="data:image/png;base64,{data}" style="max-width:100%" alt="{escape(alt)}">'
        table = amounts_by_year(
            {y: {"net_cost": row["net_cost"], "base": self.base[y]["net_cost"]} for y, row in years.items()},
            {
                "base": tr("display.widgets.case_base", self.lang),
                "net_cost": tr("display.widgets.this_case", self.lang),
            },
            tr("display.widgets.net_cost", self.lang),
            self.lang,
        )
        return head + image + Sheet(grids=[table], notes=[_source(self.plan, self.lang)]).html(self.lang)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _source(plan: Projection, lang: Lang) -> str:
    from conseiller.charts import _facts

    return _facts.source(plan, lang)


def _png(plan: Projection, years: Years, lang: Lang) -> bytes:
    """Draw spending and funding by exercice in the style of the charts, its words left to the page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    from conseiller.charts import _funding, _layout
    from conseiller.charts._facts import Amount

    after = {year: year > plan.report_date.year for year in years}
    amounts = {
        year: {m: Amount(0.0, v) if after[year] else Amount(v) for m, v in row.items()}
        for year, row in years.items()
    }
    words = _layout.Words("", "", "")
    out = io.BytesIO()
    with _layout.settings():
        figure = _funding._draw(_funding._Drawing(words, amounts, _funding._states(plan, lang), lang))
        figure.set_dpi(_DPI)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    inner = pixels[round(_HEAD * _DPI) : len(pixels) - round(_FOOT * _DPI), :, :3]
    Image.fromarray(np.ascontiguousarray(inner)).save(out, "png", compress_level=1)
    return out.getvalue()


# --- the sliders ------------------------------------------------------------------------------------


def sliders(dossier: schema.Dossier, lang: Lang = "fr", today: date | None = None) -> Any:
    """Return sliders over a dossier and a chart that follows; a table of cases without ipywidgets.

    Parameters
    ----------
    dossier : Dossier
    lang : {"fr", "en"}
    today : date, optional
        Date of the report where the dossier states none.

    Returns
    -------
    ipywidgets.Widget or Shown
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return cases(dossier, lang, today, notice=True)
    return _Panel(Projection(dossier, today=today), lang).widget()


class _Panel:
    """The sliders of a dossier, and what they show."""

    def __init__(self, plan: Projection, lang: Lang) -> None:
        import ipywidgets as w

        self.changer = _Changer(plan)
        self.lang: Lang = lang
        self.base = by_year(plan)
        self.change = Change()
        self.posts = {p.code: p for p in plan.dossier.posts}
        self._loading = False
        self.shown = w.HTML()
        wide = {"description_width": "17em"}
        room = w.Layout(width="44em", max_width="100%")

        def label(key: str) -> dict[str, Any]:
            return {"description": tr(f"display.widgets.{key}", lang), "style": wide, "layout": room}

        self.post = w.Dropdown(options=list(self.posts), **label("post"))
        self.points = w.IntSlider(value=0, min=POINTS[0], max=POINTS[1], step=1, **label("index_change"))
        shares = [(tr("display.widgets.as_is", lang), 0.0), *((percent(s, 0, lang), s) for s in SHARES)]
        self.share = w.SelectionSlider(options=shares, **label("share"))
        self.start = w.SelectionSlider(options=[("–", 0)], **label("start"))
        self.renew = w.Checkbox(indent=False, description=tr("display.widgets.renew", lang))
        growths = [(percent(g, 1, lang), g) for g in GROWTHS]
        self.point = w.SelectionSlider(options=growths, **label("point"))
        self.smic = w.SelectionSlider(options=growths, **label("smic"))
        self.reset = w.Button(description=tr("display.widgets.reset", lang), icon="")
        self.renew.layout = room
        self._load_post()
        for slider in (self.points, self.share, self.start, self.renew, self.point, self.smic):
            slider.observe(self._moved, "value")
        self.post.observe(lambda _: self._load_post(), "value")
        self.reset.on_click(lambda _: self._back())
        self._draw()

    def widget(self) -> VBox:
        """Return everything in one box; where no kernel runs, its table of cases is read instead."""
        import ipywidgets as w

        plan, lang = self.changer.plan, self.lang

        class Box(w.VBox):  # type: ignore[misc]
            def _repr_mimebundle_(self, **kwargs: Any) -> Any:
                bundle = super()._repr_mimebundle_(**kwargs)
                static = cases(plan.dossier, lang, plan.report_date)
                return bundle | {"text/html": static.html, "text/plain": static.text}

        controls = [
            self.post,
            self.points,
            self.share,
            self.start,
            self.renew,
            self.point,
            self.smic,
            self.reset,
        ]
        return Box([w.VBox(controls), self.shown])

    def _load_post(self) -> None:
        """Set the sliders of a post as it stands now."""
        post = self.posts[self.post.value]
        now = self.change.posts.get(post.code, PostChange())
        self._loading = True
        self.points.value, self.share.value = now.points, now.share or 0.0
        following = self.changer.next_contract(post)
        if following is None:
            self.start.options = [("–", 0)]
        else:
            last = following.end or self.changer.closing
            months = [n for n in range(DELAYS + 1) if _later(following.start, n) <= last]
            self.start.options = [(month_long(_later(following.start, n), self.lang), n) for n in months]
            self.start.value = now.delay
        self.start.disabled = following is None
        self.renew.value = self.changer.goes_on(post) if now.renew is None else now.renew
        self.renew.disabled = not self.changer.renewable(post)
        self._loading = False

    def _moved(self, _: Any) -> None:
        if self._loading:
            return
        post = self.posts[self.post.value]
        renew = None if self.renew.value == self.changer.goes_on(post) else self.renew.value
        mine = PostChange(self.points.value, self.share.value or None, self.start.value, renew)
        posts = {**self.change.posts, post.code: mine}
        self.change = Change(posts, self.point.value, self.smic.value)
        self._draw()

    def _back(self) -> None:
        self.change = Change()
        self._loading = True
        self.point.value = self.smic.value = 0.0
        self._load_post()
        self._draw()

    def _draw(self) -> None:
        plan = self.changer.project(self.change)
        self.shown.value = _View(plan, self.base, self.lang).html()


# --- the table of cases -----------------------------------------------------------------------------


def cases(
    dossier: schema.Dossier, lang: Lang = "fr", today: date | None = None, notice: bool = False
) -> Shown:
    """Return the cases most asked for, side by side: what `sliders` shows without ipywidgets.

    Parameters
    ----------
    dossier : Dossier
    lang : {"fr", "en"}
    today : date, optional
        Date of the report where the dossier states none.
    notice : bool
        Say that sliders need ipywidgets.
    """
    plan = Projection(dossier, today=today)
    changer = _Changer(plan)
    base = by_year(plan)
    view = _View(plan, base, lang)
    rows: list[list[Cell]] = []
    usual = _usual(changer, lang)
    for words, change in usual:
        years = by_year(changer.project(change))
        net = view.net(years)
        moved = round(net - view.net(base), 2)
        sign = "+" if moved > 0 else ""
        rows.append(
            [
                Cell(words),
                Cell(money(view.net(years, "cost"), lang), True),
                Cell(money(net, lang), True),
                Cell(f"{sign}{money(moved, lang)}" if rows else tr("display.nothing", lang), True),
            ]
        )
    heads = [
        Cell(tr("display.widgets.case", lang)),
        Cell(tr("display.widgets.cost", lang, span=view.span), True),
        Cell(tr("display.widgets.net", lang, span=view.span), True),
        Cell(tr("display.widgets.change", lang), True),
    ]
    notes = [tr("display.projection.section", lang, day=_day(plan, lang))]
    if any(c.renew is False for _, change in usual for c in change.posts.values()):
        notes.append(tr("display.widgets.exposure", lang))
    notes += [tr("display.widgets.static", lang)] if notice else []
    sheet = Sheet(grids=[Grid(heads, rows)], notes=notes)
    return Shown(sheet.html(lang), sheet.text(), sheet.markdown())


def _day(plan: Projection, lang: Lang) -> str:
    from conseiller.text import date_long

    return date_long(plan.report_date, lang)


def _usual(changer: _Changer, lang: Lang) -> list[tuple[str, Change]]:
    """Return the usual cases with their names; the first is the dossier itself."""
    posts = changer.plan.dossier.posts
    everyone = listing((p.code for p in posts), lang)

    def each(change: PostChange) -> dict[str, PostChange]:
        return {p.code: change for p in posts}

    def said(key: str, **values: object) -> str:
        return tr(f"display.widgets.{key}", lang, **values)

    out = [(said("case_base"), Change())]
    for points in (10, 30):
        out.append(
            (said("case_index", post=everyone, points=points), Change(each(PostChange(points=points))))
        )
    for share in (0.8, 0.5):
        words = said("case_share", post=everyone, share=percent(share, 0, lang))
        out.append((words, Change(each(PostChange(share=share)))))
    for growth in (0.01, 0.02):
        shown = percent(growth, 0, lang)
        out.append((said("case_point", growth=shown), Change(point_growth=growth)))
        out.append((said("case_smic", growth=shown), Change(smic_growth=growth)))
    for post in posts:
        if not changer.renewable(post):
            continue
        change = PostChange(renew=not changer.goes_on(post))
        key = "case_renewal" if change.renew else "case_no_renewal"
        out.append((said(key, post=post.code), Change({post.code: change})))
    if len(posts) > 1 and all(changer.goes_on(p) and changer.renewable(p) for p in posts):
        out.append((said("case_no_renewal", post=everyone), Change(each(PostChange(renew=False)))))
    return out
