"""The ledger kept with a dossier: additions, corrections, undoing, order, and what no accident may lose."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conseiller.errors import InputFaults
from conseiller.files import FileInUseError
from conseiller.ledger import budget, pes, scdl
from conseiller.ledger.reading import ASIDE, COLUMNS, CREDITS, Control, Reading, Remark, frame
from conseiller.ledger.store import Ledger, folder_of

BOOKS = Path(__file__).parent / "books"
#: One line: day of 2025 (1 for 1 January), key, cents.
Line = tuple[int, str, int]
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def day_of_2025(number: int) -> str:
    return (date(2024, 12, 31) + timedelta(days=number)).isoformat()


def table(name: str, lines: Sequence[Line], scope: str = "gl", issued: str = "", **more: object) -> Reading:
    """Return what a reader of tables would give for these lines."""
    days = [day_of_2025(day) for day, _, _ in lines]
    kept = frame(
        COLUMNS,
        {
            "date": np.array(days, "datetime64[s]"),
            "exercice": [2025] * len(lines),
            "account": ["64131"] * len(lines),
            "side": ["cost"] * len(lines),
            "kind": ["ordinary"] * len(lines),
            "cents": [cents for _, _, cents in lines],
            "label": [f"ligne {key}" for _, key, _ in lines],
            "file": [name] * len(lines),
            "place": [str(row) for row in range(2, len(lines) + 2)],
            "key": [key for _, key, _ in lines],
        },
    )
    text = repr((name, lines, scope, issued)).encode()
    base = Reading(
        path=Path(name),
        format="table",
        sha256=hashlib.sha256(text).hexdigest(),
        lines=kept,
        aside=frame(ASIDE),
        credits=frame(CREDITS),
        scope=scope,
        rows=len(lines),
        issued=issued,
    )
    return replace(base, **more)


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    (tmp_path / "dossier.toml").touch()
    return tmp_path


@pytest.fixture
def ledger(dossier: Path) -> Iterable[Ledger]:
    with Ledger(dossier) as opened:
        yield opened


def standing(ledger: Ledger) -> list[tuple[str, int]]:
    lines = ledger.lines()
    return sorted(zip(lines["key"], lines["cents"].tolist(), strict=True))


def fresh(tmp_path_factory: pytest.TempPathFactory, readings: Sequence[Reading]) -> bytes:
    with Ledger(tmp_path_factory.mktemp("autre")) as other:
        other.add(*readings)
        return other.export()


# --- adding -----------------------------------------------------------------------------------------------


def test_a_ledger_stands_beside_its_dossier(tmp_path: Path) -> None:
    assert folder_of(tmp_path) == tmp_path / "livres"
    assert folder_of(tmp_path / "dossier.toml") == tmp_path / "livres"
    assert folder_of(tmp_path / "cas.xlsx") == folder_of(tmp_path / "cas.toml") == tmp_path / "cas.livres"


def test_reading_a_ledger_that_is_not_there_makes_no_file(dossier: Path, ledger: Ledger) -> None:
    assert ledger.lines().empty
    assert ledger.additions() == ()
    assert {name: str(kind) for name, kind in ledger.lines().dtypes.items()} == dict(COLUMNS)
    assert not (dossier / "livres").exists()


def test_what_is_added_comes_back_as_it_was_read(ledger: Ledger) -> None:
    reading = pes.read(BOOKS / "pes_depense.xml")
    (outcome,) = ledger.add(reading)

    assert (outcome.addition.kept, outcome.addition.aside, outcome.addition.rows) == (8, 1, 9)
    assert outcome.addition.cost_cents == reading.lines["cents"].sum() == 2_638_05
    by_key = reading.lines.sort_values("key", ignore_index=True)
    assert ledger.lines().sort_values("key", ignore_index=True).equals(by_key)
    assert ledger.aside().equals(reading.aside)
    assert [c for _, c in ledger.controls()] == list(reading.controls)
    assert ledger.additions()[0].remarks == reading.remarks


def test_real_files_come_back_as_they_were_read(shared_sample: Callable[[str], Path], ledger: Ledger) -> None:
    readings = [
        pes.read(shared_sample("samples/pes/s2low_pes_signe_bordereau_2bord.xml")),
        budget.read(shared_sample("samples/totem/mohon_CFU_2023.xml")),
        budget.read(shared_sample("samples/totem/crach_CA_2021.xml")),
        scdl.read(shared_sample("samples/scdl/scdl_budget_from_CA_CRACH_2021.csv")),
    ]
    *_, opened = ledger.add(*readings)

    assert (len(ledger.lines()), len(ledger.credits()), len(ledger.aside())) == (6, 163 + 196, 633)
    # The same compte, published twice: counted once, in the document that says when it was made.
    assert (opened.addition.kept, opened.addition.replaced) == (0, 196)
    years = ledger.voted().groupby(["exercice", "side"])["voted_cents"].sum()
    assert years[2021, "cost"] == years[2021, "funding"] == readings[2].credits["voted_cents"].sum() / 2


def test_the_same_file_twice_changes_nothing(ledger: Ledger) -> None:
    reading = table("a.csv", [(1, "k1", 100), (2, "k2", 250)])
    ledger.add(reading)
    before = ledger.export()
    (again,) = ledger.add(replace(reading, path=Path("copie de a.csv")))

    assert again.known
    assert again.addition.number == 1
    assert (ledger.export(), len(ledger.additions())) == (before, 1)


def test_lines_without_a_key_or_with_the_same_key_are_all_kept(ledger: Ledger) -> None:
    ledger.add(table("a.csv", [(1, "", 100), (1, "", 100), (2, "k", 5), (2, "k", 5), (2, "k", 7)]))

    assert ledger.lines()["cents"].sum() == 217
    assert ledger.lines()["key"].is_unique


def test_a_file_that_fails_takes_the_others_with_it(ledger: Ledger) -> None:
    ledger.add(table("a.csv", [(1, "k1", 100)]))
    before = ledger.export()
    broken = replace(table("b.csv", [(1, "k2", 100)]), lines=None)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        ledger.add(table("c.csv", [(3, "k3", 1)]), broken)

    assert ledger.export() == before


# --- corrections ------------------------------------------------------------------------------------------

YEAR: list[Line] = [(10 * n, f"k{n}", 100 * n) for n in range(1, 11)]


def test_a_corrected_export_replaces_what_it_replaces(ledger: Ledger) -> None:
    """One amount changes, one line goes, one line comes."""
    corrected = [(d, k, 999 if k == "k3" else c) for d, k, c in YEAR if k != "k7"] + [(55, "neuf", 1)]
    ledger.add(table("mandats.csv", YEAR), table("autre.csv", [(1, "x", 5)], scope="autre"))
    before = ledger.export()
    (outcome,) = ledger.add(table("mandats-corrigés.csv", corrected))

    assert standing(ledger) == sorted([(k, c) for _, k, c in corrected] + [("x", 5)])
    told = {(c.file, c.state): (c.lines, c.cents) for c in outcome.changes}
    assert told["mandats.csv", "replaced"] == (1, 300)
    assert told["mandats.csv", "withdrawn"] == (1, 700)
    first = ledger.additions()[0]
    assert first.kept + first.same + first.replaced + first.withdrawn == len(YEAR)
    ledger.undo()
    assert ledger.export() == before


def test_a_corrected_export_that_only_lacks_a_line_takes_it_away(ledger: Ledger) -> None:
    ledger.add(table("mandats.csv", YEAR))
    ledger.add(table("mandats-corrigés.csv", [x for x in YEAR if x[1] != "k7"]))

    assert "k7" not in dict(standing(ledger))


def test_the_next_stretch_of_the_same_books_takes_nothing_away(ledger: Ledger) -> None:
    ledger.add(table("paie.csv", YEAR[:5]), table("paie.csv", [*YEAR[4:], (200, "z", 1)]))

    assert len(standing(ledger)) == 11


def test_a_wider_export_with_corrections_leaves_what_lies_outside_it(ledger: Ledger) -> None:
    ledger.add(table("janvier-juin.csv", YEAR[:6]))
    ledger.add(table("mars-décembre.csv", [x for x in YEAR[2:] if x[1] != "k4"]))

    assert [k for k, _ in standing(ledger)] == sorted(k for _, k, _ in YEAR if k != "k4")


def test_files_cut_from_the_same_books_by_account_complete_each_other(ledger: Ledger) -> None:
    ledger.add(table("64131.csv", YEAR[::2]), table("6451.csv", YEAR[1::2]))

    assert standing(ledger) == sorted((k, c) for _, k, c in YEAR)


def test_a_small_file_of_the_same_name_and_days_is_a_correction_even_if_every_key_changed(
    ledger: Ledger,
) -> None:
    ledger.add(
        table("titre.csv", [(40, "ancienne clé", 100)]), table("titre.csv", [(40, "nouvelle clé", 120)])
    )

    assert standing(ledger) == [("nouvelle clé", 120)]


def test_a_bordereau_sent_again_replaces_the_whole_bordereau_whatever_the_order(tmp_path: Path) -> None:
    """The second sending, dated later, has one mandat less and one amount corrected."""
    first = (BOOKS / "pes_depense.xml").read_text("latin-1")
    sent_again = first.replace('DteStr V="2025-02-10"', 'DteStr V="2025-02-12"')
    sent_again = sent_again.replace('<MtHT V="500.5"/>', '<MtHT V="510.5"/>')
    start = sent_again.index("<Piece>", sent_again.index('Nature V="6251"') - 400)
    gone = sent_again[start : sent_again.index("</Piece>", start) + len("</Piece>")]
    assert 'IdPce V="102"' in gone
    (tmp_path / "b.xml").write_text(sent_again.replace(gone, ""), "latin-1")
    readings = [pes.read(BOOKS / "pes_depense.xml"), pes.read(tmp_path / "b.xml")]
    found = []
    for order in (readings, readings[::-1]):
        with Ledger(tmp_path / f"{order[0].path.stem}") as ledger:
            ledger.add(*order)
            found.append(ledger.export())
            pieces = dict(
                zip(ledger.lines()["piece"] + ledger.lines()["account"], ledger.lines()["cents"], strict=True)
            )
            assert "1026251" not in pieces
            assert pieces["1016451"] == 510_50
            assert len(pieces) == 7
    assert found[0] == found[1]


def test_documents_of_budget_replace_their_own_stage_only(ledger: Ledger) -> None:
    documents = [budget.read(BOOKS / f"totem_{name}.xml") for name in ("dm2", "bp", "dm1")]
    ledger.add(*documents)
    assert len(ledger.credits()) == sum(len(d.credits) for d in documents)

    bp = documents[1]
    later = replace(
        bp, sha256="f" * 64, issued="2025-05-01", credits=bp.credits.iloc[:1], path=Path("bp-bis.xml")
    )
    ledger.add(later)
    assert ledger.credits()["stage"].value_counts().to_dict() == {"DM": 3, "BP": 1}
    assert ledger.voted().set_index("account")["voted_cents"]["64131"] == 31_849_75


def test_the_same_mandat_in_two_books_is_told(ledger: Ledger) -> None:
    ours = pes.read(BOOKS / "pes_depense.xml")
    again = table("grand-livre.csv", [(28, "gl1", 2_000_00)])
    again = replace(again, lines=again.lines.assign(piece="00101"))
    ledger.add(ours, again)
    twins = ledger.twins()

    assert twins[["account", "cents"]].values.tolist() == [["64131", 2_000_00]]
    assert set(twins["files"][0].split(",")) == {"pes_depense.xml", "grand-livre.csv"}


# --- invariants -------------------------------------------------------------------------------------------

KEYS = [f"k{n}" for n in range(8)]
SOME_LINES = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from(KEYS), st.integers(-500, 500)),
    max_size=6,
    unique_by=lambda x: x[1],
)
FILES = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), SOME_LINES, st.sampled_from(["", "2025-01-01"])), max_size=5
)


def as_readings(files: Sequence[tuple[str, list[Line], str]]) -> list[Reading]:
    found = [table(f"{n}.csv", lines, scope, issued) for n, (scope, lines, issued) in enumerate(files)]
    return list({r.sha256: r for r in found}.values())


@QUICK
@given(files=FILES, data=st.data())
def test_undoing_gives_back_what_stood_without_the_file(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, list[Line], str]], data: st.DataObject
) -> None:
    left = as_readings(files)
    with Ledger(tmp_path_factory.mktemp("livres")) as ledger:
        numbers = [ledger.add(r)[0].addition.number for r in left]
        while left:
            n = data.draw(st.integers(0, len(left) - 1))
            ledger.undo(numbers.pop(n))
            left.pop(n)
            assert ledger.export() == fresh(tmp_path_factory, left)


@QUICK
@given(files=FILES)
def test_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, list[Line], str]]
) -> None:
    readings = as_readings(files)
    with Ledger(tmp_path_factory.mktemp("livres")) as ledger:
        ledger.add(*readings)
        before = ledger.export()
        for addition, reading in zip(ledger.additions(), readings, strict=True):
            became = addition.kept + addition.same + addition.replaced + addition.withdrawn
            assert became + addition.aside == addition.rows == reading.rows
        assert all(o.known for o in ledger.add(*readings))
        assert ledger.export() == before
        assert len(ledger.lines()) == sum(a.kept for a in ledger.additions())
        assert ledger.lines()["cents"].sum() == sum(a.cost_cents for a in ledger.additions())


@QUICK
@given(
    lines=st.lists(st.tuples(st.integers(1, 365), st.integers(1, 9999)), max_size=20),
    windows=st.lists(st.tuples(st.integers(1, 365), st.integers(1, 365)), min_size=1, max_size=5),
    seed=st.randoms(use_true_random=False),
)
def test_the_order_of_files_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[int, int]],
    windows: list[tuple[int, int]],
    seed: random.Random,
) -> None:
    """Exports of the same books over any stretches, and a file of other books, in any order."""
    books = [(day, f"k{n}", cents) for n, (day, cents) in enumerate(lines)]
    files = [table(f"{n}.csv", [x for x in books if min(w) <= x[0] <= max(w)]) for n, w in enumerate(windows)]
    files.append(table("autre.csv", books, scope="autre"))
    shuffled = files.copy()
    seed.shuffle(shuffled)

    assert fresh(tmp_path_factory, shuffled) == fresh(tmp_path_factory, files)


@QUICK
@given(
    versions=st.lists(SOME_LINES.filter(bool), min_size=2, max_size=3), seed=st.randoms(use_true_random=False)
)
def test_the_day_of_issue_decides_between_versions_not_the_order(
    tmp_path_factory: pytest.TempPathFactory, versions: list[list[Line]], seed: random.Random
) -> None:
    files = [table("gl.csv", v, issued=day_of_2025(n + 1)) for n, v in enumerate(versions)]
    shuffled = files.copy()
    seed.shuffle(shuffled)
    exports = [json.loads(fresh(tmp_path_factory, f)) for f in (files, shuffled)]

    assert exports[0] == exports[1]
    last = {k: c for _, k, c in versions[-1]}
    assert {x["key"]: x["cents"] for x in exports[0]["lines"] if x["key"] in last} == last


# --- export -----------------------------------------------------------------------------------------------


def test_the_export_is_canonical_and_safe_to_open(ledger: Ledger) -> None:
    reading = table("a.csv", [(2, "k2", 5), (1, "k1", -10)])
    labels = ['=HYPERLINK("http://x")', "é ; « x »"]
    ledger.add(replace(reading, lines=reading.lines.assign(label=labels)))
    whole = json.loads(ledger.export())
    text = ledger.export("csv").decode("utf-8-sig")

    assert [x["label"] for x in whole["lines"]] == [labels[1], labels[0]]  # by day
    assert "'=HYPERLINK" in text
    assert text.splitlines()[0].split(";") == list(COLUMNS)
    assert ";-10;" in text
    assert "added" not in whole["files"][0]  # nothing that depends on the moment


# --- accidents --------------------------------------------------------------------------------------------


def test_a_damaged_file_is_said_and_left_alone(dossier: Path) -> None:
    with Ledger(dossier) as ledger:
        ledger.add(table("a.csv", YEAR))
    file = dossier / "livres" / "livres.db"
    file.write_bytes(b"this is no database at all" * 100)
    content = file.read_bytes()
    for use in (Ledger.lines, Ledger.undo, lambda x: x.add(table("b.csv", YEAR))):
        with Ledger(dossier) as ledger, pytest.raises(InputFaults) as refused:
            use(ledger)
        assert refused.value.faults[0].code == "ledger_damaged"
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("statement", "code"), [("user_version = 99", "ledger_newer"), ("application_id = 7", "")]
)
def test_a_file_of_another_program_or_version_is_refused(dossier: Path, statement: str, code: str) -> None:
    with Ledger(dossier) as ledger:
        ledger.add(table("a.csv", YEAR))
    with sqlite3.connect(dossier / "livres" / "livres.db") as other:
        other.execute(f"PRAGMA {statement}")
    other.close()
    with Ledger(dossier) as ledger, pytest.raises(InputFaults) as refused:
        ledger.add(table("b.csv", YEAR))
    assert refused.value.faults[0].code == (code or "ledger_foreign")


def test_a_ledger_in_use_or_read_only_is_left_as_it_was(
    dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conseiller.ledger import database

    with Ledger(dossier) as ledger:
        ledger.add(table("a.csv", YEAR))
        before = ledger.export()
    file = dossier / "livres" / "livres.db"
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    busy = sqlite3.connect(file, isolation_level=None)
    busy.execute("BEGIN EXCLUSIVE")
    with Ledger(dossier) as ledger, pytest.raises(FileInUseError):
        ledger.add(table("b.csv", [(1, "z", 1)]))
    busy.execute("ROLLBACK")
    busy.close()
    with Ledger(dossier) as ledger:
        assert ledger.export() == before


def test_a_full_disk_leaves_the_ledger_as_it_was(dossier: Path) -> None:
    with Ledger(dossier) as ledger:
        ledger.add(table("a.csv", YEAR))
        before = ledger.export()
        with ledger._file.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
        ledger._file._open(create=False).execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(InputFaults) as refused:
            ledger.add(table("b.csv", [(1, f"z{n}", n) for n in range(3000)]))
        assert refused.value.faults[0].code == "ledger_full"
        assert ledger.export() == before


def test_undoing_nothing_or_the_unknown_is_said(ledger: Ledger) -> None:
    with pytest.raises(InputFaults) as refused:
        ledger.undo()
    assert refused.value.faults[0].code == "undo_nothing"
    ledger.add(table("a.csv", YEAR))
    with pytest.raises(InputFaults) as refused:
        ledger.undo(7)
    assert refused.value.faults[0].code == "undo_unknown"


def test_a_number_is_never_used_twice(ledger: Ledger) -> None:
    ledger.add(table("a.csv", YEAR))
    ledger.undo()
    (outcome,) = ledger.add(table("a.csv", YEAR))

    assert outcome.addition.number == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("first", [True, False])
def test_a_kill_at_any_moment_loses_and_corrupts_nothing(dossier: Path, first: bool) -> None:
    """A child adds a large file and is killed, at moments spread over the time the addition takes."""
    large = table("grand.csv", [(1 + n % 365, f"g{n}", n) for n in range(6000)])
    if not first:
        with Ledger(dossier) as ledger:
            ledger.add(table("a.csv", YEAR))
    with Ledger(dossier) as ledger:
        before = ledger.export()
    since = time.perf_counter()
    with Ledger(dossier / "modèle") as model:
        model.add(*([] if first else [table("a.csv", YEAR)]), large)
        after = model.export()
    long = time.perf_counter() - since
    seen = set()
    for moment in (*(long * k / 8 for k in range(1, 9)), long * 3):
        child = os.fork()
        if not child:
            try:
                Ledger(dossier).add(large)
            finally:
                os._exit(0)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with Ledger(dossier) as ledger:
            found = ledger.export()
        assert found in {before, after}
        seen.add(found)
        file = dossier / "livres" / "livres.db"
        if file.exists():
            check = sqlite3.connect(file)
            assert check.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            check.close()
        if found == after:
            break
    with Ledger(dossier) as ledger:
        ledger.add(large)
        assert ledger.export() == after
    assert before in seen


def test_what_is_undone_leaves_no_trace_in_the_file(dossier: Path) -> None:
    reading = table("a.csv", [(1, "k", 1)])
    with Ledger(dossier) as ledger:
        ledger.add(table("b.csv", YEAR))
        ledger.add(replace(reading, lines=reading.lines.assign(label="UNIQUE-A-EFFACER")))
        ledger.undo()
    assert b"UNIQUE-A-EFFACER" not in (dossier / "livres" / "livres.db").read_bytes()


def test_controls_and_remarks_are_kept_with_their_file(ledger: Ledger) -> None:
    control, remark = Control("grand_total", "12", 100, 90), Remark("duplicate", "3", {"count": 2})
    ledger.add(table("a.csv", YEAR, controls=(control,), remarks=(remark,)), table("b.csv", [(1, "z", 1)]))

    assert ledger.controls() == (("a.csv", control),)
    assert ledger.controls(2) == ()
    assert ledger.additions()[0].remarks == (remark,)
