"""PES files of any size: read in bounded memory, and read the same whether their lines lie in memory or on disk."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conseiller.errors import InputFaults
from conseiller.ledger import describe, gathered, pes, pes_bordereau, seen
from conseiller.ledger.reading import Control, Reading
from conseiller.ledger.store import Ledger

#: Pièce, number of the line, cents.
Line = tuple[str, str, int]
#: Number, type, lines; and whether each line comes in a pièce element of its own.
Element = tuple[str, str, list[Line], bool]

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<n:PES_Aller xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller">
<EnTetePES><DteStr V="2025-02-10"/><IdColl V="20000000000017"/><CodCol V="100"/><CodBud V="00"/></EnTetePES>
"""
PROC = Path("/proc/self/fd")


def piece(number: str, lines: list[Line]) -> str:
    said = "".join(
        f'<LigneDePiece><BlocLignePiece><InfoLignePce><IdLigne V="{n}"/><Nature V="6064"/><LibVir1 V="FACTURE {p} {n}"/>'
        f'<MtHT V="{cents // 100}.{cents % 100:02}"/></InfoLignePce></BlocLignePiece></LigneDePiece>'
        for p, n, cents in lines
    )
    return f'<Piece><BlocPiece><InfoPce><IdPce V="{number}"/><TypPce V="01"/></InfoPce></BlocPiece>{said}</Piece>'


def bordereau(element: Element, stated: str = "") -> str:
    """Write a bordereau; lines of one pièce that follow one another share its element, unless it is cut."""
    number, kind, lines, cut = element
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not cut and groups[-1][0][0] == line[0]:
            groups[-1].append(line)
        else:
            groups.append([line])
    pieces = "".join(piece(group[0][0], group) for group in groups)
    return (
        f'<Bordereau><BlocBordereau><Exer V="2025"/><IdBord V="{number}"/><DteBordEm V="2025-01-28"/><TypBord V="{kind}"/>'
        f"{stated}</BlocBordereau>{pieces}</Bordereau>"
    )


def flux(*bordereaux: str) -> str:
    return f"{HEAD}<PES_DepenseAller>{''.join(bordereaux)}</PES_DepenseAller></n:PES_Aller>"


def make_small(patch: pytest.MonkeyPatch) -> None:
    """Have lines go to disk from the third on, and their keys from the second."""
    patch.setattr(gathered, "BATCH", 2)
    patch.setattr(gathered, "HELD", 1)
    patch.setattr(seen, "HELD", 2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


def spilled(reading: Reading) -> bool:
    held = reading.__dict__["lines"]
    return isinstance(held, gathered.Gathered) and held._spilled is not None


LINES = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("123"), st.integers(0, 99_999_99)), max_size=7
)
FILES = st.lists(
    st.tuples(st.sampled_from("789"), st.sampled_from(["01", "02", "03"]), LINES, st.booleans()),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(files=FILES)
def test_lines_on_disk_are_those_in_memory(
    tmp_path_factory: pytest.TempPathFactory, files: list[Element]
) -> None:
    """Numbers repeated in a pièce, pièces cut, bordereaux that come again, provisional ones: the same to the byte."""
    folder = tmp_path_factory.mktemp("flux")
    file = folder / "flux.xml"
    file.write_text(flux(*(bordereau(f, '<MtBordHT V="10.00"/>') for f in files)), "utf-8")
    with Ledger(folder / "mémoire") as ledger:
        ledger.add(usual := pes.read(file))
        expected = ledger.export()
    with pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        reading = pes.read(file)
        assert describe.reading(reading, "fr") == describe.reading(usual, "fr")
        assert [*map(len, reading.blocks())] == [2] * (reading.count() // 2) + [1] * (reading.count() % 2)
        with Ledger(folder / "disque") as ledger:
            ledger.add(reading)
            assert ledger.export() == expected
        assert spilled(reading) == (reading.count() > 2)
        assert reading.lines.equals(usual.lines)
        assert reading.aside.equals(usual.aside)
        assert (reading.controls, reading.remarks) == (usual.controls, usual.remarks)
        assert [*map(len, reading.blocks())] == [reading.count()] * bool(reading.count())  # joined for good


@settings(max_examples=40, deadline=None)
@given(files=FILES)
def test_a_line_counts_once_however_often_its_bordereau_comes(
    tmp_path_factory: pytest.TempPathFactory, files: list[Element]
) -> None:
    """Lines kept: of each pièce and number, as many as the element of its bordereau that holds most of them."""
    file = tmp_path_factory.mktemp("flux") / "flux.xml"
    file.write_text(flux(*map(bordereau, files)), "utf-8")
    expected: Counter[tuple[str, ...]] = Counter()
    for number, kind, lines, _ in files:
        if kind != "03":  # provisional
            expected |= Counter((kind, number, p, n) for p, n, _ in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "HELD", 1)
        reading = pes.read(file)
    kept = Counter(tuple(key.partition("#")[0].split("|")[5:]) for key in reading.lines["key"])
    assert kept == expected
    assert reading.lines["key"].is_unique
    assert reading.rows == sum(len(f[2]) for f in files) == reading.count() + reading.count("aside")


@pytest.mark.usefixtures("small")
def test_blocks_can_be_walked_several_times_at_once(tmp_path: Path) -> None:
    lines = [("A", str(n), n) for n in range(1, 10)]
    file = tmp_path / "flux.xml"
    file.write_text(flux(bordereau(("1", "01", lines, False)) * 2), "utf-8")
    reading = pes.read(file)

    assert spilled(reading)
    pairs = [(a["cents"].tolist(), b["cents"].tolist())
             for a, b in zip(reading.blocks(), reading.blocks("aside"), strict=True)]  # fmt: skip
    assert pairs == [([n, n + 1], [n, n + 1]) for n in (1, 3, 5, 7)] + [([9], [9])]


# --- the temporary folder ---------------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of one's own."""
    if not PROC.exists():
        pytest.skip("open files are read from /proc")
    folder = tmp_path / "temporaire"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    return folder


def left_in(folder: Path) -> list[str]:
    """Return the files of a folder, and those that this process still holds open there."""
    held = []
    for number in PROC.iterdir():
        try:
            held.append(str(number.readlink()))
        except FileNotFoundError:
            continue
    return [*map(str, folder.iterdir()), *(name for name in held if name.startswith(str(folder)))]


@pytest.mark.usefixtures("small")
def test_the_files_on_disk_go_with_the_reading(temporary: Path, tmp_path: Path) -> None:
    file = tmp_path / "flux.xml"
    file.write_text(flux(bordereau(("1", "01", [("A", str(n), n) for n in range(9)], False))), "utf-8")
    reading = pes.read(file)
    assert left_in(temporary)
    lines = reading.lines
    assert not left_in(temporary)  # the lines asked for whole are in memory from now on
    assert lines["cents"].tolist() == list(range(9))
    reading = pes.read(file)
    del reading
    assert not left_in(temporary)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("wrong", ["</PES_Aller>", '<LigneDePiece><MtHT V="x"/></LigneDePiece>'])
def test_the_files_on_disk_go_with_a_refusal(temporary: Path, tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "flux.xml"
    text = flux(bordereau(("1", "01", [("A", str(n), n) for n in range(9)], False)))
    file.write_text(text.replace("</Piece></Bordereau>", f"{wrong}</Piece></Bordereau>"), "utf-8")
    with pytest.raises(InputFaults) as refused:
        pes.read(file)
    assert refused.value.faults
    del refused
    assert not left_in(temporary)


class _Full(io.BytesIO):
    """A file on a disk that is full after a few thousand bytes."""

    def write(self, content: object) -> int:
        if self.tell() > 4000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(content)  # type: ignore[arg-type]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("full", ["lines", "keys"])
def test_a_temporary_folder_without_room_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    file = tmp_path / "flux.xml"
    lines = [("A", str(n), n) for n in range(1000)]
    file.write_text(flux(bordereau(("1", "01", lines, False))), "utf-8")
    if full == "lines":
        monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: _Full())
    else:
        usual = seen.Seen._opened

        def small_disk(self: seen.Seen) -> object:
            database = usual(self)
            database.execute("PRAGMA max_page_count = 3")
            return database

        monkeypatch.setattr(seen.Seen, "_opened", small_disk)
    with pytest.raises(InputFaults) as refused:
        pes.read(file)
    (fault,) = refused.value.faults
    assert fault.code == "no_room"
    assert fault.where == "flux.xml"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_kill_while_lines_are_on_disk_leaves_nothing_there(tmp_path: Path) -> None:
    code = """
import sys, time, pathlib
from conseiller.ledger import gathered, pes, seen
gathered.BATCH, gathered.HELD, seen.HELD = 2, 1, 2
reading = pes.read(pathlib.Path(sys.argv[1]))
assert reading.__dict__["lines"]._spilled
print("read", flush=True)
time.sleep(60)
"""
    file, folder = tmp_path / "flux.xml", tmp_path / "temporaire"
    folder.mkdir()
    file.write_text(flux(bordereau(("1", "01", [("A", str(n), n) for n in range(99)], False))), "utf-8")
    surroundings = os.environ | {"TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, env=surroundings
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"read\n"
        child.kill()
    assert list(folder.iterdir()) == []


def test_memory_grows_neither_with_lines_nor_with_copies(tmp_path: Path) -> None:
    """Five times the lines, in one bordereau sent twice: as much memory to read, to describe and to add."""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc")
    code = """
import sys, pathlib, lxml.etree, pandas
from conseiller.ledger import describe, gathered, pes, seen
from conseiller.ledger.store import Ledger
gathered.HELD, seen.HELD = 2, 2000
reading = pes.read(pathlib.Path(sys.argv[1]))
describe.reading(reading, "fr")
with Ledger(pathlib.Path(sys.argv[1]).with_suffix("")) as ledger:
    ledger.add(reading)
    assert sum(s.lines for s in ledger.sums()) == reading.count() == reading.count("aside") == int(sys.argv[2])
print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])
"""
    peaks = []
    for count in (6_000, 30_000):
        file = tmp_path / f"{count}.xml"
        text = bordereau(("1", "01", [(str(n), "1", n) for n in range(count)], False))
        file.write_text(flux(text, text), "utf-8")
        run = subprocess.run(
            [sys.executable, "-c", code, str(file), str(count)], check=True, capture_output=True, text=True
        )
        peaks.append(int(run.stdout))
    assert peaks[1] - peaks[0] < 5 * 1024  # 24 000 lines and as many copies would take 20 MiB and more


# --- totals that bordereaux state -------------------------------------------------------------------------


def test_totals_found_are_added_up_and_those_not_found_are_told_one_by_one(tmp_path: Path) -> None:
    stated = ['<NbrPce V="1"/><MtBordHT V="10.00"/>', '<NbrPce V="1"/><MtBordHT V="30.00"/>',
              '<NbrPce V="2"/><MtBordHT V="20.00"/>']  # fmt: skip
    texts = [bordereau((str(n), "01", [("A", "1", cents)], False), stated[n])
             for n, cents in enumerate((10_00, 30_00, 25_00))]  # fmt: skip
    file = tmp_path / "flux.xml"
    file.write_text(flux(*texts), "utf-8")
    reading = pes.read(file)

    path = "/*/PES_DepenseAller/Bordereau"
    assert reading.controls == (
        Control("bordereau", f"{path} (2)", 40_00, 40_00),
        Control("piece_count", f"{path} (2)", 2, 2),
        Control("bordereau", f"{path}[3]/BlocBordereau", 20_00, 25_00),
        Control("piece_count", f"{path}[3]/BlocBordereau", 2, 1),
    )
    told = "\n".join(describe.reading(reading, "fr")).replace("\u00a0", " ").replace("\u202f", " ")
    assert "totaux annoncés par le fichier et retrouvés : 4\n" in told
    assert "total du bordereau (2 bordereaux de dépense ensemble) : 40,00 €\n" in told
    assert "nombre de pièces (2 bordereaux de dépense ensemble) : 2\n" in told
    assert "✗ total du bordereau (bordereau n° 2) : annoncé 20,00 €, lu 25,00 €" in told
    assert "✗ nombre de pièces (bordereau n° 2) : annoncé 2, lu 1" in told


@given(
    totals=st.lists(
        st.tuples(
            st.sampled_from(["PES_DepenseAller", "PES_RecetteAller"]), st.integers(0, 9), st.integers(0, 9)
        ),
        max_size=30,
    )
)
def test_no_total_disappears_however_many_are_wrong(totals: list[tuple[str, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pes_bordereau, "MOST", 3)
        gathered_totals = pes_bordereau.Stated()
        for rank, (part, stated, found) in enumerate(totals):
            head = SimpleNamespace(place=f"/*/{part}/Bordereau[{rank}]/BlocBordereau")
            head.stated, head.stated_vat, head.stated_pieces = stated, None, None
            gathered_totals.close(head, part, found, 0, 0)  # type: ignore[arg-type]
    controls = gathered_totals.controls()
    assert sum(c.count for c in controls) == len(totals)
    assert sum(c.count for c in controls if c.holds) == sum(s == f for _, s, f in totals)
    assert sum(c.stated for c in controls) == sum(s for _, s, _ in totals)
    assert sum(c.found for c in controls) == sum(f for _, _, f in totals)
    assert len(controls) <= 2 + 3 + 4  # of each side: found; three told; too low and too high of each side
