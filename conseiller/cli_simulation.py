"""The command ``conseiller simulate``: what a plan may become, by exercice, and how likely a ceiling is passed."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conseiller.cli import CaseArgument, DateOption, LangOption, _bullets, _day, _folder, _Lang, _load
from conseiller.errors import Fault, InputFaults, fault
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.compiled.measures import Section
    from conseiller.display import Sheet
    from conseiller.dossier import Dossier
    from conseiller.projection import Projection
    from conseiller.simulation import Simulation

DrawsOption = Annotated[int, typer.Option("--draws", help=tr("simulation.cli.help.draws"))]
SeedOption = Annotated[int, typer.Option("--seed", help=tr("simulation.cli.help.seed"))]
CeilingOption = Annotated[list[str] | None, typer.Option("--ceiling", help=tr("simulation.cli.help.ceiling"))]
SpreadsOption = Annotated[Path | None, typer.Option("--spreads", help=tr("simulation.cli.help.spreads"))]
OutOption = Annotated[Path | None, typer.Option("--out", help=tr("simulation.cli.help.out"))]


class _Section(StrEnum):
    """Section of the budget that is drawn."""

    fonctionnement = "fonctionnement"
    investissement = "investissement"


SectionOption = Annotated[_Section, typer.Option("--section", help=tr("simulation.cli.help.section"))]
InitOption = Annotated[bool, typer.Option("--init", help=tr("simulation.cli.help.init"))]


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("simulate", help=tr("simulation.cli.help.simulate"))(simulate)


def simulate(
    dossier: CaseArgument,
    draws: DrawsOption = 1000,
    seed: SeedOption = 0,
    ceiling: CeilingOption = None,
    spreads: SpreadsOption = None,
    section: SectionOption = _Section.fonctionnement,
    out: OutOption = None,
    init: InitOption = False,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Print what the draws come to by exercice; write the fan, the table and the workbook where asked."""
    code = lang.code
    if init:
        print(tr("simulation.cli.started", code, file=_start(dossier, code)))
        return
    _folder(out, code)
    case = _load(dossier, code, _day(day, code))
    limits = _ceilings(ceiling or [], case, code)
    from conseiller.projection import Projection
    from conseiller.simulation.spreads import beside

    plan = Projection(case)
    file = spreads or (beside(dossier) if beside(dossier).exists() else None)
    simulation = _run(plan, file, draws, seed, section.value, code)
    _tell(simulation.sheet(code, limits or None), code)
    said = tr("simulation.cli.from_file", code, file=file) if file else tr("simulation.cli.guessed", code)
    print(f"\n{said}")
    if out:
        from conseiller.simulation.files import write_all

        print(f"\n{tr('cli.files', code)}")
        for written in write_all(simulation, out, limits or None, code):
            print(f"  {written}")


def _tell(shown: Sheet, lang: Lang) -> None:
    """Print the tables, then what was drawn and what to know, wrapped."""
    print(replace(shown, bullets=(), notes=()).text())
    _bullets("simulation.shown.drawn_title", list(shown.bullets), lang)
    _bullets("cli.to_know", list(shown.notes), lang)


def _start(dossier: Path, lang: Lang) -> Path:
    """Write the starting guesses beside a dossier; never over a file that is there."""
    from conseiller.files import replacing
    from conseiller.simulation.spreads import beside, starting

    file = beside(dossier)
    _load(dossier, lang)
    if file.exists():
        raise InputFaults([fault("simulation.fault.exists", str(file), lang)], lang)
    with replacing(file) as temporary:
        temporary.write_text(starting(lang), "utf-8")
    return file


def _run(
    plan: Projection, file: Path | None, draws: int, seed: int, section: Section, lang: Lang
) -> Simulation:
    """Draw, and say on a terminal how far it is."""
    from conseiller.progress import ProgressLine
    from conseiller.simulation.run import simulate as drawn
    from conseiller.text import number

    line = ProgressLine()

    def tell(done: int, of: int) -> None:
        if line.due:
            said = {"done": number(done, lang), "of": number(of, lang)}
            line.say(tr("simulation.cli.progress", lang, **said))

    try:
        return drawn(plan, file, draws=draws, seed=seed, section=section, lang=lang, progress=tell)
    finally:
        line.done()


def _ceilings(texts: list[str], case: Dossier, lang: Lang) -> dict[int, float]:
    """Read ``AMOUNT`` for every exercice, or ``YEAR=AMOUNT`` for one, which then prevails."""
    from conseiller.dossier.reading import as_number

    years = range(case.period.first, case.period.last + 1)
    general: dict[int, float] = {}
    own: dict[int, float] = {}
    faults: list[Fault] = []
    for text in texts:
        head, sign, rest = text.rpartition("=")
        amount = as_number(rest)
        whole = isinstance(amount, (int, float)) and abs(amount) < 1e12
        if not whole or (sign and not head.strip().isdigit()):
            faults.append(fault("simulation.fault.ceiling", f"--ceiling {text}", lang, text=text))
        elif not sign:
            if general:
                faults.append(
                    fault(
                        "simulation.fault.ceiling_twice",
                        f"--ceiling {text}",
                        lang,
                        year=f"{years[0]}-{years[-1]}",
                    )
                )
            general = dict.fromkeys(years, float(amount))
        elif int(head) not in years:
            values = {"text": text, "first": years[0], "last": years[-1]}
            faults.append(fault("simulation.fault.ceiling_year", f"--ceiling {text}", lang, **values))
        elif int(head) in own:
            faults.append(fault("simulation.fault.ceiling_twice", f"--ceiling {text}", lang, year=int(head)))
        else:
            own[int(head)] = float(amount)
    if faults:
        raise InputFaults(faults, lang)
    return general | own


__all__ = ["mount", "simulate"]
