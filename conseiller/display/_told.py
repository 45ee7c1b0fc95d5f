"""Explanations and faults in HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from conseiller.messages import tr

if TYPE_CHECKING:
    from conseiller.explain import Explanation
from conseiller.display._sheet import FONT


def explanation_html(explained: Explanation) -> str:
    """Return an explanation folded below its first operands, each figure explained once."""
    told: set[tuple[str, float]] = set()
    inner = _step_html(explained, 0, told)
    return f'<div lang="{explained.lang}" style="{FONT};overflow-x:auto">{inner}</div>'


def _step_html(step: Explanation, depth: int, told: set[tuple[str, float]]) -> str:
    key = (step.label, step.value)
    again = bool(step.steps) and key in told
    told.add(key)
    head = f"<b>{escape(step.label)}</b> = {escape(step.shown)}"
    if again:
        return f"<div>{head} {escape(tr('explain.above', step.lang))}</div>"
    body = "".join(
        f'<div style="opacity:.85">{escape(said)}</div>' for said in (*step.calculation, *step.notes)
    )
    if step.source:
        source = escape(step.source)
        if step.link.startswith("https://"):
            source = f'<a href="{escape(step.link)}">{source}</a>'
        body += f'<div style="opacity:.75;font-size:90%">{source}</div>'
    margin = "margin-left:1.3em"
    if not step.steps:
        return f'<div>{head}<div style="{margin}">{body}</div></div>'
    steps = "".join(f"<li>{_step_html(s, depth + 1, told)}</li>" for s in step.told)
    body += f'<ul style="margin:.2em 0;padding-left:1.3em">{steps}</ul>'
    opened = " open" if depth == 0 or (depth == 1 and not step.plumbing and step.value) else ""
    return f'<details{opened}><summary>{head}</summary><div style="{margin}">{body}</div></details>'


def faults_html(faults: Any) -> str:
    lang = faults.lang
    head, *_ = str(faults).partition("\n")
    items = "".join(
        f'<li style="margin:.4em 0"><b>{escape(f.where)}</b><br>{escape(f.message)}<br>'
        f"{escape(tr('common.faults.remedy', lang))} {escape(f.remedy)}</li>"
        for f in faults.faults
    )
    title = f'<div style="font-weight:600">{escape(head)}</div>'
    return f'<div lang="{lang}" style="{FONT}">{title}<ol>{items}</ol></div>'
