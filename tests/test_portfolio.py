"""Many posts: the same cents as post by post, broken rows set aside, and a workbook that ties out."""

from __future__ import annotations

import csv
import html
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from recalculate import differences, plant_false_values, recalculate
from typer.testing import CliRunner

import conseiller as cn
from conseiller.errors import InputFaults
from conseiller.law import load_law
from conseiller.portfolios import departments, fictional
from conseiller.portfolios.columns import columns
from conseiller.portfolios.results import SUMS, Portfolio

DATA = Path(__file__).resolve().parents[1] / "data"
TODAY = date(2026, 11, 24)
HEAD = "collectivite;departement;poste;generation;debut_financement;debut_contrat;fin_contrat;indice_majore;total_verse"
#: By hand: V2 of a local authority from 1 January 2024, 17 500, 12 500 and 12 500 EUR, the agent there throughout.
PLAIN = "Commune fictive A;62;CN1;v2_collectivite;01/01/2024;01/01/2024;31/12/2027;390;30 000,00"


def table(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "postes.csv"
    path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return path


def read(folder: Path, *lines: str, head: str = HEAD) -> Portfolio:
    return cn.portfolio(table(folder, *lines, head=head), today=TODAY)


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Portfolio]:
    """A tenth of the fictional programme, read once."""
    path = fictional.write(tmp_path_factory.mktemp("national") / "fictif.csv", 400, seed=7)
    return path, cn.portfolio(path, today=TODAY)


# --- the same cents --------------------------------------------------------------------------------------


def dossier_of(rows: Sequence[dict[str, str]], years: Sequence[int]) -> cn.Dossier:
    """Write the rows of one post as the dossier an officer would type."""
    from conseiller.dossier import Authority, Contract, Convention, PayTerm, Period, Post

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    first = rows[0]
    insured = first["auto_assurance_chomage"] == "oui"
    conventions = [
        Convention(
            code=f"C{n}",
            generation=r["generation"],
            financing_start=date.fromisoformat(r["debut_financement"]),
            end=day(r["fin_financement"]),
        )
        for n, r in enumerate((r for r in rows if r["generation"]), start=1)
    ]
    contracts = []
    for r in rows:
        start = date.fromisoformat(r["debut_contrat"])
        term = PayTerm(
            start=start.replace(day=1), index=int(r["indice_majore"]), bonus=float(r["rifseep_mensuel"])
        )
        contracts.append(Contract(start=start, end=day(r["fin_contrat"]), terms=(term,)))
    return cn.Dossier(
        authority=Authority(name="x", headcount=int(first["effectif"]), self_insured=insured),
        period=Period(first=years[0], last=years[-1]),
        rates=(cn.EmployerRates(chomage=0.0 if insured else 0.0405),),
        posts=(Post(code="P", contracts=tuple(contracts), conventions=tuple(conventions)),),
    )


def test_each_post_of_every_generation_has_the_cents_of_its_own_dossier(
    national: tuple[Path, Portfolio],
) -> None:
    path, found = national
    with path.open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    posts = [list(rows) for _, rows in groupby(lines, key=lambda r: (r["collectivite"], r["poste"]))]
    wanted, chosen = set(load_law().generations), []
    for rows in posts:  # the first post of each generation, then two with three rows (an agent replaced)
        own = {r["generation"] for r in rows if r["generation"]}
        if own & wanted or (len(rows) == 3 and sum(len(c) == 3 for c in chosen) < 3):
            wanted -= own
            chosen.append(rows)
    assert not wanted
    table = found.by("authority", "post", "exercice")
    for rows in chosen:
        expected = cn.project(dossier_of(rows, found.exercices), today=TODAY).by("exercice")
        own = table.loc[(rows[0]["collectivite"], rows[0]["poste"])].reindex(expected.index, fill_value=0.0)
        assert (own[list(SUMS)].round(2) == expected[list(SUMS)].round(2)).all(axis=None), rows


def test_a_folder_of_dossiers_has_the_cents_of_each_projection(tmp_path: Path) -> None:
    for source in (DATA / "campagnes-artois", *sorted((DATA / "exemples").iterdir())):
        target = tmp_path / source.name
        target.mkdir()
        (target / "dossier.toml").write_text((source / "dossier.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "illisible.toml").write_text("version = 1\n[collectivite\n", "utf-8")
    found = cn.portfolio(tmp_path, today=TODAY)
    by_name = found.by("authority", "exercice")
    for path in sorted(p for p in tmp_path.iterdir() if p.is_dir()):
        dossier = cn.load(path)
        span = {"first": found.exercices[0], "last": found.exercices[-1]}
        dossier = dossier.model_copy(update={"period": dossier.period.model_copy(update=span)})
        expected = cn.project(dossier, today=TODAY).by("exercice")
        own = by_name.loc[dossier.authority.name].reindex(expected.index, fill_value=0.0)
        assert (own.round(2) == expected.round(2)).all(axis=None)
    assert "illisible.toml" in found.set_aside["place"][0]


def test_every_grouping_adds_up_to_the_total(national: tuple[Path, Portfolio]) -> None:
    found = national[1]
    total = found.total()
    keys: list[tuple[Any, ...]] = [
        ("department",), ("authority",), ("generation",), ("kind",), ("month",), ("generation", "exercice"),
        ("authority", "post", "exercice"),
    ]  # fmt: skip
    for key in keys:
        frame = found.by(*key)
        assert list(frame.columns) == list(SUMS)
        for measure in SUMS:
            assert (frame[measure] * 100).round().sum() == pytest.approx(round(total[measure] * 100), abs=0.1)


def test_the_calendar_counts_each_post_once_and_the_months_agree_with_it(
    national: tuple[Path, Portfolio],
) -> None:
    found = national[1]
    assert found.ends()["posts"].sum() == len(found.ending) == len(found.posts)
    # By March 2026 every second convention has begun: who is funded then is who loses it later.
    march = pd.Timestamp(2026, 3, 1)
    later = found.ending["financing_end"] >= march
    assert found.occupancy()["funded"][march] == later.sum() > 100


# --- by hand ---------------------------------------------------------------------------------------------


def test_money_of_a_post_goes_to_the_generation_that_granted_it(tmp_path: Path) -> None:
    """CN1: V1, 2 × 25 000 in 2022 and 2023, then V2; 60 000 paid in all: 50 000 of V1 and 10 000 of V2. CN2: V2 alone."""
    first = "Commune fictive A;62;CN1;v1_public;01/01/2022;01/01/2022;31/12/2023;390;45 000,00"
    second = PLAIN.replace("30 000,00", "15 000,00")

    found = read(tmp_path, first, second, PLAIN.replace("CN1", "CN2"))

    assert len(found.posts) == 2
    table = found.to_pay()
    money = table[["posts", "agreed", "expected", "paid", "to_pay"]].to_numpy().tolist()
    assert dict(zip(table.index, money, strict=True)) == {
        "v1_public": [1, 50000.0, 50000.0, 50000.0, 0.0],
        "v2_collectivite": [2, 85000.0, 85000.0, 40000.0, 45000.0],
    }
    of_posts = found.posts[["agreed", "expected", "earned", "paid", "to_pay"]].sum()
    assert table[list(of_posts.index)].sum().round(2).to_dict() == of_posts.round(2).to_dict()


def test_one_post_by_hand(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN)
    grant = found.by("exercice")["grant"]
    assert found.exercices == [2024, 2025, 2026, 2027]
    assert list(grant) == [17500.0, 12500.0, 12500.0, 0.0]
    post = found.posts.iloc[0]
    assert (post["agreed"], post["expected"], post["paid"], post["to_pay"]) == (42500, 42500, 30000, 12500)
    # 30 days of December are not begun on 24 November: 11 months of the third year are earned.
    assert post["earned"] == 17500 + 12500 + round(12500 * 11 / 12, 2)
    end = found.ending.iloc[0]
    assert end["financing_end"] == pd.Timestamp(2026, 12, 31)
    assert end["outlives"]
    assert not end["given_back"]
    assert end["grant_before"] == 12500
    years = found.by("exercice")["cost"]
    assert (end["cost_before"], end["cost_after"]) == (years[2026], years[2027])


def test_a_vacant_post_is_lost_six_months_after_its_agent_left(tmp_path: Path) -> None:
    """Rules of May 2025: beyond six months of vacancy the post is given back."""
    found = read(tmp_path, PLAIN.replace("31/12/2027", "30/09/2026"))
    vacant = found.vacancies()
    assert list(vacant["vacant_since"]) == [pd.Timestamp(2026, 10, 1)]
    assert list(vacant["lost_on"]) == [pd.Timestamp(2027, 4, 1)]
    assert found.posts["state"][0] == "vacant"
    counts = found.occupancy().loc["2026-11-01"]
    assert (counts["funded"], counts["occupied"], counts["vacant"]) == (1, 0, 1)
    # Nine months of the third year: the other three are not earned.
    assert found.by("exercice")["grant"][2026] == 12500 * 9 / 12


def test_a_second_convention_and_a_second_agent_take_a_row_each(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "A;62;CN1;v1_public;01/01/2022;01/01/2022;31/12/2023;390;",
        "A;62;cn1;v2_collectivite;01/01/2024;01/01/2024;30/06/2025;390;",
        "A;62;CN1;;;01/07/2025;;400;",
    )
    assert len(found.posts) == 1
    table = found.by("generation", "exercice")["grant"]
    assert table["v1_public", 2022] == table["v1_public", 2023] == 25000
    assert [table["v2_collectivite", y] for y in (2024, 2025, 2026)] == [17500, 12500, 12500]
    assert np.isnan(found.posts["paid"][0])


def test_a_spreadsheet_says_the_same_as_a_text_file(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Suivi des postes"])
    sheet.append(HEAD.split(";"))
    days = [date(2024, 1, 1), date(2024, 1, 1), date(2027, 12, 31)]
    sheet.append(["Commune fictive A", 62, "CN1", "V2 collectivité", *days, 390, 30000])
    book.save(tmp_path / "postes.xlsx")
    found = cn.portfolio(tmp_path / "postes.xlsx", today=TODAY)
    pd.testing.assert_frame_equal(
        found.by("department", "month"), read(tmp_path, PLAIN).by("department", "month")
    )


def test_two_employers_of_one_name_are_two(tmp_path: Path) -> None:
    """Many communes share a name: the département tells them apart."""
    found = read(
        tmp_path, PLAIN, PLAIN.replace(";62;", ";59;"), PLAIN.replace(";62;", ";;").replace("CN1", "CN2")
    )
    assert sorted(zip(found.posts["department"], found.posts["post"], strict=True)) == [
        ("", "CN2"),
        ("59", "CN1"),
        ("62", "CN1"),
    ]
    assert list(found.by("department")["grant"]) == [42500] * 3


# --- broken rows -----------------------------------------------------------------------------------------


def test_three_rows_in_a_hundred_are_broken_and_the_others_computed(tmp_path: Path) -> None:
    good = [PLAIN.replace("CN1", f"CN{n}").replace("390", str(370 + n)) for n in range(97)]
    broken = {
        10: PLAIN.replace("CN1", "X1").replace("v2_collectivite", "v3_publique"),
        40: PLAIN.replace("CN1", "X2").replace("31/12/2027", "31/12/2022"),
        70: PLAIN.replace("CN1", "X3").replace("01/01/2024;01/01/2024", "31/02/2024;01/01/2024"),
    }
    lines = list(good)
    for at, line in sorted(broken.items()):
        lines.insert(at, line)
    found = read(tmp_path, *lines)
    aside = found.set_aside
    assert sorted(set(aside["post"])) == ["X1", "X2", "X3"]
    for at, post in zip(broken, ("X1", "X2", "X3"), strict=True):
        own = aside[aside["post"] == post]
        assert all(f"ligne {at + 2}" in place for place in own["place"])  # headings are row 1
        assert all(own["reason"])
        assert all(own["remedy"])
        assert not any("poste-no-" in text for text in [*own["reason"], *own["remedy"]])
    (tmp_path / "alone").mkdir()
    alone = read(tmp_path / "alone", *good)
    pd.testing.assert_frame_equal(
        found.by("authority", "post", "month"), alone.by("authority", "post", "month")
    )
    assert found.left_out == 3


#: Every column of a sound row, and each cell that breaks one: what is typed, and a word of the reason.
SOUND = {
    "collectivite": "Commune fictive A",
    "departement": "62",
    "poste": "CN",
    "generation": "v2_collectivite",
    "debut_financement": "01/01/2024",
    "debut_contrat": "01/01/2024",
    "fin_contrat": "31/12/2027",
    "indice_majore": "390",
    "total_verse": "30 000,00",
}
BROKEN = [
    ("poste", "", "code de poste"),
    ("collectivite", "", "employeur"),
    ("departement", "99Z", "« 99Z »"),
    ("departement", "20", "« 20 »"),
    ("departement", "59 - Pas-de-Calais", "département"),
    ("siren", "123456789", "clé"),
    ("siren", "35600000000040", "SIRET"),
    ("siren", "1234", "chiffres"),
    ("type_employeur", "mixte", "« mixte »"),
    ("etat", "ocupé", "« ocupé »"),
    ("total_verse", "-5", "négatif"),
    ("total_verse", "beaucoup", "lu"),
    ("debut_financement", "", "début de financement"),
    ("debut_financement", "31/02/2024", "« 31/02/2024 »"),
    ("debut_financement", "01/01/2190", "2100"),
    ("fin_financement", "01/01/2020", "avant de commencer"),
    ("fin_contrat", "31/12/2022", "avant de commencer"),
    ("generation", "v9", "« v9 »"),
    ("generation", "", "manque"),
    ("statut", "stagiaire", "« stagiaire »"),
    ("nature", "cdd", "« cdd »"),
    ("temps", "tiers", "« tiers »"),
    ("heures_semaine", "70", "35"),
    ("quotite", "1,4", "1"),
    ("indice_majore", "12000", "1\u202f600"),
    ("indice_majore", "abc", "entier"),
    ("grade", "C9", "à la fois"),
    ("enfants", "-1", "0"),
    ("at_mp", "150", "1"),
    ("effectif", "0", "1"),
    ("mois_cia", "13", "12"),
    ("zone_residence", "7", "« 7 »"),
    ("auto_assurance_chomage", "peut-être", "oui ou non"),
    ("are_jours", "-3", "0"),
]


def test_broken_rows_of_all_kinds_are_told_each_at_its_cell_and_the_others_computed(tmp_path: Path) -> None:
    """Each kind of broken cell once among a thousand sound rows: three in a hundred."""
    rows = [SOUND | {"poste": f"CN{n}"} for n in range(1000)]
    places = {}
    for rank, (column, typed, _) in enumerate(BROKEN):
        at = 29 * rank + 3
        rows.insert(at, SOUND | {"poste": f"X{rank}"} | {column: typed})
        places[rank] = at + 2  # headings are row 1
    head = list(dict.fromkeys([*SOUND, *(column for column, _, _ in BROKEN)]))
    lines = [";".join(row.get(key, "") for key in head) for row in rows]
    found = read(tmp_path, *lines, head=";".join(head))
    assert len(found.posts) == 1000
    assert found.left_out == len(BROKEN)
    aside = found.set_aside
    for rank, (column, typed, word) in enumerate(BROKEN):
        own = aside[aside["place"].str.contains(f"ligne {places[rank]}, ")]
        assert any(
            (column in place or column == "grade") and word in reason.replace("\u00a0", " ")
            for place, reason in zip(own["place"], own["reason"], strict=True)
        ), (column, typed, list(own["reason"]))
        assert all(own["remedy"])
    assert found.by("exercice")["grant"][2025] == 1000 * 12_500


def test_a_departement_is_read_by_code_name_or_both(tmp_path: Path) -> None:
    typed = ["1", "01", "2a", "Ain", "pas de calais", "975", "62 - Pas-de-Calais", "Nord (59)", "Réunion", ""]
    lines = [PLAIN.replace(";62;CN1", f";{text};CN{n}") for n, text in enumerate(typed)]
    found = read(tmp_path, *lines)
    assert list(found.posts["department"]) == ["01", "01", "2A", "01", "62", "975", "62", "59", "974", ""]
    text = found.sheet().text().replace("\u00a0", " ")
    assert "employeurs : 7" in text  # one name in six départements, and once in none


def test_every_departement_of_the_reference_is_known_by_its_code_and_its_name() -> None:
    names = departments.names()
    assert len(names) == 101 + 7  # départements, and overseas collectivités that are none
    for code, name in names.items():
        assert {
            departments.code_of(t) for t in (code, code.lower(), name, name.upper(), f"{code} {name}")
        } == {code}
    for nonsense in ("0", "20", "96", "970", "979", "100", "99Z", "2C", "Corse", "62217", "-1", "½"):
        assert departments.code_of(nonsense) is None
    assert departments.most_alike("Pas-de-Calé") == "62 (Pas-de-Calais)"


def test_a_post_has_one_departement(tmp_path: Path) -> None:
    head = HEAD + ";siren"
    later = PLAIN.replace(";62;", ";59;").replace("01/01/2024;31/12/2027", "01/01/2028;")
    found = read(
        tmp_path, PLAIN + ";356000000", later + ";356 000 000", PLAIN.replace("CN1", "CN2") + ";", head=head
    )
    assert list(found.posts["post"]) == ["CN2"]
    (told,) = found.set_aside.to_dict("records")
    assert told["code"] == "two_departments"
    assert "59, 62" in told["reason"]
    assert "ligne 3" in told["place"]


def test_a_siret_stands_for_its_siren(tmp_path: Path) -> None:
    """356 000 000 00048 is the SIRET of a head office whose SIREN is 356 000 000."""
    found = read(
        tmp_path,
        PLAIN + ";35600000000048",
        PLAIN.replace("CN1", "CN2") + ";356 000 000",
        head=HEAD + ";siret",
    )
    assert list(found.posts["siren"]) == ["356000000", "356000000"]


def test_a_broken_setting_sets_aside_the_rows_that_bear_it(tmp_path: Path) -> None:
    found = read(
        tmp_path, PLAIN + ";0,9;abc", PLAIN.replace("CN1", "CN2") + ";;120", head=HEAD + ";at_mp;effectif"
    )
    assert list(found.posts["post"]) == ["CN2"]
    assert set(found.set_aside["post"]) == {"CN1"}


def test_no_sound_row_is_refused_with_all_reasons(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as refused:
        read(tmp_path, PLAIN.replace("CN1", ""), PLAIN.replace("390", "abc"))
    assert len(refused.value.faults) >= 2


def test_what_is_no_table_of_posts_names_the_columns_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(InputFaults, match="debut_financement"):
        read(tmp_path, "1;2", head="poste;montant")


def test_defaults_are_counted_and_told(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "A;CN1;v2_collectivite;01/01/2024;x",
        head="collectivite;poste;generation;debut_financement;couleur",
    )
    assert found.cases.defaults == {
        "effectif": 1,
        "type_employeur": 1,
        "debut_contrat": 1,
        "indice_majore": 1,
    }
    text = found.sheet().text()
    for key in (*found.cases.defaults, "couleur"):
        assert key in text
    # The lowest index is lifted to the minimum of the law, so pay is never below it.
    assert found.by("exercice")["pay"][2025] > 12 * 1801


def test_every_column_leads_to_a_field_of_the_dossier() -> None:
    from conseiller.dossier.schema import Authority, Contract, Convention, EmployerRates, PayTerm
    from conseiller.dossier.shape import shapes

    homes = {
        "authority": Authority,
        "rates": EmployerRates,
        "convention": Convention,
        "contract": Contract,
        "term": PayTerm,
    }
    for column in columns().values():
        assert column.into == "own" or column.field in shapes(homes[column.into])


def test_every_column_is_documented() -> None:
    told = (Path(__file__).resolve().parents[1] / "docs" / "portfolio.md").read_text("utf-8")
    assert [key for key in columns() if f"`{key}`" not in told] == []


def test_the_exercices_asked_for_are_those_shown(tmp_path: Path) -> None:
    found = cn.portfolio(table(tmp_path, PLAIN), first=2025, last=2026, today=TODAY)
    assert list(found.by("exercice").index) == [2025, 2026]
    assert list(found.by("exercice")["grant"]) == [12500, 12500]
    assert found.posts["expected"][0] == 42500  # money due knows no years


# --- the State's list ------------------------------------------------------------------------------------

STATE = (
    "ID Poste,ID Structure TP,Structure,Département,Statut,Coordinateur,Convention,Fin de convention,Fin de contrat,"
    "Bonification,Total conventionné,Total versé"
)


def test_the_list_of_the_state_is_a_start(tmp_path: Path) -> None:
    """Its twelve columns: a total of 50 000 with the bonus is V2 bonified, 36 months before the end."""
    found = read(
        tmp_path,
        "101,7,Commune fictive,01,occupe,non,Renouvellement,31/12/2026,31/12/2026,oui,50000,37500",
        "102,7,Commune fictive,1,vacant,non,Renouvellement,31/12/2026,,non,42500,17500",
        "103,8,Association fictive,02,occupe,non,Renouvellement,30/06/2026,,non,44000,44000",
        "104,8,Association fictive,02,occupe,non,Initiale,31/12/2022,31/12/2022,non,50000,50000",
        "105,9,Autre,02,occupe,non,Renouvellement,,,non,42500,0",
        "106,9,Autre,02,rendu,non,Renouvellement,31/12/2026,,non,42500,0",
        "107,9,Autre,02,occupe,non,Renouvellement,demain,,non,42500,0",
        head=STATE,
    )
    posts = found.posts.set_index("post")
    assert list(posts["generation"]) == ["v2_bonifiee", "v2_collectivite", "v2_privee", "v1_public"]
    assert posts["financing_start"]["101"] == pd.Timestamp(2024, 1, 1)
    assert posts["financing_start"]["104"] == pd.Timestamp(2021, 1, 1)
    assert set(posts["department"]) == {"01", "02"}
    assert posts["kind"]["103"] == "private"
    assert (posts["expected"]["101"], posts["to_pay"]["101"]) == (50000, 12500)
    assert posts["state"]["102"] == "vacant"
    assert dict(zip(found.set_aside["post"], found.set_aside["code"], strict=True)) == {
        "105": "no_end", "106": "given_back", "107": "cell_not_date",
    }  # fmt: skip


def test_the_list_of_the_state_with_the_traps_of_an_office_program(tmp_path: Path) -> None:
    """Semicolons, Windows encoding, a line break and the separator within quotes, spaces in a SIRET and an amount.

    The heading is that of the export's own description; where the convention is not said, the total of 42 500 tells V2.
    """
    head = STATE.replace("Convention,", "Convention (Initiale/Renouvellement),").split(",")
    rows = [
        ["1201", "813 456 789 00012", "Communauté\ndu Grand Lac", "2A", "Occupé", "Non", "Renouvellement",
         "31/12/2026", "31/12/2026", "Non", "42500", "30000"],
        ["1202", "56", "Ville ; service jeunesse", "1", "vacant", "Non", "", "30/06/2027", "", "Non", "42 500", "17 500,00"],
        ["1203", "57", "Commune de L'Œuf", "01", "Occupé", "Non", "Initiale", "2022-12-31", "", "Non", "31 999", "0 €"],
        ["1204", "58", "Autre", "59", "Occupé", "Non", "Renouvellement", "31/02/2027", "", "Non", "42500", "0"],
    ]  # fmt: skip
    path = tmp_path / "etat.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows([head, *rows])

    found = cn.portfolio(path, today=TODAY)

    posts = found.posts.set_index("post")
    assert dict(posts["department"]) == {"1201": "2A", "1202": "01", "1203": "01"}
    assert list(posts["generation"]) == ["v2_collectivite", "v2_collectivite", "v1_public"]
    assert posts["authority"]["1201"] == "Communauté du Grand Lac"
    assert (posts["paid"]["1202"], posts["financing_start"]["1202"]) == (17500, pd.Timestamp(2024, 7, 1))
    assert list(found.set_aside["code"]) == ["cell_not_date"]
    assert found.guessed == 1  # 31 999 is the total of no generation
    assert "d'aucune génération : 1" in found.sheet("fr").text().replace("\u00a0", " ")


# --- the fictional programme -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    path = fictional.write(tmp_path_factory.mktemp("programme") / "fictif.csv")
    return cn.portfolio(path, today=TODAY)


def test_the_fictional_programme_has_the_size_of_the_real_one(programme: Portfolio) -> None:
    """Sénat, rapport général n° 143 (2025-2026), PLF 2026: 4 000 posts, 2 800 at the end of 2025, most conventions
    ending in 2026, about 1 000 posts kept; and n° 140: credits of the action of 62, then 27,9 (2025), then 14 million euros (2026).
    """
    funded = programme.occupancy()["funded"]
    assert funded.max() == pytest.approx(4000, rel=0.03)
    assert funded[pd.Timestamp(2025, 12, 1)] == pytest.approx(2800, rel=0.04)
    last = programme.ending[programme.ending["financing_end"] >= pd.Timestamp(2026, 1, 1)]
    assert (last["financing_end"].dt.year == 2026).mean() > 0.5
    assert last["outlives"].sum() == pytest.approx(1000, rel=0.1)
    # Credits are money paid in a year, the grant here is earned: over the three years they come close.
    grant = programme.by("exercice")["grant"]
    assert grant[[2024, 2025, 2026]].sum() == pytest.approx(103.9e6, rel=0.15)
    assert set(programme.posts["kind"]) == {"public", "private"}
    assert programme.set_aside.empty
    assert programme.occupancy()["vacant"].max() > 40
    assert set(programme.by("generation").index) == set(load_law().generations)


def test_the_notebook_shows_the_figures_of_the_programme(programme: Portfolio) -> None:
    from conseiller.text import money

    file = Path(__file__).resolve().parents[1] / "notebooks" / "07_portefeuille.ipynb"
    cells = json.loads(file.read_text("utf-8"))["cells"]
    answer = html.unescape("".join(cells[2]["outputs"][0]["data"]["text/html"]))
    for amount in programme.by("exercice")[["cost", "grant", "net_cost"]].to_numpy().ravel():
        assert money(float(amount)) in answer
    assert money(float((programme.posts["to_pay"] * 100).round().sum()) / 100) in answer


def test_every_fictional_employer_says_so_and_the_seed_decides(tmp_path: Path) -> None:
    one, two = (fictional.write(tmp_path / name, 30, seed=3) for name in ("a.csv", "b.csv"))
    other = fictional.write(tmp_path / "c.csv", 30, seed=4)
    assert one.read_bytes() == two.read_bytes() != other.read_bytes()
    assert all("fictive" in row["collectivite"] for row in fictional.rows(30))


# --- the workbook ------------------------------------------------------------------------------------------


def formulas(path: Path) -> int:
    with zipfile.ZipFile(path) as parts:
        return sum(
            len(re.findall(rb"<f[ >]", parts.read(name)))
            for name in parts.namelist()
            if name.startswith("xl/worksheets/")
        )


def test_five_thousand_posts_take_at_most_250_000_formulas(
    tmp_path: Path, national: tuple[Path, Portfolio], programme: Portfolio
) -> None:
    """Formulas by post, by employer, and what every workbook has: counted on 400 posts, and scaled."""
    found = national[1]
    count = formulas(found.to_excel(tmp_path / "a.xlsx"))
    years = len(programme.exercices)
    assert len(found.exercices) == years
    per_post = years
    per_authority = 2 + 4 * years
    owners = len(found.posts.groupby(["department", "authority"]))
    rest = count - per_post * len(found.posts) - per_authority * owners
    assert 0 < rest < 10_000
    owners = len(programme.posts.groupby(["department", "authority"])) * 5000 / len(programme.posts)
    assert per_post * 5000 + per_authority * owners + 2 * rest <= 250_000


@pytest.mark.system("soffice")
def test_the_workbook_recalculated_is_the_portfolio(tmp_path: Path) -> None:
    path = fictional.write(tmp_path / "fictif.csv", 12, seed=1)
    with path.open("a", encoding="utf-8") as file:
        file.write("Cassée;01;public;10;oui;;CN1;v9;2024-01-01;;;;;;\n")
    found = cn.portfolio(path, today=TODAY)
    assert len(found.set_aside)
    stated = found.to_excel(tmp_path / "stated.xlsx")
    assert plant_false_values(stated, tmp_path / "false.xlsx") == formulas(stated)
    (result,) = recalculate([tmp_path / "false.xlsx"], tmp_path / "recalculated")
    assert differences(stated, result) == []


# --- charts and command ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_charts_say_their_figures(national: tuple[Path, Portfolio], lang: Any) -> None:
    from conseiller.text import money0

    found = national[1]
    years, ends, places = found.charts(lang)
    assert money0(float(found.by("exercice")["net_cost"].iloc[-1]), lang) in years.alt
    assert str(found.ends("exercice")["posts"].max()) in ends.title
    assert len(places.alt) > 100


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    from typer import Typer

    from conseiller import cli_portfolio

    app = Typer()
    app.command()(cli_portfolio.portfolio)
    path = table(tmp_path, PLAIN, PLAIN.replace("CN1", ""))
    out = tmp_path / "out"
    done = CliRunner().invoke(app, [str(path), "--out", str(out), "--date", "2026-11-24"])
    assert done.exit_code == 0, done.output
    assert "12\u202f500,00\u00a0€" in done.output
    assert "ligne 3" in done.output
    assert {p.name for p in out.iterdir()} >= {
        "portefeuille.xlsx",
        "postes.csv",
        "a_l_ecart.csv",
        "graphiques",
    }
    written = pd.read_csv(out / "par_exercice.csv", sep=";", decimal=",")
    assert list(written["Subvention de l'État"]) == [17500.0, 12500.0, 12500.0, 0.0]
    posts = pd.read_csv(out / "postes.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert list(posts.columns[:3]) == ["Employeur", "SIREN", "Département"]
    assert set(posts["Génération"]) == {"V2, collectivité (36 mois)"}
    # every table has its headings in words
    for file in out.glob("*.csv"):
        heads = file.read_text("utf-8-sig").splitlines()[0].split(";")
        assert not [h for h in heads if re.fullmatch("[a-z_]+", h)], file.name


def test_a_fault_of_the_input_ends_with_status_2_without_pandas(tmp_path: Path) -> None:
    path = table(tmp_path, "1;2", head="a;b")
    code = (
        "import sys; sys.argv = ['conseiller', 'portfolio', sys.argv[1]]\n"
        "from conseiller.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n"
        "    print(end.code, 'pandas' in sys.modules, 'matplotlib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "2 False False", done.stderr
    assert "debut_financement" in done.stderr
