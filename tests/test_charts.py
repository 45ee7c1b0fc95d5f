"""The charts: right figures, words that fit, the same bytes twice, readable without colour."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from conseiller import charts, messages, style
from conseiller.charts import _facts, _layout
from conseiller.dossier import schema
from conseiller.law import load_law
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.text import money0

REPORT = date(2026, 11, 24)
KEYS = ["funding_by_exercice", "cumulated", "grant_years", "one_year"]
STACK = ("grant", "other_funding", "net_cost")


# --- small cases --------------------------------------------------------------------------------------


def contract(start: date, **other: Any) -> schema.Contract:
    term = {"start": start.replace(day=1), "index": 373, "bonus": other.pop("bonus", 100.0)}
    return schema.Contract(start=start, terms=(schema.PayTerm(**term),), **other)


def convention(code: str, start: date, generation: str = "v2_collectivite") -> schema.Convention:
    received = [(0.5, 30), (0.3, 400), (0.2, 800)]
    paid = tuple(
        schema.Instalment(label=f"{k}", amount=round(17500 * share, 2), received=day)
        for k, (share, days) in enumerate(received)
        if (day := date.fromordinal(start.toordinal() + days)) <= REPORT
    )
    return schema.Convention(code=code, generation=generation, financing_start=start, instalments=paid)


def item(amount: float, first: int, posts: int, **other: Any) -> schema.Item:
    base: dict[str, Any] = {
        "label": "Véhicule",
        "frequency": "annuel_reparti",
        "start": date(first, 1, 1),
        "account": "6135",
        "shares": {f"CN{k + 1}": 1.0 for k in range(posts)},
    }
    return schema.Item(amount=amount, **base | other)


def dossier(kind: str, posts: int, exercices: int) -> schema.Dossier:
    """Build a case of one kind, with so many posts over so many exercices."""
    first = {1: 2026, 2: 2026, 4: 2024, 8: 2021}[exercices]
    name = "Communauté de communes des Campagnes de l'Artois"
    start = date(first, 1, 1)
    contracts: dict[str, Any] = {}
    starts = [start] * posts
    codes = ["V2"] * posts
    generation = "v2_collectivite"
    costs, funding = [item(1200.0, first, posts)], []
    funded = True
    match kind:
        case "anchors":
            starts = [date(first, 1 + 2 * k, 15) for k in range(posts)]
            codes = [f"C{k}" for k in range(posts)]
        case "december":
            starts = [date(first, 12, 1)] * posts
        case "no_grant":
            funded = False
        case "small":
            contracts, costs, funded = (
                {"working_time": "temps_non_complet", "hours": 0.5, "bonus": 0.0},
                [],
                False,
            )
            funding = [item(10.0, first, posts, account="74741", label="Commune")]
        case "covered":
            funding = [item(400_000.0, first, posts, account="74741", label="Commune")]
        case "shared":
            funding = [item(9_000.0 * posts, first, posts, account="74741", label="Commune")]
        case "millions":
            costs.append(item(9_876_543.0, first, posts))
            funding = [item(1_234_567.0, first, posts, account="74741", label="Commune")]
        case "words":
            name = "Syndicat$mixte$" + "ÉtablissementPublicIntercommunal" * 8
            codes = [f"CONVENTION_2024_{k:04}" for k in range(posts)]
        case "renewed":
            generation = "v1_prive"
        case "ended":
            contracts = {"end": date(first, 12, 20), "leave_days": 12.0, "are_days": 300}
            costs = [item(2_700.0, first, posts, section="investissement", account="2183", fctva=True)]
        case "nobody":
            costs, funded = [], False
    people = () if kind == "nobody" else (contract,)
    return schema.Dossier(
        authority=schema.Authority(name=name, headcount=60),
        period=schema.Period(first=first, last=first + exercices - 1, report_date=REPORT),
        posts=tuple(
            schema.Post(
                code=f"CN{k + 1}",
                contracts=tuple(make(starts[k], **contracts) for make in people),
                conventions=(convention(codes[k], starts[k], generation),) if funded else (),
            )
            for k in range(posts)
        ),
        costs=tuple(costs),
        funding=tuple(funding),
    )


KINDS = [
    "ordinary",
    "anchors",
    "december",
    "no_grant",
    "small",
    "covered",
    "shared",
    "millions",
    "words",
    "renewed",
    "ended",
    "nobody",
]
SIZES = list(itertools.product((1, 2, 5), (1, 2, 4, 8)))
#: The size between is that of the English test.
CORNERS = [(1, 1), (5, 8)]
CASES = [("ordinary", *size) for size in SIZES] + [(k, *size) for k in KINDS[1:] for size in CORNERS]


@cache
def plan_of(kind: str, posts: int = 2, exercices: int = 4) -> Projection:
    return Projection(dossier(kind, posts, exercices))


def chart_of(key: str, plan: Projection, lang: Lang = "fr") -> charts.Chart:
    return getattr(charts, key)(plan, lang=lang)


# --- nothing is cut, nothing overlaps -----------------------------------------------------------------


def words_on(figure: Any) -> list[tuple[str, Any]]:
    """Return every visible text of a figure with its box in pixels."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    return [
        (t.get_text(), t.get_window_extent(figure.canvas.get_renderer()))
        for t in figure.findobj(Text)
        if t.get_visible() and t.get_text().strip()
    ]


def bars_on(figure: Any) -> list[tuple[str, Any]]:
    from matplotlib.patches import Rectangle

    return [(p.get_gid(), p) for p in figure.findobj(Rectangle) if (p.get_gid() or "").startswith("bar-")]


def overlaps(a: Any, b: Any, slack: float = 0.5) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack


def faults_of(figure: Any) -> list[str]:
    """Return what is wrong with the words of a figure: cut, over each other, or across a bar's edge."""
    words = words_on(figure)
    page = figure.bbox
    found = [
        f"cut: {text!r}"
        for text, box in words
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    found += [
        f"overlap: {a!r} and {b!r}"
        for (a, box_a), (b, box_b) in itertools.combinations(words, 2)
        if overlaps(box_a, box_b)
    ]
    for gid, patch in bars_on(figure):
        bar = patch.get_window_extent()
        for text, box in words:
            within = (
                box.x0 >= bar.x0 - 1
                and box.x1 <= bar.x1 + 1
                and box.y0 >= bar.y0 - 1
                and box.y1 <= bar.y1 + 1
            )
            if overlaps(box, bar, 1.0) and not within:
                found.append(f"across {gid}: {text!r}")
    return found


@pytest.mark.parametrize(("kind", "posts", "exercices"), CASES, ids=str)
def test_no_word_is_cut_or_over_another(kind: str, posts: int, exercices: int) -> None:
    plan = plan_of(kind, posts, exercices)
    found = {c.key: faults_of(c.figure) for c in charts.all_charts(plan)}
    assert found == {key: [] for key in KEYS}


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_is_cut_or_over_another_in_english(kind: str) -> None:
    found = {c.key: faults_of(c.figure) for c in charts.all_charts(plan_of(kind), "en")}
    assert found == {key: [] for key in KEYS}


# --- right figures ------------------------------------------------------------------------------------


def euros_of(plan: Projection, **kept: object) -> dict[str, float]:
    """Sum the tidy table by hand: cost, grant, other_funding, net_cost of fonctionnement."""
    table = plan.table
    table = table[(table["section"] == "fonctionnement") & table["clock"].isin(["engaged", "earned"])]
    for column, value in kept.items():
        table = table[table[column] == value]
    cents = (table["amount"] * 100).round().astype("int64")
    is_grant = table["line"] == "subvention_etat"
    cost = cents[table["side"] == "cost"].sum()
    grant = cents[is_grant].sum()
    other = cents[(table["side"] == "funding") & ~is_grant].sum()
    sums = {"cost": cost, "grant": grant, "other_funding": other, "net_cost": cost - grant - other}
    return {name: value / 100 for name, value in sums.items()}


@pytest.mark.parametrize("kind", ["ordinary", "anchors", "shared", "covered", "millions", "ended"])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_alternative_of_funding_gives_the_years_the_totals_and_the_extremes(kind: str, lang: Lang) -> None:
    plan = plan_of(kind)
    alt = charts.funding_by_exercice(plan, lang).alt
    nets = {year: euros_of(plan, exercice=year)["net_cost"] for year in plan.exercices}
    word = {"fr": "en", "en": "in"}[lang]
    for year, net in nets.items():
        assert f"{money0(net, lang)} {word} {year}" in alt
    for amount in euros_of(plan).values():
        assert money0(amount, lang) in alt
    low, high = min(nets.values()), max(nets.values())
    wording = {"fr": "Le plus bas\u00a0: {}", "en": "Lowest: {}"}[lang]
    assert wording.format(money0(low, lang)) in alt
    assert f"{money0(high, lang)} (" in alt
    change = round(nets[plan.exercices[-1]] - nets[plan.exercices[0]], 2)
    assert money0(abs(change), lang) in alt
    assert {"fr": "hausse" if change > 0 else "baisse", "en": "up by" if change > 0 else "down by"}[
        lang
    ] in alt


def test_bars_stand_on_zero_and_are_as_high_as_the_plan_says() -> None:
    plan = plan_of("shared")
    figure = charts.funding_by_exercice(plan).figure
    axes = figure.axes[0]
    assert axes.get_ylim()[0] == 0
    drawn: dict[tuple[int, str], float] = {}
    foot: dict[int, float] = {}
    for gid, patch in bars_on(figure):
        rank = int(patch.get_x())
        assert patch.get_y() == pytest.approx(foot.get(rank, 0.0), abs=0.01)
        foot[rank] = patch.get_y() + patch.get_height()
        drawn[rank, gid.removeprefix("bar-")] = patch.get_height()
    for rank, year in enumerate(plan.exercices):
        expected = euros_of(plan, exercice=year)
        for measure in STACK:
            assert drawn.get((rank, measure), 0.0) == pytest.approx(expected[measure], abs=0.005)
    lines = [line for line in axes.lines if line.get_gid() == "cost"]
    costs = [euros_of(plan, exercice=year)["cost"] for year in plan.exercices]
    assert [line.get_ydata()[0] for line in lines] == pytest.approx(costs)


def test_what_is_hatched_is_what_lies_after_the_report() -> None:
    plan = plan_of("shared")
    figure = charts.funding_by_exercice(plan).figure
    hatched = sum(p.get_height() for p in figure.axes[0].patches if p.get_hatch())
    table = plan.table
    later = table[
        (table["section"] == "fonctionnement")
        & (table["clock"] == "engaged")
        & (table["month"] > pd.Timestamp(REPORT))
    ]
    assert hatched == pytest.approx(later["amount"].sum(), abs=0.01)


@pytest.mark.parametrize("kind", ["ordinary", "shared", "no_grant"])
@pytest.mark.parametrize("day", [date(2024, 6, 1), date(2026, 5, 20), REPORT])
def test_no_amount_is_written_on_hatching(kind: str, day: date) -> None:
    from matplotlib.colors import to_hex  # not before: importing this module must not load matplotlib

    case = dossier(kind, 2, 4)
    period = case.period.model_copy(update={"report_date": day})
    figure = charts.funding_by_exercice(Projection(case.model_copy(update={"period": period}))).figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    hatched = [p.get_window_extent(renderer) for p in figure.axes[0].patches if p.get_hatch()]
    assert hatched
    plates = 0
    for text in figure.texts:
        box = text.get_window_extent(renderer)
        if (
            not any(box.overlaps(area) for area in hatched)
            or "€" not in text.get_text()
            or text.get_weight() == "bold"
        ):
            continue
        plate = text.get_bbox_patch()
        assert plate is not None
        assert to_hex(plate.get_facecolor()) == style.WHITE.lower()
        assert text.get_color() == style.INK
        plates += 1
    assert plates


def test_nothing_is_hatched_when_the_report_comes_after_all() -> None:
    case = dossier("ordinary", 1, 2)
    period = case.period.model_copy(update={"report_date": date(2030, 1, 1)})
    plan = Projection(case.model_copy(update={"period": period}))
    for chart in charts.all_charts(plan):
        assert not [p for a in chart.figure.axes for p in a.patches if p.get_hatch()]
        assert "prévision" not in "".join(text for text, _ in words_on(chart.figure))


def test_all_is_hatched_when_the_report_comes_before_all() -> None:
    case = dossier("ordinary", 1, 2)
    period = case.period.model_copy(update={"report_date": date(2025, 6, 1)})
    plan = Projection(case.model_copy(update={"period": period}))
    for chart in charts.all_charts(plan):
        assert faults_of(chart.figure) == []
    figure = charts.funding_by_exercice(plan).figure
    outlines = sum(p.get_height() for _, p in bars_on(figure))
    hatched = sum(p.get_height() for p in figure.axes[0].patches if p.get_hatch())
    assert hatched == pytest.approx(outlines)


def test_curves_end_where_the_plan_ends() -> None:
    plan = plan_of("ordinary")
    chart = charts.cumulated(plan)
    lines = {line.get_gid(): line.get_ydata() for line in chart.figure.axes[0].lines if line.get_gid()}
    total = euros_of(plan)
    assert lines["cost-ahead"][-1] == pytest.approx(total["cost"])
    assert lines["earned-ahead"][-1] == pytest.approx(total["grant"])
    received = sum(
        i.amount for p in plan.dossier.posts for c in p.conventions for i in c.instalments if i.received
    )
    assert lines["received"][-1] == pytest.approx(received)
    for amount in (total["cost"], total["grant"], received):
        assert money0(amount) in chart.alt
        assert any(money0(amount) in text for text, _ in words_on(chart.figure))


def test_title_of_the_curves_says_what_is_still_to_come_in() -> None:
    plan = plan_of("ordinary")
    table = plan.table
    grant = table[(table["line"] == "subvention_etat") & (table["month"] <= pd.Timestamp(REPORT))]
    sums = (grant["amount"] * 100).round().groupby(grant["clock"]).sum() / 100
    title = charts.cumulated(plan).title
    assert money0(sums["earned"] - sums["received"]) in title
    assert money0(sums["earned"]) in title
    assert "novembre\u00a02026" in title


def test_grant_years_come_in_time_order_then_the_time_outside() -> None:
    plan = plan_of("ordinary")
    chart = charts.grant_years(plan)
    words = [text for text, _ in words_on(chart.figure)]
    names = [w.replace("\u00a0", " ") for w in words if re.fullmatch(r"V2,\sannée\s\d|20\d\d", w)]
    assert names == ["V2, année 1", "V2, année 2", "V2, année 3", "2027"]
    assert "17\u202f500\u00a0€ → 12\u202f500\u00a0€" in words
    assert any("Fin de la subvention le" in w and "31\u00a0décembre\u00a02026" in w for w in words)
    for label in ("V2-1", "V2-2", "V2-3", ""):
        net = money0(euros_of(plan, grant_year=label)["net_cost"])
        assert net in words
        assert net in chart.alt


def test_grant_years_of_conventions_side_by_side_are_not_compared() -> None:
    plan = plan_of("anchors", 5, 4)
    title = charts.grant_years(plan).title
    outside = euros_of(plan, grant_year="", exercice=2027)["net_cost"]
    name = "2027,\u00a0hors\u00a0subvention"
    assert title == f"Une fois la subvention finie, le reste à charge atteint {money0(outside)} ({name})"


def test_a_year_adds_up_on_both_sides() -> None:
    plan = plan_of("shared")
    chart = charts.one_year(plan, 2025)
    assert chart.key == "one_year_2025"
    expected = euros_of(plan, exercice=2025)
    bars = [p.get_width() for _, p in bars_on(chart.figure)]
    costs = [p.get_width() for gid, p in bars_on(chart.figure) if gid == "bar-cost"]
    assert sum(costs) == pytest.approx(expected["cost"])
    assert sum(bars) - sum(costs) == pytest.approx(expected["cost"])
    for measure in STACK:
        assert money0(expected[measure]) in chart.alt


@pytest.mark.parametrize(
    "line_group", sorted({line.group for line in load_law().lines.values() if line.side == "cost"})
)
def test_every_group_of_costs_has_its_bar(line_group: str) -> None:
    from conseiller.charts._one_year import KINDS

    assert line_group in KINDS


def test_the_year_shown_is_that_of_the_report_or_else_the_nearest_with_spending() -> None:
    assert "En 2026" in charts.one_year(plan_of("ordinary")).title
    assert "En 2025" in charts.one_year(plan_of("ended")).title
    with pytest.raises(ValueError, match="2031"):
        charts.one_year(plan_of("ordinary"), 2031)


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("ordinary", "En 2027, l'État ne finance plus\u00a0: {net} à la charge de la collectivité"),
        (
            "no_grant",
            "Sans subvention de l'État\u00a0: {total} à la charge de la collectivité de 2024 à 2027",
        ),
        ("covered", "Les financements dépassent la dépense de {surplus} de 2024 à 2027"),
        ("nobody", "Aucune dépense de 2024 à 2027"),
    ],
)
def test_title_is_the_finding(kind: str, title: str) -> None:
    plan = plan_of(kind)
    last, total = euros_of(plan, exercice=2027)["net_cost"], euros_of(plan)["net_cost"]
    expected = title.format(net=money0(last), total=money0(total), surplus=money0(-total))
    assert charts.funding_by_exercice(plan).title == expected


def test_sections_never_mix() -> None:
    plan = plan_of("ended")
    apart = plan.by("exercice", section="investissement")["cost"].sum()
    assert apart > 0
    for chart in charts.all_charts(plan)[:3]:
        subtitle = (
            next(t for t in chart.figure.texts if t.get_gid() == "subtitle").get_text().replace("\n", " ")
        )
        assert f"Investissement non compris\u00a0: {money0(apart)} de dépenses" in subtitle
        assert "fonctionnement" in subtitle
    for chart in charts.all_charts(plan_of("ordinary")):
        subtitle = next(t for t in chart.figure.texts if t.get_gid() == "subtitle").get_text()
        assert "Investissement" not in subtitle


def test_source_says_how_far_the_law_was_checked() -> None:
    plan = plan_of("ordinary")
    checked = _facts.day_name(plan.law.checked_until, "fr")
    source = charts.funding_by_exercice(plan).source
    assert "Campagnes de l'Artois" in source
    assert f"la moins récente au {checked}" in source
    assert "La projection va au-delà, jusqu'en décembre\u00a02027" in source
    case = dossier("ordinary", 1, 1)
    period = schema.Period(first=2021, last=2021, report_date=REPORT)
    assert "au-delà" not in _facts.source(Projection(case.model_copy(update={"period": period})), "fr")
    supposed = schema.Assumption(parameter="smic_mensuel", start=date(2027, 1, 1), value=1900.0)
    case = case.model_copy(update={"assumptions": (supposed,)})
    assert "Une valeur légale y est supposée ou modifiée." in _facts.source(Projection(case), "fr")


# --- words --------------------------------------------------------------------------------------------


def test_months_are_named_in_the_language() -> None:
    months = ["févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
    axes = charts.cumulated(plan_of("ordinary", 1, 1)).figure.axes[0]
    labels = [t.get_text() for t in axes.get_xticklabels()]
    assert labels == ["janv.\n2026", *months]
    axes = charts.cumulated(plan_of("ordinary", 1, 1), "en").figure.axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()][:4] == ["Jan\n2026", "Feb", "Mar", "Apr"]


def texts_of(lang: Lang) -> dict[str, str]:
    path = Path(messages.__file__).parent / lang / "charts.toml"
    return dict(messages._flat(tomllib.loads(path.read_text("utf-8"))))


def test_both_languages_say_the_same_things() -> None:
    french, english = texts_of("fr"), texts_of("en")
    assert french.keys() == english.keys()
    for key, text in french.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", english[key])), key


@pytest.mark.parametrize("kind", KINDS)
def test_english_charts_hold_no_french(kind: str) -> None:
    for chart in charts.all_charts(plan_of(kind), "en"):
        words = " ".join([chart.title, chart.alt, *(text for text, _ in words_on(chart.figure))])
        assert not re.search(r"\b(État|dépense|collectivité|charge|janv|année|hors|prévision)\b", words)


def test_amounts_take_the_spaces_of_french_typography() -> None:
    for chart in charts.all_charts(plan_of("millions")):
        for text in (chart.title, chart.alt):
            assert not re.search(r"\d [\d€%]", text)


def test_words_wrap_at_spaces_and_never_within_an_amount() -> None:
    text = "En 2027 : 88\u202f412\u00a0€ à la charge de la collectivité"
    lines = _layout.wrap(text, 13.0, 2.0, bold=True).split("\n")
    assert len(lines) > 1
    assert " ".join(lines) == text
    assert any("88\u202f412\u00a0€" in line for line in lines)
    assert all(_layout.text_width(line, 13.0, bold=True) <= 2.0 for line in lines)
    long = "x" * 300
    lines = _layout.wrap(long, 9.0, 3.0).split("\n")
    assert "".join(lines) == long
    assert all(_layout.text_width(line, 9.0) <= 3.0 for line in lines)


@pytest.mark.parametrize("wanted", [[1, 1, 1], [0, 0, 3], [3, 2.9, 2.95], [-5, 9, 9]])
def test_labels_are_spread_within_bounds_and_in_order(wanted: list[float]) -> None:
    heights = [0.5, 0.7, 0.6]
    places = _layout.spread(wanted, heights, 0.0, 3.0)
    order = sorted(range(3), key=lambda i: wanted[i])
    for a, b in itertools.pairwise(order):
        assert places[b] - places[a] >= (heights[a] + heights[b]) / 2 - 1e-9
    assert min(p - h / 2 for p, h in zip(places, heights, strict=True)) >= -1e-9
    assert max(p + h / 2 for p, h in zip(places, heights, strict=True)) <= 3 + 1e-9


# --- readable without colour --------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lightness(colour: str) -> float:
    """Return CIE L*, 0 to 100, the step a reader sees in grey."""
    return 116 * luminance(colour) ** (1 / 3) - 16


@pytest.mark.parametrize(("a", "b"), list(itertools.combinations(STACK, 2)))
def test_fills_that_may_touch_differ_in_grey(a: str, b: str) -> None:
    assert abs(lightness(style.FILLS[a]["face"]) - lightness(style.FILLS[b]["face"])) >= 15


@pytest.mark.parametrize("fill", style.FILLS)
def test_fills_have_an_outline_and_words_in_contrast(fill: str) -> None:
    look = style.FILLS[fill]
    assert contrast(look["edge"], style.WHITE) >= 3
    assert contrast(look["text"], look["face"]) >= 4.5
    assert contrast(look["hatch"], look["face"]) >= 3


@pytest.mark.parametrize("colour", [style.INK, style.GREY, style.FUNDING, style.COST_TEXT])
def test_colours_of_words_are_in_contrast(colour: str) -> None:
    assert contrast(colour, style.WHITE) >= 4.5


def test_colours_of_lines_are_in_contrast() -> None:
    for colour in (style.COST, style.FUNDING, style.REFERENCE, style.RULE):
        assert contrast(colour, style.WHITE) >= 3


# --- files --------------------------------------------------------------------------------------------


def test_svg_names_itself_and_carries_no_date(tmp_path: Path) -> None:
    chart = charts.funding_by_exercice(plan_of("words"))
    (path,) = charts.save([chart], tmp_path, ["svg"])
    root = ElementTree.fromstring(path.read_bytes())
    space = "{http://www.w3.org/2000/svg}"
    titles, descriptions = root.findall(f"{space}title"), root.findall(f"{space}desc")
    assert [t.text for t in titles] == [chart.title]
    assert [d.text for d in descriptions] == [chart.alt]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{titles[0].get('id')} {descriptions[0].get('id')}"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    text = path.read_text("utf-8")
    assert "dc:date" not in text
    assert "Matplotlib" not in text


def test_png_carries_its_words(tmp_path: Path) -> None:
    from PIL import Image

    chart = charts.one_year(plan_of("ordinary"))
    (path,) = charts.save([chart], tmp_path, ["png"])
    with Image.open(path) as image:
        assert image.info["Title"] == chart.title
        assert image.info["Description"] == chart.alt
        assert image.width == round(chart.figure.get_figwidth() * style.PNG_DPI)


def test_same_plan_same_bytes_whatever_the_process_and_the_reader_s_settings() -> None:
    here = Path(__file__).parent
    program = (
        "import hashlib, json, sys\n"
        f"sys.path.insert(0, {str(here)!r})\n"
        "import test_charts as t\n"
        "from conseiller import charts\n"
        "found = charts.all_charts(t.plan_of('ordinary', 1, 1))\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib\n"
        "matplotlib.rcParams.update({'font.size': 30, 'savefig.bbox': 'tight', 'svg.fonttype': 'none'})\n"
        "before = dict(matplotlib.rcParams)\n"
        "files = [c.render(form) for c in found for form in ('svg', 'png')]\n"
        "print(json.dumps([hashlib.sha256(f).hexdigest() for f in files]))\n"
        "assert dict(matplotlib.rcParams) == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(here.parent), "SOURCE_DATE_EPOCH": "1000000000"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = charts.all_charts(plan_of("ordinary", 1, 1))
    mine = [hashlib.sha256(c.render(form)).hexdigest() for c in found for form in ("svg", "png")]
    assert other.stderr == ""
    assert len(set(mine)) == 8
    assert json.loads(other.stdout) == mine


def test_same_chart_same_bytes_twice() -> None:
    for chart in charts.all_charts(plan_of("shared", 1, 1)):
        assert chart.render("svg") == chart.render("svg")
        assert chart.render("png") == chart.render("png")


def test_files_are_named_after_the_charts(tmp_path: Path) -> None:
    plan = plan_of("ordinary", 1, 1)
    paths = charts.save(charts.all_charts(plan), tmp_path / "new")
    assert [p.name for p in paths] == [f"{key}.{form}" for key in KEYS for form in ("png", "svg")]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(p.name for p in paths)


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = charts.one_year(plan_of("ordinary", 1, 1))
    (path,) = charts.save([chart], tmp_path, ["svg"])
    before = path.read_bytes()

    def fail(self: Path, content: bytes) -> int:
        with self.open("wb") as out:
            out.write(content[:10])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        charts.save([chart], tmp_path, ["svg"])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_format_not_offered_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="bmp"):
        charts.save([charts.one_year(plan_of("ordinary", 1, 1))], tmp_path, ["png", "bmp"])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_the_chart_with_its_alternative() -> None:
    chart = charts.one_year(plan_of("ordinary", 1, 1))
    shown = chart._repr_html_()
    assert shown.startswith('<img src="data:image/png;base64,')
    assert "En 2026" in shown
