"""The command ``conseiller compare``: scenarios side by side, the decision table, what moves the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from conseiller.cli import CaseArgument, DateOption, LangOption, _day, _Lang, _load, app
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.dossier import Dossier


@app.command(help=tr("cli.help.compare"))
def compare(
    dossier: CaseArgument,
    scenario: Annotated[list[str] | None, typer.Option("--scenario", help=tr("cli.help.scenario"))] = None,
    detail: Annotated[bool, typer.Option("--detail", help=tr("cli.help.detail"))] = False,
    decision: Annotated[bool, typer.Option("--decision", help=tr("cli.help.decision"))] = False,
    sensitivity: Annotated[bool, typer.Option("--sensibilite", help=tr("cli.help.sensitivity"))] = False,
    post: Annotated[str | None, typer.Option("--post", help=tr("cli.help.decision_post"))] = None,
    names: Annotated[bool, typer.Option("--list", help=tr("cli.help.list"))] = False,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Compare a dossier with scenarios, year by year, and explain the differences."""
    case = _load(dossier, lang.code, _day(day, lang.code))
    if names:
        print("\n".join(_names(case, lang.code)))
        return
    from conseiller.analysis.compare import compare as compared
    from conseiller.display import as_text

    wanted = tuple(scenario or ())
    tables = [as_text(compared(case, *wanted, lang=lang.code), lang.code, detail=detail)]
    if decision or post is not None:
        from conseiller.analysis.decision_table import decide

        tables.append(as_text(decide(case, post=post, lang=lang.code), lang.code))
    if sensitivity:
        from conseiller.analysis.sensitivity import sensitivity as moved

        tables.append(as_text(moved(case), lang.code))
    print("\n\n".join(tables))


def impossible(case: Dossier, lang: Lang) -> list[str]:
    """Say which scenarios of a case it does not allow, and why."""
    from conseiller.errors import InputFaults

    found = []
    for scenario in case.scenarios:
        try:
            case.with_(scenario, lang=lang)
        except InputFaults as faults:
            reason = " ".join(f.message for f in faults.faults)
            found.append(tr("scenarios.compare.refused", lang, name=scenario.name, reason=reason))
    return found


def _names(case: Dossier, lang: Lang) -> list[str]:
    """Return the names of the scenarios of a case, then the ready ones as they are typed."""
    from conseiller.scenario import READY
    from conseiller.scenario_display import variant_name

    own = [f"  {s.name}" for s in case.scenarios] or [f"  {tr('scenarios.list.none', lang)}"]
    typed = {
        name: name if ready.value == "none" else tr(f"scenarios.list.value_{ready.value}", lang, name=name)
        for name, ready in READY.items()
    }
    width = max(map(len, typed.values()))
    ready_lines = [f"  {text.ljust(width)}  {variant_name(name, lang)}" for name, text in typed.items()]
    return [tr("scenarios.list.own", lang), *own, tr("scenarios.list.ready", lang), *ready_lines]
