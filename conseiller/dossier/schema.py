"""The case a finance officer states: authority, posts, contracts, pay, conventions, other money.

One schema with two written forms (TOML and the Excel form). Python names are
English; the `alias` of each field is the French key of the TOML form. Every
record says where it comes from in `source`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from conseiller.readable import Readable

#: Where a statement comes from: an act, a hypothesis or a default of the tool, then free words.
Source = Annotated[
    str, StringConstraints(pattern=r"^(acte|hypothèse|défaut)( ?:.*)?$", strip_whitespace=True)
]
#: Code of a post: short, safe in a file name and in Excel; unique ignoring case.
PostCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,20}$")]
ConventionCode = PostCode
#: An account of the chart in use: digits only.
Account = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
#: Euros, at most two decimals, at most ten million (beyond, rounding is no longer proven).
Euros = Annotated[float, Field(ge=0, le=10_000_000)]
Rate = Annotated[float, Field(ge=0, le=1)]

Chart = Literal["M57D", "M57A", "M14", "PCG"]
Status = Literal["contractuel", "titulaire"]
Nature = Literal["projet", "autre"]
WorkingTime = Literal["temps_complet", "temps_non_complet", "temps_partiel"]
PartTimeRule = Literal["prorata", "entier"]
Frequency = Literal["unique", "mensuel", "annuel_reparti", "annuel"]
Section = Literal["fonctionnement", "investissement"]
Vehicle = Literal[
    "participation",
    "service_commun",
    "mise_a_disposition",
    "remboursement",
    "attribution_compensation",
    "fonds_de_concours",
    "autre",
]

ChangeKind = Literal[
    "arret",
    "non_renouvellement",
    "maintien",
    "temps_de_travail",
    "remplacement",
    "recrutement",
    "titularisation",
    "indice",
    "psc",
    "bonification",
    "fin_subvention",
    "partage",
    "smic",
    "point",
    "valeur_legale",
    "gel",
]
SharingKey = Literal["habitants", "heures", "egal"]
#: Who takes part in a shared cost: short, without the signs that separate parts in an Excel cell.
PartName = Annotated[
    str, StringConstraints(pattern=r"^[^=;\x00-\x1f]{1,60}$", strip_whitespace=True, min_length=1)
]

#: Fields of the authority that may name a source of their own, besides the name and the headcount.
AuthorityField = Literal[
    "siren",
    "population",
    "population_plus_grande_commune",
    "zone_residence",
    "plan_comptes",
    "auto_assurance_chomage",
    "psc_soumise_cotisations",
    "mois_cia",
    "decalage_fctva",
]

HYPOTHESIS: str = "hypothèse"
DEFAULT: str = "défaut"


class Record(BaseModel):
    """A frozen record that refuses unknown keys; equal records are equal cases."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, str_strip_whitespace=True, strict=False
    )


class EmployerRates(Record):
    """Employer's own rates from a date on.

    Parameters
    ----------
    at_mp, cdg, versement_mobilite, chomage, dialogue_social : float
        Fractions of the contribution base. Defaults: AT/MP 1,60 % and management
        centre 1,10 % in all (both hypotheses to replace by the notified rates); the
        rest 0: no transport levy, unemployment self-insured, dialogue social off.
    """

    start: date = Field(default=date(2020, 1, 1), alias="depuis")
    at_mp: Rate = 0.016
    cdg: Rate = 0.011
    versement_mobilite: Rate = 0.0
    chomage: Rate = 0.0
    dialogue_social: Rate = 0.0
    source: Source = "défaut : taux à remplacer par ceux notifiés à l'employeur"


class Authority(Record):
    """The employer: what the rules need to know of it."""

    name: Text = Field(alias="nom", min_length=1)
    siren: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")] | None = None
    population: int | None = Field(default=None, ge=1)
    largest_commune: int | None = Field(default=None, ge=1, alias="population_plus_grande_commune")
    headcount: int = Field(ge=1, alias="effectif")
    residence_zone: Literal[1, 2, 3] = Field(default=3, alias="zone_residence")
    chart: Chart = Field(default="M57D", alias="plan_comptes")
    self_insured: bool = Field(default=True, alias="auto_assurance_chomage")
    psc_in_base: bool = Field(default=True, alias="psc_soumise_cotisations")
    cia_month: int = Field(default=12, ge=1, le=12, alias="mois_cia")
    fctva_lag: int | None = Field(default=None, ge=0, le=3, alias="decalage_fctva")
    source: Source = HYPOTHESIS
    headcount_source: Source = Field(default=HYPOTHESIS, alias="source_effectif")
    sources: dict[AuthorityField, Source] = Field(default_factory=dict)

    def source_of(self, field: str) -> str:
        """Return where the value of a field comes from: its own source, "défaut" where nothing was typed.

        Parameters
        ----------
        field : str
            Name of the field in English or in French. The name of the authority carries the source of the record.
        """
        if field in {"headcount", "effectif"}:
            return self.headcount_source
        declared = type(self).model_fields
        name = next((n for n, f in declared.items() if field in {n, f.alias}), field)
        own = self.sources.get(declared[name].alias or name)  # type: ignore[call-overload]
        if own is not None:
            return str(own)
        return self.source if self.states(name) else DEFAULT

    def states(self, name: str) -> bool:
        """Return whether a field was typed, even as the default of the tool, rather than left out.

        Parameters
        ----------
        name : str
            Name of the field in English. Only those of `AuthorityField` can be told typed as the default.
        """
        declared = type(self).model_fields[name]
        value = getattr(self, name)
        if value != declared.get_default(call_default_factory=True):
            return True
        typed = name in self.model_fields_set and value is not None
        return typed and (declared.alias or name) in get_args(AuthorityField)


class PayTerm(Record):
    """What an agent is paid from the first of a month on (amounts for a full-time month)."""

    start: date = Field(alias="depuis")
    index: int | None = Field(default=None, ge=200, le=1600, alias="indice_majore")
    grade: Text | None = None
    step: int | None = Field(default=None, ge=1, le=20, alias="echelon")
    bonus: Euros = Field(default=0.0, alias="rifseep_mensuel")
    cia: Euros = Field(default=0.0, alias="cia_annuel")
    children: int = Field(default=0, ge=0, le=20, alias="enfants")
    psc: Euros = Field(default=0.0, alias="psc_mensuelle")
    source: Source = HYPOTHESIS


class Contract(Record):
    """One agent in one post; `end` absent means open-ended."""

    start: date = Field(alias="debut")
    end: date | None = Field(default=None, alias="fin")
    status: Status = Field(default="contractuel", alias="statut")
    nature: Nature = Field(default="projet", alias="nature")
    working_time: WorkingTime = Field(default="temps_complet", alias="temps")
    hours: float | None = Field(default=None, gt=0, lt=35, alias="heures_semaine")
    share: float | None = Field(default=None, ge=0.5, lt=1, alias="quotite")
    leave_days: float = Field(default=0.0, ge=0, le=60, alias="conges_non_pris_jours")
    are_days: int = Field(default=0, ge=0, le=1096, alias="are_jours")
    broken: bool = Field(default=False, alias="rupture_anticipee")
    break_pay: Euros = Field(default=0.0, alias="indemnite_rupture")
    source: Source = HYPOTHESIS
    terms: tuple[PayTerm, ...] = Field(default=(), alias="remuneration")


class Tranche(Record):
    """One grant year of a custom schedule."""

    months: int = Field(ge=1, le=12, alias="mois")
    amount: Euros = Field(alias="montant")


class Instalment(Record):
    """A payment of the grant: planned, then called, titled, received."""

    label: Text = Field(default="", alias="libelle")
    amount: Euros = Field(alias="montant")
    called: date | None = Field(default=None, alias="appele_le")
    titled: date | None = Field(default=None, alias="titre_le")
    received: date | None = Field(default=None, alias="encaisse_le")
    source: Source = HYPOTHESIS


class Convention(Record):
    """The grant of one post under a convention; the same code on several posts is one convention.

    `generation` names a schedule of the law tables, or "personnalisee" with its own `tranches`.
    Grant years run from `financing_start`; `end` cuts the financing short.
    """

    code: ConventionCode
    reference: Text = ""
    generation: Text
    tranches: tuple[Tranche, ...] = ()
    convention_start: date | None = Field(default=None, alias="debut_convention")
    financing_start: date = Field(alias="debut_financement")
    end: date | None = Field(default=None, alias="fin")
    part_time: PartTimeRule = Field(default="prorata", alias="temps_partiel")
    source: Source = HYPOTHESIS
    instalments: tuple[Instalment, ...] = Field(default=(), alias="versements")


class Post(Record):
    """A funded post, known by its code; no name of an agent belongs here."""

    code: PostCode
    label: Text = Field(default="", alias="libelle")
    source: Source = HYPOTHESIS
    contracts: tuple[Contract, ...] = Field(default=(), alias="contrats")
    conventions: tuple[Convention, ...] = ()


class Item(Record):
    """A cost or a funding beside pay and grant, shared between posts by weight."""

    label: Text = Field(alias="libelle", min_length=1)
    amount: Euros = Field(alias="montant")
    frequency: Frequency = Field(alias="periodicite")
    start: date = Field(alias="debut")
    end: date | None = Field(default=None, alias="fin")
    account: Account = Field(alias="compte")
    section: Section = "fonctionnement"
    fctva: bool = False
    only_occupied: bool = Field(default=False, alias="si_occupe")
    funder: Text = Field(default="", alias="financeur")
    vehicle: Vehicle | None = Field(default=None, alias="vecteur")
    shares: dict[PostCode, Annotated[float, Field(ge=0, le=1_000_000)]] = Field(alias="repartition")
    source: Source = HYPOTHESIS


class Assumption(Record):
    """A legal value the officer supposes or changes from a date; no value withdraws the dated entry."""

    parameter: Text = Field(alias="parametre")
    start: date = Field(alias="depuis")
    value: float | None = Field(default=None, alias="valeur", ge=0, le=1_000_000)
    source: Source = HYPOTHESIS


class LineAccounts(Record):
    """Where the authority books a line of the plan, when it differs from the catalogue."""

    contractuel: Account
    titulaire: Account


class Period(Record):
    """Exercices shown, and the date of the report."""

    first: int = Field(ge=2021, le=2060, alias="premier_exercice")
    last: int = Field(ge=2021, le=2060, alias="dernier_exercice")
    report_date: date | None = Field(default=None, alias="date_rapport")
    source: Source = HYPOTHESIS


class Change(Record):
    """One change of a scenario; which fields it takes depends on its kind (`conseiller.dossier.scenario_rules`).

    Without a post it bears on every post that it can concern; without a date, on the date that its kind
    takes by itself (the end of the financing, the next 1 January…).
    """

    kind: ChangeKind = Field(alias="type")
    post: PostCode | None = Field(default=None, alias="poste")
    start: date | None = Field(default=None, alias="date")
    months: int | None = Field(default=None, ge=0, le=120, alias="mois")
    hours: float | None = Field(default=None, gt=0, le=35, alias="heures_semaine")
    rate: Rate | None = Field(default=None, alias="taux")
    yearly: bool = Field(default=False, alias="chaque_annee")
    points: int | None = Field(default=None, ge=-1000, le=1000)
    amount: Euros | None = Field(default=None, alias="montant")
    unit_price: Euros | None = Field(default=None, alias="prix_unitaire")
    parameter: Text | None = Field(default=None, alias="parametre")
    value: float | None = Field(default=None, ge=0, le=1_000_000, alias="valeur")
    index: int | None = Field(default=None, ge=200, le=1600, alias="indice_majore")
    grade: Text | None = None
    step: int | None = Field(default=None, ge=1, le=20, alias="echelon")
    key: SharingKey | None = Field(default=None, alias="cle")
    parts: dict[PartName, Annotated[float, Field(ge=0, le=70_000_000)]] = Field(default_factory=dict)
    vehicle: Vehicle | None = Field(default=None, alias="vecteur")
    leave_days: float | None = Field(default=None, ge=0, le=60, alias="conges_non_pris_jours")
    are_days: int | None = Field(default=None, ge=0, le=1096, alias="are_jours")
    source: Source = HYPOTHESIS


class Scenario(Record):
    """A named set of changes to a case, made in order; `Dossier.with_` applies it."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = Field(
        alias="nom"
    )
    changes: tuple[Change, ...] = Field(default=(), alias="changements")


class Dossier(Readable, Record):
    """A whole case. Build one with `conseiller.load`, or from these records."""

    version: Literal[1] = 1
    authority: Authority = Field(alias="collectivite")
    period: Period = Field(alias="periode")
    rates: tuple[EmployerRates, ...] = Field(default=(EmployerRates(),), alias="taux_employeur")
    posts: tuple[Post, ...] = Field(alias="postes", min_length=1)
    costs: tuple[Item, ...] = Field(default=(), alias="autres_couts")
    funding: tuple[Item, ...] = Field(default=(), alias="autres_financements")
    assumptions: tuple[Assumption, ...] = Field(default=(), alias="evolutions")
    accounts: dict[str, LineAccounts] = Field(default_factory=dict, alias="comptes")
    scenarios: tuple[Scenario, ...] = ()

    def with_(
        self, *changes: Change | Scenario | str, today: date | None = None, lang: Literal["fr", "en"] = "fr"
    ) -> Dossier:
        """Return the case changed; chain calls to change it further.

        Parameters
        ----------
        *changes : Change, Scenario or str
            Made by `conseiller.scenario`, written in the dossier, or a name: that of a scenario of the
            dossier, or of a ready one (`conseiller.scenario.READY`).
        today : date, optional
            Date of the report where the dossier states none.
        lang : {"fr", "en"}
            Language of the faults.

        Raises
        ------
        conseiller.errors.InputFaults
            With every reason why these changes cannot be made.

        Examples
        --------
        >>> import conseiller as cn
        >>> case = cn.load("data/campagnes-artois")
        >>> half = case.with_(cn.scenario.keep(), cn.scenario.half_time())
        >>> half.posts[0].contracts[1].hours
        17.5
        """
        from conseiller.scenario import apply

        return apply(self, *changes, today=today, lang=lang)

    @field_validator("assumptions", mode="after")
    @classmethod
    def _in_order(cls, value: tuple[Assumption, ...]) -> tuple[Assumption, ...]:
        """Keep assumptions by date, so that equal cases are equal whatever the order they were typed in."""
        return tuple(sorted(value, key=lambda a: (a.start, a.parameter)))

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Give the authority and the codes of posts only: no print-out shows what an agent is paid."""
        return [("collectivite", self.authority.name), ("postes", [p.code for p in self.posts])]

    def __repr__(self) -> str:
        from conseiller.display import dossier_line

        return dossier_line(self)

    def to_plain(self) -> dict[str, Any]:
        """Return the case as plain values under French keys, defaults left out.

        The authority keeps a value typed as the default: its source is that of the record (`Authority.source_of`).
        """
        left = {name for name in Authority.model_fields if not self.authority.states(name)}
        plain = self.model_dump(by_alias=True, exclude_defaults=True)
        return plain | {"collectivite": self.authority.model_dump(by_alias=True, exclude=left)}
