"""Rules between the records of a post: contracts, pay terms, conventions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from conseiller import text
from conseiller.dossier.report import Report, at
from conseiller.dossier.schedule import CUSTOM, financing_stop, grant_total, later, tranches_of
from conseiller.dossier.schema import Contract, Convention, Dossier, Instalment, PayTerm, Post, Tranche
from conseiller.dossier.schema_faults import meant
from conseiller.dossier.tree import Node

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
    "indemnite_rupture_projet",
)
READ_AT_TERM_START = ("points_supplementaires",)


def check_posts(root: Node[Dossier], law: Law, report: Report) -> None:
    """Add to a report every fault between the records of each post.

    Parameters
    ----------
    root : Node
        The case, sound or not.
    law : Law
        The legal tables, with the officer's suppositions.
    report : Report
    """
    codes: dict[str, str] = {}
    for number, post in enumerate(root.all("posts", Post), start=1):
        label = f"n° {number}"
        if post.sound("code"):
            label = post.record.code
            if label.casefold() in codes:
                report.add(post.at("code"), "post_twice", code=label, first=codes[label.casefold()])
            codes.setdefault(label.casefold(), label)
        _check_contracts(post, label, law, report)
        _check_conventions(post, label, law, report)


# --- contracts ---------------------------------------------------------------------------------------


def _check_contracts(post: Node[Post], label: str, law: Law, report: Report) -> None:
    contracts = post.all("contracts", Contract)
    for node in contracts:
        _check_contract_dates(node, label, law, report)
        _check_working_time(node, label, report)
        contract = node.record
        if node.sound("status", "nature") and (contract.status, contract.nature) == ("titulaire", "projet"):
            report.add(node.at("nature"), "titulaire_projet", post=label)
        _check_terms(node, label, law, report)
    dated = [node for node in contracts if node.sound("start")]
    _check_order(dated, label, report)
    _check_overlaps(dated, label, report)


def _first_entry(law: Law, parameters: Sequence[str]) -> date:
    return max(law.table(p).entries[0].start for p in parameters)


def _check_contract_dates(node: Node[Contract], label: str, law: Law, report: Report) -> None:
    contract = node.record
    oldest = _first_entry(law, READ_AT_CONTRACT_START)
    if node.sound("start") and contract.start < oldest:
        report.add(node.at("start"), "contract_too_old", post=label, start=contract.start, oldest=oldest)
    if contract.end is None:
        return
    oldest = _first_entry(law, READ_AT_CONTRACT_END)
    if node.sound("start") and contract.end < contract.start:
        report.add(node.at("end"), "contract_ends_first", post=label, end=contract.end, start=contract.start)
    elif contract.end + relativedelta(days=1) < oldest:
        report.add(node.at("end"), "contract_long_over", post=label, end=contract.end, oldest=oldest)


def _check_working_time(node: Node[Contract], label: str, report: Report) -> None:
    contract = node.record
    time = contract.working_time
    for name, value, wanted_by, missing, unused in (
        ("hours", contract.hours, "temps_non_complet", "hours_missing", "hours_unused"),
        ("share", contract.share, "temps_partiel", "share_missing", "share_unused"),
    ):
        if not node.sound("working_time", name):
            continue
        if time == wanted_by and value is None:
            report.add(node.at("working_time"), missing, post=label)
        if time != wanted_by and value is not None:
            report.add(node.at(name), unused, post=label, time=time, value=value)


def _check_order(contracts: Sequence[Node[Contract]], label: str, report: Report) -> None:
    for before, after in pairwise(contracts):
        start, earlier = after.record.start, before.record.start
        if start < earlier:
            report.add(after.at("start"), "contract_order", post=label, start=start, before=earlier)
            return


def _last(contract: Contract) -> date:
    return contract.end or date.max


def _check_overlaps(contracts: Sequence[Node[Contract]], label: str, report: Report) -> None:
    dated = [n for n in contracts if n.sound("end") and _last(n.record) >= n.record.start]
    longest: Contract | None = None
    for node in sorted(dated, key=lambda n: n.record.start):
        contract = node.record
        if longest is not None and contract.start <= _last(longest):
            report.add(
                node.at("start"),
                "overlap" if longest.end else "overlap_open",
                post=label,
                first=longest.start,
                second=contract.start,
                end=longest.end or "",
                eve=contract.start - relativedelta(days=1),
            )
        if longest is None or _last(contract) > _last(longest):
            longest = contract


# --- pay terms ---------------------------------------------------------------------------------------


def _check_terms(node: Node[Contract], label: str, law: Law, report: Report) -> None:
    contract = node.record
    terms = node.all("terms", PayTerm)
    month = contract.start.replace(day=1) if node.sound("start") else None
    if month and not terms and not at(report.plain, node.at("terms")):
        report.add(node.path, "no_pay", post=label, start=contract.start)
    seen: set[date] = set()
    for place in terms:
        _check_index(place, label, law, report)
        _check_grid(place, month, label, law, report)
        if place.sound("start"):
            _check_term_date(place, seen, label, law, report)
            seen.add(place.record.start)
    if month and terms and all(t.sound("start") for t in terms):
        first = min(terms, key=lambda t: t.record.start)
        start = first.record.start
        if start.replace(day=1) > month:
            report.add(
                first.at("start"), "term_late", post=label, start=start, contract=contract.start, month=month
            )


def _check_term_date(node: Node[PayTerm], seen: set[date], label: str, law: Law, report: Report) -> None:
    start = node.record.start
    if start.day != 1:
        first = start.replace(day=1)
        following = first + relativedelta(months=1)
        report.add(node.at("start"), "term_not_first", post=label, start=start, first=first, next=following)
    if start in seen:
        report.add(node.at("start"), "term_twice", post=label, start=start)
    oldest = _first_entry(law, READ_AT_TERM_START)
    if start < oldest:
        report.add(node.at("start"), "term_too_old", post=label, start=start, oldest=oldest)


def _check_index(node: Node[PayTerm], label: str, law: Law, report: Report) -> None:
    if not node.sound("index", "grade", "step"):
        return
    term = node.record
    grid = term.grade is not None or term.step is not None
    if term.index is not None and grid:
        report.add(node.at("index"), "index_and_grade", post=label)
    elif term.index is None and not grid:
        report.add(node.path, "no_index", post=label, grades=list(law.grades))
    elif term.index is None and term.step is None:
        report.add(node.at("grade"), "grade_without_step", post=label, grade=term.grade or "")
    elif term.index is None and term.grade is None:
        report.add(node.at("step"), "step_without_grade", post=label, grades=list(law.grades))


def _check_grid(node: Node[PayTerm], month: date | None, label: str, law: Law, report: Report) -> None:
    """Check that the grid of a grade is known from the first month it is read."""
    from conseiller.law import grid_parameter

    term = node.record
    if term.grade is None:
        return
    if term.grade not in law.grades:
        report.add(
            node.at("grade"),
            "unknown_grade",
            remedy=meant(term.grade, law.grades, report.lang),
            post=label,
            grade=term.grade,
            grades=list(law.grades),
        )
        return
    if term.step is None:
        return
    table = law.tables.get(grid_parameter(term.grade, term.step))
    if table is None:
        steps = sum(p.startswith(f"grille_{term.grade}_") for p in law.tables)
        report.add(node.at("step"), "unknown_step", post=label, grade=term.grade, step=term.step, steps=steps)
    elif month and node.sound("start"):
        needed, known = max(term.start, month), table.entries[0].start
        if needed < known:
            report.add(
                node.at("grade"), "grid_too_recent", post=label, grade=term.grade, known=known, day=needed
            )


# --- conventions -------------------------------------------------------------------------------------


def _check_conventions(post: Node[Post], label: str, law: Law, report: Report) -> None:
    codes: set[str] = set()
    for node in post.all("conventions", Convention):
        if node.sound("code"):
            code = node.record.code
            if code.casefold() in codes:
                report.add(node.at("code"), "convention_twice", post=label, code=code)
            codes.add(code.casefold())
        if node.sound("generation"):
            _check_generation(node, law, report)
        if node.sound("financing_start"):
            _check_financing_dates(node, report)
        _check_instalments(node, law, report)
    _check_financings(post, label, law, report)


def _code(node: Node[Convention]) -> str:
    """Return the code of a convention for a message, even where it is refused or missing."""
    return node.record.code if node.sound("code") else "?"


def _check_financing_dates(node: Node[Convention], report: Report) -> None:
    start, end = node.record.financing_start, node.record.end
    if start < FIRST_FINANCING:
        where = node.at("financing_start")
        report.add(where, "financing_too_early", code=_code(node), start=start, first=FIRST_FINANCING)
    if end is not None and end < start:
        report.add(node.at("end"), "financing_ends_first", code=_code(node), end=end, start=start)


def _check_generation(node: Node[Convention], law: Law, report: Report) -> None:
    generation = node.record.generation
    tranches = node.all("tranches", Tranche)
    if generation == CUSTOM:
        if not 1 <= len(tranches) <= MOST_TRANCHES and node.sound("tranches"):
            where = node.at("tranches" if tranches else "generation")
            count = len(tranches)
            report.add(where, "tranches_count", code=_code(node), count=count, most=MOST_TRANCHES)
    elif generation not in law.generations:
        known = [*law.generations, CUSTOM]
        report.add(
            node.at("generation"),
            "unknown_generation",
            remedy=meant(generation, known, report.lang),
            code=_code(node),
            generation=report.quote(at(report.plain, node.at("generation"))),
            known=", ".join(known),
        )
    elif tranches:
        where = node.at("tranches")
        report.add(where, "tranches_unused", code=_code(node), generation=generation, custom=CUSTOM)


def _whole(node: Node[Convention], law: Law) -> Convention | None:
    """Return a convention with its tranches, None when its schedule cannot be told."""
    convention = node.record
    tranches = node.all("tranches", Tranche)
    sound = node.sound("generation", "financing_start", "end")
    known = convention.generation in law.generations or (convention.generation == CUSTOM and tranches)
    told = all(t.sound("months", "amount") for t in tranches)
    if not (sound and known and told) or convention.financing_start < FIRST_FINANCING:
        return None
    return convention.model_copy(update={"tranches": tuple(t.record for t in tranches)})


def _check_financings(post: Node[Post], label: str, law: Law, report: Report) -> None:
    found = [(node, _whole(node, law)) for node in post.all("conventions", Convention)]
    whole = [(node, convention) for node, convention in found if convention is not None]
    whole.sort(key=lambda pair: pair[1].financing_start)
    for (first, before), (second, after) in pairwise(whole):
        stop = financing_stop(before, law)
        if after.financing_start < stop:
            report.add(
                second.at("financing_start"),
                "financing_overlap",
                post=label,
                first=_code(first),
                second=_code(second),
                start=after.financing_start,
                last=stop - relativedelta(days=1),
                eve=after.financing_start - relativedelta(days=1),
            )
    _check_shared_months(whole, label, law, report)


def _check_shared_months(
    financings: Sequence[tuple[Node[Convention], Convention]], label: str, law: Law, report: Report
) -> None:
    """Refuse a third grant year in a month: the rules read two."""
    years = [
        (
            node,
            later(convention.financing_start, since),
            min(later(convention.financing_start, until), financing_stop(convention, law)),
        )
        for node, convention in financings
        for since, until in pairwise(accumulate([0, *(m for m, _ in tranches_of(convention, law))]))
    ]
    years = [year for year in years if year[1] < year[2]]
    for (_, _, closes), _, (third, opens, _) in zip(years, years[1:], years[2:], strict=False):
        if opens.replace(day=1) < closes <= opens:
            report.add(
                third.at("financing_start"),
                "three_grant_years",
                post=label,
                convention=_code(third),
                start=opens,
                next=opens.replace(day=1) + relativedelta(months=1),
            )


def _check_instalments(node: Node[Convention], law: Law, report: Report) -> None:
    instalments = node.all("instalments", Instalment)
    for place in instalments:
        paid = place.record
        label = paid.label if place.sound("label") else "?"
        # Money may come before the titre is issued (compte d'attente), never before it is asked for.
        for name, day, code in (
            ("titled", paid.titled, "titled_before_called"),
            ("received", paid.received, "received_before_called"),
        ):
            if paid.called is not None and day is not None and day < paid.called:
                report.add(place.at(name), code, label=label, day=day, called=paid.called)
    whole = _whole(node, law)
    if whole is None or not all(place.sound("amount") for place in instalments):
        return
    total, paid_out = grant_total(whole, law), round(sum(p.record.amount for p in instalments), 2)
    if paid_out > total:
        report.add(
            node.at("instalments"),
            "instalments_above_grant",
            code=_code(node),
            paid=text.money(paid_out, report.lang),
            total=text.money(total, report.lang),
        )
