"""The ledger as bytes: the same lines give the same bytes, whatever the order in which their files came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conseiller.csv_form import write_rows

if TYPE_CHECKING:
    import pandas as pd


def to_json(
    files: Sequence[Mapping[str, Any]],
    controls: Sequence[Mapping[str, Any]],
    tables: Mapping[str, pd.DataFrame],
) -> bytes:
    """Return everything as JSON, one row a line, sorted."""
    parts = {"files": _sorted(files), "controls": _sorted(controls)}
    for name, table in tables.items():
        rows = zip(*_texts(table), strict=True)
        parts[name] = _sorted(dict(zip(table.columns, row, strict=True)) for row in rows)
    body = ",\n".join(f'"{name}": [\n' + ",\n".join(rows) + "\n]" for name, rows in parts.items())
    return f"{{\n{body}\n}}\n".encode()


def _sorted(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, ensure_ascii=False) for row in rows)


def to_csv(lines: pd.DataFrame) -> bytes:
    """Return the lines as CSV, as French spreadsheets open it, under the names of the columns of the ledger."""
    return write_rows(list(lines.columns), sorted(zip(*_texts(lines), strict=True), key=str))


def _texts(table: pd.DataFrame) -> list[list[Any]]:
    """Return the columns with dates as ISO text and nothing as ""."""
    out = []
    for name in table.columns:
        values = table[name]
        if values.dtype.kind == "M":
            out.append(values.dt.strftime("%Y-%m-%d").fillna("").tolist())
        elif str(values.dtype) == "Int16":
            out.append(values.astype(object).where(values.notna(), "").tolist())
        else:
            out.append(values.tolist())
    return out
