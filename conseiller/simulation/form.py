"""The file of uncertainties that an officer writes beside a dossier: its records, and what each kind takes.

As in a dossier, Python names are English and the `alias` of each field is the French key of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from conseiller.dossier.schema import HYPOTHESIS, PostCode, Record, Source, Text

ShapeWord = Literal["fixe", "normale", "uniforme", "triangulaire", "discrete"]
KindWord = Literal["smic", "point", "valeur_legale", "taux", "recrutement", "vacance", "depart", "versement"]


class LawForm(Record):
    """One distribution: which fields it takes depends on its shape (`SHAPES`)."""

    shape: ShapeWord = Field(alias="loi")
    value: float | None = Field(default=None, alias="valeur")
    mean: float | None = Field(default=None, alias="moyenne")
    spread: float | None = Field(default=None, alias="ecart_type")
    low: float | None = Field(default=None, alias="minimum")
    mode: float | None = Field(default=None, alias="le_plus_probable")
    high: float | None = Field(default=None, alias="maximum")
    chances: dict[str, float] | None = Field(default=None, alias="probabilites")
    source: Source | None = None


class UncertaintyForm(Record):
    """One uncertainty: which fields it takes depends on its kind (`KINDS`)."""

    kind: KindWord = Field(alias="type")
    parameter: Text | None = Field(default=None, alias="parametre")
    post: PostCode | None = Field(default=None, alias="poste")
    start: date | None = Field(default=None, alias="date")
    since: int | None = Field(default=None, ge=2000, le=2100, alias="depuis")
    growth: LawForm | None = Field(default=None, alias="croissance")
    correlation: float | None = Field(default=None, alias="correlation_smic")
    change: LawForm | None = Field(default=None, alias="ecart")
    days: LawForm | None = Field(default=None, alias="jours")
    yearly: LawForm | None = Field(default=None, alias="par_an")
    months: LawForm | None = Field(default=None, alias="mois")
    source: Source = HYPOTHESIS


class Spreads(Record):
    """A file of uncertainties; contracts are moved in its order."""

    version: Literal[1] = 1
    uncertainties: tuple[UncertaintyForm, ...] = Field(alias="incertitudes")


#: Fields that each shape needs.
SHAPES: Mapping[ShapeWord, tuple[str, ...]] = {
    "fixe": ("value",),
    "normale": ("mean", "spread"),
    "uniforme": ("low", "high"),
    "triangulaire": ("low", "mode", "high"),
    "discrete": ("chances",),
}
#: Fields that each kind needs, and those that it may take besides.
KINDS: Mapping[KindWord, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "smic": (("growth",), ("since",)),
    "point": (("growth",), ("since", "correlation")),
    "valeur_legale": (("parameter", "growth"), ("since",)),
    "taux": (("parameter", "change"), ("start",)),
    "recrutement": (("days",), ("post",)),
    "vacance": (("months",), ("post",)),
    "depart": (("yearly", "months"), ("post",)),
    "versement": (("days",), ()),
}
#: Fields that hold a distribution, and the farthest value from nought that makes sense: beyond, the unit is wrong.
LAWS: Mapping[str, float] = {"growth": 0.5, "change": 0.5, "days": 3650, "yearly": 1.0, "months": 120}
#: Those of them that are shares.
SHARES = frozenset({"growth", "change", "yearly"})
