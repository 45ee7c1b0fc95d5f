"""Recalculates workbooks in LibreOffice, always from the formulas and never from stored values."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

#: LibreOffice must not trust the values stored in the file, nor put its own macros in the place of ours; threads
#: cost more here than they save.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">\
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">\
<value>fr-FR</value></prop></item>
<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" oor:op="fuse">\
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Calculation">\
<prop oor:name="UseThreadedCalculationForFormulaGroups" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""
FALSE_VALUE = 987654.321


def plant_false_values(source: Path, target: Path) -> int:
    """Copy a workbook with a false stored value in every formula cell; return how many there were."""
    count = 0
    cell = re.compile(rb"(<c [^>]*?>)(<f>.*?</f>|<f [^>]*>.*?</f>)<v>.*?</v></c>", re.DOTALL)
    kind = re.compile(rb' t="[a-z]+"')

    def replace(match: re.Match[bytes]) -> bytes:
        nonlocal count
        count += 1
        head = kind.sub(b"", match.group(1))
        return head + match.group(2) + f"<v>{FALSE_VALUE}</v></c>".encode()

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item.filename)
            if item.filename.startswith("xl/worksheets/sheet"):
                data = cell.sub(replace, data)
            new.writestr(item, data)
    return count


def recalculate(files: Sequence[Path], folder: Path) -> list[Path]:
    """Recalculate many workbooks in one LibreOffice call; return the results in the same order."""
    folder.mkdir(parents=True, exist_ok=True)
    target = "xlsx:Calc MS Excel 2007 XML"
    run_office(["--convert-to", target, "--outdir", str(folder), *(str(f) for f in files)])
    results = [folder / f.name for f in files]
    missing = [f.name for f in results if not f.exists()]
    assert not missing, f"LibreOffice gave no result for {missing}"
    return results


def run_office(arguments: Sequence[str], profile_files: Mapping[str, str] = MappingProxyType({})) -> None:
    """Run LibreOffice without a window, in a profile of its own that is thrown away, until it ends."""
    soffice = shutil.which("soffice")
    assert soffice
    with tempfile.TemporaryDirectory() as profile:
        for name, text in {"registrymodifications.xcu": _SETTINGS, **profile_files}.items():
            file = Path(profile) / "user" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        command = [soffice, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore"]
        subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=900)


def values_of(path: Path) -> dict[tuple[str, str], Any]:
    """Return every value of a workbook by sheet and cell, empty cells left out."""
    book = CalamineWorkbook.from_path(path)
    return {
        (title, f"{get_column_letter(col)}{row}"): value
        for title in book.sheet_names
        for row, cells in enumerate(book.get_sheet_by_name(title).to_python(skip_empty_area=False), start=1)
        for col, value in enumerate(cells, start=1)
        if value != ""
    }


def formulas_of(path: Path) -> set[tuple[str, str]]:
    """Return where a workbook has formulas."""
    return _cells(path, rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[ >]')


def errors_of(path: Path) -> set[tuple[str, str]]:
    """Return where a workbook shows an error (#N/A, #DIV/0!…), which `values_of` takes for an empty cell."""
    return _cells(path, rb'<c r="([A-Z]+[0-9]+)"[^>]* t="e"')


def _cells(path: Path, pattern: bytes) -> set[tuple[str, str]]:
    titles = CalamineWorkbook.from_path(path).sheet_names
    with zipfile.ZipFile(path) as parts:
        return {
            (title, address.decode())
            for number, title in enumerate(titles, start=1)
            for address in re.findall(pattern, parts.read(f"xl/worksheets/sheet{number}.xml"))
        }


def differences(stated: Path, recalculated: Path, tolerance: float = 0.005) -> list[str]:
    """List the formula cells whose recalculated value is not the one written beside the formula."""
    before, after = values_of(stated), values_of(recalculated)
    found = []
    for cell in sorted(formulas_of(stated)):
        a, b = before.get(cell), after.get(cell)
        if not same(a, b, tolerance):
            found.append(f"{cell[0]}!{cell[1]}: written {a!r}, recalculated {b!r}")
    return found


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Say whether two cell values are the same; an empty cell, "" and 0 of nothing are told apart."""
    a, b = (("" if v is None else v) for v in (a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b or a == b
    if hasattr(a, "year") or hasattr(b, "year"):
        return str(a) == str(b)
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) <= tolerance
    return bool(a == b)


def serial(day: Any) -> float:
    """Return the serial number of a date read from a cell."""
    return float((day - type(day)(1899, 12, 30)).days)
