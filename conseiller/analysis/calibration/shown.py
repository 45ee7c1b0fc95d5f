"""A calibration as a reader sees it: the payslip line by line, then each gap by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conseiller.analysis.tracking.cells import line_label
from conseiller.display import Cell, Grid, Sheet
from conseiller.messages import Lang, has, tr
from conseiller.text import date_long, joined, money, month_long, number, percent

if TYPE_CHECKING:
    from conseiller.analysis.calibration.payslip import Calibration
    from conseiller.analysis.calibration.search import Gap
    from conseiller.analysis.slip import Part

_SHARES = {"quotite", "zone"}
_RATES = {"rate", "legal_rate"}
_EUROS = {"bonus", "psc", "smic"}


def gap_label(gap: Gap, lang: Lang, names: Mapping[str, str] | None = None) -> str:
    """Return a gap in words, with what was and what was found; `names` gives labels of lines and keys."""
    values = {"was": _value(gap, gap.was, lang), "found": _value(gap, gap.found, lang)}
    values |= {"name": (names or {}).get(gap.name, gap.name), "account": gap.account}
    if gap.cause in _RATES:
        values["name"] = tr(f"tracking.calibrate.operand.{gap.name}", lang)
    said = tr(f"tracking.calibrate.gap.{gap.cause}", lang, **values)
    return tr("tracking.calibrate.of_contract", lang, gap=said, number=gap.contract) if gap.contract else said


def part_label(part: Part, lang: Lang = "fr") -> str:
    """Return the number of a contract and its days in the month."""
    days = {"first": date_long(part.first, lang), "last": date_long(part.last, lang)}
    return tr("tracking.calibrate.part", lang, number=part.contract, **days)


def _value(gap: Gap, value: float | None, lang: Lang) -> str:
    if value is None:
        return ""
    if gap.cause in _RATES | _SHARES:
        whole = round(value * 100, 6)
        return percent(value, 2, lang) if abs(round(whole, 2) - whole) < 1e-9 else f"{number(whole, lang)} %"
    if gap.cause in _EUROS:
        return money(value, lang)
    if gap.cause == "psc_base":
        return tr("common.yes" if value else "common.no", lang)
    return number(value, lang)


def sheet(calibration: Calibration, lang: Lang = "fr") -> Sheet:
    """Return what is shown of a calibration."""
    plan = calibration.plan
    heads = [Cell(tr("tracking.head.line", lang))]
    heads += [
        Cell(tr(f"tracking.calibrate.head.{h}", lang), True) for h in ("model", "payslip", "gap", "left")
    ]
    rows = []
    names = {line.code: line.label for line in plan.lines(lang)}
    for row in calibration.lines.to_dict("records"):
        key = str(row["key"])
        name = (
            tr(f"tracking.calibrate.total.{key}", lang)
            if has(f"tracking.calibrate.total.{key}", lang)
            else ""
        )
        name = name or line_label(plan, row["line"], lang)
        names[key] = name
        rows.append(
            [Cell(name), *(Cell(money(row[c], lang), True) for c in ("model", "payslip", "gap", "left"))]
        )
    foot = [Cell(tr("display.total", lang))]
    for c in ("model", "payslip", "gap", "left"):
        foot.append(Cell(money(float((calibration.lines[c] * 100).round().sum()) / 100, lang), True))
    gaps = [
        [Cell(gap_label(gap, lang, names)), Cell(money(gap.amount, lang), True), Cell(_state(gap, lang))]
        for gap in calibration.gaps
    ]
    of_gaps = [Cell(tr("tracking.calibrate.head.cause", lang)), Cell(tr("tracking.head.amount", lang), True)]
    of_gaps.append(Cell(tr("tracking.calibrate.head.state", lang)))
    grids = [Grid(heads, rows, foot=foot)]
    if gaps:
        grids.append(Grid(of_gaps, gaps, title=tr("tracking.calibrate.gaps", lang)))
    title = tr(
        "tracking.calibrate.title", lang, post=calibration.post, month=month_long(calibration.month, lang)
    )
    notes = [] if gaps else [tr("tracking.calibrate.agrees", lang)]
    return Sheet(title, [*_shared(calibration, lang), *notes], grids)


def _shared(calibration: Calibration, lang: Lang) -> list[str]:
    """Say what of a month that several contracts share is compared."""
    if len(calibration.shared) == 1:
        return []
    parts = joined([part_label(p, lang) for p in calibration.parts], lang)
    whole = calibration.parts == calibration.shared
    return [tr(f"tracking.calibrate.{'sum' if whole else 'one_part'}", lang, parts=parts)]


def _state(gap: Gap, lang: Lang) -> str:
    if not gap.adoptable:
        return tr("tracking.calibrate.state.none", lang)
    return tr(f"tracking.calibrate.state.{'certain' if gap.certain else 'possible'}", lang)
