"""What if: a dossier changed in a few ways, projected again at once; sliders in a notebook, a table without.

Changes bear on what lies ahead: the months after the date of the report. Indices
are changed by a number of points, so that nobody's own index is shown.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from conseiller import scenario
from conseiller.display import Cell, Grid, Sheet, Shown, amounts_by_year
from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.scenario import Case
from conseiller.text import listing, money, money0, month_long, percent

if TYPE_CHECKING:
    from ipywidgets import VBox

#: Name of the scenario that the sliders make; it is not shown.
_NAME = "sliders"
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

Years = dict[int, dict[str, float]]


@dataclass(frozen=True)
class PostPosition:
    """Where the sliders of one post stand.

    Parameters
    ----------
    points : int
        Points of indice majoré added to its agents from the month after the report on.
    share : float or None
        Share of full time from then on, as weekly hours (temps non complet); None as in the dossier.
    delay : int
        Months by which its next contract starts later.
    renew : bool or None
        Whether its contracts go on; None as in the dossier.
    """

    points: int = 0
    share: float | None = None
    delay: int = 0
    renew: bool | None = None


@dataclass(frozen=True)
class Positions:
    """Where the sliders stand: by post, and yearly growth of the point and of the SMIC."""

    posts: Mapping[str, PostPosition] = field(default_factory=dict)
    point_growth: float = 0.0
    smic_growth: float = 0.0

    def changes(self, case: Case) -> tuple[schema.Change, ...]:
        """Return the changes of a scenario that these positions stand for."""
        found: list[schema.Change] = []
        for post in case.dossier.posts:
            if post.code in self.posts:
                found += _post_changes(case, post, self.posts[post.code])
        if self.point_growth:
            found.append(scenario.point(self.point_growth, yearly=True))
        if self.smic_growth:
            found.append(scenario.smic(self.smic_growth, yearly=True))
        return tuple(found)


def _post_changes(case: Case, post: schema.Post, at: PostPosition) -> Iterator[schema.Change]:
    first, agents = case.next_month, post.contracts
    now = scenario.running(post, case.report_date) or scenario.next_contract(post, case.report_date)
    if at.renew and now is not None:
        yield scenario.keep(post.code)
    elif at.renew is False and now is not None and (now.end is not None or now.start > case.report_date):
        yield scenario.not_renewed(post.code)
        agents = tuple(c for c in agents if c.start <= case.report_date)
    if at.delay and at.renew is not False and scenario.next_contract(post, case.report_date):
        yield scenario.replace(at.delay, post.code)
    if not any(c.end is None or c.end >= first for c in agents):
        return
    if at.share is not None:
        yield scenario.hours(scenario.FULL_TIME_HOURS * at.share, post.code, first)
    if at.points:
        yield scenario.points(at.points, post.code, first)


def what_if(dossier: schema.Dossier, positions: Positions, today: date | None = None) -> Projection:
    """Project a dossier as the sliders change it, at once: what comes of it is not checked.

    Parameters
    ----------
    dossier : Dossier
    positions : Positions
    today : date, optional
        Date of the report where the dossier states none.

    Examples
    --------
    >>> import conseiller
    >>> case = conseiller.load("data/campagnes-artois")
    >>> ended = what_if(case, Positions({"CN1": PostPosition(renew=False)}))
    >>> bool(ended.by("exercice").loc[2027, "net_cost"] < 71476.56)
    True
    """
    return _Bench(Projection(dossier, today=today)).project(positions)


@dataclass(frozen=True)
class _Bench:
    """A dossier under its sliders."""

    plan: Projection

    @cached_property
    def case(self) -> Case:
        return Case(self.plan.dossier, self.plan.base_law, self.plan.report_date)

    @property
    def closing(self) -> date:
        """Last day of the period."""
        return self.case.closing

    def project(self, positions: Positions) -> Projection:
        """Return the projection of the changed dossier."""
        named = schema.Scenario(name=_NAME, changes=positions.changes(self.case))
        dossier = scenario.changed(self.case, named).dossier
        return Projection(dossier, self.plan.base_law, self.plan.report_date)

    def next_contract(self, post: schema.Post) -> schema.Contract | None:
        """Return the first contract that starts after the report."""
        return scenario.next_contract(post, self.plan.report_date)

    def goes_on(self, post: schema.Post) -> bool:
        """Return whether some contract of the post holds on the last day of the period."""
        return scenario.goes_on(post, self.closing)

    def renewable(self, post: schema.Post) -> bool:
        """Return whether there is something to renew, or not to: a contract without an end has nothing."""
        ahead = scenario.goes_on(post, self.plan.report_date)
        return ahead and (self.next_contract(post) is not None or not self.goes_on(post))


def by_year(plan: Projection) -> Years:
    """Return spending and funding by exercice (fonctionnement), without building the tidy table.

    The same amounts as ``plan.by("exercice")``, in a few milliseconds.
    """
    return {
        year: {
            measure: sum(plan.cents([column], date(year, 1, 1), date(year, 12, 31))) / 100
            for measure, column in _COLUMNS.items()
        }
        for year in plan.exercices
    }


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

        self.changer = _Bench(plan)
        self.lang: Lang = lang
        self.base = by_year(plan)
        self.change = Positions()
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
        now = self.change.posts.get(post.code, PostPosition())
        self._loading = True
        self.points.value, self.share.value = now.points, now.share or 0.0
        following = self.changer.next_contract(post)
        if following is None:
            self.start.options = [("–", 0)]
        else:
            last = following.end or self.changer.closing
            months = [n for n in range(DELAYS + 1) if later(following.start, n) <= last]
            self.start.options = [(month_long(later(following.start, n), self.lang), n) for n in months]
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
        mine = PostPosition(self.points.value, self.share.value or None, self.start.value, renew)
        posts = {**self.change.posts, post.code: mine}
        self.change = Positions(posts, self.point.value, self.smic.value)
        self._draw()

    def _back(self) -> None:
        self.change = Positions()
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
    changer = _Bench(plan)
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


def _usual(changer: _Bench, lang: Lang) -> list[tuple[str, Positions]]:
    """Return the usual cases with their names; the first is the dossier itself."""
    posts = changer.plan.dossier.posts
    everyone = listing((p.code for p in posts), lang)

    def each(change: PostPosition) -> dict[str, PostPosition]:
        return {p.code: change for p in posts}

    def said(key: str, **values: object) -> str:
        return tr(f"display.widgets.{key}", lang, **values)

    out = [(said("case_base"), Positions())]
    for points in (10, 30):
        out.append(
            (said("case_index", post=everyone, points=points), Positions(each(PostPosition(points=points))))
        )
    for share in (0.8, 0.5):
        words = said("case_share", post=everyone, share=percent(share, 0, lang))
        out.append((words, Positions(each(PostPosition(share=share)))))
    for growth in (0.01, 0.02):
        shown = percent(growth, 0, lang)
        out.append((said("case_point", growth=shown), Positions(point_growth=growth)))
        out.append((said("case_smic", growth=shown), Positions(smic_growth=growth)))
    for post in posts:
        if not changer.renewable(post):
            continue
        change = PostPosition(renew=not changer.goes_on(post))
        key = "case_renewal" if change.renew else "case_no_renewal"
        out.append((said(key, post=post.code), Positions({post.code: change})))
    if len(posts) > 1 and all(changer.goes_on(p) and changer.renewable(p) for p in posts):
        out.append((said("case_no_renewal", post=everyone), Positions(each(PostPosition(renew=False)))))
    return out
