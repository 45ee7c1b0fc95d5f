"""Tables of finance and payroll software, in the forms they come in; every expected figure was added up by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conseiller.errors import InputFaults
from conseiller.ledger import table
from conseiller.ledger.columns import Ambiguity, ColumnMap, Guess, load_map, map_text, save_map
from conseiller.ledger.headers import find_header, meaning
from conseiller.ledger.reading import ASIDE, COLUMNS, Reading
from conseiller.ledger.recognise import propose, read, recognise

BOOKS = Path(__file__).parent / "books" / "tables"
SALT = b"secret of a dossier"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows as a text file: ``write("a;b\\n1;2\\n", encoding="cp1252")``."""

    def written(text: str, name: str = "export.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return written


def cents(reading: Reading, **where: str) -> int:
    lines = reading.lines
    for column, value in where.items():
        lines = lines[lines[column] == value]
    return int(lines["cents"].sum())


def controls(reading: Reading, what: str = "grand_total") -> list[tuple[int, int]]:
    return [(c.stated, c.found) for c in reading.controls if c.what == what]


def remarks(reading: Reading) -> set[str]:
    return {r.code for r in reading.remarks}


def reasons(reading: Reading) -> list[str]:
    return reading.aside["reason"].tolist()


# --- files that other programs wrote


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_a_list_of_mandats_with_two_header_lines_and_totals(suffix: str) -> None:
    path = BOOKS / f"etat_mandats.{suffix}"
    guessed = propose(path)
    assert guessed is not None
    assert [(q.about, q.choices) for q in guessed.questions] == [("amount", ("Montant HT", "Montant TTC"))]
    with pytest.raises(Ambiguity, match=r"«.Montant HT.», «.Montant TTC.»"):
        read(path)

    reading = read(path, column_map=guessed.column_map.with_answer(guessed.questions[0], "Montant TTC"))
    # 2 105,40 + 812,35 + 48,00 + 12,60 − 12,60
    assert cents(reading) == 296575
    assert controls(reading) == [(296575, 296575)]
    assert reasons(reading) == ["subtotal", "carried_forward", "carried_forward", "subtotal", "grand_total"]
    assert reading.rows == 10
    lines = reading.lines
    assert lines["account"].tolist() == ["64131", "6451", "6262", "60632", "60632"]
    assert lines["chapter"].tolist() == ["012", "012", "011", "011", "011"]
    assert set(lines["function"]) == {"020"}
    assert lines["piece"].tolist() == ["101", "102", "103", "104", "105"]
    assert lines["bordereau"].tolist() == ["12", "12", "13", "13", "14"]
    assert lines["date"].dt.strftime("%Y-%m-%d").tolist() == [
        *("2024-01-31", "2024-01-31", "2024-02-15", "2024-02-20", "2024-03-01")
    ]
    assert lines["kind"].tolist() == ["ordinary"] * 4 + ["reduction"]
    assert lines["third_party"].tolist() == ["SALARIES", "URSSAF NORD", "ORANGE", "", ""]
    assert set(lines["exercice"]) == {2024}
    # rows as the spreadsheet numbers them
    assert lines["place"].tolist() == ["7", "8", "12", "13", "14"]
    assert set(lines["sheet"]) == {"Mandats"}
    assert (reading.issued, reading.scope) == ("2025-02-05", "table|pieces|principal")
    assert {"hidden_sheets", "other_sheets", "person_hidden"} <= remarks(reading)


def test_the_three_formats_give_the_same_lines() -> None:
    answer = ColumnMap(
        "pieces", {"account": "Imputation Nature", "mandat": "Pièce N° mandat", "amount": "Montant HT"}
    )
    lines = [read(BOOKS / f"etat_mandats.{s}", column_map=answer).lines for s in ("xlsx", "xls", "ods")]
    for other in lines[1:]:
        pd.testing.assert_frame_equal(lines[0].drop(columns="file"), other.drop(columns="file"))
    assert int(lines[0]["cents"].sum()) == 295775  # 2 105,40 + 812,35 + 40,00 + 10,50 − 10,50


def test_a_grand_livre_with_accounts_as_titles() -> None:
    reading = read(BOOKS / "grand_livre.csv")
    assert cents(reading, account="64131") == 621080  # 3 × 2 105,40 − 105,40
    assert cents(reading, account="74718") == 1750000
    assert reading.lines["side"].tolist() == ["cost"] * 4 + ["funding"]
    assert reading.lines["kind"].tolist() == ["ordinary"] * 3 + ["reduction", "ordinary"]
    # printed: debit 23 816,20 and credit 17 605,40, the account of the debtor included
    assert controls(reading) == [(2381620, 2381620), (1760540, 1760540)]
    assert "Paie de février, l’agent à temps plein" in reading.lines["label"].tolist()  # cp1252, not latin-1
    assert reasons(reading).count("balance_account") == 1
    assert reading.issued == "2025-03-12"


def test_mandats_and_titres_together_in_a_unicode_text_of_excel() -> None:
    reading = read(BOOKS / "mandats_titres.txt")
    assert cents(reading, side="funding") == 1750000 + 145833
    assert cents(reading, side="cost") == 0  # paid, then cancelled by a positive amount
    assert reading.lines["kind"].tolist() == ["ordinary", "ordinary", "reduction", "accrual"]
    assert reading.lines["exercice"].tolist() == [2024, 2024, 2024, 2025]
    assert reading.lines["piece"].tolist() == ["101", "7", "102", "1"]
    assert {"cancelled", "no_total"} <= remarks(reading)


def test_a_web_page_saved_as_xls() -> None:
    reading = read(BOOKS / "extraction.xls")
    assert cents(reading) == 209305  # 2 105,40 − 12,35, in parentheses
    assert controls(reading) == [(209305, 209305)]
    assert reading.lines["label"].tolist() == ["Paie début d'année", "Urssaf"]
    assert set(reading.lines["exercice"]) == {2024}


def test_a_pay_extract_drops_names_and_hashes_numbers() -> None:
    path = BOOKS / "paie.csv"
    reading = read(path, salt=SALT)
    assert cents(reading, label="Brut") == 601180
    assert cents(reading, label="Cotisations patronales") == 232480
    assert controls(reading, "pay_total") == [(833660, 833660)]
    assert controls(reading) == [(601180, 601180), (232480, 232480), (833660, 833660)]
    assert reading.lines["period"].dt.strftime("%Y-%m").tolist() == ["2024-01"] * 4 + ["2024-02"] * 2
    assert reading.lines["payroll"].nunique() == 2
    written = reading.lines.to_csv() + reading.aside.to_csv() + repr(reading.remarks)
    assert not any(word in written for word in ("MARTIN", "Alex", "BERNARD", "Lou", "00123", "1650", "1 650"))
    assert set(read(path).lines["payroll"]) == {""}  # without a secret, nothing is kept
    assert "payroll_not_kept" in remarks(read(path))
    assert set(read(path, salt=b"another").lines["payroll"]) != set(reading.lines["payroll"])


def test_payments_received() -> None:
    reading = read(BOOKS / "versements.csv")
    assert reading.format == "payments"
    assert reading.lines[["post", "piece", "cents"]].to_numpy().tolist() == [
        ["CN1", "V1", 1750000],
        ["CN1", "V2", 1250000],
    ]
    assert set(reading.lines["side"]) == {"funding"}
    assert controls(reading) == [(3000000, 3000000)]


def test_dates_written_month_first_are_refused_with_their_rows() -> None:
    column_map = ColumnMap(
        "pieces", {"account": "Imputation Nature", "date": "Pièce Date", "amount": "Montant TTC"}
    )
    with pytest.raises(InputFaults) as caught:
        read(BOOKS / "mois_en_premier.csv", column_map=column_map)
    assert [f.code for f in caught.value.faults] == ["cell_month_first"] * 4
    assert "ligne 7" in caught.value.faults[0].where


# --- the traps, one by one

HEADER = "Exercice;Nature;N° mandat;Date mandat;Objet;Montant\n"


def test_windows_text_keeps_its_signs(write: Write) -> None:
    path = write(HEADER + "2024;6251;1;31/01/2024;Frais d’œuvre – 10 €;12,50\n", encoding="cp1252")
    assert read(path).lines["label"].tolist() == ["Frais d’œuvre – 10 €"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [";", "\t", ",", "|"])
def test_each_encoding_and_separator(write: Write, encoding: str, sign: str) -> None:
    text = (HEADER + "2024;6413;1;31/01/2024;Été;12.50\n2024;6413;2;28/02/2024;Août;7.00\n").replace(
        ";", sign
    )
    reading = read(write(text, encoding=encoding))
    assert (cents(reading), reading.lines["label"].tolist()) == (1950, ["Été", "Août"])


def test_commas_in_amounts_and_labels_do_not_part_columns(write: Write) -> None:
    text = HEADER + "".join(f"2024;6413;{n};31/01/2024;Paie, primes, SFT;1 {n:03},50\n" for n in range(5))
    assert cents(read(write(text))) == sum(100050 + 100 * n for n in range(5))


def test_quoted_cells_may_hold_separators_and_line_ends(write: Write) -> None:
    reading = read(
        write(HEADER + '2024;6413;1;31/01/2024;"Paie;\njanvier ""2024""";12,50\n2024;6413;2;;x;1,00\n')
    )
    assert reading.lines["label"].tolist() == ['Paie; janvier "2024"', "x"]
    assert reading.lines["place"].tolist() == ["2", "3"]


def test_an_open_quotation_mark_is_refused(write: Write) -> None:
    rows = "".join(f"2024;6413;{n};31/01/2024;x;1,00\n" for n in range(3))
    with pytest.raises(InputFaults, match="guillemet"):
        read(write(HEADER + '2024;6413;1;31/01/2024;"Paie;12,50\n' + rows))
    with pytest.raises(InputFaults, match="guillemet"):
        read(
            write(HEADER + '2024;6413;1;31/01/2024;"Paie;12,50\n' + rows + '2024;6413;9;31/01/2024;"x;1,00\n')
        )


def test_a_label_with_an_unquoted_separator_is_refused_with_its_row(write: Write) -> None:
    rows = "".join(f"2024;6413;{n};31/01/2024;x;1,00\n" for n in range(300))
    with pytest.raises(InputFaults, match="ligne 302"):
        read(write(HEADER + rows + "2024;6413;1;31/01/2024;Paie; primes;12,50\n"))


def test_empty_cells_beyond_the_table_are_no_fault(write: Write) -> None:
    rows = "".join(f"2024;6413;{n};31/01/2024;x;1,00\n" for n in range(300))
    assert cents(read(write(HEADER + rows + "2024;6413;1;31/01/2024;Paie;12,50;;;\n"))) == 31250


def test_titles_above_give_the_year_and_the_day_of_issue(write: Write) -> None:
    text = "CC fictive;;;\nÉtat des mandats;;Exercice : 2023;\nImprimé le 02-02-2024;;;\nNature;N° mandat;Objet;Montant\n6413;1;Paie;12,50\n"
    reading = read(write(text))
    assert (reading.lines["exercice"].tolist(), reading.issued) == ([2023], "2024-02-02")
    assert reading.lines["place"].tolist() == ["5"]


def test_a_year_missing_everywhere_is_that_of_the_date_and_is_said(write: Write) -> None:
    reading = read(write("Nature;N° mandat;Date;Montant\n6413;1;15/01/2024;12,50\n"))
    assert reading.lines["exercice"].tolist() == [2024]
    assert "exercice_of_date" in remarks(reading)


def test_the_same_header_twice_gets_a_rank_and_a_question(write: Write) -> None:
    with pytest.raises(Ambiguity, match=r"«.Montant.», «.Montant \(2\).»"):
        read(write("Nature;N° mandat;Montant;Montant\n6413;1;12,50;3,00\n"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Montant HT", "Montant TTC"),
        ("Mandaté", "Payé"),
        ("Montant mandaté", "Montant réalisé"),
        ("Montant", "Montant TTC"),
    ],
)
def test_nothing_is_guessed_between_two_amounts(write: Write, first: str, second: str) -> None:
    path = write(f"Exercice;Nature;N° mandat;{first};{second}\n2024;6413;1;12,50;15,00\n")
    with pytest.raises(Ambiguity) as caught:
        read(path)
    (question,) = caught.value.questions
    assert question.choices == (first, second)
    for choice, expected in ((first, 1250), (second, 1500)):
        assert cents(read(path, column_map=caught.value.column_map.with_answer(question, choice))) == expected
    with pytest.raises(ValueError, match="not one of"):
        caught.value.column_map.with_answer(question, "Objet")


@pytest.mark.parametrize(
    "beside", ["Montant TVA", "Montant BP", "Alloué", "Montant engagé", "Reste à réaliser", "Solde"]
)
def test_amounts_that_measure_no_spending_raise_no_doubt(write: Write, beside: str) -> None:
    path = write(f"Exercice;Nature;N° mandat;{beside};Montant mandaté\n2024;6413;1;99,00;15,00\n")
    assert cents(read(path)) == 1500


def test_an_amount_that_reads_two_ways_is_asked_about(write: Write) -> None:
    path = write(HEADER + "2024;6413;1;31/01/2024;Paie;1,234\n")
    with pytest.raises(Ambiguity, match="deux façons") as caught:
        read(path)
    (question,) = caught.value.questions
    assert "ligne 2" in caught.value.faults[0].where
    answers = {
        c: cents(read(path, column_map=caught.value.column_map.with_answer(question, c))) for c in ",."
    }
    assert answers == {",": 123, ".": 123400}


def test_totals_of_each_side_are_compared_apart(write: Write) -> None:
    text = "Exercice;Sens;Nature;N° pièce;Montant\n2024;D;6413;1;10,00\n2024;R;74718;2;30,00\nTotal dépenses;;;;10,00\nTotal recettes;;;;31,00\n"
    reading = read(write(text))
    assert controls(reading) == [(1000, 1000), (3100, 3000)]
    assert [c.holds for c in reading.controls if c.what == "grand_total"] == [True, False]


@pytest.mark.parametrize(
    ("total", "reason"),
    [
        ("Total", "grand_total"),
        ("TOTAL GÉNÉRAL :", "grand_total"),
        ("Totaux", "grand_total"),
        ("Total de l'exercice 2024", "grand_total"),
        ("Total chapitre 012", "subtotal"),
        ("S/Total", "subtotal"),
        ("Sous-total nature 6413", "subtotal"),
        ("Report", "carried_forward"),
        ("A reporter", "carried_forward"),
        ("Cumul au 31/01/2024", "cumulative"),
    ],
)
def test_printed_totals_are_set_aside(write: Write, total: str, reason: str) -> None:
    reading = read(
        write(HEADER + f"2024;6413;1;31/01/2024;Paie;12,50\n;;;;{total};12,50\n2024;6413;2;;Paie;1,00\n")
    )
    assert (cents(reading), reasons(reading)) == (1350, [reason])


def test_a_supplier_called_total_is_no_total(write: Write) -> None:
    text = "Exercice;Nature;N° mandat;Tiers;Objet;Montant\n2024;60622;1;TOTAL ENERGIES;Total carburant janvier;12,50\n"
    assert cents(read(write(text))) == 1250


def test_a_total_by_account_without_the_word_is_found_by_its_sum(write: Write) -> None:
    text = HEADER + "2024;6413;1;31/01/2024;Paie;12,50\n2024;6413;2;28/02/2024;Paie;7,50\n;6413;;;;20,00\n"
    reading = read(write(text))
    assert (cents(reading), reasons(reading)) == (2000, ["subtotal"])


def test_headings_printed_again_on_each_page_are_set_aside(write: Write) -> None:
    row = "2024;6413;{};31/01/2024;Paie;12,50\n"
    reading = read(write(HEADER + row.format(1) + HEADER + row.format(2)))
    assert (cents(reading), reasons(reading)) == (2500, ["header"])


def test_an_amount_without_anything_else_is_set_aside_and_said(write: Write) -> None:
    reading = read(write(HEADER + "2024;6413;1;31/01/2024;Paie;12,50\n;;;;;99,00\n"))
    assert (cents(reading), reasons(reading)) == (1250, ["unlabelled"])
    assert "unlabelled" in remarks(reading)


def test_a_line_without_account_is_kept(write: Write) -> None:
    reading = read(write(HEADER + "2024;6413;1;31/01/2024;Paie;12,50\n2024;;2;28/02/2024;Paie;7,50\n"))
    assert reading.lines["account"].tolist() == ["6413", ""]
    assert reading.lines["cents"].tolist() == [1250, 750]


@pytest.mark.parametrize(
    ("words", "sides"),
    [
        (("D", "R"), ["cost", "funding"]),
        (("Dépense", "Recette"), ["cost", "funding"]),
        (("DEP", "REC"), ["cost", "funding"]),
    ],
)
def test_the_column_of_sense_gives_the_side(write: Write, words: Sequence[str], sides: list[str]) -> None:
    first, second = words
    text = f"Exercice;Sens;Nature;N° pièce;Montant\n2024;{first};6419;1;5,00\n2024;{second};6419;2;3,00\n"
    assert read(write(text)).lines["side"].tolist() == sides


def test_debit_and_credit_in_a_column_of_sense(write: Write) -> None:
    text = (
        "Exercice;Sens;Compte;N° pièce;Montant\n2024;D;6413;1;5,00\n2024;C;6413;2;3,00\n2024;C;74718;3;9,00\n"
    )
    lines = read(write(text)).lines
    assert lines["side"].tolist() == ["cost", "cost", "funding"]
    assert lines["cents"].tolist() == [500, -300, 900]


def test_an_unknown_word_of_sense_is_asked_about(write: Write) -> None:
    path = write("Exercice;Sens;Nature;N° pièce;Montant\n2024;ZZ;6413;1;5,00\n")
    with pytest.raises(Ambiguity, match="ZZ") as caught:
        read(path)
    answered = caught.value.column_map.with_answer(caught.value.questions[0], "funding")
    assert read(path, column_map=answered).lines["side"].tolist() == ["funding"]


def test_lines_whose_side_nothing_tells_are_asked_about(write: Write) -> None:
    path = write("Exercice;Service;N° pièce;Date;Montant\n2024;NUM;1;31/01/2024;5,00\n")
    with pytest.raises(Ambiguity, match="dépenses ou des recettes") as caught:
        read(path)
    answered = caught.value.column_map.with_answer(caught.value.questions[0], "cost")
    assert read(path, column_map=answered).lines["side"].tolist() == ["cost"]


def test_spending_and_income_in_two_columns(write: Write) -> None:
    text = "Exercice;Nature;Libellé;mt_depenses;mt_recettes\n2024;6413;Paie;12,50;\n2024;74718;État;;30,00\n"
    lines = read(write(text)).lines
    assert lines[["side", "cents"]].to_numpy().tolist() == [["cost", 1250], ["funding", 3000]]
    with pytest.raises(InputFaults, match="à la fois"):
        read(write("Exercice;Nature;Libellé;mt_depenses;mt_recettes\n2024;6413;Paie;12,50;1,00\n"))


@pytest.mark.parametrize("written", ["H60625100", "60625100 - Fournitures", "60 625 100", "60625100."])
def test_accounts_are_cleaned(write: Write, written: str) -> None:
    assert read(write(HEADER + f"2024;{written};1;;x;1,00\n")).lines["account"].tolist() == ["60625100"]


def test_lines_of_pay_by_item_leave_out_what_adds_up_others(write: Write) -> None:
    text = (
        "Matricule;Période;Libellé rubrique;Montant brut;Part patronale;Part salariale\n"
        "12;01/2024;Traitement;2 000,00;;\n12;01/2024;URSSAF;;600,00;150,00\n12;01/2024;TOTAL BRUT;2 000,00;;\n"
        "12;01/2024;NET A PAYER;1 850,00;;\n"
    )
    reading = read(write(text), salt=SALT)
    assert cents(reading) == 260000
    assert reading.lines["label"].tolist() == ["Traitement – Montant brut", "URSSAF – Part patronale"]
    assert reasons(reading) == ["subtotal", "subtotal"]


def test_a_chapter_that_lost_its_zero_gets_it_back_from_its_account(write: Write) -> None:
    text = "Exercice;Chapitre;Nature;N° mandat;Montant\n2024;12;64131;1;1,00\n2024;65;65811;2;1,00\n2024;13;1311;3;1,00\n"
    reading = read(write(text))
    assert reading.lines["chapter"].tolist() == ["012", "65", "13"]
    assert [r.values["count"] for r in reading.remarks if r.code == "zeros_back"] == [1]


def test_a_journal_of_pay_takes_its_month_from_its_title(write: Write) -> None:
    text = (
        "Journal de paie;;;;;\nPériode : 01/2024;;;;;\n"
        "Matricule;Nom Prénom;Rubrique;Libellé;Montant salarial;Montant patronal\n"
        "00012;MARTIN Alex;1000;Traitement de base;2005,40;\n00012;MARTIN Alex;3000;URSSAF;;273,70\n"
    )
    reading = read(write(text), salt=SALT)
    assert reading.lines["period"].dt.strftime("%Y-%m").tolist() == ["2024-01"]
    assert (cents(reading), reading.lines["exercice"].tolist()) == (27370, [2024])
    # the gross is in a column of employee's amounts: not guessed, but said
    assert "pay_without_gross" in remarks(reading)
    assert reasons(reading) == ["no_amount"]
    assert "MARTIN" not in reading.lines.to_csv() + reading.aside.to_csv()


def test_a_total_cost_per_agent(write: Write) -> None:
    text = (
        "Mois;Matricule;Agent;Service;Compte;Coût total chargé\njanv.-24;12;MARTIN Alex;NUM;64131;2917,75\n"
    )
    reading = read(write(text), salt=SALT)
    assert (cents(reading), reading.lines["account"].tolist()) == (291775, ["64131"])


def test_a_grand_livre_of_an_association(write: Write) -> None:
    text = (
        "Grand-livre général;;;;;\nDate;Jnl;Pièce;Libellé;Débit;Crédit\n641100 SALAIRES BRUTS;;;;;\n"
        "31/01/24;PAI;12;Salaires janvier;2 105,40;\nTotal 641100;;;;2 105,40;0,00\n;;;;;\n"
        "645100 URSSAF;;;;;\n31/01/24;PAI;12;Urssaf;812,35;\nTotal 645100;;;;812,35;0,00\nTotaux;;;;2 917,75;0,00\n"
    )
    reading = read(write(text))
    assert reading.lines["account"].tolist() == ["641100", "645100"]
    assert controls(reading) == [(291775, 291775), (0, 0)]
    assert reading.aside["label"].tolist() == [
        *("641100 SALAIRES BRUTS", "Total 641100", "645100 URSSAF", "Total 645100", "Totaux")
    ]


def test_two_sheets_with_the_same_columns_are_asked_about(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "deux.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, amount in (("Janvier", 12.5), ("Février", 7.5)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Exercice", "Nature", "N° mandat", "Montant"])
            sheet.write_row(1, 0, [2024, "6413", amount, amount])
    with pytest.raises(Ambiguity, match=r"«.Janvier.», «.Février.»") as caught:
        read(path)
    (question,) = caught.value.questions
    sums = {
        c: cents(read(path, column_map=caught.value.column_map.with_answer(question, c)))
        for c in question.choices
    }
    assert sums == {"Janvier": 1250, "Février": 750, "*": 2000}


def test_dates_and_codes_of_a_workbook(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "1904.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Exercice", "Nature", "N° mandat", "Date", "Montant"])
        # a serial number left without the format of a date: 31 January 2024 counted from 1904
        sheet.write_row(1, 0, [2024, 6413, 1.0, 43860, 12.5])
    lines = read(path).lines
    assert lines["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-31"]
    assert lines[["account", "piece"]].to_numpy().tolist() == [["6413", "1"]]


@pytest.mark.parametrize("kind", ["xlsx", "html"])
def test_a_cell_merged_downwards_holds_for_each_of_its_rows(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"merged.{kind}"
    if kind == "xlsx":
        import xlsxwriter

        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(1, 1, ["Exercice", "Nature", "N° mandat", "Montant"])
            sheet.merge_range("B3:B5", 2024)
            sheet.merge_range("C3:C4", "6413")
            sheet.write_column("D3", [1, 2, 3])
            sheet.write("C5", "6451")
            sheet.write_column("E3", [12.5, 7.5, 1])
    else:
        path.write_text(
            "<table><tr><th>Exercice</th><th>Nature</th><th>N° mandat</th><th>Montant</th></tr>"
            "<tr><td rowspan=3>2024</td><td rowspan=2>6413</td><td>1</td><td>12,50</td></tr>"
            "<tr><td>2</td><td>7,50</td></tr><tr><td>6451</td><td>3</td><td>1,00</td></tr></table>",
            "utf-8",
        )
    lines = read(path).lines
    assert lines["account"].tolist() == ["6413", "6413", "6451"]
    assert lines["cents"].tolist() == [1250, 750, 100]
    assert set(lines["exercice"]) == {2024}


def test_a_number_and_a_text_of_one_look_are_told_apart(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "both.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Exercice", "Nature", "N° mandat", "Montant"])
        for row, value in enumerate([1.234, "1.234", "12,50", 0.1 + 0.2], start=1):
            sheet.write_row(row, 0, [2024, "6413", row, value])
    reading = read(path)
    # 1 € 23 as a number; 1 234 € as a text, beside one that proves the decimal comma
    assert reading.lines["cents"].tolist() == [123, 1234_00, 1250, 30]
    assert "rounded" in remarks(reading)


def test_a_date_too_far_away_for_any_calendar_is_told(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, format_ = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["Exercice", "Nature", "N° mandat", "Montant", "Date"])
        sheet.write_row(1, 0, [2024, "6413", 1, 12.5])
        sheet.write_number(1, 4, 99_991_231, format_)
    with pytest.raises(InputFaults, match="1950"):
        read(path)


def test_rows_of_another_width_keep_their_place(write: Write) -> None:
    rows = "2024;6413;1;31/01/2024;x;12,50\n\n2024;6413;2;31/01/2024;y;7,50;;\nTotal\n2024;6413;3;31/01/2024;z;1\n"
    reading = read(write("Mandats\n" + HEADER + rows))
    assert reading.lines["place"].tolist() == ["3", "5", "7"]
    assert reading.lines["cents"].tolist() == [1250, 750, 100]
    assert reading.aside["place"].tolist() == ["6"]


def test_a_text_of_too_many_cells_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseiller.ledger.delimited.MOST_CELLS", 10)
    with pytest.raises(InputFaults, match="cellules"):
        read(write(HEADER + "2024;6413;1;31/01/2024;x;12,50\n"))


def test_text_that_begins_like_a_formula_is_text(write: Write) -> None:
    reading = read(write(HEADER + '2024;6413;1;31/01/2024;"=HYPERLINK(""x"")";12,50\n'))
    assert reading.lines["label"].tolist() == ['=HYPERLINK("x")']
    with pytest.raises(InputFaults, match=r"«.Montant.»"):
        read(write(HEADER + "2024;6413;1;31/01/2024;x;=1+1\n"))


def test_formulas_never_calculated_are_told(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "formules.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Exercice", "Nature", "N° mandat", "Montant"])
    book.active.append([2024, "6413", 1, "=1+1"])
    book.save(path)
    with pytest.raises(InputFaults, match="jamais été calculé"):
        read(path)


def test_every_wrong_cell_is_told_at_once_with_its_place(write: Write) -> None:
    with pytest.raises(InputFaults) as caught:
        read(write(HEADER + "2024;6413;1;31/02/2024;x;abc\n2024;6413;2;31/01/3024;x;1,00\n"))
    assert sorted((f.code, f.where.rpartition(" ")[2]) for f in caught.value.faults) == [
        ("cell_absurd_date", "3"),
        ("cell_not_amount", "2"),
        ("cell_not_date", "2"),
    ]
    said = str(caught.value).replace("\u00a0", " ")
    assert "porte « 31/02/2024 », qui n'est pas une date." in said
    assert "porte « 31/01/3024 », une date hors des années 1950 à 2100." in said
    assert "« Montant » porte « abc », qui n'est pas un montant." in said


def test_names_of_people_are_not_kept(write: Write) -> None:
    text = (
        "Exercice;Nature;N° mandat;Tiers;Objet;Montant\n"
        "2024;6251;1;DURAND Claire;Mission de DURAND à Arras;12,50\n"
        "2024;6251;2;Mme LEROY;Frais de Mme LEROY;1,00\n"
        "2024;6262;3;BOUYGUES TELECOM;Forfait;2,00\n"
    )
    lines = read(write(text)).lines
    assert lines["third_party"].tolist() == ["", "", "BOUYGUES TELECOM"]
    assert lines["third_party_kind"].tolist() == ["person", "person", "other"]
    assert not any(w in lines.to_csv() for w in ("DURAND", "Claire", "LEROY"))


# --- headers met in public extracts


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("cp_codenature", "account"),
        ("cp_gestionnairecode", "service"),
        ("cp_indicateurdepensesrecettes", "sense"),
        ("chapitre_budgetaire", "chapter"),
        ("libelle_chapitre_budgetaire", "other"),
        ("nature_comptable", "account"),
        ("depenses_recettes", "sense"),
        ("code_article", "account"),
        ("montant_realise", "amount"),
        ("Inscription (DEP/REC)", ""),
        ("Type mvt", "piece_type"),
        ("Chap", "chapter"),
        ("Alloué", ""),
        ("Réalisé", "amount"),
        ("N° d'engagement", "other"),
        ("Compte ordonnateur", "account"),
        ("Montant mandaté net", "amount"),
        ("N° du titre", "titre"),
        ("Date d’émission", "date"),
        ("Nom et prénom", "person"),
        ("IBAN", "person"),
    ],
)
def test_headings_are_known(heading: str, column: str) -> None:
    assert meaning(heading)[0] == column


def test_a_title_right_above_the_header_is_no_part_of_it() -> None:
    layout = find_header([["Mandats"], ["Nature", "N° mandat", "Montant"], ["6413", 1, 12.5]])
    assert layout is not None
    assert [h.text for h in layout.headers] == ["Nature", "N° mandat", "Montant"]
    assert (layout.first, layout.last) == (2, 2)


def test_no_header_is_said(write: Write) -> None:
    with pytest.raises(InputFaults, match="intitulés"):
        read(write("a;b;c\n1;2;3\n"))


# --- the map kept for an authority


def test_a_map_is_kept_without_loss(tmp_path: Path) -> None:
    column_map = ColumnMap(
        kind="pieces",
        columns={"amount": "Montant « TTC »", "account": 'Nature "M57"', "sense": "Sens"},
        sheet="Mandats",
        decimal=",",
        unit="millier",
        epoch=1904,
        side="cost",
        exercice=2024,
        chart="M57D",
        senses={"ZZ": "funding", "é è": "debit"},
        parties="keep",
    )
    path = tmp_path / "colonnes.toml"
    save_map(column_map, path)
    assert load_map(path) == column_map
    plain = ColumnMap("entries", {"debit": "Débit", "credit": "Crédit"})
    save_map(plain, path)
    assert load_map(path) == plain
    assert map_text(load_map(path)) == path.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("kind = 'pieces'\n[columns\n", ["map_syntax"]),
        (
            "kind = 'x'\nother = 1\nexercice = 'a'\n[columns]\namount = 'M'\nzz = 'Z'\n",
            ["map_value", "map_key", "map_value", "map_value"],
        ),
        ("kind = 'pieces'\n", ["map_missing"]),
        ("kind = 'pieces'\n[columns]\naccount = 'Nature'\n", ["map_missing"]),
    ],
)
def test_a_wrong_map_is_refused_with_all_its_faults(write: Write, text: str, codes: list[str]) -> None:
    with pytest.raises(InputFaults) as caught:
        load_map(write(text, name="map.toml"))
    assert sorted(f.code for f in caught.value.faults) == sorted(codes)


def test_a_map_that_does_not_fit_names_what_lacks(write: Write) -> None:
    column_map = ColumnMap("pieces", {"account": "Article", "amount": "MONTANT"})
    with pytest.raises(InputFaults, match="Article"):
        read(write(HEADER + "2024;6413;1;;x;1,00\n"), column_map=column_map)
    with pytest.raises(InputFaults, match=r"feuille «.Z.»"):
        read(BOOKS / "etat_mandats.xlsx", column_map=ColumnMap("pieces", {"amount": "Montant HT"}, sheet="Z"))


def test_what_was_understood_can_be_shown() -> None:
    guessed = propose(BOOKS / "paie.csv")
    assert guessed is not None
    assert ("brut", "Brut") in guessed.column_map.described()
    assert ("gross pay", "Brut") in guessed.column_map.described("en")
    assert guessed.ignored == ("Net à payer",)


def test_columns_with_unknown_headings_can_be_named_by_hand(write: Write) -> None:
    path = write("aa;bb;cc;dd\nx;y;6413;12,50\n")
    reading = read(path, column_map=ColumnMap("pieces", {"account": "CC", "amount": "dd"}, exercice=2024))
    assert reading.lines[["account", "cents", "exercice"]].to_numpy().tolist() == [["6413", 1250, 2024]]


# --- what must hold for any table

_ROW = st.tuples(
    st.sampled_from(["6413", "6451", "74718", "4111", ""]),
    st.one_of(st.just(""), st.integers(1, 30).map(str)),
    st.integers(-(10**7), 10**7),
    st.sampled_from(["Paie", "Total", "Sous-total", "Report", "", "Annulation"]),
    st.sampled_from(["Ordinaire", "Annulation", "Rattachement", ""]),
)
#: A table none of whose lines belongs to an account is refused: one line does.
_ROWS = st.lists(_ROW, max_size=11).map(lambda rows: [("6413", "1", 1_00, "Paie", "Ordinaire"), *rows])


def _text(rows: Sequence[tuple[str, str, int, str, str]]) -> str:
    head = "Exercice;Nature;N° mandat;Type de pièce;Objet;Montant\n"
    return head + "".join(
        f"2024;{a};{n};{t};{label};{'-' if c < 0 else ''}{abs(c) // 100},{abs(c) % 100:02}\n"
        for a, n, c, label, t in rows
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, seed=st.integers(0, 9))
def test_kept_and_set_aside_make_the_file_in_any_order(
    tmp_path: Path, rows: list[tuple[str, str, int, str, str]], seed: int
) -> None:
    path = tmp_path / "export.csv"
    column_map = ColumnMap(
        "pieces",
        {
            "exercice": "Exercice",
            "account": "Nature",
            "mandat": "N° mandat",
            "piece_type": "Type de pièce",
            "label": "Objet",
            "amount": "Montant",
        },
        side="cost",
    )
    path.write_text(_text(rows), "utf-8")
    reading = table.read(path, column_map=column_map)
    # signs of cancellations aside, every printed cent is in one of the two tables
    printed = {str(at): row[2] for at, row in enumerate(rows, start=2)}
    kept = dict(zip(reading.lines["place"], reading.lines["cents"], strict=True))
    put = dict(zip(reading.aside["place"], reading.aside["cents"], strict=True))
    assert set(kept) | set(put) == set(printed)
    assert not set(kept) & set(put)
    assert all(abs(kept[p]) == abs(printed[p]) for p in kept)
    assert all(put[p] == printed[p] for p in put)
    assert all(c.holds for c in reading.controls if c.what in {"file_total", "rows"})
    assert reading.rows == len(rows)

    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    path.write_text(_text(shuffled), "utf-8")
    other = table.read(path, column_map=column_map)
    columns = [c for c in COLUMNS if c != "place"]
    first, second = (r.lines.sort_values(["key"])[columns].reset_index(drop=True) for r in (reading, other))
    pd.testing.assert_frame_equal(first, second)
    assert sorted(reasons(reading)) == sorted(reasons(other))
    assert reading.lines["key"].is_unique


def test_a_reading_has_the_columns_agreed() -> None:
    reading = read(BOOKS / "grand_livre.csv")
    assert {c: str(t) for c, t in reading.lines.dtypes.items()} == dict(COLUMNS)
    assert {c: str(t) for c, t in reading.aside.dtypes.items()} == dict(ASIDE)
    assert not reading.lines.drop(columns=["date", "period", "exercice"]).isna().any().any()


def test_a_table_is_recognised_whatever_its_name(write: Write) -> None:
    assert recognise(write(HEADER + "2024;6413;1;;x;1,00\n", name="export.pes")) == "table"
    assert isinstance(propose(BOOKS / "extraction.xls"), Guess)
    assert propose(BOOKS / "postes_12.csv") is None
