"""Reads XML that comes from anywhere: in one pass, in constant memory, with nothing that could reach outside.

Values of these files stand in attributes, so text (signatures, attached files) is never kept, however long. A document
type is refused before it can declare an entity; nothing is fetched; depth, attributes and size are bounded.

Limits: a file of 2 GiB; a depth of 200 elements; an attribute of 10 MB (libxml2's own).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from conseiller.errors import Fault, InputFaults
from conseiller.ledger.cells import FIRST_YEAR, LAST_YEAR, CellError, amount, day, to_cents
from conseiller.ledger.faults import fault, refusal, unreadable
from conseiller.ledger.progress import Progress
from conseiller.messages import Lang

if TYPE_CHECKING:
    from lxml import etree

#: Largest file read [bytes].
LARGEST = 2 * 1024**3
#: Elements within one another; real files have a dozen.
DEEPEST = 200
#: Faults of one file told at most; the rest would say the same.
MOST_FAULTS = 20
_BLOCK = 1 << 16
#: What libxml2 calls an element, an attribute or a comment that the end of the file leaves open.
_CUT = {"ERR_TAG_NOT_FINISHED", "ERR_GT_REQUIRED", "ERR_ATTRIBUTE_NOT_FINISHED", "ERR_ATTRIBUTE_NOT_STARTED"}
_CUT |= {"ERR_COMMENT_NOT_FINISHED", "ERR_CDATA_NOT_FINISHED", "ERR_PI_NOT_FINISHED", "ERR_EQUAL_REQUIRED"}


class Target(Protocol):
    """What takes the elements of a file, one after the other: those it names, and no others."""

    @property
    def opened(self) -> Collection[str]:
        """Names of the elements it takes as they open."""

    @property
    def closed(self) -> Collection[str]:
        """Names of the elements it takes as they close."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the opening of an element; `tag` is its local name."""

    def end(self, tag: str) -> None:
        """Take its closing."""


class _Elements:
    """What lxml calls: refuses a document type, tells the root, drops namespaces."""

    def __init__(self, target: Target, root: Callable[[str, str], None]) -> None:
        self._start, self._end, self._root = target.start, target.end, root
        self._opened, self._closed = target.opened, target.closed
        #: Local name of each name met, "" where it is not wanted.
        self._starts: dict[str, str] = {}
        self._ends: dict[str, str] = {}
        self._open = 0
        self.doctype_met = False
        self.too_deep = False

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        self.doctype_met = True
        raise ValueError("document type")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = self._starts.get(tag)
        if name is None:
            name = self._met(tag)
        self._open += 1
        if name:
            self._start(name, attributes)
        if self._open > DEEPEST:
            self.too_deep = True
            raise ValueError("depth")

    def _met(self, tag: str) -> str:
        """Take a name met for the first time; the first of all is the root."""
        namespace, _, local = tag.rpartition("}")
        if not self._starts:
            self._root(local, namespace.lstrip("{"))
        self._starts[tag] = local if local in self._opened else ""
        self._ends[tag] = local if local in self._closed else ""
        return self._starts[tag]

    def end(self, tag: str) -> None:
        self._open -= 1
        if name := self._ends[tag]:
            self._end(name)

    def close(self) -> None:
        pass


def parse(path: Path, target: Target, root: Callable[[str, str], None], lang: Lang) -> str:
    """Read a file once and return its fingerprint.

    Parameters
    ----------
    path : Path
        The file.
    target : Target
        Takes every element by its local name.
    root : callable
        Takes the local name and the namespace of the root, and raises when it is not what is read.
    lang : {"fr", "en"}
        Language of the faults.

    Returns
    -------
    str
        SHA-256 of the bytes.

    Raises
    ------
    InputFaults
        When the file is missing, too large, no XML, cut short, wrongly encoded, or declares a document type.
    """
    from lxml import etree

    elements = _Elements(target, root)
    parser = etree.XMLParser(target=elements, resolve_entities=False, no_network=True, huge_tree=False)
    digest = hashlib.sha256()
    size = 0
    progress = Progress(path.name, lang)
    try:
        with path.open("rb") as file:
            whole = max(os.fstat(file.fileno()).st_size, 1)
            while block := file.read(_BLOCK):
                first, size = not size, size + len(block)
                if size > LARGEST:
                    raise refusal("too_large", path, lang, limit=LARGEST // 1024**3)
                digest.update(block)
                progress.bytes(size, whole)
                # Some writers leave a blank line before the declaration, which XML does not allow.
                parser.feed(block.lstrip() if first else block)
        parser.close()
    except OSError as refused:
        raise unreadable(path, lang, refused) from None
    except (etree.XMLSyntaxError, ValueError) as error:
        if elements.doctype_met or elements.too_deep:
            code = "xml_doctype" if elements.doctype_met else "xml_deep"
            raise refusal(code, path, lang) from None
        if not isinstance(error, etree.XMLSyntaxError):
            raise
        raise _syntax(error, path, size, lang) from None
    finally:
        progress.done()
    return digest.hexdigest()


def _syntax(error: etree.XMLSyntaxError, path: Path, size: int, lang: Lang) -> InputFaults:
    """Say in a few words what an officer can act upon."""
    from lxml import etree

    reason = str(error.msg)
    line = error.position[0] if error.position else 0
    where = str(line) if line else ""
    if not size:
        return refusal("empty_file", path, lang)
    if "encod" in reason.lower() or "invalid bytes" in reason.lower():
        return refusal("xml_encoding", path, lang, where)
    kinds = {name: getattr(etree.ErrorTypes, name, -1) for name in _CUT}
    if error.code in kinds.values():
        return refusal("xml_cut", path, lang, where)
    return refusal("xml_syntax", path, lang, where, reason=reason)


def cents_of(text: str) -> int | None:
    """Return an amount of these files in cents, exactly; None when it is not one.

    Examples
    --------
    >>> cents_of("694.13"), cents_of("3032"), cents_of("12.345"), cents_of("NaN")
    (69413, 303200, None, None)
    """
    try:
        number = amount(text, ".")
        if number is None:
            return None
        cents, rounded = to_cents(number)
    except CellError:
        return None
    return None if rounded else cents


def day_of(text: str) -> date | None:
    """Return a day of these files; None when it is not one, or lies outside the years of books."""
    try:
        return day(text)
    except CellError:
        return None


def year_of(text: str) -> int | None:
    """Return a financial year; None when it is not one."""
    return int(text) if text.isdecimal() and len(text) == 4 and FIRST_YEAR <= int(text) <= LAST_YEAR else None


def code_of(text: str) -> str:
    """Return a code of two figures: "2" stands for "02".

    Examples
    --------
    >>> code_of(" 2"), code_of("10"), code_of("")
    ('02', '10', '')
    """
    return text.strip().zfill(2) if text.strip() else ""


class Faults:
    """The faults found in a file so far, the first ones kept."""

    def __init__(self, path: Path, lang: Lang) -> None:
        self.path, self.lang = path, lang
        self._found: list[Fault] = []

    def add(self, code: str, where: str, /, **values: object) -> None:
        """Record a fault at a place of the file."""
        if len(self._found) < MOST_FAULTS:
            self._found.append(fault(code, self.path, self.lang, where, **values))

    def check(self) -> None:
        """Raise when there is any.

        Raises
        ------
        InputFaults
            With every fault recorded.
        """
        if self._found:
            raise InputFaults(self._found, self.lang)
