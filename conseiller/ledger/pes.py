"""Reads PES Aller files: the mandats and titres that the finance software sends to the public accountant.

Rules follow the PES v2 schemas (volumes dépense and recette). Amounts are positive; the type of bordereau gives their
sign. What identifies a person, an address or a bank account is never kept, nor signatures and attached files: only
the fields named in `LINE` and its like are read at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from conseiller.ledger import pes_codes as codes
from conseiller.ledger.cells import text_of
from conseiller.ledger.faults import refusal
from conseiller.ledger.gathered import Gathered, Seen
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Control, Kind, Reading, Remark, Side, frame
from conseiller.ledger.texts import system_memory
from conseiller.ledger.xml import Faults, cents_of, code_of, day_of, parse, year_of
from conseiller.messages import Lang

#: Columns that change from line to line, in the order in which a line is taken.
_VARYING = (
    *("date", "exercice", "account", "function", "operation", "side", "kind", "label", "third_party"),
    *("third_party_kind", "analytic", "service", "piece", "bordereau", "place", "key", "cents"),
)
#: Elements that are counted, and what each makes start again from one.
_RESETS = {"Bordereau": ("Piece", "LigneDePiece"), "Piece": ("LigneDePiece",), "LigneDePiece": ()}


class _Bordereau(NamedTuple):
    number: str
    kind: str
    exercice: int
    day: date | None
    stated: int | None
    stated_vat: int | None
    stated_pieces: int | None
    place: str


def read(path: Path, lang: Lang = "fr") -> Reading:
    """Read a PES Aller file, dépense and recette together.

    Parameters
    ----------
    path : Path
        The file.
    lang : {"fr", "en"}
        Language of the faults.

    Returns
    -------
    Reading
        One line per LigneDePiece. The amount is MtHT plus MtTVA: a budget outside VAT carries its full cost in MtHT.
        The date is that of the bordereau, the only one the format always gives.

    Raises
    ------
    InputFaults
        When it is another XML file, when a recette holds elements of a dépense, or when a line has no amount,
        account, financial year or date that can be read.

    Notes
    -----
    Memory does not grow with signatures and attached files; it grows with the lines kept, 0.4 KiB each: most of it are
    the place, the key and the label, which are long and differ from line to line.
    """
    reader = _Reader(path, lang)
    with system_memory():
        sha256 = parse(path, reader, reader.root, lang)
        reader.faults.check()
        return reader.reading(sha256)


class _Reader:
    """Takes the elements of one file and keeps its lines, column by column."""

    opened = codes.OPENED
    closed = codes.CLOSED

    def __init__(self, path: Path, lang: Lang) -> None:
        self.path, self.lang = path, lang
        self.faults = Faults(path, lang)
        self._part: str = ""
        self._group = ""
        self._wanted: set[str] = set()
        self._fields: dict[str, str] = {}
        self._party_met = False
        self._count: Counter[str] = Counter()  # elements met so far in the one that holds them
        self._file: dict[str, str] = {}
        self._piece: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()  # lines of the open pièce, by number
        self._bordereau: _Bordereau | None = None
        self._found = self._found_vat = self._pieces = 0
        self._bordereaux = 0
        self._seen = Seen()
        self._words: dict[str, str] = {}
        self._kept = Gathered({name: COLUMNS[name] for name in _VARYING})
        self._aside: dict[str, list[object]] = {name: [] for name in ASIDE}
        self._controls: list[Control] = []
        self._told: Counter[str] = Counter()
        self.rows = 0

    # --- elements ---------------------------------------------------------------------------------------

    def root(self, tag: str, namespace: str) -> None:
        """Refuse what is not a PES Aller, with what to do instead."""
        if tag == "PES_Aller":
            return
        code = {"Bordereau": "pes_bordereau", "PES_Retour": "pes_retour"}.get(tag, "pes_root")
        raise refusal(code, self.path, self.lang, root=tag)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the opening of an element."""
        if tag in self._wanted:
            value = attributes.get("V")
            if value is not None:
                self._fields.setdefault(tag, value)
        elif not self._part:
            if tag in codes.SIDE:
                self._part = tag
                self._count[tag] += 1
                self._count["Bordereau"] = 0
            elif tag == "EnTetePES":
                self._open(tag)
        elif tag in codes.FOREIGN[self._part]:
            code = "pes_not_recette" if self._part == "PES_RecetteAller" else "pes_not_depense"
            raise refusal(code, self.path, self.lang, self._place("Piece"), tag=tag)
        elif tag in _RESETS:
            self._count[tag] += 1
            for inner in _RESETS[tag]:
                self._count[inner] = 0
            if tag == "LigneDePiece":
                self._open(tag)
            elif tag == "Piece":
                self._piece, self._pieces = {}, self._pieces + 1
                self._numbers.clear()
            else:
                self._bordereau, self._bordereaux = None, self._bordereaux + 1
                self._found = self._found_vat = self._pieces = 0
        elif tag == "Tiers":
            if self._group == "LigneDePiece" and not self._party_met:
                self._wanted, self._party_met = codes.LINE | codes.PARTY, True
        elif tag in codes.GROUPS:
            self._open(tag)

    def end(self, tag: str) -> None:
        """Take the closing of an element."""
        if tag == self._group:
            fields, self._fields, self._group, self._wanted = self._fields, {}, "", set()
            match tag:
                case "EnTetePES":
                    self._file = fields
                case "BlocBordereau":
                    self._bordereau = self._read_bordereau(fields)
                    self._seen.open(self._book(self._bordereau), self._bordereaux, self._kept)
                case "BlocPiece":
                    self._piece = fields
                case _:
                    self._take(fields)
        elif tag == "Tiers":
            if self._group == "LigneDePiece":
                self._wanted = codes.LINE
        elif tag == "Bordereau" and self._part:
            self._close_bordereau()
        elif tag == self._part:
            self._part = ""

    def _open(self, group: str) -> None:
        self._group, self._wanted, self._fields, self._party_met = group, codes.GROUPS[group], {}, False

    def _place(self, *to: str) -> str:
        """Return the XPath of the element being read, down to one of its parents."""
        number = self._count[self._part]
        path = f"/*/{self._part}" + (f"[{number}]" if number > 1 else "")
        for tag in ("Bordereau", "Piece", "LigneDePiece"):
            if self._count[tag]:
                path += f"/{tag}[{self._count[tag]}]"
            if tag in to:
                break
        return path

    # --- bordereau --------------------------------------------------------------------------------------

    def _read_bordereau(self, fields: Mapping[str, str]) -> _Bordereau:
        place = self._place("Bordereau")
        text = fields.get("Exer", "").strip()
        exercice = year_of(text)
        if exercice is None:
            self.faults.add("bad_year", place, text=text)
        day = self._day(fields.get("DteBordEm", "").strip(), place)
        total = fields.get("MtBordHT", fields.get("MtBordHt", ""))
        pieces = fields.get("NbrPce", "").strip()
        return _Bordereau(
            self._word(fields.get("IdBord", "")),
            code_of(fields.get("TypBord", "")),
            exercice or 0,
            day,
            cents_of(total) if total.strip() else None,
            cents_of(vat) if (vat := fields.get("MtBordTVA", "")).strip() else None,
            int(pieces) if pieces.isdecimal() else None,
            f"{place}/BlocBordereau",
        )

    def _day(self, text: str, place: str) -> date | None:
        found = day_of(text)
        if text and found is None:
            self.faults.add("bad_date", place, text=text)
        return found

    def _close_bordereau(self) -> None:
        """Set what the bordereau states beside what was read of it."""
        if (head := self._bordereau) is None:
            return
        if head.stated is not None:
            self._controls.append(Control("bordereau", head.place, head.stated, self._found))
        if head.stated_vat is not None:
            self._controls.append(Control("bordereau_vat", head.place, head.stated_vat, self._found_vat))
        if head.stated_pieces is not None:
            self._controls.append(Control("piece_count", head.place, head.stated_pieces, self._pieces))

    # --- line -------------------------------------------------------------------------------------------

    def _take(self, fields: Mapping[str, str]) -> None:
        """Keep a line, or set it aside with its reason."""
        self.rows += 1
        place = self._place()
        head = self._bordereau
        if head is None:
            self.faults.add("pes_no_header", place)
            return
        net, vat = self._amount(fields, "MtHT", place), 0
        if fields.get("MtTVA", "").strip():
            vat = self._amount(fields, "MtTVA", place)
        account = text_of(fields.get("Nature", ""))
        if not account:
            self.faults.add("no_account", place)
        self._found, self._found_vat = self._found + net, self._found_vat + vat
        cents = self._signed(net + vat, head)
        side = codes.SIDE[self._part]
        label, name, kind_of_party = self._party(fields)
        reason, key = self._key(fields, cents, head)
        if reason:
            self._told[reason] += 1
            self._set_aside(reason, cents, side, label, place)
            return
        kind = self._kind(head)
        word = self._word
        row = (
            *(head.day, head.exercice, word(account), word(fields.get("Fonction", ""))),
            *(word(fields.get("Operation", "")), side, kind, label, word(name), kind_of_party),
            word(fields.get("CptAna", "") or fields.get("CodProdLoc", "")),
            word(self._piece.get("CodServ", "") or self._piece.get("CodeService", "")),
            *(word(self._piece.get("IdPce", "")), head.number, place, key, cents),
        )
        if self._kept.add(row):
            self._words.clear()
        if head.day and head.day.year != head.exercice:
            self._told["other_year"] += 1

    def _amount(self, fields: Mapping[str, str], name: str, place: str) -> int:
        text = fields.get(name, "").strip()
        cents = cents_of(text) if text else None
        if cents is None:
            self.faults.add("bad_amount" if text else "no_amount", place, text=text, field=name)
            return 0
        return cents

    def _signed(self, cents: int, head: _Bordereau) -> int:
        """A reduction is written as a positive amount in a bordereau of reductions."""
        if cents < 0:
            self._told["negative_amount"] += 1
        return -abs(cents) if head.kind == codes.REDUCTION else cents

    def _kind(self, head: _Bordereau) -> Kind:
        kind = codes.KINDS[self._part].get(code_of(self._piece.get("TypPce", "")), "ordinary")
        nature = code_of(self._piece.get("NatPce", ""))
        if nature == codes.CANCELS_PAST:
            self._told["cancels_past"] += 1
        if kind == "order":
            return kind
        if nature == codes.ACCRUAL_UNDONE or (kind == "accrual" and head.kind == codes.REDUCTION):
            return "reversal"
        if kind == "ordinary" and head.kind == codes.REDUCTION:
            return "reduction"
        return kind

    def _key(self, fields: Mapping[str, str], cents: int, head: _Bordereau) -> tuple[str, str]:
        """Return why the line is set aside, if it is, and its identity across files."""
        typ = code_of(self._piece.get("TypPce", ""))
        if head.kind == codes.PROVISIONAL_BORDEREAU or typ == codes.PROVISIONAL[self._part]:
            return "payment_order", ""
        number = fields.get("IdLigne", "").strip()
        key = "|".join((self._book(head), self._piece.get("IdPce", "").strip(), number))
        self._numbers[number] += 1
        if self._numbers[number] > 1:  # two lines of one pièce under one number are two lines
            key += f"#{self._numbers[number]}"
        before = self._seen.lines.get(key)
        if before is None:
            self._seen.lines[key] = (self._bordereaux, cents)
            return "", key
        bordereau, amount = before
        if bordereau == self._bordereaux:  # one pièce cut into several elements
            copies = self._numbers.total()
            while f"{key}#{copies}" in self._seen.lines:
                copies += 1
            key = f"{key}#{copies}"
            self._seen.lines[key] = (self._bordereaux, cents)
            return "", key
        if amount != cents:
            self._told["duplicate_differs"] += 1
        return "duplicate", key

    def _book(self, head: _Bordereau) -> str:
        """Return what tells a bordereau from the others: what the keys of its lines begin with."""
        letter = "D" if self._part == "PES_DepenseAller" else "R"
        book = (self._file.get(name, "").strip() for name in ("IdColl", "CodCol", "CodBud"))
        return "|".join((*book, str(head.exercice), letter, head.kind, head.number))

    def _party(self, fields: Mapping[str, str]) -> tuple[str, str, str]:
        """Return the label, the name of a legal person, and the kind of third party; no name of a natural person."""
        category, nature = code_of(fields.get("CatTiers", "")), code_of(fields.get("NatJur", ""))
        name = text_of(f"{fields.get('Nom', '')} {fields.get('ComplNom', '')}")
        label = self._label(fields)
        titled = bool(fields.get("Civilite", "").strip() or fields.get("Prenom", "").strip())
        if category == codes.PERSON or nature in codes.PERSON_TRADES or titled:
            if name:
                self._told["person_hidden"] += 1
            label = codes.without(label, name, text_of(fields.get("Prenom", "")))
            return self._word(codes.TITLED.sub(rf"\1 {codes.HIDDEN}", label)), "", "person"
        kind = codes.third_party(category, nature)
        return self._word(codes.TITLED.sub(rf"\1 {codes.HIDDEN}", label)), name if kind else "", kind

    def _label(self, fields: Mapping[str, str]) -> str:
        if self._part == "PES_DepenseAller":
            bank = text_of(f"{fields.get('LibVir1', '')} {fields.get('LibVir2', '')}")
            return text_of(self._piece.get("Obj", "")) or bank
        whole, line = text_of(self._piece.get("ObjPce", "")), text_of(fields.get("ObjLignePce", ""))
        return f"{whole} – {line}" if whole and line and line != whole else whole or line

    def _word(self, text: str) -> str:
        """Return a text with single blanks, the same object for the same text."""
        word = text_of(text) if text else ""
        return self._words.setdefault(word, word)

    def _set_aside(self, reason: str, cents: int, side: Side, label: str, place: str) -> None:
        row = (reason, cents, side, label, self.path.name, "", place)
        for column, value in zip(self._aside.values(), row, strict=True):
            column.append(value)

    # --- result -----------------------------------------------------------------------------------------

    def reading(self, sha256: str) -> Reading:
        """Return what was read.

        Raises
        ------
        InputFaults
            When the file holds neither mandat nor titre.
        """
        if not self._bordereaux:
            raise refusal("pes_nothing", self.path, self.lang)
        table = self._kept.table()
        book = "|".join(self._file.get(name, "").strip() for name in ("IdColl", "CodCol", "CodBud"))
        return Reading(
            path=self.path,
            format="pes",
            sha256=sha256,
            lines=frame(COLUMNS, {name: table[name] for name in _VARYING} | {"file": self.path.name}),
            aside=frame(ASIDE, self._aside),
            credits=frame(CREDITS),
            controls=tuple(self._controls),
            remarks=tuple(Remark(code, values={"count": n}) for code, n in sorted(self._told.items())),
            scope=f"pes|{book}",
            rows=self.rows,
            issued=issued.isoformat() if (issued := day_of(self._file.get("DteStr", ""))) else "",
        )
