"""Many draws and many posts: what a simulation and a larger portfolio cost."""

from __future__ import annotations

import statistics
import time

import numpy as np

from benchmarks.by_hand_draws import Draws
from benchmarks.memory import kibibytes
from benchmarks.portfolio import MONTHS, POSTS, portfolio
from conseiller.compiled.draws import Pay, with_draws
from conseiller.compiled.ground import law_of
from conseiller.compiled.measures import by_draw
from conseiller.compiled.portfolio import common_ground, in_blocks
from conseiller.engine import Array, Inputs
from conseiller.rules.registry import FAR
from conseiller.rules.totals import LEAVER_LINES, PAY_LINES

DRAWS = 1000
REPETITIONS = 3
CORES = 2
SIZES = (100, 1_000, 10_000, 100_000)


def laws(inputs: Inputs, draws: int, seed: int = 11) -> dict[str, Array]:
    """Return the point and the SMIC over the months, each draw with its own growth every January."""
    rng = np.random.default_rng(seed)
    law = law_of(inputs)
    found = {}
    for name, decimals in (("point", 4), ("smic", 2)):
        growth = rng.normal(0.015, 0.01, (draws, MONTHS // 12))
        factor = np.cumprod(1.0 + growth, axis=1).repeat(12, axis=1)
        found[name] = np.round(law.operand(name) * factor, decimals)
    return found


def draws(number: int = DRAWS) -> None:
    """Print pay under draws of the law, against the same by hand."""
    inputs = portfolio()
    values = laws(inputs, number)
    pay, hand = Pay(inputs), Draws(inputs)
    ours, bound = pay.run(values), hand.run(values["point"], values["smic"])
    assert (ours == bound).all(), "the engine and the computation by hand differ"
    ratios, clock = [], []
    for _ in range(REPETITIONS):
        since = time.process_time()
        pay.run(values)
        middle = time.process_time()
        hand.run(values["point"], values["smic"])
        clock.append((middle - since, time.process_time() - middle))
        ratios.append(clock[-1][0] / clock[-1][1])
    engine, by_hand = (statistics.median(column) for column in zip(*clock, strict=True))
    print(
        f"{POSTS} posts × {MONTHS} months × {number} draws of point and SMIC, {len(PAY_LINES)} pay lines, to the cent"
    )
    print(
        f"  engine: {engine:.2f} s; by hand: {by_hand:.2f} s; ratio {statistics.median(ratios):.2f}, "
        f"at least {min(ratios):.2f} (processor seconds, medians of {REPETITIONS}, taken in turn)"
    )
    started = time.perf_counter()
    shared = pay.run(values, cores=CORES)
    assert (shared == ours).all(), "the figures depend on the number of cores"
    print(
        f"  on {CORES} cores: {time.perf_counter() - started:.2f} s on the clock, start included; the same figures"
    )
    print(f"  every line of every draw and exercice equal to the cent: {int(ours.sum()) / 100:,.2f} € in all")


def own(number: int = 5) -> None:
    """Print growth and vacancy of each post's own, against the time of drawing the numbers alone."""
    inputs = portfolio()
    law = law_of(inputs)
    second = inputs.given["contract"]["start"][:, 1] < FAR

    def drawn(rng: np.random.Generator) -> tuple[Array, Array]:
        return rng.normal(0.015, 0.01, (POSTS, MONTHS // 12)), rng.triangular(0, 90, 240, POSTS)

    def computed(growth: Array, days: Array) -> None:
        contract = dict(inputs.given["contract"])
        contract["start"] = contract["start"].copy()
        contract["start"][second, 1] = contract["until"][second, 0] + np.floor(days[second])
        case = Inputs(**{**vars(inputs), "given": {**inputs.given, "contract": contract}})
        point = np.round(law.operand("point") * np.cumprod(1.0 + growth, axis=1).repeat(12, axis=1), 4)
        ground = common_ground(case, with_draws(law, {"point": point}))
        by_draw(case, "fonctionnement", 1, ground, np.arange(POSTS))

    clock = []
    rng = np.random.default_rng(5)
    for _ in range(number):
        since = time.process_time()
        numbers = drawn(rng)
        middle = time.process_time()
        computed(*numbers)
        clock.append((middle - since, time.process_time() - middle))
    numbers_alone, work = (statistics.median(column) for column in zip(*clock, strict=True))
    print(f"growth and vacancy of each post's own, {POSTS} posts × {MONTHS} months, one draw:")
    print(
        f"  {1000 * work:.0f} ms; {work / numbers_alone:.0f} times the {1000 * numbers_alone:.2f} ms "
        "of drawing the numbers alone (processor time)"
    )


def scale() -> None:
    """Print the projection of more and more posts, and the slope."""
    seconds = []
    for posts in SIZES:
        inputs = portfolio(posts)
        times = []
        for _ in range(5 if posts <= 10_000 else 2):
            since = time.process_time()
            for _ in in_blocks(inputs, (*PAY_LINES, "subvention_etat", *LEAVER_LINES), 250):
                pass
            times.append(time.process_time() - since)
        seconds.append(min(times))
        print(f"  {posts:>7,} posts: {seconds[-1]:7.3f} s, {1e6 * seconds[-1] / posts:6.1f} µs a post")
    slope = np.polyfit(np.log(SIZES[1:]), np.log(seconds[1:]), 1)[0]
    print(f"  cost grows as posts to the power {slope:.2f} from {SIZES[1]:,} posts on")


def peak() -> None:
    """Print the peak memory in KiB before and after draws (run in a fresh process)."""
    inputs = portfolio()
    values = laws(inputs, DRAWS)
    before = kibibytes()
    Pay(inputs).run(values)
    print(before, kibibytes())
