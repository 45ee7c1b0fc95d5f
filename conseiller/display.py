"""Tables, projections, dossiers and law as a reader sees them: static HTML, Markdown and plain text.

The HTML carries its style inline and no script, takes the colours of the page
it stands in (light or dark), and says the same as the plain text. Objects of the
package call this from their ``_repr_html_``; `show` does so in the other language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from conseiller.messages import Lang, has, tr
from conseiller.text import date_long, date_short, listing, money, month_long, number

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.dossier.schema import Contract, Convention, Dossier, Item, PayTerm, Post
    from conseiller.explain import Explanation
    from conseiller.law import Entry, Law, Table
    from conseiller.projection import Projection

_LINE = "1px solid rgba(128,128,128,.55)"
_FAINT = "1px solid rgba(128,128,128,.25)"
_FONT = "font-family:system-ui,sans-serif;font-size:13px;line-height:1.4;color:inherit"
#: Measures that one may add up, where a total is asked for.
_YEAR_COLUMNS = {"exercice", "year"}
#: Results shown by `conseiller.scenario_display`.
_SCENARIOS = {"Comparison", "DecisionTable", "Sensitivity", "TwoWay"}


@dataclass(frozen=True)
class Cell:
    """One cell: its words, where they stand, and a link."""

    text: str
    right: bool = False
    link: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Grid:
    """A table ready to be shown: everything in it is words.

    Parameters
    ----------
    heads : sequence of Cell
        Headers of the columns.
    rows : sequence of sequences of Cell
    stubs : int
        Leading cells of each row that name it.
    foot : sequence of Cell
        Row of totals, empty when there is none.
    title, notes : str and sequence of str
        Words above and below.
    folded : bool
        In HTML, shown only when opened.
    """

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    stubs: int = 1
    foot: Sequence[Cell] = ()
    title: str = ""
    notes: Sequence[str] = ()
    folded: bool = False

    def html(self) -> str:
        """Return the table as HTML with inline style."""
        parts = ['<table style="border-collapse:collapse;margin:.3em 0;color:inherit">']
        if self.title and not self.folded:
            parts.append(
                '<caption style="caption-side:top;text-align:left;color:inherit;font-weight:600">'
                f"{escape(self.title)}</caption>"
            )
        heads = "".join(
            _html_cell(c, "th", "col", f"border-bottom:{_LINE};font-weight:600") for c in self.heads
        )
        parts.append(f"<thead><tr>{heads}</tr></thead><tbody>")
        parts += [f"<tr>{self._html_row(row, f'border-bottom:{_FAINT}')}</tr>" for row in self.rows]
        parts.append("</tbody>")
        if self.foot:
            parts.append(
                f"<tfoot><tr>{self._html_row(self.foot, f'border-top:{_LINE};font-weight:600')}</tr></tfoot>"
            )
        parts.append("</table>")
        parts += [f'<div style="opacity:.85">{escape(note)}</div>' for note in self.notes]
        if self.folded:
            return f"<details><summary>{escape(self.title)}</summary>{''.join(parts)}</details>"
        return "".join(parts)

    def _html_row(self, row: Sequence[Cell], look: str) -> str:
        return "".join(
            _html_cell(c, "th" if i < self.stubs else "td", "row" if i < self.stubs else "", look)
            for i, c in enumerate(row)
        )

    def text(self) -> str:
        """Return the table as lines of a terminal."""
        table = [self.heads, *self.rows, *([self.foot] if self.foot else [])]
        widths = [max(len(row[i].text) for row in table) for i in range(len(self.heads))]

        def line(row: Sequence[Cell]) -> str:
            cells = (
                c.text.rjust(w) if c.right else c.text.ljust(w) for c, w in zip(row, widths, strict=True)
            )
            return "  ".join(cells).rstrip()

        rule = "  ".join("─" * w for w in widths)
        out = [self.title] if self.title else []
        out += [line(self.heads), rule, *(line(row) for row in self.rows)]
        out += [rule, line(self.foot)] if self.foot else []
        return "\n".join([*out, *self.notes])

    def markdown(self) -> str:
        """Return the table in Markdown."""

        def line(cells: Iterable[str]) -> str:
            return f"| {' | '.join(cells)} |"

        out = [f"**{_md(self.title)}**", ""] if self.title else []
        out += [line(_md(c.text) for c in self.heads), line("--:" if c.right else ":--" for c in self.heads)]
        for row in self.rows:
            out.append(line(_md_cell(c) for c in row))
        if self.foot:
            out.append(line(f"**{_md(c.text)}**" if c.text else "" for c in self.foot))
        return "\n".join([*out, *(["", *(_md(n) for n in self.notes)] if self.notes else [])])


def _html_cell(cell: Cell, tag: str, scope: str, look: str) -> str:
    side = "right" if cell.right else "left"
    wrap = "white-space:nowrap" if cell.right or len(cell.text) < 24 else "max-width:34em"
    if tag == "th" and scope == "col":
        wrap = "white-space:normal;vertical-align:bottom"
    style = f"text-align:{side};padding:.2em .7em;vertical-align:top;{wrap};color:inherit;{look}"
    if tag == "th" and scope == "row" and "font-weight" not in look:
        style += ";font-weight:400"
    if cell.bold:
        style += ";font-weight:600"
    text = escape(cell.text)
    if cell.link.startswith("https://"):
        text = f'<a href="{escape(cell.link)}">{text}</a>'
    return f'<{tag}{f" scope={chr(34)}{scope}{chr(34)}" if scope else ""} style="{style}">{text}</{tag}>'


def _md_cell(cell: Cell) -> str:
    if cell.link:
        return f"[{_md(cell.text)}]({cell.link})"
    return f"**{_md(cell.text)}**" if cell.bold and cell.text else _md(cell.text)


def _md(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("\n", " ")


@dataclass(frozen=True)
class Sheet:
    """A title, sentences and grids: what is shown of one object."""

    title: str = ""
    lead: Sequence[str] = ()
    grids: Sequence[Grid] = ()
    notes: Sequence[str] = ()
    bullets: Sequence[str] = ()

    def html(self, lang: Lang) -> str:
        """Return the sheet as one HTML block."""
        parts = [f'<div lang="{lang}" style="{_FONT};overflow-x:auto">']
        if self.title:
            parts.append(f'<div style="font-size:115%;font-weight:600">{escape(self.title)}</div>')
        parts += [f"<div>{escape(said)}</div>" for said in self.lead]
        parts += [grid.html() for grid in self.grids]
        if self.bullets:
            parts.append(f"<ul>{''.join(f'<li>{escape(said)}</li>' for said in self.bullets)}</ul>")
        parts += [f'<div style="opacity:.85">{escape(note)}</div>' for note in self.notes]
        return "".join([*parts, "</div>"])

    def text(self) -> str:
        """Return the sheet as plain text."""
        parts = ["\n".join(filter(None, [self.title, *self.lead])), *(g.text() for g in self.grids)]
        parts.append("\n".join(f"- {said}" for said in self.bullets))
        return "\n\n".join(filter(None, [*parts, "\n".join(self.notes)]))

    def markdown(self) -> str:
        """Return the sheet in Markdown."""
        parts = [f"### {_md(self.title)}" if self.title else "", *(_md(s) for s in self.lead)]
        parts += [g.markdown() for g in self.grids]
        parts += ["\n".join(f"- {_md(said)}" for said in self.bullets), *(_md(n) for n in self.notes)]
        return "\n\n".join(filter(None, parts))


@dataclass(frozen=True)
class Shown:
    """What `show` returns: a notebook shows its HTML, a terminal its text."""

    html: str = field(repr=False)
    text: str = field(repr=False)
    markdown: str = field(repr=False)

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown


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
        return Shown(thing._repr_html_(), _chart_text(thing), f"![{_md(thing.alt)}](#)")
    if isinstance(thing, Explanation):
        return Shown(_explanation_html(thing), str(thing), f"```\n{thing}\n```")
    if isinstance(thing, InputFaults):
        return Shown(_faults_html(thing), str(thing), f"```\n{thing}\n```")
    sheet = _sheet(thing, lang, **options)
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


def _sheet(thing: Any, lang: Lang, **options: Any) -> Sheet:
    from conseiller.dossier.schema import Dossier
    from conseiller.law import Law
    from conseiller.projection import Projection

    if isinstance(thing, Grid):
        return Sheet(grids=[thing])
    if callable(made := getattr(thing, "sheet", None)):  # a tracking, a calibration
        shown: Sheet = made(lang, **options)
        return shown
    if isinstance(thing, Projection):
        return _projection(thing, lang, **options)
    if isinstance(thing, Dossier):
        return _dossier(thing, lang, **options)
    if isinstance(thing, Law):
        return _law(thing, lang, **options)
    if type(thing).__name__ in _SCENARIOS:
        from conseiller.scenario_display import sheet

        return sheet(thing, lang, **options)
    if isinstance(thing, (list, tuple)) and thing and all(isinstance(said, str) for said in thing):
        return Sheet(bullets=thing)
    if isinstance(thing, (list, tuple)) or type(thing).__name__ == "Choices":
        return Sheet(grids=[_records(thing, lang, **options)])
    if hasattr(thing, "to_frame") and not hasattr(thing, "columns"):
        thing = thing.to_frame()
    if not hasattr(thing, "columns"):
        raise TypeError(f"nothing known to show of a {type(thing).__name__}")
    return Sheet(grids=[grid(thing, lang, **options)])


def _chart_text(chart: Any) -> str:
    return f"{chart.alt}\n{chart.source}"


def _explanation_html(explained: Explanation) -> str:
    """Return an explanation folded below its first operands, each figure explained once."""
    told: set[tuple[str, float]] = set()
    inner = _step_html(explained, 0, told)
    return f'<div lang="{explained.lang}" style="{_FONT};overflow-x:auto">{inner}</div>'


def _step_html(step: Explanation, depth: int, told: set[tuple[str, float]]) -> str:
    key = (step.label, step.value)
    again = bool(step.steps) and key in told
    told.add(key)
    head = f"<b>{escape(step.label)}</b> = {escape(step.shown)}"
    if again:
        return f"<div>{head} {escape(tr('explain.above', step.lang))}</div>"
    body = "".join(
        f'<div style="opacity:.85">{escape(said)}</div>' for said in (step.formula, *step.notes) if said
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


def _faults_html(faults: Any) -> str:
    lang = faults.lang
    head, *_ = str(faults).partition("\n")
    items = "".join(
        f'<li style="margin:.4em 0"><b>{escape(f.where)}</b><br>{escape(f.message)}<br>'
        f"{escape(tr('common.faults.remedy', lang))} {escape(f.remedy)}</li>"
        for f in faults.faults
    )
    title = f'<div style="font-weight:600">{escape(head)}</div>'
    return f'<div lang="{lang}" style="{_FONT}">{title}<ol>{items}</ol></div>'


# --- tables -----------------------------------------------------------------------------------------


def grid(
    frame: pd.DataFrame,
    lang: Lang = "fr",
    *,
    title: str = "",
    total: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Grid:
    """Return a table of figures with its headers and values in words.

    Floats are amounts in euros, integers counts (years where the column says so). Of a budget
    grid, the sums stand in bold and the column that says so is left out.

    Parameters
    ----------
    frame : DataFrame
        As the views of a projection or of `conseiller.analysis` return it.
    lang : {"fr", "en"}
    title : str
    total : bool
        Add a row with the sum of each column of amounts, to the cent.
    labels : mapping, optional
        Names of codes: ``{"cout_1": "Ordinateur"}``.
    """
    import pandas as pd

    names = {} if labels is None else dict(labels)
    sums = [False] * len(frame)
    if "level" in frame.columns:
        sums = [level != "account" for level in frame["level"]]
        frame = frame.drop(columns="level")
    named = [name for name in frame.index.names if name is not None]
    plain = frame.reset_index() if named else frame
    stubs = len(named) or 1
    kinds = {c: _is_amount(plain[c]) for c in plain.columns}
    counts = {c: pd.api.types.is_integer_dtype(plain[c]) and c not in _YEAR_COLUMNS for c in plain.columns}
    heads = [Cell(_head(c, lang), kinds[c] or counts[c]) for c in plain.columns]
    rows = [
        [
            Cell(_value(v, str(c), lang, names), kinds[c] or counts[c], bold=is_sum)
            for c, v in zip(plain.columns, row, strict=True)
        ]
        for row, is_sum in zip(plain.itertuples(index=False, name=None), sums, strict=True)
    ]
    foot: list[Cell] = []
    if total and rows:
        for rank, c in enumerate(plain.columns):
            if kinds[c]:
                foot.append(Cell(money(float((plain[c] * 100).round().sum()) / 100, lang), True))
            else:
                foot.append(Cell(tr("display.total", lang) if rank == 0 else ""))
    notes = [] if rows else [tr("display.empty", lang)]
    return Grid(heads, rows, stubs, foot, title, notes)


def _is_amount(column: pd.Series[Any]) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_float_dtype(column))


def _head(name: Any, lang: Lang) -> str:
    key = f"display.column.{name}"
    return tr(key, lang) if has(key, lang) else str(name)


def _value(value: Any, column: str, lang: Lang, labels: Mapping[str, str]) -> str:
    import pandas as pd

    if isinstance(value, (tuple, list)):
        return listing((_value(v, column, lang, labels) for v in value), lang) or tr("display.nothing", lang)
    if value is None or pd.isna(value):
        return tr("display.nothing", lang)
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return tr("common.yes" if value else "common.no", lang)
    if isinstance(value, (date, datetime)):
        return month_long(value, lang) if column == "month" else date_short(value, lang)
    if isinstance(value, str):
        return _word(value, column, lang, labels)
    if column in _YEAR_COLUMNS:
        return str(int(value))
    if isinstance(value, float):
        return money(value, lang)
    return number(value, lang)


def _word(value: str, column: str, lang: Lang, labels: Mapping[str, str]) -> str:
    if value in labels:
        return labels[value]
    if column == "grant_year" and not value:
        return tr("display.outside", lang)
    if column == "line":
        from conseiller.law import load_law

        line = load_law().lines.get(value)
        return line.label[lang] if line else value
    if column == "papers":
        from conseiller.analysis.clocks import papers

        return papers([value], lang)[0]
    if column == "generation":
        from conseiller.law import load_law

        generation = load_law().generations.get(value)
        return generation.label[lang] if generation else value
    key = f"display.value.{value}"
    if column in {"side", "section", "clock", "basis", "level", "kind", "state"} and value and has(key, lang):
        return tr(key, lang)
    return value


def word(value: str, column: str, lang: Lang = "fr") -> str:
    """Return a value of a column as a table shows it: the name of a generation, of a state, of a line."""
    return _word(value, column, lang, {})


def amounts_by_year(
    rows: Mapping[int, Mapping[str, float]], heads: Mapping[str, str], title: str, lang: Lang
) -> Grid:
    """Return amounts by exercice as a table, one column per head, with their sums."""
    top = [Cell(tr("display.column.exercice", lang)), *(Cell(h, True) for h in heads.values())]
    body = [[Cell(str(y)), *(Cell(money(row[k], lang), True) for k in heads)] for y, row in rows.items()]
    sums = (round(sum(row[k] for row in rows.values()), 2) for k in heads)
    foot = [Cell(tr("display.total", lang)), *(Cell(money(v, lang), True) for v in sums)]
    return Grid(top, body, foot=foot, title=title)


#: What is shown of the records of `conseiller.analysis`, in this order.
_RECORDS: dict[str, tuple[str, ...]] = {
    "Year": ("exercice", "pay", "other_costs", "cost", "grant", "other_funding", "net_cost"),
    "Change": ("cause", "amount"),
    "Choice": ("choice", "as_planned", "net_next", "net_total", "leave", "exposure_total"),
    "Effect": ("effect", "per_post", "total"),
    "Decision": ("date", "post", "label", "status"),
    "Control": ("label", "status", "detail"),
}
#: Columns whose name is not that of the field.
_FIELDS = {"choice": "code", "effect": "code"}


def _records(thing: Any, lang: Lang, title: str = "", total: bool = False) -> Grid:
    """Return records of `conseiller.analysis` as a table."""
    import pandas as pd

    rows = list(getattr(thing, "rows", thing))
    kinds = {type(row).__name__ for row in rows}
    if not rows:
        return Grid([Cell("")], [], title=title, notes=[tr("display.empty", lang)])
    if len(kinds) != 1 or not kinds <= set(_RECORDS):
        raise TypeError(f"nothing known to show of a list of {', '.join(sorted(kinds))}")
    kind = kinds.pop()
    words: dict[str, Any] = {}
    if hasattr(thing, "rows"):
        following = str(thing.first)
        words = {"year": following, "span": _span(thing.first, thing.last, lang)}
    frame = pd.DataFrame([{c: _record_value(row, kind, c, lang) for c in _RECORDS[kind]} for row in rows])
    frame = frame.rename(
        columns={c: tr(f"display.head.{c}", lang, **words) for c in frame if has(f"display.head.{c}", lang)}
    )
    return grid(frame, lang, title=title, total=total)


def _record_value(row: Any, kind: str, column: str, lang: Lang) -> Any:
    value = getattr(row, _FIELDS.get(column, column))
    if callable(value):
        return value(lang)
    key = f"display.code.{kind.lower()}.{value}"
    return tr(key, lang) if isinstance(value, str) and has(key, lang) else value


# --- projection -------------------------------------------------------------------------------------


def _span(first: int, last: int, lang: Lang) -> str:
    if first == last:
        return tr("display.span.one", lang, year=first)
    return tr("display.span.many", lang, first=first, last=last)


def _count(key: str, count: int, lang: Lang) -> str:
    return tr(f"display.count.{key}.{'one' if count == 1 else 'many'}", lang, count=count)


def _projection(plan: Projection, lang: Lang) -> Sheet:
    period = plan.dossier.period
    lead = [tr("display.projection.section", lang, day=date_long(plan.report_date, lang))]
    notes = []
    capital = plan.by("exercice", section="investissement").sum()
    income = float(capital["grant"] + capital["other_funding"])
    if round(float(capital["cost"]), 2) or round(income, 2):
        spent = money(float(capital["cost"]), lang)
        notes.append(tr("display.projection.investment", lang, cost=spent, funding=money(income, lang)))
    if plan.dossier.assumptions:
        notes.append(_count("assumptions", len(plan.dossier.assumptions), lang))
    from conseiller.analysis.stamp import checked_words

    checked = plan.law.checked_until
    words = checked_words(plan.law.tables.values(), lang)
    notes.append(tr("display.projection.law", lang, checked=words[0].upper() + words[1:]))
    if plan.months[-1] > checked:
        notes.append(tr("display.projection.beyond", lang, month=month_long(plan.months[-1], lang)))
    name = plan.dossier.authority.name
    title = tr("display.projection.title", lang, name=name, span=_span(period.first, period.last, lang))
    return Sheet(title, lead, [grid(plan.by("exercice"), lang, total=True)], notes)


def projection_line(plan: Projection, lang: Lang = "fr") -> str:
    """Return a projection in one line, without computing it."""
    period = plan.dossier.period
    return tr(
        "display.projection.brief",
        lang,
        name=plan.dossier.authority.name,
        span=_span(period.first, period.last, lang),
        posts=_count("posts", len(plan.dossier.posts), lang),
    )


# --- dossier ----------------------------------------------------------------------------------------


def _dossier(dossier: Dossier, lang: Lang, pay: bool = False) -> Sheet:
    period, authority = dossier.period, dossier.authority
    span = _span(period.first, period.last, lang)
    about = tr(
        "display.dossier.about",
        lang,
        span=span,
        headcount=number(authority.headcount, lang),
        chart=authority.chart,
    )
    lead = [about]
    if period.report_date:
        lead.append(tr("display.dossier.report_date", lang, day=date_long(period.report_date, lang)))
    heads = ["display.column.post", "display.dossier.contracts", "display.dossier.conventions"]
    heads += ["display.dossier.pay"] if pay else []
    rows = [_post_row(post, lang, pay) for post in dossier.posts]
    grids = [Grid([Cell(tr(h, lang)) for h in heads], rows)]
    if dossier.costs or dossier.funding:
        grids.append(_items(dossier, lang))
    notes = [] if pay else [tr("display.dossier.masked", lang)]
    if dossier.assumptions:
        notes.append(_count("assumptions", len(dossier.assumptions), lang))
    return Sheet(tr("display.dossier.title", lang, name=authority.name), lead, grids, notes)


def dossier_line(dossier: Dossier, lang: Lang = "fr") -> str:
    """Return a dossier in one line: codes of posts, nothing of anyone's pay."""
    period = dossier.period
    return tr(
        "display.dossier.brief",
        lang,
        name=dossier.authority.name,
        span=_span(period.first, period.last, lang),
        posts=listing((p.code for p in dossier.posts), lang),
    )


def _post_row(post: Post, lang: Lang, pay: bool) -> list[Cell]:
    contracts = " ; ".join(_contract(c, lang) for c in post.contracts)
    conventions = " ; ".join(_convention(c, lang) for c in post.conventions)
    nothing = tr("display.nothing", lang)
    row = [Cell(post.code), Cell(contracts or nothing), Cell(conventions or nothing)]
    if pay:
        terms = " ; ".join(_term(t, lang) for c in post.contracts for t in c.terms)
        row.append(Cell(terms or nothing))
    return row


def _contract(contract: Contract, lang: Lang) -> str:
    nature = "titulaire" if contract.status == "titulaire" else contract.nature
    start = date_short(contract.start, lang)
    if contract.end is None:
        span = tr("display.dossier.since", lang, start=start)
    else:
        span = tr("display.dossier.span", lang, start=start, end=date_short(contract.end, lang))
    return tr(
        "display.dossier.status",
        lang,
        nature=tr(f"display.nature.{nature}", lang),
        time=tr(f"display.time.{contract.working_time}", lang),
        span=span,
    )


def _convention(convention: Convention, lang: Lang) -> str:
    from conseiller.dossier.schedule import grant_total
    from conseiller.law import load_law

    start = date_short(convention.financing_start, lang)
    try:
        amount = money(grant_total(convention, load_law()), lang)
    except LookupError:
        return tr("display.dossier.convention_free", lang, code=convention.code, start=start)
    return tr("display.dossier.convention", lang, code=convention.code, amount=amount, start=start)


def _term(term: PayTerm, lang: Lang) -> str:
    if term.index is not None:
        index = tr("display.dossier.term_index", lang, index=term.index)
    else:
        index = tr("display.dossier.term_step", lang, grade=term.grade, step=term.step)
    if term.bonus:
        index += f", {tr('display.dossier.term_bonus', lang, amount=money(term.bonus, lang))}"
    return tr("display.dossier.term", lang, start=date_short(term.start, lang), index=index)


def _items(dossier: Dossier, lang: Lang) -> Grid:
    def row(item: Item, side: str) -> list[Cell]:
        return [
            Cell(item.label),
            Cell(tr(f"display.value.{side}", lang)),
            Cell(money(item.amount, lang), True),
            Cell(tr(f"display.frequency.{item.frequency}", lang)),
            Cell(item.account),
            Cell(tr(f"display.value.{item.section}", lang)),
        ]

    heads = [
        Cell(tr("display.column.label", lang)),
        Cell(tr("display.column.side", lang)),
        Cell(tr("display.column.amount", lang), True),
        Cell(tr("display.dossier.frequency", lang)),
        Cell(tr("display.column.account", lang)),
        Cell(tr("display.column.section", lang)),
    ]
    rows = [row(i, "cost") for i in dossier.costs] + [row(i, "funding") for i in dossier.funding]
    return Grid(heads, rows, title=tr("display.dossier.items", lang))


# --- law --------------------------------------------------------------------------------------------


def _law(law: Law, lang: Lang, at: date | None = None) -> Sheet:
    day = at or date.today()
    groups: dict[str, list[Table]] = {"general": [], "generations": [], "grids": []}
    for name, table in law.tables.items():
        home = "grids" if name.startswith("grille_") else "general"
        groups["generations" if name.startswith("generation_") else home].append(table)
    grids = []
    for key, tables in groups.items():
        title = tr(f"display.law.{key}", lang, count=len(tables))
        grids.append(_law_grid(tables, day, lang, title, folded=key == "grids"))
    checked = tr("display.law.checked", lang, day=date_long(law.checked_until, lang))
    return Sheet(tr("display.law.title", lang, day=date_long(day, lang)), (), grids, [checked])


def law_line(law: Law, lang: Lang = "fr") -> str:
    """Return the legal tables in one line."""
    return tr("display.law.brief", lang, count=len(law.tables), day=date_long(law.checked_until, lang))


def _law_grid(tables: Sequence[Table], day: date, lang: Lang, title: str, folded: bool) -> Grid:
    heads = [
        Cell(tr(f"display.law.{k}", lang), k == "value")
        for k in ("parameter", "value", "since", "text", "certainty")
    ]
    return Grid(heads, [_law_row(t, day, lang) for t in tables], title=title, folded=folded)


def _law_row(table: Table, day: date, lang: Lang) -> list[Cell]:
    from conseiller.text import legal_value

    found: list[Entry] = [e for e in table.entries if e.start <= day]
    label = Cell(table.label[lang])
    if not found:
        nothing = Cell(tr("display.nothing", lang))
        return [label, Cell(tr("display.law.not_yet", lang), True), nothing, nothing, nothing]
    entry = found[-1]
    return [
        label,
        Cell(legal_value(entry.value, table.unit, lang), True),
        Cell(date_short(entry.start, lang)),
        Cell(entry.reference, link=entry.link),
        Cell(tr(f"display.certainty.{entry.certainty}", lang)),
    ]
