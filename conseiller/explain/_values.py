"""How a value of an explanation is written, exact enough to be computed with."""

from __future__ import annotations

from conseiller.law import day_at
from conseiller.messages import Lang
from conseiller.rules.registry import FAR
from conseiller.text import date_short, money, number


def show(value: float, unit: str, lang: Lang) -> str:
    """Return a value in its unit, exact enough to be computed with."""
    if unit == "euros":
        return money(value, lang) if round(value, 2) == round(value, 9) else _priced(value, lang)
    if unit in ("rate",):
        return f"{digits(value * 100, lang)} %"
    if unit == "date":
        return "–" if value <= 0 or value >= FAR else date_short(day_at(value), lang)
    return digits(value, lang)


def _priced(value: float, lang: Lang) -> str:
    """Return an amount with more than two decimals, its sign where the language puts it."""
    exact = digits(value, lang)
    if lang == "en":
        return f"−€{exact.removeprefix('-')}" if value < 0 else f"€{exact}"
    return f"{exact}\u00a0€"


def bare(amount: str) -> str:
    """Return an amount without the sign of its currency, to be read in a sum."""
    return amount.replace("€", "").rstrip("\u00a0 ")


def digits(value: float, lang: Lang) -> str:
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{value:.15f}".rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    grouped = number(int(whole), lang) if abs(int(whole)) >= 1000 else whole
    if not decimals:
        return grouped
    return f"{grouped}{',' if lang == 'fr' else '.'}{decimals}"
