"""The draft délibération as a Word document: visas, reasons, plan de financement, articles, vote.

Every wording of law has its source in docs/deliberation-sources.md. What is not
verified, or must be filled in by hand, stands between brackets and is marked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conseiller import style
from conseiller.brief import office
from conseiller.brief.act.articles import articles
from conseiller.brief.act.checks import checks
from conseiller.brief.act.choice import act_of
from conseiller.brief.act.draft import Draft
from conseiller.brief.act.financing import FinancingPlan, Row, financing_plan
from conseiller.brief.act.paper import Paper, blank_paper
from conseiller.brief.act.reasons import reasons
from conseiller.brief.act.records import SECTIONS, Kind
from conseiller.brief.act.visas import visas
from conseiller.brief.facts import facts
from conseiller.brief.office import BLANK
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import joined, number

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking

#: A paragraph of the authority's template that stands for the whole act.
_PLACE = re.compile(r"\{\{\s*d[ée]lib[ée]ration\s*\}\}", re.IGNORECASE)
_STYLES = ("Title", "Heading 1", "Heading 2", "List", "List Bullet", "Table Grid", "Caption")


def write_deliberation(
    plan: Projection,
    path: str | Path,
    lang: Lang = "fr",
    decision: Kind | Literal["auto"] = "auto",
    template: str | Path | None = None,
    anonymous: bool = True,
    tracking: Tracking | None = None,
) -> Path:
    """Write the draft délibération; the previous file stays whole if anything fails.

    Parameters
    ----------
    plan : Projection
    path : str or Path
    lang : {"fr", "en"}
        Language of the words; names of laws stay French.
    decision : {"auto", "budget", "recruit", "renew", "keep_without_state", "stop"}
        "auto": what the calendar implies (see `conseiller.brief.act.choice.act_of`).
    template : str or Path, optional
        The authority's own .docx: its styles, headers and pages are kept, and the act is written in
        place of the paragraph ``{{délibération}}``, or after what it holds.
    anonymous : bool
        Name posts by their codes alone, and leave out what an agent is paid beside the index.
    tracking : Tracking, optional
        The same plan against its books: the reasons then say what was mandated and titled.

    Returns
    -------
    Path

    Raises
    ------
    InputFaults
        When the template is not a .docx, or the dossier holds nothing to decide so about.
    conseiller.files.FileInUseError
        When the target is open in another program.
    """
    act = act_of(plan, decision, lang)
    document = office.open_template(template, "docx", lang) if template else blank_paper(lang)
    for name in _STYLES:
        office.ensure_style(document, name)
    draft = Draft(plan, act, facts(plan, lang, anonymous, decision, tracking), lang, anonymous)
    paper = Paper(document, lang)
    with office.inserting_at(document, _PLACE):
        _write(paper, draft)
    paper.foot(draft.tr("footer", stamp=draft.facts.stamp.text(lang)))
    office.set_properties(document, draft.title, plan.report_date, lang)
    return office.save(document, Path(path), plan.report_date)


def _write(paper: Paper, draft: Draft) -> None:
    """Write the whole act, then the working annex."""
    paper.paragraph(draft.tr("title"), "Title")
    paper.paragraph(draft.plan.dossier.authority.name)
    paper.paragraph(draft.tr("number", blank=BLANK))
    paper.paragraph(draft.title, "Heading 1")
    paper.paragraph(draft.tr("draft"))
    paper.paragraph(draft.tr("heading.session"), "Heading 1")
    heads = [draft.tr(f"session.{k}") for k in ("convened", "members", "present", "proxies", "voters")]
    paper.form(heads, draft.tr("vote.session_alt"))
    paper.paragraph(draft.tr("heading.visas"), "Heading 1")
    for text in visas(draft):
        paper.paragraph(text, "List")
    paper.paragraph(draft.tr("heading.reasons"), "Heading 1")
    for text in reasons(draft):
        paper.paragraph(text, "List")
    _financing(paper, draft)
    paper.paragraph(draft.tr("heading.decision"), "Heading 1")
    paper.paragraph(draft.tr("decides.text", assembly=draft.assembly))
    for rank, (title, lines) in enumerate(articles(draft), 1):
        key = "article.first" if rank == 1 else "article.next"
        paper.paragraph(draft.tr(key, title=title, rank=rank), "Heading 2")
        for line in lines:
            paper.paragraph(line)
    _vote(paper, draft)
    paper.break_page()
    _annex(paper, draft)


def _financing(paper: Paper, draft: Draft) -> None:
    """Write the plan de financement, section by section."""
    paper.paragraph(draft.tr("heading.financing"), "Heading 1")
    paper.paragraph(draft.tr("financing.intro", posts=draft.posts))
    for section in SECTIONS:
        found = financing_plan(draft.act, section, draft.lang)
        if found is not None:
            paper.paragraph(draft.tr(f"heading.{section}"), "Heading 2")
            _financing_table(paper, draft, found)
    if draft.act.years != draft.act.years_after:
        paper.paragraph(draft.tr("financing.longer", year=draft.act.years[-1]))


def _financing_table(paper: Paper, draft: Draft, found: FinancingPlan) -> None:
    """Write a section: spending, its total, resources, their total."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    totals = len(found.years) > 1
    heads = [draft.tr("financing.label"), *map(str, found.years)]
    heads += [tr("brief.office.total_column", draft.lang)] * totals
    table = paper.table(heads)
    for side, rows, last in (
        ("uses", found.uses, found.total_uses),
        ("resources", found.resources, found.total_resources),
    ):
        cells = table.add_row().cells
        paper.runs(cells[0].paragraphs[0], draft.tr(f"financing.{side}"), bold=True)
        for row in (*rows, last):
            amounts = [*row.amounts, *([row.total] * totals)]
            _amounts(paper, table, row, amounts)
    for k, row_ in enumerate(table.rows):
        office.keep_row_whole(row_)
        for column, cell in enumerate(row_.cells):
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(2)
                paragraph.paragraph_format.keep_with_next = k < len(table.rows) - 1
                if column:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paper.widths(table, len(heads))
    own = next(r for r in found.resources if r.key == "own")
    items = [
        draft.tr("financing.alt_item", year=y, total=draft.money(t), own=draft.money(o))
        for y, t, o in zip(found.years, found.total_uses.amounts, own.amounts, strict=True)
    ]
    section = draft.tr(f"heading.{found.section}")
    words = draft.tr("financing.alt", section=section.lower(), items=joined(items, draft.lang))
    office.describe_table(table, f"{draft.tr('heading.financing')} – {section}", words)
    paper.document.add_paragraph()


def _amounts(paper: Paper, table: Any, row: Row, amounts: Sequence[float]) -> None:
    """Add a row of amounts."""
    cells = table.add_row().cells
    strong = row.key == "total"
    paper.runs(cells[0].paragraphs[0], row.label, bold=strong)
    for cell, amount in zip(cells[1:], amounts, strict=True):
        paper.runs(cell.paragraphs[0], number(amount, paper.lang, 2), bold=strong)
    if strong:
        for cell in cells:
            office.shade(cell, style.WASH)


def _vote(paper: Paper, draft: Draft) -> None:
    """Write the vote, the signatures and the dates, all blank."""
    paper.paragraph(draft.tr("heading.vote"), "Heading 1")
    heads = [draft.tr(f"vote.{k}") for k in ("for", "against", "abstention", "aside")]
    paper.form(heads, draft.tr("vote.alt"))
    paper.paragraph(draft.tr("vote.signed", blank=BLANK))
    paper.paragraph(draft.tr("vote.head", head=draft.head))
    paper.paragraph(draft.tr("vote.secretary"))
    paper.paragraph(draft.tr("vote.executory", blank=BLANK))


def _annex(paper: Paper, draft: Draft) -> None:
    """Write what must be checked, and what the figures suppose."""
    paper.paragraph(draft.tr("heading.annex"), "Heading 1")
    paper.paragraph(draft.tr("heading.annex_check"), "Heading 2")
    for text in checks(draft):
        paper.paragraph(text, "List Bullet")
    paper.paragraph(draft.tr("heading.annex_rest"), "Heading 2")
    told = draft.facts
    if draft.act.plan is not draft.plan:
        told = facts(draft.act.plan, draft.lang, draft.anonymous)
    for text in told.hypotheses:
        paper.paragraph(text, "List Bullet")
