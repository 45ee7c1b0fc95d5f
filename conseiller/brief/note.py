"""The note for the assembly: two A4 pages as accessible PDF (PDF/UA-1, PDF/A-2a).

The page is set by typst from `note.typ` and the facts alone; the same facts give
the same bytes. Typst refuses what is not accessible, such as an image without
alternative text, and any of its warnings is an error here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conseiller.brief._bars import Bar, small_chart
from conseiller.brief.facts import PackFacts, Table, facts
from conseiller.errors import InputFaults, fault
from conseiller.files import replacing
from conseiller.messages import Lang, tr
from conseiller.projection import Projection
from conseiller.text import date_long, typeset

if TYPE_CHECKING:
    import typst

    from conseiller.analysis.tracking import Tracking
    from conseiller.brief.act.records import Kind

#: Sizes tried in turn until page 1 holds its part.
_SCALES = (1.02, 0.99, 0.96, 0.92, 0.88, 0.84, 0.8, 0.76)
#: Sizes and numbers of hypotheses tried in turn until page 2 holds its own.
_PAGE_2 = (
    *((scale, 999) for scale in (1.16, 1.1, 1.04, 0.98, 0.92)),
    *((0.92, shown) for shown in (40, 30, 24, 18, 12)),
    *((scale, 12) for scale in (0.86, 0.8)),
    (0.8, 6),
    (0.76, 0),
)


#: How typst names words that its fonts cannot show, and signs of private use, which mean nothing elsewhere.
_ABSENT = re.compile(r'the (?:text|PDF contains the codepoint) `"(.*?)"`')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_ASCII = 127


class LayoutError(RuntimeError):
    """The note cannot be set: typst warned, or the pages do not hold it."""


def write_note(
    pack: Projection | PackFacts,
    path: str | Path,
    lang: Lang = "fr",
    anonymous: bool = True,
    tracking: Tracking | None = None,
    decision: Kind | Literal["auto"] = "auto",
) -> Path:
    """Write the note as PDF; the previous file stays whole if anything fails.

    Parameters
    ----------
    pack : Projection or PackFacts
        A plan, or facts already read, whose own language and discretion then hold.
    path : path
        The PDF to write.
    lang : {"fr", "en"}
    anonymous : bool
    decision : {"auto", "budget", "recruit", "renew", "keep_without_state", "stop"}
        As for `conseiller.brief.facts.facts`.
    tracking : Tracking, optional
        The same plan against its books, for page 2.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputFaults
        When typst is not installed.
    LayoutError
        When typst warns, or the note does not fit on two pages.
    """
    found = pack if isinstance(pack, PackFacts) else facts(pack, lang, anonymous, decision, tracking)
    content = render(found)
    target = Path(path)
    with replacing(target) as temporary:
        temporary.write_bytes(content)
    return target


def render(pack: PackFacts) -> bytes:
    """Return the note as the bytes of a PDF."""
    with as_file(files("conseiller.brief").joinpath("note.typ")) as template:
        data = _data(pack)
        data |= _first_fit(template, data, "first", 1, [{"scale": scale} for scale in _SCALES])
        pages = [
            {"scale_2": scale, "hypotheses": _shortened(data["hypotheses"], shown, pack.lang)}
            for scale, shown in _PAGE_2
        ]
        data |= _first_fit(template, data, "last", 2, pages)
        return _legible(template, data, pack)


def _legible(template: Path, data: dict[str, Any], pack: PackFacts) -> bytes:
    """Return the PDF, signs that the fonts of the note do not have being printed as a question mark.

    Such a sign can only come from the words of a dossier; an accessible document may not hold it.
    """
    import typst

    while True:
        try:
            return _compiled(_compiler(template, data), pack)
        except typst.TypstError as refusal:
            absent = {sign for text in _ABSENT.findall(str(refusal)) for sign in _unescaped(text)}
            text = json.dumps(data, ensure_ascii=False)
            present = {sign for sign in absent if sign in text and ord(sign) > _ASCII}
            if not present:
                raise
            data = _translated(data, str.maketrans(dict.fromkeys(present, "?")))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _translated(value: Any, table: dict[int, str]) -> Any:
    return _mapped(value, lambda text: text.translate(table))


def _first_fit(
    template: Path, data: Mapping[str, Any], mark: str, page: int, tries: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    """Return the first of several settings under which a mark of the template stands on its page."""
    for settings in tries:
        compiler = _compiler(template, {**data, **settings})
        if json.loads(compiler.query(f"<{mark}>", field="value", one=True)) == page:
            return settings
    raise LayoutError(f"page {page} of the note does not hold its part")


def _shortened(hypotheses: list[str], most: int, lang: Lang) -> list[str]:
    """Return the first hypotheses, and how many are left out."""
    rest = len(hypotheses) - most
    if rest <= 0:
        return hypotheses
    return [*hypotheses[:most], tr("brief.note.more", lang, count=rest)]


def _compiler(template: Path, data: dict[str, Any]) -> typst.Compiler:
    try:
        import typst
    except ImportError:
        raise InputFaults([fault("brief.note.missing_package", "typst", "fr")], "fr") from None
    return typst.Compiler(
        template,
        root=template.parent,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def _compiled(compiler: typst.Compiler, pack: PackFacts) -> bytes:
    moment = datetime(pack.report_date.year, pack.report_date.month, pack.report_date.day, tzinfo=UTC)
    pdf, warnings = compiler.compile_with_warnings(
        format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=int(moment.timestamp())
    )
    if warnings:
        raise LayoutError("; ".join(str(w) for w in warnings))
    assert isinstance(pdf, bytes)
    return pdf


# --- what the template reads --------------------------------------------------------------------------


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return plain data with every text of it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(v, change) for key, v in value.items()}
    return [_mapped(v, change) for v in value] if isinstance(value, list) else value


def _data(pack: PackFacts) -> dict[str, Any]:
    lang = pack.lang
    day = pack.report_date
    data = {
        "lang": lang,
        "scale": 1.0,
        "scale_2": 1.0,
        "title": pack.title,
        "authority": pack.authority,
        "subject": pack.subject,
        "date": [day.year, day.month, day.day],
        "day": date_long(day, lang),
        "stamp": pack.stamp.text(lang),
        "words": _words(pack),
        "decision": {
            "title": tr("brief.decision.asked", lang, headline=pack.decision.headline),
            "question": pack.decision.question,
            "label": pack.decision.deadline.label,
            "deadline": pack.decision.deadline.text(lang),
            "why": pack.decision.deadline_words,
            "dates": [
                {"day": d.day.text(lang), "words": d.words, "missed": d.status == "missed"}
                for d in pack.decision.dates
            ],
        },
        "headline": [{"label": f.label, "value": f.text(lang)} for f in pack.headline],
        "unknown": [{"subject": u.subject, "words": u.words, "origin": u.origin} for u in pack.unknown],
        "risks": list(pack.risks),
        "hypotheses": list(pack.hypotheses),
        "sources": list(pack.sources),
    }
    data |= {t.key: _table(t, lang) for t in pack.tables}
    data["books"] = [t.key for t in pack.books]
    # Typeset before the chart: an apostrophe of SVG is not a word's.
    found: dict[str, Any] = _mapped(data, typeset)
    found["chart"] = {"svg": _chart(pack), "alt": typeset(pack.chart.alt)}
    return found


def _words(pack: PackFacts) -> dict[str, str]:
    lang = pack.lang
    names = ("missed", "chart", "unknown", "hypotheses", "risks", "no_risk", "sources", "rounding", "colon")
    words = {name: tr(f"brief.note.{name}", lang) for name in names}
    words["chart_unit"] = tr(
        "brief.note.chart_unit", lang, day=date_long(date(pack.report_date.year, 12, 31), lang)
    )
    words["page"] = tr("brief.note.page", lang, page="PAGE", pages="ALL")
    return words


def _table(table: Table, lang: Lang) -> dict[str, Any]:
    return {
        "title": table.title,
        "head": table.head,
        "columns": list(table.columns),
        "note": table.note,
        "rows": [
            {
                "label": row.label,
                "kind": row.kind,
                "figures": ["" if f is None else f.text(lang) for f in row.figures],
            }
            for row in table.rows
        ],
    }


def _chart(pack: PackFacts) -> str:
    rows = {row.key.partition(".")[2]: row for row in pack.grant_years.rows}
    bars = []
    for rank, name in enumerate(pack.grant_years.columns):
        amounts = {}
        for measure in ("grant", "other_funding", "net_cost", "cost"):
            figure = rows[measure].figures[rank] if measure in rows else None
            amounts[measure] = float(figure.exact or 0.0) if figure is not None else 0.0
        bars.append(Bar(year=int(name), ahead=int(name) > pack.report_date.year, **amounts))
    measures = ("grant", "other_funding", "net_cost")
    names = {m: typeset(tr(f"charts.series.{m}", pack.lang)) for m in measures}
    return small_chart(bars, names, pack.lang)
