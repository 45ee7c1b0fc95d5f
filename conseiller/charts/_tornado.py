"""What would move the reste à charge of an exercice: one bar a factor, the widest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conseiller.charts import _facts, _hbars, _layout
from conseiller.charts._chart import Chart
from conseiller.charts._facts import Amount
from conseiller.messages import Lang, tr
from conseiller.text import money0

if TYPE_CHECKING:
    from conseiller.analysis.sensitivity import Sensitivity


def tornado(found: Sensitivity, lang: Lang = "fr") -> Chart:
    """Return the chart of a sensitivity: what each factor alone adds, or takes away.

    Parameters
    ----------
    found : Sensitivity
    lang : {"fr", "en"}
    """
    from conseiller.analysis.sensitivity import factor_label, signed

    year, net = found.exercice, money0(found.net, lang)
    widest = found.swings[0] if found.swings and found.swings[0].swing else None
    if widest is None:
        title = tr("charts.tornado.title.still", lang, year=year, net=net)
    else:
        title = tr(
            "charts.tornado.title.moved",
            lang,
            year=year,
            net=net,
            factor=factor_label(widest.factor, lang),
            change=signed(widest.swing, lang),
        )
    words = _layout.Words(
        title=title, subtitle=tr("charts.tornado.subtitle", lang), source=_facts.source(found.plan, lang)
    )
    rows = [
        _hbars.Row(
            factor_label(s.factor, lang),
            amount=Amount(ahead=s.swing),
            label=signed(s.swing, lang),
            fill="cost" if s.swing > 0 else "grant",
        )
        for s in found.swings
    ]
    said = tr("charts.alt.separator", lang).join(
        tr("charts.tornado.item", lang, factor=r.name, change=r.label) for r in rows
    )
    alt = _facts.sentences(f"{title}.", tr("charts.tornado.alt", lang, year=year, net=net, items=said))
    return Chart(
        key="tornado",
        title=title,
        alt=alt,
        source=words.source,
        lang=lang,
        _draw=lambda: _hbars.draw(words, rows).figure,
    )
