"""The pay lines of a post, and their sum: the room that brings all rules together."""

from __future__ import annotations

from conseiller.rules import contributions, exits, grant, items, pay
from conseiller.rules.algebra import Symbol, cents
from conseiller.rules.registry import REGISTRY, Column

__all__ = ["LEAVER_LINES", "PAY_LINES", "contributions", "exits", "grant", "items", "pay"]

#: Lines of chapter 012 computed for each contract and month, in the order of the catalogue.
PAY_LINES = (
    "traitement",
    "indemnite_differentielle",
    "indemnite_residence",
    "sft",
    "primes",
    "maladie",
    "vieillesse_plafonnee",
    "vieillesse_deplafonnee",
    "allocations_familiales",
    "csa",
    "fnal",
    "ircantec",
    "at_mp",
    "cnracl",
    "atiacl",
    "rafp",
    "cnfpt",
    "apprentissage",
    "cdg",
    "versement_mobilite",
    "dialogue_social",
    "chomage",
    "psc",
    "conges_non_pris",
)

#: Lines of chapter 012 owed to former agents beside any payslip, computed for each contract.
LEAVER_LINES = ("indemnite_rupture", "are")


def personnel(*lines: Symbol) -> object:
    """Return the cost of the agent: the sum of the pay lines."""
    total = lines[0]
    for line in lines[1:]:
        total = total + line
    return cents(total)


REGISTRY.add(Column("personnel", "month", "euros", "total", function=personnel, reads=PAY_LINES))
