"""The books of a dossier from the command line: ``conseiller books add | status | undo | export``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conseiller.cli import CaseArgument, LangOption, _bullets, _Lang, _load
from conseiller.cli_words import App, Group
from conseiller.errors import Fault, InputFaults, fault
from conseiller.messages import Lang, tr

if TYPE_CHECKING:
    from conseiller.ledger.columns import Ambiguity, ColumnMap, Question
    from conseiller.ledger.reading import Reading
    from conseiller.ledger.store import Ledger


class _Books(Group):
    """The commands of the books: their faults say that the ledger is as it was."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except InputFaults as wrong:
            raise InputFaults(wrong.faults, wrong.lang, "booked") from wrong


books = App(
    cls=_Books,
    help=tr("books.cli.help.app"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FICHIER…", help=tr("books.cli.help.files"))]
YesOption = Annotated[bool, typer.Option("--oui", "-o", help=tr("books.cli.help.yes"))]
MapOption = Annotated[Path | None, typer.Option("--colonnes", help=tr("books.cli.help.map"))]
ChoiceOption = Annotated[list[str] | None, typer.Option("--choix", help=tr("books.cli.help.choice"))]
CentsOption = Annotated[bool, typer.Option("--centimes", help=tr("books.cli.help.cents"))]


@books.command(help=tr("books.cli.help.add"))
def add(
    dossier: CaseArgument,
    files: FilesArgument,
    yes: YesOption = False,
    columns: MapOption = None,
    choices: ChoiceOption = None,
    cents: CentsOption = False,
    lang: LangOption = _Lang.fr,
) -> None:
    """Read files, show what was understood, and add them to the ledger: all of them, or none."""
    from conseiller.ledger import describe, maps
    from conseiller.ledger.columns import load_map
    from conseiller.ledger.store import Ledger, folder_of

    code = lang.code
    _load(dossier, code)
    folder = folder_of(dossier)
    given = load_map(columns, code) if columns else None
    answers = dict(choice.partition("=")[::2] for choice in choices or ())
    asking = _Asking(folder, given, maps.saved(folder, code), yes, cents, answers, code)
    readings: list[Reading] = []
    faults: list[Fault] = []
    for file in files:
        try:
            readings.append(asking.read(file))
        except InputFaults as wrong:
            faults += wrong.faults
    if faults:
        raise InputFaults(faults, code)
    with Ledger(dossier, code) as ledger:
        for reading in readings:
            print("\n".join([*describe.reading(reading, code), ""]))
        _bullets("books.cli.idle", asking.idle, code)
        asking.confirm()
        for outcome in ledger.add(*readings):
            print("\n".join(describe.outcome(outcome, code)))
        for column_map in asking.new:
            print(tr("books.cli.map_kept", code, file=maps.keep(column_map, folder, code)))
        _totals(ledger, code)


@books.command(help=tr("books.cli.help.status"))
def status(dossier: CaseArgument, lang: LangOption = _Lang.fr) -> None:
    """Print what was added, what stands, and every total that does not agree."""
    from conseiller.ledger import describe
    from conseiller.ledger.store import Ledger

    code = lang.code
    _load(dossier, code)
    with Ledger(dossier, code) as ledger:
        added = ledger.additions()
        if not added:
            print(tr("books.cli.empty", code))
            return
        print("\n".join(describe.additions(added, code)))
        _totals(ledger, code)
        wrong = describe.disagreements(ledger.controls(), code, lambda: [ledger.lines()])
        _bullets("books.cli.disagree", wrong, code)
        _bullets("books.cli.twins", describe.twins(ledger.twins(), code), code)


@books.command(help=tr("books.cli.help.undo"))
def undo(
    dossier: CaseArgument,
    number: Annotated[int | None, typer.Argument(metavar="N", help=tr("books.cli.help.number"))] = None,
    lang: LangOption = _Lang.fr,
) -> None:
    """Take an addition out; what it had replaced stands again."""
    from conseiller.ledger.store import Ledger

    code = lang.code
    _load(dossier, code)
    with Ledger(dossier, code) as ledger:
        undone = ledger.undo(number)
        print(tr("books.cli.undone", code, number=undone.number, file=undone.file))
        _totals(ledger, code)


@books.command(help=tr("books.cli.help.export"))
def export(
    dossier: CaseArgument,
    out: Annotated[Path | None, typer.Option("--out", help=tr("books.cli.help.out"))] = None,
    lang: LangOption = _Lang.fr,
) -> None:
    """Write what stands: CSV for a spreadsheet, JSON for everything."""
    from conseiller.files import replacing
    from conseiller.ledger.store import Ledger, folder_of

    code = lang.code
    _load(dossier, code)
    target = out or folder_of(dossier) / "grand-livre.csv"
    if target.suffix.lower() not in {".csv", ".json"}:
        suffix = target.suffix or target.name
        raise InputFaults([fault("books.fault.export_kind", str(target), code, suffix=suffix)], code)
    with Ledger(dossier, code) as ledger:
        content = ledger.export("csv" if target.suffix.lower() == ".csv" else "json")
    with replacing(target) as temporary:
        temporary.write_bytes(content)
    print(tr("books.cli.exported", code, file=target))


def _totals(ledger: Ledger, lang: Lang) -> None:
    from conseiller.ledger import describe

    print("\n".join(["", *describe.totals(ledger.sums(), ledger.voted(), lang)]))


def _interactive() -> bool:
    """Whether somebody can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class _Asking:
    """Reads files with the maps of the dossier, and asks only what no map and no file can tell.

    Parameters
    ----------
    folder : Path
        Folder of the books.
    given : ColumnMap or None
        The map to use for every table, whatever the dossier keeps.
    known : sequence of ColumnMap
        Maps already confirmed.
    yes : bool
        Take a map guessed without doubt as confirmed.
    cents : bool
        Whether open data holds cents.
    answers : mapping of str to str
        Answers given beforehand, by what is asked.
    lang : {"fr", "en"}
    """

    def __init__(
        self,
        folder: Path,
        given: ColumnMap | None,
        known: Sequence[ColumnMap],
        yes: bool,
        cents: bool,
        answers: Mapping[str, str],
        lang: Lang,
    ) -> None:
        self.folder, self.given, self.known, self.yes = folder, given, list(known), yes
        self.cents, self.answers, self.lang = cents, answers, lang
        self._asked: set[str] = set()
        self.new: list[ColumnMap] = []

    def read(self, file: Path) -> Reading:
        """Read one file.

        Raises
        ------
        InputFaults
            When it cannot be read, or holds a doubt that nobody is there to settle.
        """
        from conseiller.ledger import recognise

        if recognise.recognise(file, self.lang) == "table":
            return self._table(file)
        return recognise.read(file, self.lang, in_cents=self.cents)

    def _table(self, file: Path) -> Reading:
        from conseiller.ledger import maps, table
        from conseiller.ledger.columns import Ambiguity
        from conseiller.ledger.sheets import open_book

        book = open_book(file, self.lang)
        column_map = self.given or maps.fitting(book, self.known)
        fresh = column_map is None
        if column_map is None:
            guessed = table.propose(file, self.lang, book)
            column_map = guessed.column_map
            if guessed.questions:
                column_map = self._settle(Ambiguity(file, guessed.questions, column_map, self.lang))
        while True:
            salt = maps.secret(self.folder, self.lang) if "payroll" in column_map.columns else b""
            try:
                reading = table.read(file, self.lang, column_map, salt, book)
            except Ambiguity as doubt:
                column_map, fresh = self._settle(doubt), True
                continue
            if fresh:
                self._take(file, column_map)
            return reading

    def _settle(self, doubt: Ambiguity) -> ColumnMap:
        """Settle each question of a doubt: as answered beforehand, else by asking.

        Raises
        ------
        InputFaults
            With every question that nobody is there to answer.
        """
        column_map = doubt.column_map
        left: list[Fault] = []
        for question, said in zip(doubt.questions, doubt.faults, strict=True):
            self._asked.add(question.about)
            answer = self.answers.get(question.about, "")
            if answer not in question.choices:
                if not _interactive():
                    values = {"about": question.about, "choice": question.choices[-1]}
                    remedy = f"{said.remedy} {tr('books.cli.or_choice', self.lang, **values)}"
                    left.append(replace(said, remedy=remedy))
                    continue
                print(f"{said.where}\n{said.message}")
                answer = self._choice(question)
            column_map = column_map.with_answer(question, answer)
        if left:
            raise InputFaults(left, self.lang)
        return column_map

    @property
    def idle(self) -> list[str]:
        """Answers given beforehand to what was not asked."""
        return [f"{about}={answer}" for about, answer in self.answers.items() if about not in self._asked]

    def _choice(self, question: Question) -> str:
        for number, choice in enumerate(question.choices, start=1):
            print(f"  {number}. {self._said(choice)}")
        numbers = {str(n): choice for n, choice in enumerate(question.choices, start=1)}
        while True:
            answer = str(typer.prompt(tr("books.cli.which", self.lang))).strip()
            if answer in numbers or answer in question.choices:
                return numbers.get(answer, answer)

    def _said(self, choice: str) -> str:
        known = {"cost", "funding", "debit", "credit", ",", ".", "*"}
        names = {",": "comma", ".": "point", "*": "every_sheet"}
        return tr(f"books.cli.choice.{names.get(choice, choice)}", self.lang) if choice in known else choice

    def _take(self, file: Path, column_map: ColumnMap) -> None:
        """Show a new map; keep it for the files that follow, and for later if it is confirmed."""
        print(tr("books.cli.understood", self.lang, file=file.name))
        for name, heading in column_map.described(self.lang):
            print(f"  {name} ← {heading}")
        print()
        self.known.append(column_map)
        self.new.append(column_map)

    def confirm(self) -> None:
        """Ask once whether the new maps are right.

        Raises
        ------
        InputFaults
            When nobody is there to confirm, and it was not said beforehand; or when they are wrong.
        """
        from conseiller.ledger import maps

        if not self.new or self.yes:
            return
        if not _interactive():
            raise self._refused("map_unconfirmed", self.folder)
        if not typer.confirm(tr("books.cli.confirm", self.lang), default=True):
            kept = [maps.keep(column_map, self.folder, self.lang) for column_map in self.new]
            raise self._refused("map_wrong", kept[0])

    def _refused(self, code: str, where: Path) -> InputFaults:
        return InputFaults([fault(f"books.fault.{code}", str(where), self.lang)], self.lang)
