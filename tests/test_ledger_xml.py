"""PES Aller, actes budgétaires, CFU and SCDL: what is kept, what is set aside, what is refused; hostile XML.

Totals of the small files were added up by hand from the files themselves; those of the real ones are stated by the
index that comes with them, or by their own headers and the accountant's side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conseiller.errors import InputFaults
from conseiller.ledger import budget, pes, scdl
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Reading
from conseiller.ledger.recognise import read as recognised
from conseiller.ledger.votes import voted
from conseiller.ledger.xml import cents_of

BOOKS = Path(__file__).parent / "books"
Sample = Callable[[str], Path]

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">
<EnTetePES><DteStr V="2025-02-10"/><IdColl V="20000000000017"/><CodCol V="100"/><CodBud V="00"/></EnTetePES>
<PES_DepenseAller>{}</PES_DepenseAller></n:PES_Aller>"""


def bordereau(
    number: str = "1", lines: str = "", kind: str = "01", day: str = "2025-01-28", year: str = "2025"
) -> str:
    return (
        f'<Bordereau><BlocBordereau><Exer V="{year}"/><IdBord V="{number}"/><DteBordEm V="{day}"/><TypBord V="{kind}"/>'
        f'</BlocBordereau><Piece><BlocPiece><InfoPce><IdPce V="1"/><TypPce V="01"/><NatPce V="01"/></InfoPce></BlocPiece>'
        f"{lines}</Piece></Bordereau>"
    )


def line(amount: str = "10.00", number: str = "1", account: str = "6064") -> str:
    return (
        f'<LigneDePiece><BlocLignePiece><InfoLignePce><IdLigne V="{number}"/><Nature V="{account}"/>'
        f'<MtHT V="{amount}"/></InfoLignePce></BlocLignePiece></LigneDePiece>'
    )


def read_text(folder: Path, text: str, name: str = "flux.xml") -> Reading:
    file = folder / name
    file.write_text(text, "utf-8")
    return pes.read(file)


def codes(fault: pytest.ExceptionInfo[InputFaults]) -> list[str]:
    return [f.code for f in fault.value.faults]


def whole(reading: Reading) -> None:
    """Nothing disappears between a file and its reading, and every table has its columns."""
    assert len(reading.lines) + len(reading.credits) + len(reading.aside) == reading.rows
    for table, columns in ((reading.lines, COLUMNS), (reading.aside, ASIDE), (reading.credits, CREDITS)):
        assert {name: str(kind) for name, kind in table.dtypes.items()} == dict(columns)
    assert len(reading.sha256) == 64


# --- real files, with the counts of their index -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "bordereaux", "pieces", "lines", "cents", "headers_hold"),
    [
        ("sesile_helios.xml", 1, 3, 3, 683_941_46, True),
        ("pastell_creation_pes.xml", 1, 1, 1, 39_724_75, False),
        ("s2low_pes_signe_bordereau_2bord.xml", 2, 6, 6, 802_63, True),
        ("noethys_PES_RecetteAller_ORMC.xml", 1, 2, 2, 75_50, True),
    ],
)
def test_a_real_pes_is_read_whole(
    shared_sample: Sample, name: str, bordereaux: int, pieces: int, lines: int, cents: int, headers_hold: bool
) -> None:
    reading = pes.read(shared_sample(f"samples/pes/{name}"))

    whole(reading)
    counts = [c for c in reading.controls if c.what == "piece_count"]
    totals = [c for c in reading.controls if c.what == "bordereau"]
    stated = sum(c.count for c in counts)
    assert (stated, sum(c.found for c in counts), len(reading.lines)) == (bordereaux, pieces, lines)
    assert all(c.holds for c in counts)
    assert reading.lines["cents"].sum() == sum(c.found for c in totals) == cents
    assert all(c.holds for c in totals) is headers_hold


def test_the_payroll_of_a_real_pes_is_one_lump_sum_of_personnel(shared_sample: Sample) -> None:
    lines = pes.read(shared_sample("samples/pes/sesile_helios.xml")).lines

    assert set(lines["account"]) == {"6411"}
    assert lines["cents"].tolist() == [677_307_88, 2_400_00, 4_233_58]
    assert lines["third_party_kind"].tolist() == ["public"] * 3
    assert "  " not in "".join(lines["label"])


@pytest.mark.parametrize(
    ("name", "code"),
    [("pastell_libersign_pes.xml", "pes_bordereau"), ("s2low_pes_aller_recette.xml", "pes_not_recette")],
)
def test_a_real_file_that_is_no_sound_pes_is_refused_for_its_reason(
    shared_sample: Sample, name: str, code: str
) -> None:
    with pytest.raises(InputFaults) as refused:
        pes.read(shared_sample(f"samples/pes/{name}"))
    assert codes(refused) == [code]


@pytest.mark.parametrize(
    ("name", "kept", "aside", "chart", "stage"),
    [
        ("BP2022_TRANSPORT.xml", 123, 0, "", "BP"),
        ("crach_CA_2021.xml", 196, 0, "M14", "CA"),
        ("mohon_CFU_2023.xml", 163, 633, "M57A", "CFU"),
        ("montreuil_CA_2016.xml", 1461, 0, "M14", "CA"),
    ],
)
def test_a_real_budget_is_read_whole(
    shared_sample: Sample, name: str, kept: int, aside: int, chart: str, stage: str
) -> None:
    reading = budget.read(shared_sample(f"samples/totem/{name}"))

    whole(reading)
    assert (len(reading.credits), len(reading.aside), len(reading.lines)) == (kept, aside, 0)
    assert set(reading.credits["chart"]) == {chart}
    assert set(reading.credits["stage"]) == {stage}
    assert set(reading.aside["reason"]) <= {"calculated"}


@pytest.mark.parametrize("name", ["BP2022_TRANSPORT.xml", "crach_CA_2021.xml", "mohon_CFU_2023.xml"])
def test_credits_of_a_real_budget_balance_by_section(shared_sample: Sample, name: str) -> None:
    """A budget is voted in balance, section by section: an oracle for the rule of the voted credit."""
    table = budget.read(shared_sample(f"samples/totem/{name}")).credits
    sums = table.groupby(["section", "side"])["voted_cents"].sum().unstack()

    assert set(sums.index) == {"fonctionnement", "investissement"}
    assert (sums["cost"] == sums["funding"]).all()


def test_the_accountants_side_of_a_cfu_agrees_account_by_account(shared_sample: Sample) -> None:
    reading = budget.read(shared_sample("samples/totem/mohon_CFU_2023.xml"))
    by_account = {(c.what, c.where): c.stated for c in reading.controls}

    assert by_account["accountant_cost", "6413"] == 10_984_00
    assert by_account["accountant_funding", "74718"] == 2_320_00
    assert all(c.holds for c in reading.controls)
    assert sum(c.stated for c in reading.controls) > 0


def test_names_of_accountants_are_nowhere_in_a_cfu_reading(shared_sample: Sample) -> None:
    path = shared_sample("samples/totem/mohon_CFU_2023.xml")
    names = etree.parse(path).xpath('//*[local-name()="Gestion"]/@NomComptable')
    reading = budget.read(path)
    text = reading.credits.to_csv() + reading.aside.to_csv() + repr(reading)

    assert names
    assert not [n for n in names if n.split()[-1] in text]


def test_an_xpath_of_a_real_budget_leads_back_to_its_line(shared_sample: Sample) -> None:
    path = shared_sample("samples/totem/mohon_CFU_2023.xml")
    tree = etree.parse(path)
    table = budget.read(path).credits
    for row in table.iloc[[0, 80, 162]].itertuples():
        (element,) = tree.xpath(row.place)
        values = {etree.QName(e).localname: e.get("V") for e in element}
        assert (values["Nature"], cents_of(values["MtReal"])) == (row.account, row.realised_cents)


def test_the_same_budget_as_open_data_says_the_same(shared_sample: Sample) -> None:
    """Two writers, one budget: account by account, credits and totals are equal to the cent."""
    totem = budget.read(shared_sample("samples/totem/crach_CA_2021.xml"))
    opened = scdl.read(shared_sample("samples/scdl/scdl_budget_from_CA_CRACH_2021.csv"))

    whole(opened)
    assert len(opened.credits) == 196
    by = ["exercice", "stage", "account", "section", "side", "order"]
    amounts = ["voted_cents", "realised_cents"]
    assert totem.credits.groupby(by)[amounts].sum().equals(opened.credits.groupby(by)[amounts].sum())
    assert totem.scope == opened.scope


# --- a dépense written by hand ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spending() -> Reading:
    return pes.read(BOOKS / "pes_depense.xml")


def of(reading: Reading, piece: str) -> dict[str, object]:
    rows = reading.lines[reading.lines["piece"] == piece]
    assert len(rows) == 1
    return dict(rows.iloc[0])


def test_spending_is_kept_or_set_aside_with_its_sign(spending: Reading) -> None:
    whole(spending)
    assert spending.lines[["piece", "account", "cents", "kind"]].values.tolist() == [
        ["101", "64131", 2_000_00, "ordinary"],
        ["101", "6451", 500_50, "ordinary"],
        ["102", "6251", 30_05, "ordinary"],
        ["103", "60632", 120_00, "ordinary"],
        ["104", "6811", 0, "order"],
        ["990", "6262", 70_00, "accrual"],
        ["105", "6262", -70_00, "reversal"],
        ["106", "60632", -12_50, "reduction"],
    ]
    assert set(spending.lines["side"]) == {"cost"}
    assert spending.aside[["reason", "cents"]].values.tolist() == [["payment_order", 40_00]]


def test_an_amount_is_the_net_amount_plus_vat_and_never_the_invoice(spending: Reading) -> None:
    assert of(spending, "103")["cents"] == 120_00  # 100,00 + 20,00; the invoice says 90,00


def test_a_line_keeps_its_codes_as_text_and_its_place(spending: Reading) -> None:
    first = spending.lines.iloc[0]

    assert (first["function"], first["analytic"], first["service"]) == ("020", "CNUM", "NUM")
    assert (first["label"], first["bordereau"]) == ("PAIE JANVIER 2025", "12")
    assert first["key"] == "20000000000017|100|00|2025|D|01|12|101|1"
    (element,) = etree.parse(BOOKS / "pes_depense.xml").xpath(spending.lines.iloc[1]["place"])
    assert element.xpath(".//MtHT/@V") == ["500.5"]


def test_an_accrual_stays_in_its_year_though_its_bordereau_is_dated_in_the_next(spending: Reading) -> None:
    accrual = of(spending, "990")

    assert (accrual["exercice"], str(accrual["date"])[:10]) == (2024, "2025-01-30")
    assert {r.code: r.values["count"] for r in spending.remarks}["other_year"] == 1


def test_headers_are_set_beside_what_was_read(spending: Reading) -> None:
    held = {(c.what, c.where.split("/")[3]): (c.stated, c.found) for c in spending.controls}

    total = 2_630_55 + 70_00 + 82_50 + 40_00
    assert held == {
        ("bordereau", "Bordereau (4)"): (total, total),
        ("bordereau_vat", "Bordereau[1]"): (20_00, 20_00),
        ("piece_count", "Bordereau (4)"): (8, 8),
    }


def test_nothing_personal_is_kept(spending: Reading) -> None:
    text = (
        spending.lines.to_csv() + spending.aside.to_csv() + repr(spending.controls) + repr(spending.remarks)
    )

    for secret in ("DURAND", "Zoé", "ZOE", "2790162", "FR76", "IMPASSE", "NULLE PART", "QUJD", "RFVSQU5E"):
        assert secret not in text
    person = of(spending, "102")
    assert (person["third_party"], person["third_party_kind"]) == ("", "person")
    assert person["label"] == "FRAIS DE DEPLACEMENT … JANVIER"
    assert of(spending, "103")["third_party"] == "BUREAU ET CIE"


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("SEJOUR POUR M DUPONT JEAN", "SEJOUR POUR M …"),
        ("Remb. Mme Le Goff", "Remb. Mme …"),
        ("10 M CABLE RESEAU", "10 M CABLE RESEAU"),
        ("FORMATION M57 AGENTS", "FORMATION M57 AGENTS"),
        ("LOYER M.", "LOYER M."),
    ],
)
def test_a_name_after_a_title_of_courtesy_is_hidden_even_under_a_company(
    tmp_path: Path, label: str, kept: str
) -> None:
    text = ENVELOPE.format(bordereau(lines=line())).replace(
        '<IdPce V="1"/>', f'<IdPce V="1"/><Obj V="{label}"/>'
    )
    assert read_text(tmp_path, text).lines["label"].tolist() == [kept]


# --- a recette written by hand ----------------------------------------------------------------------------


def test_income_is_read_with_its_own_words() -> None:
    reading = pes.read(BOOKS / "pes_recette.xml")

    whole(reading)
    assert reading.lines[["piece", "cents", "kind", "side"]].values.tolist() == [
        ["310", 17_500_00, "ordinary", "funding"],
        ["311", 300_00, "accrual", "funding"],
        ["312", 100_00, "deferral", "funding"],
        ["313", -500_00, "reduction", "funding"],
    ]
    first = reading.lines.iloc[0]
    assert (first["label"], first["analytic"]) == ("CONSEILLER NUMERIQUE V2 – PREMIERE ANNEE", "CN01")
    assert (first["third_party"], first["third_party_kind"]) == (
        "ETAT",
        "state",
    )  # the first debtor, not MARTIN
    assert all(c.holds for c in reading.controls)
    assert (reading.issued, reading.scope) == ("2025-12-20", "pes|20000000000017|100|00")


# --- numbers repeated -------------------------------------------------------------------------------------


def test_a_bordereau_sent_twice_in_one_file_counts_once(tmp_path: Path) -> None:
    twice = bordereau(lines=line() + line("5.00", "2"))
    reading = read_text(tmp_path, ENVELOPE.format(twice + twice))

    whole(reading)
    assert (reading.lines["cents"].sum(), reading.aside["cents"].sum()) == (15_00, 15_00)
    assert set(reading.aside["reason"]) == {"duplicate"}
    assert [(r.code, r.values["count"]) for r in reading.remarks] == [("duplicate", 2)]


def test_a_bordereau_sent_again_with_another_amount_is_said(tmp_path: Path) -> None:
    reading = read_text(tmp_path, ENVELOPE.format(bordereau(lines=line()) + bordereau(lines=line("99.00"))))

    assert reading.lines["cents"].tolist() == [10_00]
    assert {r.code for r in reading.remarks} == {"duplicate", "duplicate_differs"}


def test_a_bordereau_that_comes_back_after_others_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conseiller.ledger.gathered.BATCH", 2)  # its lines are packed by then
    first = bordereau(lines=line() + line("5.00", "2") + line("1.00", "3"))
    other = re.sub(r'<IdBord V="[^"]*"/>', '<IdBord V="999"/>', first)
    assert other != first
    reading = read_text(tmp_path, ENVELOPE.format(first + other + first + other + first))

    whole(reading)
    assert (reading.lines["cents"].sum(), reading.aside["cents"].sum()) == (32_00, 48_00)
    assert reading.lines["key"].is_unique


def test_lines_of_one_piece_under_one_number_are_all_kept(tmp_path: Path) -> None:
    reading = read_text(tmp_path, ENVELOPE.format(bordereau(lines=line("10.00") + line("20.00"))))

    assert reading.lines["cents"].sum() == 30_00
    assert reading.lines["key"].is_unique
    assert len(reading.aside) == 0


def test_a_piece_cut_into_several_elements_is_kept_whole(tmp_path: Path) -> None:
    piece = bordereau(lines=line()).partition("</BlocBordereau>")[2].partition("</Bordereau>")[0]
    text = bordereau(lines=line("7.00")).replace("</Bordereau>", f"{piece}{piece}</Bordereau>")
    reading = read_text(tmp_path, ENVELOPE.format(text))

    assert reading.lines["cents"].tolist() == [7_00, 10_00, 10_00]
    assert reading.lines["key"].is_unique


@given(
    amounts=st.lists(st.integers(-99_999_99, 10**13), min_size=1, max_size=8),
    kinds=st.lists(st.sampled_from(["01", "02", "03", "06"]), min_size=1, max_size=4),
)
def test_kept_and_set_aside_make_the_file(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[int], kinds: list[str]
) -> None:
    lines = "".join(
        line(f"{'-' * (a < 0)}{abs(a) // 100}.{abs(a) % 100:02}", str(i)) for i, a in enumerate(amounts)
    )
    text = ENVELOPE.format("".join(bordereau(str(n % 3), lines, kind) for n, kind in enumerate(kinds)))
    reading = read_text(tmp_path_factory.mktemp("pes"), text)

    whole(reading)
    assert reading.rows == len(amounts) * len(kinds)
    expected = sum(-sum(map(abs, amounts)) if kind == "02" else sum(amounts) for kind in kinds)
    assert reading.lines["cents"].sum() + reading.aside["cents"].sum() == expected
    assert reading.lines["key"].is_unique


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1252"])
def test_every_usual_encoding_is_read_even_after_a_blank_line(tmp_path: Path, encoding: str) -> None:
    text = ENVELOPE.format(bordereau(lines=line())).replace(
        '<IdPce V="1"/>', '<IdPce V="1"/><Obj V="Été à Noël"/>'
    )
    file = tmp_path / "flux.xml"
    blank = "" if encoding == "utf-16" else "\r\n "
    file.write_bytes((blank + text.replace("UTF-8", encoding)).encode(encoding))

    assert pes.read(file).lines["label"].tolist() == ["Été à Noël"]


def test_a_code_without_its_nought_is_understood(tmp_path: Path) -> None:
    reading = read_text(tmp_path, ENVELOPE.format(bordereau(lines=line(), kind="2")))

    assert reading.lines["cents"].tolist() == [-10_00]


# --- faults of a PES --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<PES_Retour/>", "pes_retour"),
        ("<Autre/>", "pes_root"),
        (ENVELOPE.replace("<PES_DepenseAller>{}</PES_DepenseAller>", "<PES_Marche/>"), "pes_nothing"),
        (ENVELOPE.format(bordereau(lines=line("1e30"))), "bad_amount"),
        (ENVELOPE.format(bordereau(lines=line("12.345"))), "bad_amount"),
        (ENVELOPE.format(bordereau(lines=line("NaN"))), "bad_amount"),
        (ENVELOPE.format(bordereau(lines=line("=1+1"))), "bad_amount"),
        (ENVELOPE.format(bordereau(lines=line(""))), "no_amount"),
        (ENVELOPE.format(bordereau(lines=line(account=" "))), "no_account"),
        (ENVELOPE.format(bordereau(lines=line(), day="2025-13-45")), "bad_date"),
        (ENVELOPE.format(bordereau(lines=line(), day="0202-01-01")), "bad_date"),
        (ENVELOPE.format(bordereau(lines=line(), year="99999")), "bad_year"),
        (
            ENVELOPE.format(bordereau(lines=line())).replace("InfoLignePce", "InfoLignePiece"),
            "pes_not_depense",
        ),
        (ENVELOPE.format(f"<Bordereau><Piece>{line()}</Piece></Bordereau>"), "pes_no_header"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputFaults) as refused:
        read_text(tmp_path, text)
    assert codes(refused) == [code]
    assert refused.value.faults[0].where.startswith("flux.xml")


def test_all_faults_of_a_file_are_told_at_once_but_not_a_thousand(tmp_path: Path) -> None:
    lines = line("x", "1") + line(number="2", account="")
    with pytest.raises(InputFaults) as refused:
        read_text(tmp_path, ENVELOPE.format(bordereau(lines=lines, day="x")))
    assert sorted(codes(refused)) == ["bad_amount", "bad_date", "no_account"]

    with pytest.raises(InputFaults) as refused:
        read_text(tmp_path, ENVELOPE.format(bordereau(lines="".join(line("x", str(i)) for i in range(1000)))))
    assert len(refused.value.faults) == 20


# --- hostile XML ------------------------------------------------------------------------------------------

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ((LAUGHS + '<PES_Aller V="&j;"/>').encode(), "xml_doctype"),
        (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><PES_Aller V="&e;">&e;</PES_Aller>',
            "xml_doctype",
        ),
        (b'<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd"><PES_Aller/>', "xml_doctype"),
        (b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://localhost:1/p"> %p;]><PES_Aller/>', "xml_doctype"),
        (b"", "empty_file"),
        (ENVELOPE.format(bordereau(lines=line())).encode()[:-40], "xml_cut"),
        (b'<?xml version="1.0" encoding="UTF-8"?><PES_Aller><x V="\xe9t\xe9"/></PES_Aller>', "xml_encoding"),
        (b'<?xml version="1.0" encoding="klingon"?><PES_Aller/>', "xml_encoding"),
        (b"PK\x03\x04 not xml at all", "xml_syntax"),
        (b"<PES_Aller><a></b></PES_Aller>", "xml_syntax"),
        (b"<PES_Aller>" + b"<a>" * 100_000, "xml_deep"),
        (b"<PES_Aller>&undeclared;</PES_Aller>", "xml_syntax"),
    ],
)
@pytest.mark.parametrize("reader", [pes.read, budget.read])
def test_hostile_xml_gives_one_clear_message(
    tmp_path: Path, content: bytes, code: str, reader: Callable[[Path], Reading]
) -> None:
    if reader is budget.read:
        content = content.replace(b"n:PES_Aller", b"n:DocumentBudgetaire").replace(
            b"PES_Aller", b"DocumentBudgetaire"
        )
    file = tmp_path / "flux.xml"
    file.write_bytes(content)
    with pytest.raises(InputFaults) as refused:
        reader(file)
    assert codes(refused) == [code]


def test_a_file_too_large_is_refused_before_it_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conseiller.ledger import xml

    monkeypatch.setattr(xml, "LARGEST", 100_000)
    text = ENVELOPE.format(bordereau(lines=line() * 2000))
    with pytest.raises(InputFaults) as refused:
        read_text(tmp_path, text)
    assert codes(refused) == ["too_large"]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_long_reading_says_how_far_it_is_on_a_terminal_and_wipes_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1000 lines, some 130 000 bytes: three blocks of 65 536
    text = ENVELOPE.format(bordereau(lines="".join(line(number=str(k)) for k in range(1, 1001))))
    screen = _Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("conseiller.progress._PATIENCE", 0.0)

    read_text(tmp_path, text)

    said = screen.getvalue()
    shares = [int(share) for share in re.findall(r"flux\.xml\s:\s(\d+)\s%\slus…", said)]
    assert len(shares) == -(-len(text.encode()) // 65_536)
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert said.endswith("\r")
    assert not said.rpartition("…")[2].strip()


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as refused:
        pes.read(tmp_path / "absent.xml")
    assert codes(refused) == ["unreadable"]


def test_a_signature_or_an_attached_file_takes_no_memory(tmp_path: Path) -> None:
    """Sixty times more attached file must not take more memory (measured as allocated by Python and libxml2)."""
    import subprocess
    import sys

    code = """
import sys, pathlib, lxml.etree, pandas
from conseiller.ledger import pes
def peak():
    return int(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])
before = peak()
assert len(pes.read(pathlib.Path(sys.argv[1])).lines) == 1
print(peak() - before)
"""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc")
    file = tmp_path / "flux.xml"
    head, tail = ENVELOPE.format(bordereau(lines=line())).split("</PES_DepenseAller>")
    with file.open("w") as out:
        out.write(f"{head}</PES_DepenseAller><PES_PJ><Fichier>")
        for _ in range(60):
            out.write("QUJDREVG" * 131_072)  # one megabyte
        out.write(f"</Fichier></PES_PJ>{tail}")
    run = subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True, text=True)
    assert int(run.stdout) < 8 * 1024  # KiB, for a file of 60 MiB


# --- budgets written by hand ------------------------------------------------------------------------------


def test_a_voted_credit_is_what_is_carried_over_plus_what_is_voted() -> None:
    reading = budget.read(BOOKS / "totem_bp.xml")

    whole(reading)
    assert reading.credits[
        ["account", "voted_cents", "section", "side", "order", "chart"]
    ].values.tolist() == [
        ["64131", 30_000_00, "fonctionnement", "cost", False, "M57D"],
        ["21838", 2_000_00, "investissement", "cost", False, "M57D"],  # 500 carried over + 1 500 voted
        ["6811", 800_00, "fonctionnement", "cost", True, "M57D"],  # no MtPrev: MtPropNouv
        ["74718", 17_500_00, "fonctionnement", "funding", False, "M57D"],
    ]
    assert reading.aside[["reason", "cents"]].values.tolist() == [["calculated", 32_800_00]]


def test_the_result_of_the_year_before_is_nothing_done_in_this_one(tmp_path: Path) -> None:
    """Budgets state it as MtReal, on a line without chapter; only a compte says what was done."""
    line_002 = (
        '<LigneBudget><Nature V="002"/><CodRD V="R"/><MtReal V="700.00"/><MtPrev V="700.00"/><OpBudg V="0"/>'
        "</LigneBudget></Budget>"
    )
    text = (BOOKS / "totem_bp.xml").read_text("utf-8").replace("</Budget>", line_002)
    file = tmp_path / "budget.xml"
    file.write_text(text, "utf-8")
    last = budget.read(file).credits.iloc[-1]
    assert (last["chapter"], last["section"], last["voted_cents"], last["realised_cents"]) == (
        *("002", "fonctionnement"),
        *(700_00, 0),
    )
    file.write_text(text.replace('NatDec V="01"', 'NatDec V="09"'), "utf-8")
    assert budget.read(file).credits.iloc[-1]["realised_cents"] == 700_00

    table = tmp_path / "budget.csv"
    header = "BGT_NATDEC,BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL,BGT_MTPREV\n"
    table.write_text(header + "décision modificative,2022,002,recette,32703.59,0.00\n", "utf-8")
    assert scdl.read(table).credits[["chapter", "realised_cents"]].to_numpy().tolist() == [["002", 0]]


def test_decisions_modificatives_carry_the_change_and_are_documents_of_their_own() -> None:
    import pandas as pd

    documents = [budget.read(BOOKS / f"totem_{n}.xml") for n in ("bp", "dm1", "dm2")]
    assert len({d.scope for d in documents}) == 3
    assert {d.scope.partition("|DM")[0] for d in documents} == {"budget|21000000000013"}

    table = pd.concat([d.credits for d in documents], ignore_index=True)
    found = voted(table, ["one"] * len(table)).set_index(["account", "side"])["voted_cents"]
    assert found.to_dict() == {
        ("64131", "cost"): 31_849_75,  # 30 000 + 2 000 − 150,25
        ("21838", "cost"): 2_000_00,
        ("6811", "cost"): 800_00,
        ("74718", "funding"): 17_000_00,  # 17 500 − 500
    }


def test_a_compte_states_the_credit_and_takes_the_place_of_what_was_voted_before() -> None:
    import pandas as pd

    credits = pd.concat(
        [
            budget.read(BOOKS / "totem_bp.xml").credits.assign(exercice=2024).astype({"exercice": "Int16"}),
            scdl.read(BOOKS / "scdl_cfu.csv").credits,
            budget.read(BOOKS / "totem_bp.xml").credits,
        ],
        ignore_index=True,
    )
    found = (
        voted(credits, ["one"] * len(credits)).groupby("exercice")[["voted_cents", "realised_cents"]].sum()
    )
    assert found.loc[2024].tolist() == [29_000_00 + 12_500_50 + 800_00, 28_950_75 + 12_500_00 + 800_00]
    assert found.loc[2025].tolist() == [50_300_00, 0]


def test_a_line_voted_by_chapter_alone_is_kept(tmp_path: Path) -> None:
    text = (BOOKS / "totem_bp.xml").read_text("utf-8")
    file = tmp_path / "chapitres.xml"
    file.write_text(text.replace('<Nature V="74718"/><ContNat V="74"/>', '<ContFon V="936"/>'), "utf-8")
    row = budget.read(file).credits.iloc[3]

    assert (row["account"], row["chapter"], row["voted_cents"]) == ("", "936", 17_500_00)


def test_a_second_budget_of_a_document_is_set_aside(tmp_path: Path) -> None:
    text = (BOOKS / "totem_bp.xml").read_text("utf-8")
    inner = text[text.index("  <Budget>") : text.index("</DocumentBudgetaire>")]
    annex = inner.replace('CodTypBud V="P"', 'CodTypBud V="A"')
    file = tmp_path / "deux.xml"
    file.write_text(text.replace(inner, annex + inner), "utf-8")
    reading = budget.read(file)

    whole(reading)
    assert len(reading.credits) == 4
    assert sorted(set(reading.aside["reason"])) == ["calculated", "other_budget"]
    assert reading.credits["place"].str.contains(r'"Budget"\]\[2\]').all()


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('CodRD V="R"', 'CodRD V="X"', "totem_side"),
        ('NatDec V="01"', 'NatDec V="77"', "totem_stage"),
        ('Exer V="2025"', 'Exer V="25"', "bad_year"),
        ('MtPrev V="17500"', 'MtPrev V="beaucoup"', "bad_amount"),
        ('<Nature V="74718"/><ContNat V="74"/>', "", "no_account"),
    ],
)
def test_a_fault_of_a_budget_is_named(tmp_path: Path, before: str, after: str, code: str) -> None:
    file = tmp_path / "bp.xml"
    file.write_text((BOOKS / "totem_bp.xml").read_text("utf-8").replace(before, after, 1), "utf-8")
    with pytest.raises(InputFaults) as refused:
        budget.read(file)
    assert codes(refused) == [code]


def test_a_pes_is_no_budget_and_a_budget_no_pes() -> None:
    with pytest.raises(InputFaults) as refused:
        budget.read(BOOKS / "pes_recette.xml")
    assert codes(refused) == ["totem_root"]
    with pytest.raises(InputFaults) as refused:
        pes.read(BOOKS / "totem_bp.xml")
    assert codes(refused) == ["pes_root"]


# --- open data --------------------------------------------------------------------------------------------


def test_open_data_is_read_as_it_is_published() -> None:
    """Capitals, semicolons, narrow spaces, decimal commas, blank rows and blank sections."""
    reading = scdl.read(BOOKS / "scdl_cfu.csv")

    whole(reading)
    assert reading.credits[
        ["stage", "account", "section", "side", "order", "voted_cents", "realised_cents"]
    ].values.tolist() == [
        ["CFU", "64131", "fonctionnement", "cost", False, 29_000_00, 28_950_75],
        ["CFU", "74718", "fonctionnement", "funding", False, 12_500_50, 12_500_00],
        ["CFU", "6811", "fonctionnement", "cost", True, 800_00, 800_00],
    ]
    assert reading.aside["reason"].tolist() == ["blank"]
    assert reading.credits["place"].tolist() == ["2", "3", "5"]


@pytest.mark.parametrize("above", ["", "\r\n\r\n", "sep=,\r\n", "Budget primitif 2024\r\n\r\n"])
def test_the_header_of_open_data_may_stand_lower(tmp_path: Path, above: str) -> None:
    file = tmp_path / "budget.csv"
    text = "BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTPREV\r\n2024,64131,dépense,12.50\r\n"
    file.write_bytes((above + text).encode("utf-8-sig"))
    credits = recognised(file).credits
    assert credits[["account", "voted_cents", "place"]].to_numpy().tolist() == [
        ["64131", 1250, str(above.count("\n") + 2)]
    ]


def test_open_data_saved_again_as_a_workbook(tmp_path: Path) -> None:
    """A spreadsheet makes numbers of codes and amounts: the chapter 012 becomes 12."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("Budget", 0)
    sheet.append(["BGT_NATDEC", "BGT_ANNEE", "BGT_CONTNAT", "BGT_NATURE", "BGT_CODRD", "BGT_MTPREV"])
    sheet.append(["Budget primitif", 2024, 12, 64131, "dépense", 1234.5])
    sheet.append(["Budget primitif", 2024, 74, 74718, "recette", 17500])
    path = tmp_path / "budget.xlsx"
    book.save(path)
    reading = recognised(path)
    assert reading.format == "scdl"
    assert reading.credits[
        ["exercice", "account", "chapter", "voted_cents", "place"]
    ].to_numpy().tolist() == [
        [2024, "64131", "012", 1234_50, "2"],
        [2024, "74718", "74", 17500_00, "3"],
    ]
    assert [(r.code, r.values["count"]) for r in reading.remarks] == [("zeros_back", 1)]


def test_cents_are_read_as_cents_only_when_said(tmp_path: Path) -> None:
    file = tmp_path / "marseille.csv"
    file.write_text("BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTPREV\n2024,64131,dépense,2900000\n", "cp1252")

    assert scdl.read(file).credits["voted_cents"].tolist() == [2_900_000_00]
    told = scdl.read(file, in_cents=True)
    assert told.credits["voted_cents"].tolist() == [29_000_00]
    assert {r.code for r in told.remarks} == {"in_cents", "stage_assumed"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "scdl_columns"),
        ("", "empty_file"),
        ("BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL\n2024,\x00,D,1\n", "text_encoding"),
        ("BGT_ANNEE,BGT_NATURE,BGT_CODRD\n2024,1,D\n", "scdl_columns"),
        ("BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL\nhier,64131,D,1\n", "bad_year"),
        ("BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL\n2024,64131,peut-être,1\n", "totem_side"),
        ("BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL\n2024,64131,D,=A1\n", "bad_amount"),
        ('BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL\n2024,64131,D,"1,234"\n', "ambiguous_amount"),
        ("BGT_ANNEE,BGT_NATURE,BGT_CODRD,BGT_MTREAL,BGT_NATDEC\n2024,64131,D,1,rumeur\n", "totem_stage"),
    ],
)
def test_a_fault_of_open_data_is_named(tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "budget.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(InputFaults) as refused:
        scdl.read(file)
    assert codes(refused) == [code]
