"""A case being changed, and the reason why a change cannot be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from conseiller.dossier import schema
from conseiller.law import Law
from conseiller.scenario._contracts import DAY


class Impossible(Exception):  # noqa: N818 (a reason, told to the officer as a fault)
    """A change that the case does not allow: code of the reason under ``scenarios.fault``, and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Case:
    """A case being changed.

    Parameters
    ----------
    dossier : Dossier
    base_law : Law
        Legal tables without the assumptions of the case.
    report_date : date
        What follows it can still be changed.
    ended : dict
        Last days of the posts ended so far.
    """

    dossier: schema.Dossier
    base_law: Law
    report_date: date
    ended: Mapping[str, date] = field(default_factory=dict)

    @cached_property
    def law(self) -> Law:
        """The law with the assumptions of the case."""
        return self.base_law.with_assumptions(self.dossier.assumptions)

    @property
    def next_month(self) -> date:
        """First day of the month after the report."""
        month = self.report_date.year * 12 + self.report_date.month
        return date(month // 12, month % 12 + 1, 1)

    @property
    def next_year(self) -> date:
        """First day of the year after the report."""
        return date(self.report_date.year + 1, 1, 1)

    @property
    def closing(self) -> date:
        """Last day of the period shown."""
        return date(self.dossier.period.last, 12, 31)

    def having(self, **fields: Any) -> Case:
        """Return the case with other fields of its dossier."""
        return replace(self, dossier=self.dossier.model_copy(update=fields))

    def longest_are(self, end: date) -> int:
        """Return the longest right to unemployment allowance after a contract, 0 where another insures it."""
        if not self.dossier.authority.self_insured:
            return 0
        return int(self.law.value("are_duree_max_jours", end + DAY))
