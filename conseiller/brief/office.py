"""What Word and PowerPoint files of the pack share: language, text alternatives, templates, fixed dates.

Neither python-docx nor python-pptx sets a text alternative or a proofing language;
both leave the hour of writing in the file. Those are set here, once.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from typing import Any

from conseiller.errors import InputFaults, fault
from conseiller.files import replacing
from conseiller.messages import Lang
from conseiller.text import typeset

#: Proofing language of each language of the pack.
LOCALE: dict[Lang, str] = {"fr": "fr-FR", "en": "en-GB"}
#: Blank to fill by hand.
BLANK = "\u2026" * 8
_CREATED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


# --- files --------------------------------------------------------------------------------------------


def open_template(path: str | Path, kind: str, lang: Lang) -> Any:
    """Open an authority's own template.

    Parameters
    ----------
    path : str or Path
    kind : {"docx", "pptx"}
    lang : {"fr", "en"}

    Raises
    ------
    InputFaults
        When the file is missing or is not of that kind.
    """
    target = Path(path)
    code = "missing" if not target.is_file() else "not_office"
    if code != "missing" and target.suffix.lower() == f".{kind}":
        try:
            if kind == "docx":
                import docx

                return docx.Document(str(target))
            import pptx

            return pptx.Presentation(str(target))
        except Exception:  # the two libraries raise a dozen different errors on a file of another kind
            code = "not_office"
    raise InputFaults([fault(f"brief.office.fault.template_{code}", str(path), lang, kind=f".{kind}")], lang)


def save(document: Any, path: Path, day: date) -> Path:
    """Write a document whole or not at all, dated of the report: same plan, same bytes."""
    out = io.BytesIO()
    document.save(out)
    with replacing(path) as temporary:
        temporary.write_bytes(settled(out.getvalue(), day))
    return path


def settled(data: bytes, day: date) -> bytes:
    """Return an Office file with every date inside set to a day, those of embedded workbooks as well."""
    out = io.BytesIO()
    moment = (day.year, day.month, day.day, 0, 0, 0)
    stamp = datetime(*moment).isoformat().encode() + b"Z"
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as write:
        for info in read.infolist():
            content = read.read(info)
            if info.filename.endswith(".xlsx"):
                content = settled(content, day)
            elif info.filename == "docProps/core.xml":
                content = _CREATED.sub(rb"\g<1>" + stamp + rb"\g<3>", content)
            fixed = zipfile.ZipInfo(info.filename, moment)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = info.external_attr
            write.writestr(fixed, content)
    return out.getvalue()


def set_properties(document: Any, title: str, day: date, lang: Lang) -> None:
    """Set the core properties: title, author, language, dates."""
    about = document.core_properties
    about.title, about.author, about.language = title[:255], "conseiller", LOCALE[lang]
    about.last_modified_by = "conseiller"
    about.created = about.modified = datetime(day.year, day.month, day.day)
    about.comments = ""


# --- Word ---------------------------------------------------------------------------------------------


def set_document_language(document: Any, lang: Lang) -> None:
    """Set the proofing language of a Word document as a whole: defaults, styles and theme."""
    from docx.oxml.ns import qn

    locale = LOCALE[lang]
    for node in document.styles.element.iter(qn("w:lang")):
        node.set(qn("w:val"), locale)
    for node in document.settings.element.iter(qn("w:themeFontLang")):
        node.set(qn("w:val"), locale)


def set_run_language(run: Any, lang: Lang) -> None:
    """Set the proofing language of a Word run: it holds whatever the template's own is."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = run._r.get_or_add_rPr()
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    node = OxmlElement("w:lang")
    node.set(qn("w:val"), LOCALE[lang])
    later = [qn("w:eastAsianLayout"), qn("w:specVanish"), qn("w:oMath")]
    after = next((child for child in properties if child.tag in later), None)
    if after is None:
        properties.append(node)
    else:
        after.addprevious(node)


def ensure_style(document: Any, name: str) -> Any:
    """Return a style by its name, taken from python-docx's own template where the document lacks it."""
    import docx
    from docx.oxml.ns import qn

    if name in document.styles:
        return document.styles[name]
    source = docx.Document().styles[name].element
    copy = deepcopy(source)
    known = {s.style_id for s in document.styles}
    for tag in ("w:basedOn", "w:next", "w:link"):
        for node in copy.findall(qn(tag)):
            if node.get(qn("w:val")) not in known:
                copy.remove(node)
    document.styles.element.append(copy)
    return document.styles[name]


def repeat_header(row: Any) -> None:
    """Mark a row of a Word table as its header, repeated at the top of each page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    node = OxmlElement("w:tblHeader")
    node.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(node)


def keep_row_whole(row: Any) -> None:
    """Forbid a page break within a row of a Word table."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


def describe_table(table: Any, title: str, words: str) -> None:
    """Set the text alternative of a Word table."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = table._tbl.tblPr
    for tag, text in (("w:tblCaption", title), ("w:tblDescription", words)):
        node = OxmlElement(tag)
        node.set(qn("w:val"), text)
        properties.append(node)


def shade(cell: Any, fill: str) -> None:
    """Fill a cell of a Word table with a colour (``#RRGGBB``)."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    node = OxmlElement("w:shd")
    for key, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", fill.lstrip("#"))):
        node.set(qn(key), value)
    cell._tc.get_or_add_tcPr().append(node)


def add_field(paragraph: Any, code: str, shown: str = "1") -> None:
    """Add a field that Word computes, such as PAGE or NUMPAGES."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("begin", "separate", "end"):
        run = paragraph.add_run()
        if kind == "separate":
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {code} "
            run._r.append(text)
            run = paragraph.add_run()
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
        if kind == "separate":
            paragraph.add_run(shown)


@contextmanager
def inserting_at(document: Any, marker: re.Pattern[str]) -> Iterator[None]:
    """Put what is added to a Word document in the place of a marker paragraph; at its end without one."""
    body = document.element.body
    place = next((p for p in document.paragraphs if marker.fullmatch(p.text.strip())), None)
    before = set(map(id, body))
    kept = list(body)  # keeps the elements alive, so that their identities stay theirs
    yield
    if place is None:
        return
    added = [child for child in body if id(child) not in before]
    for child in added:
        place._p.addprevious(child)
    place._p.getparent().remove(place._p)
    del kept


# --- PowerPoint ---------------------------------------------------------------------------------------


def describe_shape(shape: Any, words: str, name: str = "") -> None:
    """Set the text alternative of a shape, and its name if given."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("descr", words)
    if name:
        properties.set("name", name)


def set_slide_language(slide: Any, lang: Lang) -> None:
    """Set the proofing language of every run of a slide, of its tables and of its notes."""
    from pptx.oxml.ns import qn

    roots = [slide._element] + ([slide.notes_slide._element] if slide.has_notes_slide else [])
    for root in roots:
        for run in [*root.iter(qn("a:r")), *root.iter(qn("a:fld"))]:
            properties = run.find(qn("a:rPr"))
            if properties is None:
                properties = run.makeelement(qn("a:rPr"), {})
                run.insert(0, properties)
            properties.set("lang", LOCALE[lang])
        for end in root.iter(qn("a:endParaRPr")):
            end.set("lang", LOCALE[lang])


def typeset_slide(slide: Any) -> None:
    """Set apostrophes and no-break spaces in every run of a slide, of its tables and of its notes."""
    from pptx.oxml.ns import qn

    roots = [slide._element] + ([slide.notes_slide._element] if slide.has_notes_slide else [])
    for node in (n for root in roots for n in root.iter(qn("a:t"))):
        node.text = typeset(node.text or "")


def set_chart_language(chart: Any, lang: Lang) -> None:
    """Set the language of a native chart, hence how its numbers are written."""
    from pptx.oxml.ns import qn

    space = chart._chartSpace
    for old in space.findall(qn("c:lang")):
        space.remove(old)
    node = space.makeelement(qn("c:lang"), {"val": LOCALE[lang]})
    dates = space.find(qn("c:date1904"))
    space.insert(0 if dates is None else list(space).index(dates) + 1, node)


def slide_colour(colour: str) -> Any:
    """Return a colour (``#RRGGBB``) as python-pptx takes it."""
    from pptx.dml import color

    kind: Any = color.RGBColor
    return kind(*bytes.fromhex(colour.lstrip("#")))


def chart_data(categories: list[str], number_format: str) -> Any:
    """Return the data of a native chart, to which series are added."""
    from pptx.chart import data

    kind: Any = data.CategoryChartData
    made = kind(number_format=number_format)
    made.categories = categories
    return made


def widen(presentation: Any, width: int, height: int) -> None:
    """Set the size of the slides, and stretch the master and its layouts to it."""
    across, down = width / presentation.slide_width, height / presentation.slide_height
    presentation.slide_width, presentation.slide_height = width, height
    for holder in (presentation.slide_master, *presentation.slide_layouts):
        for shape in holder.shapes:
            if shape._element.xpath("./p:spPr/a:xfrm"):
                shape.left, shape.width = round(shape.left * across), round(shape.width * across)
                shape.top, shape.height = round(shape.top * down), round(shape.height * down)


def copy_placeholders(slide: Any, kinds: tuple[str, ...], fill: Callable[[Any, str], None]) -> set[str]:
    """Copy placeholders of the layout that python-pptx leaves out (ftr, sldNum) and fill them.

    Returns
    -------
    set of str
        Kinds found in the layout.
    """
    found = set()
    for shape in slide.slide_layout.placeholders:
        kind = shape._element.xpath(".//p:nvPr/p:ph/@type")
        if kind and kind[0] in kinds and kind[0] not in found:
            slide.shapes._spTree.append(deepcopy(shape._element))
            found.add(kind[0])
            fill(slide.shapes[-1], kind[0])
    return found
