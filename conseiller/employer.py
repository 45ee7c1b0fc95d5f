"""The cost of one agent in one month, line by line: the same rules as the projection."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Literal

from conseiller.dossier import schema
from conseiller.engine import Model, compile_case
from conseiller.law import load_law
from conseiller.rules.totals import PAY_LINES

if TYPE_CHECKING:
    import pandas as pd


def employer_cost(
    month: str,
    *,
    index: int,
    quotite: float = 1.0,
    status: schema.Status = "contractuel",
    headcount: int,
    bonus: float = 0.0,
    residence_zone: Literal[1, 2, 3] = 3,
    children: int = 0,
    working_time: Literal["temps_non_complet", "temps_partiel"] = "temps_non_complet",
    rates: schema.EmployerRates | None = None,
    psc: float = 0.0,
) -> pd.Series[float]:
    """Return what an agent present all month costs the employer.

    Parameters
    ----------
    month : str
        "YYYY-MM", from 2021-01.
    index : int
        Indice majoré, taken as typed (the minimum index still applies).
    quotite : float
        Share of a full-time post, 0 < quotite ≤ 1; `working_time` says how it is paid below 1.
    status : {"contractuel", "titulaire"}
    headcount : int
        Agents of the employer: decides the FNAL and the transport levy.
    bonus : float
        RIFSEEP of a full-time month [euros per month].
    residence_zone : {1, 2, 3}
    children : int
        Children counted for the family supplement.
    working_time : {"temps_non_complet", "temps_partiel"}
        Temps partiel is paid 6/7 at 80 % and 32/35 at 90 %.
    rates : EmployerRates, optional
        Employer's own rates; AT/MP 1,60 % and CDG 1,10 % by default.
    psc : float
        Employer's complementary protection [euros per month].

    Returns
    -------
    pandas.Series
        Euros per month by line, each rounded to the cent, 0.0 where not due; their sum is the cost.

    Raises
    ------
    pydantic.ValidationError
        When an argument is out of bounds.
    """
    import pandas as pd

    year, number = (int(part) for part in month.split("-"))
    first = date(year, number, 1)
    if quotite == 1.0:
        time: dict[str, object] = {}
    elif working_time == "temps_partiel":
        time = {"working_time": "temps_partiel", "share": quotite}
    else:
        time = {"working_time": "temps_non_complet", "hours": quotite * 35}
    term = schema.PayTerm(start=first, index=index, bonus=bonus, children=children, psc=psc)
    last = first.replace(day=monthrange(year, number)[1])
    contract = schema.Contract.model_validate(
        {"start": first, "end": last, "status": status, "terms": (term,), **time}
    )
    dossier = schema.Dossier(
        authority=schema.Authority(name="—", headcount=headcount, residence_zone=residence_zone),
        period=schema.Period(first=year, last=year),
        rates=(rates or schema.EmployerRates(),),
        posts=(schema.Post(code="P", contracts=(contract,)),),
    )
    frame = Model(compile_case(dossier, load_law())).month
    cost = {line: float(frame.full(line)[0, number - 1]) for line in PAY_LINES if line != "conges_non_pris"}
    return pd.Series(cost, name=month)
