"""Many posts from the command line: ``conseiller portfolio``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conseiller.cli import DateOption, LangOption, _day, _folder, _Lang, _name_of
from conseiller.errors import InputFaults, fault
from conseiller.messages import tr

PathArgument = Annotated[Path, typer.Argument(metavar="FICHIER", help=tr("portfolio.cli.help.path"))]
OutOption = Annotated[Path | None, typer.Option("--out", help=tr("portfolio.cli.help.out"))]
FirstOption = Annotated[
    int | None, typer.Option("--de", min=2021, max=2060, help=tr("portfolio.cli.help.first"))
]
LastOption = Annotated[
    int | None, typer.Option("--a", min=2021, max=2060, help=tr("portfolio.cli.help.last"))
]
DrawOption = Annotated[bool, typer.Option("--fictif", help=tr("portfolio.cli.help.draw"))]
SeedOption = Annotated[int, typer.Option("--graine", min=0, help=tr("portfolio.cli.help.seed"))]
CountOption = Annotated[
    int, typer.Option("--postes", min=1, max=100_000, help=tr("portfolio.cli.help.count"))
]


def mount(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("portfolio", help=tr("portfolio.cli.help.portfolio"))(portfolio)


def portfolio(
    path: PathArgument,
    out: OutOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    draw: DrawOption = False,
    seed: SeedOption = 2026,
    count: CountOption = 4000,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Print totals, ends of the grant and what is due; write the workbook, the tables and the charts."""
    code = lang.code
    _folder(out, code)
    today = _day(day, code)
    if first is not None and last is not None and first > last:
        raise InputFaults(
            [fault("portfolio.fault.option_years", "--de, --a", code, first=first, last=last)], code
        )
    if draw:
        from conseiller.portfolios.fictional import write

        if path.exists():
            raise InputFaults([fault("portfolio.fault.exists", str(path), code)], code)
        write(path, count, seed)
    from conseiller.portfolios import portfolio as read

    found = read(path, first=first, last=last, today=today, lang=code)
    print(found.sheet(code).text())
    from conseiller.portfolios.output import write_all

    folder = out or Path("reports") / _name_of(path) / "portefeuille"
    print(f"\n{tr('cli.files', code)}")
    for file in write_all(found, folder, code):
        print(f"  {file}")


__all__ = ["mount", "portfolio"]
