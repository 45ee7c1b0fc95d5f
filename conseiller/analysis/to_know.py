"""What an officer must know of a sound case, said alike wherever it is checked or reported."""

from __future__ import annotations

from conseiller.analysis.checks import controls
from conseiller.analysis.notices import reserves, statements
from conseiller.dossier import warnings
from conseiller.messages import Lang, tr
from conseiller.projection import Projection


def to_know(plan: Projection, lang: Lang = "fr") -> list[str]:
    """Return the failing controls, what the case calls for saying, the reserves, and how many hypotheses.

    Parameters
    ----------
    plan : Projection
    lang : {"fr", "en"}
    """
    own = warnings(plan.dossier, plan.base_law, lang, projected=True)
    count = len(statements(plan, lang)) + altered(plan)
    told = [tr("analysis.to_know.hypotheses", lang, count=count)] if count > 1 else []
    if count == 1:
        told = [tr("analysis.to_know.hypothesis", lang)]
    return list(dict.fromkeys([*failing(plan, lang), *own, *reserves(plan, lang), *told]))


def failing(plan: Projection, lang: Lang = "fr") -> list[str]:
    """Return the controls that fail, each with what was found."""
    return [
        tr("analysis.to_know.failing", lang, label=c.label(lang), post=c.post, detail=c.detail(lang))
        if c.post
        else tr("analysis.to_know.failing_all", lang, label=c.label(lang), detail=c.detail(lang))
        for c in controls(plan)
        if not c.ok
    ]


def altered(plan: Projection) -> int:
    """Return how many legal values the officer supposed, changed or withdrew."""
    tables = plan.law.tables.values()
    return sum(e.origin != "law" for t in tables for e in t.entries) + sum(len(t.withdrawn) for t in tables)
