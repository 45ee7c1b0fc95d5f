"""Plan against books from the command line: ``conseiller track`` and ``conseiller calibrate``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conseiller.cli import (
    CaseArgument,
    DateOption,
    LangOption,
    _bullets,
    _day,
    _folder,
    _Lang,
    _load,
    _month,
)
from conseiller.errors import InputFaults, fault
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.dossier import Dossier

YearOption = Annotated[int | None, typer.Option("--exercice", help=tr("tracking.cli.help.exercice"))]
UntilOption = Annotated[str | None, typer.Option("--jusqu-a", help=tr("tracking.cli.help.until"))]
RealOption = Annotated[Path | None, typer.Option("--realite", help=tr("tracking.cli.help.real"))]
ThresholdOption = Annotated[float, typer.Option("--seuil", min=0, help=tr("tracking.cli.help.threshold"))]
OutOption = Annotated[Path | None, typer.Option("--out", help=tr("tracking.cli.help.out"))]
AmountOption = Annotated[list[str] | None, typer.Option("--montant", help=tr("tracking.cli.help.amount"))]
BooksOption = Annotated[bool, typer.Option("--livres", help=tr("tracking.cli.help.books"))]
AdoptOption = Annotated[Path | None, typer.Option("--reprendre", help=tr("tracking.cli.help.adopt"))]
ContractOption = Annotated[list[int] | None, typer.Option("--contrat", help=tr("tracking.cli.help.contract"))]
PayrollOption = Annotated[str | None, typer.Option("--matricule", help=tr("tracking.cli.help.payroll"))]
SourceOption = Annotated[str | None, typer.Option("--source", help=tr("tracking.cli.help.source"))]


def mount(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("track", help=tr("tracking.cli.help.track"))(track)
    app.command("calibrate", help=tr("tracking.cli.help.calibrate"))(calibrate)


def track(
    dossier: CaseArgument,
    exercice: YearOption = None,
    until: UntilOption = None,
    real: RealOption = None,
    threshold: ThresholdOption = 0.0,
    out: OutOption = None,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Print plan against books, why they differ, where the year lands and what is not tied yet."""
    code = lang.code
    _folder(out, code)
    at = _day(day, code)
    case = _load(dossier, code, at)
    updated = _load(real, code, at) if real else None
    month = _month(until, code) if until else None
    tracking = _tracking(dossier, case, updated, month, code)
    from conseiller.analysis.tracking import shown

    print(shown.sheet(tracking, code).text())
    year = exercice or _year(tracking)
    if year not in tracking.exercices:
        raise InputFaults([fault("tracking.fault.exercice", str(dossier), code, year=year)], code)
    print(f"\n{shown.lines_grid(tracking, year, code).text()}")
    for grid in (
        shown.balance_grid(tracking, code),
        shown.closing_grid(tracking, year, threshold, code),
        shown.unattached_grid(tracking, code),
    ):
        if grid.rows:
            print(f"\n{grid.text()}")
    late = tracking.agenda(lang=code)
    late = late[late["status"] == "missed"]
    _bullets(
        "tracking.cli.late",
        [shown.dated(row["date"], row["post"], row["label"], code) for row in late.to_dict("records")],
        code,
    )
    if out:
        from conseiller.analysis.tracking.files import write_tracking

        print(f"\n{tr('cli.files', code)}")
        for file in write_tracking(tracking, out, year, threshold, code):
            print(f"  {file}")


def calibrate(
    dossier: CaseArgument,
    month: Annotated[str, typer.Option("--month", help=tr("tracking.cli.help.month"))],
    post: Annotated[str, typer.Option("--post", help=tr("tracking.cli.help.post"))],
    amounts: AmountOption = None,
    books: BooksOption = False,
    contract: ContractOption = None,
    payroll: PayrollOption = None,
    adopt: AdoptOption = None,
    source: SourceOption = None,
    lang: LangOption = _Lang.fr,
) -> None:
    """Set a payslip against the model; name each gap, and write the dossier that takes them in."""
    code = lang.code
    case = _load(dossier, code)
    first = _month(month, code)
    payslip = _amounts(amounts or [], code)
    if adopt and adopt.exists():
        raise InputFaults([fault("tracking.fault.adopt_exists", str(adopt), code)], code)
    from conseiller.analysis.calibration import calibrate as compare
    from conseiller.analysis.calibration import pay_of, shown

    contracts = tuple(contract or ())
    if books:
        tracking = _tracking(dossier, case, None, None, code)
        number = _fingerprint(payroll, dossier, code) if payroll else ""
        booked = pay_of(tracking.attached, post, first, contracts, number, code)
        payslip, contracts = {**booked.amounts, **payslip}, booked.contracts
    elif payroll:
        raise InputFaults([fault("tracking.fault.calibrate_number", payroll, code)], code)
    found = compare(case, post, first, payslip, code, contracts=contracts)
    print(shown.sheet(found, code).text())
    if adopt:
        from conseiller.dossier import save

        said = source if source is None or source.startswith(("acte", "hypothèse")) else f"acte : {source}"
        print("\n" + tr("tracking.cli.adopted", code, file=save(found.adopt(source=said), adopt, code)))


def _fingerprint(payroll: str, dossier: Path, lang: Lang) -> str:
    """Return a payroll number as the books keep it; a word that is none's where they keep no number."""
    from conseiller.ledger.identity import hashed
    from conseiller.ledger.maps import SECRET, secret
    from conseiller.ledger.store import folder_of

    folder = folder_of(dossier)
    return hashed(payroll, secret(folder, lang)) if (folder / SECRET).exists() else "?"


def _tracking(path: Path, case: Dossier, real: Dossier | None, until: date | None, lang: Lang) -> Tracking:
    from conseiller.ledger.store import Ledger

    with Ledger(path, lang) as ledger:
        empty = not len(ledger.lines())
    if empty:
        raise InputFaults([fault("tracking.fault.no_books", str(path), lang, dossier=path)], lang)
    from conseiller.analysis.tracking import follow
    from conseiller.projection import Projection

    return follow(path, plan=Projection(case), real=real, until=until, lang=lang)


def _year(tracking: Tracking) -> int:
    """Return the exercice shown: that of the last mandats, else of the report, within those followed."""
    year = tracking.until.year if tracking.until else tracking.plan.report_date.year
    return min(max(year, tracking.exercices[0]), tracking.exercices[-1])


def _amounts(texts: Sequence[str], lang: Lang) -> dict[str, float]:
    """Read ``LINE=AMOUNT``, French numbers understood."""
    from conseiller.dossier.reading import as_number

    found: dict[str, float] = {}
    faults = []
    for text in texts:
        key, sign, amount = text.partition("=")
        value = as_number(amount)
        if not sign or not key.strip() or not isinstance(value, (int, float)):
            faults.append(fault("tracking.fault.calibrate_amount", text, lang, text=text))
        else:
            found[key.strip()] = float(value)
    if faults:
        raise InputFaults(faults, lang)
    return found


__all__ = ["calibrate", "mount", "track"]
