"""``conseiller simulate``: its figures worked out by hand, its file of uncertainties, what it writes and refuses."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer
from test_cli import imported, run
from test_simulation import TODAY, margin, one_post
from typer.testing import CliRunner

import conseiller as cn
from conseiller import cli_simulation
from conseiller.dossier import save, schema
from conseiller.errors import InputFaults
from conseiller.messages import LANGUAGES, Lang
from conseiller.projection import Projection
from conseiller.simulation import Fixed, HireDelay, LatePayment, Vacancy, simulate
from conseiller.simulation.files import BOOK, CHART, TABLE
from conseiller.simulation.spreads import FILE, load_spreads, starting

DATA = Path(__file__).parent.parent / "data"
CALM = """
[[incertitudes]]
type = "smic"
croissance = { loi = "fixe", valeur = 0 }
[[incertitudes]]
type = "point"
croissance = { loi = "normale", moyenne = 0, ecart_type = 0 }
[[incertitudes]]
type = "valeur_legale"
parametre = "pmss"
croissance = { loi = "fixe", valeur = 0 }
[[incertitudes]]
type = "taux"
parametre = "cnracl"
ecart = { loi = "uniforme", minimum = 0, maximum = 0 }
[[incertitudes]]
type = "recrutement"
jours = { loi = "triangulaire", minimum = 0, le_plus_probable = 0, maximum = 0 }
[[incertitudes]]
type = "depart"
par_an = { loi = "fixe", valeur = 0 }
mois = { loi = "fixe", valeur = 3 }
[[incertitudes]]
type = "versement"
jours = { loi = "discrete", probabilites = { 0 = 1 } }
"""
#: The AT/MP rate of 2027 rises by one point or not at all.
ONE_POINT = """
[[incertitudes]]
type = "taux"
parametre = "at_mp"
ecart = { loi = "discrete", probabilites = { "0 %" = 0.5, "1 %" = 0.5 } }
source = "acte : lettre de la caisse"
"""


def sound(**changes: Any) -> cn.Dossier:
    """The case of `one_post`, of an employer that needs no rate of unemployment insurance."""
    return one_post(authority=schema.Authority(name="A", headcount=60), **changes)


def case(folder: Path, spreads: str, **changes: Any) -> Path:
    """Write the dossier of one agent, and its file of uncertainties, into a folder."""
    save(sound(**changes), folder / "dossier.toml")
    (folder / FILE).write_text(spreads, "utf-8")
    return folder


def said(*arguments: str | Path) -> str:
    app = typer.Typer()
    cli_simulation.mount(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["simulate", *map(str, arguments)])
    if done.exception is not None:
        raise done.exception
    return done.output.replace("\u00a0", " ").replace("\u202f", " ")


def figures(folder: Path) -> list[Mapping[str, str]]:
    text = (folder / TABLE).read_bytes().decode("utf-8-sig").replace("\u00a0", " ")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def euros(text: str) -> float:
    return float(text.replace(",", "."))


def codes(*arguments: str | Path) -> list[str]:
    with pytest.raises(InputFaults) as refused:
        said(*arguments)
    assert all(f.message and f.remedy and f.where for f in refused.value.faults)
    return [f.code for f in refused.value.faults]


# --- figures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["campagnes-artois", "exemples/departement-fictif"])
def test_without_spread_every_figure_is_that_of_the_plan(name: str, tmp_path: Path) -> None:
    (tmp_path / "calme.toml").write_text(CALM, "utf-8")
    text = said(
        DATA / name,
        "--spreads",
        tmp_path / "calme.toml",
        "--out",
        tmp_path,
        "--date",
        "2026-11-24",
        "--draws",
        7,
    )
    plan = Projection(cn.load(DATA / name), today=TODAY).by("exercice")["net_cost"]
    rows = figures(tmp_path)
    assert [(int(r["Exercice"]), euros(r["Prévision"])) for r in rows] == list(plan.items())
    assert all(r["5 %"] == r["25 %"] == r["Médiane"] == r["95 %"] == r["Prévision"] for r in rows)
    assert "rien de ce qui est tiré ne change le reste à charge" in text


def test_draws_that_are_all_the_same_and_not_the_plan_are_told_so(tmp_path: Path) -> None:
    fixed = 'type = "smic"\ncroissance = { loi = "fixe", valeur = 0.5 }\nsource = "hypothèse"\n'
    text = said(case(tmp_path, "version = 1\n[[incertitudes]]\n" + fixed), "--draws", 2)
    assert re.search(r"tous les tirages donnent .* pour le reste à charge ; le dossier prévoit", text)


def test_one_point_on_a_rate_or_not_half_of_the_time(tmp_path: Path) -> None:
    """Index 400: 400 × 59,0734 / 12 = 1 969,11 a month; one point of it is 19,69, twelve times 236,28."""
    folder = case(tmp_path, ONE_POINT)
    plan = float(Projection(one_post()).by("exercice").loc[2027, "net_cost"])
    text = said(folder, "--ceiling", f"2027={plan + 100:.2f}", "--out", tmp_path)
    row = next(r for r in figures(tmp_path) if r["Grandeur"] == "Reste à charge" and r["Exercice"] == "2027")
    assert euros(row["5 %"]) == euros(row["Prévision"]) == plan
    assert euros(row["95 %"]) == round(plan + 236.28, 2)
    assert euros(row["Plafond"]) == round(plan + 100, 2)
    assert euros(row["Probabilité de dépassement"]) == pytest.approx(0.5, abs=2 * margin(0.5))  # 1 000 draws
    assert "0,00 % (50,0 %), 1,00 % (50,0 %). Acte : lettre de la caisse" in " ".join(text.split())


def test_a_ceiling_is_never_or_always_passed_at_the_extremes(tmp_path: Path) -> None:
    folder = case(tmp_path, ONE_POINT)
    for ceiling, share in (("9 000 000", "0,0 %"), ("-1", "100,0 %")):
        lines = said(folder, f"--ceiling={ceiling}", "--draws", 20).splitlines()
        shown = [line for line in lines if line.startswith(("2026 ", "2027 ", "2028 "))]
        assert len(shown) == 3
        assert all(line.endswith(share) for line in shown)


def test_a_ceiling_of_one_exercice_prevails(tmp_path: Path) -> None:
    folder = case(tmp_path, ONE_POINT)
    said(folder, "--ceiling", "50000", "--ceiling", "2028=1000", "--draws", 5, "--out", tmp_path)
    rows = [r for r in figures(tmp_path) if r["Grandeur"] == "Reste à charge"]
    assert [r["Plafond"] for r in rows] == ["50000,00", "50000,00", "50000,00", "1000,00"]
    assert [r["Probabilité de dépassement"] for r in rows] == ["0,00", "0,00", "0,00", "1,00"]


def test_a_seed_gives_its_files_again(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        said(DATA / "campagnes-artois", "--draws", 30, "--seed", seed, "--out", tmp_path / name)
    first, again, other = (
        [(tmp_path / n / f).read_bytes() for f in (TABLE, f"{CHART}.svg", f"{CHART}.png")] for n in "abc"
    )
    assert first == again
    assert first[0] != other[0]


# --- cash and grant earned ------------------------------------------------------------------------------


def test_a_late_payment_moves_cash_and_not_the_net_cost() -> None:
    """10 000 € planned on 1 October 2027, 92 days late: 1 January 2028."""
    simulation = simulate(one_post(), [LatePayment(Fixed(92.0))], draws=2)
    plan = Projection(one_post()).by("exercice")
    assert simulation.by("received").loc[0].tolist() == [0.0, 10_000.0, 0.0, 10_000.0]
    assert simulation.planned("received").tolist() == [0.0, 10_000.0, 10_000.0, 0.0]
    assert simulation.by("net_cost").loc[0].tolist() == plan["net_cost"].tolist()
    cash = [plan.loc[2027, "cost"], round(float(plan.loc[2028, "cost"]) - 10_000, 2)]
    assert simulation.by("cash_out").loc[0, [2027, 2028]].tolist() == cash
    assert float(simulation.planned("cash_out")[2027]) == round(float(plan.loc[2027, "cost"]) - 10_000, 2)


def successor(start: date = date(2027, 1, 1)) -> cn.Dossier:
    """The post of `one_post`, its agent leaving at the end of 2026 and followed by another."""
    dossier = one_post()
    post = dossier.posts[0]
    first = post.contracts[0].model_copy(update={"end": date(2026, 12, 31)})
    term = schema.PayTerm(start=start, index=400)
    second = schema.Contract(start=start, end=date(2028, 12, 31), terms=(term,))
    return dossier.model_copy(update={"posts": (post.model_copy(update={"contracts": (first, second)}),)})


def test_a_vacancy_costs_pay_and_grant_and_leaves_the_payments_alone() -> None:
    """1,94 month is 59 days: January and February 2027, two twelfths of 12 500 € not earned."""
    simulation = simulate(successor(), [Vacancy(Fixed(1.94))], draws=1)
    plan = Projection(successor()).by("exercice").loc[2027]
    assert float(plan["grant"]) == 12_500.0
    assert float(simulation.by("grant").loc[0, 2027]) == 10_416.67
    assert float(simulation.by("pay").loc[0, 2027]) == pytest.approx(float(plan["pay"]) * 10 / 12, abs=0.1)
    assert simulation.by("received").loc[0].tolist() == simulation.planned("received").tolist()


def test_what_has_nothing_to_bear_on_is_said() -> None:
    nothing_to_come = one_post(period=schema.Period(first=2025, last=2028, report_date=date(2028, 12, 31)))
    plan = Projection(nothing_to_come)
    for uncertainty in load_spreads(None, plan):
        assert uncertainty.idle(plan), uncertainty
    assert "Sans objet" in simulate(plan, None, draws=1).sheet().text()
    assert HireDelay(Fixed(9.0)).idle(Projection(one_post()))
    assert not HireDelay(Fixed(9.0)).idle(Projection(successor()))
    assert Vacancy(Fixed(9.0), post="P").idle(Projection(one_post()))


def test_a_contract_that_follows_at_once_is_told_as_taken_for_a_hire() -> None:
    told = simulate(successor(), [HireDelay(Fixed(9.0))], draws=1).sheet().text()
    assert "suit le précédent sans interruption" in told
    apart = simulate(successor(date(2027, 2, 1)), [HireDelay(Fixed(9.0))], draws=1).sheet().text()
    assert "suit le précédent" not in apart


def equipped(bought: date) -> cn.Dossier:
    """`one_post`, with 1 000 € of equipment, FCTVA aside."""
    item = schema.Item(
        label="Ordinateur",
        amount=1000.0,
        frequency="unique",
        start=bought,
        account="2183",
        section="investissement",
        shares={"P": 1.0},
    )
    return one_post(costs=(item,))


def test_the_section_that_is_not_counted_is_told_and_can_be_asked_for() -> None:
    told = simulate(equipped(date(2027, 3, 1)), None, draws=2).sheet().text().replace("\u00a0", " ")
    assert "section d'investissement n'est pas comptée" in " ".join(told.split())
    assert "1\u202f000 €" in told
    past = simulate(equipped(date(2025, 3, 1)), None, draws=2).sheet().text().replace("\u00a0", " ")
    assert "n'est pas comptée" not in past  # nothing of it is to come
    simulation = simulate(equipped(date(2027, 3, 1)), None, draws=3, section="investissement")
    assert simulation.by("net_cost").loc[2].tolist() == [0.0, 0.0, 1000.0, 0.0]
    assert set(simulation.table()["measure"]) == {"net_cost"}
    there = " ".join(simulation.sheet().text().replace("\u00a0", " ").split())
    assert "section d'investissement. Ce qui précède" in there
    assert "section de fonctionnement n'est pas comptée" in there
    assert "retard de versement décale" not in there


def test_the_command_takes_a_section() -> None:
    case = DATA / "exemples" / "commune-fictive"
    told = said(case, "--draws", 5, "--date", "2025-01-24", "--section", "investissement")
    told = " ".join(told.split())
    assert "section d'investissement" in told
    assert "−164" in told  # FCTVA of 2025: 999,90 × 16,404 %


# --- files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_workbook_holds_values_only_with_stamp_and_sources(lang: Lang, tmp_path: Path) -> None:
    folder = case(tmp_path, ONE_POINT)
    text = said(folder, "--out", tmp_path / "out", "--draws", 10, "--lang", lang, "--ceiling", "20000")
    written = [tmp_path / "out" / name for name in (BOOK, TABLE, f"{CHART}.png", f"{CHART}.svg")]
    assert all(f"  {file}" in text and file.stat().st_size > 500 for file in written)
    cells = [c for row in openpyxl.load_workbook(written[0]).active.iter_rows() for c in row]
    texts = [str(c.value) for c in cells if c.value is not None]
    assert all(c.data_type != "f" for c in cells)
    assert any("conseiller 0" in t and "2026" in t for t in texts)
    assert "acte : lettre de la caisse" in texts
    plan = Projection(one_post()).by("exercice")["net_cost"]
    assert set(plan.tolist()) <= {c.value for c in cells if isinstance(c.value, float)}


def test_the_starting_file_is_written_once_and_read_again(tmp_path: Path) -> None:
    save(sound(), tmp_path / "dossier.toml")
    guessed = said(tmp_path, "--draws", 20)
    assert "--init" in guessed
    assert (tmp_path / FILE).name in said(tmp_path, "--init")
    assert said(tmp_path, "--draws", 20).split("Incertitudes")[0] == guessed.split("Incertitudes")[0]
    assert codes(tmp_path, "--init") == ["exists"]
    plan = Projection(one_post())
    assert len(load_spreads(tmp_path / FILE, plan)) == 5
    # What stands there as examples works too, once its signs are taken away.
    text = (tmp_path / FILE).read_text("utf-8")
    (tmp_path / FILE).write_text(
        text + text[text.index("# [[") :].replace("# ", "").split("Entre")[0].replace("CN1", "P")
    )
    assert len(load_spreads(tmp_path / FILE, plan)) == 6


def test_in_english_the_starting_guesses_give_their_reasons_in_english(tmp_path: Path) -> None:
    save(sound(), tmp_path / "dossier.toml")
    guessed = " ".join(said(tmp_path, "--draws", 20, "--lang", "en").split())
    assert "Assumption: from one 1 January to the next, the SMIC rose by" in guessed
    assert "from 1 month to 8 months, most often near 3 months." in guessed
    assert "ypothèse" not in guessed
    said(tmp_path, "--init", "--lang", "en")
    written = (tmp_path / FILE).read_text("utf-8")
    assert "# What may turn out otherwise" in written
    assert "ypothèse : d'un 1er janvier" in said(tmp_path, "--draws", 20)

    # A reason of the officer stays as typed, in whatever language.
    own = "hypothèse : notre caisse"
    (tmp_path / FILE).write_text(
        written.replace(tomllib.loads(written)["incertitudes"][2]["source"], own), "utf-8"
    )
    assert "Hypothèse : notre caisse" in said(tmp_path, "--draws", 20, "--lang", "en")


def test_the_starting_guesses_are_the_same_in_both_languages() -> None:
    french, english = (tomllib.loads(starting(lang))["incertitudes"] for lang in LANGUAGES)
    assert len(french) == 5
    for fr, en in zip(french, english, strict=True):
        assert fr["source"] != en["source"]
        assert {k: _numbers(v) for k, v in fr.items() if k != "source"} == {
            k: _numbers(v) for k, v in en.items() if k != "source"
        }


def _numbers(value: object) -> object:
    """Return a value with the decimal mark of either language read alike."""
    if isinstance(value, dict):
        return {_numbers(k): _numbers(v) for k, v in value.items()}
    return value.replace(",", ".") if isinstance(value, str) else value


def test_the_file_of_an_excel_case_bears_its_name(tmp_path: Path) -> None:
    save(sound(), tmp_path / "cas.toml")
    assert said(tmp_path / "cas.toml", "--init").startswith(str(tmp_path / "cas.incertitude.toml"))


# --- nonsense -------------------------------------------------------------------------------------------

NONSENSE = """version = 1
[[incertitudes]]
type = "smic"
croissance = { loi = "normale", moyenne = "2 %", ecart_type = "-1 %" }
[[incertitudes]]
type = "smic"
croisance = { loi = "fixe", valeur = 0.02 }
[[incertitudes]]
type = "point"
croissance = { loi = "fixe", valeur = 2 }
[[incertitudes]]
type = "depart"
poste = "Q"
par_an = { loi = "fixe", valeur = 0.2 }
mois = { loi = "uniforme", minimum = 5 }
[[incertitudes]]
type = "taux"
parametre = "cnracll"
date = 2027-01-15
ecart = { loi = "fixe", valeur = 0.01 }
[[incertitudes]]
type = "recrutement"
jours = { loi = "fixe", valeur = 10 }
[[incertitudes]]
type = "vacance"
poste = "P"
mois = { loi = "fixe", valeur = 1 }
[[incertitudes]]
type = "versement"
poste = "P"
jours = { loi = "discrete", probabilites = { 10 = 0.5, dix = 0.3 } }
[[incertitudes]]
type = "recrutement"
jours = { loi = "fixe", valeur = 10 }
[[incertitudes]]
type = "valeur_legale"
parametre = "point_indice_annuel"
croissance = { loi = "uniforme", minimum = 0.02, maximum = 0.01 }
source = "au doigt mouillé"
"""


def test_every_fault_of_the_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    folder = case(tmp_path, NONSENSE)
    with pytest.raises(InputFaults) as refused:
        said(folder)
    found = [(int(f.where.rsplit("ligne", 1)[1]), f.code) for f in refused.value.faults]
    assert found == [
        (4, "spread"),
        (7, "unknown_key"),
        (10, "unit_share"),
        (13, "post"),
        (15, "needs"),
        (18, "rate"),
        (19, "day"),
        (25, "moved_twice"),
        (30, "unused"),
        (31, "chances"),
        (31, "chance_value"),
        (33, "twice"),
        (39, "bad_source"),
    ]
    assert all(str(folder / FILE) in f.where and f.remedy for f in refused.value.faults)
    assert "croissance" in refused.value.faults[1].remedy
    assert "cnracl" in refused.value.faults[5].remedy
    assert refused.value.exit_status == 2


def test_two_uncertainties_of_one_thing_are_refused_of_two_posts_not(tmp_path: Path) -> None:
    first = one_post().posts[0]
    posts = (first, first.model_copy(update={"code": "Q"}))
    row = '[[incertitudes]]\ntype = "vacance"\nposte = "{}"\nmois = {{ loi = "fixe", valeur = 1 }}\n'
    folder = case(tmp_path, row.format("P") + row.format("Q"), posts=posts)
    assert len(load_spreads(folder / FILE, Projection(cn.load(folder)))) == 2
    case(tmp_path, row.format("P") + row.format("P"), posts=posts)
    assert codes(folder) == ["twice"]
    case(tmp_path, row.format("P") + row.format("R"), posts=posts)
    assert codes(folder) == ["post"]


def test_ceilings_draws_and_seed_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    folder = case(tmp_path, ONE_POINT)
    ceilings = ("beaucoup", "2019=5", "2027=1", "2027=2", "demain=3")
    arguments = [a for text in ceilings for a in ("--ceiling", text)]
    assert codes(folder, *arguments) == ["ceiling", "ceiling_year", "ceiling_twice", "ceiling"]
    assert codes(folder, "--draws", 0, "--seed", -1) == ["draws", "seed"]
    assert codes(folder, "--draws", 1_000_001) == ["draws"]
    assert codes(folder, "--spreads", tmp_path / "absent.toml") == ["path_missing"]


def test_nothing_heavy_is_loaded_for_help_and_faults(tmp_path: Path) -> None:
    assert imported("simulate", "--help", cwd=tmp_path) == set()
    assert "simulate [OPTIONS] {DOSSIER}" in run("simulate", "--help", cwd=tmp_path).stdout
    folder = case(tmp_path, NONSENSE)
    assert imported("simulate", folder, cwd=tmp_path) & {"pandas", "matplotlib"} == set()
