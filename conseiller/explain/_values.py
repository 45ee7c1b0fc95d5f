"""How a value of an explanation is written, exact enough to be computed with."""

from __future__ import annotations

from fractions import Fraction

from conseiller.law import day_at
from conseiller.messages import Lang, tr
from conseiller.rules.registry import FAR
from conseiller.text import date_short, exact, money, money_exact, percent_exact

#: Decimals of a number written in full; two floats nearer than this are the same number.
_MOST_DECIMALS, _NEAR = 6, 1e-12
#: Greatest denominator of a share: the days of a year.
_MOST_DAYS = 366


def show(value: float, unit: str, lang: Lang) -> str:
    """Return a value in its unit, exact enough to be computed with."""
    if unit == "euros":
        return money(value, lang) if round(value, 2) == round(value, 9) else money_exact(value, lang)
    if unit == "rate":
        return percent_exact(value, lang)
    if unit == "date":
        return "–" if value <= 0 or value >= FAR else date_short(day_at(value), lang)
    return fraction(value) or exact(value, lang)


def unrounded(value: float, lang: Lang) -> str:
    """Return an amount that is no whole number of cents, "" where it is: said as such, never as a sum to pay."""
    if round(value, 2) == round(value, 9):
        return ""
    text = exact(round(value, _MOST_DECIMALS), lang)
    if abs(value - round(value, _MOST_DECIMALS)) > _NEAR:
        text += "…"
    return tr("explain.unrounded", lang, amount=text)


def fraction(value: float) -> str:
    """Return a share that has no short decimal as a fraction, thirtieths as such; "" for any other number.

    Examples
    --------
    >>> fraction(16 / 30), fraction(6 / 7), fraction(0.8)
    ('16/30', '6/7', '')
    """
    if abs(value - round(value, _MOST_DECIMALS)) < _NEAR:
        return ""
    found = Fraction(value).limit_denominator(_MOST_DAYS)
    if abs(float(found) - value) > _NEAR:
        return ""
    whole = 30 if 30 % found.denominator == 0 else found.denominator
    return f"{found.numerator * (whole // found.denominator)}/{whole}"


def bare(amount: str) -> str:
    """Return an amount without the sign of its currency, to be read in a sum."""
    return amount.replace("€", "").rstrip("\u00a0 ")
