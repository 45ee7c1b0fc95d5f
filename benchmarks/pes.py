"""A PES Aller of 100 MB, as attached files, as lines of many bordereaux and of one, and a quarter of each.

Time and peak memory of reading it, and of adding it to the books of the example.

The file is written as producers write it: payroll and invoices, bank details and addresses beside every line.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

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
#: Bytes of a pièce, and pièces of a bordereau where there are many.
_WEIGHT, _PIECES = len(_PIECE.format(piece=99_999)), 500

Kind = Literal["attached", "many", "one"]
KINDS: Mapping[Kind, str] = {
    "attached": "attached files",
    "many": f"lines, {_PIECES} to a bordereau",
    "one": "lines, all in one bordereau",
}


def write(path: Path, size: int, kind: Kind) -> None:
    """Write a PES of about `size` bytes: a bordereau and attached files, many bordereaux, or a single large one."""
    pieces = size // _WEIGHT if kind == "one" else _PIECES
    with path.open("w", encoding="latin-1") as out:
        out.write(_HEAD)
        number = 0
        while number == 0 or (kind == "many" and out.tell() < size):
            number += 1
            out.write(_BORDEREAU.format(number=number, pieces=pieces, total=12 * pieces))
            for piece in range((number - 1) * pieces, number * pieces):
                out.write(_PIECE.format(piece=piece))
            out.write("</Bordereau>\n")
        out.write("</PES_DepenseAller>")
        if kind == "attached":
            out.write("<PES_PJ><PJ><Contenu><Fichier>")
            while out.tell() < size:
                out.write("QUJDREVG" * 8_192)
            out.write("</Fichier></Contenu></PJ></PES_PJ>")
        out.write("</n:PES_Aller>\n")


# --- what is measured, each in a process of its own: lines, seconds, and peak memory before and after [KiB]


def read(path: str) -> None:
    """Read a file."""
    import time

    import lxml.etree  # noqa: F401  (loaded before the first measure)
    import pandas as pd  # noqa: F401

    from benchmarks.memory import kibibytes
    from conseiller.ledger import pes

    before, since = kibibytes(), time.perf_counter()
    reading = pes.read(Path(path))
    seconds, after = time.perf_counter() - since, kibibytes()
    assert all(c.holds for c in reading.controls)
    assert sum(int(lines["cents"].sum()) for lines in reading.blocks()) == 1200 * reading.count()
    print(reading.count(), f"{seconds:.2f}", before, after)


def add(path: str) -> None:
    """Add a file to the books of the example, as `conseiller books add` does."""
    import contextlib
    import io
    import time

    import lxml.etree  # noqa: F401
    import pandas as pd  # noqa: F401

    from benchmarks.memory import kibibytes
    from conseiller import cli
    from conseiller.ledger.store import Ledger

    dossier = Path(path).with_name("dossier.toml")
    dossier.write_bytes((ROOT / "data" / "campagnes-artois" / "dossier.toml").read_bytes())
    sys.argv = ["conseiller", "books", "add", str(dossier), path]
    before, since = kibibytes(), time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        cli.main()
    seconds, after = time.perf_counter() - since, kibibytes()
    with Ledger(dossier) as ledger:
        (lines,) = (s.lines for s in ledger.sums() if s.cents == 1200 * s.lines)
    print(lines, f"{seconds:.2f}", before, after)


def pes() -> None:
    """Print time and memory of large PES files: read, then read and added to the books."""
    print("PES Aller, one pass (peak memory beyond the libraries; ratio of the peaks, large to small)")
    for kind, said in KINDS.items():
        for what in (read, add) if kind != "attached" else (read,):
            first = 0.0
            for size in (SIZE // 4, SIZE):
                with TemporaryDirectory() as folder:
                    file = Path(folder) / "flux.xml"
                    write(file, size, kind)
                    code = f"from benchmarks.pes import {what.__name__} as run; run({str(file)!r})"
                    run = subprocess.run(
                        [sys.executable, "-c", code],
                        cwd=ROOT,
                        check=True,
                        capture_output=True,
                        encoding="utf-8",
                    )
                    megabytes = file.stat().st_size / 1e6
                lines, seconds, before, after = map(float, run.stdout.split())
                peak = (after - before) / 1024
                first = first or peak
                pace = "" if kind == "attached" else f" ({lines / seconds:.0f} lines a second)"
                print(
                    f"  {what.__name__:4} {megabytes:3.0f} MB of {said}: {lines:.0f} lines, {seconds:.1f} s{pace}, "
                    f"peak {peak:.0f} MiB, ratio {peak / first:.2f}"
                )
