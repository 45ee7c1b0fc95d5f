"""The words of PES Aller that `conseiller.ledger.pes` reads, and what its codes say of a line and of a third party.

Names and codes are those of the PES v2 schemas (version 5.12). Only the fields named here are ever read.
"""

from __future__ import annotations

import re

from conseiller.ledger.reading import Kind, Side

SIDE: dict[str, Side] = {"PES_DepenseAller": "cost", "PES_RecetteAller": "funding"}
#: Elements of one part that have no place in the other.
FOREIGN = {
    "PES_DepenseAller": {"EnTeteRecette", "InfoLignePiece"},
    "PES_RecetteAller": {"EnTeteDepense", "InfoPce", "InfoLignePce"},
}
FILE = {"DteStr", "IdColl", "CodCol", "CodBud"}
BORDEREAU = {"Exer", "IdBord", "DteBordEm", "TypBord", "NbrPce", "MtBordHT", "MtBordHt", "MtBordTVA"}
PIECE = {"CodServ", "CodeService", "IdPce", "TypPce", "NatPce", "Obj", "ObjPce"}
LINE = {
    *("IdLigne", "Nature", "Fonction", "Operation", "CptAna", "CodProdLoc", "MtHT", "MtTVA"),
    *("ObjLignePce", "LibVir1", "LibVir2"),
}
#: Of the first third party of a line only, the principal debtor of a titre.
PARTY = {"CatTiers", "NatJur", "Nom", "ComplNom", "Civilite", "Prenom"}
GROUPS = {"EnTetePES": FILE, "BlocBordereau": BORDEREAU, "BlocPiece": PIECE, "LigneDePiece": LINE}
#: Elements that the reader takes, as they open and as they close.
OPENED = frozenset(
    {*SIDE, *GROUPS, "Bordereau", "Piece", "Tiers", *PARTY}.union(*FOREIGN.values(), *GROUPS.values())
)
CLOSED = frozenset({*SIDE, *GROUPS, "Bordereau", "Tiers"})

REDUCTION = "02"  # TypBord
#: TypBord of orders of payment and of receipt, and the TypPce of the same: provisional, regularised by a mandat.
PROVISIONAL_BORDEREAU = "03"
PROVISIONAL = {"PES_DepenseAller": "11", "PES_RecetteAller": "12"}
KINDS: dict[str, dict[str, Kind]] = {  # TypPce
    "PES_DepenseAller": {"03": "order", "04": "order", "10": "accrual", "13": "deferral"},
    "PES_RecetteAller": {"03": "order", "04": "order", "11": "accrual", "14": "deferral"},
}
ACCRUAL_UNDONE = "10"  # NatPce
CANCELS_PAST = "09"  # NatPce: a mandat that cancels a titre of a closed year, or the reverse

PERSON = "01"  # CatTiers
PERSON_TRADES = {"01", "02"}  # NatJur: private person; craftsman, trader or farmer, known by a person's name
#: A title of courtesy and the names after it, three at most; "10 M" is a length.
TITLED = re.compile(
    r"(?<!\d)(?<!\d\s)\b(MM?|M[Rr]|M(?:ME|me)|M(?:LLE|lle)|M(?:ONSIEUR|onsieur)|M(?:ADAME|adame))\b\.?"
    r"(?:\s+[A-ZÀ-Þ][\w'’-]+){1,3}"
)
HIDDEN = "…"


def third_party(category: str, nature: str) -> str:
    """Return the kind of a legal person from its category (CatTiers), else from its legal nature (NatJur)."""
    if category == "20":
        return "state"
    if category[:1] == "2":
        return "public"
    if nature == "07":
        return "state"
    if nature in {"08", "09"}:
        return "public"
    if nature in {"03", "06"}:
        return "other"
    if category[:1] in {"6", "7"}:
        return "social"
    return "other" if category[:1] == "5" or nature in {"04", "05", "10", "11"} else ""


def without(label: str, *names: str) -> str:
    """Return a label from which the words of a person's name are gone."""
    words = sorted({w for name in names for w in name.split() if len(w) > 1}, key=len, reverse=True)
    for word in words:
        label = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, label, flags=re.I)
    return re.sub(rf"{HIDDEN}(\s+{HIDDEN})+", HIDDEN, label)
