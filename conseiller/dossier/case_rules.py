"""Rules of the whole case: authority, period, rates, other costs and funding, suppositions, accounts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from conseiller.dossier.report import Report, at
from conseiller.dossier.schema import (
    Assumption,
    Authority,
    Contract,
    Dossier,
    EmployerRates,
    Item,
    LineAccounts,
    Period,
    Post,
    Record,
)
from conseiller.dossier.schema_faults import closest
from conseiller.dossier.shape import shapes
from conseiller.dossier.tree import Node
from conseiller.messages import tr

if TYPE_CHECKING:
    from conseiller.law import Law, Table

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
FIRST_ASSUMPTION = date(2020, 1, 1)
LONGEST_PERIOD = 15
Side = Literal["cost", "funding"]

#: First digits an account may have, by side and section of the budget.
_CLASSES: dict[tuple[str, str], str] = {
    ("cost", "fonctionnement"): "6",
    ("funding", "fonctionnement"): "7",
    ("cost", "investissement"): "12",
    ("funding", "investissement"): "12",
}
#: Chapters booked against the grain: refunds of spending (class 6), income given back (class 7).
_AGAINST: dict[Side, str] = {"funding": "013", "cost": "014"}


def check_case(root: Node[Dossier], law: Law, report: Report) -> list[Assumption]:
    """Add to a report every fault outside the posts; return the officer's suppositions that are sound.

    Parameters
    ----------
    root : Node
        The case as far as it could be read.
    law : Law
        The legal tables as shipped.
    report : Report
    """
    _check_values(root, report)
    _check_authority(root, report)
    _check_period(root, report)
    _check_rates(root, report)
    for side, name in (("cost", "costs"), ("funding", "funding")):
        for node, item in root.read(name, Item):
            _check_item(root, node, item, "cost" if side == "cost" else "funding", law, report)
    _check_accounts(root, law, report)
    return _check_assumptions(root, law, report)


# --- every value -------------------------------------------------------------------------------------


def _nodes(node: Node[Any]) -> Iterator[Node[Any]]:
    yield node
    for held in node.held.values():
        for child in held:
            yield from _nodes(child)


def _check_values(root: Node[Dossier], report: Report) -> None:
    """Check what the schema cannot: dates of this century, whole cents, printable text."""
    for node in _nodes(root):
        if node.record is None:
            continue
        record: Record = node.record
        for key, shape in shapes(type(record)).items():
            value = getattr(record, shape.name)
            path = (*node.path, key)
            if isinstance(value, date) and not EARLIEST <= value <= LATEST:
                report.add(path, "date_out_of_range", key=key, day=value.isoformat())
            if shape.euros and round(value, 2) != value:
                report.add(path, "too_many_decimals", key=key, value=value, rounded=round(value, 2))
            if isinstance(value, str) and any(_unprintable(c) for c in value):
                report.add(path, "unprintable", key=key)


def _unprintable(sign: str) -> bool:
    """Return whether a spreadsheet or a PDF would refuse a character: controls, line ends, half signs."""
    return unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in "\ufffe\uffff"


# --- authority, period, rates ------------------------------------------------------------------------


def luhn(digits: str) -> bool:
    """Return whether the key digit of a SIREN is right.

    Examples
    --------
    >>> luhn("356000000"), luhn("356000001")
    (True, False)
    """
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _check_authority(root: Node[Dossier], report: Report) -> None:
    found = root.only("authority", Authority)
    if found is None:
        return
    node, authority = found
    if authority.siren is not None and not luhn(authority.siren):
        report.add(node.at("siren"), "siren_key", siren=authority.siren)
    if not node.sound("self_insured"):
        return
    stated = root.read("rates", EmployerRates)
    for place, rates in stated:
        if not place.sound("chomage"):
            continue
        if authority.self_insured and rates.chomage > 0:
            report.add(place.at("chomage"), "self_insured_pays", start=rates.start)
        if not authority.self_insured and rates.chomage == 0:
            path = place.at("chomage") if at(report.plain, place.at("chomage")) is not None else place.path
            report.add(path, "insured_pays_nothing", start=rates.start)
    if not authority.self_insured and not root.held["rates"]:
        report.add(node.at("self_insured"), "insured_without_rates")


def _check_period(root: Node[Dossier], report: Report) -> None:
    found = root.only("period", Period)
    if found is None:
        return
    node, period = found
    if period.first > period.last:
        report.add(node.at("last"), "period_order", first=str(period.first), last=str(period.last))
    elif period.last - period.first + 1 > LONGEST_PERIOD:
        report.add(
            node.at("last"),
            "period_long",
            count=period.last - period.first + 1,
            most=LONGEST_PERIOD,
            last=str(period.first + LONGEST_PERIOD - 1),
        )


def _check_rates(root: Node[Dossier], report: Report) -> None:
    stated = root.read("rates", EmployerRates)
    path = ("taux_employeur",)
    if not root.held["rates"] and at(report.plain, path) in ([], ()):
        report.add(path, "no_rates")
    seen: set[date] = set()
    for node, rates in stated:
        if rates.start in seen:
            report.add(node.at("start"), "rates_twice", start=rates.start)
        seen.add(rates.start)
    period = root.only("period", Period)
    starts = [c.start for p in root.all("posts", Post) for _, c in p.read("contracts", Contract)]
    if not stated or len(stated) < len(root.held["rates"]) or period is None or not starts:
        return
    needed = max(date(period[1].first, 1, 1), min(starts).replace(day=1))
    node, first = min(stated, key=lambda pair: pair[1].start)
    if first.start > needed:
        report.add(node.at("start"), "rates_late", start=first.start, needed=needed)


# --- other costs and funding -------------------------------------------------------------------------


def _check_item(
    root: Node[Dossier], node: Node[Item], item: Item, side: Side, law: Law, report: Report
) -> None:
    if node.sound("end") and item.end is not None:
        if item.frequency == "unique":
            report.add(node.at("end"), "once_with_end", label=item.label)
        elif item.end < item.start:
            report.add(node.at("end"), "item_ends_first", label=item.label, end=item.end, start=item.start)
    if node.sound("section"):
        _check_account(node, item.account, side, item.section, law, report)
        if item.vehicle == "fonds_de_concours" and item.section == "fonctionnement":
            report.add(node.at("vehicle"), "fonds_de_concours", label=item.label)
    if item.fctva:
        _check_fctva(root, node, item, side, report)
    if side == "cost":
        for name in ("funder", "vehicle"):
            if getattr(item, name):
                key = shapes(Item)["financeur" if name == "funder" else "vecteur"].key
                report.add(node.at(name), "funder_on_cost", label=item.label, key=key)
    if node.sound("shares"):
        _check_shares(root, node, item, report)


def _check_fctva(root: Node[Dossier], node: Node[Item], item: Item, side: Side, report: Report) -> None:
    authority = root.only("authority", Authority)
    if side == "funding":
        report.add(node.at("fctva"), "fctva_on_funding", label=item.label)
    elif item.section != "investissement" and node.sound("section"):
        report.add(node.at("fctva"), "fctva_section", label=item.label)
    elif authority is not None and authority[1].chart == "PCG":
        report.add(node.at("fctva"), "fctva_private", label=item.label)


def _check_account(
    node: Node[Item], account: str, side: Side, section: str, law: Law, report: Report
) -> None:
    if not _fits(account, side, section, law):
        classes = _CLASSES[side, section]
        report.add(
            node.at("account"),
            f"account_{side}",
            account=account,
            section=tr(f"common.section.{section}", report.lang),
            classes=" ou ".join(classes) if report.lang == "fr" else " or ".join(classes),
        )


def _fits(account: str, side: Side, section: str, law: Law) -> bool:
    if account[0] in _CLASSES[side, section]:
        return True
    return section == "fonctionnement" and law.chapter(account) == _AGAINST[side]


def _check_shares(root: Node[Dossier], node: Node[Item], item: Item, report: Report) -> None:
    posts = root.all("posts", Post)
    codes = [p.record.code for p in posts if p.record is not None]
    if len(codes) == len(posts) and codes:
        for code in item.shares:
            if code not in codes:
                meant = closest(code, codes)
                remedy = tr("dossier.remedy.meant_word", report.lang, meant=meant) if meant else None
                report.add(
                    (*node.at("shares"), code),
                    "unknown_post",
                    remedy=remedy,
                    label=item.label,
                    code=code,
                    codes=", ".join(codes),
                )
    if sum(item.shares.values()) <= 0:
        report.add(node.at("shares"), "no_weight", label=item.label, codes=", ".join(codes))


# --- suppositions on legal values ----------------------------------------------------------------------


def _check_assumptions(root: Node[Dossier], law: Law, report: Report) -> list[Assumption]:
    sound: list[Assumption] = []
    seen: set[tuple[str, date]] = set()
    for node, assumption in root.read("assumptions", Assumption):
        before = report.count
        table = law.tables.get(assumption.parameter)
        if table is None:
            meant = closest(assumption.parameter, law.tables)
            remedy = tr("dossier.remedy.meant_word", report.lang, meant=meant) if meant else None
            report.add(
                node.at("parameter"), "unknown_parameter", remedy=remedy, parameter=assumption.parameter
            )
            continue
        label = table.label[report.lang]
        legal = {entry.start for entry in table.entries}
        if assumption.start < FIRST_ASSUMPTION and assumption.start not in legal:
            report.add(
                node.at("start"),
                "assumption_too_early",
                label=label,
                start=assumption.start,
                first=FIRST_ASSUMPTION,
            )
        if (assumption.parameter, assumption.start) in seen:
            report.add(node.at("start"), "assumption_twice", label=label, start=assumption.start)
        seen.add((assumption.parameter, assumption.start))
        if node.sound("value"):
            _check_value(node, assumption, table, report)
        if report.count == before and node.sound("value"):
            sound.append(assumption)
    return sound


def _check_value(node: Node[Assumption], assumption: Assumption, table: Table, report: Report) -> None:
    label = table.label[report.lang]
    if assumption.value is None:
        starts = [e.start for e in table.entries]
        if assumption.start not in starts:
            dates = [report.show(d) for d in starts[1:]]
            report.add(
                node.path,
                "nothing_to_withdraw",
                label=label,
                start=assumption.start,
                dates=", ".join(dates) or tr("common.none", report.lang),
            )
        elif assumption.start == starts[0]:
            report.add(node.path, "withdraw_first", label=label, start=assumption.start)
        return
    low, high, whole = _plausible(table, assumption.start)
    if not low <= assumption.value <= high:
        report.add(
            node.at("value"),
            "implausible",
            label=label,
            value=assumption.value,
            low=low,
            high=high,
            unit=_unit(table.unit, report),
        )
    elif whole and assumption.value != int(assumption.value):
        report.add(node.at("value"), "not_whole_value", label=label, value=assumption.value)


def _unit(unit: str, report: Report) -> str:
    return tr(f"common.unit.{unit}", report.lang)


def _plausible(table: Table, day: date) -> tuple[float, float, bool]:  # noqa: PLR0911 (one per unit)
    """Return the bounds between which a supposed value is believed, and whether it must be whole.

    Bounds are wide: they catch a slip of unit (a monthly point, an hourly SMIC, 35 for 35 %), no more.
    """
    known = [e.value for e in table.entries if e.start <= day] or [table.entries[0].value]
    current = known[-1]
    match table.unit:
        case "IM":
            return (200, 1600, True) if current >= 200 else (0, 100, True)
        case "fraction":
            return 0, 1, False
        case "mois" if table.parameter.startswith("generation_"):
            return 1, 12, True
        case "mois" | "jours" | "agents" | "années":
            return 0, {"mois": 1200, "jours": 1096, "agents": 100_000, "années": 10}[table.unit], True
        case "heures/semaine":
            return 1, 48, False
        case "PMSS":
            return 1, 20, False
        case "EUR":
            return 0, 1_000_000, False
        case _:
            return round(current / 2, 2), round(current * 2, 2), False


# --- accounts of the lines -----------------------------------------------------------------------------


def _check_accounts(root: Node[Dossier], law: Law, report: Report) -> None:
    for node in root.all("accounts", LineAccounts):
        code = str(node.path[-1])
        line = law.lines.get(code)
        if line is None:
            meant = closest(code, law.lines)
            remedy = tr("dossier.remedy.meant_word", report.lang, meant=meant) if meant else None
            report.add(node.path, "unknown_line", remedy=remedy, code=code, lines=", ".join(law.lines))
            continue
        if node.record is None:
            continue
        for name in ("contractuel", "titulaire"):
            account = getattr(node.record, name)
            if not _fits(account, line.side, line.section, law):
                classes = _CLASSES[line.side, line.section]
                report.add(
                    node.at(name),
                    f"account_{line.side}",
                    account=account,
                    section=tr(f"common.section.{line.section}", report.lang),
                    classes=" ou ".join(classes) if report.lang == "fr" else " or ".join(classes),
                )
