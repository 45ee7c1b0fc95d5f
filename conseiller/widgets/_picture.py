"""The picture of a changed dossier, beside the dossier itself."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from conseiller.display import Sheet, amounts_by_year
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import joined, money0

if TYPE_CHECKING:
    pass
from conseiller.widgets._positions import Years, by_year

_DPI = 100
#: Inches left blank above and below the drawing by the words that the page writes itself.
_HEAD, _FOOT = 0.6, 0.3


@dataclass(frozen=True)
class View:
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
        alt = f"{title}. {tr('display.widgets.alt', self.lang, items=joined(items, self.lang))}"
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
