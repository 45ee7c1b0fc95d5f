"""The dossier: every fault told at once with its line and its remedy, nothing lost between file and case."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dossiers, labels

from conseiller.dossier import Dossier, faults, load, save, schema, warnings
from conseiller.dossier.check import build, dotted
from conseiller.dossier.post_rules import (
    READ_AT_CONTRACT_END,
    READ_AT_CONTRACT_START,
    READ_AT_TERM_START,
)
from conseiller.dossier.reading import as_date, as_number, read
from conseiller.dossier.schema_faults import model_at
from conseiller.dossier.shape import NESTED, homes, shapes
from conseiller.dossier.toml_form import parse_toml, to_toml
from conseiller.dossier.toml_lines import line_map, nearest
from conseiller.errors import Fault, InputFaults
from conseiller.law import load_law
from conseiller.messages import LANGUAGES, Lang
from conseiller.rules import totals  # noqa: F401  (fills the registry)
from conseiller.rules.registry import REGISTRY, Law

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ("campagnes-artois", "exemples/commune-fictive", "exemples/departement-fictif")

SOUND = """\
version = 1

[collectivite]
nom = "Communauté d'essai"
effectif = 12

[periode]
premier_exercice = 2024
dernier_exercice = 2026

[[postes]]
code = "CN1"

[[postes.contrats]]
debut = 2024-01-15
fin = 2026-12-31

[[postes.contrats.remuneration]]
depuis = 2024-01-01
indice_majore = 373

[[postes.conventions]]
code = "V2"
generation = "v2_collectivite"
debut_financement = 2024-01-15

[[postes.conventions.versements]]
libelle = "première année"
montant = 17500
appele_le = 2024-02-01

[[postes]]
code = "CN2"

[[autres_couts]]
libelle = "Ordinateur"
montant = 1200
periodicite = "unique"
debut = 2024-01-15
compte = "21838"
section = "investissement"
fctva = true
repartition = { CN1 = 1 }

[[autres_financements]]
libelle = "Département"
montant = 100
periodicite = "mensuel"
debut = 2024-01-01
compte = "7473"
repartition = { CN1 = 1, CN2 = 2 }

[[evolutions]]
parametre = "smic_mensuel"
depuis = 2027-01-01
valeur = 1900
"""


def built(text: str, lang: Lang = "fr") -> Dossier:
    plain, locate = parse_toml(text, "dossier.toml", lang)
    return build(plain, locate, lang=lang)


def told(text: str, lang: Lang = "fr") -> tuple[Fault, ...]:
    with pytest.raises(InputFaults) as refusal:
        built(text, lang)
    return refusal.value.faults


def sound() -> dict[str, Any]:
    return tomllib.loads(SOUND)


# --- examples ----------------------------------------------------------------------------------------


def test_the_sound_case_is_sound() -> None:
    dossier = built(SOUND)

    assert [p.code for p in dossier.posts] == ["CN1", "CN2"]
    assert dossier.rates == (schema.EmployerRates(),)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_loads_and_survives_writing(name: str, tmp_path: Path) -> None:
    dossier = load(ROOT / "data" / name)

    assert faults(dossier) == ()
    assert load(save(dossier, tmp_path)) == dossier


def test_the_case_of_the_campagnes_de_l_artois_states_what_its_act_says() -> None:
    dossier = load(ROOT / "data" / "campagnes-artois")
    cn1, cn2 = dossier.posts

    assert dossier.authority.name == "Communauté de Communes des Campagnes de l'Artois"
    assert [c.generation for c in cn1.conventions] == ["v1_public", "v2_collectivite"]
    assert [i.amount for i in cn2.conventions[0].instalments] == [17500, 12500, 12500]
    assert cn2.conventions[0].source.startswith("acte : délibération n° 163")
    assert all(t.source.startswith("hypothèse") for p in dossier.posts for c in p.contracts for t in c.terms)
    said = warnings(dossier)
    for code in ("CN1", "CN2"):
        assert f"Poste {code}\u00a0: sans subvention du 1er janvier 2027 au 31 décembre 2028." in said


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_record_of_an_example_says_where_it_comes_from(name: str) -> None:
    plain = tomllib.loads((ROOT / "data" / name / "dossier.toml").read_text("utf-8"))
    silent = [dotted(path) for path, record in _records(plain) if "source" not in record]

    assert silent == []


def _records(plain: dict[str, Any]) -> list[tuple[tuple[str | int, ...], dict[str, Any]]]:
    found: list[tuple[tuple[str | int, ...], dict[str, Any]]] = []

    def visit(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            named = (
                path[:1] == ("scenarios",) and len(path) == 2
            )  # a scenario is a name: its changes are signed
            parts = path[-1:] in (("repartition",), ("parts",))
            if path and not parts and not named and path[0] != "comptes" and "tranches" not in path:
                found.append((path, value))
            for key, held in value.items():
                visit(held, (*path, key))
        elif isinstance(value, list):
            for rank, held in enumerate(value):
                visit(held, (*path, rank))

    visit(plain, ())
    return found


# --- all faults at once, each with its line ------------------------------------------------------------

TEN_FAULTS = """\
[collectivite]
nom = "Communauté d'essai"
siren = "123456789"
efectif = 12

[periode]
premier_exercice = 2026
dernier_exercice = 2024

[[postes]]
code = "CN 1"

[[postes.contrats]]
debut = 2024-01-15
fin = 2023-12-31
quotite = 0.8

[[postes.contrats.remuneration]]
depuis = 2024-01-15
indice_majore = 3730

[[postes.conventions]]
code = "V2"
generation = "v2_colectivite"
debut_financement = "31/02/2024"

[[autres_couts]]
libelle = "Ordinateur"
montant = 1200.555
periodicite = "parfois"
debut = 2024-01-15
compte = "21838"
repartition = { CN1 = 1 }
"""


def test_ten_faults_and_more_are_told_at_once_each_with_its_line() -> None:
    found = [(f.code, f.where) for f in told(TEN_FAULTS)]

    def on(line: int) -> str:
        return f"dossier.toml, ligne {line}"

    assert found == [
        ("missing", on(1)),
        ("siren_key", on(3)),
        ("unknown_key", on(4)),
        ("period_order", on(8)),
        ("bad_code", on(11)),
        ("contract_ends_first", on(15)),
        ("share_unused", on(16)),
        ("term_not_first", on(19)),
        ("at_most", on(20)),
        ("unknown_generation", on(24)),
        ("bad_date", on(25)),
        ("too_many_decimals", on(29)),
        ("not_in_list", on(30)),
        ("account_cost", on(32)),
    ]


def test_a_fault_says_what_where_and_what_to_do() -> None:
    unknown = next(f for f in told(TEN_FAULTS) if f.code == "unknown_key")

    assert unknown.message == "«\u00a0efectif\u00a0» n'est pas une clé connue à cet endroit."
    assert unknown.remedy == "Écrivez «\u00a0effectif\u00a0» au lieu de «\u00a0efectif\u00a0»."


def test_the_report_is_numbered_and_complete() -> None:
    with pytest.raises(InputFaults) as refusal:
        built(TEN_FAULTS)
    shown = str(refusal.value)

    assert refusal.value.exit_status == 2
    assert shown.startswith("14 erreurs à corriger\u00a0; rien n'a été calculé.")
    assert "\n14. dossier.toml, ligne 32\n    " in shown
    assert shown.count("À faire\u00a0:") == 14


def test_faults_are_told_in_english_too() -> None:
    french, english = told(TEN_FAULTS), told(TEN_FAULTS, "en")

    assert [f.code for f in french] == [f.code for f in english]
    assert english[1].where == "dossier.toml, line 3"
    assert english[1].message == "SIREN 123456789 has a wrong key: a digit is badly copied."


# --- each rule -----------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], None]


def put(path: str, value: Any) -> Change:
    """Return what sets the value at a dotted path such as ``postes.0.contrats.0.fin``."""

    def change(plain: dict[str, Any]) -> None:
        *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
        place: Any = plain
        for part in way:
            place = place[part]
        if isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value

    return change


def drop(path: str) -> Change:
    def change(plain: dict[str, Any]) -> None:
        *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
        place: Any = plain
        for part in way:
            place = place[part]
        del place[last]

    return change


def both(*changes: Change) -> Change:
    def change(plain: dict[str, Any]) -> None:
        for one in changes:
            one(plain)

    return change


C, T, V, COST = (
    "postes.0.contrats.0",
    "postes.0.contrats.0.remuneration.0",
    "postes.0.conventions.0",
    "autres_couts.0",
)
SECOND = {"debut": date(2026, 6, 1), "remuneration": [{"depuis": date(2026, 6, 1), "indice_majore": 373}]}
CUSTOM = {"code": "V3", "generation": "personnalisee", "debut_financement": date(2027, 1, 15)}
RATES = {"depuis": date(2020, 1, 1), "chomage": 0.04}

SHARE = {"type": "partage", "parts": {"A": 1}, "cle": "habitants", "taux": 0.5}


def scenarios(changes: list[dict[str, Any]], name: str = "T") -> Change:
    """Return what adds two scenarios to the case: a sound one, and one of these changes."""
    sound_one = {"nom": "S", "changements": [{"type": "maintien"}]}
    return put("scenarios", [sound_one, {"nom": name, "changements": changes}])


RULES: list[tuple[str, Change, str]] = [
    # values
    ("missing", drop("collectivite.effectif"), "collectivite.effectif"),
    ("missing", drop("periode"), "periode"),
    ("missing", drop("autres_couts.0.repartition"), "autres_couts[0].repartition"),
    ("unknown_key", put("collectivite.efectif", 3), "collectivite.efectif"),
    ("unknown_key", put(f"{T}.start", date(2024, 1, 1)), "postes[0].contrats[0].remuneration[0].start"),
    ("not_text", put("collectivite.nom", True), "collectivite.nom"),
    ("too_long", put("collectivite.nom", "x" * 301), "collectivite.nom"),
    ("empty", put("collectivite.nom", "  "), "collectivite.nom"),
    ("unprintable", put("collectivite.nom", "deux\nlignes"), "collectivite.nom"),
    ("not_whole", put("collectivite.effectif", 12.5), "collectivite.effectif"),
    ("not_whole", put("collectivite.effectif", True), "collectivite.effectif"),
    ("not_number", put(f"{COST}.montant", "beaucoup"), "autres_couts[0].montant"),
    ("not_yes_no", put(f"{COST}.fctva", "peut-être"), "autres_couts[0].fctva"),
    ("bad_date", put(f"{C}.fin", "2026-02-30"), "postes[0].contrats[0].fin"),
    ("bad_date", put(f"{C}.fin", 20261231), "postes[0].contrats[0].fin"),
    ("bad_date", put(f"{C}.fin", datetime(2026, 12, 31, 8)), "postes[0].contrats[0].fin"),
    ("date_out_of_range", put(f"{C}.fin", date(2206, 12, 31)), "postes[0].contrats[0].fin"),
    ("more_than", put(f"{C}.heures_semaine", 0), "postes[0].contrats[0].heures_semaine"),
    ("at_least", put(f"{COST}.montant", -1), "autres_couts[0].montant"),
    ("less_than", put(f"{C}.quotite", 80), "postes[0].contrats[0].quotite"),
    ("at_most", put(f"{COST}.montant", 1e8), "autres_couts[0].montant"),
    ("at_most", put(f"{COST}.montant", float("nan")), "autres_couts[0].montant"),
    ("too_many_decimals", put(f"{COST}.montant", 12.345), "autres_couts[0].montant"),
    ("not_in_list", put(f"{COST}.periodicite", "parfois"), "autres_couts[0].periodicite"),
    ("not_in_list", put("collectivite.zone_residence", 4), "collectivite.zone_residence"),
    ("not_rows", put("postes.0.contrats", {"debut": 1}), "postes[0].contrats"),
    ("not_table", put("collectivite", "x"), "collectivite"),
    ("not_table", put(f"{COST}.repartition", 1), "autres_couts[0].repartition"),
    ("no_row", put("postes", []), "postes"),
    ("bad_siren", put("collectivite.siren", "12345"), "collectivite.siren"),
    ("bad_source", put("collectivite.source", "on m'a dit"), "collectivite.source"),
    ("bad_code", put("postes.1.code", "CN 2"), "postes[1].code"),
    ("bad_account", put(f"{COST}.compte", "2183x"), "autres_couts[0].compte"),
    # authority, period, rates
    ("siren_key", put("collectivite.siren", "356000001"), "collectivite.siren"),
    ("self_insured_pays", put("taux_employeur", [RATES]), "taux_employeur[0].chomage"),
    (
        "insured_without_rates",
        put("collectivite.auto_assurance_chomage", False),
        "collectivite.auto_assurance_chomage",
    ),
    (
        "insured_pays_nothing",
        both(put("collectivite.auto_assurance_chomage", False), put("taux_employeur", [{"at_mp": 0.02}])),
        "taux_employeur[0]",
    ),
    ("no_rates", put("taux_employeur", []), "taux_employeur"),
    ("rates_twice", put("taux_employeur", [{"at_mp": 0.02}, {"at_mp": 0.03}]), "taux_employeur[1].depuis"),
    ("rates_late", put("taux_employeur", [{"depuis": date(2024, 2, 1)}]), "taux_employeur[0].depuis"),
    ("period_order", put("periode.dernier_exercice", 2023), "periode.dernier_exercice"),
    ("period_long", put("periode.dernier_exercice", 2039), "periode.dernier_exercice"),
    # posts and contracts
    ("post_twice", put("postes.1.code", "cn1"), "postes[1].code"),
    ("contract_ends_first", put(f"{C}.fin", date(2024, 1, 14)), "postes[0].contrats[0].fin"),
    ("contract_too_old", put(f"{C}.debut", date(2001, 6, 1)), "postes[0].contrats[0].debut"),
    (
        "contract_long_over",
        both(put(f"{C}.debut", date(2015, 1, 15)), put(f"{C}.fin", date(2019, 1, 1))),
        "postes[0].contrats[0].fin",
    ),
    ("overlap", put("postes.0.contrats.1", SECOND), "postes[0].contrats[1].debut"),
    (
        "overlap_open",
        both(drop(f"{C}.fin"), put("postes.0.contrats.1", SECOND)),
        "postes[0].contrats[1].debut",
    ),
    (
        "contract_order",
        lambda plain: plain["postes"][0]["contrats"].insert(0, SECOND | {"debut": date(2027, 1, 1)}),
        "postes[0].contrats[1].debut",
    ),
    ("hours_missing", put(f"{C}.temps", "temps_non_complet"), "postes[0].contrats[0].temps"),
    ("hours_unused", put(f"{C}.heures_semaine", 28), "postes[0].contrats[0].heures_semaine"),
    ("share_missing", put(f"{C}.temps", "temps_partiel"), "postes[0].contrats[0].temps"),
    ("share_unused", put(f"{C}.quotite", 0.8), "postes[0].contrats[0].quotite"),
    (
        "titulaire_projet",
        both(put(f"{C}.statut", "titulaire"), put(f"{C}.nature", "projet")),
        "postes[0].contrats[0].nature",
    ),
    # pay
    ("no_pay", drop(f"{C}.remuneration"), "postes[0].contrats[0]"),
    ("term_not_first", put(f"{T}.depuis", date(2023, 12, 2)), "postes[0].contrats[0].remuneration[0].depuis"),
    ("term_late", put(f"{T}.depuis", date(2024, 2, 1)), "postes[0].contrats[0].remuneration[0].depuis"),
    ("term_too_old", put(f"{T}.depuis", date(2012, 1, 1)), "postes[0].contrats[0].remuneration[0].depuis"),
    (
        "term_twice",
        put(f"{C}.remuneration.1", {"depuis": date(2024, 1, 1), "indice_majore": 380}),
        "postes[0].contrats[0].remuneration[1].depuis",
    ),
    ("no_index", drop(f"{T}.indice_majore"), "postes[0].contrats[0].remuneration[0]"),
    ("index_and_grade", put(f"{T}.grade", "B1"), "postes[0].contrats[0].remuneration[0].indice_majore"),
    (
        "grade_without_step",
        both(drop(f"{T}.indice_majore"), put(f"{T}.grade", "B1")),
        "postes[0].contrats[0].remuneration[0].grade",
    ),
    (
        "step_without_grade",
        both(drop(f"{T}.indice_majore"), put(f"{T}.echelon", 1)),
        "postes[0].contrats[0].remuneration[0].echelon",
    ),
    (
        "unknown_grade",
        both(drop(f"{T}.indice_majore"), put(f"{T}.grade", "Z9"), put(f"{T}.echelon", 1)),
        "postes[0].contrats[0].remuneration[0].grade",
    ),
    (
        "unknown_step",
        both(drop(f"{T}.indice_majore"), put(f"{T}.grade", "B1"), put(f"{T}.echelon", 14)),
        "postes[0].contrats[0].remuneration[0].echelon",
    ),
    (
        "grid_too_recent",
        both(
            put(f"{C}.debut", date(2023, 9, 4)),
            put(T, {"depuis": date(2023, 9, 1), "grade": "B2", "echelon": 1}),
        ),
        "postes[0].contrats[0].remuneration[0].grade",
    ),
    # conventions
    (
        "convention_twice",
        put("postes.0.conventions.1", CUSTOM | {"code": "v2", "tranches": [{"mois": 6, "montant": 1}]}),
        "postes[0].conventions[1].code",
    ),
    ("unknown_generation", put(f"{V}.generation", "v3"), "postes[0].conventions[0].generation"),
    ("tranches_count", put("postes.0.conventions.1", CUSTOM), "postes[0].conventions[1].generation"),
    (
        "tranches_count",
        put("postes.0.conventions.1", CUSTOM | {"tranches": [{"mois": 1, "montant": 1}] * 5}),
        "postes[0].conventions[1].tranches",
    ),
    (
        "tranches_unused",
        put(f"{V}.tranches", [{"mois": 12, "montant": 1}]),
        "postes[0].conventions[0].tranches",
    ),
    (
        "financing_too_early",
        put(f"{V}.debut_financement", date(2020, 12, 31)),
        "postes[0].conventions[0].debut_financement",
    ),
    ("financing_ends_first", put(f"{V}.fin", date(2024, 1, 1)), "postes[0].conventions[0].fin"),
    (
        "financing_overlap",
        put(
            "postes.0.conventions.1",
            {"code": "V3", "generation": "v1_public", "debut_financement": date(2027, 1, 14)},
        ),
        "postes[0].conventions[1].debut_financement",
    ),
    (  # the second year ends on 14 January 2026, the third is cut short on the 17th, the next begins on the 20th
        "three_grant_years",
        both(
            put(f"{V}.fin", date(2026, 1, 17)),
            put(
                "postes.0.conventions.1",
                {"code": "V3", "generation": "v1_public", "debut_financement": date(2026, 1, 20)},
            ),
        ),
        "postes[0].conventions[1].debut_financement",
    ),
    (
        "titled_before_called",
        put(f"{V}.versements.0.titre_le", date(2024, 1, 31)),
        "postes[0].conventions[0].versements[0].titre_le",
    ),
    (
        "received_before_called",
        put(f"{V}.versements.0.encaisse_le", date(2024, 1, 31)),
        "postes[0].conventions[0].versements[0].encaisse_le",
    ),
    (
        "instalments_above_grant",
        put(f"{V}.versements.0.montant", 42500.01),
        "postes[0].conventions[0].versements",
    ),
    # other costs and funding
    ("once_with_end", put(f"{COST}.fin", date(2025, 1, 1)), "autres_couts[0].fin"),
    ("item_ends_first", put("autres_financements.0.fin", date(2023, 12, 31)), "autres_financements[0].fin"),
    (
        "fctva_section",
        both(drop(f"{COST}.section"), put(f"{COST}.compte", "60632")),
        "autres_couts[0].fctva",
    ),
    ("fctva_on_funding", put("autres_financements.0.fctva", True), "autres_financements[0].fctva"),
    ("fctva_private", put("collectivite.plan_comptes", "PCG"), "autres_couts[0].fctva"),
    ("funder_on_cost", put(f"{COST}.financeur", "Région"), "autres_couts[0].financeur"),
    (
        "fonds_de_concours",
        put("autres_financements.0.vecteur", "fonds_de_concours"),
        "autres_financements[0].vecteur",
    ),
    ("account_cost", put(f"{COST}.compte", "6251"), "autres_couts[0].compte"),
    ("account_funding", put("autres_financements.0.compte", "6251"), "autres_financements[0].compte"),
    ("unknown_post", put(f"{COST}.repartition", {"CN1": 1, "CN3": 1}), "autres_couts[0].repartition.CN3"),
    ("no_weight", put(f"{COST}.repartition", {"CN1": 0}), "autres_couts[0].repartition"),
    ("bad_code", put(f"{COST}.repartition", {"CN 1": 1}), "autres_couts[0].repartition.CN 1"),
    # suppositions and accounts
    ("unknown_parameter", put("evolutions.0.parametre", "smic_mensuell"), "evolutions[0].parametre"),
    ("assumption_too_early", put("evolutions.0.depuis", date(2019, 12, 1)), "evolutions[0].depuis"),
    (
        "assumption_twice",
        put("evolutions.1", {"parametre": "smic_mensuel", "depuis": date(2027, 1, 1), "valeur": 1950}),
        "evolutions[1].depuis",
    ),
    ("nothing_to_withdraw", drop("evolutions.0.valeur"), "evolutions[0]"),
    (
        "withdraw_first",
        put("evolutions.0", {"parametre": "smic_mensuel", "depuis": date(2020, 1, 1)}),
        "evolutions[0]",
    ),
    ("implausible", put("evolutions.0.valeur", 12.02), "evolutions[0].valeur"),
    (
        "implausible",
        put("evolutions.0", {"parametre": "cnracl", "depuis": date(2027, 1, 1), "valeur": 40.65}),
        "evolutions[0].valeur",
    ),
    (
        "not_whole_value",
        put("evolutions.0", {"parametre": "im_minimum", "depuis": date(2027, 1, 1), "valeur": 370.5}),
        "evolutions[0].valeur",
    ),
    ("unknown_line", put("comptes", {"cssa": {"contractuel": "6451", "titulaire": "6451"}}), "comptes.cssa"),
    (
        "one_account",
        put("comptes", {"subvention_etat": {"contractuel": "74718", "titulaire": "7478"}}),
        "comptes.subvention_etat.titulaire",
    ),
    (
        "account_cost",
        put("comptes", {"csa": {"contractuel": "7451", "titulaire": "6451"}}),
        "comptes.csa.contractuel",
    ),
    # scenarios
    (
        "scenarios_many",
        put("scenarios", [{"nom": f"S{n}", "changements": [{"type": "maintien"}]} for n in range(7)]),
        "scenarios[6]",
    ),
    ("scenario_twice", scenarios([{"type": "maintien"}], name="s"), "scenarios[1].nom"),
    ("scenario_reserved", scenarios([{"type": "maintien"}], name="le dossier"), "scenarios[1].nom"),
    ("scenario_empty", put("scenarios", [{"nom": "S"}]), "scenarios[0]"),
    (
        "change_post",
        scenarios([{"type": "maintien", "poste": "CN3"}]),
        "scenarios[1].changements[0].poste",
    ),
    ("change_needs", scenarios([{"type": "fin_subvention"}]), "scenarios[1].changements[0]"),
    ("change_unused", scenarios([{"type": "maintien", "mois": 3}]), "scenarios[1].changements[0].mois"),
    (
        "change_index_and_grade",
        scenarios([{"type": "recrutement", "date": date(2027, 1, 1), "indice_majore": 373, "grade": "B1"}]),
        "scenarios[1].changements[0].indice_majore",
    ),
    ("share_base", scenarios([SHARE | {"montant": 10}]), "scenarios[1].changements[0]"),
    ("share_no_weight", scenarios([SHARE | {"parts": {"A": 0}}]), "scenarios[1].changements[0].parts"),
    (
        "share_unit_equal",
        scenarios([{"type": "partage", "parts": {"A": 1}, "cle": "egal", "prix_unitaire": 2}]),
        "scenarios[1].changements[0].prix_unitaire",
    ),
    (
        "share_vehicle",
        scenarios([SHARE | {"vecteur": "fonds_de_concours"}]),
        "scenarios[1].changements[0].vecteur",
    ),
    ("bad_code", scenarios([SHARE | {"parts": {"A = 1": 3}}]), "scenarios[1].changements[0].parts.A = 1"),
    (
        "clash_fate",
        scenarios([{"type": "maintien"}, {"type": "arret", "poste": "CN1"}]),
        "scenarios[1].changements[1].type",
    ),
    (
        "clash_after_end",
        scenarios([{"type": "non_renouvellement"}, {"type": "remplacement", "mois": 2}]),
        "scenarios[1].changements[1].type",
    ),
    (
        "clash_twice",
        scenarios([{"type": "indice", "points": 3}, {"type": "indice", "points": 4}]),
        "scenarios[1].changements[1].type",
    ),
    (
        "clash_law",
        scenarios([{"type": "smic", "taux": 0.01}, {"type": "smic", "taux": 0.02}]),
        "scenarios[1].changements[1].type",
    ),
]


@pytest.mark.parametrize(("code", "change", "where"), RULES, ids=[f"{c}-{w}" for c, _, w in RULES])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_single_fault_is_told_alone_at_its_place(code: str, change: Change, where: str, lang: Lang) -> None:
    plain = sound()
    change(plain)
    with pytest.raises(InputFaults) as refusal:
        build(plain, dotted, lang=lang)
    found = {(f.code, f.where) for f in refusal.value.faults}

    assert (code, where) in found
    # A slip that is two mistakes at once is told twice; no other place is blamed.
    related = {
        "missing": {"no_weight"},
        "post_twice": {"unknown_post"},
        "share_unused": {"less_than"},
        "more_than": {"hours_unused"},
        "no_row": {"unknown_post", "rates_late"},
        "not_rows": {"no_pay"},
        "contract_too_old": {"term_late"},
        "contract_long_over": {"term_late"},
        "contract_order": {"contract_order", "term_late", "overlap"},
        "index_and_grade": {"index_and_grade"},
        "not_table": {"missing"},
        "no_weight": set(),
        "bad_code": {"unknown_post"},
        "financing_too_early": set(),
        "convention_twice": set(),
    }.get(code, set())
    assert {c for c, _ in found} <= {code} | related


def test_every_fault_of_the_catalogue_is_provoked_by_a_test() -> None:
    source = Path(__file__).read_text("utf-8")
    from conseiller.messages import catalogue

    codes = {key.split(".")[2] for key in catalogue("fr") if key.startswith("dossier.fault.")}

    assert {code for code in codes - {"other"} if f'"{code}"' not in source} == set()


@pytest.mark.parametrize(
    "change",
    [
        put("autres_financements.0.vecteur", "participation"),
        put("autres_financements.0.compte", "6419"),  # refund on pay: chapter 013
        put(
            f"{V}.versements.0",
            {"libelle": "x", "montant": 42500, "titre_le": date(2024, 3, 1), "encaisse_le": date(2024, 2, 1)},
        ),  # money before the titre
        put("postes.0.contrats.1", SECOND | {"debut": date(2027, 1, 1)}),  # abutting
        put(
            "postes.0.conventions.1",
            {"code": "V3", "generation": "v1_public", "debut_financement": date(2027, 1, 15)},
        ),
        put("evolutions.0", {"parametre": "smic_mensuel", "depuis": date(2026, 6, 1)}),  # withdrawn
        put(
            "evolutions.0",
            {
                "parametre": "generation_v2_collectivite_1_montant",
                "depuis": date(2021, 1, 1),
                "valeur": 18000,
            },
        ),
        both(put("collectivite.auto_assurance_chomage", False), put("taux_employeur", [RATES])),
        put(f"{T}.depuis", date(2020, 9, 1)),
        put("periode.dernier_exercice", 2038),
        put("collectivite.siren", "356000000"),
        both(put(f"{C}.statut", "titulaire"), drop(f"{C}.fin")),
    ],
)
def test_what_is_unusual_but_sound_is_accepted(change: Change) -> None:
    plain = sound()
    change(plain)

    build(plain, dotted)


def test_a_titulaire_need_not_say_that_he_is_not_on_a_contrat_de_projet() -> None:
    plain = sound()
    put(f"{C}.statut", "titulaire")(plain)

    assert build(plain, dotted).posts[0].contracts[0].nature == "autre"


def test_faults_of_two_contracts_do_not_hide_the_overlap_of_two_others() -> None:
    plain = sound()
    plain["postes"][1]["contrats"] = [SECOND | {"statut": "stagiaire"}, {"fin": 3}, copy.deepcopy(SECOND)]
    with pytest.raises(InputFaults) as refusal:
        build(plain, dotted)

    assert {f.code for f in refusal.value.faults} == {"not_in_list", "missing", "bad_date", "overlap_open"}


def test_both_overlapping_contracts_are_named_and_the_remedy_gives_the_day() -> None:
    plain = sound()
    put("postes.0.contrats.1", SECOND)(plain)
    with pytest.raises(InputFaults) as refusal:
        build(plain, dotted)
    (fault,) = refusal.value.faults

    assert "du 15 janvier 2024 (jusqu'au 31 décembre 2026) et celui du 1er juin 2026" in fault.message
    assert "au plus tard le 31 mai 2026" in fault.remedy


def test_a_key_of_another_section_is_sent_there() -> None:
    plain = sound()
    put(f"{C}.rifseep_mensuel", 100)(plain)
    with pytest.raises(InputFaults) as refusal:
        build(plain, dotted)

    assert refusal.value.faults[0].remedy.endswith("se place dans [postes.contrats.remuneration].")


def test_a_case_made_in_python_is_checked_by_the_same_rules() -> None:
    contract = schema.Contract(start=date(2024, 1, 1), status="titulaire")
    dossier = schema.Dossier(
        authority=schema.Authority(name="A", headcount=5),
        period=schema.Period(first=2024, last=2025),
        posts=(schema.Post(code="P", contracts=(contract,)),),
    )

    assert {f.code for f in faults(dossier)} == {"no_pay", "titulaire_projet"}
    assert {f.where for f in faults(dossier)} == {"postes[0].contrats[0]", "postes[0].contrats[0].nature"}


def test_dates_are_read_in_the_law_no_earlier_than_it_goes() -> None:
    """The rules that refuse old contracts and terms know every table that the model reads at their dates."""

    def read_at(table: Any, at: str) -> set[str]:
        return {
            c.lookup.parameter
            for c in REGISTRY.columns(table)
            if isinstance(c.lookup, Law) and c.lookup.at == at
        }

    assert read_at("contract", "start") <= set(READ_AT_CONTRACT_START)
    assert read_at("contract", "until") <= set(READ_AT_CONTRACT_END)
    assert read_at("term", "start") <= set(READ_AT_TERM_START)
    monthly = {
        c.lookup.parameter.replace("{zone}", "1")
        for c in REGISTRY.columns("month")
        if isinstance(c.lookup, Law)
    }
    assert all(load_law().table(p).entries[0].start <= date(2021, 1, 1) for p in monthly)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.datetimes(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["debut", "code", "x"]), st.integers(), max_size=2),
    st.sampled_from([[None], [{}], {}, [], "=1+1", "\ud800", "1e400", "31/12/9999", date.max, date.min]),
)


@given(st.data())
@settings(max_examples=300)
def test_whatever_is_typed_is_either_a_case_or_a_list_of_faults(data: st.DataObject) -> None:
    plain = _full() if data.draw(st.booleans()) else sound()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_paths(plain)))
        place: Any = plain
        for part in path[:-1]:
            place = place[part]
        if data.draw(st.booleans()):
            place[path[-1]] = copy.deepcopy(data.draw(JUNK))
        else:
            del place[path[-1]]
        if not plain:
            break
    try:
        dossier = build(plain, dotted)
    except InputFaults as refusal:
        found = refusal.faults
    else:
        found = ()
        assert faults(dossier) == ()
        assert build(*parse_toml(to_toml(dossier), "x")) == dossier
        warnings(dossier)
    assert all(f.message and f.where and f.remedy for f in found)


def _full() -> dict[str, Any]:
    return tomllib.loads(
        (ROOT / "data" / "exemples" / "departement-fictif" / "dossier.toml").read_text("utf-8")
    )


def test_a_case_of_nothing_is_a_list_of_faults() -> None:
    with pytest.raises(InputFaults) as refusal:
        build({}, dotted)

    assert {(f.code, f.where) for f in refusal.value.faults} == {
        ("missing", "collectivite"),
        ("missing", "periode"),
        ("missing", "postes"),
    }


# --- what officers and spreadsheets write ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("17 500,00 €", 17500.0),
        ("17\u202f500", 17500.0),
        ("1,60 %", 0.016),
        ("−3", -3.0),
        (12, 12),
        ("12.5", 12.5),
    ],
)
def test_a_number_is_read_as_the_french_write_it(written: object, read_as: float) -> None:
    assert as_number(written) == read_as


def test_a_date_is_read_as_the_french_write_it() -> None:
    assert as_date("15/11/2023") == date(2023, 11, 15)
    assert as_date(datetime(2023, 11, 15)) == date(2023, 11, 15)
    assert str(as_date("31/02/2023")).startswith("?")
    assert str(as_date(45000)).startswith("?")


def test_words_accounts_and_sources_are_read_as_typed() -> None:
    plain = sound()
    put(f"{C}.temps", "Temps partiel")(plain)
    put(f"{C}.quotite", "80 %")(plain)
    put(f"{C}.source", "Hypothese\u00a0: à revoir")(plain)
    put(f"{V}.generation", "V2 collectivité")(plain)
    put(f"{COST}.compte", 21838.0)(plain)
    put(f"{COST}.fctva", "Oui")(plain)
    put(f"{COST}.montant", 0.1 + 0.2)(plain)
    put("collectivite.zone_residence", 2.0)(plain)
    put("collectivite.siren", 356000000)(plain)
    put("collectivite.population", None)(plain)
    dossier = build(plain, dotted)

    contract = dossier.posts[0].contracts[0]
    assert (contract.working_time, contract.share, contract.source) == (
        "temps_partiel",
        0.8,
        "hypothèse : à revoir",
    )
    assert dossier.posts[0].conventions[0].generation == "v2_collectivite"
    assert (dossier.costs[0].account, dossier.costs[0].fctva, dossier.costs[0].amount) == ("21838", True, 0.3)
    assert (dossier.authority.residence_zone, dossier.authority.siren) == (2, "356000000")


@given(dossiers(max_posts=2))
@settings(max_examples=30)
def test_reading_leaves_a_well_written_case_as_it_is(dossier: Dossier) -> None:
    plain = dossier.to_plain()

    assert schema.Dossier.model_validate(read(Dossier, plain)) == dossier


# --- TOML: lines -----------------------------------------------------------------------------------------

TRICKY = '''\
# a comment = "with a key"
titre = """trois
lignes [[postes]]
x = 1"""  # ends here
plat.cle."é # x" = [ 1, 2,   # comment ]
  3, { a = "}", b = [ "]" ] },
]
[collectivite] # note
nom = 'C:\\\\[x]'
"n # m" = 2024-01-01
[[postes]]
code = "CN1"
[[postes.contrats]]
debut = 2024-01-01
[[postes.contrats.remuneration]]
depuis = 2024-01-01
[[postes.contrats]]
fin = 07:32:00
[[postes.contrats.remuneration]]
x.y = { z = 1, t.u = """"quatre guillemets"""" }
[[postes]]
[postes.autre]
v = -1.5e3
[[postes.contrats]]
w = true
'''


def test_the_line_of_every_value_of_a_tricky_text() -> None:
    tomllib.loads(TRICKY)
    lines = line_map(TRICKY)

    assert lines["titre",] == 2
    assert lines["plat", "cle", "é # x"] == 5
    assert lines["plat", "cle", "é # x", 1] == 5
    assert lines["plat", "cle", "é # x", 2] == 6
    assert lines["plat", "cle", "é # x", 3, "b", 0] == 6
    assert lines["collectivite",] == 8
    assert lines["collectivite", "n # m"] == 10
    assert lines["postes",] == lines["postes", 0] == 11
    assert lines["postes", 0, "contrats", 0, "remuneration", 0, "depuis"] == 16
    assert lines["postes", 0, "contrats", 1, "fin"] == 18
    assert lines["postes", 0, "contrats", 1, "remuneration", 0] == 19
    assert lines["postes", 0, "contrats", 1, "remuneration", 0, "x", "y", "t", "u"] == 20
    assert lines["postes", 1] == 21
    assert lines["postes", 1, "autre", "v"] == 23
    assert lines["postes", 1, "contrats", 0, "w"] == 25
    assert nearest(lines, ("postes", 1, "contrats", 0, "absent", 3)) == 24
    assert nearest(lines, ("absent",)) is None


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, held in value.items():
            found += _paths(held, (*path, key))
    elif isinstance(value, list):
        for rank, held in enumerate(value):
            found += _paths(held, (*path, rank))
    return found


@pytest.mark.parametrize("text", [TRICKY, SOUND, TEN_FAULTS, SOUND.replace("\n", "\r\n")])
def test_every_path_has_a_line(text: str) -> None:
    assert set(_paths(tomllib.loads(text))) == set(line_map(text))


@given(dossiers())
@settings(max_examples=50)
def test_the_line_of_a_value_holds_its_key(dossier: Dossier) -> None:
    text = to_toml(dossier)
    plain, lines, rows = tomllib.loads(text), line_map(text), text.split("\n")

    for path in _paths(plain):
        if isinstance(path[-1], str):
            assert path[-1] in rows[lines[path] - 1]


@given(
    st.recursive(
        st.integers() | labels, lambda x: st.lists(x, max_size=3) | st.dictionaries(labels, x, max_size=3)
    )
)
def test_any_value_has_its_lines(value: Any) -> None:
    import tomlkit

    text = tomlkit.dumps({"a": {"b c": value}, "d": [{"e": value}, {"f": [value]}]})

    assert set(_paths(tomllib.loads(text))) <= set(line_map(text))


# --- TOML: writing ---------------------------------------------------------------------------------------


@given(dossiers(), st.sampled_from(LANGUAGES))
def test_a_case_is_the_same_after_writing_and_reading(dossier: Dossier, lang: Lang) -> None:
    text = to_toml(dossier, lang)
    plain, locate = parse_toml(text, "dossier.toml")

    assert build(plain, locate) == dossier
    assert to_toml(build(plain, locate), lang) == text


@given(dossiers())
@settings(max_examples=50)
def test_a_generated_case_is_sound(dossier: Dossier) -> None:
    assert faults(dossier) == ()


def test_a_written_case_reads_well() -> None:
    text = to_toml(built(SOUND))

    assert '# Poste CN1.\n[[postes]]\ncode = "CN1"\n' in text
    assert "montant = 17500\n" in text
    assert "repartition = { CN1 = 1, CN2 = 2 }\n" in text
    assert "zone_residence" not in text  # a default
    assert max(map(len, text.splitlines())) < 120


def test_a_value_typed_as_the_default_is_not_told_a_default(tmp_path: Path) -> None:
    typed = built(SOUND.replace("effectif = 12", "effectif = 12\nzone_residence = 3\nmois_cia = 12"))
    moved = typed.model_copy(update={"authority": typed.authority.model_copy(update={"headcount": 60})})

    for dossier in (typed, moved, load(save(typed, tmp_path)), built(to_toml(typed))):
        sources = {f: dossier.authority.source_of(f) for f in ("zone_residence", "mois_cia", "plan_comptes")}
        assert sources == {"zone_residence": "hypothèse", "mois_cia": "hypothèse", "plan_comptes": "défaut"}
        assert not any("Zone de résidence" in text for text in warnings(dossier))
    assert any("Zone de résidence 3" in text for text in warnings(built(SOUND)))
    assert 'nom = "Communauté d\'essai"\neffectif = 12\nzone_residence = 3\nmois_cia = 12\n\n' in to_toml(
        typed
    )


def test_an_empty_list_that_is_not_the_default_is_written() -> None:
    dossier = built(SOUND).model_copy(update={"rates": ()})

    assert "taux_employeur = []" in to_toml(dossier).split("[collectivite]")[0]


# --- files -----------------------------------------------------------------------------------------------


def only_fault(path: Path, lang: Lang = "fr") -> Fault:
    with pytest.raises(InputFaults) as refusal:
        load(path, lang)
    (fault,) = refusal.value.faults
    return fault


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a = 1\nb = 12 €\n", 2, "texte en trop"),
        ("a = 1\nb 12\n", 2, "signe ="),
        ("a = 1\na = 2\n", 2, "deux fois"),
        ("a = 1\n\nb = [1, 2\n", 3, "crochet"),
        ('a = 1\nb = "x\n', 2, "guillemet"),
        ("a = oui\n", 1, "valeur mal écrite"),
        ("[a]\n[a]\n", 2, "deux fois"),
        ("a = 2024-02-30\n", 1, "date"),
        ("a = 1\né = 2\n", 2, "clé mal écrite"),
        ("a = {b = 1\n", 1, "crochet"),
    ],
)
def test_a_slip_of_writing_is_told_with_its_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = tmp_path / "dossier.toml"
    file.write_text(text, "utf-8")
    fault = only_fault(file)

    assert fault.code == "syntax"
    assert fault.where == f"{file}, ligne {line}"
    assert reason in fault.message


def test_a_file_with_a_byte_order_mark_and_windows_lines_is_read(tmp_path: Path) -> None:
    file = tmp_path / "dossier.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())

    assert load(tmp_path) == built(SOUND)


def test_files_that_cannot_be_a_dossier(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes("a = 1\nb = 'é'\n".encode("latin-1"))
    (tmp_path / "note.docx").write_bytes(b"")
    (tmp_path / "vide").mkdir()

    assert only_fault(tmp_path / "latin.toml").code == "not_utf8"
    assert only_fault(tmp_path / "latin.toml").where.endswith("latin.toml, ligne 2")
    assert only_fault(tmp_path / "note.docx").code == "wrong_kind"
    assert only_fault(tmp_path / "vide").code == "folder_empty"
    missing = only_fault(tmp_path / "absent")
    assert missing.code == "path_missing"
    assert "latin.toml, note.docx, vide" in missing.remedy
    assert only_fault(tmp_path / "a" / "b").remedy.endswith("n'existe pas ou est vide.")


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dossier.toml").write_text(SOUND, "utf-8")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    assert only_fault(tmp_path).code == "unreadable"


def test_saving(tmp_path: Path) -> None:
    dossier = built(SOUND)

    assert save(dossier, tmp_path / "neuf") == tmp_path / "neuf" / "dossier.toml"
    assert save(dossier, tmp_path / "autre.toml").name == "autre.toml"
    assert load(tmp_path / "neuf") == load(tmp_path / "autre.toml") == dossier
    assert sorted(p.name for p in tmp_path.iterdir()) == ["autre.toml", "neuf"]
    with pytest.raises(InputFaults) as refusal:
        save(dossier, tmp_path / "x.xlsx")
    assert refusal.value.faults[0].code == "save_kind"


def test_saving_where_one_cannot_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = built(SOUND)
    file = save(dossier, tmp_path)
    before = file.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputFaults) as refusal:
        save(dossier.model_copy(update={"posts": dossier.posts[:1]}), tmp_path)

    assert refusal.value.faults[0].code == "unwritable"
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["dossier.toml"]


def test_loading_a_toml_file_loads_no_heavy_package() -> None:
    code = (
        "import sys, conseiller\n"
        f"conseiller.load({str(ROOT / 'data' / 'campagnes-artois')!r})\n"
        "print(sorted({'pandas', 'matplotlib', 'openpyxl', 'xlsxwriter', 'tomlkit'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


# --- what to say without refusing --------------------------------------------------------------------------

SAID: list[tuple[Change, str]] = [
    (drop("postes.0.contrats"), "Poste CN1 : aucun contrat"),
    (drop("postes.0.conventions"), "Poste CN1 : aucune convention"),
    (drop(f"{C}.fin"), "Poste CN1 : sans subvention à compter du 15 janvier 2027."),
    (put(f"{C}.fin", date(2027, 3, 31)), "Poste CN1 : sans subvention du 15 janvier 2027 au 31 mars 2027."),
    (
        put(f"{V}.debut_financement", date(2024, 3, 1)),
        "Poste CN1 : sans subvention du 15 janvier 2024 au 29 février 2024.",
    ),
    (
        both(
            put(f"{C}.fin", date(2031, 1, 31)),
            put(
                "postes.0.contrats.1",
                SECOND
                | {
                    "debut": date(2031, 2, 1),
                    "remuneration": [{"depuis": date(2031, 2, 1), "indice_majore": 373}],
                },
            ),
        ),
        "Poste CN1 : le contrat de projet du 1er février 2031 n'a pas de date de fin",
    ),
    (
        put(f"{C}.fin", date(2030, 2, 28)),
        "Poste CN1 : 73 mois de contrat de projet en tout, au-delà des 72 mois",
    ),
    (
        both(put(f"{C}.temps", "temps_partiel"), put(f"{C}.quotite", 0.8)),
        "subvention réduite selon le temps de travail",
    ),
    (
        both(put(f"{C}.debut", date(2021, 1, 4)), put(T, {"depuis": date(2021, 1, 1), "indice_majore": 332})),
        "Poste CN1 : IM 332 indiqué avant le 1er avril 2021",
    ),
    (
        put(f"{C}.remuneration.1", {"depuis": date(2027, 1, 1), "indice_majore": 380}),
        "la rémunération du 1er janvier 2027 commence après la fin du contrat",
    ),
    (
        both(drop(f"{C}.fin"), put(f"{C}.are_jours", 90)),
        "congés non pris, ARE et indemnité de rupture ne sont pas comptés",
    ),
    (
        both(
            put(f"{C}.are_jours", 90),
            put("collectivite.auto_assurance_chomage", False),
            put("taux_employeur", [RATES]),
        ),
        "jours d'ARE non comptés",
    ),
    (
        both(
            put("autres_financements.0.compte", "74741"),
            put("autres_financements.0.vecteur", "participation"),
        ),
        "une participation des communes au compte 74741 est l'exception",
    ),
    (put(f"{COST}.montant", 450), "sous 500 € TTC"),
    (put("collectivite.effectif", 60), "Effectif de 60 agents : hypothèse"),
    (put("collectivite.effectif", 60), "Zone de résidence 3"),
    (put("collectivite.effectif", 60), "AT/MP 1,60 % et centre de gestion 1,10 %"),
    (put("periode.dernier_exercice", 2030), "Valeurs légales vérifiées jusqu'au"),
    (
        both(put(f"{C}.statut", "titulaire"), put("periode.dernier_exercice", 2028)),
        "Valeurs légales prévues, pas encore en vigueur à la vérification : CNRACL",
    ),
    (put("periode.dernier_exercice", 2030), "Valeurs légales non vérifiées : FCTVA"),
    (
        put("evolutions.0.depuis", date(2027, 1, 15)),
        "une valeur datée du 15 janvier 2027 ne s'applique qu'au mois suivant",
    ),
    (
        put("taux_employeur", [{"at_mp": 0.02}, {"depuis": date(2025, 3, 7)}]),
        "Taux de l'employeur : une valeur datée du 7 mars 2025",
    ),
]


@pytest.mark.parametrize(("change", "words"), SAID, ids=[w[:60] for _, w in SAID])
def test_what_must_be_known_is_said(change: Change, words: str) -> None:
    plain = sound()
    change(plain)
    said = "\n".join(warnings(build(plain, dotted))).replace("\u00a0", " ")

    assert words in said


def test_the_sound_case_calls_for_little() -> None:
    said = "\n".join(warnings(built(SOUND)))

    assert "Poste CN1" not in said
    assert "CNRACL" not in said


@given(dossiers(), st.sampled_from(LANGUAGES))
@settings(max_examples=50)
def test_warnings_are_short_sentences(dossier: Dossier, lang: Lang) -> None:
    said = warnings(dossier, lang=lang)

    assert all(re.fullmatch(r"[A-ZÀÉ«\"'(].*\.", s) or s[0] in "'«" for s in said)
    assert len(said) == len(set(said))


def test_low_indices_are_those_of_the_decree() -> None:
    replaced = load_law().table("im_remplaces").entries[-1]
    assert (replaced.start, replaced.value) == (date(2021, 4, 1), 335)


# --- the schema, walked ------------------------------------------------------------------------------------


def test_every_field_of_the_schema_has_a_known_shape() -> None:
    models = [Dossier]
    for model in models:
        for key, shape in shapes(model).items():
            assert (shape.kind in NESTED) == (shape.model is not None)
            assert shape.name in model.model_fields
            assert key == (model.model_fields[shape.name].alias or shape.name)
            if shape.model is not None:
                models.append(shape.model)

    assert homes()["indice_majore"] == ("postes.contrats.remuneration", "scenarios.changements")
    assert model_at(("postes", 0, "contrats", 1, "fin"))[0] is schema.Contract
    assert model_at(("comptes", "csa", "titulaire"))[0] is schema.LineAccounts


def test_a_case_of_a_later_version_is_said_and_nothing_else(tmp_path: Path) -> None:
    """One fault, whatever else this version does not know of the form."""
    file = tmp_path / "dossier.toml"
    file.write_text('version = 7\ninconnu = "x"\n', "utf-8")

    with pytest.raises(InputFaults) as refused:
        load(file)

    assert [(f.code, f.where.endswith("ligne 1")) for f in refused.value.faults] == [("later_version", True)]
