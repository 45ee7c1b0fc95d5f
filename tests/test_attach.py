"""Lines of the books tied to posts and lines: by rule, by account, by key; the rest stays in sight."""

from __future__ import annotations

import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from booklines import case, ledger, line
from hypothesis import given, settings
from hypothesis import strategies as st

from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.ledger.accounts import PlanAccounts, translate
from conseiller.ledger.attach import attach, split_cents
from conseiller.ledger.columns import ColumnMap
from conseiller.ledger.maps import keep
from conseiller.ledger.proposals import as_rule, as_rules
from conseiller.ledger.rules import FILE, Rules, check_rules, load_rules
from conseiller.ledger.store import folder_of
from conseiller.projection import Projection

MARCH = date(2026, 3, 25)
TWO = ("CN1", "CN2")
URSSAF = "maladie+vieillesse_plafonnee+vieillesse_deplafonnee+allocations_familiales+at_mp"


def rules(*rows: dict[str, Any], **more: Any) -> Rules:
    named = [{"nom": f"règle {i}"} | row for i, row in enumerate(rows, start=1)]
    return Rules.model_validate({"regles": named} | more, by_alias=True, by_name=False)


def places(frame: pd.DataFrame, *columns: str) -> list[Any]:
    rows = list(frame[list(columns)].itertuples(index=False, name=None))
    return [r[0] for r in rows] if len(columns) == 1 else rows


# --- rules ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion", "met", "unmet"),
    [
        ({"analytique": "num1"}, {"analytic": "NUM1"}, {"analytic": "NUM10"}),
        ({"service": ["DSI", "CN*"]}, {"service": "cn-agents"}, {"service": "RH"}),
        ({"libelle": "*téléphone*"}, {"label": "Forfait TELEPHONE mars"}, {"label": "Forfait"}),
        ({"tiers": "caisse des dépôts*"}, {"third_party": "CAISSE DES DEPOTS"}, {"third_party": "CAF"}),
        ({"matricule": "9f2c"}, {"payroll": "9f2c"}, {"payroll": ""}),
        ({"compte": ["641", "645"]}, {"account": "64131"}, {"account": "6331"}),
        ({"sens": "depense", "compte": "6"}, {"account": "6262"}, {"account": "6262", "side": "funding"}),
        ({"depuis": "2026-03-15", "compte": "6"}, {"date": date(2026, 3, 1)}, {"date": date(2026, 2, 28)}),
        ({"jusqu_a": "2026-03-31", "compte": "6"}, {"date": date(2026, 3, 31)}, {"date": date(2026, 4, 1)}),
    ],
)
def test_a_rule_bears_on_the_lines_that_meet_its_criteria(criterion: Any, met: Any, unmet: Any) -> None:
    books = ledger(line(MARCH, "6262", 10) | met, line(MARCH, "6262", 10) | unmet)

    found = attach(books, case(), rules({"poste": "CN1"} | criterion))

    assert places(found.lines, "origin") == [0]
    assert places(found.unattached, "origin", "reason") == [(1, "no_rule")]


def test_the_first_rule_that_holds_gives_the_post_and_later_ones_that_disagree_are_named() -> None:
    books = ledger(line(MARCH, "6262", 10, service="DSI", analytic="A1"))

    found = attach(
        books, case(TWO), rules({"poste": "CN2", "service": "DSI"}, {"poste": "CN1", "analytique": "A1"})
    )

    assert places(found.lines, "post", "rule", "also", "by") == [("CN2", "règle 1", "règle 2", "rule")]


def test_a_sharing_rule_comes_last_wherever_it_stands() -> None:
    books = ledger(line(MARCH, "6262", 10, label="a"), line(MARCH, "6262", 10, label="b"))

    found = attach(
        books,
        case(TWO),
        rules({"partage": {"CN1": 1, "CN2": 1}, "compte": "6262"}, {"poste": "CN2", "libelle": "b"}),
    )

    assert places(found.lines, "origin", "part", "post", "cents", "by") == [
        (0, 0, "CN1", 500, "shared"),
        (0, 1, "CN2", 500, "shared"),
        (1, 0, "CN2", 1000, "rule"),
    ]


def test_a_post_named_by_the_file_comes_first_and_one_the_case_does_not_have_is_refused() -> None:
    books = ledger(line(MARCH, "6262", 10, post="CN2"), line(MARCH, "6262", 10, post="CN9"))

    found = attach(books, case(TWO), rules({"poste": "CN1", "compte": "6262"}))

    assert places(found.lines, "post", "by") == [("CN2", "file")]
    assert places(found.unattached, "post", "reason") == [("CN9", "unknown_post")]


def test_a_rule_sets_lines_aside_with_its_reason() -> None:
    books = ledger(line(MARCH, "64131", 10, service="RH"), line(MARCH, "6262", 10))

    found = attach(books, case(), rules({"ecarter": "autres agents", "service": "RH"}))

    assert places(found.aside, "origin", "rule", "reason") == [(0, "règle 1", "autres agents")]
    assert places(found.unattached, "origin") == [1]


# --- lines and accounts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "chart", "expected", "how"),
    [
        ("64131", "", "traitement", "account"),
        ("6413100", "M57D", "traitement", "account"),
        ("6451", "M57D", URSSAF, "account"),
        ("6336", "M14", "cnfpt+apprentissage+cdg", "account"),
        ("6413", "M57A", "traitement+indemnite_differentielle+primes", "parent"),
        ("6262", "", "cout_1", "account"),
        ("74718", "", "subvention_etat", "account"),
        ("747888", "M57D", "subvention_etat", "usage"),
        ("6419", "M57D", "remboursement_remunerations", "refund"),
        ("6184", "M57D", "hors_plan_6184", "none"),
        ("6454", "M57D", "chomage", "account"),
    ],
)
def test_an_account_stands_for_lines_of_the_plan(account: str, chart: str, expected: str, how: str) -> None:
    side = "funding" if account.startswith("7") else "cost"

    found = PlanAccounts(case()).lines_of(account, chart, side, "CN1")

    assert (found.text, found.how) == (expected, how)


@pytest.mark.parametrize(
    ("account", "chart", "to", "expected"),
    [
        ("6512", "M14", "M57D", "65811"),  # cloud in M14, trainees in M57
        ("6512", "M57D", "M14", None),
        ("2185", "M14", "M57D", None),  # livestock in M14, telephones in M57
        ("2183", "M14", "M57D", "21838"),
        ("6256", "M14", "M57D", "6251"),
        ("7478", "M14", "M57D", "747888"),
        ("64131", "M14", "M57D", "64131"),
    ],
)
def test_an_account_is_read_in_its_own_chart(account: str, chart: str, to: str, expected: str | None) -> None:
    assert translate(account, chart, to) == expected


def test_the_same_number_in_another_chart_is_not_the_line_of_the_plan() -> None:
    trainees = case().dossier.costs[0].model_copy(update={"account": "6512", "label": "Stagiaires"})
    plan = case(costs=(trainees,))
    by_year = {"plans_comptes": [{"plan": "M14", "depuis": 2026}]}
    books = ledger(line(MARCH, "6512", 10))

    stated = attach(books, plan, rules({"poste": "CN1", "libelle": "*"}, **by_year))
    plain = attach(books, plan, rules({"poste": "CN1", "libelle": "*"}))

    assert places(stated.lines, "line") == ["hors_plan_6512"]
    assert places(plain.lines, "line") == ["cout_1"]


def test_a_criterion_on_accounts_is_read_in_the_chart_it_names() -> None:
    books = ledger(line(MARCH, "6512", 10, chart="M14"), line(MARCH, "6512", 20, chart="M57D"))

    cloud = attach(books, case(), rules({"poste": "CN1", "compte": "6512", "plan_comptes": "M14"}))

    assert places(cloud.lines, "cents") == [1000]


def test_a_rule_names_the_line_against_the_account() -> None:
    books = ledger(line(MARCH, "6451", 10, label="PSC mutuelle", post="CN1"))

    found = attach(books, case(), rules({"ligne": "psc", "libelle": "*mutuelle*"}))

    assert places(found.lines, "post", "line", "how") == [("CN1", "psc", "rule")]


def test_an_item_belongs_to_the_posts_that_share_it() -> None:
    phone = case(TWO).dossier.costs[0].model_copy(update={"shares": {"CN1": 1.0}})
    books = ledger(line(MARCH, "6262", 10, post="CN1"), line(MARCH, "6262", 10, post="CN2"))

    found = attach(books, case(TWO, costs=(phone,)))

    assert places(found.lines, "line") == ["cout_1", "hors_plan_6262"]


@pytest.mark.parametrize(
    ("label", "expected", "how"),
    [
        ("Brut", "traitement+indemnite_differentielle+primes", "label"),
        (
            "Cotisations patronales",
            "maladie+vieillesse_plafonnee+vieillesse_deplafonnee+allocations_familiales+csa+fnal"
            "+ircantec+at_mp+cnfpt+apprentissage+cdg",
            "label",
        ),
        ("URSSAF – Assurance maladie, part patronale", "maladie", "label"),
        ("IRCANTEC TA patronale", "ircantec", "label"),
        ("IRCANTEC TA, part salariale", "hors_plan_sans_compte", "none"),
        ("Régime indemnitaire (IFSE)", "primes", "label"),
        ("Remboursement transport", "hors_plan_sans_compte", "none"),
    ],
)
def test_an_item_of_pay_without_account_is_read_by_its_label(label: str, expected: str, how: str) -> None:
    item = line(None, "", 10, side="cost", label=label, post="CN1", period=date(2026, 3, 1))

    found = attach(ledger(item), case())

    assert places(found.lines, "line", "how") == [(expected, how)]


# --- what always ties -----------------------------------------------------------------------------------

amounts = st.integers(-10_000_000, 10_000_000)
weights = st.lists(st.floats(0, 1000), min_size=1, max_size=6).filter(lambda w: sum(w) > 0)


@given(amount=amounts, shares=weights)
def test_a_split_adds_up_and_no_part_is_a_cent_off_its_share(amount: int, shares: list[float]) -> None:
    parts = split_cents(amount, shares)

    assert sum(parts) == amount
    total = sum(map(Fraction, shares))
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - amount * Fraction(share) / total) <= 1


books_of_two = st.lists(
    st.builds(
        lambda m, account, cents, service, post: line(
            date(2026, m, 10), account, cents / 100, service=service, post=post
        ),
        st.integers(1, 12),
        st.sampled_from(["64131", "6451", "6262", "6184", "74718", "6419"]),
        amounts,
        st.sampled_from(["A", "B", "C", "D", ""]),
        st.sampled_from(["", "", "CN1", "CN9"]),
    ),
    min_size=1,
    max_size=12,
)
SOME_RULES = (
    {"poste": "CN1", "service": "A"},
    {"ecarter": "ailleurs", "service": "B"},
    {"partage": {"CN1": 2, "CN2": 1}, "service": "C"},
)
PLAN = case(TWO)


@settings(max_examples=40)
@given(rows=books_of_two, data=st.data())
def test_nothing_is_lost_and_the_order_of_lines_does_not_matter(rows: list[Any], data: st.DataObject) -> None:
    books = ledger(*rows)
    shuffled = books.iloc[data.draw(st.permutations(range(len(books))))]

    found, again = (attach(b, PLAN, rules(*SOME_RULES)) for b in (books, shuffled))

    kept = found.lines["cents"].sum() + found.unattached["cents"].sum() + found.aside["cents"].sum()
    assert kept == books["cents"].sum()
    origins = {*found.lines["origin"], *found.unattached["origin"], *found.aside["origin"]}
    assert origins == set(range(len(books)))
    keys = ["place", "post", "line", "cents", "rule"]
    assert sorted(places(found.lines, *keys)) == sorted(places(again.lines, *keys))


# --- proposals ------------------------------------------------------------------------------------------


def test_what_no_rule_takes_is_proposed_with_its_reason_the_strongest_first() -> None:
    books = ledger(
        line(MARCH, "64131", 1836.20, analytic="A1"),  # tied by the rule
        line(MARCH, "6451", 1.00, analytic="A1"),
        line(MARCH, "64131", 1836.20),
        line(MARCH, "6184", 450, label="Formation conseillers numériques"),
        line(MARCH, "6251", 12, label="Divers"),
    )

    found = attach(books, case(TWO), rules({"poste": "CN1", "analytique": "A1", "compte": "641"}))

    assert places(found.proposals, "origin", "rank", "post", "line", "reason") == [
        (1, 1, "CN1", URSSAF, "analytic"),
        (2, 1, "CN1", "traitement", "plan_amount"),
        (2, 2, "CN2", "traitement", "plan_amount"),
        (3, 1, "CN1", "hors_plan_6184", "label"),
        (3, 2, "CN2", "hors_plan_6184", "label"),
    ]
    assert len(found.unattached) == 4


def test_a_label_that_names_a_post_by_a_short_code_is_proposed_in_whole_words() -> None:
    books_line = line(MARCH, "6251", 10, label="REMUN CN-1, mars")
    books = ledger(
        books_line,
        line(MARCH, "6251", 20, label="Frais CN-10"),
        line(MARCH, "6251", 30, label="CN-1 et CN-2 : déplacements"),
    )
    posts = [p.model_copy(update={"code": f"CN-{k}"}) for k, p in enumerate(case(TWO).dossier.posts, start=1)]
    plan = Projection(case(TWO).dossier.model_copy(update={"posts": tuple(posts)}))

    found = attach(books, plan)

    assert places(found.proposals, "origin", "post", "detail") == [
        (0, "CN-1", "CN-1"),
        (2, "CN-1", "CN-1"),
        (2, "CN-2", "CN-2"),
    ]
    # as rules: the line of two posts is the officer's to choose, and no wider rule takes it
    text = as_rules(found)
    assert "CN-1 ou CN-2, à choisir" in text
    given = Rules.model_validate(tomllib.loads(text), by_alias=True, by_name=False)
    assert [r.label for r in given.rules] == [("REMUN CN-1, mars",)]
    assert places(attach(books, plan, given).lines, "origin") == [0]
    chosen = (
        text.replace("# [[", "[[").replace("# nom", "nom").replace("# poste", "poste").replace("# lib", "lib")
    )
    both = Rules.model_validate(tomllib.loads(chosen), by_alias=True, by_name=False)
    assert places(attach(books, plan, both).lines, "origin") == [0, 2]
    # without such a line, one rule takes all that name the post
    assert 'libelle = "* CN-1 *"' in as_rules(attach(ledger(books_line), plan))


def test_income_from_a_funder_of_the_case_is_proposed_with_its_line() -> None:
    plain = case(TWO).dossier
    item = schema.Item(
        label="Commune de B", amount=500, frequency="mensuel", start=date(2026, 1, 1), account="74741",
        shares={"CN2": 1.0},
    )  # fmt: skip
    plan = Projection(plain.model_copy(update={"funding": (item,)}))
    books = ledger(line(MARCH, "70845", 6000, label="Titre 12", third_party="COMMUNE DE B", side="funding"))

    found = attach(books, plan)

    assert places(found.proposals, "post", "line", "reason") == [("CN2", "financement_1", "funder")]
    rule = Rules.model_validate(tomllib.loads(as_rules(found)), by_alias=True, by_name=False)
    assert places(attach(books, plan, rule).lines, "post", "line") == [("CN2", "financement_1")]


def test_a_reduction_that_cites_a_piece_already_tied_is_proposed() -> None:
    books = ledger(
        line(MARCH, "64131", 1836.20, analytic="A1", piece="1301"),
        line(MARCH, "64131", -12, label="ANNUL MDT 1301"),
        line(MARCH, "64131", -12, label="ANNUL MDT 13010"),
        line(MARCH, "64131", 12, label="SUITE MDT 1301"),
        line(MARCH.replace(year=2027), "64131", -12, label="ANNUL MDT 1301"),  # another exercice
    )

    found = attach(books, case(TWO), rules({"poste": "CN1", "analytique": "A1"}))

    assert places(found.proposals, "origin", "post", "reason", "detail") == [(1, "CN1", "cancels", "1301")]


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("* CN1 *", {"REMUN CN1 MARS", "CN1 mars", "mars (CN1)", "CN1"}),
        ("* cn1*", {"REMUN CN1 MARS", "CN1 mars", "mars (CN1)", "CN1", "CN10", "remun CN10"}),
        ("CN1", {"CN1"}),
        ("*CN1", {"CN1", "XCN1"}),
    ],
)
def test_a_space_beside_a_star_is_the_end_of_a_word(pattern: str, taken: set[str]) -> None:
    labels = ["REMUN CN1 MARS", "CN1 mars", "mars (CN1)", "CN1", "CN10", "remun CN10", "XCN1"]
    books = ledger(*(line(MARCH, "6251", 1, label=label) for label in labels))

    found = attach(books, case(), rules({"poste": "CN1", "libelle": pattern}))

    assert {labels[origin] for origin in places(found.lines, "origin")} == taken


def test_a_service_or_a_supplier_is_a_clue_only_where_most_of_its_lines_are_tied() -> None:
    mine = [line(MARCH, "6251", 1, service="CN", third_party="SNCF", post="CN1") for _ in range(2)]
    others = [line(MARCH, "6251", 2, third_party="SNCF") for _ in range(3)]
    books = ledger(*mine, *others, line(MARCH, "6251", 3, service="CN"))

    found = attach(books, case())

    assert places(found.proposals, "origin", "reason", "detail") == [(5, "service", "CN")]


def test_income_of_the_amount_of_an_instalment_is_proposed_and_the_proposal_is_a_rule() -> None:
    plain = case().dossier
    convention = (
        plain.posts[0]
        .conventions[0]
        .model_copy(update={"instalments": (schema.Instalment(label="solde", amount=12500),)})
    )
    post = plain.posts[0].model_copy(update={"conventions": (convention,)})
    plan = Projection(plain.model_copy(update={"posts": (post,)}))
    books = ledger(line(MARCH, "7788", 12500, third_party="Caisse des dépôts"))

    proposal = attach(books, plan).proposals.iloc[0].to_dict()

    assert (proposal["post"], proposal["line"], proposal["reason"], proposal["detail"]) == (
        "CN1",
        "subvention_etat",
        "instalment",
        "V2 solde",
    )
    assert 'poste = "CN1"' in as_rule(proposal, "subvention")


def test_an_item_of_pay_of_the_amount_of_the_plan_is_proposed_by_its_payroll_number() -> None:
    # gross of the plan: 1836.20 + 100.00
    item = line(None, "", 1936.20, side="cost", label="Brut", payroll="7e88", period=date(2026, 3, 1))
    found = attach(ledger(item), case())

    proposal = found.proposals.iloc[0].to_dict()
    assert (proposal["post"], proposal["reason"]) == ("CN1", "plan_amount")
    rule = tomllib.loads(as_rule(proposal, "paie CN1", found.unattached.iloc[0].to_dict()))
    again = attach(ledger(item), case(), Rules.model_validate(rule, by_alias=True, by_name=False))
    assert places(again.lines, "post", "line", "rule") == [
        ("CN1", "traitement+indemnite_differentielle+primes", "paie CN1")
    ]


# --- the file -------------------------------------------------------------------------------------------

FAULTY = """\
version = 1
[[regles]]
nom = "a"
poste = "CN9"
compte = "641"
[[regles]]
nom = "A"
service = "DSI"
[[regles]]
nom = "c"
poste = "CN1"
partage = { CN1 = 0 }
analitique = "x"
[[regles]]
nom = "d"
ligne = "traitment"
compte = "6x"
[[regles]]
poste = "CN1"
depuis = 2026-02-01
jusqu_a = 2026-01-01
[postes_etat]
4711 = "CN8"
"""


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "livres").mkdir()
    (tmp_path / "livres" / FILE).write_text(FAULTY, "utf-8")

    with pytest.raises(InputFaults) as caught:
        load_rules(tmp_path, case())

    found = {(f.where.rpartition("ligne ")[2], f.code) for f in caught.value.faults}
    assert found == {
        ("4", "rule_post"),
        ("6", "rule_outcome"),
        ("7", "rule_twice"),
        ("9", "rule_criteria"),
        ("12", "rule_outcomes"),
        ("12", "rule_weights"),
        ("13", "rule_key"),
        ("16", "rule_line"),
        ("17", "rule_value"),
        ("18", "rule_missing"),
        ("21", "rule_dates"),
        ("23", "state_post"),
    }
    key = next(f for f in caught.value.faults if f.code == "rule_key")
    assert "analytique" in key.remedy


@pytest.mark.parametrize(
    ("dossier", "place"),
    [
        ("cas", "cas/livres"),
        ("cas/dossier.toml", "cas/livres"),
        ("cas/dossier.xlsx", "cas/livres"),
        ("mon-cas.toml", "mon-cas.livres"),
        ("mon-cas.xlsx", "mon-cas.livres"),
    ],
)
def test_rules_and_maps_of_columns_lie_with_the_books_of_any_dossier(
    tmp_path: Path, dossier: str, place: str
) -> None:
    (tmp_path / "cas").mkdir()
    (tmp_path / place).mkdir()
    rule = '[[regles]]\nnom = "a"\nposte = "CN1"\ncompte = "641"\n'
    (tmp_path / place / FILE).write_text(rule, "utf-8")
    keep(ColumnMap("pieces", {"account": "Compte"}), folder_of(tmp_path / dossier))

    assert [r.name for r in load_rules(tmp_path / dossier, case()).rules] == ["a"]
    assert (tmp_path / place / "colonnes.toml").exists()


def test_rules_left_beside_the_dossier_are_refused_with_the_folder_where_they_belong(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[[regles]]\nnom = "a"\nposte = "CN1"\ncompte = "641"\n', "utf-8")

    with pytest.raises(InputFaults) as caught:
        load_rules(tmp_path / "mon-cas.xlsx", case())

    assert [f.code for f in caught.value.faults] == ["rule_place"]
    assert str(tmp_path / "mon-cas.livres") in caught.value.faults[0].remedy


def test_without_a_file_there_are_no_rules(tmp_path: Path) -> None:
    assert load_rules(tmp_path, case()) == Rules()


def test_sound_rules_are_read_as_written() -> None:
    plain = {"regles": [{"nom": "a", "poste": "CN1", "compte": ["641"], "depuis": date(2026, 1, 1)}]}

    found = check_rules(plain, str, case())

    assert (found.rules[0].post, found.rules[0].account, found.rules[0].start) == (
        "CN1",
        ("641",),
        date(2026, 1, 1),
    )
