"""Random cases that are sound: what any reader, writer, engine or workbook must take without a fault.

``@given(dossiers())``. Contracts start and end on any day, abut or leave a vacancy; conventions of every
generation follow one another; amounts are whole cents; legal values may be supposed, changed or withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from typing import Any

from dateutil.relativedelta import relativedelta
from hypothesis import strategies as st

from conseiller.dossier import schema
from conseiller.dossier.schedule import CUSTOM, financing_stop, grant_total, later, tranches_of
from conseiller.law import Law, load_law

Draw = Callable[[st.SearchStrategy[Any]], Any]

FIRST_DAY, LAST_DAY = date(2021, 1, 1), date(2029, 12, 31)
#: Grades and the day from which their grid is known.
GRADES = {"B1": (date(2018, 1, 1), 13), "C1": (date(2023, 7, 1), 11), "B2": (date(2024, 1, 1), 12)}
#: Legal values worth supposing, and how many decimals each takes.
SUPPOSED = {
    "smic_mensuel": 2,
    "point_indice_annuel": 4,
    "im_minimum": 0,
    "pmss": 0,
    "cnracl": 4,
    "fnal_50_et_plus": 4,
    "maladie_contractuel": 4,
    "temps_partiel_80": 6,
    "generation_v2_collectivite_1_montant": 0,
}
#: Legal values of which a later entry may be withdrawn.
WITHDRAWN = ("smic_mensuel", "point_indice_annuel", "cnracl", "vacance_tolerance_mois")
CODES = ("CN1", "cn-2", "R", "A1", "Poste_5", "7", "x_y", "CN10")
LINES = ("csa", "psc", "traitement", "subvention_etat")

days = st.dates(FIRST_DAY, LAST_DAY)
#: Words with all that TOML, Excel and a typographer may trip on, none of which is a control character.
WORDS = (
    "",
    "Conseiller numérique",
    "=1+1",
    "l’accueil «\u00a0France services\u00a0»",
    "C:\\dossier \"a\" # 'b'",
    "[[postes]], {x = 1}",
    '"""',
    "10\u202f000\u00a0€",
    "数字 🖥️ é",
)
_signs = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
words = st.text(_signs, max_size=24).map(str.strip)
#: Fixed words, quick to draw; a case also holds one random word (see `dossiers`).
labels = st.sampled_from(WORDS)
sources = st.sampled_from(
    ["hypothèse", "défaut", "acte", "acte : délibération n° 12 du 3 mars 2024", 'hypothèse: "à revoir" # \\']
)


@cache
def euros(most: int) -> st.SearchStrategy[float]:
    """Whole cents from 0 to `most` euros, round amounts often."""
    return st.one_of(
        st.integers(0, most).map(float), st.integers(0, 100 * most).map(lambda cents: cents / 100)
    )


@st.composite
def pay_terms(draw: Draw, start: date, needed: date) -> schema.PayTerm:
    """A pay term from a month on; `needed` is the first day its grid is read."""
    grades = [g for g, (known, _) in GRADES.items() if known <= needed]
    pay: dict[str, Any] = {}
    if draw(st.booleans()):
        pay["grade"] = draw(st.sampled_from(grades))
        pay["step"] = draw(st.integers(1, GRADES[pay["grade"]][1]))
    else:
        pay["index"] = draw(st.one_of(st.integers(309, 560), st.integers(200, 1600)))
    return schema.PayTerm(
        start=start,
        bonus=draw(euros(900)),
        cia=draw(st.just(0.0) | euros(1500)),
        children=draw(st.just(0) | st.integers(0, 5)),
        psc=draw(st.just(0.0) | euros(60)),
        source=draw(sources),
        **pay,
    )


@st.composite
def contracts(draw: Draw, start: date, end: date | None) -> schema.Contract:
    """A contract between two days, with one to three pay terms."""
    status = draw(st.sampled_from(["contractuel", "titulaire"]))
    time = draw(st.sampled_from(["temps_complet", "temps_complet", "temps_non_complet", "temps_partiel"]))
    month = start.replace(day=1)
    first = month - relativedelta(months=draw(st.sampled_from([0, 0, 0, 1, 7])))
    gaps = draw(st.lists(st.integers(1, 20), max_size=2))
    starts = [first]
    for gap in gaps:
        starts.append(starts[-1] + relativedelta(months=gap))
    terms = tuple(draw(pay_terms(day, max(day, month))) for day in starts)
    return schema.Contract(
        start=start,
        end=end,
        status=status,
        nature="autre" if status == "titulaire" else draw(st.sampled_from(["projet", "autre"])),
        working_time=time,
        hours=draw(st.sampled_from([7.0, 17.5, 20.0, 27.0, 28.0, 34.5]))
        if time == "temps_non_complet"
        else None,
        share=draw(st.sampled_from([0.5, 0.6, 0.75, 0.8, 0.9])) if time == "temps_partiel" else None,
        leave_days=draw(st.sampled_from([0.0, 0.0, 2.5, 12.0])),
        are_days=draw(st.sampled_from([0, 0, 90, 548, 1000])),
        broken=draw(st.sampled_from([False, False, True])),
        break_pay=draw(st.sampled_from([0.0, 0.0, 0.0, 1234.56])),
        source=draw(sources),
        terms=terms,
    )


@st.composite
def contract_chains(draw: Draw, most: int = 3) -> tuple[schema.Contract, ...]:
    """Contracts of a post in order: abutting, within one month, or with a vacancy; the last may be open."""
    chain: list[schema.Contract] = []
    start: date = draw(st.dates(FIRST_DAY, date(2027, 12, 31)))
    for _ in range(draw(st.integers(0, most))):
        length = draw(st.one_of(st.integers(0, 40), st.integers(0, 1100), st.sampled_from([364, 730, 1095])))
        end = min(start + timedelta(days=length), LAST_DAY)
        open_ended = draw(st.integers(0, 5)) == 0
        chain.append(draw(contracts(start, None if open_ended else end)))
        if open_ended:
            break
        start = end + timedelta(days=1 + draw(st.one_of(st.just(0), st.integers(0, 20), st.integers(0, 400))))
        if start > LAST_DAY:
            break
    return tuple(chain)


@st.composite
def instalments(draw: Draw, total: float, start: date) -> tuple[schema.Instalment, ...]:
    """Payments that make the grant at most: some only planned, some called, titled, received."""
    count = draw(st.integers(0, 3))
    most = int(total * 100) // max(count, 1)
    paid = []
    for _ in range(count):
        called = start + timedelta(days=draw(st.integers(0, 1000)))
        stage = draw(st.integers(0, 3))
        wait, transfer = draw(st.integers(0, 90)), draw(st.integers(0, 120))
        paid.append(
            schema.Instalment(
                label=draw(labels),
                amount=draw(st.integers(0, most)) / 100,
                called=called if stage >= 1 else None,
                titled=called + timedelta(days=wait) if stage >= 2 else None,
                received=called + timedelta(days=transfer) if stage >= 3 else None,
                source=draw(sources),
            )
        )
    return tuple(paid)


@st.composite
def convention_chains(draw: Draw, law: Law, most: int = 2) -> tuple[schema.Convention, ...]:
    """Financings of a post that follow one another, some cut short."""
    chain: list[schema.Convention] = []
    start: date = draw(st.dates(FIRST_DAY, date(2026, 12, 31)))
    for rank in range(draw(st.integers(0, most))):
        generation = draw(st.sampled_from([*law.generations, CUSTOM]))
        tranches = st.tuples(st.integers(1, 12), euros(40_000)).map(
            lambda pair: schema.Tranche(months=pair[0], amount=pair[1])
        )
        convention = schema.Convention(
            code=f"V{rank + 1}",
            reference=draw(labels),
            generation=generation,
            tranches=tuple(draw(st.lists(tranches, min_size=1, max_size=4))) if generation == CUSTOM else (),
            convention_start=draw(st.none() | days),
            financing_start=start,
            part_time=draw(st.sampled_from(["prorata", "entier"])),
            source=draw(sources),
        )
        full = (financing_stop(convention, law) - start).days
        changes: dict[str, Any] = {"instalments": draw(instalments(grant_total(convention, law), start))}
        if draw(st.integers(0, 3)) == 0:
            changes["end"] = start + timedelta(days=draw(st.integers(0, full + 30)))
        chain.append(convention.model_copy(update=changes))
        stop = financing_stop(chain[-1], law)
        start = stop + timedelta(days=draw(st.just(0) | st.integers(0, 200)))
        begun = accumulate([0, *(m for m, _ in tranches_of(chain[-1], law))])
        last = max((d for m in begun if (d := later(chain[-1].financing_start, m)) < stop), default=stop)
        if (last.year, last.month) == (start.year, start.month):  # a third grant year in a month is refused
            start = start.replace(day=1) + relativedelta(months=1)
    return tuple(chain)


@st.composite
def items(draw: Draw, codes: list[str], chart: str, funding: bool) -> schema.Item:
    """A cost or a funding shared between some posts."""
    frequency = draw(st.sampled_from(["unique", "mensuel", "annuel_reparti", "annuel"]))
    section = draw(st.sampled_from(["fonctionnement", "fonctionnement", "investissement"]))
    start: date = draw(days)
    end = start + timedelta(days=draw(st.integers(0, 1500)))
    among = draw(st.lists(st.sampled_from(codes), min_size=1, unique=True))
    weights = st.sampled_from([1.0, 1.0, 2.0, 0.5, 33.33])
    more: dict[str, Any] = {}
    if funding:
        accounts = {"fonctionnement": ["74718", "7473", "6419", "70848"], "investissement": ["1322", "1311"]}
        vehicles = ["participation", "remboursement", "autre", None]
        more["vehicle"] = draw(
            st.sampled_from([*vehicles, "fonds_de_concours"] if section == "investissement" else vehicles)
        )
        more["funder"] = draw(labels)
    else:
        accounts = {"fonctionnement": ["6251", "6262", "61358"], "investissement": ["21838", "2051"]}
        more["fctva"] = section == "investissement" and chart != "PCG" and draw(st.booleans())
    return schema.Item(
        label="x" + draw(labels),
        amount=draw(euros(9_000)),
        frequency=frequency,
        start=start,
        end=end if frequency != "unique" and draw(st.booleans()) else None,
        account=draw(st.sampled_from(accounts[section])),
        section=section,
        only_occupied=draw(st.booleans()),
        shares={code: draw(weights) for code in among},
        source=draw(sources),
        **more,
    )


@st.composite
def assumptions(draw: Draw) -> tuple[schema.Assumption, ...]:
    """Legal values supposed near the one in force, changed, or withdrawn."""
    law = load_law()
    found: dict[tuple[str, date], schema.Assumption] = {}
    for _ in range(draw(st.integers(0, 2))):
        value = None
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(SUPPOSED)))
            start = draw(days.map(lambda d: d.replace(day=1)) | days)
            factor = draw(st.integers(95, 105)) / 100
            value = round(law.table(name).at(start).value * factor, SUPPOSED[name])
        else:
            name = draw(st.sampled_from(WITHDRAWN))
            later = [e.start for e in law.table(name).entries[1:] if e.start.year >= 2020]
            start = draw(st.sampled_from(later))
        found[name, start] = schema.Assumption(parameter=name, start=start, value=value, source=draw(sources))
    return tuple(found.values())


@st.composite
def rates(draw: Draw, self_insured: bool) -> tuple[schema.EmployerRates, ...]:
    """The employer's own rates from before 2021 on, and perhaps later ones."""
    starts = [date(2020, 1, 1), *draw(st.lists(days, max_size=1))]
    share = st.integers(0, 300).map(lambda x: x / 10_000)
    return tuple(
        schema.EmployerRates(
            start=start,
            at_mp=draw(share),
            cdg=draw(share),
            versement_mobilite=draw(st.just(0.0) | share),
            chomage=0.0 if self_insured else 0.04,
            dialogue_social=draw(st.sampled_from([0.0, 0.00016])),
            source=draw(sources),
        )
        for start in starts
    )


@st.composite
def authorities(draw: Draw) -> schema.Authority:
    """An employer of any size, chart and zone."""
    return schema.Authority(
        name="A" + draw(words),
        siren=draw(st.sampled_from([None, "356000000", "732829320"])),
        population=draw(st.none() | st.integers(1, 3_000_000)),
        largest_commune=draw(st.none() | st.integers(1, 500_000)),
        headcount=draw(st.sampled_from([1, 8, 11, 49, 50, 900])),
        residence_zone=draw(st.sampled_from([1, 2, 3])),
        chart=draw(st.sampled_from(["M57D", "M57A", "M14", "PCG"])),
        self_insured=draw(st.booleans()),
        psc_in_base=draw(st.booleans()),
        cia_month=draw(st.integers(1, 12)),
        fctva_lag=draw(st.none() | st.integers(0, 3)),
        source=draw(sources),
        headcount_source=draw(sources),
        sources=draw(
            st.dictionaries(st.sampled_from(["siren", "zone_residence", "mois_cia"]), sources, max_size=2)
        ),
    )


@st.composite
def changes(draw: Draw, post: str | None) -> schema.Change:
    """A change as it can be written with a case; whether the case allows it is another matter."""
    day = draw(st.none() | days)
    month = draw(days).replace(day=1)
    kind, fields = draw(
        st.sampled_from(
            [
                ("arret", {"start": day, "leave_days": 2.5, "are_days": 90}),
                ("arret", {"start": day, "amount": 4321.5}),
                ("non_renouvellement", {"are_days": 0}),
                ("maintien", {}),
                ("temps_de_travail", {"hours": 17.5, "start": day}),
                ("temps_de_travail", {"hours": 35}),
                ("remplacement", {"months": 3}),
                ("recrutement", {"start": month, "months": 12, "index": 373}),
                ("recrutement", {"start": month, "grade": "C1", "step": 2, "hours": 28}),
                ("titularisation", {"step": 3}),
                ("indice", {"points": -12, "start": month}),
                ("psc", {"amount": 15.5}),
                ("bonification", {}),
                ("fin_subvention", {"start": month}),
                ("partage", {"key": "habitants", "parts": {"Avesnes": 2100, "L'É 1": 0.5}, "rate": 0.25}),
                (
                    "partage",
                    {"key": "egal", "parts": {"A": 1, "B": 1}, "amount": 1000.5, "vehicle": "participation"},
                ),
                ("smic", {"rate": 0.02, "yearly": True}),
                ("point", {"rate": 0.015, "start": month}),
                ("valeur_legale", {"parameter": "cnracl", "start": month, "value": 0.4}),
                ("gel", {"parameter": "smic_mensuel", "start": month}),
            ]
        )
    )
    named = {} if "parameter" in fields or ("rate" in fields and kind != "partage") else {"post": post}
    return schema.Change(kind=kind, source=draw(sources), **named, **fields)  # type: ignore[arg-type]


@st.composite
def scenarios(draw: Draw, codes: list[str]) -> tuple[schema.Scenario, ...]:
    """No scenario, or one or two of one change each, or of a change and a rise."""
    names = draw(
        st.lists(st.sampled_from(["Mi-temps ?", "=1+1", "12", "Arrêt « net »"]), max_size=2, unique=True)
    )
    found = []
    for name in names:
        one = draw(changes(draw(st.none() | st.sampled_from(codes))))
        more = (schema.Change(kind="psc", amount=3, source="hypothèse"),)
        found.append(schema.Scenario(name=name, changes=(one, *(more if one.kind == "maintien" else ()))))
    return tuple(found)


@st.composite
def dossiers(draw: Draw, max_posts: int = 5) -> schema.Dossier:
    """A sound case of one to `max_posts` posts, on one to eight exercices from 2021 on."""
    authority = draw(authorities())
    supposed = draw(assumptions())
    law = load_law().with_assumptions(supposed)
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=max_posts, unique=True))
    posts = tuple(
        schema.Post(
            code=code,
            label=draw(labels),
            source=draw(sources),
            contracts=draw(contract_chains()),
            conventions=draw(convention_chains(law)),
        )
        for code in codes
    )
    first = draw(st.integers(2021, 2026))
    owns_rates = not authority.self_insured or draw(st.booleans())
    return schema.Dossier(
        authority=authority,
        period=schema.Period(
            first=first,
            last=first + draw(st.integers(0, 7)),
            report_date=draw(st.none() | days),
            source=draw(sources),
        ),
        rates=draw(rates(authority.self_insured)) if owns_rates else (schema.EmployerRates(),),
        posts=posts,
        costs=tuple(draw(st.lists(items(codes, authority.chart, funding=False), max_size=3))),
        funding=tuple(draw(st.lists(items(codes, authority.chart, funding=True), max_size=2))),
        assumptions=supposed,
        accounts=draw(
            st.dictionaries(
                st.sampled_from(["csa", "psc", "traitement"]),
                st.just(schema.LineAccounts(contractuel="6451", titulaire="64111")),
                max_size=2,
            )
        )
        | draw(
            st.sampled_from(
                [{}, {"subvention_etat": schema.LineAccounts(contractuel="7478", titulaire="7478")}]
            )
        ),
        scenarios=draw(scenarios(codes)),
    )
