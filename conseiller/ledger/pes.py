"""Reads PES Aller files: the mandats and titres that the finance software sends to the public accountant.

Rules follow the PES v2 schemas (volumes dépense and recette). Amounts are positive; the type of bordereau gives their
sign. What identifies a person, an address or a bank account is never kept, nor signatures and attached files: only
the fields named in `LINE` and its like are read at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from conseiller.ledger import pes_codes as codes
from conseiller.ledger.cells import text_of
from conseiller.ledger.faults import refusal
from conseiller.ledger.gathered import Gathered, NoRoomError
from conseiller.ledger.pes_bordereau import Bordereau, Stated
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Kind, Reading, Remark, Side, frame
from conseiller.ledger.seen import Seen
from conseiller.ledger.texts import system_memory
from conseiller.ledger.xml import Faults, cents_of, code_of, day_of, parse
from conseiller.messages import Lang

#: Columns that change from line to line, in the order in which a line is taken.
_VARYING = (
    *("date", "exercice", "account", "function", "operation", "side", "kind", "label", "third_party"),
    *("third_party_kind", "analytic", "service", "piece", "bordereau", "place", "key", "cents"),
)
#: Columns of the lines set aside, likewise.
_ASIDE = ("reason", "cents", "side", "label", "place")
#: Elements that are counted, and what each makes start again from one.
_RESETS = {"Bordereau": ("Piece", "LigneDePiece"), "Piece": ("LigneDePiece",), "LigneDePiece": ()}


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
        account, financial year or date that can be read; when the temporary folder has no room left.

    Notes
    -----
    Memory grows neither with signatures and attached files nor with lines, however few or many bordereaux they are in:
    from ten thousand on they lie in a private file of the system's temporary folder, some 130 bytes a line, until the
    reading is let go. `Reading.blocks` walks them as they are; `Reading.lines` takes them all into memory, 0.4 KiB each.
    """
    reader = _Reader(path, lang)
    try:
        with system_memory():
            sha256 = parse(path, reader, reader.root, lang)
            reader.faults.check()
            return reader.reading(sha256)
    except NoRoomError as full:
        raise refusal("no_room", path, lang) from full
    finally:
        reader.let_go()


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
        self._bordereau: Bordereau | None = None
        self._found = self._found_vat = 0
        self._bordereaux = 0
        self._seen = Seen()
        self._words: dict[str, str] = {}
        same = {"file": path.name}
        self._kept, self._aside = Gathered(COLUMNS, _VARYING, same), Gathered(ASIDE, _ASIDE, same)
        self._stated = Stated()
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
                self._piece = {}
            else:
                self._bordereau, self._bordereaux = None, self._bordereaux + 1
                self._found = self._found_vat = 0
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
                    place = self._place("Bordereau")
                    self._bordereau = Bordereau.of(fields, self._book(), self._part, place, self.faults)
                case "BlocPiece":
                    self._piece = fields
                case _:
                    self._take(fields)
        elif tag == "Tiers":
            if self._group == "LigneDePiece":
                self._wanted = codes.LINE
        elif tag == "Bordereau" and self._part:
            if head := self._bordereau:
                pieces = self._count["Piece"]
                self._stated.close(head, self._part, self._found, self._found_vat, pieces)
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

    def _book(self) -> str:
        """Return the authority and the budget, as the file names them."""
        return "|".join(self._file.get(name, "").strip() for name in ("IdColl", "CodCol", "CodBud"))

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

    def _signed(self, cents: int, head: Bordereau) -> int:
        """A reduction is written as a positive amount in a bordereau of reductions."""
        if cents < 0:
            self._told["negative_amount"] += 1
        return -abs(cents) if head.kind == codes.REDUCTION else cents

    def _kind(self, head: Bordereau) -> Kind:
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

    def _key(self, fields: Mapping[str, str], cents: int, head: Bordereau) -> tuple[str, str]:
        """Return why the line is set aside, if it is, and its identity across files."""
        typ = code_of(self._piece.get("TypPce", ""))
        if head.kind == codes.PROVISIONAL_BORDEREAU or typ == codes.PROVISIONAL[self._part]:
            return "payment_order", ""
        number = fields.get("IdLigne", "").strip()
        key = "|".join((head.book, self._piece.get("IdPce", "").strip(), number))
        key, before = self._seen.meet(key, self._bordereaux, cents)
        if before is None:
            return "", key
        if before != cents:
            self._told["duplicate_differs"] += 1
        return "duplicate", key

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
        if self._aside.add((reason, cents, side, label, place)):
            self._words.clear()

    def let_go(self) -> None:
        """Drop lines and keys: lxml holds its target until the next collection, and with it what lies on disk."""
        del self._kept, self._aside, self._seen

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
        for table in (self._kept, self._aside):
            table.close()
        return Reading(
            path=self.path,
            format="pes",
            sha256=sha256,
            lines=self._kept,
            aside=self._aside,
            credits=frame(CREDITS),
            controls=self._stated.controls(),
            remarks=tuple(Remark(code, values={"count": n}) for code, n in sorted(self._told.items())),
            scope=f"pes|{self._book()}",
            rows=self.rows,
            issued=issued.isoformat() if (issued := day_of(self._file.get("DteStr", ""))) else "",
        )
