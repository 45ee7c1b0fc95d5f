"""The catalogue: both languages say the same things, and every text is said somewhere."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import conseiller
from conseiller import messages
from conseiller.messages import LANGUAGES, catalogue, tr
from conseiller.rules import totals  # noqa: F401  (fills the registry)
from conseiller.rules.registry import REGISTRY, TableName

TABLES = get_args(TableName)
PACKAGE = Path(conseiller.__file__).parent

#: Beginnings of keys completed by a value of the case, of the law or of the registry. Add to them with care:
#: what stands here is no longer seen when it falls out of use, unless a test below says what completes it.
DYNAMIC = (
    "common.unit.",
    "common.section.",
    "form.",
    "column.",
    "about.",
    "explain.changed",
    "explain.assumed",
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@cache
def trees() -> list[tuple[str, ast.Module]]:
    return [(str(p.relative_to(PACKAGE)), ast.parse(p.read_text("utf-8"))) for p in PACKAGE.rglob("*.py")]


@cache
def literals() -> frozenset[str]:
    """Every string of the source, and the fixed beginning of every f-string that has one."""
    found = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)


def calls_of_tr() -> list[tuple[str, list[str], set[str] | None]]:
    """Place, the keys it may stand for, and names of the values given (None when they are passed on as a whole).

    A room may give its own `tr` method a beginning of keys, kept in one of its strings.
    """
    beginnings: dict[str, set[str]] = {}
    for place, tree in trees():
        said = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
        room = beginnings.setdefault(Path(place).parts[0], set())
        room |= {s for s in said if isinstance(s, str) and re.fullmatch(r"(\w+\.)+", s)}
    found = []
    for place, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name == "tr" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                given = {k.arg for k in node.keywords}
                values = None if None in given else {k for k in given if k is not None}
                keys = [first.value, *(b + first.value for b in beginnings[Path(place).parts[0]])]
                found.append((f"{place}:{node.lineno}", keys, values))
    return found


def test_both_languages_have_the_same_keys() -> None:
    french, english = catalogue("fr"), catalogue("en")

    assert set(french) - set(english) == set()
    assert set(english) - set(french) == set()


def test_both_languages_have_the_same_placeholders() -> None:
    french, english = catalogue("fr"), catalogue("en")
    different = {k for k in french if placeholders(french[k]) != placeholders(english.get(k, french[k]))}

    assert different == set()


def test_every_key_asked_for_by_name_exists_with_its_values() -> None:
    french = catalogue("fr")
    wrong = [
        (place, keys[0])
        for place, keys, values in calls_of_tr()
        if not any(k in french and (values is None or placeholders(french[k]) <= values) for k in keys)
    ]

    assert wrong == []


def test_no_text_is_unused() -> None:
    """A key is used if the source holds it whole, or holds its beginning, beyond the room's name."""
    said = literals()
    beginnings = tuple(t for t in said if re.fullmatch(r"\w+(\.\w+)+\.\w*|\w+\.\w+(\.\w+)*", t))
    known = (*beginnings, *DYNAMIC)
    unused = {key for key in catalogue("fr") if key not in said and not key.startswith(known)}

    assert unused == set()


@pytest.mark.parametrize("room", ["column", "about"])
def test_every_column_in_words_is_one_of_the_registry(room: str) -> None:
    named = [key.split(".") for key in catalogue("fr") if key.startswith(f"{room}.") and key.count(".") == 2]

    assert [key for key in named if not (key[1] in TABLES and REGISTRY.has(key[1], key[2]))] == []


@pytest.mark.parametrize("room", ["dossier.fault", "dossier.warning", "dossier.hint", "dossier.syntax"])
def test_no_fault_or_warning_of_a_dossier_is_unused(room: str) -> None:
    said = literals()
    stems = {".".join(key.split(".")[:3]) for key in catalogue("fr") if key.startswith(f"{room}.")}

    assert {s for s in stems if s.split(".")[2] not in said and s not in said} == set()


def test_every_fault_has_a_message_and_a_remedy() -> None:
    faults = {key for key in catalogue("fr") if key.startswith("dossier.fault.")}
    stems = {key.rsplit(".", 1)[0] for key in faults}

    assert faults == {f"{stem}.{part}" for stem in stems for part in ("message", "remedy")}


def test_a_missing_key_names_the_key_and_the_language() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.key.*'en'"):
        tr("no.such.key", "en")


def test_a_missing_value_names_the_placeholder() -> None:
    with pytest.raises(KeyError, match="count"):
        tr("common.and_more")


def test_a_key_given_in_two_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fr").mkdir()
    for name in ("a", "b"):
        (tmp_path / "fr" / f"{name}.toml").write_text('[x]\ny = "…"\n', "utf-8")
    monkeypatch.setattr(messages, "files", lambda _: tmp_path)
    catalogue.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"b\.toml: x\.y"):
            catalogue("fr")
    finally:
        catalogue.cache_clear()


def test_french_typography_is_set_when_the_catalogue_is_read() -> None:
    for key, text in catalogue("fr").items():
        assert not re.search(r" [:;!?»%€]|« ", text), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty(lang: messages.Lang) -> None:
    assert [key for key, text in catalogue(lang).items() if not text.strip()] == []


#: Where a language may be looked at: how words are written, and what the environment asks for.
OF_LANGUAGE = {"text.py", "messages/__init__.py", "app.py", "ledger/columns.py"}


def test_no_module_chooses_words_by_language_itself() -> None:
    found = [
        f"{place}:{node.lineno}"
        for place, tree in trees()
        if place not in OF_LANGUAGE
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(side, ast.Constant) and side.value in LANGUAGES for side in node.comparators)
    ]

    assert found == []


def test_no_text_leaves_a_plural_to_its_reader() -> None:
    left = [
        key
        for lang in LANGUAGES
        for key, text in catalogue(lang).items()
        if re.search(r"[a-zé]\((s|es|x|e|ne)\)", text)
    ]

    assert left == []
