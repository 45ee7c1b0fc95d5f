"""Amounts, rates and dates as a reader sees them."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conseiller import text

THIN, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (17500, f"17{THIN}500,00{NBSP}€", "€17,500.00"),
        (0.0, f"0,00{NBSP}€", "€0.00"),
        (-0.0, f"0,00{NBSP}€", "€0.00"),
        (-0.004, f"0,00{NBSP}€", "€0.00"),
        (-1234.5, f"{MINUS}1{THIN}234,50{NBSP}€", f"{MINUS}€1,234.50"),
        (0.125, f"0,13{NBSP}€", "€0.13"),
        (1.005, f"1,01{NBSP}€", "€1.01"),
        (10_000_000, f"10{THIN}000{THIN}000,00{NBSP}€", "€10,000,000.00"),
        (Decimal("2658.04"), f"2{THIN}658,04{NBSP}€", "€2,658.04"),
    ],
)
def test_money(amount: float, french: str, english: str) -> None:
    assert text.money(amount) == french
    assert text.money(amount, "en") == english


@pytest.mark.parametrize(
    ("amount", "french"),
    [(17499.5, f"17{THIN}500{NBSP}€"), (2.5, f"3{NBSP}€"), (-2.5, f"{MINUS}3{NBSP}€"), (-0.4, f"0{NBSP}€")],
)
def test_whole_euros_are_rounded_half_away_from_zero(amount: float, french: str) -> None:
    assert text.money0(amount) == french


def test_percent() -> None:
    assert text.percent(0.01) == f"1{NBSP}%"
    assert text.percent(0.016, 2) == f"1,60{NBSP}%"
    assert text.percent(0.125, 0) == f"13{NBSP}%"
    assert text.percent(-0.0625, 1) == f"{MINUS}6,3{NBSP}%"
    assert text.percent(0.4365, 1, "en") == "43.7%"


def test_number() -> None:
    assert text.number(2400) == f"2{THIN}400"
    assert text.number(0.16404) == "0,16404"
    assert text.number(-1.5, "en") == f"{MINUS}1.5"
    assert text.number(2.0, digits=2) == "2,00"
    assert text.number(-0.0) == "0"


@pytest.mark.parametrize(
    ("value", "unit", "french", "english"),
    [
        (1, "années", "1 an", "1 year"),
        (2, "années", "2 ans", "2 years"),
        (1.5, "jours", "1,5 jour", "1.5 days"),  # French says many from two on
        (0, "agents", "0 agent", "0 agents"),
        (1, "mois", "1 mois", "1 month"),
        (35, "heures/semaine", "35 heures par semaine", "35 hours a week"),
    ],
)
def test_a_legal_value_agrees_with_its_count(value: float, unit: str, french: str, english: str) -> None:
    assert text.legal_value(value, unit) == french
    assert text.legal_value(value, unit, "en") == english


def test_every_digit_is_written_where_it_is_computed_with() -> None:
    assert text.exact(-1234.56789) == "−1\u202f234,56789"
    assert text.exact(0.1 + 0.2, "en") == "0.3"  # the seventeenth digit is no digit of the number
    assert text.exact(-0.0) == "0"
    assert text.exact(1e-7, "en") == "0.0000001"
    assert text.money_exact(59.0734) == "59,0734\u00a0€"
    assert text.money_exact(-59.0734, "en") == "−€59.0734"
    assert text.percent_exact(0.042735) == "4,2735\u00a0%"
    assert text.percent_exact(0.042735, "en") == "4.2735%"


def test_dates_are_french() -> None:
    assert text.date_long(date(2023, 11, 15)) == "15 novembre 2023"
    assert text.date_long(date(2024, 1, 1)) == "1er janvier 2024"
    assert text.date_long(date(2024, 8, 11)) == "11 août 2024"
    assert text.date_long(date(2024, 1, 1), "en") == "1 January 2024"
    assert text.date_short(date(2023, 11, 5)) == "05/11/2023"
    assert text.month_long(date(2025, 3, 31)) == "mars 2025"
    assert text.month_long(date(2025, 3, 31), "en") == "March 2025"


def test_lists() -> None:
    assert text.listing(["B1"]) == "B1"
    assert text.listing(["B1", "B2", "C1"]) == "B1, B2 et C1"
    assert text.listing(["6", "7"], style="or") == "6 ou 7"
    assert text.listing(["1", "2"], "en", "or") == "1 or 2"


@given(st.decimals(-10_000_000, 10_000_000, places=4))
def test_money_says_the_amount_to_the_cent(amount: Decimal) -> None:
    shown = text.money(amount)
    read = shown.replace(THIN, "").replace(NBSP, "").replace("€", "").replace(",", ".").replace(MINUS, "-")

    assert Decimal(read) == amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert " " not in shown
    assert "-" not in shown


def test_babel_is_loaded_only_when_something_is_written() -> None:
    code = "import sys, conseiller.text; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
