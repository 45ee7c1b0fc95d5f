"""Cells of books: every form of amount and date met in real files, and the quick way equal to the exact one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conseiller.ledger import cells, money_cells
from conseiller.ledger.cells import CellError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 500,00", "17500.00"),
        ("17\u202f500,00 €", "17500.00"),
        ("17\u00a0500,00\u00a0€", "17500.00"),
        ("17\u2009500", "17500"),
        ("17'500.00", "17500.00"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234 567,8", "1234567.8"),
        ("1.234.567", "1234567"),
        ("123,45-", "-123.45"),
        ("-123,45", "-123.45"),
        ("− 123,45", "-123.45"),
        ("(123,45)", "-123.45"),
        ("+12", "12"),
        ("0000000069,60", "69.60"),
        ("0,125", "0.125"),
        ("3.4E8", "340000000"),
        ("12.5 EUR", "12.5"),
        ("3032", "3032"),
        (",50", "0.50"),
    ],
)
def test_an_amount_is_read_in_each_form(text: str, expected: str) -> None:
    assert cells.amount(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "-", " – ", "—", None])
def test_a_blank_amount_is_none(text: str | None) -> None:
    assert cells.amount(text) is None


@pytest.mark.parametrize("text", ["1,234", "1.234", "12.345", "-999,000", "(1,234)"])
def test_an_amount_that_reads_two_ways_is_refused_unless_the_sign_is_stated(text: str) -> None:
    with pytest.raises(CellError, match="ambiguous_amount"):
        cells.amount(text)
    assert cells.amount(text, ",") != cells.amount(text, ".")


@pytest.mark.parametrize(
    "text", ["12 34", "1 2,00", "1,23,456.00", "12a", "=SUM(A1)", "1,2.3,4", "12/01/2024", True]
)
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(CellError, match="not_amount"):
        cells.amount(text)


def test_another_cell_of_the_column_can_tell_what_parts_thousands() -> None:
    found = cells.amounts(["1.234", "12,50"])
    assert (found.cents.tolist(), found.faults) == ([123400, 1250], [])
    # but not that money has three decimals
    doubted = cells.amounts(["1,234", "12,50"])
    assert (doubted.cents.tolist(), doubted.faults) == ([0, 1250], [(0, "ambiguous_amount")])


def test_cents_are_rounded_half_away_from_zero_and_counted() -> None:
    found = cells.amounts(["0,125", "-0,125", "2,50"])
    assert (found.cents.tolist(), found.rounded) == ([13, -13, 250], 2)


def test_the_tail_of_a_binary_number_is_no_fraction_of_a_cent() -> None:
    found = cells.amounts([0.1 + 0.2, 1234.5600000000002, 2675.0])
    assert (found.cents.tolist(), found.rounded) == ([30, 123456, 267500], 0)


def test_amounts_may_be_in_cents_or_in_thousands_of_euros() -> None:
    assert cells.amounts(["1750000"], unit=1).cents.tolist() == [1750000]
    assert cells.amounts(["17,5"], unit=100_000).cents.tolist() == [1750000]


def test_a_few_odd_cells_leave_the_others_right() -> None:
    found = cells.amounts([12.5, "Montant", "", None, "3,20-", 7, "1 000,00"])
    assert found.cents.tolist() == [1250, 0, 0, 0, -320, 700, 100000]
    assert found.known.tolist() == [True, False, False, False, True, True, True]
    assert found.faults == [(1, "not_amount")]


def _written(cents: int, form: int) -> str:
    """Write an amount as one of the programs does."""
    whole, rest = divmod(abs(cents), 100)
    minus = "-" if cents < 0 else ""
    grouped = f"{whole:,}"
    return (
        f"{minus}{whole},{rest:02}",
        f"{minus}{whole}.{rest:02}",
        f"{minus}{grouped.replace(',', ' ')},{rest:02}",
        f"{minus}{grouped.replace(',', chr(0x202F))},{rest:02} €",
        f"{grouped.replace(',', '.')},{rest:02}{minus}",
        f"({whole},{rest:02})" if cents < 0 else f"{whole},{rest:02}",
        f"{minus}{grouped}.{rest:02}",
    )[form]


@given(
    st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30),
    st.integers(0, 6),
)
def test_a_column_gives_back_the_cents_it_was_written_from(amounts: list[int], form: int) -> None:
    found = cells.amounts([_written(c, form) for c in amounts])
    assert found.cents.tolist() == amounts
    assert found.rounded == 0
    assert not found.faults


@given(st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30))
def test_numbers_of_a_workbook_give_back_their_cents(amounts: list[int]) -> None:
    assert cells.amounts([c / 100 for c in amounts]).cents.tolist() == amounts


_SIGNS = st.text(alphabet="0123456789., -()€'\u202f", max_size=12)


@given(st.lists(_SIGNS, min_size=1, max_size=8))
def test_the_quick_way_agrees_with_the_exact_one(values: list[str]) -> None:
    quick, exact = cells.amounts(values), money_cells._one_by_one(values, "", 100)[0]
    assert quick.cents.tolist() == exact.cents.tolist()
    assert quick.known.tolist() == exact.known.tolist()
    assert sorted(quick.faults) == sorted(exact.faults)


@pytest.mark.parametrize(
    "value",
    [
        "31/01/2024",
        "31/1/2024",
        "31-01-2024",
        "31.01.2024",
        "31/01/24",
        "2024-01-31",
        "2024/01/31",
        "20240131",
        20240131,
        "2024-01-31T10:00:00Z",
        "31/01/2024 10:30",
        "31/01/2024 10:30:12",
        45322,
        45322.75,
        "45322",
        date(2024, 1, 31),
        datetime(2024, 1, 31, 8, 15),
    ],
)
def test_a_day_is_read_in_each_form(value: object) -> None:
    assert cells.day(value) == date(2024, 1, 31)


def test_serials_of_1904_are_four_years_and_a_day_later() -> None:
    # Excel counts day 0 as 1 January 1904 there, as day 1462 in the other system.
    assert cells.day(45322 - 1462, 1904) == date(2024, 1, 31)


@pytest.mark.parametrize("value", ["", "-", None, "00/00/0000", 0])
def test_a_blank_day_is_none(value: object) -> None:
    assert cells.day(value) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("01/31/2024", "month_first"),
        ("31/02/2024", "not_date"),
        ("31/01/1024", "absurd_date"),
        ("31/01/9999", "absurd_date"),
        (9_999_999, "absurd_date"),
        ("janvier", "not_date"),
        (True, "not_date"),
    ],
)
def test_what_is_no_day_is_refused(value: object, code: str) -> None:
    with pytest.raises(CellError, match=code):
        cells.day(value)


@given(st.dates(date(1990, 1, 1), date(2079, 12, 31)))
def test_a_day_is_never_read_month_first(day: date) -> None:
    forms = [f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", (day - date(1899, 12, 30)).days]
    found, faults = cells.days(forms)
    assert found.tolist() == [datetime(day.year, day.month, day.day)] * 4
    assert not faults


@pytest.mark.parametrize(
    "value",
    [
        "01/2024",
        "2024-01",
        "202401",
        202401,
        "janvier 2024",
        "Janv. 2024",
        "jan-24",
        "JANVIER 24",
        "15/01/2024",
    ],
)
def test_a_month_is_read_in_each_form(value: object) -> None:
    assert cells.month(value) == date(2024, 1, 1)


def test_codes_stay_text() -> None:
    assert cells.texts([6413.0, "020", " 012 ", 6413, None, "A\u00a0B\n C"]) == [
        "6413",
        "020",
        "012",
        "6413",
        "",
        "A B C",
    ]


@given(
    st.lists(st.one_of(st.text(max_size=8), st.none(), st.integers(0, 10**6), st.floats(0, 1e6)), max_size=20)
)
def test_a_column_of_texts_is_that_of_its_cells(values: list[object]) -> None:
    assert cells.texts(values) == [cells.text_of(v) for v in values]


def test_nothing_of_a_column_is_lost_on_the_way() -> None:
    values = [i / 100 for i in range(1000)]
    assert int(cells.amounts(values).cents.sum()) == sum(range(1000))
    assert cells.amounts(values).cents.dtype == np.int64
