"""Third parties: the kind of a legal person, and no name that could be somebody's.

A name is kept only when something says it is a legal person's: a word of `parties.toml`, a figure, or a single word.
Two or three bare words could be a first name and a name: they are not kept.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from conseiller.ledger.cells import plain
from conseiller.ledger.pes_codes import HIDDEN, TITLED

_ORDER = ("state", "social", "public", "other")
#: Anything that could be a title of courtesy; a first look, quicker than the exact one.
MAYBE_NAMED = r"M(?:[.\sMrR]|[mM][eE]|[lL]{2}|[oO][nN][sS]|[aA][dD])"
_MAYBE = re.compile(MAYBE_NAMED)


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(files(__package__ or __name__).joinpath("parties.toml").read_text("utf-8"))


@cache
def party(name: str, parties: Literal["", "keep", "drop"] = "") -> tuple[str, str]:
    """Return the name to keep, "" when it could be somebody's, and the kind of third party.

    Parameters
    ----------
    name : str
        As the file writes it.
    parties : {"", "keep", "drop"}
        What the map of columns says of the names of this column.

    Examples
    --------
    >>> party("URSSAF Nord"), party("Mme Durand Claire"), party("Durand Claire"), party("Durand SARL")
    (('URSSAF Nord', 'social'), ('', 'person'), ('', 'person'), ('Durand SARL', 'other'))
    """
    said = plain(name)
    if not said:
        return "", ""
    tokens = said.split()
    if tokens[0] in _words()["person"]:
        return "", "person"
    kind = next((k for k in _ORDER if any(f" {w} " in f" {said} " for w in _words()[k])), "")
    if parties == "drop":
        return "", kind or "person"
    if kind or parties == "keep" or any(c.isdigit() for c in said) or len(tokens) == 1:
        return name, kind or "other"
    return "", "person"


def without_name(label: str) -> str:
    """Return a label in which what follows Monsieur, Madame and the like is blotted out."""
    return TITLED.sub(rf"\1 {HIDDEN}", label)


def without_names(labels: Sequence[str]) -> list[str]:
    """Return labels in which what follows Monsieur, Madame and the like is blotted out.

    Examples
    --------
    >>> without_names(["Frais de Mme Durand, mars"])
    ['Frais de Mme …, mars']
    """
    text = "\n".join(labels)
    if not _MAYBE.search(text):
        return list(labels)
    blotted = TITLED.sub(rf"\1 {HIDDEN}", text).split("\n")
    # A name may not run over the end of a label: the count tells.
    if len(blotted) == len(labels):
        return blotted
    return list(map(without_name, labels))
