"""Large books: half a million lines from XLSX and CSV, against the libraries that only list their cells.

The workbook and the text are written once, into the folder for temporary files of the run. Each reader runs in a fresh
process; times are of processor, so that a busy machine changes them little. openpyxl reads a smaller workbook of the same
kind, a stated share of the lines, whole and in its read-only mode, and its times are multiplied.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES = 500_000
#: Share of the lines that openpyxl reads, one in that many.
SHARE = 20
HEADINGS = (
    *(
        "Exercice",
        "Sens",
        "Chapitre",
        "Nature",
        "Fonction",
        "Service",
        "N° bordereau",
        "N° mandat",
        "Date mandat",
    ),
    *("Tiers", "Objet", "Montant TTC"),
)
_ACCOUNTS = ("64131", "6451", "6453", "6336", "64138", "6332", "6475")
_FIRST_DAY = date(2024, 1, 1)
_EPOCH = date(1899, 12, 30)


def _row(number: int) -> tuple[str, int, int, int]:
    """Return what changes from line to line: account, day of the year, cents, number of the bordereau."""
    return (
        _ACCOUNTS[number % 7],
        number * 366 // LINES,
        (number * 7919) % 1_000_003 - 100_000,
        number // 50 + 1,
    )


def write_text(path: Path) -> int:
    """Write the lines as CSV (`;`, French numbers) and return their sum in cents."""
    total = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(";".join(HEADINGS) + "\r\n")
        for n in range(1, LINES + 1):
            account, day, cents, bordereau = _row(n)
            total += cents
            amount = f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"
            when = f"{_FIRST_DAY + timedelta(days=day):%d/%m/%Y}"
            file.write(
                f"2024;D;012;{account};020;NUM;{bordereau};{n};{when};URSSAF NORD;"
                f"Paie du mois {day // 31 + 1}, agent {n % 997};{amount}\r\n"
            )
    return total


def write_workbook(path: Path, lines: int = LINES) -> int:
    """Write lines as XLSX, as a finance package does (shared texts, dates as dates); return their sum in cents.

    XlsxWriter makes the frame of the workbook; the half-million rows are written into it as text, eight times faster.
    """
    import xlsxwriter

    frame = path.with_suffix(".frame")
    with xlsxwriter.Workbook(frame) as book:
        sheet = book.add_worksheet("Mandats")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_datetime(1, 8, _FIRST_DAY, book.add_format({"num_format": "dd/mm/yyyy"}))  # style 1
    texts: dict[str, int] = {}

    def shared(text: str) -> int:
        return texts.setdefault(text, len(texts))

    def rows() -> Iterator[str]:
        cells = "".join(
            f'<c r="{c}1" t="s"><v>{shared(h)}</v></c>' for c, h in zip("ABCDEFGHIJKL", HEADINGS, strict=True)
        )
        yield f'<row r="1">{cells}</row>'
        fixed = {
            c: shared(t)
            for c, t in (("B", "D"), ("C", "012"), ("E", "020"), ("F", "NUM"), ("J", "URSSAF NORD"))
        }
        for n in range(1, lines + 1):
            account, day, cents, bordereau = _row(n)
            r = n + 1
            serial = (_FIRST_DAY - _EPOCH).days + day
            label = shared(f"Paie du mois {day // 31 + 1}, agent {n % 997}")
            yield (
                f'<row r="{r}"><c r="A{r}"><v>2024</v></c><c r="B{r}" t="s"><v>{fixed["B"]}</v></c>'
                f'<c r="C{r}" t="s"><v>{fixed["C"]}</v></c><c r="D{r}" t="s"><v>{shared(account)}</v></c>'
                f'<c r="E{r}" t="s"><v>{fixed["E"]}</v></c><c r="F{r}" t="s"><v>{fixed["F"]}</v></c>'
                f'<c r="G{r}"><v>{bordereau}</v></c><c r="H{r}"><v>{n}</v></c><c r="I{r}" s="1"><v>{serial}</v></c>'
                f'<c r="J{r}" t="s"><v>{fixed["J"]}</v></c><c r="K{r}" t="s"><v>{label}</v></c>'
                f'<c r="L{r}"><v>{cents / 100!r}</v></c></row>'
            )

    total = sum(_row(n)[2] for n in range(1, lines + 1))
    with (
        zipfile.ZipFile(frame) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for info in source.infolist():
            if info.filename not in {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"}:
                target.writestr(info, source.read(info))
        before, _, after = source.read("xl/worksheets/sheet1.xml").decode().partition("<sheetData>")
        after = after.partition("</sheetData>")[2]
        before = before.replace('ref="A1:L2"', f'ref="A1:L{lines + 1}"')
        with target.open("xl/worksheets/sheet1.xml", "w") as file:
            file.write(f"{before}<sheetData>".encode())
            part: list[str] = []
            for row in rows():
                part.append(row)
                if len(part) == 5000:
                    file.write("".join(part).encode())
                    part.clear()
            file.write(("".join(part) + f"</sheetData>{after}").encode())
        items = "".join(f"<si><t>{text}</t></si>" for text in texts)
        head = source.read("xl/sharedStrings.xml").decode().partition("<si>")[0]
        target.writestr("xl/sharedStrings.xml", f"{head}{items}</sst>")
    frame.unlink()
    return total


# --- what is timed, each in a process of its own


def ours(path: Path) -> int:
    """Read with this package; return the sum in cents."""
    from conseiller.ledger.recognise import read

    reading = read(path)
    assert all(c.holds for c in reading.controls)
    return int(reading.lines["cents"].sum())


def calamine(path: Path) -> int:
    """List the cells with python-calamine; return the sum in cents."""
    import python_calamine

    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return sum(round(row[11] * 100) for row in rows[1:] if isinstance(row[11], float))


def openpyxl(path: Path) -> int:
    """List the cells with openpyxl; return the number of rows."""
    import openpyxl as library

    return sum(
        1 for _ in library.load_workbook(path, data_only=True).worksheets[0].iter_rows(values_only=True)
    )


def openpyxl_read_only(path: Path) -> int:
    """List the cells with openpyxl in its read-only mode; return the number of rows."""
    import openpyxl as library

    sheet = library.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True))


def pandas_objects(path: Path) -> int:
    """Read the text with pandas, its texts as Python objects: what it does where Arrow is not installed."""
    import pandas as library

    with library.option_context("mode.string_storage", "python"):
        return pandas(path)


def pandas(path: Path) -> int:
    """Read the text with pandas, each column given its type; return the sum in cents."""
    import pandas as library

    text, number = "str", "int32"
    kinds = dict(
        zip(
            HEADINGS,
            (number, text, text, text, text, text, number, number, text, text, text, "float64"),
            strict=True,
        )
    )
    kinds.pop("Date mandat")
    table = library.read_csv(
        path,
        sep=";",
        decimal=",",
        dtype=kinds,  # type: ignore[arg-type]
        parse_dates=["Date mandat"],
        date_format="%d/%m/%Y",
    )
    return int((table["Montant TTC"] * 100).round().astype("int64").sum())


READERS: dict[str, Callable[[Path], int]] = {
    "ours": ours,
    "calamine": calamine,
    "openpyxl": openpyxl,
    "openpyxl_read_only": openpyxl_read_only,
    "pandas": pandas,
    "pandas_objects": pandas_objects,
}


def one(name: str, path: str) -> None:
    """Time one reader, its imports excluded; print seconds, result and peak memory (run in a fresh process)."""
    import fastexcel  # noqa: F401
    import numpy  # noqa: F401
    import openpyxl  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.compute
    import pyarrow.csv  # noqa: F401
    import python_calamine  # noqa: F401

    import conseiller.ledger.recognise
    import conseiller.ledger.table  # noqa: F401
    from benchmarks.memory import kibibytes

    since, used = time.perf_counter(), time.process_time()
    result = READERS[name](Path(path))
    print(time.process_time() - used, time.perf_counter() - since, result, kibibytes())


def _timed(name: str, path: Path) -> tuple[float, float, int, int]:
    code = f"from benchmarks.reading import one; one({name!r}, {str(path)!r})"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    processor, clock, result, peak = run.stdout.split()
    return float(processor), float(clock), int(result), int(peak)


def reading() -> None:
    """Print the time and memory that large books take, beside the libraries that list their cells."""
    with tempfile.TemporaryDirectory() as folder:
        workbook, text = Path(folder) / "mandats.xlsx", Path(folder) / "mandats.csv"
        total = write_workbook(workbook)
        assert write_text(text) == total
        print(
            f"books of {LINES} lines × {len(HEADINGS)} columns (processor seconds, best of 3 taken in turn)"
        )
        rounds = [[_timed(name, workbook) for name in ("ours", "calamine")] for _ in range(3)]
        (mine, _, found, peak), (bare, _, listed, bare_peak) = (
            min(column) for column in zip(*rounds, strict=True)
        )
        assert found == listed == total
        few = Path(folder) / "few.xlsx"
        write_workbook(few, LINES // SHARE)
        slow = []
        for name in ("openpyxl", "openpyxl_read_only"):
            runs = [_timed(name, few) for _ in range(3)]
            assert all(count == LINES // SHARE + 1 for _, _, count, _ in runs)
            slow.append(min(seconds for seconds, *_ in runs) * SHARE)
        print(
            f"  XLSX ({workbook.stat().st_size >> 20} MiB): {mine:.1f} s; calamine listing the cells: {bare:.1f} s"
        )
        print(
            f"    ratio {mine / bare:.2f}; peak memory {peak >> 10} MiB, calamine alone {bare_peak >> 10} MiB"
        )
        print(
            f"    openpyxl ({SHARE} × a workbook of {LINES // SHARE} lines): {slow[0]:.0f} s, {slow[0] / mine:.1f} times as "
            f"long; read-only mode: {slow[1]:.0f} s, {slow[1] / mine:.1f} times"
        )
        names = ("ours", "pandas", "pandas_objects")
        rounds = [[_timed(name, text) for name in names] for _ in range(3)]
        (mine, _, found, peak), (bare, _, listed, bare_peak), (objects, *_) = (
            min(column) for column in zip(*rounds, strict=True)
        )
        assert found == listed == total
        print(
            f"  CSV ({text.stat().st_size >> 20} MiB): {mine:.2f} s; pandas.read_csv with types: {bare:.2f} s, "
            f"with texts as Python objects: {objects:.2f} s"
        )
        print(
            f"    ratio {mine / bare:.2f}, and {mine / objects:.2f}; peak memory {peak >> 10} MiB; "
            f"pandas alone {bare_peak >> 10} MiB"
        )
