"""CSV as a spreadsheet of the reader's language opens it; expected texts written by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from conseiller.csv_form import write_rows, write_table
from conseiller.messages import Lang

TABLE = pd.DataFrame(
    {
        "amount": [1234.5, -0.001, float("nan")],
        "euros": [1234.5, -0.0, float("nan")],
        "share": [0.857142857, 380.0, float("nan")],
        "day": pd.to_datetime(["2026-03-01", None, "2024-02-29"]),
        "paid": [date(2026, 1, 31), None, date(2026, 2, 1)],
        "late": [True, False, True],
        "text": ["=A1;x", "", "-5 %"],
        "names": [("a", "b"), (), ("c",)],
        "count": [3, 0, -1],
    }
)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "fr",
            "amount;euros;share;day;paid;late;text;names;count\r\n"
            '1234,5;1234,50;0,857143;2026-03-01;2026-01-31;oui;"\'=A1;x";a, b;3\r\n'
            "-0,001;0,00;380;;;non;;;0\r\n"
            ";;;2024-02-29;2026-02-01;oui;'-5 %;c;-1\r\n",
        ),
        (
            "en",
            "amount,euros,share,day,paid,late,text,names,count\r\n"
            '1234.5,1234.50,0.857143,2026-03-01,2026-01-31,yes,\'=A1;x,"a, b",3\r\n'
            "-0.001,0.00,380,,,no,,,0\r\n"
            ",,,2024-02-29,2026-02-01,yes,'-5 %,c,-1\r\n",
        ),
    ],
)
def test_a_table_is_written_for_the_spreadsheets_of_the_language(lang: Lang, expected: str) -> None:
    written = write_table(TABLE, lang)

    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig") == expected


def test_headings_are_given_in_words_and_rows_are_guarded_too() -> None:
    assert write_table(TABLE[["count"]], heads=["Nombre"]).decode("utf-8-sig").startswith("Nombre\r\n3\r\n")
    assert write_rows(["a"], [["@x"], [-3]]).decode("utf-8-sig") == "a\r\n'@x\r\n-3\r\n"
