"""Makes a case out of plain values, or tells every reason why it cannot: all faults at once.

The schema judges each value, the rules judge records together; a fault in one
record does not hide those of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from conseiller.dossier.case_rules import check_case
from conseiller.dossier.notices import warnings
from conseiller.dossier.post_rules import check_posts
from conseiller.dossier.reading import read
from conseiller.dossier.report import Locate, Path, Report
from conseiller.dossier.scenario_rules import check_scenarios
from conseiller.dossier.schema import Dossier
from conseiller.dossier.schema_faults import add_schema_faults
from conseiller.dossier.tree import plant
from conseiller.errors import Fault, InputFaults
from conseiller.messages import Lang

if TYPE_CHECKING:
    from conseiller.law import Law

__all__ = ["Locate", "Path", "build", "faults", "warnings"]


def build(
    plain: Mapping[str, Any],
    locate: Locate,
    law: Law | None = None,
    lang: Lang = "fr",
    *,
    excel: bool = False,
) -> Dossier:
    """Make a case out of plain values.

    Parameters
    ----------
    plain : dict
        Values under the French keys of the form: tables as dict, rows as list. None is an empty cell.
    locate : callable
        Says where a path such as ``("postes", 0, "contrats", 1, "fin")`` stands in the form.
    law : Law, optional
        Legal tables; those shipped by default.
    lang : {"fr", "en"}
        Language of the faults.
    excel : bool
        Whether the values come from an Excel form: faults then speak of its labels and of percents.

    Raises
    ------
    InputFaults
        With every fault, in the order of the form.
    """
    dossier, report = examine(plain, locate, law, lang, excel=excel)
    if report.faults or dossier is None:
        raise InputFaults(report.faults, lang)
    return dossier


def faults(dossier: Dossier, law: Law | None = None, lang: Lang = "fr") -> tuple[Fault, ...]:
    """Return the faults of a case made in Python, where the rules between records were not yet applied.

    Each place is the path of the value, such as ``postes[0].contrats[1].fin``.
    """
    plain = dossier.model_dump(by_alias=True, exclude_none=True)
    return examine(plain, dotted, law, lang)[1].faults


def dotted(path: Path) -> str:
    """Return a path in words: ``postes[0].contrats[1].fin``."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.removeprefix(".")


def examine(
    plain: Mapping[str, Any], locate: Locate, law: Law | None, lang: Lang, *, excel: bool = False
) -> tuple[Dossier | None, Report]:
    """Return the case that plain values make, None when the schema refuses it, and the report of its faults."""
    if law is None:
        from conseiller.law import load_law

        law = load_law()
    values = read(Dossier, plain)
    report = Report(plain, locate, lang, excel=excel)
    dossier: Dossier | None = None
    refused: list[Path] = []
    try:
        dossier = Dossier.model_validate(values, by_alias=True, by_name=False)
    except ValidationError as refusal:
        errors = refusal.errors(include_url=False)
        add_schema_faults(errors, report)
        refused = [error["loc"] for error in errors]
    root = plant(values, refused)
    supposed = check_case(root, law, report)
    check_posts(root, law.with_assumptions(supposed), report)
    check_scenarios(root, law, report)
    return dossier, report
