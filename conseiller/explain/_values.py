"""How a value of an explanation is written, exact enough to be computed with."""

from __future__ import annotations

from conseiller.law import day_at
from conseiller.messages import Lang
from conseiller.rules.registry import FAR
from conseiller.text import date_short, exact, money, money_exact, percent_exact


def show(value: float, unit: str, lang: Lang) -> str:
    """Return a value in its unit, exact enough to be computed with."""
    if unit == "euros":
        return money(value, lang) if round(value, 2) == round(value, 9) else money_exact(value, lang)
    if unit == "rate":
        return percent_exact(value, lang)
    if unit == "date":
        return "–" if value <= 0 or value >= FAR else date_short(day_at(value), lang)
    return exact(value, lang)


def bare(amount: str) -> str:
    """Return an amount without the sign of its currency, to be read in a sum."""
    return amount.replace("€", "").rstrip("\u00a0 ")
