"""The command line: ``conseiller new | check | report | explain | compare | simulate | books | track | …``.

Start-up is instant: pandas and matplotlib are imported by the commands that
need them, never to print help or the faults of an input.
"""

from __future__ import annotations

import re
import shlex
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from conseiller.cli_words import App
from conseiller.errors import InputFaults
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.analysis.tracking import Tracking
    from conseiller.dossier import Dossier
    from conseiller.projection import Projection

app = App(
    name="conseiller",
    help=tr("cli.help.app"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from conseiller import __version__

        print(f"conseiller {__version__}")
        raise typer.Exit


@app.callback(help=tr("cli.help.app"))
def program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help=tr("cli.help.version"))
    ] = False,
) -> None:
    """Take what is asked of the program itself."""


class _Lang(StrEnum):
    """Language of the output."""

    fr = "fr"
    en = "en"

    @property
    def code(self) -> Lang:
        return "en" if self is _Lang.en else "fr"


CaseArgument = Annotated[Path, typer.Argument(metavar="DOSSIER", help=tr("cli.help.dossier"))]
LangOption = Annotated[_Lang, typer.Option("--lang", help=tr("cli.help.lang"))]
DateOption = Annotated[str | None, typer.Option("--date", help=tr("cli.help.date"))]


#: Status of a command that the keyboard interrupts (Ctrl-C).
_INTERRUPTED = 130


def main() -> None:
    """Run the command line; input faults end with status 2, and one clear message each."""
    from conseiller import cli_portfolio, cli_simulation
    from conseiller.cli_books import books
    from conseiller.cli_tracking import mount
    from conseiller.files import FileInUseError

    app.add_typer(books, name="books")
    mount(app)
    cli_portfolio.mount(app)
    cli_simulation.mount(app)
    try:
        app()
    except InputFaults as faults:
        _fail(str(faults))
    except FileInUseError as busy:
        _fail(tr("cli.busy", file=busy.filename))
    except (FileExistsError, NotADirectoryError) as taken:
        _fail(tr("cli.not_folder", file=taken.filename))
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            print(tr("cli.interrupted"), file=sys.stderr)
        raise


def _fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise SystemExit(2)


def _day(text: str | None, lang: Lang) -> date | None:
    if text is None:
        return None
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip())
    try:
        return date(*(int(part) for part in french.groups()[::-1])) if french else date.fromisoformat(text)
    except ValueError:
        _fail(tr("cli.bad_date", lang, text=text))


def _folder(out: Path | None, lang: Lang) -> None:
    """Refuse a folder to write into that is a file, or where nothing can be written, before any work."""
    if out is None:
        return
    if out.is_file():
        _fail(tr("cli.not_folder", lang, file=out))
    from tempfile import TemporaryDirectory

    there = next(p for p in (out, *out.absolute().parents) if p.exists())
    try:
        with TemporaryDirectory(dir=there):  # leaves nothing behind
            pass
    except OSError:
        _fail(tr("cli.not_writable", lang, file=out, folder=there))


def _load(path: Path, lang: Lang, day: date | None = None) -> Dossier:
    """Load a dossier; a date of the report asked for goes before its own."""
    from conseiller.dossier import load

    case = load(path, lang)
    if day is None:
        return case
    return case.model_copy(update={"period": case.period.model_copy(update={"report_date": day})})


def _project(path: Path, lang: Lang, day: date | None) -> Projection:
    from conseiller.projection import project

    return project(_load(path, lang, day))


@app.command(help=tr("cli.help.new"))
def new(
    target: Annotated[Path, typer.Argument(metavar="CIBLE", help=tr("cli.help.target"))],
    posts: Annotated[int, typer.Option("--posts", min=1, max=10, help=tr("cli.help.posts"))] = 2,
    lang: LangOption = _Lang.fr,
) -> None:
    """Write an empty dossier: an Excel form, or a folder with a TOML file."""
    code = lang.code
    if target.suffix and target.suffix.lower() != ".xlsx":
        _fail(tr("cli.new_kind", code, target=target))
    file = target if target.suffix else target / "dossier.toml"
    if file.exists():
        _fail(tr("cli.new_exists", code, file=file))
    if target.suffix:
        from conseiller.workbook import write_form

        write_form(target, posts, code)
    else:
        from conseiller.dossier.blank import write_blank

        write_blank(file, code)
    print(tr("cli.new_done", code, file=file, given=shlex.quote(str(target))))


@app.command(help=tr("cli.help.check"))
def check(dossier: CaseArgument, lang: LangOption = _Lang.fr) -> None:
    """Check a dossier: every fault at once, with its place and its remedy."""
    case = _load(dossier, lang.code)
    from conseiller.analysis.to_know import failing
    from conseiller.analysis.wording import plural
    from conseiller.projection import project

    plan = project(case)
    print(plural("cli.check_done", len(case.posts), lang.code, name=case.authority.name))
    if not failing(plan, lang.code):
        print(tr("cli.check_sound", lang.code))
    _tell(plan, lang.code)


@app.command(help=tr("cli.help.report"))
def report(
    dossier: CaseArgument,
    out: Annotated[Path | None, typer.Option("--out", help=tr("cli.help.out"))] = None,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Write the workbook and the charts, and print the table by exercice."""
    _folder(out, lang.code)
    from conseiller.report import write_report

    plan = _project(dossier, lang.code, _day(day, lang.code))
    name = _name_of(dossier)
    folder = out or Path("reports") / name
    books = _books(dossier, plan, lang.code)
    files = write_report(plan, folder, name, lang.code, books)
    print("\n".join(_table(plan, lang.code)))
    _tell(plan, lang.code)
    if books is not None:
        print(f"\n{_books_told(books, lang.code)}")
    print(f"\n{tr('cli.files', lang.code)}")
    for file in files:
        print(f"  {file}")


def _books(dossier: Path, plan: Projection, lang: Lang) -> Tracking | None:
    """Return the books beside a dossier, None where there are none."""
    from conseiller.analysis.tracking.books import books_of

    return books_of(dossier, plan, lang)


def _books_told(tracking: Tracking, lang: Lang) -> str:
    """Say that books stand in the workbook, how many lines, up to when, and how many are not tied."""
    from conseiller.text import month_long, number

    until = month_long(tracking.until, lang) if tracking.until else tr("tracking.shown.nothing", lang)
    left = len(tracking.unattached)
    lines = tracking.attached.lines["origin"].nunique() + left + len(tracking.attached.aside)
    values = {"count": number(lines, lang), "until": until, "left": number(left, lang)}
    return tr("cli.books", lang, **values)


@app.command(help=tr("cli.help.brief"))
def brief(
    dossier: CaseArgument,
    out: Annotated[Path | None, typer.Option("--out", help=tr("cli.help.out"))] = None,
    template_dir: Annotated[
        Path | None, typer.Option("--template-dir", help=tr("cli.help.templates"))
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonyme/--nominatif", help=tr("cli.help.anonymous"))] = True,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Write the board pack: note, draft délibération, slides, annex."""
    _folder(out, lang.code)
    try:
        from conseiller.brief.pack import write_pack
    except ImportError as missing:
        _fail(tr("cli.brief_extra", lang.code, module=missing.name or ""))
    plan = _project(dossier, lang.code, _day(day, lang.code))
    folder = out or Path("reports") / _name_of(dossier) / "conseil"
    files = write_pack(
        plan, folder, lang.code, template_dir, anonymous, tracking=_tracked(dossier, plan, lang.code)
    )
    print(tr("cli.files", lang.code))
    for file in files:
        print(f"  {file}")
    print(f"\n{tr('cli.brief_discreet' if anonymous else 'cli.brief_named', lang.code)}")


def _tracked(dossier: Path, plan: Projection, lang: Lang) -> Tracking | None:
    """Return a plan against the books kept with its dossier, None when it has none."""
    from conseiller.ledger.store import FILE, folder_of

    if not (folder_of(dossier) / FILE).exists():
        return None
    from conseiller.analysis.tracking import follow

    return follow(dossier, plan=plan, lang=lang)


@app.command("app", help=tr("cli.help.app_page"))
def page(
    dossier: CaseArgument,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help=tr("cli.help.port"))] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help=tr("cli.help.browser"))] = True,
    lang: LangOption = _Lang.fr,
) -> None:
    """Serve the interactive page on this machine only."""
    _load(dossier, lang.code)
    try:
        from conseiller.app import serve
    except ImportError as missing:
        _fail(tr("cli.app_extra", lang.code, module=missing.name or ""))
    serve(dossier, port, browser, lang.code)


@app.command(help=tr("cli.help.explain"))
def explain(
    dossier: CaseArgument,
    line: Annotated[str, typer.Option("--line", help=tr("cli.help.line"))],
    month: Annotated[str | None, typer.Option("--month", help=tr("cli.help.month"))] = None,
    period: Annotated[str | None, typer.Option("--period", help=tr("cli.help.period"))] = None,
    post: Annotated[str | None, typer.Option("--post", help=tr("cli.help.post"))] = None,
    complete: Annotated[bool, typer.Option("--complete", help=tr("cli.help.complete"))] = False,
    lang: LangOption = _Lang.fr,
    day: DateOption = None,
) -> None:
    """Explain a figure down to the dossier and the law."""
    from conseiller.explain import ExplainError

    when = month or period
    if when is None or (month and not re.fullmatch(r"\d{4}-\d{2}", month)):
        _fail(tr("cli.explain_when", lang.code, text=when or ""))
    plan = _project(dossier, lang.code, _day(day, lang.code))
    try:
        explanation = plan.explain(post, when, line, lang.code)
    except ExplainError as error:
        _fail(str(error))
    print("\n".join(explanation.lines(complete)))


@app.command(help=tr("cli.help.law"))
def law(
    at: Annotated[str | None, typer.Option("--at", help=tr("cli.help.at"))] = None,
    find: Annotated[str | None, typer.Option("--find", help=tr("cli.help.find"))] = None,
    lang: LangOption = _Lang.fr,
) -> None:
    """Print every legal value in force in a month, with its source."""
    from conseiller.law import LawError, load_law
    from conseiller.text import date_long, date_short, joined, legal_value

    code = lang.code
    day = _month(at, code)
    tables = list(load_law().tables.values())
    if find:
        tables = [t for t in tables if find.lower() in f"{t.parameter} {t.label[code]}".lower()]
        if not tables:
            _fail(tr("cli.law_unknown", code, word=find))
    print(tr("cli.law_title", code, date=date_long(day, code)))
    hidden = 0
    for table in tables:
        if not find and table.parameter.startswith("grille_"):
            hidden += 1
            continue
        try:
            entry = table.at(day)
        except LawError:
            print(f"\n{table.label[code]} – {tr('cli.law_none', code)}  ({table.parameter})")
            continue
        value = legal_value(entry.value, table.unit, code)
        told = tr("common.labelled", code, name=table.label[code], words=value)
        print(f"\n{told}  ({table.parameter})")
        marks = [tr(f"workbook.certainty.{entry.certainty}", code)]
        if entry.planned:
            marks.append(tr("workbook.state.planned", code))
        since = tr("cli.law_since", code, date=date_short(entry.start, code))
        checked = tr("cli.law_checked", code, date=date_short(table.checked_until, code))
        print(f"  {joined((since, entry.reference, ', '.join(marks), checked), code)}")
        if entry.link:
            print(f"  {entry.link}")
    if hidden:
        print(f"\n{tr('cli.law_grids', code, count=hidden)}")


def _month(text: str | None, lang: Lang) -> date:
    if text is None:
        return date.today().replace(day=1)
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        pass
    _fail(tr("cli.bad_month", lang, text=text))


def _name_of(path: Path) -> str:
    """Return the name of a case: that of its folder, or of its file."""
    resolved = path.resolve()
    name = resolved.parent.name if resolved.name == "dossier.toml" else resolved.stem
    return name or "dossier"


def _table(plan: Projection, lang: Lang) -> list[str]:
    """Return the table by exercice as lines of text: fonctionnement, then investissement."""
    from conseiller.text import money, percent

    years = plan.by("exercice")
    equipment = plan.by("exercice", section="investissement")
    rows: list[list[str]] = []
    for year in [*years.index, None]:
        f = years.loc[year] if year else years.sum()
        i = equipment.loc[year] if year else equipment.sum()
        share = (f["cost"] - f["net_cost"]) / f["cost"] if f["cost"] else 0.0
        amounts = [f[k] for k in ("cost", "grant", "other_funding", "net_cost")]
        label = str(year) if year else tr("workbook.total", lang)
        rows.append([label, *(money(float(a), lang) for a in amounts), percent(float(share), 1, lang)])
        rows[-1].append(money(float(i["net_cost"]), lang))
    heads = [
        tr(f"cli.column.{k}", lang) for k in ("year", "cost", "grant", "other", "net", "share", "equipment")
    ]
    widths = [max(len(r[k]) for r in [heads, *rows]) for k in range(len(heads))]
    lines = [plan.dossier.authority.name, tr("cli.table_note", lang), ""]
    for row in [heads, *rows]:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells))
    return lines


def _tell(plan: Projection, lang: Lang) -> None:
    """Print what is to know of a sound case: the same when it is checked and when it is reported."""
    from conseiller.analysis.to_know import to_know
    from conseiller.cli_scenarios import impossible

    _bullets("cli.to_know", [*to_know(plan, lang), *impossible(plan.dossier, lang)], lang)


def _bullets(title: str, sentences: list[str], lang: Lang) -> None:
    import textwrap

    if not sentences:
        return
    print(f"\n{tr(title, lang)}")
    for sentence in sentences:
        print(textwrap.fill(sentence, 100, initial_indent="  – ", subsequent_indent="    "))


# Commands that live beside this module: each adds itself to `app`.
from conseiller import cli_scenarios  # noqa: E402, F401
