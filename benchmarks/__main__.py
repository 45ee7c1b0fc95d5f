"""Measure the running times: ``make bench``, or ``python -m benchmarks``.

Each part is a function that prints its own lines; a new one is added to `PARTS`.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import conseiller as cn
from benchmarks import many
from benchmarks.by_hand import by_hand
from benchmarks.by_hand_case import check
from benchmarks.by_hand_months import by_months
from benchmarks.memory import kibibytes, told
from benchmarks.pes import pes
from benchmarks.portfolio import MONTHS, POSTS, portfolio
from benchmarks.reading import reading
from conseiller.compiled.portfolio import in_blocks
from conseiller.engine import Array, Inputs
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES
from conseiller.widgets._panel import Panel

ROOT = Path(__file__).parents[1]
DOSSIER = "data/campagnes-artois"
LINES = (*PAY_LINES, "subvention_etat", *LEAVER_LINES)
#: Posts laid out at a time: the buffers of all lines stay in the processor's cache.
BLOCK = 125
#: Posts computed at a time month by month: what is quickest there.
WIDE = 1000
REPETITIONS = 15

Lines = Iterator[Mapping[str, Array]]


def _process(arguments: list[str], times: int, patience: float = 45.0) -> str:
    """Time a whole process several times, fewer when a slow machine runs out of patience; return the medians."""
    clock: list[float] = []
    processor: list[float] = []
    while len(clock) < times and (not clock or sum(clock) + clock[-1] < patience):
        since, used = time.perf_counter(), _children()
        subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=True, capture_output=True)
        clock.append(time.perf_counter() - since)
        processor.append(_children() - used)
    return (
        f"{statistics.median(clock):.2f} s on the clock, {statistics.median(processor):.2f} s of processor "
        f"(whole process, median of {len(clock)})"
    )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def commands() -> None:
    """Print what an officer waits for."""
    print(f"conseiller --help: {_process(['conseiller', '--help'], 5)}")
    with TemporaryDirectory() as out:
        print(f"conseiller report {DOSSIER}: {_process(['conseiller', 'report', DOSSIER, '--out', out], 3)}")
        print(f"conseiller brief {DOSSIER}: {_process(['conseiller', 'brief', DOSSIER, '--out', out], 3)}")


def pack() -> None:
    """Print the time of each part of the board pack, first of its kind in this process."""
    from conseiller.brief.deliberation import write_deliberation
    from conseiller.brief.note import write_note
    from conseiller.brief.slides import write_slides

    plan = cn.project(cn.load(ROOT / DOSSIER))
    plan.by("exercice")
    parts: dict[str, Callable[[Path], object]] = {
        "note": lambda out: write_note(plan, out / "note.pdf"),
        "délibération": lambda out: write_deliberation(plan, out / "deliberation.docx"),
        "slides": lambda out: write_slides(plan, out / "diaporama.pptx"),
        "annex": lambda out: plan.to_excel(out / "annexe.xlsx"),
    }
    times = []
    with TemporaryDirectory() as out:
        for name, write in parts.items():
            since = time.perf_counter()
            write(Path(out))
            times.append(f"{name} {time.perf_counter() - since:.2f} s")
    print(f"  of which, on the clock: {', '.join(times)}")


def panel() -> None:
    """Print how long table and chart take to follow a slider."""
    plan = cn.project(cn.load(ROOT / DOSSIER))
    page = Panel(plan, "fr")
    shown = {page.shown.value}
    times = []
    for points in range(60, 60 + REPETITIONS):
        since = time.perf_counter()
        page.points.value = points
        times.append(time.perf_counter() - since)
        shown.add(page.shown.value)
    assert len(shown) == REPETITIONS + 1, "the chart did not follow"
    print(
        f"a slider's step, {DOSSIER}: table and chart follow in {statistics.median(times):.2f} s, "
        f"at most {max(times):.2f} s (on the clock, {REPETITIONS} steps)"
    )


def slider() -> None:
    """Print what a reader waits for who moves one input of the case: change, project, table by exercice."""
    dossier = cn.load(ROOT / DOSSIER)
    clock, processor = [], []
    for step in range(60):
        since, used = time.perf_counter(), time.process_time()
        cn.project(with_bonus(dossier, 100.0 + step)).by("exercice")
        clock.append(1000 * (time.perf_counter() - since))
        processor.append(1000 * (time.process_time() - used))
    print(
        f"one step of a slider (change, project, table by exercice): {statistics.median(clock):.1f} ms on the "
        f"clock, {statistics.median(processor):.1f} ms of processor (medians of {len(clock)})"
    )


def with_bonus(dossier: cn.Dossier, bonus: float) -> cn.Dossier:
    """Return the case with another monthly bonus for the first agent."""
    post = dossier.posts[0]
    contract = post.contracts[0]
    term = contract.terms[0].model_copy(update={"bonus": bonus})
    contract = contract.model_copy(update={"terms": (term, *contract.terms[1:])})
    post = post.model_copy(update={"contracts": (contract, *post.contracts[1:])})
    return dossier.model_copy(update={"posts": (post, *dossier.posts[1:])})


def engine(inputs: Inputs) -> Lines:
    """Compute the lines with the engine."""
    return in_blocks(inputs, LINES, BLOCK)


def hand(inputs: Inputs) -> Lines:
    """Compute the lines by hand, each payslip once as the engine does."""
    return by_hand(inputs, BLOCK)


def months(inputs: Inputs) -> Lines:
    """Compute the lines by hand, month by month."""
    return by_months(inputs, WIDE)


def totals(blocks: Lines) -> dict[str, int]:
    """Return the sum of each line, in whole cents."""
    found = dict.fromkeys(LINES, 0)
    for lines in blocks:
        for line in LINES:
            found[line] += int(np.rint(lines[line] * 100.0).sum())
    return found


def projection() -> None:
    """Print the engine against the same lines written by hand."""
    inputs = portfolio()
    check(inputs)
    by_engine, *by_others = (totals(compute(inputs)) for compute in (engine, hand, months))
    wrong = {line: n for line, n in by_engine.items() if any(other[line] != n for other in by_others)}
    assert not wrong, f"the engine and the computations by hand differ: {wrong}"
    print(
        f"projection of {POSTS} posts × {MONTHS} months, {len(LINES)} lines, {BLOCK} posts laid out at a time"
    )
    thread = "one thread, processor seconds"
    _print_ratio(f"{thread}; by hand month by month", time.process_time, engine, months, [inputs])
    _print_ratio(f"{thread}; by hand, each payslip once", time.process_time, engine, hand, [inputs])
    halves = [_some_posts(inputs, slice(k * POSTS // 2, (k + 1) * POSTS // 2)) for k in (0, 1)]
    _print_ratio("two threads, half the posts each, on the clock", time.perf_counter, engine, hand, halves)
    print(f"  every line equal to the cent: {sum(by_engine.values()) / 100:,.2f} € in all")


def _print_ratio(
    how: str,
    clock: Callable[[], float],
    ours: Callable[[Inputs], Lines],
    bound: Callable[[Inputs], Lines],
    parts: list[Inputs],
) -> None:
    """Print the times of the engine and of the bound, taken in turn, each part in a thread of its own."""
    with ThreadPoolExecutor(len(parts)) as pool:

        def seconds(compute: Callable[[Inputs], Lines]) -> float:
            since = clock()
            for _ in pool.map(lambda part: deque(compute(part), maxlen=0), parts):
                pass
            return clock() - since

        pairs = [(seconds(ours), seconds(bound)) for _ in range(REPETITIONS)]
    columns = [sorted(column) for column in zip(*pairs, strict=True)]
    least, middle = ([1000 * c[k] for c in columns] for k in (0, REPETITIONS // 2))
    print(f"  {how}: least and median of {REPETITIONS}, taken in turn")
    print(f"    engine {least[0]:.1f} and {middle[0]:.1f} ms; by hand {least[1]:.1f} and {middle[1]:.1f} ms")
    print(
        f"    ratio of the least {least[0] / least[1]:.2f}, "
        f"median of the ratios {statistics.median(a / b for a, b in pairs):.2f}"
    )


def _some_posts(inputs: Inputs, rows: slice) -> Inputs:
    given = {t: {k: v[rows] for k, v in fields.items()} for t, fields in inputs.given.items()}
    return replace(inputs, given=given)


def peak() -> None:
    """Print the peak memory in KiB before and after the projection (run in a fresh process)."""
    inputs = portfolio()
    before = kibibytes()
    for _ in engine(inputs):
        pass
    print(before, kibibytes())


#: What is measured, in this order.
PARTS: list[Callable[[], None]] = [
    commands,
    pack,
    panel,
    slider,
    projection,
    partial(told, "__main__"),
    many.draws,
    partial(told, "many"),
    many.own,
    many.scale,
    pes,
    reading,
]


if __name__ == "__main__":
    for part in PARTS:
        part()
