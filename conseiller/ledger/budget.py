"""Reads actes budgétaires (TOTEM) and comptes financiers uniques (CFU): credits voted and totals of the year.

One line per account, chapter, function and operation. Lines marked ``calculated="true"`` repeat the others as totals:
they are set aside, or every sum would double. In a CFU the accountant's own totals stand beside the ordonnateur's and
serve as controls. Names of accountants and signatories are not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conseiller.ledger.cells import text_of
from conseiller.ledger.credits import (
    CLOSED,
    Stage,
    chapter_of,
    chart_of,
    credit_of,
    realised_of,
    scope_of,
    section_of,
    turned,
)
from conseiller.ledger.faults import refusal
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Control, Format, Reading, Remark, Side, frame
from conseiller.ledger.xml import Faults, cents_of, code_of, day_of, parse, year_of
from conseiller.messages import Lang

#: NatDec of the schema, and 10 as real comptes financiers uniques carry it.
_STAGES: Mapping[str, Stage] = {"01": "BP", "02": "DM", "03": "BS", "09": "CA", "10": "CFU"}
_TRUE = {"true", "1"}  # editors write either
_SIDES: Mapping[str, Side] = {"D": "cost", "R": "funding"}

_HEAD = {"IdColl", "DteStr"}
_BUDGET = {"IdEtab", "CodBud", "Nomenclature"}
_BLOCK = {"NatDec", "NumDec", "Exer", "DteDec", "ProjetBudget", "CodTypBud"}
_AMOUNTS = ("MtReal", "CredOuv", "MtRARPrec", "MtPrev", "MtPropNouv")
_LINE = {
    "Nature",
    "LibCpte",
    "Fonction",
    "Operation",
    "ContNat",
    "ContFon",
    "CodRD",
    "OpBudg",
    "CaracSup",
    *_AMOUNTS,
}
_ACCOUNTANT = {"Etat", "Nature", "Operation", "Intitule1", "CodeRD", "MtRealNettes"}
_GROUPS = {
    "EnTeteDocBudgetaire": _HEAD,
    "EnTeteBudget": _BUDGET,
    "BlocBudget": _BLOCK,
    "LigneBudget": _LINE,
    "LigneComptable": _ACCOUNTANT,
}
#: Tables of the accountant's budget execution: dépenses and recettes, of investissement and of fonctionnement.
_EXECUTION = "EB_"
#: Result brought forward: voted and carried, never mandated nor titled, so the accountant's tables leave it out.
_BROUGHT_FORWARD = {"001", "002"}


@dataclass
class _Budget:
    """One budget of a document, as it is read."""

    head: dict[str, str] = field(default_factory=dict)
    block: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[object, ...]] = field(default_factory=list)
    aside: list[tuple[object, ...]] = field(default_factory=list)


def read(path: Path, lang: Lang = "fr") -> Reading:
    """Read an acte budgétaire or a compte financier unique.

    Parameters
    ----------
    path : Path
        The file.
    lang : {"fr", "en"}
        Language of the faults.

    Returns
    -------
    Reading
        Without lines of books; `credits` holds one row per line of the budget. `voted_cents` is the credit opened
        where a compte states it, else restes à réaliser brought forward plus what is voted in this document, which in
        a décision modificative or a budget supplémentaire is the change alone (see `conseiller.ledger.votes`).

    Raises
    ------
    InputFaults
        When it is another XML file, or when a line has no account, side or amount that can be read.
    """
    reader = _Reader(path, lang)
    sha256 = parse(path, reader, reader.root, lang)
    reader.faults.check()
    return reader.reading(sha256)


class _Reader:
    """Takes the elements of one document."""

    opened = frozenset({"Budget", "Edition", *_GROUPS}.union(*_GROUPS.values()))
    closed = frozenset(_GROUPS)

    def __init__(self, path: Path, lang: Lang) -> None:
        self.path, self.lang = path, lang
        self.faults = Faults(path, lang)
        self._format: Format = "totem"
        self._group = ""
        self._fields: dict[str, str] = {}
        self._head: dict[str, str] = {}
        self._calculated = False
        self._budgets: list[_Budget] = []
        self._place = ""
        self._lines = 0
        self._statements: list[dict[str, str]] = []
        self._edited = ""
        self._told: Counter[str] = Counter()

    def root(self, tag: str, namespace: str) -> None:
        """Refuse what is neither an acte budgétaire nor a compte financier unique."""
        if tag == "CompteFinancierUnique":
            self._format = "cfu"
        elif tag != "DocumentBudgetaire":
            raise refusal("totem_root", self.path, self.lang, root=tag)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the opening of an element."""
        if self._group:
            if tag in _GROUPS[self._group]:
                self._leaf(tag, attributes)
        elif tag == "Edition":
            self._edited = attributes.get("DateEdition", "").strip()
        elif tag == "Budget":
            self._budgets.append(_Budget())
            self._lines = 0
        elif tag in _GROUPS:
            self._group, self._fields = tag, {}
            if tag == "LigneBudget":
                self._lines += 1
                budget = f"[{len(self._budgets)}]" if len(self._budgets) > 1 else ""
                self._place = f'//*[local-name()="Budget"]{budget}/*[local-name()="LigneBudget"]'
                self._place += f"[{self._lines}]"
                self._calculated = any(
                    name.rpartition("}")[2] == "calculated" and value.strip().lower() in _TRUE
                    for name, value in attributes.items()
                )

    def _leaf(self, tag: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("V")
        if value is None:
            return
        if tag == "CaracSup":
            tag = f"CaracSup.{attributes.get('Code', '')}"
        self._fields.setdefault(tag, value)

    def end(self, tag: str) -> None:
        """Take the closing of an element."""
        if tag != self._group:
            return
        fields, self._group = self._fields, ""
        if tag == "EnTeteDocBudgetaire":
            self._head = fields
        elif tag == "LigneComptable":
            if fields.get("Etat", "").startswith(_EXECUTION) and fields.get("Nature"):
                self._statements.append(fields)
        elif self._budgets:
            budget = self._budgets[-1]
            if tag == "EnTeteBudget":
                budget.head = fields
            elif tag == "BlocBudget":
                budget.block = fields
                self._check(fields)
            else:
                self._take(fields, budget)

    def _check(self, block: Mapping[str, str]) -> None:
        """Refuse a document whose stage or year is unknown."""
        where = '//*[local-name()="BlocBudget"]'
        year, stage = block.get("Exer", "").strip(), code_of(block.get("NatDec", ""))
        if year_of(year) is None:
            self.faults.add("bad_year", where, text=year)
        if stage not in _STAGES:
            self.faults.add("totem_stage", where, text=stage)

    def _take(self, fields: Mapping[str, str], budget: _Budget) -> None:
        """Keep a line, or set a calculated one aside."""
        stage = _STAGES.get(code_of(budget.block.get("NatDec", "")), "BP")
        amounts = {name: self._amount(fields, name) for name in _AMOUNTS}
        realised = realised_of(stage, amounts["MtReal"])
        voted = credit_of(stage, *(amounts[name] for name in _AMOUNTS[1:]))
        label = text_of(fields.get("LibCpte", ""))
        side = _SIDES.get(fields.get("CodRD", "").strip().upper())
        if self._calculated:
            shown = realised if stage in CLOSED else voted
            row = ("calculated", shown, side or "", label, self.path.name, "", self._place)
            budget.aside.append(row)
            return
        account = text_of(fields.get("Nature", ""))
        chapter = chapter_of(account, text_of(fields.get("ContNat", "") or fields.get("ContFon", "")))
        if not account and not chapter:
            self.faults.add("no_account", self._place)
        if side is None:
            self.faults.add("totem_side", self._place, text=fields.get("CodRD", ""))
            return
        order = fields.get("OpBudg", "").strip().lower() in _TRUE
        budget.rows.append(
            (
                *(year_of(budget.block.get("Exer", "").strip()) or 0, stage, account),
                chapter,
                *(text_of(fields.get("Fonction", "")), text_of(fields.get("Operation", ""))),
                chart_of(budget.head.get("Nomenclature", "")),
                section_of(account, fields.get("CaracSup.Section", "").strip().upper()),
                *(side, order, voted, realised, label, self.path.name, self._place),
            )
        )

    def _amount(self, fields: Mapping[str, str], name: str) -> int | None:
        text = fields.get(name, "").strip()
        if not text:
            return None
        cents = cents_of(text)
        if cents is None:
            self.faults.add("bad_amount", self._place, text=text, field=name)
        return cents

    # --- result -----------------------------------------------------------------------------------------

    def reading(self, sha256: str) -> Reading:
        """Return the principal budget of the document; lines of its other budgets are set aside.

        Raises
        ------
        InputFaults
            When the document holds no line of budget.
        """
        held = [b for b in self._budgets if b.rows or b.aside]
        if not held:
            raise refusal("totem_nothing", self.path, self.lang)
        kept = next((b for b in held if b.block.get("CodTypBud", "").strip().upper() == "P"), held[0])
        aside = [row for b in held for row in b.aside]
        aside += [self._other(row) for b in held if b is not kept for row in b.rows]
        if len(held) > 1:
            self._told["other_budgets"] = len(held) - 1
        if kept.block.get("ProjetBudget", "").strip().lower() in _TRUE:
            self._told["draft_budget"] = 1
        remarks = [Remark(code, values={"count": n}) for code, n in sorted(self._told.items())]
        nomenclature = kept.head.get("Nomenclature", "").strip()
        if not chart_of(nomenclature):
            remarks.append(Remark("other_chart", values={"chart": nomenclature or "?"}))
        return Reading(
            path=self.path,
            format=self._format,
            sha256=sha256,
            lines=frame(COLUMNS),
            aside=frame(ASIDE, dict(zip(ASIDE, turned(aside, len(ASIDE)), strict=True))),
            credits=frame(CREDITS, dict(zip(CREDITS, turned(kept.rows, len(CREDITS)), strict=True))),
            controls=self._controls(kept) if self._format == "cfu" else (),
            remarks=tuple(remarks),
            scope=self._scope(kept),
            rows=sum(len(b.rows) + len(b.aside) for b in held),
            issued=issued.isoformat() if (issued := day_of(self._issued)) else "",
        )

    @property
    def _issued(self) -> str:
        """Day the document was made: the later of the two that a CFU states."""
        return max(self._head.get("DteStr", "").strip(), self._edited)

    @staticmethod
    def _other(row: tuple[object, ...]) -> tuple[object, ...]:
        value = dict(zip(CREDITS, row, strict=True))
        cents = value["realised_cents"] if value["stage"] in CLOSED else value["voted_cents"]
        return "other_budget", cents, value["side"], value["label"], value["file"], "", value["place"]

    def _scope(self, budget: _Budget) -> str:
        """Return what a new version of this document replaces; each décision modificative is a document of its own."""
        holder = budget.head.get("IdEtab", "").strip() or self._head.get("IdColl", "").strip()
        number = ""
        if code_of(budget.block.get("NatDec", "")) == "02":
            number = budget.block.get("NumDec", "").strip() or budget.block.get("DteDec", "").strip()
            number = number or self._head.get("DteStr", "").strip()
        return scope_of(holder, number)

    def _controls(self, budget: _Budget) -> tuple[Control, ...]:
        """Set the accountant's total of each account and side beside the ordonnateur's."""
        ours: Counter[tuple[str, str]] = Counter()
        for row in budget.rows:
            value = dict(zip(CREDITS, row, strict=True))
            if value["account"] not in _BROUGHT_FORWARD:
                realised = value["realised_cents"]
                assert isinstance(realised, int)
                ours[str(value["account"]), str(value["side"])] += realised
        theirs: Counter[tuple[str, str]] = Counter()
        for line in self._statements:
            account, operation = text_of(line["Nature"]), text_of(line.get("Operation", ""))
            # "2188103" beside operation "103" stands for account 2188.
            if operation and account.endswith(operation) and account != operation:
                account = account.removesuffix(operation)
            side = _SIDES.get(line.get("CodeRD", "").strip().upper(), "cost")
            theirs[account, side] += cents_of(line.get("MtRealNettes", "").strip() or "0") or 0
        return tuple(
            Control(f"accountant_{side}", account, theirs[account, side], ours[account, side])
            for account, side in sorted({*ours, *theirs})
        )
