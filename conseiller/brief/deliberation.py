"""The draft délibération as a Word document: visas, reasons, plan de financement, articles, vote.

Every wording of law has its source in docs/deliberation-sources.md. What is not
verified, or must be filled in by hand, stands between brackets and is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conseiller import style
from conseiller.analysis.clocks import convention_balance
from conseiller.analysis.financing import financings
from conseiller.analysis.outlook import choices, kept_full_time
from conseiller.brief import office
from conseiller.brief._act import (
    SECTIONS,
    Act,
    FinancingPlan,
    Kind,
    PostAct,
    Row,
    act_of,
    allowance,
    allowance_chapter,
    figure,
    total,
)
from conseiller.brief.facts import PackFacts, facts
from conseiller.brief.office import BLANK
from conseiller.dossier import schema
from conseiller.messages import Lang, has, tr
from conseiller.text import date_long, listing, money, number, percent, typeset

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.projection import Projection

_DAY = timedelta(days=1)
_MARKED = re.compile(r"(\[[^\]]+\])")
#: A paragraph of the authority's template that stands for the whole act.
_PLACE = re.compile(r"\{\{\s*d[ée]lib[ée]ration\s*\}\}", re.IGNORECASE)
_ACT = re.compile(r"délibération n° ?\S+ du \d{1,2}(?:er)? \w+ \d{4}")
_KEY = "brief.office.act."
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
        "auto": what the calendar implies (see `conseiller.brief._act.act_of`).
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
    document = office.open_template(template, "docx", lang) if template else _blank(lang)
    for name in _STYLES:
        office.ensure_style(document, name)
    writer = _Writer(document, plan, act, facts(plan, lang, anonymous, decision, tracking), lang, anonymous)
    with office.inserting_at(document, _PLACE):
        writer.write()
    writer.stamp()
    office.set_properties(document, writer.title, plan.report_date, lang)
    return office.save(document, Path(path), plan.report_date)


def _blank(lang: Lang) -> Any:
    """Return an empty A4 document in the house style."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    sizes = {"Normal": 11, "Title": 20, "Heading 1": 14, "Heading 2": 12, "Caption": 9}
    for name, size in sizes.items():
        found: Any = document.styles[name]
        font = found.font
        font.name, font.size, font.color.rgb = style.SHEET_FONT, Pt(size), RGBColor.from_string(style.INK[1:])
        fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
    for name, before, after in (
        ("Normal", 0, 6),
        ("Heading 1", 14, 4),
        ("Heading 2", 10, 2),
        ("Title", 0, 8),
    ):
        shape: Any = document.styles[name].paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), 1.1
    office.set_document_language(document, lang)
    return document


@dataclass
class _Writer:
    """Writes the act at the end of a document."""

    document: Any
    plan: Projection
    act: Act
    facts: PackFacts
    lang: Lang
    anonymous: bool
    rank: int = 0

    # --- words ------------------------------------------------------------------------------------

    def tr(self, key: str, **values: object) -> str:
        """Return a text of this room."""
        return tr(_KEY + key, self.lang, **values)

    def day(self, day: date) -> str:
        """Return a date in words."""
        return date_long(day, self.lang)

    def named(self, code: str) -> str:
        """Return a post as the act names it."""
        label = next((p.label for p in self.act.posts if p.code == code), "")
        return code if self.anonymous or not label else self.tr("posts_named", code=code, label=label)

    @property
    def posts(self) -> str:
        """The posts concerned, as a list."""
        return posts_named(self.act, self.lang, self.named)

    @property
    def count(self) -> str:
        """How many posts are concerned."""
        return counted(self.act, self.lang)

    @property
    def body(self) -> str:
        """Kind of authority: what its assembly and its head are called."""
        return authority_kind(self.plan.dossier.authority.name)

    @property
    def title(self) -> str:
        """Title of the document: its object."""
        return self.tr("about", object=self.act.headline(self.lang))

    # --- the document -----------------------------------------------------------------------------

    def write(self) -> None:
        """Write the whole act, then the working annex."""
        from docx.enum.text import WD_BREAK

        self.paragraph(self.tr("title"), "Title")
        self.paragraph(self.plan.dossier.authority.name)
        self.paragraph(self.tr("number", blank=BLANK))
        self.paragraph(self.title, "Heading 1")
        self.paragraph(self.tr("draft"))
        self.paragraph(self.tr("heading.session"), "Heading 1")
        heads = [self.tr(f"session.{k}") for k in ("convened", "members", "present", "proxies", "voters")]
        self.form(heads, self.tr("vote.session_alt"))
        self.paragraph(self.tr("heading.visas"), "Heading 1")
        for text in self.visas():
            self.paragraph(text, "List")
        self.paragraph(self.tr("heading.reasons"), "Heading 1")
        for text in self.reasons():
            self.paragraph(text, "List")
        self.financing()
        self.paragraph(self.tr("heading.decision"), "Heading 1")
        assembly = tr(f"brief.office.assembly.{self.body}", self.lang)
        self.paragraph(self.tr("decides.text", assembly=assembly))
        for title, lines in self.articles():
            if not self.rank and self.act.open:
                lines.append(self.variants())
            self.rank += 1
            key = "article.first" if self.rank == 1 else "article.next"
            self.paragraph(self.tr(key, title=title, rank=self.rank), "Heading 2")
            for line in lines:
                self.paragraph(line)
        self.vote()
        self.paragraph("").add_run().add_break(WD_BREAK.PAGE)
        self.annex()

    def paragraph(self, text: str, name: str = "Normal") -> Any:
        """Add a paragraph; words between brackets are marked."""
        paragraph = self.document.add_paragraph(style=office.ensure_style(self.document, name))
        self.runs(paragraph, text)
        if name == "List":
            from docx.shared import Mm

            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = (
                Mm(6),
                Mm(-6),
            )
        return paragraph

    def runs(self, paragraph: Any, text: str, bold: bool = False) -> None:
        """Add text to a paragraph, in the language of the document."""
        from docx.enum.text import WD_COLOR_INDEX

        for part in filter(None, _MARKED.split(typeset(text))):
            run = paragraph.add_run(part)
            marked = part.startswith("[")
            if bold or marked:
                run.bold = True
            if marked:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            office.set_run_language(run, self.lang)

    def visas(self) -> Iterator[str]:
        """Return the visas."""
        if self.body in {"epci", "commune"}:
            yield self.tr(f"visa.cgct_{self.body}")
        else:
            yield self.tr("visa.cgct_other")
        if articles := list(self.article_refs()):
            yield self.tr("visa.cgfp", articles=listing(articles, self.lang))
        yield self.tr("visa.finance")
        for text in dict.fromkeys(_acts(self.plan.dossier, self.act.codes)):
            yield self.tr("visa.act", act=text)
        yield from self.conventions()
        if self.body == "epci":
            yield self.tr("visa.bureau", blank=BLANK)
        yield self.tr("visa.budget", year=self.act.years[0])

    def article_refs(self) -> Iterator[str]:
        """Return the articles of the civil-service code that the decision rests on."""
        as_it_is = self.act.kind in {"stop", "budget"}
        contracts = [p.contract if as_it_is else p.then for p in self.act.posts]
        hired = [c for c in contracts if c.status == "contractuel"]
        if not as_it_is:
            yield self.tr("article_ref.creation")
        if any(c.nature == "projet" for c in hired):
            yield self.tr("article_ref.projet")
        if not as_it_is and any(c.nature != "projet" for c in hired):
            yield self.tr("article_ref.permanent")
        projects = [p for p in self.act.posts if p.contract.nature == "projet"]
        if self.act.kind not in {"recruit", "budget"} and any(
            p.contract.status == "contractuel" for p in projects
        ):
            yield self.tr("article_ref.notice")

    def conventions(self) -> Iterator[str]:
        """Return the visas of the conventions that fund the posts at the report or later."""
        found: dict[tuple[str, str], list[str]] = {}
        funded = [f for f in financings(self.plan) if f.post in self.act.codes]
        last = {f.post: max(g.last_day for g in funded if g.post == f.post) for f in funded}
        for f in funded:
            if f.last_day == last[f.post]:
                found.setdefault((f.code, f.convention.reference), []).append(f.post)
        for (code, reference), posts in found.items():
            words = (
                f" « {reference} »"
                if reference and self.lang == "fr"
                else f" ({reference})"
                if reference
                else ""
            )
            yield self.tr("visa.convention", code=code, reference=words, codes=listing(posts, self.lang))

    # --- reasons ----------------------------------------------------------------------------------

    def reasons(self) -> Iterator[str]:
        """Return the reasons, with the figures of the plan."""
        act, kind = self.act, self.act.kind
        yield self.tr("reason.service")
        last = max((p.funded_until for p in act.posts if p.funded_until), default=None)
        if kind == "recruit" and last:
            yield self.tr(
                "reason.grant_recruit",
                posts=self.posts,
                amount=self.money(self.agreed()),
                last=self.day(last),
            )
        elif kind == "renew" and last:
            yield self.tr("reason.grant_renew", posts=self.posts, last=self.day(last))
        elif last:
            yield self.tr("reason.grant_end", posts=self.posts, last=self.day(last))
        yield self.tr("reason.reserved")
        if kind != "recruit":
            for post in act.posts:
                if post.contract.end is None:
                    yield self.tr("reason.open", post=self.named(post.code))
                else:
                    yield self.tr(
                        "reason.contract", post=self.named(post.code), end=self.day(post.contract.end)
                    )
                if post.limit and kind != "stop":
                    yield self.tr("reason.limit", post=self.named(post.code), limit=self.day(post.limit))
        yield from self.costs()
        if self.facts.booked:
            yield self.tr("reason.booked", booked=self.facts.booked)

    def costs(self) -> Iterator[str]:
        """Return what the decision costs, and what it cost before."""
        act, plan = self.act, self.plan
        sums = act.sums("exercice").reindex(act.years, fill_value=0.0)
        if act.kind == "stop":
            yield from self.cost_of_stopping()
            return
        for year in act.years:
            cost, net = (self.money(figure(sums, year, m)) for m in ("cost", "net_cost"))
            yield self.tr("reason.cost", posts=self.posts, cost=cost, net=net, year=year)
        before = act.years[0] - 1
        if act.kind != "recruit" and before in plan.exercices:
            net = self.money(
                figure(act.sums("exercice").reindex([before], fill_value=0.0), before, "net_cost")
            )
            yield self.tr("reason.cost_before", net=net, year=before)

    def cost_of_stopping(self) -> Iterator[str]:
        """Return what stopping leaves, beside the unemployment allowance, the case, and keeping the posts."""
        act, plan = self.act, self.plan

        def left(of: Projection) -> float:
            shown = Act("keep_without_state", act.start, act.posts, of).sums("exercice")
            return total(shown.reindex(act.years, fill_value=0.0)["net_cost"])

        are = total(allowance(act))
        without = total([left(act.plan), -are])
        words = {
            "span": listing([str(y) for y in act.years], self.lang),
            "cost": self.money(without),
            "are": self.money(are),
            "account": plan.account_of(plan.law.lines["are"], "contractuel"),
            "all": self.money(total([without, are])),
        }
        yield self.tr("reason.cost_stop_are" if are else "reason.cost_stop", **words)
        ending = total([left(plan), -without])
        if ending > 0 and all(p.following is None for p in act.posts):
            yield self.tr("reason.cost_stop_case", case=self.money(left(plan)), ending=self.money(ending))
        if set(act.codes) <= set(choices(plan).posts):
            keep = self.money(left(kept_full_time(plan)))
            yield self.tr("reason.cost_stop_kept", keep=keep, span=words["span"], posts=self.posts)

    def money(self, amount: float) -> str:
        """Return an amount in euros and cents."""
        return money(amount, self.lang)

    def agreed(self) -> float:
        """Return what the conventions of the posts grant in all, those ended before the decision left out."""
        funded = [
            f for f in financings(self.plan) if f.post in self.act.codes and f.last_day >= self.act.start
        ]
        return total(f.agreed for f in funded)

    # --- plan de financement ----------------------------------------------------------------------

    def financing(self) -> None:
        """Write the plan de financement, section by section."""
        self.paragraph(self.tr("heading.financing"), "Heading 1")
        self.paragraph(self.tr("financing.intro", posts=self.posts))
        for section in SECTIONS:
            found = self.act.financing_plan(section, self.lang)
            if found is not None:
                self.paragraph(self.tr(f"heading.{section}"), "Heading 2")
                self.financing_table(found)
        if self.act.years != self.act.years_after:
            self.paragraph(self.tr("financing.longer", year=self.act.years[-1]))

    def financing_table(self, found: FinancingPlan) -> None:
        """Write a section: spending, its total, resources, their total."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        totals = len(found.years) > 1
        heads = [self.tr("financing.label"), *map(str, found.years)]
        heads += [tr("brief.office.total_column", self.lang)] * totals
        table = self.table(heads)
        for side, rows, last in (
            ("uses", found.uses, found.total_uses),
            ("resources", found.resources, found.total_resources),
        ):
            cells = table.add_row().cells
            self.runs(cells[0].paragraphs[0], self.tr(f"financing.{side}"), bold=True)
            for row in (*rows, last):
                amounts = [*row.amounts, *([row.total] * totals)]
                self.fill(table, row, amounts)
        for k, row_ in enumerate(table.rows):
            office.keep_row_whole(row_)
            for column, cell in enumerate(row_.cells):
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.space_after = Pt(2)
                    paragraph.paragraph_format.keep_with_next = k < len(table.rows) - 1
                    if column:
                        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self.widths(table, len(heads))
        own = next(r for r in found.resources if r.key == "own")
        items = [
            self.tr("financing.alt_item", year=y, total=self.money(t), own=self.money(o))
            for y, t, o in zip(found.years, found.total_uses.amounts, own.amounts, strict=True)
        ]
        section = self.tr(f"heading.{found.section}")
        words = self.tr("financing.alt", section=section.lower(), items=" ; ".join(items))
        office.describe_table(table, f"{self.tr('heading.financing')} – {section}", words)
        self.document.add_paragraph()

    def fill(self, table: Any, row: Row, amounts: Sequence[float]) -> None:
        """Add a row of amounts."""
        cells = table.add_row().cells
        strong = row.key == "total"
        self.runs(cells[0].paragraphs[0], row.label, bold=strong)
        for cell, amount in zip(cells[1:], amounts, strict=True):
            self.runs(cell.paragraphs[0], number(amount, self.lang, 2), bold=strong)
        if strong:
            for cell in cells:
                office.shade(cell, style.WASH)

    def table(self, heads: Sequence[str]) -> Any:
        """Add a table with its header row, repeated on each page."""
        table = self.document.add_table(1, len(heads))
        table.style = office.ensure_style(self.document, "Table Grid")
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            self.runs(cell.paragraphs[0], head, bold=True)
            office.shade(cell, style.HEAD_FILL)
        office.repeat_header(table.rows[0])
        return table

    def widths(self, table: Any, columns: int) -> None:
        """Give the first column what the amounts leave of the page."""
        from docx.shared import Emu, Mm, Pt

        section = self.document.sections[-1]
        assert section.page_width is not None
        room = section.page_width - (section.left_margin or 0) - (section.right_margin or 0)
        amount = min(Mm(27), round(room * 0.75 / (columns - 1)))
        widths = [Emu(room - amount * (columns - 1))] + [Emu(amount)] * (columns - 1)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
                for paragraph in cell.paragraphs:
                    for run in paragraph.runs:
                        run.font.size = Pt(9 if columns > 5 else 10)

    def form(self, heads: Sequence[str], words: str) -> None:
        """Add a table to fill in by hand: heads, and one empty row."""
        table = self.table(heads)
        for cell in table.add_row().cells:
            self.runs(cell.paragraphs[0], BLANK)
        office.describe_table(table, words, words)
        self.document.add_paragraph()

    # --- articles ---------------------------------------------------------------------------------

    def articles(self) -> Iterator[tuple[str, list[str]]]:
        """Return the articles: title and paragraphs."""
        act, kind = self.act, self.act.kind
        act = self.act
        common = {
            "count": self.count,
            "codes": listing(map(self.named, self.act.codes), self.lang),
            "start": self.day(act.start),
        }
        last = max((p.funded_until for p in act.posts if p.funded_until), default=None)
        match kind:
            case "recruit":
                refs = "projet" if all(p.contract.nature == "projet" for p in act.posts) else "creation"
                basis = self.tr(f"article_ref.{refs}")
                yield (
                    self.tr("article.create_title"),
                    [self.tr("article.create", basis=basis, blank=BLANK, **common)],
                )
                yield self.tr("article.level_title"), list(self.levels())
            case "renew":
                shown = self.day(last) if last else BLANK
                yield self.tr("article.renew_title"), [self.tr("article.renew", last=shown, **common)]
                yield self.tr("article.form_title"), [self.form_of(p) for p in act.posts]
                yield self.tr("article.level_title"), list(self.levels())
            case "keep_without_state":
                yield self.tr("article.keep_title"), [self.tr("article.keep", **common)]
                yield self.tr("article.form_title"), [self.form_of(p) for p in act.posts]
                yield self.tr("article.level_title"), list(self.levels())
            case "budget":
                year = act.start.year
                yield (
                    self.tr("article.budget_title", year=year),
                    [self.tr("article.budget", posts=self.posts, year=year)],
                )
            case "stop":
                ends = [
                    self.tr("article.stop_item", post=self.named(p.code), end=self.day(p.contract.end))
                    for p in act.posts
                    if p.contract.end is not None
                ]
                text = self.tr("article.stop", posts=self.posts, ends=" ; ".join(ends))
                yield self.tr("article.stop_title"), [text]
                if any(p.contract.nature == "projet" for p in act.posts):
                    yield self.tr("article.notice_title"), [self.tr("article.notice")]
                yield self.tr("article.means_title"), [self.tr("article.means")]
        if kind in {"recruit", "renew"}:
            amount = self.money(self.agreed())
            yield self.tr("article.convention_title"), [self.tr("article.convention", amount=amount)]
        if kind != "recruit":
            yield self.tr("article.balance_title"), [self.balance()]
        yield self.tr("article.financing_title"), [self.credits()]
        head = tr(f"brief.office.head.{self.body}", self.lang)
        yield self.tr("article.execute_title"), [self.tr("article.execute", head=head)]

    def variants(self) -> str:
        """Return the other answers that the assembly may give, with the figures of the note, to be marked."""
        told = self.facts.choices
        stopping = self.act.kind == "stop"
        others = [
            row
            for row in told.rows
            if (row.key != "choices.stop" if stopping else row.kind != "total")
            and row.key != "choices.planned"
        ]
        items = []
        for row in others:
            next_year, exit_cost = row.figures[0], row.figures[-1]
            assert next_year is not None
            words = {"label": row.label, "amount": next_year.text(self.lang), "what": told.columns[0].lower()}
            if exit_cost is not None and exit_cost.key.endswith("exposure_total") and exit_cost.value:
                items.append(self.tr("article.variant_exit", exit=exit_cost.text(self.lang), **words))
            else:
                items.append(self.tr("article.variant", **words))
        kind = self.tr(f"article.drafted.{self.act.kind}")
        return self.tr("article.variants", kind=kind, items=" ; ".join(items))

    def form_of(self, post: PostAct) -> str:
        """Return the legal form of the employment that goes on."""
        contract = post.then
        key = "projet" if contract.nature == "projet" else "other"
        if contract.status == "titulaire":
            return self.tr(
                "article.form_tenured",
                post=self.named(post.code),
                start=self.day(self.act.start),
                blank=BLANK,
            )
        end = self.day(contract.end) if contract.end else self.tr("article.open_end")
        start = max(contract.start, self.act.start) if post.following is None else contract.start
        return self.tr(f"article.form_{key}", post=self.named(post.code), start=self.day(start), end=end)

    def levels(self) -> Iterator[str]:
        """Return functions, reason, and the level of each post."""
        yield self.tr("article.functions")
        if any(p.then.status == "contractuel" for p in self.act.posts):
            yield self.tr("article.reason", blank=BLANK)
        for post in self.act.posts:
            contract = post.then
            terms = [t for t in contract.terms if t.start <= max(self.act.start, contract.start)]
            term = max(terms, key=lambda t: t.start) if terms else next(iter(contract.terms), None)
            yield self.tr(
                "article.level", post=self.named(post.code), time=self.time(contract), **self.pay(term)
            )

    def time(self, contract: schema.Contract) -> str:
        """Return the working time of a contract in words."""
        hours = number(contract.hours or 35, self.lang)
        share = percent(contract.share or 1, 0, self.lang)
        return self.tr(f"time.{contract.working_time}", hours=hours, share=share)

    def pay(self, term: schema.PayTerm | None) -> dict[str, str]:
        """Return the level of a post: grade, pay, bonus."""
        grade = self.tr("grade.blank", blank=BLANK)
        pay = self.tr("pay.blank", blank=BLANK)
        bonus = self.tr("pay.bonus_anonymous")
        if term is not None:
            if term.grade:
                known = has(f"{_KEY}grade.{term.grade}", self.lang)
                grade = self.tr(f"grade.{term.grade}" if known else "grade.named", grade=term.grade)
            if term.index is not None:
                pay = self.tr("pay.index", index=term.index)
            elif term.step is not None:
                pay = self.tr("pay.step", step=term.step)
            if not self.anonymous:
                bonus = self.tr("pay.bonus", amount=self.money(term.bonus))
        return {"grade": grade, "pay": pay, "bonus": bonus}

    def balance(self) -> str:
        """Return what is left to title of the grant of the posts."""
        found = convention_balance(self.plan)
        found = found[found["post"].isin(self.act.codes)]
        left = total((found["projected"] - found["titled"]).clip(lower=0))
        return (
            self.tr("article.balance", amount=self.money(left)) if left else self.tr("article.balance_none")
        )

    def credits(self) -> str:
        """Return the credits of the first exercice, chapter by chapter."""
        year = self.act.years[0]
        sums = self.act.sums("chapter", "exercice")
        items = []
        are, are_chapter = allowance(self.act)[0], allowance_chapter(self.act)
        for key, measures in (("cost", ["cost"]), ("income", ["grant", "other_funding"])):
            for chapter in sums.index.get_level_values("chapter").unique().sort_values():
                if (chapter, year) not in sums.index:
                    continue
                amount = total(figure(sums, (chapter, year), m) for m in measures)
                if are and key == "cost" and chapter == are_chapter:
                    amount = total([amount, -are])
                    words = self.tr("article.financing_are", amount=self.money(are), chapter=chapter)
                    items.append(words)
                if amount:
                    text = self.tr(
                        f"article.financing_{key}", amount=self.money(amount), chapter=chapter or "—"
                    )
                    items.append(text)
        shown = listing(items, self.lang) if items else self.tr("article.financing_none")
        return self.tr("article.financing", year=year, items=shown)

    # --- the end ----------------------------------------------------------------------------------

    def vote(self) -> None:
        """Write the vote, the signatures and the dates, all blank."""
        self.paragraph(self.tr("heading.vote"), "Heading 1")
        self.form(
            [self.tr(f"vote.{k}") for k in ("for", "against", "abstention", "aside")], self.tr("vote.alt")
        )
        self.paragraph(self.tr("vote.signed", blank=BLANK))
        head = tr(f"brief.office.head.{self.body}", self.lang)
        self.paragraph(self.tr("vote.head", head=head))
        self.paragraph(self.tr("vote.secretary"))
        self.paragraph(self.tr("vote.executory", blank=BLANK))

    def annex(self) -> None:
        """Write what must be checked, and what the figures suppose."""
        self.paragraph(self.tr("heading.annex"), "Heading 1")
        self.paragraph(self.tr("heading.annex_check"), "Heading 2")
        for text in self.checks():
            self.paragraph(text, "List Bullet")
        self.paragraph(self.tr("heading.annex_rest"), "Heading 2")
        told = self.facts
        if self.act.plan is not self.plan:
            told = facts(self.act.plan, self.lang, self.anonymous)
        for text in told.hypotheses:
            self.paragraph(text, "List Bullet")

    def checks(self) -> Iterator[str]:
        """Return what must be checked before the vote."""
        act = self.act
        missed = Act(act.kind, act.start, act.posts, self.plan).missed
        if missed and act.kind != "recruit":
            yield self.tr("check.notices", days=listing([self.day(d) for d in missed], self.lang))
        for post in act.posts:
            contract = post.then
            if act.kind in {"stop", "budget"} or contract.status != "contractuel":
                continue
            if contract.nature != "projet":
                yield self.tr("check.permanent", post=self.named(post.code))
            elif post.limit and (contract.end is None or contract.end > post.limit):
                yield self.tr("check.beyond", post=self.named(post.code), limit=self.day(post.limit))
        if act.kind == "stop":
            yield self.tr("check.stop_means")
            if any(allowance(act)):
                yield self.tr("check.are")
        yield self.tr("check.legal")
        if others := [code for code in self.plan.posts if code not in act.codes]:
            yield self.tr("check.figures", codes=listing(map(self.named, others), self.lang))

    def stamp(self) -> None:
        """Add stamp and page numbers to the footers, after what they hold."""
        from docx.shared import Pt

        words = self.tr("footer", stamp=self.facts.stamp.text(self.lang))
        holders = []
        for k, section in enumerate(self.document.sections):
            footers = [section.footer]
            if section.different_first_page_header_footer:
                footers.append(section.first_page_footer)
            if self.document.settings.odd_and_even_pages_header_footer:
                footers.append(section.even_page_footer)
            holders += [f for f in footers if k == 0 or not f.is_linked_to_previous]
        for footer in holders:
            paragraph = footer.paragraphs[0]
            if paragraph.text.strip() or paragraph._p.xpath(".//w:drawing|.//w:fldChar|.//w:fldSimple"):
                paragraph = footer.add_paragraph()
            self.runs(paragraph, f"{words} – {tr('brief.office.page', self.lang)} ")
            office.add_field(paragraph, "PAGE")
            self.runs(paragraph, " / ")
            office.add_field(paragraph, "NUMPAGES")
            for run in paragraph.runs:
                run.font.size = Pt(8)


# --- shared with the slides ---------------------------------------------------------------------------


def authority_kind(name: str) -> Literal["epci", "commune", "departement", "other"]:
    """Return what an authority is, read from its name."""
    word = name.strip().split(" ", 1)[0].lower()
    if word in {"communauté", "communaute", "métropole", "metropole", "cc", "ca", "cu"}:
        return "epci"
    if word in {"commune", "ville", "mairie"}:
        return "commune"
    return "departement" if word in {"département", "departement"} else "other"


def posts_named(act: Act, lang: Lang, named: Any = str) -> str:
    """Return the posts of an act in words: ``des postes CN1 et CN2`` without its article."""
    codes = [named(code) for code in act.codes]
    key = "one" if len(codes) == 1 else "many"
    return tr(f"{_KEY}posts.{key}", lang, codes=listing(codes, lang))


def counted(act: Act, lang: Lang) -> str:
    """Return how many posts an act is about."""
    key = "one" if len(act.posts) == 1 else "many"
    return tr(f"{_KEY}count.{key}", lang, count=len(act.posts))


def _acts(dossier: schema.Dossier, codes: Iterable[str]) -> Iterator[str]:
    """Return the acts that the dossier names about some posts."""
    chosen = set(codes)
    for post in dossier.posts:
        if post.code not in chosen:
            continue
        records: list[Any] = [post, *post.contracts, *post.conventions]
        for record in records:
            yield from _ACT.findall(record.source)
