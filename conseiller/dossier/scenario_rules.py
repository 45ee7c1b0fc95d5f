"""Rules of the scenarios written with a case: fields of each kind of change, posts named, contradictions.

What a change comes to on a given case is judged when it is applied (`conseiller.scenario`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from conseiller.dossier.report import Report
from conseiller.dossier.schema import Change, ChangeKind, Dossier, Post, Scenario
from conseiller.dossier.schema_faults import meant
from conseiller.dossier.shape import key_of
from conseiller.dossier.tree import Node
from conseiller.messages import LANGUAGES, tr

if TYPE_CHECKING:
    from conseiller.law import Law

#: Most scenarios that a case may hold: the workbook has a column for each.
MOST_SCENARIOS = 6
#: Fields that each kind of change needs, and those that it may take besides.
FIELDS: Mapping[ChangeKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "arret": ((), ("post", "start", "leave_days", "are_days", "amount")),
    "non_renouvellement": ((), ("post", "leave_days", "are_days")),
    "maintien": ((), ("post",)),
    "temps_de_travail": (("hours",), ("post", "start")),
    "remplacement": (("months",), ("post", "start")),
    "recrutement": (("start",), ("post", "months", "hours", "index", "grade", "step")),
    "titularisation": ((), ("post", "start", "hours", "grade", "step")),
    "indice": (("points",), ("post", "start")),
    "psc": (("amount",), ("post", "start")),
    "bonification": ((), ("post",)),
    "fin_subvention": (("start",), ("post",)),
    "partage": (("parts", "key"), ("post", "start", "rate", "amount", "unit_price", "vehicle")),
    "smic": (("rate",), ("start", "yearly")),
    "point": (("rate",), ("start", "yearly")),
    "valeur_legale": (("parameter", "start", "value"), ()),
    "gel": (("parameter", "start"), ()),
}
#: The legal value that a change of a kind of its own moves.
MOVED: Mapping[str, str] = {"smic": "smic_mensuel", "point": "point_indice_annuel"}
#: Bases of a shared cost, of which a change states one.
BASES = ("rate", "amount", "unit_price")
#: Vehicles by which communes may pay for spending of fonctionnement, with an account known.
SHARING_VEHICLES = (
    "mise_a_disposition",
    "service_commun",
    "remboursement",
    "attribution_compensation",
    "participation",
)
_FATES = frozenset({"arret", "non_renouvellement", "maintien", "titularisation"})
_ENDS = frozenset({"arret", "non_renouvellement"})
_ONCE = frozenset({"fin_subvention", "bonification", "remplacement", "recrutement"})


def check_scenarios(root: Node[Dossier], law: Law, report: Report) -> None:
    """Add to a report every fault of the scenarios of a case.

    Parameters
    ----------
    root : Node
        The case, sound or not.
    law : Law
        The legal tables as shipped.
    report : Report
    """
    names: set[str] = set()
    scenarios = root.all("scenarios", Scenario)
    if len(scenarios) > MOST_SCENARIOS:
        path = scenarios[MOST_SCENARIOS].path
        report.add(path, "scenarios_many", count=len(scenarios), most=MOST_SCENARIOS)
    posts = [p.record.code for p in root.all("posts", Post) if p.sound("code")]
    for node in scenarios:
        if node.sound("name"):
            name = node.record.name
            if name.casefold() in names:
                report.add(node.at("name"), "scenario_twice", name=name)
            names.add(name.casefold())
            if name.casefold() in {tr("scenarios.base", lang).casefold() for lang in LANGUAGES}:
                report.add(node.at("name"), "scenario_reserved", name=name)
        changes = node.all("changes", Change)
        if not changes and node.sound("changes"):
            report.add(node.path, "scenario_empty", name=node.record.name if node.sound("name") else "?")
        for change in changes:
            _check_change(change, posts, law, report)
        _check_contradictions([c for c in changes if c.sound("kind", "post", "start")], posts, report)


def _check_change(node: Node[Change], posts: Sequence[str], law: Law, report: Report) -> None:
    change = node.record
    if node.sound("post") and change.post is not None and posts and change.post not in posts:
        report.add(
            node.at("post"),
            "change_post",
            remedy=meant(change.post, posts, report.lang),
            code=change.post,
            codes=", ".join(posts),
        )
    if not node.sound("kind"):
        return
    needed, taken = FIELDS[change.kind]
    given = set(_given(change)) | set(node.bad)
    for name in needed:
        if name not in given:
            report.add(node.path, "change_needs", kind=change.kind, key=_key(name))
    for name in _given(change):
        if name not in (*needed, *taken, "kind", "source"):
            keys = ", ".join(map(_key, (*needed, *taken)))
            report.add(node.at(name), "change_unused", kind=change.kind, key=_key(name), keys=keys)
    if change.parameter is not None and change.parameter not in law.tables:
        report.add(
            node.at("parameter"),
            "unknown_parameter",
            remedy=meant(change.parameter, law.tables, report.lang),
            parameter=change.parameter,
        )
    if change.kind == "recrutement" and change.index is not None and change.grade is not None:
        report.add(node.at("index"), "change_index_and_grade")
    if change.kind == "partage":
        _check_sharing(node, report)


def _check_sharing(node: Node[Change], report: Report) -> None:
    change = node.record
    if node.sound(*BASES):
        stated = [b for b in BASES if getattr(change, b) is not None]
        if len(stated) != 1:
            report.add(node.path, "share_base", keys=", ".join(map(_key, BASES)))
    if node.sound("parts") and change.parts and sum(change.parts.values()) <= 0:
        report.add(node.at("parts"), "share_no_weight")
    if change.key == "egal" and change.unit_price is not None:
        report.add(node.at("unit_price"), "share_unit_equal")
    if change.vehicle is not None and change.vehicle not in SHARING_VEHICLES:
        report.add(node.at("vehicle"), "share_vehicle", words=", ".join(SHARING_VEHICLES))


def _given(change: Change) -> Iterable[str]:
    """Return the fields of a change that say something."""
    fields = Change.model_fields
    return [n for n in fields if getattr(change, n) != fields[n].get_default(call_default_factory=True)]


def _key(name: str) -> str:
    return key_of(Change, name)


# --- contradictions ----------------------------------------------------------------------------------


def _check_contradictions(changes: Sequence[Node[Change]], posts: Sequence[str], report: Report) -> None:
    """Tell each pair of changes that cannot both be made, at the later of the two."""
    for rank, later in enumerate(changes):
        for number, earlier in enumerate(changes[:rank], start=1):
            reason = _clash(earlier.record, later.record)
            if reason:
                where = later.at("kind")
                shared = _both(earlier.record, later.record, posts)
                report.add(where, reason, first=number, second=rank + 1, post=shared)
                break


def _both(first: Change, second: Change, posts: Sequence[str]) -> str:
    named = first.post or second.post
    return named or ", ".join(posts)


def _clash(first: Change, second: Change) -> str:
    """Return why two changes of one scenario contradict each other, "" if they do not."""
    parameters = [c.parameter or MOVED.get(c.kind) for c in (first, second)]
    if parameters[0] is not None and parameters[0] == parameters[1]:
        if "gel" in (first.kind, second.kind) or first.start == second.start:
            return "clash_law"
        return ""
    if first.post is not None and second.post is not None and first.post != second.post:
        return ""
    kinds = {first.kind, second.kind}
    if kinds <= _FATES:
        return "clash_fate"
    if kinds & _ENDS and kinds & {"remplacement", "recrutement"}:
        return "clash_after_end"
    if kinds & _ENDS and any(c.kind == "temps_de_travail" and c.start is None for c in (first, second)):
        return "clash_after_end"
    same = first.kind == second.kind
    if same and first.kind in _ONCE:
        return "clash_twice"
    if same and first.kind in ("temps_de_travail", "indice", "psc") and first.start == second.start:
        return "clash_twice"
    return ""
