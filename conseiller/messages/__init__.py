"""The one catalogue of what a reader sees: a TOML file per room and language, all files of a language merged.

`tr("dossier.fault.overlap.message", lang, post="CN1")` fills the placeholders of
the text under that key. Files are read when a text is first asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

Lang = Literal["fr", "en"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)

#: French sets a no-break space before these signs and inside guillemets; files are typed with plain spaces.
_BEFORE = re.compile(r" (?=[:;!?»%€])")
_AFTER = re.compile(r"(?<=«) ")


@cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """Return every text of a language by its dotted key.

    Raises
    ------
    KeyError
        When there is no catalogue in that language.
    ValueError
        When two files give the same key, or a value is not a text.
    """
    if lang not in LANGUAGES:
        raise KeyError(f"no catalogue in language {lang!r}; languages: {', '.join(LANGUAGES)}")
    texts: dict[str, str] = {}
    folder = files(__package__ or __name__).joinpath(lang)
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for key, text in _flat(tomllib.loads(file.read_text("utf-8"))):
            if not isinstance(text, str):
                raise ValueError(f"catalogue {lang}/{file.name}: {key} is not a text")
            if key in texts:
                raise ValueError(f"catalogue {lang}/{file.name}: {key} is already in another file")
            texts[key] = _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", text)) if lang == "fr" else text
    return MappingProxyType(texts)


def _flat(raw: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in raw.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def tr(key: str, lang: Lang = "fr", /, **values: object) -> str:
    """Return a text of the catalogue with its placeholders filled.

    Parameters
    ----------
    key : str
        Dotted key, such as ``dossier.fault.overlap.message``.
    lang : {"fr", "en"}
    **values
        One value per placeholder, already formatted for a reader.

    Raises
    ------
    KeyError
        When the language has no such text, or a placeholder has no value.

    Examples
    --------
    >>> tr("common.and_more", "en", count=3)
    'and 3 more'
    """
    try:
        text = catalogue(lang)[key]
    except KeyError:
        raise KeyError(f"no message {key!r} in language {lang!r}") from None
    try:
        return text.format(**values)
    except KeyError as missing:
        raise KeyError(f"message {key!r} ({lang}) needs a value for {missing}") from None


def has(key: str, lang: Lang = "fr") -> bool:
    """Return whether the catalogue of a language holds a text under a key."""
    return key in catalogue(lang)
