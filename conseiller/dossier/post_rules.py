"""Rules between the records of a post: contracts, pay terms, conventions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from conseiller import text
from conseiller.dossier.report import Report, at
from conseiller.dossier.schedule import CUSTOM, financing_stop, grant_total
from conseiller.dossier.schema import Contract, Convention, Dossier, Instalment, PayTerm, Post, Tranche
from conseiller.dossier.schema_faults import closest
from conseiller.dossier.tree import Node
from conseiller.messages import tr

if TYPE_CHECKING:
    from conseiller.law import Law

FIRST_FINANCING = date(2021, 1, 1)
MOST_TRANCHES = 4
#: Legal tables that the rules read at these dates, which can therefore not be older than the tables.
READ_AT_CONTRACT_START = (
    "temps_complet_heures",
    "cnracl_seuil_heures",
    "temps_partiel_80",
    "temps_partiel_90",
)
READ_AT_CONTRACT_END = (
    "vacance_tolerance_mois",
    "are_taux_1",
    "are_taux_2",
    "are_part_fixe",
    "are_plafond",
    "are_differe_jours",
    "are_duree_max_jours",
)
READ_AT_TERM_START = ("points_supplementaires",)


def check_posts(root: Node[Dossier], law: Law, report: Report) -> None:
    """Add to a report every fault between the records of each post.

    Parameters
    ----------
    root : Node
        The case as far as it could be read.
    law : Law
        The legal tables, with the officer's suppositions.
    report : Report
    """
    codes: dict[str, str] = {}
    for number, post in enumerate(root.all("posts", Post), start=1):
        label = f"n° {number}"
        if post.record is not None:
            label = post.record.code
            if label.casefold() in codes:
                report.add(post.at("code"), "post_twice", code=label, first=codes[label.casefold()])
            codes.setdefault(label.casefold(), label)
        _check_contracts(post, label, law, report)
        _check_conventions(post, label, law, report)


# --- contracts ---------------------------------------------------------------------------------------


def _check_contracts(post: Node[Post], label: str, law: Law, report: Report) -> None:
    contracts = post.read("contracts", Contract)
    for node, contract in contracts:
        _check_contract_dates(node, contract, label, law, report)
        _check_working_time(node, contract, label, report)
        if node.sound("status", "nature") and (contract.status, contract.nature) == ("titulaire", "projet"):
            report.add(node.at("nature"), "titulaire_projet", post=label)
        _check_terms(node, contract, label, law, report)
    _check_order(contracts, label, report)
    _check_overlaps(contracts, label, report)


def _first_entry(law: Law, parameters: Sequence[str]) -> date:
    return max(law.table(p).entries[0].start for p in parameters)


def _check_contract_dates(
    node: Node[Contract], contract: Contract, label: str, law: Law, report: Report
) -> None:
    oldest = _first_entry(law, READ_AT_CONTRACT_START)
    if contract.start < oldest:
        report.add(node.at("start"), "contract_too_old", post=label, start=contract.start, oldest=oldest)
    if contract.end is None:
        return
    if contract.end < contract.start:
        report.add(node.at("end"), "contract_ends_first", post=label, end=contract.end, start=contract.start)
    elif contract.end + relativedelta(days=1) < (oldest := _first_entry(law, READ_AT_CONTRACT_END)):
        report.add(node.at("end"), "contract_long_over", post=label, end=contract.end, oldest=oldest)


def _check_working_time(node: Node[Contract], contract: Contract, label: str, report: Report) -> None:
    time = contract.working_time
    for name, value, wanted_by, code in (
        ("hours", contract.hours, "temps_non_complet", "hours"),
        ("share", contract.share, "temps_partiel", "share"),
    ):
        if not node.sound("working_time", name):
            continue
        if time == wanted_by and value is None:
            report.add(node.at("working_time"), f"{code}_missing", post=label)
        if time != wanted_by and value is not None:
            report.add(node.at(name), f"{code}_unused", post=label, time=time, value=value)


def _check_order(contracts: Sequence[tuple[Node[Contract], Contract]], label: str, report: Report) -> None:
    for (_, before), (node, after) in pairwise(contracts):
        if after.start < before.start:
            report.add(node.at("start"), "contract_order", post=label, start=after.start, before=before.start)
            return


def _last(contract: Contract) -> date:
    return contract.end or date.max


def _check_overlaps(contracts: Sequence[tuple[Node[Contract], Contract]], label: str, report: Report) -> None:
    dated = [(n, c) for n, c in contracts if n.sound("end") and _last(c) >= c.start]
    dated.sort(key=lambda pair: pair[1].start)
    longest: Contract | None = None
    for node, contract in dated:
        if longest is not None and contract.start <= _last(longest):
            code = "overlap" if longest.end else "overlap_open"
            report.add(
                node.at("start"),
                code,
                post=label,
                first=longest.start,
                second=contract.start,
                end=longest.end or "",
                eve=contract.start - relativedelta(days=1),
            )
        if longest is None or _last(contract) > _last(longest):
            longest = contract


# --- pay terms ---------------------------------------------------------------------------------------


def _check_terms(node: Node[Contract], contract: Contract, label: str, law: Law, report: Report) -> None:
    nodes = node.all("terms", PayTerm)
    if not nodes and not at(report.plain, node.at("terms")):
        report.add(node.path, "no_pay", post=label, start=contract.start)
        return
    terms = node.read("terms", PayTerm)
    month = contract.start.replace(day=1)
    seen: set[date] = set()
    for place, term in terms:
        if term.start.day != 1:
            first = term.start.replace(day=1)
            report.add(
                place.at("start"),
                "term_not_first",
                post=label,
                start=term.start,
                first=first,
                next=first + relativedelta(months=1),
            )
        if term.start in seen:
            report.add(place.at("start"), "term_twice", post=label, start=term.start)
        seen.add(term.start)
        oldest = _first_entry(law, READ_AT_TERM_START)
        if term.start < oldest:
            report.add(place.at("start"), "term_too_old", post=label, start=term.start, oldest=oldest)
        _check_index(place, term, label, law, report)
        _check_grid(place, term, max(term.start, month), label, law, report)
    if terms and len(terms) == len(nodes):
        place, term = min(terms, key=lambda pair: pair[1].start)
        if term.start > month:
            report.add(
                place.at("start"),
                "term_late",
                post=label,
                start=term.start,
                contract=contract.start,
                month=month,
            )


def _check_index(node: Node[PayTerm], term: PayTerm, label: str, law: Law, report: Report) -> None:
    if not node.sound("index", "grade", "step"):
        return
    grid = term.grade is not None or term.step is not None
    if term.index is not None and grid:
        report.add(node.at("index"), "index_and_grade", post=label)
    elif term.index is None and not grid:
        report.add(node.path, "no_index", post=label, grades=list(law.grades))
    elif term.index is None and term.step is None:
        report.add(node.at("grade"), "grade_without_step", post=label, grade=term.grade or "")
    elif term.index is None and term.grade is None:
        report.add(node.at("step"), "step_without_grade", post=label, grades=list(law.grades))


def _check_grid(
    node: Node[PayTerm], term: PayTerm, needed: date, label: str, law: Law, report: Report
) -> None:
    from conseiller.law import grid_parameter

    if term.grade is None:
        return
    if term.grade not in law.grades:
        meant = closest(term.grade, law.grades)
        remedy = tr("dossier.remedy.meant_word", report.lang, meant=meant) if meant else None
        report.add(
            node.at("grade"),
            "unknown_grade",
            remedy=remedy,
            post=label,
            grade=term.grade,
            grades=list(law.grades),
        )
    elif term.step is not None:
        table = law.tables.get(grid_parameter(term.grade, term.step))
        if table is None:
            steps = sum(p.startswith(f"grille_{term.grade}_") for p in law.tables)
            report.add(
                node.at("step"), "unknown_step", post=label, grade=term.grade, step=term.step, steps=steps
            )
        elif needed < table.entries[0].start:
            known = table.entries[0].start
            report.add(
                node.at("grade"), "grid_too_recent", post=label, grade=term.grade, known=known, day=needed
            )


# --- conventions -------------------------------------------------------------------------------------


def _check_conventions(post: Node[Post], label: str, law: Law, report: Report) -> None:
    codes: set[str] = set()
    for node, convention in post.read("conventions", Convention):
        if convention.code.casefold() in codes:
            report.add(node.at("code"), "convention_twice", post=label, code=convention.code)
        codes.add(convention.code.casefold())
        _check_generation(node, convention, law, report)
        if convention.financing_start < FIRST_FINANCING:
            report.add(
                node.at("financing_start"),
                "financing_too_early",
                code=convention.code,
                start=convention.financing_start,
                first=FIRST_FINANCING,
            )
        if convention.end is not None and convention.end < convention.financing_start:
            report.add(
                node.at("end"),
                "financing_ends_first",
                code=convention.code,
                end=convention.end,
                start=convention.financing_start,
            )
        _check_instalments(node, convention, law, report)
    _check_financings(list(_whole_conventions(post, law)), label, law, report)


def _check_generation(node: Node[Convention], convention: Convention, law: Law, report: Report) -> None:
    tranches = node.all("tranches", Tranche)
    if convention.generation == CUSTOM:
        if not 1 <= len(tranches) <= MOST_TRANCHES and node.sound("tranches"):
            report.add(
                node.at("generation" if not tranches else "tranches"),
                "tranches_count",
                code=convention.code,
                count=len(tranches),
                most=MOST_TRANCHES,
            )
        return
    known = [*law.generations, CUSTOM]
    if convention.generation not in law.generations:
        written = at(report.plain, node.at("generation"))
        meant = closest(convention.generation, known)
        remedy = tr("dossier.remedy.meant_word", report.lang, meant=meant) if meant else None
        report.add(
            node.at("generation"),
            "unknown_generation",
            remedy=remedy,
            code=convention.code,
            generation=report.quote(written),
            known=", ".join(known),
        )
    elif tranches:
        report.add(
            node.at("tranches"),
            "tranches_unused",
            code=convention.code,
            generation=convention.generation,
            custom=CUSTOM,
        )


def _whole(node: Node[Convention], law: Law) -> Convention | None:
    """Return a convention with its tranches, None when its schedule cannot be told."""
    convention = node.record
    tranches = node.all("tranches", Tranche)
    if convention is None or not node.sound("end"):
        return None
    if convention.generation not in law.generations and convention.generation != CUSTOM:
        return None
    if any(t.record is None for t in tranches):
        return None
    return convention.model_copy(update={"tranches": tuple(t.record for t in tranches)})


def _whole_conventions(post: Node[Post], law: Law) -> Iterator[tuple[Node[Convention], Convention]]:
    for node in post.all("conventions", Convention):
        convention = _whole(node, law)
        if convention is not None and convention.financing_start >= FIRST_FINANCING:
            yield node, convention


def _check_financings(
    conventions: list[tuple[Node[Convention], Convention]], label: str, law: Law, report: Report
) -> None:
    conventions.sort(key=lambda pair: pair[1].financing_start)
    for (_, before), (node, after) in pairwise(conventions):
        stop = financing_stop(before, law)
        if after.financing_start < stop:
            report.add(
                node.at("financing_start"),
                "financing_overlap",
                post=label,
                first=before.code,
                second=after.code,
                start=after.financing_start,
                last=stop - relativedelta(days=1),
                eve=after.financing_start - relativedelta(days=1),
            )


def _check_instalments(node: Node[Convention], convention: Convention, law: Law, report: Report) -> None:
    instalments = node.read("instalments", Instalment)
    for place, paid in instalments:
        # Money may come before the titre is issued (compte d'attente), never before it is asked for.
        for name, day in (("titled", paid.titled), ("received", paid.received)):
            if paid.called is not None and day is not None and day < paid.called:
                report.add(
                    place.at(name), f"{name}_before_called", label=paid.label, day=day, called=paid.called
                )
    whole = _whole(node, law)
    if whole is None or convention.financing_start < FIRST_FINANCING:
        return
    if whole.generation == CUSTOM and not whole.tranches:
        return  # told already
    total, paid_out = grant_total(whole, law), round(sum(i.amount for _, i in instalments), 2)
    if paid_out > total:
        report.add(
            node.at("instalments"),
            "instalments_above_grant",
            code=convention.code,
            paid=text.money(paid_out, report.lang),
            total=text.money(total, report.lang),
        )
