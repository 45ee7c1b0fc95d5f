"""How amounts, rates and dates are written for a reader; used at the edge only, never to compute.

Values are rounded half away from zero, as the rules do. Amounts are set with a
narrow no-break space between thousands and a no-break space before €, and a
negative number takes the minus sign U+2212, in both languages. Babel is loaded
on first use: it costs some fifty milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from conseiller.messages import Lang, has, tr

_LOCALE: dict[Lang, str] = {"fr": "fr_FR", "en": "en_GB"}
MINUS = "\u2212"
_DIGITS = "#" * 15


def _rounded(x: float | Decimal, digits: int) -> Decimal:
    """Return the decimal shown, half away from zero, and never a negative zero."""
    exact = x if isinstance(x, Decimal) else Decimal(repr(float(x)))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + Decimal(0)


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def money(x: float | Decimal, lang: Lang = "fr") -> str:
    """Return euros and cents: ``17 500,00 €``.

    Parameters
    ----------
    x : float or Decimal
        Amount [euros].
    lang : {"fr", "en"}

    Examples
    --------
    >>> money(-17500.5, "en")
    '−€17,500.50'
    """
    from babel.numbers import format_currency

    return _signed(format_currency(_rounded(x, 2), "EUR", locale=_LOCALE[lang]))


def money0(x: float | Decimal, lang: Lang = "fr") -> str:
    """Return whole euros: ``17 500 €``."""
    from babel.numbers import format_currency

    pattern = "#,##0\u00a0¤" if lang == "fr" else "¤#,##0"
    shown = format_currency(_rounded(x, 0), "EUR", pattern, locale=_LOCALE[lang], currency_digits=False)
    return _signed(shown)


def whole(euros: float) -> int:
    """Round to the euro, half away from zero, as amounts are written."""
    cents = round(euros * 100)
    return (abs(cents) + 50) // 100 * (1 if cents >= 0 else -1)


def percent(x: float | Decimal, digits: Literal[0, 1, 2] = 0, lang: Lang = "fr") -> str:
    """Return a share as a percentage: ``percent(0.0164, 2)`` is ``1,64 %``."""
    from babel.numbers import format_percent

    pattern = ("#,##0" + ("." + "0" * digits if digits else "")) + ("\u00a0%" if lang == "fr" else "%")
    return _signed(format_percent(_rounded(x, digits + 2), pattern, locale=_LOCALE[lang]))


def number(x: float | Decimal, lang: Lang = "fr", digits: int | None = None) -> str:
    """Return a plain number; without `digits`, as many decimals as it has, six at most."""
    from babel.numbers import format_decimal

    pattern = "#,##0.######" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    value = _rounded(x, 6 if digits is None else digits)
    return _signed(format_decimal(value, pattern, locale=_LOCALE[lang]))


def exact(x: float, lang: Lang = "fr") -> str:
    """Return a plain number with every digit that it has, fifteen at most."""
    from babel.numbers import format_decimal

    return _signed(format_decimal(_every_digit(x), f"#,##0.{_DIGITS}", locale=_LOCALE[lang]))


def money_exact(x: float, lang: Lang = "fr") -> str:
    """Return euros with every digit that they have: ``59,0734 €``."""
    from babel.numbers import format_currency

    pattern = f"#,##0.{_DIGITS}\u00a0¤" if lang == "fr" else f"¤#,##0.{_DIGITS}"
    shown = format_currency(_every_digit(x), "EUR", pattern, locale=_LOCALE[lang], currency_digits=False)
    return _signed(shown)


def percent_exact(x: float, lang: Lang = "fr") -> str:
    """Return a share as a percentage with every digit that it has: ``4,2735 %``."""
    return exact(x * 100, lang) + ("\u00a0%" if lang == "fr" else "%")


def _every_digit(x: float) -> Decimal:
    """Return the fifteen digits of a float that are its own, and never a negative zero."""
    return Decimal(f"{x:.15g}") + Decimal(0)


def date_long(day: date, lang: Lang = "fr") -> str:
    """Return a date in words: ``15 novembre 2023``, ``1er janvier 2024``.

    Examples
    --------
    >>> date_long(date(2024, 1, 1))
    '1er janvier 2024'
    """
    from babel.dates import format_date

    shown = format_date(day, "d MMMM y", locale=_LOCALE[lang])
    return f"1er{shown[1:]}" if lang == "fr" and day.day == 1 else shown


def day_month(day: date, lang: Lang = "fr") -> str:
    """Return a day of the year in words: ``15 avril``, ``1er janvier``.

    Examples
    --------
    >>> day_month(date(2024, 4, 15))
    '15 avril'
    """
    from babel.dates import format_date

    shown = format_date(day, "d MMMM", locale=_LOCALE[lang])
    return f"1er{shown[1:]}" if lang == "fr" and day.day == 1 else shown


def date_short(day: date, lang: Lang = "fr") -> str:
    """Return a date in figures, day first in both languages: ``15/11/2023``."""
    from babel.dates import format_date

    return format_date(day, "dd/MM/yyyy", locale=_LOCALE[lang])


def month_long(day: date, lang: Lang = "fr") -> str:
    """Return the month of a date in words: ``mars 2025``."""
    from babel.dates import format_date

    return format_date(day, "MMMM y", locale=_LOCALE[lang])


def clipped(words: str, most: int = 60) -> str:
    """Return what was found in a form, cut where it is too long for a message.

    Examples
    --------
    >>> clipped("31/02/2024"), clipped("abcdef", 4)
    ('31/02/2024', 'abcd…')
    """
    return words if len(words) <= most else words[:most] + "…"


def quoted(words: str, lang: Lang = "fr") -> str:
    """Return words between quotation marks: ``« Collectivité »``."""
    return tr("common.quoted", lang, words=words)


def joined(parts: Iterable[str], lang: Lang = "fr") -> str:
    """Return parts that may hold commas of their own as one list."""
    return ("\u00a0; " if lang == "fr" else "; ").join(parts)


def few(words: Iterable[str], lang: Lang = "fr", most: int = 3) -> str:
    """Return a list that names the first words and counts the rest, one alone left being named too.

    Examples
    --------
    >>> few(["a", "b", "a", "c", "d", "e"], "en")
    'a; b; c; and 2 more'
    """
    every = list(dict.fromkeys(words))
    named = every[: most if len(every) > most + 1 else None]
    if rest := len(every) - len(named):
        named.append(tr("common.and_more", lang, count=rest))
    return joined(named, lang)


def legal_value(value: float, unit: str, lang: Lang = "fr") -> str:
    """Return a legal value with its unit: ``4,27 %``, ``1 867,02 € par mois``, ``15 avril``."""
    if unit == "mmjj":
        from conseiller.law import day_of_year

        return day_month(day_of_year(value, 2024), lang)
    key = f"analysis.unit.{unit}"
    if has(f"{key}.one", lang):
        return tr(f"{key}.{_form(value, lang)}", lang, value=number(value, lang))
    if not has(key, lang):
        return f"{number(value, lang)} {unit}"
    if unit.startswith("EUR") and value != round(value) and value == round(value, 2):
        return tr(key, lang, value=number(value, lang, 2))
    return tr(key, lang, value=number(value * 100 if unit == "fraction" else value, lang))


def _form(count: float, lang: Lang) -> Literal["one", "many"]:
    """Return the form that a count asks of a noun: in French one below two, in English one for one alone."""
    from babel import Locale

    return "one" if Locale.parse(_LOCALE[lang]).plural_form(count) == "one" else "many"


def listing(words: Iterable[str], lang: Lang = "fr", style: Literal["and", "or"] = "and") -> str:
    """Return words as a list in a sentence: ``a, b et c`` or ``a, b ou c``."""
    from babel.lists import format_list

    name: Literal["standard", "or"] = "or" if style == "or" else "standard"
    return format_list(list(words), name, locale=_LOCALE[lang])


_NO_BREAK = "\u00a0"
#: Spaces at which a line must not break: within a date, after n°, before %, € and high punctuation, in « ».
_DATE = re.compile(r"(?<!\d)(\d{1,2}(?:er)?) ([^\W\d_]{3,9}) (\d{4})(?!\d)")
_TIED = re.compile(r"(?<=n°|o\.|t\.) (?=\d)|(?<=\d) (?=[%€])|(?<=\S) (?=[;:!?»])|(?<=«) ")
_ARTICLE = re.compile(r"\b([LRD]\.? ?\d{3,})-(\d+)(?:-(\d+))?")


def typeset(text: str) -> str:
    r"""Return a text as documents print it: curved apostrophes; dates, rates, articles of law not cut.

    Examples
    --------
    >>> typeset("l'article R.332-39 du 1er mars 2025 : 1,60 %")
    'l’article R.332‑39 du 1er\xa0mars\xa02025\xa0: 1,60\xa0%'
    """
    text = _DATE.sub(rf"\1{_NO_BREAK}\2{_NO_BREAK}\3", text.replace("'", "\u2019"))
    text = _ARTICLE.sub(lambda found: found[0].replace("-", "\u2011"), text)
    return _TIED.sub(_NO_BREAK, text)
