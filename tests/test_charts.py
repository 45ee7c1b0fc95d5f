"""The charts: right figures, words that fit, the same bytes twice, readable without colour."""

from __future__ import annotations

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


# --- small cases -------------------------------------------------------------------------------------------


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
            contracts, costs, funded = {"working_time": "temps_non_complet", "hours": 0.5, "bonus": 0.0}, [], False
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
CORNERS = [(1, 1), (2, 4), (5, 8)]
CASES = [("ordinary", *size) for size in SIZES] + [(k, *size) for k in KINDS[1:] for size in CORNERS]


@cache
def plan_of(kind: str, posts: int = 2, exercices: int = 4) -> Projection:
    return Projection(dossier(kind, posts, exercices))


def chart_of(key: str, plan: Projection, lang: Lang = "fr") -> charts.Chart:
    return getattr(charts, key)(plan, lang=lang)


# --- nothing is cut, nothing overlaps ------------------------------------------------------------------------


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

    return [
        (p.get_gid(), p)
        for p in figure.findobj(Rectangle)
        if (p.get_gid() or "").startswith("bar-")
    ]


def overlaps(a: Any, b: Any, slack: float = 0.5) -> bool:
    return (
        min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
    )


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
            within = box.x0 >= bar.x0 - 1 and box.x1 <= bar.x1 + 1 and box.y0 >= bar.y0 - 1 and box.y1 <= bar.y1 + 1
            if overlaps(box, bar, 1.0) and not within:
                found.append(f"across {gid}: {text!r}")
    return found


@pytest.mark.parametrize(("kind", "posts", "exercices"), CASES, ids=lambda v: str(v))
def test_no_word_is_cut_or_over_another(kind: str, posts: int, exercices: int) -> None:
    plan = plan_of(kind, posts, exercices)
    found = {c.key: faults_of(c.figure) for c in charts.all_charts(plan)}
    assert found == dict.fromkeys(KEYS, [])


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_is_cut_or_over_another_in_english(kind: str) -> None:
    found = {c.key: faults_of(c.figure) for c in charts.all_charts(plan_of(kind), "en")}
    assert found == dict.fromkeys(KEYS, [])
