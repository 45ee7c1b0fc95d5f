"""Text files: one pass that fingerprints them, finds their encoding, and refuses what is no text.

Limits: 512 MiB; lines of 1 MiB.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conseiller.ledger.faults import refusal
from conseiller.messages import Lang

#: Largest text file read [bytes].
MOST_BYTES = 512 * 1024**2
_BLOCK = 1 << 20
#: Bytes that cp1252 does not define.
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SEPARATORS = (";", "\t", ",", "|")


@dataclass(frozen=True)
class Text:
    """What one pass over a text file tells: encoding, fingerprint, size [bytes], whether it holds a quotation mark."""

    encoding: str
    sha256: str
    size: int
    quoted: bool


def look_over(path: Path, lang: Lang) -> Text:
    """Read a text file once, in constant memory.

    Returns
    -------
    Text
        Encoding "utf-8-sig" or "utf-16" by the mark at its beginning, "utf-8" when every byte agrees, else "cp1252".

    Raises
    ------
    InputFaults
        When the file is empty, too large, has a line of more than a mebibyte, or is no text.
    """
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, size, undefined = "", 0, 0
    nul = quoted = False
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if not size:
                encoding = _by_mark(block)
                if encoding == "utf-16":
                    decoder = codecs.getincrementaldecoder("utf-16")()
            size += len(block)
            if size > MOST_BYTES:
                raise refusal("text_too_large", path, lang, "", limit=MOST_BYTES // 1024**2)
            digest.update(block)
            nul = nul or b"\x00" in block
            quoted = quoted or b'"' in block
            if len(block) == _BLOCK and b"\n" not in block and b"\r" not in block:
                raise refusal("text_long_line", path, lang)
            if encoding != "cp1252":
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    if encoding:
                        raise refusal("text_encoding", path, lang) from None
                    encoding = "cp1252"
            if encoding == "cp1252":
                undefined += len(_UNDEFINED.findall(block))
    if not size:
        raise refusal("empty_file", path, lang)
    if encoding != "cp1252":
        try:
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            encoding = "broken" if encoding else "cp1252"
    if (nul and encoding != "utf-16") or undefined or encoding == "broken":
        raise refusal("text_encoding", path, lang)
    return Text(encoding or "utf-8", digest.hexdigest(), size, quoted)


def _by_mark(block: bytes) -> str:
    if block.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return ""


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def separator(lines: Iterable[str]) -> str:
    """Return the sign that parts the columns: the one under which most lines have one same number of columns, above one.

    Examples
    --------
    >>> separator(["Nature;Objet;Montant", "6413;Paie, primes;12,50", "6451;Urssaf;3,20"])
    ';'
    """
    sample = [line for line in lines if line.strip()]
    best, best_score = ";", (0.0, 0)
    for sign in _SEPARATORS:
        plainly = [line.count(sign) + 1 for line in sample]
        try:
            quoted = [len(row) for row in csv.reader(sample, delimiter=sign) if row]
        except csv.Error:
            quoted = []
        # Quotation marks may protect separators, or be left open: the steadier of the two counts tells.
        score = max(_steadiness(plainly), _steadiness(quoted))
        if score > best_score:
            best, best_score = sign, score
    return best


def _steadiness(counts: list[int]) -> tuple[float, int]:
    """Return the share of lines with the usual number of columns, in tenths, and that number; nothing below two."""
    wide = [c for c in counts if c > 1]
    if not wide:
        return 0.0, 0
    usual = max(set(wide), key=lambda c: (wide.count(c), c))
    return round(wide.count(usual) / len(counts), 1), usual
