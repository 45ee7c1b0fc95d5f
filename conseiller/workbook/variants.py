"""The dossier under each of its scenarios, laid over the rows of *Hypothèses*: which cells differ, and how.

Rows are a union: those of the dossier keep their place, those that only a scenario
has come after them. A scenario that empties a cell says so by a mark of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.messages import Lang
from conseiller.projection import Projection
from conseiller.scenario import apply
from conseiller.workbook import form
from conseiller.workbook.form import SWITCHES, Form, Room
from conseiller.workbook.input_rows import Row, rows_of
from conseiller.workbook.parameters import on_switch, placed_assumptions, shown_entries, switch_day

#: Name, among tables, of the legal values listed in *Paramètres*.
LEGAL = "parametres"
#: What tells the rows of a table apart where they do not keep their place.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "conventions": ("poste", "code"),
    "versements": ("poste", "convention", "rang"),
    "evolutions": ("parametre", "depuis"),
}
#: Fields that the model does not read.
_SILENT = frozenset({"source", "reference", "financeur", "vecteur"})


class Same:
    """What a scenario says of a cell that it leaves as in the dossier."""


SAME = Same()


@dataclass(frozen=True)
class Variant:
    """The dossier under one of its scenarios.

    Parameters
    ----------
    name : str
    plan : Projection or None
        None where the case does not allow the scenario.
    faults : InputFaults or None
        Why it does not.
    """

    name: str
    plan: Projection | None
    faults: InputFaults | None = None


@dataclass(frozen=True)
class Varying:
    """A cell that differs under some scenario.

    Parameters
    ----------
    table, key : str
        Table and field of the form; `LEGAL` and the parameter for a value of *Paramètres*.
    rank : int
        Row of the table, from 0.
    values : tuple
        One per scenario: a value, None where it is emptied, `SAME` where it is the dossier's.
    base : any
        Value in the dossier, None where it is empty.
    """

    table: str
    key: str
    rank: int
    base: Any
    values: tuple[Any, ...]


def variants_of(plan: Projection, lang: Lang) -> list[Variant]:
    """Return the dossier under each of its scenarios, those that cannot be made included."""
    found = []
    for scenario in plan.dossier.scenarios:
        try:
            changed = apply(plan.dossier, scenario, today=plan.report_date, law=plan.base_law, lang=lang)
        except InputFaults as faults:
            found.append(Variant(scenario.name, None, faults))
        else:
            found.append(Variant(scenario.name, Projection(changed, plan.base_law, plan.report_date)))
    return found


class Union:
    """The rows of a dossier and of its scenarios together.

    Parameters
    ----------
    plan : Projection
    variants : sequence of Projection
        The dossier under the scenarios that it allows, in order.
    """

    def __init__(self, plan: Projection, variants: Sequence[Projection]) -> None:
        self.plan = plan
        self.variants = variants
        #: Assumptions of *Hypothèses* besides the switches: the dossier's, then those of scenarios alone.
        self.assumptions = self._assumptions()
        self.room = Room.of(plan.dossier, len(self.assumptions), [v.dossier for v in variants])

    # --- assumptions ----------------------------------------------------------------------------------

    def _placed(self, plan: Projection) -> dict[tuple[Any, Any], schema.Assumption]:
        """Return by parameter and day the assumptions that stand in *Hypothèses* and not in place of a legal value."""
        listed = {(table.parameter, entry.start) for table, entry in shown_entries(self.plan)}
        if plan is self.plan:
            return {(a.parameter, a.start): a for a in placed_assumptions(plan)}
        kept = (a for a in plan.dossier.assumptions if (a.parameter, a.start) not in listed)
        return {(a.parameter, a.start): a for a in kept}

    def _assumptions(self) -> list[tuple[Any, Any]]:
        day = switch_day(self.plan)
        order: dict[tuple[Any, Any], None] = {}
        for plan in (self.plan, *self.variants):
            for key, a in self._placed(plan).items():
                own = plan is self.plan
                if (own or a.value is not None) and not on_switch(a, day):
                    order.setdefault(key)
        return list(order)

    def _assumption_rows(self, plan: Projection) -> list[Row]:
        day, placed = switch_day(self.plan), self._placed(plan)
        rows: list[Row] = []
        for parameter in SWITCHES:
            held = placed.get((parameter, day))
            rows.append({} if held is None or held.value is None else {"valeur": held.value})
        for key in self.assumptions:
            a = placed.get(key)
            rows.append({} if a is None or on_switch(a, day) else a.model_dump(by_alias=True))
        return rows

    # --- cells ------------------------------------------------------------------------------------------

    def _forms(self) -> Mapping[str, Form]:
        """Return the tables that a scenario may change."""
        posts = self.room.posts
        tables = (form.CONTRACTS, form.TERMS, form.CONVENTIONS, form.INSTALMENTS)
        items = (form.item_form("autres_couts", posts), form.item_form("autres_financements", posts))
        return {t.key: t for t in (*tables, *items, form.ASSUMPTIONS)}

    def _tables(self, plan: Projection) -> dict[str, list[Row]]:
        tables = rows_of(plan.dossier, self.room, ())
        tables["evolutions"] = self._assumption_rows(plan)
        counts: dict[tuple[Any, Any], int] = {}
        for row in tables["versements"]:
            owner = (row["poste"], row["convention"])
            counts[owner] = counts.get(owner, 0) + 1
            row["rang"] = counts[owner]  # type: ignore[index]
        return tables

    def varying(self) -> Iterator[Varying]:
        """Yield every cell that differs under some scenario, table by table."""
        if not self.variants:
            return
        base, others = self._tables(self.plan), [self._tables(v) for v in self.variants]
        for table, declared in self._forms().items():
            aligned = [_aligned(table, base[table], other[table]) for other in others]
            count = max(len(base[table]), *(len(rows) for rows in aligned))
            shown = {f.key for f in declared.fields} - _SILENT
            for rank in range(count):
                held = _row(base[table], rank)
                yield from _cells(table, rank, held, [_row(rows, rank) for rows in aligned], shown)
        yield from self._legal()

    def _legal(self) -> Iterator[Varying]:
        """Yield the values of *Paramètres* that differ; one withdrawn takes the value in force before it."""
        for rank, (table, entry) in enumerate(shown_entries(self.plan)):
            found = [v.law.table(table.parameter).at(entry.start).value for v in self.variants]
            if any(value != entry.value for value in found):
                values = tuple(SAME if value == entry.value else value for value in found)
                yield Varying(LEGAL, table.parameter, rank, entry.value, values)


def _row(rows: Sequence[Row], rank: int) -> Row:
    return rows[rank] if rank < len(rows) else {}


def _aligned(table: str, base: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """Return rows in the order of the dossier's, by what tells them apart where they have it."""
    keys = _KEYS.get(table)
    if keys is None or table == "evolutions":
        return list(rows)
    by_key = {tuple(row.get(k) for k in keys): row for row in rows}
    known = [tuple(row.get(k) for k in keys) for row in base]
    more = [row for key, row in by_key.items() if key not in known]
    return [*(by_key.get(key, {}) for key in known), *more]


def _cells(
    table: str, rank: int, base: Row, others: Sequence[Row], shown: AbstractSet[str]
) -> Iterator[Varying]:
    keys = dict.fromkeys(k for row in (base, *others) for k in row if k in shown)
    for key in keys:
        held = base.get(key)
        found = [row.get(key) for row in others]
        if any(value != held for value in found):
            values = tuple(SAME if value == held else value for value in found)
            yield Varying(table, key, rank, held, values)
