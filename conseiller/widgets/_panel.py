"""The sliders of a dossier."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from conseiller.dossier import schema
from conseiller.dossier.schedule import later
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import month_long, percent

if TYPE_CHECKING:
    from ipywidgets import VBox
from conseiller.widgets._cases import cases
from conseiller.widgets._picture import View
from conseiller.widgets._positions import Bench, Positions, PostPosition, by_year

#: Steps of the sliders.
POINTS = (-50, 150)
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
DELAYS = 12
GROWTHS = tuple(n / 1000 for n in range(0, 51, 5))


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
    return Panel(Projection(dossier, today=today), lang).widget()


class Panel:
    """The sliders of a dossier, and what they show."""

    def __init__(self, plan: Projection, lang: Lang) -> None:
        import ipywidgets as w

        self.changer = Bench(plan)
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
        self.shown.value = View(plan, self.base, self.lang).html()
