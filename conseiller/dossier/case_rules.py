"""Rules of the whole case: authority, period, rates, other costs and funding, suppositions, accounts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from conseiller import text
from conseiller.dossier.report import Path, Report, at
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
from conseiller.dossier.schema_faults import meant
from conseiller.dossier.shape import NESTED, shapes
from conseiller.dossier.tree import Node
from conseiller.messages import tr

if TYPE_CHECKING:
    from conseiller.law import Law, Table

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
        The case, sound or not.
    law : Law
        The legal tables as shipped.
    report : Report
    """
    _check_values(root, report)
    _check_authority(root, report)
    _check_period(root, report)
    _check_rates(root, report)
    for node in root.all("costs", Item):
        _check_item(root, node, "cost", law, report)
    for node in root.all("funding", Item):
        _check_item(root, node, "funding", law, report)
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
        model: type[Record] = node.model
        if issubclass(model, Dossier):
            continue
        for name, day in node.wild.items():
            where = node.at(name)
            report.add(where, "date_out_of_range", key=str(where[-1]), day=day)
        for key, shape in shapes(model).items():
            if shape.kind in NESTED or not node.sound(shape.name):
                continue
            value = getattr(node.record, shape.name)
            path = (*node.path, key)
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
    node = root.only("authority", Authority)
    if node is None:
        return
    siren = node.record.siren
    if siren is not None and not luhn(siren):
        report.add(node.at("siren"), "siren_key", siren=siren)
    if not node.sound("self_insured"):
        return
    self_insured = node.record.self_insured
    stated = root.all("rates", EmployerRates)
    for place in stated:
        if not place.sound("chomage", "start"):
            continue
        rates = place.record
        if self_insured and rates.chomage > 0:
            report.add(place.at("chomage"), "self_insured_pays", start=rates.start)
        if not self_insured and rates.chomage == 0:
            path = place.at("chomage") if at(report.plain, place.at("chomage")) is not None else place.path
            report.add(path, "insured_pays_nothing", start=rates.start)
    if not self_insured and not stated:
        report.add(node.at("self_insured"), "insured_without_rates")


def _check_period(root: Node[Dossier], report: Report) -> None:
    node = root.only("period", Period)
    if node is None or not node.sound("first", "last"):
        return
    first, last = node.record.first, node.record.last
    if first > last:
        report.add(node.at("last"), "period_order", first=str(first), last=str(last))
    elif last - first + 1 > LONGEST_PERIOD:
        report.add(
            node.at("last"),
            "period_long",
            count=last - first + 1,
            most=LONGEST_PERIOD,
            last=str(first + LONGEST_PERIOD - 1),
        )


def _check_rates(root: Node[Dossier], report: Report) -> None:
    stated = root.all("rates", EmployerRates)
    path = ("taux_employeur",)
    if not stated and at(report.plain, path) in ([], ()):
        report.add(path, "no_rates")
    seen: set[date] = set()
    for node in stated:
        if node.sound("start") and node.record.start in seen:
            report.add(node.at("start"), "rates_twice", start=node.record.start)
        seen.add(node.record.start)
    period = root.only("period", Period)
    contracts = [c for p in root.all("posts", Post) for c in p.all("contracts", Contract)]
    starts = [c.record.start for c in contracts if c.sound("start")]
    if not all(n.sound("start") for n in stated) or not stated or not starts:
        return
    if period is None or not period.sound("first"):
        return
    needed = max(date(period.record.first, 1, 1), min(starts).replace(day=1))
    first = min(stated, key=lambda n: n.record.start)
    if first.record.start > needed:
        report.add(first.at("start"), "rates_late", start=first.record.start, needed=needed)


# --- other costs and funding -------------------------------------------------------------------------


def _label(node: Node[Item]) -> str:
    """Return the label of an item for a message, even where it is refused or missing."""
    return node.record.label if node.sound("label") else "?"


def _check_item(root: Node[Dossier], node: Node[Item], side: Side, law: Law, report: Report) -> None:
    item, label = node.record, _label(node)
    if item.end is not None and node.sound("frequency", "start"):
        if item.frequency == "unique":
            report.add(node.at("end"), "once_with_end", label=label)
        elif item.end < item.start:
            report.add(node.at("end"), "item_ends_first", label=label, end=item.end, start=item.start)
    if node.sound("section", "account"):
        _check_account(node.at("account"), item.account, side, item.section, law, report)
    if item.vehicle == "fonds_de_concours" and item.section == "fonctionnement" and node.sound("section"):
        report.add(node.at("vehicle"), "fonds_de_concours", label=label)
    if item.fctva:
        _check_fctva(root, node, side, report)
    if side == "cost":
        for name, value in (("funder", item.funder), ("vehicle", item.vehicle)):
            if value:
                report.add(node.at(name), "funder_on_cost", label=label, key=str(node.at(name)[-1]))
    if node.sound("shares"):
        _check_shares(root, node, report)


def _check_fctva(root: Node[Dossier], node: Node[Item], side: Side, report: Report) -> None:
    authority = root.only("authority", Authority)
    if side == "funding":
        report.add(node.at("fctva"), "fctva_on_funding", label=_label(node))
    elif node.record.section != "investissement" and node.sound("section"):
        report.add(node.at("fctva"), "fctva_section", label=_label(node))
    elif authority is not None and authority.record.chart == "PCG":
        report.add(node.at("fctva"), "fctva_private", label=_label(node))


def _check_account(path: Path, account: str, side: Side, section: str, law: Law, report: Report) -> None:
    if not _fits(account, side, section, law):
        report.add(
            path,
            "account_cost" if side == "cost" else "account_funding",
            account=account,
            section=tr(f"common.section.{section}", report.lang),
            classes=text.listing(_CLASSES[side, section], report.lang, "or"),
        )


def _fits(account: str, side: Side, section: str, law: Law) -> bool:
    if account[0] in _CLASSES[side, section]:
        return True
    return section == "fonctionnement" and law.chapter(account) == _AGAINST[side]


def _check_shares(root: Node[Dossier], node: Node[Item], report: Report) -> None:
    shares, label = node.record.shares, _label(node)
    posts = root.all("posts", Post)
    codes = [p.record.code for p in posts if p.sound("code")]
    if len(codes) == len(posts) and codes:
        for code in shares:
            if code not in codes:
                report.add(
                    (*node.at("shares"), code),
                    "unknown_post",
                    remedy=meant(code, codes, report.lang),
                    label=label,
                    code=code,
                    codes=", ".join(codes),
                )
    if sum(shares.values()) <= 0:
        report.add(node.at("shares"), "no_weight", label=label, codes=", ".join(codes))


# --- suppositions on legal values ----------------------------------------------------------------------


def _check_assumptions(root: Node[Dossier], law: Law, report: Report) -> list[Assumption]:
    sound: list[Assumption] = []
    seen: set[tuple[str, date]] = set()
    for node in root.all("assumptions", Assumption):
        before = report.count
        assumption = node.record
        if not node.sound("parameter"):
            continue
        table = law.tables.get(assumption.parameter)
        if table is None:
            report.add(
                node.at("parameter"),
                "unknown_parameter",
                remedy=meant(assumption.parameter, law.tables, report.lang),
                parameter=assumption.parameter,
            )
            continue
        if node.sound("start"):
            _check_assumption_date(node, table, seen, report)
            seen.add((assumption.parameter, assumption.start))
        if node.sound("start", "value"):
            _check_value(node, table, report)
            if report.count == before:
                sound.append(assumption)
    return sound


def _check_assumption_date(
    node: Node[Assumption], table: Table, seen: set[tuple[str, date]], report: Report
) -> None:
    start, label = node.record.start, table.label[report.lang]
    legal = {entry.start for entry in table.entries}
    if start < FIRST_ASSUMPTION and start not in legal:
        report.add(node.at("start"), "assumption_too_early", label=label, start=start, first=FIRST_ASSUMPTION)
    if (table.parameter, start) in seen:
        report.add(node.at("start"), "assumption_twice", label=label, start=start)


def _check_value(node: Node[Assumption], table: Table, report: Report) -> None:
    assumption = node.record
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


def _plausible(table: Table, day: date) -> tuple[float, float, bool]:
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
            remedy = meant(code, law.lines, report.lang)
            report.add(node.path, "unknown_line", remedy=remedy, code=code, lines=", ".join(law.lines))
            continue
        for name in ("contractuel", "titulaire"):
            if node.sound(name):
                account = getattr(node.record, name)
                _check_account(node.at(name), account, line.side, line.section, law, report)
        one = not line.by_status and node.sound("contractuel", "titulaire")
        if one and node.record.contractuel != node.record.titulaire:
            report.add(node.at("titulaire"), "one_account", code=code, account=node.record.contractuel)
