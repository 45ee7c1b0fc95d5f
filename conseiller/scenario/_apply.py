"""A case changed by a scenario: names resolved, every fault told at once, the changed case checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from conseiller.dossier import schema
from conseiller.dossier.check import dotted, examine
from conseiller.dossier.report import Path, Report
from conseiller.dossier.schema_faults import meant
from conseiller.errors import Fault, InputFaults, fault
from conseiller.law import Law, load_law
from conseiller.messages import Lang, tr
from conseiller.scenario._case import Case, Impossible
from conseiller.scenario._changes import make
from conseiller.scenario._ready import READY, ready

Wanted = schema.Change | schema.Scenario | str


def scenario_of(
    dossier: schema.Dossier, wanted: Wanted | Sequence[Wanted], lang: Lang = "fr"
) -> schema.Scenario:
    """Return a scenario out of a change, a scenario, a name, or several of them made one after the other.

    Parameters
    ----------
    dossier : Dossier
        Whose own scenarios can be named.
    wanted : Change, Scenario, str, or sequence of them
        A name is that of a scenario of the dossier, or of a ready one with its value and post:
        ``"maintien"``, ``"smic=2%"``, ``"mi-temps:CN1"``; several are joined by ``+``.
    lang : {"fr", "en"}

    Raises
    ------
    InputFaults
        With every name that says nothing.
    """
    scenario, faults = _resolved(dossier, wanted, lang)
    _refuse(faults, lang)
    return scenario


def _resolved(
    dossier: schema.Dossier, wanted: Wanted | Sequence[Wanted], lang: Lang
) -> tuple[schema.Scenario, list[Fault]]:
    parts = [wanted] if isinstance(wanted, schema.Change | schema.Scenario | str) else list(wanted)
    changes: list[schema.Change] = []
    names: list[str] = []
    faults: list[Fault] = []
    for part in parts:
        if isinstance(part, schema.Change):
            changes.append(part)
            names.append(part.kind)
        elif isinstance(part, schema.Scenario):
            changes += part.changes
            names.append(part.name)
        else:
            found = _named(dossier, part, faults, lang)
            changes += found
            names.append(part.strip())
    name = " + ".join(names)[:60].strip() or "–"
    return schema.Scenario(name=name, changes=tuple(changes)), faults


def _named(dossier: schema.Dossier, text: str, faults: list[Fault], lang: Lang) -> tuple[schema.Change, ...]:
    own = {s.name.casefold(): s for s in dossier.scenarios}
    whole = own.get(text.strip().casefold())
    if whole is not None:
        return whole.changes
    changes: list[schema.Change] = []
    for word in text.split("+"):
        named = own.get(word.strip().casefold())
        if named is not None:
            changes += named.changes
            continue
        made = ready(word, lang)
        if isinstance(made, Fault):
            known = [s.name for s in dossier.scenarios] + list(READY)
            near = meant(word.strip(), known, lang) if made.code == "unknown" else None
            faults.append(Fault(made.message, made.where, near or made.remedy, made.code) if near else made)
        else:
            changes += made
    return tuple(changes)


def apply(
    dossier: schema.Dossier,
    *changes: Wanted,
    today: date | None = None,
    law: Law | None = None,
    lang: Lang = "fr",
) -> schema.Dossier:
    """Return a case changed by scenarios, one after the other; see `Dossier.with_`.

    Parameters
    ----------
    dossier : Dossier
    *changes : Change, Scenario or str
    today : date, optional
        Date of the report where the dossier states none.
    law : Law, optional
        Other legal tables than the package's.
    lang : {"fr", "en"}
        Language of the faults.

    Raises
    ------
    InputFaults
        With every reason why these changes cannot be made.
    """
    tables = law or load_law()
    scenario, faults = _resolved(dossier, list(changes), lang)
    _refuse([*faults, *_stated_faults(dossier, scenario, tables, lang)], lang)
    day = dossier.period.report_date or today or date.today()
    after = changed(Case(dossier, tables, day), scenario, lang).dossier
    _refuse(_outcome_faults(after, scenario.name, tables, lang), lang)
    return after


def changed(case: Case, scenario: schema.Scenario, lang: Lang = "fr") -> Case:
    """Return a case changed by a scenario known to be sound, without checking what comes of it.

    What communes share is computed last, on the changed case.

    Raises
    ------
    InputFaults
        With every change that the case does not allow.
    """
    faults: list[Fault] = []
    numbered = list(enumerate(scenario.changes))
    for rank, change in sorted(numbered, key=lambda pair: pair[1].kind == "partage"):
        try:
            case = make(case, change)
        except Impossible as reason:
            faults.append(_impossible(scenario.name, rank, reason, lang))
    _refuse(faults, lang)
    return case


def _impossible(name: str, rank: int, reason: Impossible, lang: Lang) -> Fault:
    shown = Report({}, lambda path: "", lang)
    values = {key: shown.show(value) for key, value in reason.values.items()}
    values.setdefault("post", "")
    where = tr("scenarios.where.change", lang, name=name, number=rank + 1)
    return fault(f"scenarios.fault.{reason.code}", where, lang, **values)


def _refuse(faults: Iterable[Fault], lang: Lang) -> None:
    found = list(faults)
    if found:
        raise InputFaults(found, lang)


def _stated_faults(
    dossier: schema.Dossier, scenario: schema.Scenario, law: Law, lang: Lang
) -> tuple[Fault, ...]:
    """Return the faults of a scenario as it is stated: fields, posts, contradictions."""
    only = dossier.model_copy(update={"scenarios": (scenario,)})

    def locate(path: Path) -> str:
        if path[:1] != ("scenarios",):
            return dotted(path)
        if len(path) < 4:
            return tr("scenarios.where.scenario", lang, name=scenario.name)
        number = int(path[3]) + 1
        if len(path) == 4:
            return tr("scenarios.where.change", lang, name=scenario.name, number=number)
        return tr("scenarios.where.field", lang, name=scenario.name, number=number, key=path[4])

    return examine(only.model_dump(by_alias=True, exclude_none=True, warnings=False), locate, law, lang)[
        1
    ].faults


def _outcome_faults(after: schema.Dossier, name: str, law: Law, lang: Lang) -> tuple[Fault, ...]:
    """Return the faults of a changed case, each placed under the scenario that makes it."""
    plain = after.model_copy(update={"scenarios": ()}).model_dump(by_alias=True, exclude_none=True)

    def locate(path: Path) -> str:
        return tr("scenarios.where.outcome", lang, name=name, place=dotted(path))

    return examine(plain, locate, law, lang)[1].faults
