"""The columns of a table of posts: which cell is which, where it goes, and what stands where it is empty."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from conseiller.ledger.cells import plain

Into = Literal["own", "authority", "rates", "convention", "contract", "term"]

#: Without these a table is no table of posts.
NEEDED = ("poste", "debut_financement")


@dataclass(frozen=True)
class Column:
    """One column of a table of posts.

    Parameters
    ----------
    key : str
        Heading as the documentation gives it.
    into : {"own", "authority", "rates", "convention", "contract", "term"}
        Record of the dossier the cell goes to; "own" is for the portfolio itself.
    field : str
        Key of the dossier's form.
    headings : tuple of str
        Other headings understood, in plain words.
    default : str or int or None
        What stands where the cell is empty, beside the defaults of the dossier.
    """

    key: str
    into: Into
    field: str
    headings: tuple[str, ...]
    default: str | int | None = None


@cache
def columns() -> dict[str, Column]:
    """Return the columns by key, in their order."""
    raw = tomllib.loads(files(__package__).joinpath("columns.toml").read_text("utf-8"))
    found = {}
    for key, about in raw.items():
        assert about["into"] in get_args(Into)
        found[key] = Column(
            key,
            about["into"],
            about.get("field", key),
            (plain(key), *about["headings"]),
            about.get("default"),
        )
    return found


def recognised(headings: Sequence[str]) -> dict[str, int]:
    """Return where each column stands; of two columns with one heading, the first."""
    said = [plain(h) for h in headings]
    return {
        key: next(said.index(word) for word in column.headings if word in said)
        for key, column in columns().items()
        if any(word in said for word in column.headings)
    }
