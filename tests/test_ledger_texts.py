"""Columns of texts give back, row by row, what the same steps give on a list."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from conseiller.ledger.cells import Texts, text_of
from conseiller.ledger.texts import joined, numbers

_TEXT = st.text(alphabet="aA1 \n\t\u00a0\u202fé", max_size=4)
#: Few different texts, or many.
_COLUMN = st.lists(st.sampled_from(["", "a", " b "]), max_size=12) | st.lists(_TEXT, max_size=12)


@given(_COLUMN, st.booleans())
def test_each_text_is_changed_once_and_stands_on_its_rows(column: list[str], encoded: bool) -> None:
    texts = Texts.of(column).encoded() if encoded else Texts(pa.array(column, pa.string()))
    assert texts.tolist() == column
    assert texts.array.to_pylist() == column
    assert texts.distinct() == set(column)
    assert texts.filled().tolist() == [bool(t) for t in column]
    assert texts.cleaned().tolist() == [text_of(t) for t in column]
    assert texts.changed(lambda t: t[:1]).encoded().tolist() == [t[:1] for t in column]
    assert texts.coded(len, "int64").tolist() == [len(t) for t in column]
    assert texts.after(2).tolist() == column[2:]
    back = np.arange(len(column))[::-1]
    assert texts.take(back).tolist() == column[::-1]
    assert texts.filled_from(texts.take(back)).tolist() == [
        a or b for a, b in zip(column, column[::-1], strict=True)
    ]
    assert joined([texts, numbers(back)], "|").to_pylist() == [
        f"{t}|{n}" for t, n in zip(column, back.tolist(), strict=True)
    ]


@given(_COLUMN, st.data())
def test_some_rows_are_given_other_texts(column: list[str], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, max(len(column) - 1, 0)), unique=True)) if column else []
    new = data.draw(st.lists(_TEXT, min_size=len(rows), max_size=len(rows)))
    made = Texts.of(column).patched(np.array(rows, np.int64), new)
    expected = list(column)
    for row, text in zip(rows, new, strict=True):
        expected[row] = text
    assert made.tolist() == expected


def test_only_numbers_that_differ_are_single() -> None:
    assert Texts(pa.array(["3", "1", "2"])).single()
    assert not Texts(pa.array(["3", "1", "3"])).single()
    assert not Texts(pa.array(["07", "7"])).single()  # one number, written twice
    assert not Texts(pa.array(["a", "b"])).single()
