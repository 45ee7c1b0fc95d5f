"""Pages of ``--help`` and usage errors in the words of the catalogue, whatever the library writes by itself.

Help is in French. A usage error is in the language asked for by ``--lang``, French where none is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import IO, Any

import typer
from typer.core import TyperCommand, TyperGroup

from conseiller.messages import LANGUAGES, Lang, tr

#: What the library writes, and the key under ``cli.page`` of what is written instead.
_WHOLE = {
    "Arguments": "arguments",
    "Options": "options",
    "Commands": "commands",
    "Show this message and exit.": "show",
}
_WITHIN = (
    (re.compile(r"COMMAND \[ARGS\]\.\.\."), "command"),
    (re.compile(r"\[required\]"), "required"),
    (re.compile(r"<path>"), "path"),
    (re.compile(r"<str>"), "text"),
    (re.compile(r"<list\[Path\]>"), "paths"),
    (re.compile(r"<list\[str\]>"), "texts"),
    (re.compile(r"<list\[int\]>"), "numbers"),
    (re.compile(r"<(?:int|float)(?: range)?>"), "number"),
    (re.compile(r"\[default: "), "default"),
    (re.compile(r"; required\]"), "also_required"),
    (re.compile(r"; (?=-?[\d.]+<=x|x>=)"), "also"),
    (re.compile(r"(?P<low>-?[\d.]+)<=x<=(?P<high>-?[\d.]+)"), "between"),
    (re.compile(r"x>=(?P<low>-?[\d.]+)"), "from"),
)


def _say(text: str) -> str:
    if text in _WHOLE:
        return tr(f"cli.page.{_WHOLE[text]}")
    for pattern, key in _WITHIN:
        text = pattern.sub(lambda m, key=key: tr(f"cli.page.{key}", **m.groupdict()), text)  # type: ignore[misc]
    return text


def _formatter(base: type[Any]) -> type[Any]:
    """Return the library's formatter of help, its own words replaced before it lays them out."""

    class Formatter(base):  # type: ignore[misc]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, _say(args), prefix or tr("cli.page.usage") + " ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(_say(heading))

        def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
            super().write_dl([(_say(a), _say(b)) for a, b in rows], *args, **kwargs)

    return Formatter


#: Usage errors as the library words them, and the key under ``cli.usage`` of what is written instead.
_FAULTS = (
    (r"No such command '(?P<name>.*?)'\.", "no_command"),
    (r"No such command '(?P<name>.*?)'\. Did you mean (?P<near>.*)\?", "no_command_near"),
    (r"No such option: (?P<name>\S+)", "no_option"),
    (r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.*)\)", "no_option_near"),
    (r"Missing argument '(?P<name>.*?)'\..*", "no_argument_given"),
    (r"Missing option '(?P<name>.*?)'\..*", "no_option_given"),
    (r"Missing command\.", "no_command_given"),
    (r"Got unexpected extra argument\(s\) \((?P<name>.*)\)", "too_many"),
    (r"Option '(?P<name>.*?)' requires an argument\.", "no_value"),
    (r"Option '(?P<name>.*?)' does not take a value\.", "value"),
    (
        r"Invalid value for '(?P<name>.*?)': (?:Value error, )?'(?P<given>.*)' is not one of (?P<near>.*)\.",
        "choice",
    ),
    (r"Invalid value for '(?P<name>.*?)': Input should be greater than or equal to (?P<least>\S+)", "least"),
    (r"Invalid value for '(?P<name>.*?)': Input should be less than or equal to (?P<most>\S+)", "most"),
    (r"Invalid value for '(?P<name>.*?)': Input should be a valid integer.*", "integer"),
    (r"Invalid value for '(?P<name>.*?)': Input should be a valid number.*", "number"),
)


def _told(message: str, lang: Lang) -> str:
    """Return a usage error in the words of the catalogue; as the library words it where it is none we know."""
    for pattern, key in _FAULTS:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            words = found.groupdict()
            if "near" in words:
                from conseiller.text import listing

                words["near"] = listing((w.strip(" '") for w in words["near"].split(",")), lang, "or")
            return tr(f"cli.usage.{key}", lang, **words)
    return message


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language that arguments ask for, French where they ask for none that there is."""
    for given, following in pairwise([*arguments, ""]):
        name, _, value = given.partition("=")
        if name == "--lang":
            return next((lang for lang in LANGUAGES if lang == (value or following)), "fr")
    return "fr"


class _Refused(typer.BadParameter):
    """A usage error in the words of the catalogue; exit status 2."""

    def __init__(self, error: typer.TyperException, ctx: Any, lang: Lang) -> None:
        super().__init__(_told(error.format_message(), lang), ctx)
        self.lang = lang

    def format_message(self) -> str:
        return self.message

    def show(self, file: IO[Any] | None = None) -> None:
        ctx: Any = self.ctx
        if self.lang == LANGUAGES[0]:
            ctx.formatter_class = _formatter(type(ctx.make_formatter()))
        words = (
            ctx.get_usage(),
            tr("cli.usage.hint", self.lang, command=f"{ctx.command_path} --help"),
            "",
            tr("cli.usage.error", self.lang, words=self.message),
        )
        typer.echo("\n".join(words), file=file or sys.stderr)


@contextmanager
def _in_words(ctx: Any, arguments: Sequence[str]) -> Iterator[None]:
    """Put the usage errors that the library raises in the words of the catalogue."""
    lang = _language(arguments)
    try:
        yield
    except typer.TyperException as error:
        if isinstance(error, _Refused) or type(error).__name__ == "NoArgsIsHelpError":
            raise
        raise _Refused(error, ctx, lang) from error


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        ctx.formatter_class = _formatter(type(ctx.make_formatter()))
        return super().get_help(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _in_words(ctx, args):
            return super().parse_args(ctx, list(args))


class Group(TyperGroup):
    """Commands under one word, whose page of help is in the words of the catalogue."""

    def get_help(self, ctx: Any) -> str:
        """Return the page of help."""
        ctx.formatter_class = _formatter(type(ctx.make_formatter()))
        return super().get_help(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; a fault of them is said in the words of the catalogue."""
        with _in_words(ctx, args):
            return super().parse_args(ctx, list(args))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; an unknown one is said in the words of the catalogue."""
        with _in_words(ctx, args):
            return super().resolve_command(ctx, list(args))


class App(typer.Typer):
    """Commands whose pages of help are in the words of the catalogue."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("cls", Group)
        super().__init__(**settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Add a command (see `typer.Typer.command`)."""
        settings.setdefault("cls", _Command)
        return super().command(name, **settings)
