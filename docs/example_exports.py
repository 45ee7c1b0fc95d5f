"""Writes the fictional books of the example dossier: ``python docs/example_exports.py``.

What is in them is set out in `example_books`. Same files at every run, byte for byte.
"""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import quoteattr

from example_books import PAID, RECEIVED, SOCIAL, SPENT, STAFF, STATE, Entry, all_entries

TARGET = Path(__file__).resolve().parents[1] / "data" / "campagnes-artois" / "exports"
FICTION = "DONNÉES FICTIVES – exemple du dossier, tiré d'aucune comptabilité réelle"


@dataclass
class Numbers:
    """Numbers of bordereaux and pièces, one series a side and year."""

    pieces: dict[tuple[int, str, str], int] = field(default_factory=dict)
    bordereaux: dict[tuple[int, str, str], int] = field(default_factory=dict)
    _count: dict[tuple[str, int, str], int] = field(default_factory=dict)

    def of(self, entry: Entry) -> tuple[int, int]:
        """Return the bordereau and the pièce of a line."""
        key = (entry.year, entry.side, entry.group or f"{entry.day}{entry.label}{entry.kind}")
        sort = "reduction" if entry.amount < 0 else "ordinary"
        packet = (entry.year, entry.side, f"{entry.day}{sort}")
        return (
            self._numbered(self.bordereaux, packet, ("bordereau", entry.year, entry.side)),
            self._numbered(self.pieces, key, ("piece", entry.year, entry.side)),
        )

    def _numbered(
        self, given: dict[tuple[int, str, str], int], key: tuple[int, str, str], series: tuple[str, int, str]
    ) -> int:
        if key not in given:
            start, step = (3, 4) if series[0] == "bordereau" else (117, 9)
            self._count[series] = self._count.get(series, start - step) + step
            given[key] = self._count[series]
        return given[key]


HEADER = (
    *("Exercice", "Sens", "Chapitre", "Nature", "Fonction", "Service", "Code analytique"),
    *("Bordereau", "N° pièce", "Type de pièce", "Tiers", "Objet", "Date", "Montant TTC"),
)


def table_rows(entries: list[Entry]) -> list[list[object]]:
    """Return the lines of a table of mandats and titres."""
    numbers = Numbers()
    rows: list[list[object]] = []
    for e in entries:
        bordereau, piece = numbers.of(e)
        rows.append(
            [
                e.year,
                e.side,
                e.chapter,
                e.account,
                "020",
                e.service,
                e.code,
                bordereau,
                piece,
                e.kind,
                e.party,
                e.label,
                e.day,
                e.amount,
            ]
        )
    return rows


def titles(year: int, issued: str) -> list[str]:
    """Return what stands above a table."""
    return [
        FICTION,
        f"État des mandats et titres – Exercice {year}",
        "Budget : principal (exemple fictif)",
        f"Édité le : {issued}",
    ]


def sums(entries: list[Entry]) -> tuple[Decimal, Decimal]:
    """Return the totals printed: dépenses and recettes."""
    return tuple(sum((e.amount for e in entries if e.side == s), Decimal(0)) for s in (SPENT, RECEIVED))  # type: ignore[return-value]


def write_workbook(path: Path, entries: list[Entry], year: int, issued: str) -> None:
    """Write the table of an exercice as XLSX."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": FICTION, "created": datetime(2026, 11, 24)})
    sheet = book.add_worksheet("Mandats et titres")
    bold = book.add_format({"bold": True})
    money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "dd/mm/yyyy"})
    for row, title in enumerate(titles(year, issued)):
        sheet.write_string(row, 0, title, bold)
    sheet.write_row(5, 0, HEADER, bold)
    row = 6
    for values in table_rows(entries):
        for column, value in enumerate(values):
            if isinstance(value, Decimal):
                sheet.write_number(row, column, float(value), money)
            elif isinstance(value, date):
                sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, int):
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, str(value))
        row += 1
    for label, total in zip(("Total des dépenses", "Total des recettes"), sums(entries), strict=True):
        sheet.write_string(row, 11, label, bold)
        sheet.write_number(row, 13, float(total), money)
        row += 1
    sheet.set_column(10, 11, 42)
    sheet.set_column(12, 13, 13)
    book.close()


def french(amount: Decimal) -> str:
    """Return an amount as French finance software prints it: 1 836,20."""
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def write_csv(path: Path, entries: list[Entry], year: int, issued: str) -> None:
    """Write the table of an exercice as CSV: Windows encoding, semicolons."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([title] for title in titles(year, issued))
    writer.writerow([])
    writer.writerow(HEADER)
    for *values, day, amount in table_rows(entries):
        assert isinstance(day, date)
        assert isinstance(amount, Decimal)
        writer.writerow([*values, f"{day:%d/%m/%Y}", french(amount)])
    for label, total in zip(("Total des dépenses", "Total des recettes"), sums(entries), strict=True):
        writer.writerow([""] * 11 + [label, "", french(total)])
    path.write_bytes(out.getvalue().encode("cp1252"))


def write_payments(path: Path) -> None:
    """Write the list of payments received."""
    rows = [f"{FICTION};;;;", "Versements reçus de l'État, du 01/01/2024 au 24/11/2026;;;;", ";;;;"]
    rows.append("Date de versement;Poste;N° versement;Payeur;Montant versé")
    for day, post, number, amount in PAID:
        when = date.fromisoformat(day)
        rows.append(
            f"{when:%d/%m/%Y};{post};{number};Caisse des dépôts (exemple fictif);{french(Decimal(amount))}"
        )
    total = sum((Decimal(row[3]) for row in PAID), Decimal(0))
    rows.append(f"Total;;;;{french(total)}")
    path.write_bytes("\r\n".join([*rows, ""]).encode("cp1252"))


def write_state_list(path: Path) -> None:
    """Write the State's own list of posts, in its twelve columns."""
    head = "ID Poste,ID Structure TP,Structure,Département,Statut,Coordinateur,Convention,Fin de convention,"
    head += "Fin de contrat,Bonification,Total conventionné,Total versé"
    name = '"EXEMPLE FICTIF, communauté de communes"'
    rows = [
        f"990001,9900,{name},62,Occupé,Non,Renouvellement,31/12/2026,31/12/2026,Non,92500,92500",
        f"990002,9900,{name},62,Occupé,Non,Initiale,31/12/2026,31/12/2026,Non,42500,30000",
    ]
    path.write_bytes("\n".join(["\ufeff" + head, *rows, ""]).encode("utf-8"))


def tag(name: str, value: object) -> str:
    """Return an element of PES or TOTEM that holds one value."""
    return f"<{name} V={quoteattr(str(value))}/>"


def write_pes(path: Path, entries: list[Entry], side: str) -> None:
    """Write the mandats or the titres of 2026 as PES Aller, one bordereau twice as after a re-send."""
    spent = side == SPENT
    part = "PES_DepenseAller" if spent else "PES_RecetteAller"
    numbers = Numbers()
    packets: dict[int, dict[int, list[Entry]]] = {}
    for e in entries:
        if e.side == side:
            bordereau, piece = numbers.of(e)
            packets.setdefault(bordereau, {}).setdefault(piece, []).append(e)
    out = [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        f"<!-- {FICTION.replace('–', '-')} -->",
        '<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">',
        '<Enveloppe><Parametres><Version V="2"/><TypFic V="PESALR2"/></Parametres>',
        '<Emetteur><Sigle V="EXEMPLE FICTIF"/></Emetteur></Enveloppe>',
        '<EnTetePES><DteStr V="2026-11-24"/><IdPost V="000000"/><IdColl V="00000000000000"/>',
        '<CodCol V="999"/><CodBud V="00"/></EnTetePES>',
        f"<{part}>",
    ]
    out.append(
        '<EnTeteDepense><IdVer V="2"/></EnTeteDepense>'
        if spent
        else '<EnTeteRecette><IdVer V="2"/></EnTeteRecette>'
    )
    texts = [_bordereau(number, pieces, spent) for number, pieces in packets.items()]
    if spent:
        texts.insert(12, texts[11])  # sent again
    out += [*texts, f"</{part}>", "</n:PES_Aller>", ""]
    path.write_bytes("\n".join(out).encode("iso-8859-1"))


def _bordereau(number: int, pieces: dict[int, list[Entry]], spent: bool) -> str:
    first = next(iter(pieces.values()))[0]
    total = sum((abs(e.amount) for lines in pieces.values() for e in lines), Decimal(0))
    kind = "02" if first.amount < 0 else "01"
    out = ["<Bordereau><BlocBordereau>", tag("Exer", first.year), tag("IdBord", number)]
    out += [tag("DteBordEm", first.day), tag("TypBord", kind), tag("NbrPce", len(pieces))]
    out += [tag("MtBordHT" if spent else "MtBordHt", total), "</BlocBordereau>"]
    for piece, lines in pieces.items():
        nature = {"Contrepassation": "10", "Annulation": "06"}.get(lines[0].kind, "01")
        accrued = {"Contrepassation", "Rattachement"} & {lines[0].kind}
        typed = ("10" if spent else "11") if accrued else "01"
        head = [
            tag("CodServ", lines[0].service),
            tag("IdPce", piece),
            tag("TypPce", typed),
            tag("NatPce", nature),
        ]
        if spent:
            out.append(
                f"\n<Piece><BlocPiece><InfoPce>{''.join(head)}{tag('Obj', lines[0].label)}</InfoPce></BlocPiece>"
            )
        else:
            out.append(f"\n<Piece><BlocPiece>{''.join(head)}{tag('ObjPce', lines[0].label)}</BlocPiece>")
        for rank, e in enumerate(lines, start=1):
            values = [tag("IdLigne", rank), tag("Nature", e.account), tag("Fonction", "020")]
            values += [tag("CptAna" if spent else "CodProdLoc", e.code)] if e.code else []
            values.append(tag("MtHT", abs(e.amount)))
            inner = "InfoLignePce" if spent else "InfoLignePiece"
            party = _party(e.party)
            out.append(
                f"\n<LigneDePiece><BlocLignePiece><{inner}>{''.join(values)}</{inner}></BlocLignePiece>"
            )
            out.append(f"<Tiers><InfoTiers>{party}{tag('Nom', e.party)}</InfoTiers></Tiers></LigneDePiece>")
        out.append("</Piece>")
    return "".join([*out, "</Bordereau>"])


def _party(name: str) -> str:
    """Return the category and the legal nature of a third party."""
    if name in {SOCIAL, "IRCANTEC", "CPAM"} or name.startswith(("CNFPT", "CAISSE")):
        return tag("CatTiers", "61") + tag("NatJur", "04")
    if name in (STATE, "PREFECTURE"):
        return tag("CatTiers", "20") + tag("NatJur", "07")
    if name in {STAFF, "REGISSEUR D'AVANCES", "CENTRE DE GESTION"}:
        return tag("CatTiers", "23") + tag("NatJur", "09")
    return tag("CatTiers", "50") + tag("NatJur", "03")


#: Credits of the whole authority in 2026: account, chapter, side, amount; then what the décision modificative changes.
VOTED = (
    ("60622", "011", SPENT, 68000),
    ("60632", "011", SPENT, 41000),
    ("611", "011", SPENT, 1480000),
    ("6132", "011", SPENT, 36000),
    ("61358", "011", SPENT, 27000),
    ("6184", "011", SPENT, 32000),
    ("6251", "011", SPENT, 14500),
    ("6262", "011", SPENT, 48000),
    ("6332", "012", SPENT, 13200),
    ("6336", "012", SPENT, 55000),
    ("6338", "012", SPENT, 7900),
    ("64111", "012", SPENT, 1420000),
    ("64118", "012", SPENT, 310000),
    ("64131", "012", SPENT, 1180000),
    ("64138", "012", SPENT, 96000),
    ("6451", "012", SPENT, 640000),
    ("6453", "012", SPENT, 520000),
    ("65811", "65", SPENT, 39000),
    ("6558", "65", SPENT, 2150000),
    ("739211", "014", SPENT, 3900000),
    ("70688", "70", RECEIVED, 410000),
    ("73111", "731", RECEIVED, 9200000),
    ("741124", "74", RECEIVED, 2680000),
    ("74718", "74", RECEIVED, 265000),
    ("21838", "21", SPENT, 62000),
    ("10222", "10", RECEIVED, 240000),
)
AMENDED = (("64131", "012", SPENT, 24000), ("6451", "012", SPENT, 9000), ("74718", "74", RECEIVED, 12500))


def write_budget(
    path: Path, lines: tuple[tuple[str, str, str, int], ...], decision: str, number: str
) -> None:
    """Write a budget primitif (01) or a décision modificative (02) of 2026 in TOTEM."""
    day = "2026-04-02" if decision == "01" else "2026-09-24"
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {FICTION} -->",
        '<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">',
        f'<EnTeteDocBudgetaire><DteStr V="{day}"/><LibelleColl V="EXEMPLE FICTIF"/>'
        '<IdColl V="00000000000000"/></EnTeteDocBudgetaire>',
        '<Budget><EnTeteBudget><IdEtab V="00000000000000"/><CodBud V="00"/>'
        '<Nomenclature V="M57-M57_D"/></EnTeteBudget>',
        f'<BlocBudget><NatDec V="{decision}"/>{number}<Exer V="2026"/><DteDec V="{day}"/>'
        '<ProjetBudget V="false"/><CodTypBud V="P"/></BlocBudget>',
    ]
    for account, chapter, side, amount in lines:
        values = [tag("Nature", account), tag("ContNat", chapter), tag("CodRD", side)]
        out.append(
            f"<LigneBudget>{''.join(values)}{tag('MtPrev', f'{amount}.00')}{tag('OpBudg', '0')}</LigneBudget>"
        )
    total = sum(row[3] for row in lines if row[2] == SPENT)
    out.append(
        f'<LigneBudget calculated="true"><Groupe V="TOTAL"/><CodRD V="D"/><MtPrev V="{total}.00"/></LigneBudget>'
    )
    out += ["</Budget></DocumentBudgetaire>", ""]
    path.write_text("\n".join(out), "utf-8", newline="\n")


def write_all(folder: Path) -> list[Path]:
    """Write every file in a folder and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    by_year = {y: [e for e in all_entries() if e.year == y] for y in (2024, 2025, 2026)}
    made = [
        folder / name
        for name in (
            "FICTIF-mandats-titres-2024.xlsx",
            "FICTIF-mandats-titres-2025.csv",
            "FICTIF-pes-depenses-2026.xml",
            "FICTIF-pes-recettes-2026.xml",
            "FICTIF-versements-etat.csv",
            "FICTIF-postes-etat.csv",
            "FICTIF-budget-primitif-2026.xml",
            "FICTIF-decision-modificative-1-2026.xml",
        )
    ]
    write_workbook(made[0], by_year[2024], 2024, "12/03/2025")
    write_csv(made[1], by_year[2025], 2025, "10/03/2026")
    write_pes(made[2], by_year[2026], SPENT)
    write_pes(made[3], by_year[2026], RECEIVED)
    write_payments(made[4])
    write_state_list(made[5])
    write_budget(made[6], VOTED, "01", "")
    write_budget(made[7], AMENDED, "02", '<NumDec V="1"/>')
    return made


if __name__ == "__main__":
    for file in write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET):
        print(file.name)
