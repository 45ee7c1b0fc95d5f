"""The pages of ``--help`` in the words of the catalogue: what the library writes by itself is put in French."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from conseiller.messages import tr

#: What the library writes, and the key under ``cli.page`` of what is written instead.
_WHOLE = {
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
    (re.compile(r"<(?:int|float)(?: range)?>"), "number"),
    (re.compile(r"\[default: "), "default"),
    (re.compile(r"; required\]"), "also_required"),
)


def _say(text: str) -> str:
    if text in _WHOLE:
        return tr(f"cli.page.{_WHOLE[text]}")
    for pattern, key in _WITHIN:
        text = pattern.sub(lambda _, key=key: tr(f"cli.page.{key}"), text)  # type: ignore[misc]
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


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        ctx.formatter_class = _formatter(type(ctx.make_formatter()))
        return super().get_help(ctx)


class Group(TyperGroup):
    """Commands under one word, whose page of help is in the words of the catalogue."""

    def get_help(self, ctx: Any) -> str:
        """Return the page of help."""
        ctx.formatter_class = _formatter(type(ctx.make_formatter()))
        return super().get_help(ctx)


class App(typer.Typer):
    """Commands whose pages of help are in the words of the catalogue."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("cls", Group)
        super().__init__(**settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Add a command (see `typer.Typer.command`)."""
        settings.setdefault("cls", _Command)
        return super().command(name, **settings)
