"""Files made to harm, or harmed on their way: one clear message, bounded memory, nothing read."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from conseiller.errors import InputFaults
from conseiller.ledger import archive, binary, plaintext
from conseiller.ledger.recognise import read, recognise

BOOKS = Path(__file__).parent / "books" / "tables"
SHEET = "xl/worksheets/sheet1.xml"
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships '
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}
OPEN, CLOSE = "<worksheet><sheetData>", "</sheetData></worksheet>"


def workbook(path: Path, sheet: str | bytes, **more: str | bytes) -> Path:
    """Write a workbook by hand around the XML of one sheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in PARTS.items():
            book.writestr(name, text)
        book.writestr(SHEET, sheet)
        for name, text in more.items():
            book.writestr(f"xl/{name}.xml", text)
    return path


def code(path: Path) -> str:
    with pytest.raises(InputFaults) as caught:
        read(path)
    (fault,) = caught.value.faults
    assert fault.message
    assert fault.remedy
    return fault.code


def test_a_plain_workbook_written_by_hand_is_read(tmp_path: Path) -> None:
    cells = "".join(
        f'<c r="{column}1" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, text in zip("ABCD", ("Exercice", "Nature", "N° mandat", "Montant"), strict=True)
    )
    row = '<row r="2"><c r="A2"><v>2024</v></c><c r="B2"><v>6413</v></c><c r="C2"><v>1</v></c><c r="D2"><v>12.5</v></c></row>'
    path = workbook(tmp_path / "a.xlsx", f'{OPEN}<row r="1">{cells}</row>{row}{CLOSE}')
    assert read(path).lines["cents"].tolist() == [1250]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="XFD1048576"><v>1</v></c>', "book_too_wide"),
        ('<c r="AAB1"><v>1</v></c>', "book_too_wide"),
        ('<c r="ZZ1048576"><v>1</v></c>', "book_too_many_cells"),
        ('<c r="A99999999"><v>1</v></c>', "book_too_many_cells"),
        ("<c r='ZZ1048576'><v>1</v></c>", "book_too_many_cells"),
        ('<c r = "ZZ1048576"><v>1</v></c>', "book_too_many_cells"),
        ('<c s="1"\n\tr\n=\n"ZZ1048576"><v>1</v></c>', "book_too_many_cells"),
        ('<c r="zz1048576"><v>1</v></c>', "book_too_many_cells"),
    ],
)
def test_two_cells_far_apart_are_refused_before_they_fill_the_memory(
    tmp_path: Path, cell: str, expected: str
) -> None:
    path = workbook(
        tmp_path / "far.xlsx", f'{OPEN}<row r="1"><c r="A1"><v>1</v></c></row><row>{cell}</row>{CLOSE}'
    )
    assert code(path) == expected


def test_empty_cells_far_away_do_no_harm(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "far.xlsx", f'{OPEN}<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="3"/></row>{CLOSE}'
    )
    assert code(path) == "table_no_header"


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    csv = tmp_path / "wide.csv"
    csv.write_text(";".join(f"c{n}" for n in range(100_000)) + "\n", "utf-8")
    assert code(csv) == "book_too_wide"
    cells = "".join(f'<c r="{letters}1"><v>1</v></c>' for letters in ("A", "AAA", "ABC"))
    assert code(workbook(tmp_path / "wide.xlsx", f'{OPEN}<row r="1">{cells}</row>{CLOSE}')) == "book_too_wide"
    page = tmp_path / "wide.xls"
    page.write_text("<html><table><tr>" + "<td colspan=900>x</td>" * 10 + "</tr></table></html>", "utf-8")
    assert code(page) == "book_too_wide"


def test_a_cell_far_away_in_a_binary_workbook(tmp_path: Path) -> None:
    raw = bytearray((BOOKS / "etat_mandats.xls").read_bytes())
    record = struct.pack("<HH", 0x00FD, 10)  # LABELSST
    at = raw.rindex(record, 0, raw.rindex(record) - 100)
    raw[at + 4 : at + 8] = struct.pack("<HH", 65535, 65535)
    path = tmp_path / "far.xls"
    path.write_bytes(bytes(raw))
    assert code(path) == "book_too_wide"


def test_shared_texts_of_a_binary_workbook_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    path = BOOKS / "etat_mandats.xls"
    assert code(path) == "ask_amount_tax"
    monkeypatch.setattr(binary, "_MOST_TEXT", 200)
    assert code(path) == "book_too_large"


def test_shared_texts_cut_between_records_keep_their_length() -> None:
    """[MS-XLS] 2.5.293 and 2.4.58: a text goes on in the next record, after a byte that gives its width there."""
    head = struct.pack("<II", 9, 3)
    narrow = struct.pack("<HB", 5, 0) + b"abc"  # two signs to come, in two bytes each
    wide = b"\x01" + "de".encode("utf-16-le")
    formatted = (
        struct.pack("<HBHI", 2, 12, 1, 6) + b"fg" + b"\x00" * 4 + b"\x00" * 3
    )  # three bytes of phonetics to come
    last = b"\x00" * 3 + struct.pack("<HB", 1, 1) + "h".encode("utf-16-le")
    assert binary._lengths([head + narrow, wide + formatted, last]) == [5, 2, 1]
    assert binary._lengths([head + narrow]) == []


def test_a_zip_bomb_that_states_its_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    block = b" " * (1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in PARTS.items():
            book.writestr(name, text)
        with book.open(SHEET, "w", force_zip64=True) as sheet:
            for _ in range(1100):
                sheet.write(block)
    assert path.stat().st_size < 10_000_000
    assert code(path) == "book_too_large"


def _lie(path: Path, member: str, size: int) -> None:
    """Overwrite the inflated size that an archive states for a member, in both of its headers."""
    with zipfile.ZipFile(path) as book:
        info = book.getinfo(member)
    raw = bytearray(path.read_bytes())
    raw[info.header_offset + 22 : info.header_offset + 26] = struct.pack("<I", size)
    at = raw.index(b"PK\x01\x02")
    while raw[at + 46 : at + 46 + len(member)] != member.encode():
        at = raw.index(b"PK\x01\x02", at + 4)
    raw[at + 24 : at + 28] = struct.pack("<I", size)
    path.write_bytes(bytes(raw))


def test_a_zip_bomb_that_hides_its_size(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bomb.xlsx", OPEN + " " * 50_000_000 + CLOSE)
    _lie(path, SHEET, 1000)
    assert code(path) == "book_too_large"


def test_two_gigabytes_claimed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "claims.xlsx", OPEN + CLOSE)
    _lie(path, SHEET, 2_100_000_000)
    assert code(path) == "book_too_large"


def test_one_long_text_named_by_every_cell(tmp_path: Path) -> None:
    shared = f"<sst><si><t>{'x' * 2_000_000}</t></si></sst>"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 2001))
    path = workbook(tmp_path / "long.xlsx", OPEN + rows + CLOSE, sharedStrings=shared)
    assert code(path) == "book_too_large"


LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE])
def test_entities(tmp_path: Path, head: str) -> None:
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    assert code(workbook(tmp_path / "laughs.xlsx", head + OPEN + row + CLOSE)) == "book_doctype"
    shared = head + "<sst><si><t>&b;</t></si></sst>"
    assert code(workbook(tmp_path / "shared.xlsx", OPEN + CLOSE, sharedStrings=shared)) == "book_doctype"
    xml = tmp_path / "laughs.xml"
    xml.write_text(head + "<l>&b;</l>", "utf-8")
    assert code(xml) == "xml_doctype"
    ods = tmp_path / "laughs.ods"
    with zipfile.ZipFile(BOOKS / "etat_mandats.ods") as source, zipfile.ZipFile(ods, "w") as target:
        for info in source.infolist():
            text = source.read(info)
            target.writestr(
                info, head.encode() + text.split(b"?>", 1)[1] if info.filename == "content.xml" else text
            )
    assert code(ods) == "book_doctype"


def test_entities_of_a_web_page_reach_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.xls"
    rows = "<tr><td>Exercice</td><td>Nature</td><td>N° mandat</td><td>Objet</td><td>Montant</td></tr>"
    rows += "<tr><td>2024</td><td>6413</td><td>1</td><td>&a;</td><td>1,00</td></tr>"
    head = '<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    path.write_text(f"{head}<html><body><table>{rows}</table></body></html>", "utf-8")
    assert read(path).lines["label"].tolist() == ["&a;"]


def test_cells_repeated_by_a_number_in_an_opendocument_file(tmp_path: Path) -> None:
    path = tmp_path / "repeated.ods"
    cell = (
        b'<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="600"/>'
    )
    row = b'<table:table-row table:number-rows-repeated="1000000">' + cell + b"</table:table-row>"
    with zipfile.ZipFile(BOOKS / "etat_mandats.ods") as source, zipfile.ZipFile(path, "w") as target:
        for info in source.infolist():
            text = source.read(info)
            if info.filename == "content.xml":
                text = text.replace(b"</table:table>", row + b"</table:table>", 1)
            target.writestr(info, text)
    assert code(path) == "book_too_many_cells"


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.95, 0.999])
def test_a_workbook_cut_short(tmp_path: Path, suffix: str, share: float) -> None:
    whole = (BOOKS / f"etat_mandats.{suffix}").read_bytes()
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputFaults) as caught:
        read(path)
    assert {f.code for f in caught.value.faults} <= {
        "book_damaged",
        "table_no_header",
        "ask_amount_tax",
        "text_encoding",
    }


def test_a_workbook_with_wrong_bytes_is_damaged(tmp_path: Path) -> None:
    whole = bytearray((BOOKS / "etat_mandats.xlsx").read_bytes())
    path = tmp_path / "wrong.xlsx"
    for at in range(200, len(whole), 997):
        harmed = bytearray(whole)
        harmed[at] ^= 0xFF
        path.write_bytes(bytes(harmed))
        # damaged, or harmed where nothing is read from: a question about the amounts, as ever
        assert code(path) in {
            "book_damaged",
            "ask_amount_tax",
            "book_too_large",
            "book_other_zip",
            "book_password",
        }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7\n", "file_kind"),
        (b"\x89PNG\r\n\x1a\n", "file_kind"),
        (b"\x1f\x8b\x08", "file_kind"),
        (b"PK\x05\x06" + b"\x00" * 18, "text_encoding"),
        (b"Nature;Montant\n\x00\x00\x00", "text_encoding"),
        (b"Nature;N\xb0;Montant\n6413;1;\x81\x8d\n", "text_encoding"),
        (b"\xef\xbb\xbfNature;Montant\n6413;\xe9\n", "text_encoding"),
        ("Nature;Montant\n6413;1\n".encode("utf-16")[:-1], "text_encoding"),
        (b"x" * 3_000_000, "text_long_line"),
        (b"<html><p>rien</p></html>", "html_no_table"),
        (b"<?xml version='1.0'?><Nomenclature/>", "xml_unknown"),
        (b"<?xml version='1.0'?><comptabilite><exercice/></comptabilite>", "fec_xml"),
        (
            b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>",
            "book_xml_2003",
        ),
        (b"bonjour\n", "table_no_header"),
        # A list of grants that a town publishes (SCDL subventions): nothing of it belongs to an account.
        (b"nomAttribuant,objet,montant,nature\nANCT,Poste,50000,aide\n", "table_no_line"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    assert code(path) == expected


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as caught:
        recognise(tmp_path / "absent.csv")
    assert caught.value.faults[0].code == "unreadable"


def test_other_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("pes.xml", "<a/>")
    assert code(path) == "book_other_zip"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.bin", "")
    assert code(path) == "book_binary"


def test_a_text_file_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plaintext, "MOST_BYTES", 1000)
    path = tmp_path / "long.csv"
    path.write_text("Nature;Montant\n" + "6413;1,00\n" * 200, "utf-8")
    assert code(path) == "text_too_large"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux")
def test_memory_stays_bounded(tmp_path: Path) -> None:
    """A refusal takes no more than 200 MiB, Python and its libraries included."""
    far = workbook(
        tmp_path / "far.xlsx",
        f'{OPEN}<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>{CLOSE}',
    )
    bomb = workbook(tmp_path / "bomb.xlsx", OPEN + " " * 100_000_000 + CLOSE)
    program = (
        "import sys\nfrom pathlib import Path\nfrom conseiller.errors import InputFaults\n"
        "from conseiller.ledger.recognise import read\n"
        "try: read(Path(sys.argv[1]))\nexcept InputFaults as faults: print(faults.faults[0].code)\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    for path, expected in ((far, "book_too_wide"), (bomb, "book_too_large")):
        run = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        found, peak = run.stdout.split()
        assert found == expected
        assert int(peak) * 1024 < 200 * 1024**2


def test_the_measure_of_a_part_is_that_of_what_it_inflates_to(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    text = b"0123456789" * 300_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("a", text)
    with zipfile.ZipFile(path) as book, path.open("rb") as file:
        blocks = list(archive._inflated(file, book.getinfo("a")))
    assert b"".join(blocks) == text
    assert max(map(len, blocks)) <= 1 << 20
    assert zlib.crc32(b"".join(blocks)) == zlib.crc32(text)
