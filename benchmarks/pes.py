"""A PES Aller of 100 MB, once as attached files and once as lines, and a quarter of each: time and peak memory.

The file is written as producers write it: payroll and invoices, bank details and addresses beside every line.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
SIZE = 100_000_000
_HEAD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">
<EnTetePES><DteStr V="2025-02-10"/><IdColl V="20000000000017"/><CodCol V="100"/><CodBud V="00"/></EnTetePES>
<PES_DepenseAller><EnTeteDepense><IdVer V="2"/></EnTeteDepense>
"""
_BORDEREAU = (
    '<Bordereau><BlocBordereau><Exer V="2025"/><IdBord V="{number}"/><DteBordEm V="2025-01-28"/><TypBord V="01"/>'
    '<NbrPce V="{pieces}"/><MtBordHT V="{total}.00"/></BlocBordereau>\n'
)
_PIECE = """<Piece><BlocPiece><InfoPce><IdPce V="{piece}"/><TypPce V="01"/><NatPce V="01"/>
<Obj V="FACTURE {piece} FOURNITURES DE BUREAU JANVIER 2025"/></InfoPce></BlocPiece>
  <LigneDePiece><BlocLignePiece><InfoLignePce><IdLigne V="1"/><Nature V="6064"/><Fonction V="020"/><CptAna V="NUM"/>
    <LibVir1 V="FACTURE {piece}"/><ModRegl V="03"/><TVAIntraCom V="0"/><MtHT V="12.00"/></InfoLignePce></BlocLignePiece>
    <Tiers><InfoTiers><IdTiers V="20000000000017"/><NatIdTiers V="01"/><CatTiers V="50"/><NatJur V="03"/>
      <Nom V="PAPETERIE FICTIVE"/></InfoTiers>
      <Adresse><TypAdr V="1"/><Adr2 V="1 RUE INVENTEE"/><CP V="00000"/><Ville V="NULLE PART"/></Adresse>
      <CpteBancaire><IBAN V="FR0000000000000000000000000"/><TitCpte V="PAPETERIE FICTIVE"/></CpteBancaire></Tiers>
  </LigneDePiece></Piece>
"""
_PIECES = 500


def write(path: Path, size: int, attached: bool) -> None:
    """Write a PES of about `size` bytes: one bordereau and attached files, or bordereaux alone."""
    with path.open("w", encoding="latin-1") as out:
        out.write(_HEAD)
        number = 0
        while number == 0 or (not attached and out.tell() < size):
            number += 1
            out.write(_BORDEREAU.format(number=number, pieces=_PIECES, total=12 * _PIECES))
            for piece in range((number - 1) * _PIECES, number * _PIECES):
                out.write(_PIECE.format(piece=piece))
            out.write("</Bordereau>\n")
        out.write("</PES_DepenseAller>")
        if attached:
            out.write("<PES_PJ><PJ><Contenu><Fichier>")
            while out.tell() < size:
                out.write("QUJDREVG" * 8_192)
            out.write("</Fichier></Contenu></PJ></PES_PJ>")
        out.write("</n:PES_Aller>\n")


def read_and_say(path: str) -> None:
    """Read one file and print lines, seconds, and peak memory in KiB before and after (run in a fresh process)."""
    import time

    import lxml.etree  # noqa: F401  (loaded before the first measure)
    import pandas as pd  # noqa: F401

    from benchmarks.memory import kibibytes
    from conseiller.ledger import pes

    before, since = kibibytes(), time.perf_counter()
    reading = pes.read(Path(path))
    seconds = time.perf_counter() - since
    assert all(c.holds for c in reading.controls)
    assert int(reading.lines["cents"].sum()) == 1200 * len(reading.lines)
    print(len(reading.lines), f"{seconds:.2f}", before, kibibytes())


def pes() -> None:
    """Print time and memory of reading large PES files."""
    print("PES Aller, one pass (peak memory of the reading, beyond the libraries)")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "flux.xml"
        for attached in (True, False):
            kind = "attached files" if attached else "lines"
            for size in (SIZE // 4, SIZE):
                write(file, size, attached)
                code = f"from benchmarks.pes import read_and_say; read_and_say({str(file)!r})"
                run = subprocess.run(
                    [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
                )
                count, seconds, before, after = run.stdout.split()
                peak = (int(after) - int(before)) / 1024
                print(
                    f"  {file.stat().st_size / 1e6:.0f} MB of {kind}: {int(count)} lines kept, {seconds} s, "
                    f"peak {peak:.0f} MiB ({peak * 1024 / int(count):.2f} KiB a line)"
                )
