"""The échéancier: every date to hold, the grant's by the books, and its file for a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from conseiller.analysis.decisions import decision_calendar
from conseiller.analysis.financing import financings
from conseiller.dossier.schedule import PATIENCE, delay, later
from conseiller.messages import Lang, tr
from conseiller.text import money, number

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.analysis.decisions import Certainty
    from conseiller.analysis.tracking.tracking import Tracking
    from conseiller.law import Entry

#: Columns of the échéancier.
AGENDA = ("date", "post", "kind", "status", "label", "source", "certainty", "link")
#: Steps of instalments, told here by the books instead of by the dossier alone.
_STEPS = {"call", "title", "receive", "untitled_receipt"}
#: Months left after a financing to send the proofs: a hypothesis of the dated tables that the dossier may replace.
PROOFS = "justificatifs_delai_mois"
#: Days before a date at which a calendar reminds of it.
NOTICE = 14


def agenda(tracking: Tracking, at: date | None = None, lang: Lang = "fr") -> pd.DataFrame:
    """Return every date to hold, in order: instalments, contracts, financings, vacancies, proofs, budget.

    Parameters
    ----------
    tracking : Tracking
    at : date, optional
        The date of the report by default.
    lang : {"fr", "en"}

    Returns
    -------
    pandas.DataFrame
        Columns `AGENDA`; ``status``: "missed" (late, or left undone), "past" or "coming".
    """
    import pandas as pd

    at = at or tracking.plan.report_date
    rows: list[_Row] = [
        (d.date, d.post, d.kind, d.status, d.label(lang), d.source, d.certainty, d.link)
        for d in decision_calendar(tracking.plan)
        if d.kind not in _STEPS
    ]
    rows += [*_instalments(tracking, at, lang), *_proofs(tracking, at, lang)]
    posts = {p: r for r, p in enumerate(["", *tracking.plan.posts])}
    rows.sort(key=lambda r: (r[0], posts[r[1]], r[2]))
    return pd.DataFrame(rows, columns=list(AGENDA))


_Row = tuple[date, str, str, str, str, str, str, str]


def _instalments(tracking: Tracking, at: date, lang: Lang) -> Iterator[_Row]:
    for i in tracking.instalments(at).to_dict("records"):
        name = i["label"] if i["label"].startswith(i["code"]) else f"{i['code']} {i['label']}".strip()
        values = {"name": name, "amount": money(i["amount"], lang)}
        post, state = i["post"], i["state"]
        source = tr("tracking.agenda.source", lang)
        why, certainty = source, "derived"
        if i["basis"] == "delay" and (left := delay(tracking.plan.law, PATIENCE, i["called"])):
            why, certainty = left.reference, assumed(left)
        for kind in ("titled", "received"):
            if i[f"{kind}_on"] is not None:
                said = tr(f"tracking.agenda.step.{kind}", lang, **values)
                yield i[f"{kind}_on"], post, f"instalment_{kind}", "past", said, source, "stated", ""
        if state != "received" and i["due"] is not None:
            kind = "late" if i["late"] else "expected"
            said = tr(f"tracking.agenda.{kind}.{state}", lang, **values)
            status = "missed" if i["late"] else "coming"
            yield i["due"], post, f"instalment_{kind}", status, said, why, certainty, ""


def _proofs(tracking: Tracking, at: date, lang: Lang) -> Iterator[_Row]:
    """Yield the proofs of consumption to send once a financing has ended, the months of `PROOFS` later."""
    for f in financings(tracking.plan):
        left = delay(tracking.plan.law, PROOFS, f.last_day)
        if left is None:
            continue
        day = later(f.last_day, int(left.value))
        # What ended before the books begin is not theirs to tell.
        status = "missed" if f.last_day.year >= tracking.exercices[0] else "past"
        status = "coming" if day >= at else status
        said = tr("tracking.agenda.proofs", lang, code=f.code)
        yield day, f.post, "proofs", status, said, left.reference, assumed(left), ""


def assumed(left: Entry) -> Certainty:
    """Return how sure a delay is: stated by an act, or a hypothesis (no text read sets one)."""
    return "stated" if left.reference.startswith("acte") else "assumed"


def hypotheses(tracking: Tracking, lang: Lang = "fr") -> list[str]:
    """Return the delays that no text sets, as sentences that name the parameter to change in the dossier."""
    plan, found = tracking.plan, []
    called = tracking.instalments()
    used = {PATIENCE: bool((called["basis"] == "delay").any()), PROOFS: bool(financings(plan))}
    for parameter, shown in used.items():
        left = delay(plan.law, parameter, plan.report_date)
        if shown and left is not None:
            months = number(left.value, lang)
            said = tr(f"tracking.agenda.hypothesis.{parameter}", lang, months=months, parameter=parameter)
            found.append(said)
    return found


def to_ics(table: pd.DataFrame, name: str, stamp: date, lang: Lang = "fr") -> bytes:
    """Return an échéancier as an iCalendar file: dates to come and those missed, one day each.

    Parameters
    ----------
    table : DataFrame
        As `agenda` returns it.
    name : str
        Name of the authority.
    stamp : date
        Date of the report: the file depends on nothing else of the day it is made.
    lang : {"fr", "en"}

    Returns
    -------
    bytes
        The same table gives the same file; an event keeps its identifier as long as its kind, post and day do.
    """
    from icalendar import Alarm, Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//conseiller//echeancier//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", tr("tracking.agenda.calendar", lang, name=name))
    seen: dict[str, int] = {}
    for row in table[table["status"] != "past"].to_dict("records"):
        event = Event()
        key = f"{name}|{row['post']}|{row['kind']}|{row['date'].isoformat()}"
        seen[key] = seen.get(key, 0) + 1
        digest = hashlib.sha256(f"{key}|{seen[key]}".encode()).hexdigest()[:32]
        event.add("uid", f"{digest}@conseiller")
        event.add("dtstamp", datetime(stamp.year, stamp.month, stamp.day, tzinfo=UTC))
        event.add("dtstart", row["date"])
        event.add("dtend", row["date"] + timedelta(days=1))
        late = tr("tracking.agenda.missed", lang) + " " if row["status"] == "missed" else ""
        post = f"{row['post']} – " if row["post"] else ""
        event.add("summary", f"{late}{post}{row['label']}")
        event.add("description", row["source"])
        event.add("categories", [tr(f"tracking.agenda.certainty.{row['certainty']}", lang)])
        event.add("transp", "TRANSPARENT")
        if row["link"]:
            event.add("url", row["link"])
        if row["status"] == "coming":
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", row["label"])
            alarm.add("trigger", -timedelta(days=NOTICE))
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
