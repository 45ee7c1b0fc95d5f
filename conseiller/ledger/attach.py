"""Ties each line of the books to a post and a line of the plan, by explicit rules; guesses nothing.

What no rule takes stays in `Attached.unattached`. See ``docs/tracking.md``, part A.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from conseiller.dossier.reading import folded
from conseiller.ledger.accounts import JOIN, PlanAccounts, translate
from conseiller.ledger.reading import COLUMNS
from conseiller.ledger.rules import TEXTS, Rule, Rules

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.projection import Projection

Mask = NDArray[np.bool_]

#: Columns of attached lines beyond those of the ledger.
ATTACHED: Mapping[str, str] = {
    "origin": "int64",  # row of the ledger given, from 0
    "part": "int64",  # rank of the part of a shared line, from 0
    "by": "str",  # what gave the post: "file", "rule" or "shared"
    "rule": "str",  # name of the rule, "" when the file gave the post
    "also": "str",  # names of later rules that would have given another post
    "how": "str",  # what gave the line: see `accounts.How`
}
#: Columns of lines set aside by a rule, beyond those of the ledger.
SET_ASIDE: Mapping[str, str] = {"origin": "int64", "rule": "str", "reason": "str"}
#: Columns of lines no rule takes, beyond those of the ledger.
UNATTACHED: Mapping[str, str] = {"origin": "int64", "reason": "str"}
_SIDES = {"depense": "cost", "recette": "funding"}


@dataclass(frozen=True)
class Attached:
    """A ledger tied to a plan.

    Parameters
    ----------
    plan : Projection
    lines : DataFrame
        Lines with a post and a line of the plan: columns of the ledger, then `ATTACHED`.
    unattached : DataFrame
        Lines no rule takes: columns of the ledger, then `UNATTACHED` (reason: "no_rule" or
        "unknown_post").
    aside : DataFrame
        Lines a rule sets aside: columns of the ledger, then `SET_ASIDE`.
    """

    plan: Projection
    lines: pd.DataFrame
    unattached: pd.DataFrame
    aside: pd.DataFrame

    @cached_property
    def proposals(self) -> pd.DataFrame:
        """What the lines no rule takes may be, ranked, each with its reason (see `proposals.propose`)."""
        from conseiller.ledger.proposals import propose

        return propose(self)


def attach(ledger: pd.DataFrame, plan: Projection, rules: Rules | None = None) -> Attached:
    """Tie a ledger to a plan.

    Parameters
    ----------
    ledger : DataFrame
        Columns of `ledger.reading.COLUMNS`.
    plan : Projection
    rules : Rules, optional
        As `rules.load_rules` reads them; without them only what the files name is tied.

    Returns
    -------
    Attached
        Every line of the ledger is in one of its three tables; the parts of a shared line add up to it.
    """
    import pandas as pd

    rules = rules or Rules()
    lines = ledger[list(COLUMNS)].reset_index(drop=True)
    lines = lines.assign(chart=_charts(lines, rules), origin=np.arange(len(lines)))
    matcher = _Matcher(lines, plan.dossier.authority.chart)
    first, also = _first(matcher, [r for r in rules.rules if r.post or r.aside])
    shared, _ = _first(matcher, [r for r in rules.rules if r.shares])
    stated = lines["post"].to_numpy(dtype=str)
    posts = np.array(plan.posts)
    named = np.isin(stated, posts)
    unknown = (stated != "") & ~named
    by_rule = [None if named[i] or unknown[i] else r for i, r in enumerate(first)]
    by_share = [
        r if first[i] is None and not named[i] and not unknown[i] else None for i, r in enumerate(shared)
    ]
    aside = np.array([r is not None and r.aside is not None for r in by_rule], dtype=bool)
    one = np.array([r is not None and r.post is not None for r in by_rule], dtype=bool)
    parts = np.array([r is not None for r in by_share], dtype=bool)
    names = np.array([r.name if r else "" for r in by_rule], dtype=object)
    single = lines[named | one].assign(part=0)
    kept = (named | one).nonzero()[0]
    single["post"] = [stated[i] if named[i] else str(getattr(by_rule[i], "post", "")) for i in kept]
    single["by"] = ["file" if named[i] else "rule" for i in kept]
    single["rule"] = ["" if named[i] else names[i] for i in kept]
    single["also"] = ["" if named[i] else also[i] for i in kept]
    found = pd.concat([single, _share(lines, parts, by_share, plan.posts)], ignore_index=True)
    found = _with_lines(found.sort_values(["origin", "part"]), matcher, rules, plan)
    left = ~(named | one | parts | aside)
    return Attached(
        plan,
        found[[*COLUMNS, *ATTACHED]].astype({**COLUMNS, **ATTACHED}).reset_index(drop=True),
        _typed(lines[left].assign(reason=np.where(unknown[left], "unknown_post", "no_rule")), UNATTACHED),
        _typed(
            lines[aside].assign(
                rule=names[aside], reason=[getattr(by_rule[i], "aside", "") for i in aside.nonzero()[0]]
            ),
            SET_ASIDE,
        ),
    )


def _typed(frame: pd.DataFrame, more: Mapping[str, str]) -> pd.DataFrame:
    return frame[[*COLUMNS, *more]].astype({**COLUMNS, **more}).reset_index(drop=True)


def _charts(lines: pd.DataFrame, rules: Rules) -> pd.Series[str]:
    """Return the chart of each line: the file's, else the one stated for its exercice, else ""."""
    years = lines["exercice"].astype("Int64")
    stated = years.map({y: rules.chart_of(int(y)) for y in years.dropna().unique()}).fillna("").astype("str")
    return lines["chart"].where(lines["chart"] != "", stated)


# --- which rule -----------------------------------------------------------------------------------------


class _Matcher:
    """Tells on which lines of a ledger a rule bears; each distinct text is compared once."""

    def __init__(self, lines: pd.DataFrame, chart: str) -> None:
        self.lines = lines
        self.chart = chart
        self._texts: dict[str, tuple[NDArray[np.intp], list[str]]] = {}

    def holds(self, rule: Rule) -> Mask:
        """Return where all criteria of a rule hold."""
        mask = np.ones(len(self.lines), dtype=bool)
        for field, column in TEXTS.items():
            if patterns := getattr(rule, field):
                mask &= self._text(column, patterns)
        if rule.account:
            mask &= self._account(rule.account, rule.chart or self.chart)
        if rule.side:
            mask &= self.lines["side"].to_numpy(dtype=str) == _SIDES[rule.side]
        if rule.start or rule.end:
            about = self.about
            if rule.start:
                mask &= about >= np.datetime64(rule.start.replace(day=1))
            if rule.end:
                mask &= about <= np.datetime64(rule.end)
        return mask

    @cached_property
    def about(self) -> NDArray[np.datetime64]:
        """First day of the month each line is about; the first of its exercice where nothing says."""
        period, day = self.lines["period"], self.lines["date"]
        month = period.where(period.notna(), day.dt.to_period("M").dt.to_timestamp())
        years = self.lines["exercice"].astype("float64").fillna(1970).astype(int).astype(str)
        fallback = np.array(years.to_numpy(dtype=str), dtype="datetime64[Y]").astype("datetime64[s]")
        known: NDArray[np.datetime64] = month.to_numpy(dtype="datetime64[s]").copy()
        known[np.isnat(known)] = fallback[np.isnat(known)]
        return known

    def _distinct(self, column: str) -> tuple[NDArray[np.intp], list[str]]:
        if column not in self._texts:
            import pandas as pd

            codes, values = pd.factorize(self.lines[column], use_na_sentinel=False)
            self._texts[column] = (codes, [str(v) for v in values])
        return self._texts[column]

    def _text(self, column: str, patterns: Iterable[str]) -> Mask:
        codes, values = self._distinct(column)
        compiled = [_pattern(p) for p in patterns]
        hit = np.array([any(p.fullmatch(f"_{folded(v)}_") for p in compiled) for v in values], dtype=bool)
        mask: Mask = hit[codes] if len(values) else np.zeros(len(codes), dtype=bool)
        return mask

    def _account(self, prefixes: tuple[str, ...], chart: str) -> Mask:
        codes, values = self._distinct("account")
        charts, names = self._distinct("chart")
        mask = np.zeros(len(self.lines), dtype=bool)
        for c, name in enumerate(names):
            read = [translate(v, name or self.chart, chart) or "" for v in values]
            hit = np.array([r.startswith(prefixes) for r in read], dtype=bool)
            here = charts == c
            mask[here] = hit[codes[here]]
        return mask


def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern of the rules compiled, for a text between two ``_``.

    ``*`` is anything, case and accents do not count; a space beside it is the end of a word.
    """
    edge = r"[\W_]"
    parts = text.strip().split("*")
    for rank, part in enumerate(parts):
        before, after = (bool(rank) and part[:1].isspace(), rank + 1 < len(parts) and part[-1:].isspace())
        parts[rank] = edge * before + re.escape(folded(part)) + edge * after
    return re.compile(f"_?{'.*'.join(parts)}_?", re.DOTALL)


def _first(matcher: _Matcher, rules: list[Rule]) -> tuple[list[Rule | None], list[str]]:
    """Return, for each line, the first rule that takes it and the names of later ones that disagree."""
    count = len(matcher.lines)
    found: list[Rule | None] = [None] * count
    also = [""] * count
    for rule in rules:
        for i in matcher.holds(rule).nonzero()[0]:
            earlier = found[i]
            if earlier is None:
                found[i] = rule
            elif (earlier.post, earlier.aside) != (rule.post, rule.aside):
                also[i] = f"{also[i]}, {rule.name}" if also[i] else rule.name
    return found, also


# --- shares ---------------------------------------------------------------------------------------------


def split_cents(amount: int, weights: Iterable[float]) -> list[int]:
    """Split whole cents by weights, cumulatively; the parts add up to the amount exactly.

    Examples
    --------
    >>> split_cents(100, [1, 1, 1]), split_cents(-1, [1, 1])
    ([33, 34, 33], [-1, 0])
    """
    from fractions import Fraction

    shares = [Fraction(w) for w in weights]
    total = sum(shares)
    if total <= 0:
        raise ValueError("a split needs a positive weight")
    parts, before, reached = [], 0, Fraction(0)
    for share in shares:
        reached += share
        exact = abs(amount) * reached / total
        to_date = int(exact + Fraction(1, 2))  # half away from zero: the sign is put back below
        parts.append((to_date - before) * (1 if amount >= 0 else -1))
        before = to_date
    return parts


def _share(lines: pd.DataFrame, which: Mask, rules: list[Rule | None], posts: list[str]) -> pd.DataFrame:
    """Return the parts of shared lines, in the order of posts; a post without weight has none."""
    rows: list[tuple[int, int, str, int, str]] = []
    cents = lines["cents"].to_numpy()
    for i in which.nonzero()[0].tolist():
        rule = rules[i]
        assert rule is not None
        assert rule.shares is not None
        weights = {p: w for p in posts if (w := rule.shares.get(p, 0.0))}
        parts = split_cents(int(cents[i]), weights.values())
        rows += [(i, k, p, c, rule.name) for k, (p, c) in enumerate(zip(weights, parts, strict=True))]
    found = lines.iloc[[r[0] for r in rows]].copy()
    found["part"] = [r[1] for r in rows]
    found["post"] = [r[2] for r in rows]
    found["cents"] = np.array([r[3] for r in rows], dtype=np.int64)
    found["by"] = "shared"
    found["rule"] = [r[4] for r in rows]
    found["also"] = ""
    return found


# --- lines ----------------------------------------------------------------------------------------------


def _with_lines(found: pd.DataFrame, matcher: _Matcher, rules: Rules, plan: Projection) -> pd.DataFrame:
    """Give each attached line its line of the plan: the file's, the rule's, else the account's."""
    naming = [r for r in rules.rules if r.line]
    own = {r.name: r.line for r in naming}
    loose = [r for r in naming if not (r.post or r.shares or r.aside)]
    by_line, _ = _first(matcher, loose)
    accounts = PlanAccounts(plan)
    known = {line.code for line in plan.lines()}
    codes, how = [], []
    names = ("line", "rule", "origin", "account", "chart", "side", "post", "label")
    columns: list[Any] = [found[c] for c in names]
    for line, rule, origin, account, chart, side, post, label in zip(*columns, strict=True):
        stated = own.get(rule) or getattr(by_line[origin], "line", None)
        if line and set(line.split(JOIN)) <= known:
            codes.append(line)
            how.append("file")
        elif stated:
            codes.append(stated)
            how.append("rule")
        elif not account and side == "funding":  # a payment received, not a title: see `tracking.actual`
            codes.append("subvention_etat")
            how.append("usage")
        else:
            # Of an item of pay without account, only the label tells.
            found_by = accounts.lines_of(account, chart, side, post) if account else None
            lines = found_by or accounts.lines_of_label(label, post)
            codes.append(lines.text)
            how.append(lines.how)
    return found.assign(line=codes, how=how)
