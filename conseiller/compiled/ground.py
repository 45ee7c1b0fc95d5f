"""What a case holds in common: the programs of its rows, and the law over its months."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

import numpy as np

from conseiller.compiled.graph import Graph
from conseiller.compiled.program import Evaluator, Program
from conseiller.compiled.stretches import Indices
from conseiller.engine import Inputs, Model
from conseiller.law import to_serial
from conseiller.rules.algebra import months_of
from conseiller.rules.registry import REGISTRY, Constant, Pick, Rate, TableName
from conseiller.rules.registry import Law as LawLookup
from conseiller.rules.totals import PAY_LINES

#: What is known of a row of an agent, and of a month wholly worked under one contract.
HELD = ("0 < contract_no", "stay_from <= stay_to", "elapsed_from <= elapsed_to")
WHOLE = ("0 < contract_no", "contract_start <= month", "month < next_month", "next_month < contract_until")
#: The line that looks at earlier months; the columns it reads, and what each of them adds up.
AFTER = "rafp"
TO_DATE = {"accessoires_cumul": "accessoires", "traitement_cumul": "traitement_cnracl"}
#: Columns of a payslip.
SLIP = (*(line for line in PAY_LINES if line != AFTER), *TO_DATE.values())
#: Rows computed at a time.
SIZE = 16000

Known = tuple[tuple[str, float], ...]


@cache
def _program(
    whole: bool,
    columns: tuple[str, ...],
    known: Known,
    steady: frozenset[str],
    signed: bool,
    cents: tuple[str, ...],
) -> Program:
    graph = Graph(
        dict(known),
        order=WHOLE if whole else HELD,
        cut=TO_DATE,
        signed=signed,
        month_of_row=not whole,
        whole=cents,
        steady=steady,
    )
    return Program(graph, graph.amounts(columns))


@cache
def _later_program(known: Known, signed: bool) -> Program:
    graph = Graph(dict(known), cut=(*TO_DATE, *TO_DATE.values()), signed=signed)
    return Program(graph, graph.amounts((AFTER,)))


@cache
def _fields_picked() -> list[tuple[str, TableName, str]]:
    found = [(c.name, c.lookup) for c in REGISTRY.columns("month")]
    return [(name, pick.table, pick.field) for name, pick in found if isinstance(pick, Pick)]


@cache
def _switches() -> list[str]:
    """Return the operands of the months that may decide something: thresholds, choices, rates left at nought."""
    columns = [c for c in REGISTRY.columns("month") if not c.only_month]
    return [c.name for c in columns if isinstance(c.lookup, LawLookup | Constant | Rate)]


class Ground:
    """The programs of a case and the law over its months.

    Parameters
    ----------
    inputs : Inputs
        The whole case, of which some posts may be computed at a time.
    columns : tuple of str
        Columns of a payslip.
    law : Evaluator, optional
        Gives nodes of the months: one number, one for each month, or one for each variant of the law
        and month. By default the law of the case.
    common : bool
        Each variant of the law is for all posts, one after the other, not for posts of its own.

    Attributes
    ----------
    known : columns that hold one number in every row and simplify the rules
    steady : operands of the law that hold one value in all months, and this value
    run : run of each month, by variant: months of one exercice under one law
    first : the first month of each run, by variant
    """

    def __init__(
        self,
        inputs: Inputs,
        columns: tuple[str, ...] = SLIP,
        law: Evaluator | None = None,
        common: bool = False,
    ) -> None:
        self.common = common
        self.months = inputs.months
        self.columns = columns
        self.law = law or law_of(inputs)
        self.known, self.steady = self._known(inputs)
        # An operand below nought: no sign may be taken for granted.
        fields = [inputs.given[t][f] for _, t, f in _fields_picked() if f in inputs.given[t]]
        self._signed = any(field.min(initial=0.0) < 0 for field in fields)
        #: Amounts of the dossier that are whole cents, as they mostly are.
        self._cents = tuple(
            name
            for name, table, field in _fields_picked()
            if REGISTRY.get("month", name).unit == "euros"
            and field in inputs.given[table]
            and _whole_cents(inputs.given[table][field])
        )
        self._over: dict[Program, list[Any]] = {}
        #: Months in which the index of some grade changes.
        tables = (inputs.law.table(key) for key in inputs.grid_keys)
        self._regraded = sorted({to_serial(e.start) for t in tables for e in t.entries})
        self.run, self.first = self._runs()

    def _known(self, inputs: Inputs) -> tuple[Known, dict[str, float]]:
        found: dict[str, float] = {} if inputs.grid_keys else {"grid_index": 0.0}
        for name, table, field in _fields_picked():
            if field in inputs.given[table] and not inputs.given[table][field].any():
                found[name] = 0.0
        steady: dict[str, float] = {}
        for name in _switches():
            one = _alone(self.law.operand(name))
            if np.ndim(one) == 0:
                if one == 0.0 or REGISTRY.get("month", name).unit == "number":
                    found[name] = one
                else:
                    steady[name] = one
        return tuple(found.items()), steady

    @cached_property
    def whole(self) -> Program:
        """The rules of a month wholly worked."""
        return _program(True, self.columns, self.known, frozenset(self.steady), self._signed, self._cents)

    @cached_property
    def other(self) -> Program:
        """The rules of any month of an agent, the month an operand of the row."""
        return _program(False, self.columns, self.known, frozenset(self.steady), self._signed, self._cents)

    @cached_property
    def later(self) -> Program:
        """The rule that looks at the year to date."""
        return _later_program(self.known, self._signed)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of a payslip that are not nought for everybody."""
        return self.other.names

    def of_rows(self, rows: Callable[[str], Any]) -> Evaluator:
        """Return what gives nodes of rows, from the operands in force in them."""

        def operand(name: str) -> Any:
            return self.steady[name] if name in self.steady else rows(name)

        return Evaluator(operand)

    def over(self, program: Program) -> list[Any]:
        """Return the values over the months of what the months alone give to a program."""
        if program not in self._over:
            self._over[program] = [_alone(self.law(node)) for node in program.months]
        return self._over[program]

    def _runs(self) -> tuple[Indices, Indices]:
        """Return the run of each month and a month of each run, by variant (variants, months or runs)."""
        months = len(self.months)
        exercice = months_of(self.months) // 12
        new = np.empty((1, months), dtype=bool)
        new[0, 0], new[0, 1:] = True, exercice[1:] != exercice[:-1]
        for value in self.over(self.whole):
            if np.ndim(value):
                table = np.atleast_2d(value)
                changes = table[:, 1:] != table[:, :-1]
                if len(changes) > len(new):
                    new = np.repeat(new, len(changes), axis=0)
                new[:, 1:] |= changes
        if self.common:
            new = np.any(new, axis=0).reshape(1, -1)
        at = np.searchsorted(self.months, self._regraded)
        new[:, at[at < months]] = True
        run = np.cumsum(new, axis=1) - 1
        first = np.zeros((len(run), int(run.max()) + 1), dtype=np.intp)
        variant, month = np.nonzero(new)
        first[variant, run[variant, month]] = month
        return run, first


def _whole_cents(amounts: Any) -> bool:
    cents = 100.0 * amounts
    return bool((np.abs(cents - np.rint(cents)) < 1e-6).all())


def _alone(value: Any) -> Any:
    """Return one number for values that are all the same."""
    if np.ndim(value) == 0:
        return float(value)
    one = np.ravel(value)[0]
    return float(one) if (value == one).all() else value


def law_of(inputs: Inputs) -> Evaluator:
    """Return what gives nodes of the months under the law of a case."""
    month = Model(inputs).month

    def operand(name: str) -> Any:
        value = month[name]
        return value.ravel() if np.ndim(value) else float(value)

    return Evaluator(operand)
