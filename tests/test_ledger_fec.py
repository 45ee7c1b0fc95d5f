"""FEC, the State's list of posts, and which reader a file goes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conseiller.errors import InputFaults
from conseiller.ledger import fec, posts
from conseiller.ledger.recognise import propose, read, recognise

BOOKS = Path(__file__).parent / "books" / "tables"
HEADER = "JournalCode|EcritureNum|EcritureDate|CompteNum|PieceRef|EcritureLib|Debit|Credit\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(text: str, name: str = "987654321FEC20240831.txt", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return written


def test_a_fec_with_the_oddities_of_real_ones() -> None:
    """Byte-order mark, CRCRLF, a nineteenth cell, blanks and zeros around amounts, a lone quotation mark, a misspelt
    heading, entries all numbered 0.
    """
    reading = read(BOOKS / "123456789FEC20241231.txt")
    assert reading.format == "fec"
    assert reading.lines[["account", "side", "kind", "cents"]].to_numpy().tolist() == [
        ["641100", "cost", "ordinary", 210540],
        ["741000", "funding", "ordinary", 1750000],
        ["689400", "cost", "deferral", 300000],
    ]
    assert reading.lines["label"].tolist()[0] == 'Salaire "janvier'
    assert reading.lines["piece"].tolist() == ["P1", "V1", "D1"]
    assert set(reading.lines["chart"]) == {"PCG"}
    assert set(reading.lines["exercice"]) == {2024}
    # 500,00 + 2 105,40 + 17 500,00 + 3 000,00 on each side
    assert [(c.stated, c.found) for c in reading.controls if c.what == "balance"] == [(2310540, 2310540)]
    assert all(c.holds for c in reading.controls)
    assert reading.aside["reason"].tolist() == ["balance_account"] * 5
    assert "MARTIN" not in reading.lines.to_csv() + reading.aside.to_csv()
    assert reading.scope == "fec|123456789"
    assert reading.lines["key"].is_unique


def test_a_fec_with_amount_and_sense() -> None:
    reading = read(BOOKS / "fec_sens.txt")
    assert reading.lines[["account", "cents"]].to_numpy().tolist() == [["6411", 210540]]
    assert [r.code for r in reading.remarks] == ["fec_name"]


def test_a_year_that_ends_in_august_is_the_year_of_closing(write: Callable[..., Path]) -> None:
    path = write(HEADER + "PAI|1|20231031|6411|P|Paie|10,00|\nPAI|1|20231031|421|P|Paie||10,00\n")
    reading = fec.read(path)
    assert reading.lines["exercice"].tolist() == [2024]
    assert [r.code for r in reading.remarks] == ["fec_year"]


def test_a_credit_of_expense_and_a_debit_of_income_are_reductions(write: Callable[..., Path]) -> None:
    text = (
        HEADER
        + "OD|1|20240131|6459|P|Avoir||10,00\nOD|2|20240131|741|P|Reversement|3,00|\nOD|3|20240131|512|P|x|7,00|\n"
    )
    lines = fec.read(write(text)).lines
    assert lines[["side", "kind", "cents"]].to_numpy().tolist() == [
        ["cost", "reduction", -1000],
        ["funding", "reduction", -300],
    ]


def test_the_opening_of_the_year_is_set_aside(write: Callable[..., Path]) -> None:
    text = (
        HEADER
        + "AN|1|20230901|218300|P|A nouveau|900,00|\nAN|1|20230901|1310|P|A nouveau||900,00\nACH|2|20240101|218300|P|PC|5,00|\n"
    )
    reading = fec.read(write(text))
    assert reading.lines["cents"].tolist() == [500]
    assert reading.aside["reason"].tolist() == ["carried_forward"] * 2


def test_an_unbalanced_fec_is_told(write: Callable[..., Path]) -> None:
    reading = fec.read(write(HEADER + "OD|1|20240131|6411|P|Paie|10,00|\n"))
    assert [(c.stated, c.found) for c in reading.controls if c.what == "balance"] == [(1000, 0)]


@pytest.mark.parametrize("sign", ["\t", "|", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-8-sig"])
def test_separators_and_encodings(write: Callable[..., Path], sign: str, encoding: str) -> None:
    text = (HEADER + "OD|1|31/01/2024|6411|P|Été|10.00|\n").replace("|", sign)
    reading = read(write(text, encoding=encoding))
    assert reading.lines[["label", "cents"]].to_numpy().tolist() == [["Été", 1000]]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("JournalCode|EcritureNum|EcritureDate|CompteNum|PieceRef|EcritureLib\n", ["fec_columns"]),
        (HEADER, ["fec_empty"]),
        (HEADER + "OD|1|20240231|6411|P|x|abc|\n", ["cell_not_amount", "cell_not_date"]),
        (HEADER.replace("Debit|Credit", "Montant|Sens") + "OD|1|20240131|6411|P|x|1,00|Z\n", ["fec_sense"]),
        (
            HEADER + "OD|1|20240131|6411|P|x|1,00||\n" + "OD|1|20240131|6411|P|x|y|z|1,00|0|1|2\n",
            ["fec_ragged"],
        ),
    ],
)
def test_a_wrong_fec_is_refused(write: Callable[..., Path], text: str, codes: list[str]) -> None:
    with pytest.raises(InputFaults) as caught:
        fec.read(write(text))
    assert sorted(f.code for f in caught.value.faults) == codes


WHOLE = (
    "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|PieceDate"
    "|EcritureLib|Debit|Credit|EcritureLet|DateLet|ValidDate|Montantdevise|Idevise\n"
)
PAY = "PA|Paie|7|20240131|641100|Salaires|||B1|20240131|Paie janvier|2000,00|0,00|||20240205||\n"
PERSONNEL = "PA|Paie|7|20240131|421000|Personnel|||B1|20240131|Paie janvier|0,00|2000,00|||20240205||\n"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (WHOLE + PAY, "Paie janvier"),
        ("\n\n" + WHOLE + "\n  \n" + PAY, "Paie janvier"),
        ("Dossier 12|Exercice 2024\n" + WHOLE + PAY, "Paie janvier"),
        (WHOLE + PAY.replace("\n", "|\n"), "Paie janvier"),
        (WHOLE + PAY.replace("|||20240205||\n", "\n"), "Paie janvier"),
        (WHOLE + PAY.replace("Paie janvier", "Paie | janvier"), "Paie | janvier"),
        (WHOLE + PAY.replace("Paie janvier", "Paie |2023|12,50"), "Paie |2023|12,50"),
        (WHOLE + PAY.replace("Salaires", "Salaires | CDD").replace("\n", "|\n"), "Paie janvier"),
        ("    " + WHOLE + "    " + PAY.replace("Salaires", '"Salaires| CDD"'), "Paie janvier"),
        (WHOLE + PAY.replace("|Paie|", "|Paie|public|", 1), "Paie janvier"),
        (WHOLE + PAY.replace("|B1|", "|B1|2|"), "Paie janvier"),
        (WHOLE + PAY.replace("Paie janvier", "Paie\njanvier"), "Paie janvier"),
        (WHOLE + PAY.replace("Paie janvier", "Paie\nde\njanvier"), "Paie de janvier"),
        (WHOLE + PAY.replace("Paie janvier", "Paie\x0bjanvier"), "Paie janvier"),
        (WHOLE + PAY + "\x1a", "Paie janvier"),
        (WHOLE.replace("Debit|Credit", "D\u00e9bit|Cr\u00e9dit") + PAY, "Paie janvier"),
        (
            WHOLE.replace("JournalCode", "Journal_Code").replace("CompteNum", "Compte_Num") + PAY,
            "Paie janvier",
        ),
        (WHOLE + PAY.replace("2000,00|0,00", "2000.000|0.000"), "Paie janvier"),
    ],
)
def test_an_entry_is_read_whole_however_its_line_is_written(
    write: Callable[..., Path], text: str, label: str
) -> None:
    reading = read(write(text + PERSONNEL))
    assert reading.lines[["account", "cents", "label"]].to_numpy().tolist() == [["641100", 200000, label]]
    assert reading.aside["reason"].tolist() == ["balance_account"]
    assert all(control.holds for control in reading.controls)


def test_texts_between_quotation_marks_hold_decimal_commas(write: Callable[..., Path]) -> None:
    quoted = "".join(
        ",".join(f'"{cell}"' for cell in line.split("|")) + "\n"
        for line in (WHOLE + PAY.replace("Paie janvier", "Paie, janvier") + PERSONNEL).splitlines()
    )
    reading = read(write(quoted))
    assert reading.lines[["cents", "label"]].to_numpy().tolist() == [[200000, "Paie, janvier"]]
    assert all(control.holds for control in reading.controls)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (WHOLE + PAY + PERSONNEL[:60], "3"),  # the end of the file is missing
        (WHOLE + PAY[:40] + "\n" + PERSONNEL, "2"),
        (WHOLE + PAY.replace("||\n", "||EUR\n").replace("2000,00|0,00", "2000,00|x|0,00"), "2"),
    ],
)
def test_a_line_that_cannot_be_put_right_is_named(write: Callable[..., Path], text: str, line: str) -> None:
    with pytest.raises(InputFaults) as caught:
        read(write(text))
    assert [f.code for f in caught.value.faults] == ["fec_ragged"]
    assert caught.value.faults[0].where.endswith(f"ligne {line}")


def test_a_fec_saved_again_as_a_workbook(tmp_path: Path) -> None:
    """By LibreOffice or Excel: numbers are numbers, dates are dates or the number 20240131, texts are texts."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("Écritures", 0)
    sheet.append(WHOLE.strip().split("|"))
    pay: list[object] = list(PAY.strip().split("|"))
    pay[3], pay[4], pay[9], pay[11], pay[12] = date(2024, 1, 31), 641100, 20240131, 2000.5, 0
    staff: list[object] = list(PERSONNEL.strip().split("|"))
    staff[3], staff[4], staff[11], staff[12] = 20240131, 421000, 0, 2000.5
    sheet.append(pay)
    sheet.append([None])
    sheet.append(staff)
    path = tmp_path / "987654321FEC20241231.xlsx"
    book.save(path)
    reading = read(path)
    assert reading.format == "fec"
    assert reading.lines[["account", "cents", "sheet", "place"]].to_numpy().tolist() == [
        ["641100", 200050, "Écritures", "2"]
    ]
    assert reading.lines["date"].dt.date.tolist() == [date(2024, 1, 31)]
    assert reading.aside["place"].tolist() == ["4"]
    assert all(control.holds for control in reading.controls)


# --- which reader


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16", "utf-8-sig"])
def test_a_flow_is_known_in_every_encoding_of_xml(tmp_path: Path, codec: str) -> None:
    text = (BOOKS.parent / "pes_depense.xml").read_bytes().decode("iso-8859-1")
    said = codec.removesuffix("-sig")
    path = tmp_path / "flux.xml"
    path.write_bytes(text.replace("ISO-8859-1", said, 1).replace("UTF-8", said, 1).encode(codec))
    assert len(read(path).lines) == len(read(BOOKS.parent / "pes_depense.xml").lines) > 0


@pytest.mark.parametrize(
    ("root", "code"),
    [("n:PES_Acquit", "pes_acquit"), ("n:PES_Retour", "pes_retour"), ("liste", "xml_unknown")],
)
def test_answers_of_the_accountant_are_no_books(tmp_path: Path, root: str, code: str) -> None:
    path = tmp_path / "reponse.xml"
    path.write_text(f'<?xml version="1.0"?><!-- PES_Aller --><{root} xmlns:n="urn:x"/>', "utf-8")
    with pytest.raises(InputFaults) as caught:
        read(path)
    assert [f.code for f in caught.value.faults] == [code]


# --- the State's list


def test_the_list_of_posts() -> None:
    first, second = posts.records(BOOKS / "postes_12.csv")
    assert (first.post, first.structure, first.status) == ("1201", "CC fictive, siège", "occupe")
    assert (first.convention, first.convention_end, first.contract_end) == (
        "Initiale",
        date(2026, 12, 31),
        date(2026, 6, 30),
    )
    assert (first.agreed_cents, first.paid_cents, first.bonus) == (4250000, 3000000, False)
    assert (second.coordinator, second.bonus, second.contract_end) == (True, True, None)
    reading = read(BOOKS / "postes_12.csv")
    assert (reading.format, len(reading.lines), reading.rows) == ("posts", 0, 2)
    assert reading.credits[["label", "voted_cents", "realised_cents"]].to_numpy().tolist() == [
        ["1201", 4250000, 3000000],
        ["1202", 5000000, 5000100],
    ]
    assert {r.code for r in reading.remarks} == {"bonus_within", "paid_over_agreed"}


def test_the_older_list_of_posts() -> None:
    (record,) = posts.records(BOOKS / "postes_11.csv")
    assert (record.status, record.convention, record.agreed_cents) == ("rendu", "V1, V2", 4250000)


def test_a_list_of_posts_saved_again_as_a_workbook(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "postes.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0,
            0,
            ["ID Poste", "Structure", "Statut", "Fin de convention", "Total conventionné", "Total versé"],
        )
        sheet.write_row(1, 0, [1201, "CC fictive", "Occupé", "31/12/2026", 42500, "30 000,00"])
    assert recognise(path) == "posts"
    (record,) = posts.records(path)
    assert (record.post, record.agreed_cents, record.paid_cents) == ("1201", 4250000, 3000000)


@pytest.mark.parametrize(
    ("sign", "codec"), [(";", "cp1252"), ("\t", "utf-16"), ("|", "utf-8"), (",", "utf-8-sig")]
)
def test_a_list_of_posts_saved_again_as_text(tmp_path: Path, sign: str, codec: str) -> None:
    """A spreadsheet writes it with its own separator, in the encoding of Windows."""
    rows = (
        ["ID Poste", "Structure", "Département", "Statut", "Total conventionné", "Total versé"],
        ["1234", '"COMMUNE ""X"",\nannexe"', "2A", "Occupé", "44 000 €", "30000"],
    )
    path = tmp_path / "postes.csv"
    path.write_bytes("".join(sign.join(row) + "\r\n" for row in rows).encode(codec))
    reading = read(path)
    assert reading.format == "posts"
    assert reading.credits[["voted_cents", "realised_cents"]].to_numpy().tolist() == [[4400000, 3000000]]


def test_a_wrong_list_of_posts_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "postes.csv"
    path.write_text(
        "ID Poste,Fin de convention,Total conventionné,Total versé\n1,31/02/2026,abc,0\n", "utf-8"
    )
    with pytest.raises(InputFaults) as caught:
        read(path)
    assert sorted(f.code for f in caught.value.faults) == ["cell_not_amount", "cell_not_date"]
    said = str(caught.value).replace("\u00a0", " ")
    assert "porte « 31/02/2026 », qui n'est pas une date." in said
    assert "porte « abc », qui n'est pas un montant." in said


# --- which reader


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("samples/pes/sesile_helios.xml", "pes"),
        ("samples/pes/pastell_libersign_pes.xml", "pes"),
        ("samples/totem/crach_CA_2021.xml", "budget"),
        ("samples/totem/mohon_CFU_2023.xml", "budget"),
        ("samples/scdl/scdl_budget_from_CA_CRACH_2021.csv", "scdl"),
    ],
)
def test_real_files_go_to_their_reader(
    shared_sample: Callable[[str], Path], sample: str, kind: str, tmp_path: Path
) -> None:
    path = shared_sample(sample)
    renamed = tmp_path / "export.dat"  # the name says nothing
    renamed.write_bytes(path.read_bytes())
    assert recognise(renamed) == kind
    assert propose(renamed) is None


def test_a_real_payroll_bordereau_is_read_whole(shared_sample: Callable[[str], Path]) -> None:
    reading = read(shared_sample("samples/pes/sesile_helios.xml"))
    assert (reading.format, len(reading.lines)) == ("pes", 3)
    assert 67730788 in reading.lines["cents"].tolist()


def test_a_chart_of_accounts_is_no_book(shared_sample: Callable[[str], Path]) -> None:
    with pytest.raises(InputFaults, match="Nomenclature"):
        read(shared_sample("samples/nomenclature/2024_M57_M57_A.xml"))


def test_books_in_the_test_folder_go_to_their_reader() -> None:
    kinds = {p.name: recognise(p) for p in sorted(BOOKS.iterdir()) if p.suffix != ".md"}
    assert kinds == {
        "123456789FEC20241231.txt": "fec",
        "etat_mandats.ods": "table",
        "etat_mandats.xls": "table",
        "etat_mandats.xlsx": "table",
        "extraction.xls": "table",
        "fec_sens.txt": "fec",
        "grand_livre.csv": "table",
        "mandats_titres.txt": "table",
        "mois_en_premier.csv": "table",
        "paie.csv": "table",
        "postes_11.csv": "posts",
        "postes_12.csv": "posts",
        "versements.csv": "table",
    }
    assert {recognise(BOOKS.parent / n) for n in ("pes_depense.xml", "pes_recette.xml")} == {"pes"}
