"""The sheet *Crédits et poids*: credits voted, consumed and available; the posts in the budget of the authority."""

from __future__ import annotations

from typing import Any

from conseiller.analysis.tracking.weight import etpt_paid, staff_lines
from conseiller.workbook.book import Book, Live, Sheet, ref
from conseiller.workbook.books.compared import chosen, write_compared
from conseiller.workbook.books.facts import SIDE, BookFacts
from conseiller.workbook.books.landing import LandingSheet
from conseiller.workbook.books.ledger import LedgerSheet, gl
from conseiller.workbook.looks import Style

_PLAN_ROW, _FIRST_ROW = 2, 4
_YEAR, _SIDE, _CHAPTER, _ACCOUNT, _VOTED, _BOOKED, _POSTS, _AVAILABLE, _RATE, _LABEL = range(10)
_CREDITS = (
    "exercice",
    "side",
    "chapter",
    "account",
    "voted",
    "booked",
    "posts",
    "available",
    "rate",
    "label",
)
_ETP, _ETPT, _PAID, _STAFF, _MINE, _SHARE, _SAVING, _NET, _EFFECT, _BASIS = range(1, 11)
_WEIGHT = (
    "exercice",
    "etp",
    "etpt",
    "etpt_paid",
    "staff",
    "posts_staff",
    "weight",
    "saving",
    "net",
    "effect",
    "basis",
)
_WIDTHS = (10, 11, 13, 18, 18, 20, 20, 18, 18, 32, 14)
#: Columns whose cells are centred.
_CENTRED = frozenset({"exercice", "side", "chapter", "basis"})


class BudgetSheet:
    """Writes *Crédits et poids*."""

    def __init__(self, book: Book, facts: BookFacts, ledger: LedgerSheet, landing: LandingSheet) -> None:
        self.book = book
        self.facts = facts
        self.ledger = ledger
        self.landing = landing
        self.sheet: Sheet = book.sheet("credits")
        self.row = _FIRST_ROW

    def write(self) -> None:
        """Write the credits of the accounts that the posts use, then what the posts weigh, by exercice."""
        sheet, tr = self.sheet, self.book.tr
        sheet.text(0, 0, tr("workbook.sheet.credits"), "title")
        sheet.text(1, 0, tr("workbook.credits.note"), "note")
        write_compared(sheet, self.facts, _PLAN_ROW)
        self._credits()
        self._weight()
        for col, width in enumerate(_WIDTHS):
            sheet.raw.set_column(col, col, width)
        sheet.raw.freeze_panes(_FIRST_ROW, 0)
        self.book.page(sheet, repeat=(0, 1), last_col=len(_WIDTHS) - 1, last_row=self.row)

    def _head(self, title: str, keys: tuple[str, ...], words: int) -> None:
        """Write the title of a table and its heads; the first `words` columns and the last hold no amount."""
        self.sheet.text(self.row, 0, self.book.tr(f"workbook.credits.{title}"), "subtitle")
        self.row += 1
        self.sheet.raw.set_row(self.row, 44)
        for col, key in enumerate(keys):
            held: Style = "headcell" if col < words or col == len(keys) - 1 else "headnum"
            look: Style = "headstate" if key in _CENTRED else held
            self.sheet.text(self.row, col, self.book.tr(f"workbook.credits.{key}"), look)
        self.row += 1

    # --- credits ---

    def _credits(self) -> None:
        found = self.facts.tracking.credits()
        self._head("credits", _CREDITS, 4)
        for credit in found.to_dict("records"):
            self._credit(credit)
        if not len(found):
            self.sheet.text(self.row, 0, self.book.tr("workbook.credits.none"), "note")
            self.row += 1
        self.row += 1

    def _credit(self, credit: dict[Any, Any]) -> None:
        sheet, row = self.sheet, self.row
        sheet.number(row, _YEAR, credit["exercice"], "state", "0")
        sheet.text(row, _SIDE, SIDE[credit["side"]], "state")
        sheet.text(row, _CHAPTER, credit["chapter"], "state", "@")
        sheet.text(row, _ACCOUNT, credit["account"], "cell", "@")
        plan = self.facts.plan
        label = plan.law.account_label(plan.dossier.authority.chart, credit["account"])
        sheet.text(row, _LABEL, label, "cell", "@")
        sheet.fit(row, (label, _WIDTHS[_LABEL]))
        year, side, account = (ref(row, c) for c in (_YEAR, _SIDE, _ACCOUNT))
        mine = (
            f'{gl("amount")},{gl("exercice")},{year},{gl("side")},{side},{gl("account_read")},{account}&"*"'
        )
        tied = "".join(f',{gl("fate")},"<>{self.ledger.fates[f]}"' for f in ("unattached", "ruled_out"))
        voted, booked = ref(row, _VOTED), ref(row, _BOOKED)
        sheet.number(row, _VOTED, credit["voted"], "calc", "euros")
        sheet.live(row, _BOOKED, Live(f"SUMIFS({mine})", credit["booked"]), "calc", "euros")
        sheet.live(row, _POSTS, Live(f"SUMIFS({mine}{tied})", credit["posts"]), "calc", "euros")
        sheet.live(row, _AVAILABLE, Live(f"{voted}-{booked}", credit["available"]), "calc", "euros")
        rate = credit["booked"] / credit["voted"] if credit["voted"] else ""
        sheet.live(row, _RATE, Live(f'IF({voted}=0,"",{booked}/{voted})', rate), "calc", "percent")
        self.row += 1

    # --- weight ---

    def _weight(self) -> None:
        self._head("weights", _WEIGHT, 1)
        staff = {line for t in self.facts.every for line in staff_lines(t)}
        groups = [g.number for g in self.facts.groups if g.side == "D" and g.line in staff]
        paid = [etpt_paid(t) for t in self.facts.every]
        for weight in self.facts.tracking.weight().to_dict("records"):
            self._exercice(weight, groups, [p[weight["exercice"]] for p in paid])

    def _exercice(self, weight: dict[Any, Any], staff: list[int], paid: list[float]) -> None:
        sheet, row, month = self.sheet, self.row, self.facts.layout.month
        exercice = ref(row, _YEAR)
        sheet.number(row, _YEAR, weight["exercice"], "state", "0")
        etp = month.column("etp")
        december = f"SUMIFS({etp},{month.column('month')},DATE({exercice},12,1))"
        sheet.live(row, _ETP, Live(december, weight["etp"]), "calc", "0.00")
        year = f"SUMIFS({etp},{month.column('exercice')},{exercice})/12"
        sheet.live(row, _ETPT, Live(year, weight["etpt"]), "calc", "0.00")
        sheet.live(row, _PAID, Live(chosen(paid), paid[0]), "calc", "0.00")
        mine = "+".join(self.landing.of(exercice, str(n)) for n in staff) or "0"
        sheet.live(row, _MINE, Live(mine, weight["posts_staff"]), "calc", "euros")
        net = self.landing.net_of(weight["exercice"])
        sheet.live(row, _NET, Live(net, weight["net_cost"]), "calc", "euros")
        if weight["basis"]:
            self._shares(weight)
        else:
            for col in (_STAFF, _SHARE, _SAVING, _EFFECT, _BASIS):
                sheet.text(row, col, "–", "state")
        self.row += 1

    def _shares(self, weight: dict[Any, Any]) -> None:
        """Write what the budget of the exercice says, and the part of the posts in it."""
        sheet, row = self.sheet, self.row
        staff, mine, saving, net = (ref(row, c) for c in (_STAFF, _MINE, _SAVING, _NET))
        sheet.number(row, _STAFF, weight["staff"], "calc", "euros")
        sheet.number(row, _SAVING, weight["saving"], "calc", "euros")
        share, effect = (x if x == x else "" for x in (weight["share"], weight["effect"]))  # noqa: PLR0124 (NaN)
        sheet.live(row, _SHARE, Live(f'IF({staff}=0,"",{mine}/{staff})', share), "calc", "0.00%")
        without = f"{saving}+{net}"
        formula = f'IF(ROUND({without},2)=0,"",{net}/({without}))'
        sheet.live(row, _EFFECT, Live(formula, effect), "calc", "0.00%")
        sheet.text(row, _BASIS, self.book.tr(f"workbook.credits.basis_{weight['basis']}"), "state")
