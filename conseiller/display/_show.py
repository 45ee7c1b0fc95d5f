"""The door: anything of the package, ready to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conseiller.messages import Lang

if TYPE_CHECKING:
    pass
from conseiller.display._dossier import dossier_sheet
from conseiller.display._frame import grid, records
from conseiller.display._law import law_sheet
from conseiller.display._projection import projection_sheet
from conseiller.display._sheet import Grid, Sheet, Shown, md
from conseiller.display._told import explanation_html, faults_html

#: Results shown by `conseiller.scenario_display`.
_SCENARIOS = {"Comparison", "DecisionTable", "Sensitivity", "TwoWay"}


def show(thing: Any, lang: Lang = "fr", **options: Any) -> Shown:
    """Return a table, projection, dossier, law, chart or explanation ready to be shown.

    Parameters
    ----------
    thing : DataFrame, Projection, Dossier, Law, Chart, Explanation, Grid, InputFaults, or what `conseiller.analysis` returns
        A list of decisions, controls, changes, effects or notices, two years side by side, the choices, a
        comparison of scenarios, a decision table, a sensitivity.
    lang : {"fr", "en"}
    **options
        For a table, `title`, `total` (add a row of totals) and `labels` (names of codes); for a dossier,
        `pay` (show individual pay); for the law, `at` (a date).
    """
    from conseiller.charts import Chart
    from conseiller.errors import InputFaults
    from conseiller.explain import Explanation

    if isinstance(thing, Chart):
        return Shown(thing._repr_html_(), _chart_text(thing), f"![{md(thing.alt)}](#)")
    if isinstance(thing, Explanation):
        return Shown(explanation_html(thing), str(thing), f"```\n{thing}\n```")
    if isinstance(thing, InputFaults):
        return Shown(faults_html(thing), str(thing), f"```\n{thing}\n```")
    sheet = sheet_of(thing, lang, **options)
    return Shown(sheet.html(lang), sheet.text(), sheet.markdown())


def as_html(thing: Any, lang: Lang = "fr", **options: Any) -> str:
    """Return something as static HTML with inline style; the options are those of `show`."""
    return show(thing, lang, **options).html


def as_text(thing: Any, lang: Lang = "fr", **options: Any) -> str:
    """Return something as plain text; the options are those of `show`."""
    return show(thing, lang, **options).text


def as_markdown(thing: Any, lang: Lang = "fr", **options: Any) -> str:
    """Return something as Markdown; the options are those of `show`."""
    return show(thing, lang, **options).markdown


def sheet_of(thing: Any, lang: Lang, **options: Any) -> Sheet:
    from conseiller.dossier.schema import Dossier
    from conseiller.law import Law
    from conseiller.projection import Projection

    if isinstance(thing, Grid):
        return Sheet(grids=[thing])
    if callable(made := getattr(thing, "sheet", None)):  # a tracking, a calibration
        shown: Sheet = made(lang, **options)
        return shown
    if isinstance(thing, Projection):
        return projection_sheet(thing, lang, **options)
    if isinstance(thing, Dossier):
        return dossier_sheet(thing, lang, **options)
    if isinstance(thing, Law):
        return law_sheet(thing, lang, **options)
    if type(thing).__name__ in _SCENARIOS:
        from conseiller.scenario_display import sheet

        return sheet(thing, lang, **options)
    if isinstance(thing, (list, tuple)) and thing and all(isinstance(said, str) for said in thing):
        return Sheet(bullets=thing)
    if isinstance(thing, (list, tuple)) or type(thing).__name__ == "Choices":
        return Sheet(grids=[records(thing, lang, **options)])
    if hasattr(thing, "to_frame") and not hasattr(thing, "columns"):
        thing = thing.to_frame()
    if not hasattr(thing, "columns"):
        raise TypeError(f"nothing known to show of a {type(thing).__name__}")
    return Sheet(grids=[grid(thing, lang, **options)])


def _chart_text(chart: Any) -> str:
    return f"{chart.alt}\n{chart.source}"
