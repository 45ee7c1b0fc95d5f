"""Plain distributions of an uncertain quantity, each with a source or a stated guess."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_type_hints

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SOURCE = re.compile(r"^(acte|hypothèse|défaut)( ?:.*)?$")


def _below(z: float) -> float:
    """Return the share of standard normal numbers below one."""
    return math.erfc(-z / math.sqrt(2)) / 2


@dataclass(frozen=True)
class Distribution:
    """An uncertain number.

    Parameters
    ----------
    source : str
        Where it comes from: "acte : …", "hypothèse : …" or "défaut : …", as in a dossier.
    """

    source: str = field(default="hypothèse", kw_only=True)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return random numbers of a shape."""
        raise NotImplementedError

    def of_normal(self, z: Array) -> Array:
        """Return the values that stand where standard normal numbers stand in theirs: as likely to be passed."""
        return self._at(np.vectorize(_below, otypes=[float])(z))

    def _at(self, share: Array) -> Array:
        """Return the values below which lie some shares of all."""
        raise NotImplementedError

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value that can be drawn."""
        raise NotImplementedError

    def faults(self) -> Iterator[str]:
        """Yield the codes of what makes the distribution nonsense."""
        if not _SOURCE.match(self.source):
            yield "source"
        numbers = [getattr(self, name) for name, kind in get_type_hints(type(self)).items() if kind is float]
        if not all(math.isfinite(number) for number in numbers):
            yield "number"
        else:
            yield from self._faults()

    def _faults(self) -> Iterator[str]:
        return iter(())


@dataclass(frozen=True)
class Fixed(Distribution):
    """Always the same value: no uncertainty."""

    value: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return the value."""
        return np.full(shape, float(self.value))

    def _at(self, share: Array) -> Array:
        return np.full(share.shape, float(self.value))

    def bounds(self) -> tuple[float, float]:
        """Return the value twice."""
        return self.value, self.value


@dataclass(frozen=True)
class Normal(Distribution):
    """The bell curve; `spread` is the standard deviation."""

    mean: float
    spread: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return random numbers of a shape."""
        return rng.normal(self.mean, self.spread, shape)

    def of_normal(self, z: Array) -> Array:
        """Return the numbers moved and stretched."""
        return self.mean + self.spread * z

    def bounds(self) -> tuple[float, float]:
        """Return no bounds, unless the spread is nought."""
        return (self.mean, self.mean) if self.spread == 0 else (-math.inf, math.inf)

    def _faults(self) -> Iterator[str]:
        if self.spread < 0:
            yield "spread"


@dataclass(frozen=True)
class Uniform(Distribution):
    """Any value between two bounds, all as likely."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return random numbers of a shape."""
        return rng.uniform(self.low, self.high, shape)

    def _at(self, share: Array) -> Array:
        return self.low + (self.high - self.low) * share

    def bounds(self) -> tuple[float, float]:
        """Return the bounds."""
        return self.low, self.high

    def _faults(self) -> Iterator[str]:
        if self.low > self.high:
            yield "order"


@dataclass(frozen=True)
class Triangular(Distribution):
    """Between two bounds, most often near `mode`."""

    low: float
    mode: float
    high: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return random numbers of a shape."""
        if self.low == self.high:  # NumPy refuses a triangle without width
            return np.full(shape, float(self.mode))
        return rng.triangular(self.low, self.mode, self.high, shape)

    def _at(self, share: Array) -> Array:
        width, rise = self.high - self.low, self.mode - self.low
        before = self.low + np.sqrt(share * width * rise)
        after: Array = self.high - np.sqrt((1 - share) * width * (width - rise))
        return np.where(share * width < rise, before, after)

    def bounds(self) -> tuple[float, float]:
        """Return the bounds."""
        return self.low, self.high

    def _faults(self) -> Iterator[str]:
        if not self.low <= self.mode <= self.high:
            yield "order"


@dataclass(frozen=True)
class Discrete(Distribution):
    """One of a few values, each with its probability; the probabilities add up to one."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return random numbers of a shape."""
        return rng.choice(np.array(self.values, dtype=float), shape, p=self.probabilities)

    def _at(self, share: Array) -> Array:
        order = np.argsort(self.values)
        steps = np.cumsum(np.array(self.probabilities)[order])[:-1]
        found: Array = np.array(self.values, dtype=float)[order][np.searchsorted(steps, share, side="right")]
        return found

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value."""
        return min(self.values), max(self.values)

    def _faults(self) -> Iterator[str]:
        numbers = (*self.values, *self.probabilities)
        if not self.values or not all(math.isfinite(number) for number in numbers):
            yield "number"
        elif (
            len(self.values) != len(self.probabilities)
            or min(self.probabilities) < 0
            or abs(sum(self.probabilities) - 1) > 1e-9
        ):
            yield "probabilities"
