"""Ready scenarios, known by a name that one can type: ``maintien``, ``smic=2%``, ``remplacement=3:CN1``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from conseiller.dossier.reading import as_date, as_number, folded
from conseiller.dossier.schema import Change
from conseiller.errors import Fault, fault
from conseiller.messages import Lang, tr
from conseiller.scenario import _build

#: name, then ``=value``, then ``:post``; the value and the post may be left out.
_FORM = re.compile(r"\s*([^=:]+?)\s*(?:=\s*([^:]+?)\s*)?(?::\s*([A-Za-z0-9_-]+)\s*)?")


@dataclass(frozen=True)
class Ready:
    """A ready scenario.

    Parameters
    ----------
    make : callable
        Takes the post (None for all) and the value typed, and returns the changes.
    value : {"none", "share", "part", "whole", "hours", "date"}
        What the value is.
    default : optional
        Value where none is typed; None when one is needed.
    by_post : bool
        Whether it can bear on one post.
    """

    make: Callable[[str | None, Any], tuple[Change, ...]]
    value: Literal["none", "share", "part", "whole", "hours", "date"] = "none"
    default: Any = None
    by_post: bool = True


#: Who pays where a share is typed without its parts: what each pays is said in the dossier.
_COMMUNES = {"communes": 1.0}

#: The ready scenarios by name.
READY: Mapping[str, Ready] = {
    "maintien": Ready(lambda post, _: (_build.keep(post),)),
    "mi-temps": Ready(lambda post, _: (_build.keep(post), _build.half_time(post))),
    "temps-complet": Ready(lambda post, _: (_build.keep(post), _build.full_time(post))),
    "heures": Ready(lambda post, v: (_build.keep(post), _build.hours(v, post)), "hours"),
    "non-renouvellement": Ready(lambda post, _: (_build.not_renewed(post),)),
    "arret": Ready(lambda post, v: (_build.stop(post, v),), "date", False),
    "remplacement": Ready(lambda post, v: (_build.replace(v, post),), "whole"),
    "recrutement": Ready(lambda post, v: (_build.hire(v, post),), "date"),
    "partage": Ready(lambda post, v: (_build.share(_COMMUNES, "egal", rate=v, post=post),), "part"),
    "titularisation": Ready(lambda post, _: (_build.titularise(post),)),
    "bonification": Ready(lambda post, _: (_build.bonus_grant(post),)),
    "fin-subvention": Ready(lambda post, v: (_build.cut_grant(v, post),), "date"),
    "smic": Ready(lambda _, v: (_build.smic(v),), "share", 0.01, by_post=False),
    "point": Ready(lambda _, v: (_build.point(v),), "share", 0.01, by_post=False),
    "gel-cnracl": Ready(lambda _, v: (_build.freeze("cnracl", v),), "date", by_post=False),
}


def ready(text: str, lang: Lang = "fr") -> tuple[Change, ...] | Fault:
    """Return the changes of a ready scenario as typed, or the fault of what was typed.

    Parameters
    ----------
    text : str
    lang : {"fr", "en"}

    Examples
    --------
    >>> [c.kind for c in ready("mi-temps:CN1")]
    ['maintien', 'temps_de_travail']
    """
    found = _FORM.fullmatch(text)
    known = {folded(name): scenario for name, scenario in READY.items()}
    scenario = known.get(folded(found[1])) if found else None
    if found is None or scenario is None:
        return _fault("unknown", text, lang, names=", ".join(READY))
    value: Any = None
    if found[2] is not None:
        if scenario.value == "none":
            return _fault("no_value", text, lang, name=found[1])
        value = _value(found[2], scenario.value)
        if value is None:
            return _fault(f"value_{scenario.value}", text, lang, name=found[1], value=found[2])
    elif scenario.value != "none" and scenario.default is None:
        return _fault(f"value_{scenario.value}", text, lang, name=found[1], value="")
    elif scenario.default:
        value = scenario.default
    if found[3] is not None and not scenario.by_post:
        return _fault("no_post", text, lang, name=found[1])
    return scenario.make(found[3], value)


def read_ready(text: str) -> tuple[str, Any, str | None] | None:
    """Return name, value (None where none is typed) and post of a ready scenario; None when it is no such thing.

    Examples
    --------
    >>> read_ready("remplacement=3:CN1"), read_ready("SMIC +2 %")
    (('remplacement', 3, 'CN1'), None)
    """
    found = _FORM.fullmatch(text)
    if found is None or found[1] not in READY:
        return None
    value = _value(found[2], READY[found[1]].value) if found[2] is not None else None
    return None if found[2] is not None and value is None else (found[1], value, found[3])


def _value(text: str, kind: str) -> Any:
    """Return what was typed as a share, a whole number of months, hours or a date; None when it is none."""
    if kind == "date":
        day = as_date(text)
        try:
            return day if isinstance(day, date) else date.fromisoformat(str(day))
        except ValueError:
            return None
    number = as_number(text)
    if not isinstance(number, float) or number < 0 or ("%" in text and kind not in ("share", "part")):
        return None
    if kind in ("share", "part"):
        return number if number <= 1 and (number or kind == "share") else None
    if kind == "hours":
        return number if 0 < number <= 35 else None
    return int(number) if number.is_integer() and number <= 120 else None


def _fault(code: str, text: str, lang: Lang, **values: object) -> Fault:
    where = tr("scenarios.where.typed", lang)
    return fault(f"scenarios.typed.{code}", where, lang, text=text.strip(), **values)
