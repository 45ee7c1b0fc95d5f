"""The Excel form of a dossier: which tables it has, and which cell holds which field.

One declaration serves three: the writer of the blank form, the writer of the
report's *Hypothèses* sheet, and the reader. Labels are in the message catalogue
under ``form.<table>.<field>``; field keys are the French keys of the schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from conseiller.dossier import schema
from conseiller.engine import YEARS, contract_slots, term_slots

Kind = Literal["text", "code", "account", "date", "integer", "number", "euros", "rate", "choice", "yesno"]

#: First column of the input tables (0 = column A).
FIRST = 1
#: Prefix of the defined names by which the reader finds the tables again.
NAME = "saisie_"


@dataclass(frozen=True)
class Field:
    """A field of a table: French key, kind of value, accepted words, bounds."""

    key: str
    kind: Kind
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = False


@dataclass(frozen=True)
class Form:
    """A table of the form: its key and its fields in order."""

    key: str
    fields: tuple[Field, ...]

    def column(self, key: str) -> int:
        """Return the sheet column (from 0) of a field."""
        return FIRST + [f.key for f in self.fields].index(key)


def _words(kind: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in get_args(kind))


_SOURCE = Field("source", "text")
GENERATIONS = (
    "v1_public",
    "v1_prive",
    "v1_outremer",
    "v1_outremer_974_976",
    "v2_collectivite",
    "v2_bonifiee",
    "v2_privee",
    "personnalisee",
)

AUTHORITY = Form(
    "collectivite",
    (
        Field("nom", "text", required=True),
        Field("siren", "code"),
        Field("population", "integer", low=1, high=70_000_000),
        Field("population_plus_grande_commune", "integer", low=1, high=3_000_000),
        Field("effectif", "integer", low=1, high=1_000_000, required=True),
        Field("zone_residence", "choice", ("1", "2", "3")),
        Field("plan_comptes", "choice", _words(schema.Chart)),
        Field("auto_assurance_chomage", "yesno"),
        Field("psc_soumise_cotisations", "yesno"),
        Field("mois_cia", "integer", low=1, high=12),
        Field("decalage_fctva", "integer", low=0, high=3),
        Field("premier_exercice", "integer", low=2021, high=2060, required=True),
        Field("dernier_exercice", "integer", low=2021, high=2060, required=True),
        Field("date_rapport", "date"),
    ),
)
RATES = Form(
    "taux_employeur",
    (
        Field("depuis", "date"),
        *(
            Field(key, "rate", low=0, high=1)
            for key in ("at_mp", "cdg", "versement_mobilite", "chomage", "dialogue_social")
        ),
        _SOURCE,
    ),
)
POSTS = Form("postes", (Field("code", "code"), Field("libelle", "text"), _SOURCE))
CONTRACTS = Form(
    "contrats",
    (
        Field("poste", "code"),
        Field("numero", "integer"),
        Field("debut", "date"),
        Field("fin", "date"),
        Field("statut", "choice", _words(schema.Status)),
        Field("nature", "choice", _words(schema.Nature)),
        Field("temps", "choice", _words(schema.WorkingTime)),
        Field("heures_semaine", "number", low=0.01, high=34.99),
        Field("quotite", "rate", low=0.5, high=0.99),
        Field("conges_non_pris_jours", "number", low=0, high=60),
        Field("are_jours", "integer", low=0, high=1096),
        Field("rupture_anticipee", "yesno"),
        Field("indemnite_rupture", "euros", low=0, high=10_000_000),
        _SOURCE,
    ),
)
TERMS = Form(
    "remuneration",
    (
        Field("poste", "code"),
        Field("contrat", "integer", low=1, high=20),
        Field("depuis", "date"),
        Field("indice_majore", "integer", low=200, high=1600),
        Field("grade", "text"),
        Field("echelon", "integer", low=1, high=20),
        Field("rifseep_mensuel", "euros", low=0, high=10_000_000),
        Field("cia_annuel", "euros", low=0, high=10_000_000),
        Field("enfants", "integer", low=0, high=20),
        Field("psc_mensuelle", "euros", low=0, high=10_000_000),
        _SOURCE,
    ),
)
CONVENTIONS = Form(
    "conventions",
    (
        Field("poste", "code"),
        Field("code", "code"),
        Field("reference", "text"),
        Field("generation", "choice", GENERATIONS),
        *(
            field
            for rank in range(1, YEARS + 1)
            for field in (
                Field(f"mois_{rank}", "integer", low=1, high=12),
                Field(f"montant_{rank}", "euros", low=0, high=10_000_000),
            )
        ),
        Field("debut_convention", "date"),
        Field("debut_financement", "date"),
        Field("fin", "date"),
        Field("temps_partiel", "choice", _words(schema.PartTimeRule)),
        _SOURCE,
    ),
)
INSTALMENTS = Form(
    "versements",
    (
        Field("poste", "code"),
        Field("convention", "code"),
        Field("libelle", "text"),
        Field("montant", "euros", low=0, high=10_000_000),
        Field("appele_le", "date"),
        Field("titre_le", "date"),
        Field("encaisse_le", "date"),
        _SOURCE,
    ),
)
ASSUMPTIONS = Form(
    "evolutions",
    (
        Field("parametre", "text"),
        Field("depuis", "date"),
        Field("valeur", "number", low=0, high=1_000_000),
        _SOURCE,
    ),
)
SCENARIOS = Form(
    "scenarios",
    (
        Field("nom", "text"),
        Field("type", "choice", _words(schema.ChangeKind)),
        Field("poste", "code"),
        Field("date", "date"),
        Field("mois", "integer", low=0, high=120),
        Field("heures_semaine", "number", low=0.01, high=35),
        Field("taux", "rate", low=0, high=1),
        Field("chaque_annee", "yesno"),
        Field("points", "integer", low=-1000, high=1000),
        Field("montant", "euros", low=0, high=10_000_000),
        Field("prix_unitaire", "euros", low=0, high=10_000_000),
        Field("parametre", "text"),
        Field("valeur", "number", low=0, high=1_000_000),
        Field("indice_majore", "integer", low=200, high=1600),
        Field("grade", "text"),
        Field("echelon", "integer", low=1, high=20),
        Field("cle", "choice", _words(schema.SharingKey)),
        Field("parts", "text"),
        Field("vecteur", "choice", _words(schema.Vehicle)),
        Field("conges_non_pris_jours", "number", low=0, high=60),
        Field("are_jours", "integer", low=0, high=1096),
        _SOURCE,
    ),
)
ACCOUNTS = Form(
    "comptes",
    (
        Field("ligne", "text"),
        Field("contractuel", "account"),
        Field("titulaire", "account"),
    ),
)


def item_form(key: Literal["autres_couts", "autres_financements"], posts: int) -> Form:
    """Return the table of other costs or other funding, with a weight column per post."""
    own: tuple[Field, ...] = (Field("fctva", "yesno"),)
    if key == "autres_financements":
        own = (Field("financeur", "text"), Field("vecteur", "choice", _words(schema.Vehicle)))
    return Form(
        key,
        (
            Field("libelle", "text"),
            Field("montant", "euros", low=0, high=10_000_000),
            Field("periodicite", "choice", _words(schema.Frequency)),
            Field("debut", "date"),
            Field("fin", "date"),
            Field("compte", "account"),
            Field("section", "choice", _words(schema.Section)),
            Field("si_occupe", "yesno"),
            *own,
            *(Field(f"part_{p + 1}", "number", low=0, high=1_000_000) for p in range(posts)),
            _SOURCE,
        ),
    )


#: Parameters whose value of next January is a switch on the first sheet.
SWITCHES = ("smic_mensuel", "point_indice_annuel", "im_minimum", "pmss")


@dataclass(frozen=True)
class Room:
    """How many rows each table of a workbook has: what the dossier fills, and spare ones."""

    posts: int
    contracts: int
    terms: int
    conventions: int
    instalments: int
    costs: int
    funding: int
    rates: int
    assumptions: int

    @classmethod
    def of(cls, dossier: schema.Dossier, assumptions: int, variants: Sequence[schema.Dossier] = ()) -> Room:
        """Return the room a dossier and its variants need.

        Parameters
        ----------
        dossier : Dossier
        assumptions : int
            How many assumptions, of the dossier or of a variant, replace no legal value.
        variants : sequence of Dossier
            The dossier under each of its scenarios.
        """
        conventions = [c for p in dossier.posts for c in p.conventions]
        every = (dossier, *variants)
        return cls(
            posts=len(dossier.posts),
            contracts=max(map(contract_slots, every)),
            terms=max(map(term_slots, every)),
            conventions=len(conventions) + 2,
            instalments=sum(len(c.instalments) for c in conventions) + 6,
            costs=max(len(d.costs) for d in every) + 3,
            funding=max(len(d.funding) for d in every) + 2,
            rates=max(4, len(dossier.rates) + 2),
            assumptions=len(SWITCHES) + max(8, assumptions + 3),
        )


#: Spare rows at the end of *Paramètres*.
SPARE_PARAMETERS = 10
#: Lines of the catalogue booked on accounts of their own: items carry theirs.
WITHOUT_ACCOUNT = ("autres_couts", "autres_financements")
