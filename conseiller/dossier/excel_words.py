"""How a fault speaks to who fills the Excel form: by the labels of its columns, never by keys of a file."""

from __future__ import annotations

import re

from conseiller import text
from conseiller.messages import Lang, catalogue, has, tr

#: Tables of the form, in the order in which a key alone is looked for.
_TABLES = (
    "collectivite",
    "taux_employeur",
    "contrats",
    "remuneration",
    "conventions",
    "versements",
    "autres_couts",
    "autres_financements",
    "postes",
    "evolutions",
    "scenarios",
    "comptes",
)
_HOME = {"periode": "collectivite", "changements": "scenarios"}
#: Fields whose cells show percents.
_PERCENTS = {"at_mp", "cdg", "versement_mobilite", "chomage", "dialogue_social", "quotite", "taux"}
_QUOTED = re.compile(r"(«\u00a0|')([a-z][a-z_0-9]*)(\u00a0»|')")
_TABLE = re.compile(r"\[\[?([a-z_]+)\]\]?")


def label(path: tuple[str | int, ...], lang: Lang) -> str:
    """Return the label of the field that a path names; its key where the form has none."""
    return _label(str(path[-1]), _table(path), lang) if path else ""


def _table(path: tuple[str | int, ...]) -> str:
    names = [_HOME.get(part, part) for part in path[:-1] if isinstance(part, str)]
    return next((name for name in reversed(names) if name in _TABLES), "")


def _label(key: str, table: str, lang: Lang) -> str:
    for name in (table, *_TABLES):
        if has(f"form.{name}.{key}", lang):
            return re.sub(r"\s*\(.*\)$", "", tr(f"form.{name}.{key}", lang))
    return tr(f"form.{key}.title", lang) if has(f"form.{key}.title", lang) else key


def template(key: str, path: tuple[str | int, ...], lang: Lang) -> str:
    """Return a text of ``dossier``, its placeholders not yet filled, as the Excel form calls for.

    Parameters
    ----------
    key : str
        A key under ``dossier``; the text of the same name under ``dossier.excel`` is preferred.
    path : tuple
        What the text is about: its table names the keys.
    lang : {"fr", "en"}
    """
    own = f"dossier.excel.{key.removeprefix('dossier.')}"
    words = catalogue(lang)[own if has(own, lang) else key]
    table = _table(path)

    def named(found: re.Match[str]) -> str:
        return f"{found[1]}{_label(found[2], table, lang)}{found[3]}"

    def titled(found: re.Match[str]) -> str:
        return text.quoted(_label(found[1], "", lang), lang)

    return _TABLE.sub(titled, _QUOTED.sub(named, words))


def percent(path: tuple[str | int, ...], value: object, lang: Lang) -> str | None:
    """Return a number as its cell shows it where that is a percent, None elsewhere."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not path or path[-1] not in _PERCENTS:
        return None
    return text.percent(float(value), 2, lang)
