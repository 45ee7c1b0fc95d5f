"""What a line that no rule takes may be: candidates with their reason, for the officer to judge.

Nothing here is applied. Each proposal can be written as a rule to paste into ``rattachement.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from conseiller.dossier.reading import folded
from conseiller.ledger.accounts import PlanAccounts
from conseiller.messages import Lang, tr
from conseiller.text import listing

if TYPE_CHECKING:
    import pandas as pd

    from conseiller.ledger.attach import Attached

Reason = Literal[
    "payroll", "analytic", "cancels", "instalment", "funder", "plan_amount", "label", "service", "third_party"
]
#: Reasons, the strongest first: the rank of a proposal.
REASONS: tuple[Reason, ...] = get_args(Reason)
#: Columns of proposals.
PROPOSALS: Mapping[str, str] = {
    "origin": "int64",  # row of the ledger
    "rank": "int64",  # from 1, the best first
    "post": "str",
    "line": "str",
    "reason": "str",  # see `REASONS`
    "detail": "str",  # the code, amount or word that tells
}
_KEYS: Mapping[Reason, str] = {
    "payroll": "matricule",
    "analytic": "analytique",
    "service": "service",
    "third_party": "tiers",
}
#: Codes that many lines share.
_WEAK = ("service", "third_party")
_WORDS = ("conseiller numérique", "conseillers numériques", "CoNum", "CNFS", "inclusion numérique")

_Candidate = tuple[int, int, str, str]  # origin, rank of the reason, post, detail


def propose(attached: Attached) -> pd.DataFrame:
    """Return the proposals for the lines no rule takes.

    Parameters
    ----------
    attached : Attached

    Returns
    -------
    DataFrame
        Columns `PROPOSALS`, by line then rank; a line without a clue has none.
    """
    import pandas as pd

    left = attached.unattached
    accounts = PlanAccounts(attached.plan)
    found: dict[tuple[int, str], _Candidate] = {}
    for candidate in _candidates(attached):
        key = (candidate[0], candidate[2])
        if key not in found or candidate[1] < found[key][1]:
            found[key] = candidate
    rows: list[tuple[Any, ...]] = []
    where = {int(o): i for i, o in enumerate(left["origin"])}
    columns = [left[c].to_list() for c in ("account", "chart", "side")]
    ranks: dict[int, int] = {}
    posts = {p: r for r, p in enumerate(attached.plan.posts)}
    for origin, reason, post, detail in sorted(found.values(), key=lambda c: (c[0], c[1], posts[c[2]])):
        ranks[origin] = ranks.get(origin, 0) + 1
        account, chart, side = (c[where[origin]] for c in columns)
        line = _lines_of(attached, REASONS[reason], detail)
        line = line or accounts.lines_of(account, chart, side, post).text
        rows.append((origin, ranks[origin], post, line, REASONS[reason], detail))
    return pd.DataFrame(rows, columns=list(PROPOSALS)).astype(dict(PROPOSALS))


def _candidates(attached: Attached) -> Iterator[_Candidate]:
    for reason in _KEYS:
        yield from _same(attached, REASONS.index(reason), reason)
    yield from _cancelled(attached)
    yield from _instalments(attached)
    yield from _funders(attached)
    yield from _plan_amounts(attached)
    yield from _labels(attached)


def _same(attached: Attached, rank: int, column: str) -> Iterator[_Candidate]:
    """Yield lines that share a code with lines already tied to a post."""
    tied = attached.lines[(attached.lines[column] != "") & (attached.lines["by"] != "shared")]
    posts: dict[str, list[str]] = {}
    for code, post in tied[[column, "post"]].drop_duplicates().itertuples(index=False):
        posts.setdefault(str(code), []).append(str(post))
    left = attached.unattached
    if column in _WEAK:  # a clue only where most of its lines are tied
        counts = left[column].value_counts().to_dict()
        known = tied.drop_duplicates("origin")[column].value_counts().to_dict()
        posts = {code: found for code, found in posts.items() if known[code] >= counts.get(code, 0)}
    left = left[left[column].isin(posts)]
    for origin, code in left[["origin", column]].itertuples(index=False):
        for post in posts[str(code)]:
            yield int(origin), rank, post, str(code)


def _cancelled(attached: Attached) -> Iterator[_Candidate]:
    """Yield reductions whose label gives the number of a pièce tied to a post, of the same side and exercice."""
    tied = attached.lines[(attached.lines["piece"] != "") & (attached.lines["by"] != "shared")]
    posts: dict[tuple[Any, ...], list[str]] = {}
    for exercice, side, piece, post in (
        tied[["exercice", "side", "piece", "post"]].drop_duplicates().itertuples(index=False)
    ):
        posts.setdefault((exercice, side, str(piece)), []).append(str(post))
    left = attached.unattached
    left = left[(left["cents"] < 0) & left["exercice"].notna()]
    rank = REASONS.index("cancels")
    columns = left[["origin", "exercice", "side", "label"]]
    for origin, exercice, side, label in columns.itertuples(index=False):
        for number in dict.fromkeys(re.findall(r"\d{2,}", str(label))):
            for post in posts.get((exercice, side, number), []):
                yield int(origin), rank, post, number


def _instalments(attached: Attached) -> Iterator[_Candidate]:
    """Yield income of the amount of an instalment of the State."""
    due: dict[int, list[tuple[str, str]]] = {}
    for post in attached.plan.dossier.posts:
        for convention in post.conventions:
            for instalment in convention.instalments:
                name = f"{convention.code} {instalment.label}".strip()
                due.setdefault(round(instalment.amount * 100), []).append((post.code, name))
    left = attached.unattached
    left = left[(left["side"] == "funding") & left["cents"].isin(due)]
    rank = REASONS.index("instalment")
    for origin, cents in left[["origin", "cents"]].itertuples(index=False):
        for code, name in due[int(cents)]:
            yield int(origin), rank, code, name


def _funders(attached: Attached) -> Iterator[_Candidate]:
    """Yield income from one who funds posts beside the State, named by the third party or by the label."""
    items = [(i.funder or i.label, i) for i in attached.plan.dossier.funding]
    left = attached.unattached
    left = left[left["side"] == "funding"]
    rank = REASONS.index("funder")
    for origin, party, label in left[["origin", "third_party", "label"]].itertuples(index=False):
        texts = (folded(str(party)), folded(str(label)))
        for name, item in items:
            if len(folded(name)) >= 3 and any(_within(folded(name), text) for text in texts):
                for post in (p for p in attached.plan.posts if item.shares.get(p)):
                    yield int(origin), rank, post, name


def _lines_of(attached: Attached, reason: Reason, detail: str) -> str:
    """Return the line that a reason itself tells, "" where the account must."""
    if reason == "instalment":
        return "subvention_etat"
    items = enumerate(attached.plan.dossier.funding, start=1)
    named = [f"financement_{n}" for n, item in items if (item.funder or item.label) == detail]
    return named[0] if reason == "funder" and len(named) == 1 else ""


def _plan_amounts(attached: Attached) -> Iterator[_Candidate]:
    """Yield lines of the very amount that the plan has in the same month, on the account or the item of pay."""
    accounts = PlanAccounts(attached.plan)
    by_account, by_line = _planned(attached)
    left = attached.unattached
    left = left[(left["cents"] != 0) & (left["date"].notna() | left["period"].notna())]
    day = left["period"].where(left["period"].notna(), left["date"])
    months = day.to_numpy(dtype="datetime64[M]").astype(int).tolist()
    rank = REASONS.index("plan_amount")
    columns = [left[c].to_list() for c in ("origin", "account", "cents", "side", "label")]
    for month, origin, account, cents, side, label in zip(months, *columns, strict=True):
        for length in range(len(account), 2, -1):
            for post in by_account.get((month, account[:length], cents, side), []):
                yield int(origin), rank, post, account[:length]
        if account or side != "cost":
            continue
        for post in attached.plan.posts:
            codes = accounts.lines_of_label(label, post).codes
            if cents == sum(by_line.get((post, month, c), 0) for c in codes):
                yield int(origin), rank, post, label


_ByAccount = dict[tuple[int, str, int, str], list[str]]
_ByLine = dict[tuple[str, int, str], int]


def _planned(attached: Attached) -> tuple[_ByAccount, _ByLine]:
    """Return the posts of each planned amount by month, account and side; and the plan by post, month and line."""
    table = attached.plan.table
    table = table[table["clock"].isin(["engaged", "earned"])]
    keyed = table.assign(
        cents=(table["amount"] * 100).round().astype("int64"),
        rank=table["month"].to_numpy(dtype="datetime64[M]").astype(int),
    )
    by_account: _ByAccount = {}
    sums = keyed.groupby(["post", "rank", "account", "side"])["cents"].sum().reset_index()
    for post, month, account, side, cents in sums.itertuples(index=False, name=None):
        by_account.setdefault((month, account, int(cents), side), []).append(post)
    lines = keyed.groupby(["post", "rank", "line"])["cents"].sum().reset_index()
    by_line = {(p, m, c): int(x) for p, m, c, x in lines.itertuples(index=False, name=None)}
    return by_account, by_line


def _labels(attached: Attached) -> Iterator[_Candidate]:
    """Yield lines whose label names the programme, or the post itself."""
    words = {post.code: _names(post.code, post.label) for post in attached.plan.dossier.posts}
    left = attached.unattached
    rank = REASONS.index("label")
    hits: dict[str, list[tuple[str, str]]] = {}
    for label in left["label"].unique():
        bare = folded(str(label))
        own = [(p, n) for p, names in words.items() for n in names if _within(folded(n), bare)]
        general = next((w for w in _WORDS if _within(folded(w), bare)), None)
        hits[label] = own or ([(p, general) for p in words] if general else [])
    for origin, label in left[["origin", "label"]].itertuples(index=False):
        for post, word in hits[label]:
            yield int(origin), rank, post, word


def _names(code: str, label: str) -> list[str]:
    """Return what names a post in a label: its code and its own label, unless too short to tell."""
    marked = any(c.isdigit() for c in code) and any(c.isalpha() for c in code)
    names = [code] if marked else []
    return [*names, *(n for n in (code, label) if n not in names and len(folded(n)) >= 3)]


def _within(name: str, text: str) -> bool:
    """Say whether a text holds a name as whole words."""
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None


def as_rule(proposal: Mapping[str, Any], name: str, line: Mapping[str, Any] | None = None) -> str:
    """Return a proposal as a rule to paste into the file of rules.

    Parameters
    ----------
    proposal : mapping
        One row of `propose`.
    name : str
        Name of the rule.
    line : mapping, optional
        The line it is about: its payroll number or analytic code makes a better criterion than an amount.
    """
    import json

    detail, reason = str(proposal["detail"]), str(proposal["reason"])
    keys = {str(r): key for r, key in _KEYS.items()}
    if reason in keys:
        key, value = keys[reason], detail
    elif code := next((c for c in ("payroll", "analytic") if line and line[c]), None):
        assert line is not None
        key, value = keys[code], str(line[code])
    else:
        key, value = (
            "libelle",
            _whole_words(detail, line) if reason == "label" else str(line["label"]) if line else "…",
        )
    rows = [f"nom = {json.dumps(name, ensure_ascii=False)}", f"poste = {json.dumps(proposal['post'])}"]
    rows.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    if reason in ("instalment", "funder") and proposal["line"]:
        rows.append(f"ligne = {json.dumps(proposal['line'])}")
    return "\n".join(["[[regles]]", *rows, ""])


def _whole_words(name: str, line: Mapping[str, Any] | None) -> str:
    """Return a pattern of labels that hold a name: the label itself, or the name wherever it stands."""
    return name if line and line["label"] == name else f"* {name} *"


def best(proposals: pd.DataFrame) -> dict[int, list[dict[str, Any]]]:
    """Return, by row of the ledger, its best proposal and those of other posts that the same reason names."""
    found: dict[int, list[dict[str, Any]]] = {}
    for proposal in proposals.to_dict("records"):
        rivals = found.setdefault(proposal["origin"], [])
        if not rivals or proposal["reason"] == rivals[0]["reason"]:
            rivals.append({str(name): value for name, value in proposal.items()})
    return found


def as_rules(attached: Attached, lang: Lang = "fr") -> str:
    """Return the best proposals as a file of rules to choose from, each once, with the line it comes from.

    Where one reason names several posts, the rule is a comment, with their list: the officer chooses. A label of one
    post is then asked for whole wherever a wider pattern would take the line of several.
    """
    lines = attached.unattached.set_index("origin")
    parts: dict[str, str] = {}
    found = best(attached.proposals)
    shared = [folded(str(lines.loc[origin]["label"])) for origin, rivals in found.items() if len(rivals) > 1]
    for origin, rivals in found.items():
        line = {str(name): value for name, value in lines.loc[origin].items()}
        where = f"# {line['file']} {line['sheet']} {line['place']}".replace("  ", " ")
        first = rivals[0]
        if first["reason"] == "label" and any(_within(folded(first["detail"]), label) for label in shared):
            first = {**first, "detail": line["label"]}
        body = as_rule(first, "@", line)
        if len(rivals) > 1:
            posts = listing((str(rival["post"]) for rival in rivals), lang, "or")
            where = tr("tracking.proposal.rivals", lang, where=where, posts=posts)
            body = "".join(f"# {row}\n" for row in body.splitlines())
        parts.setdefault(body, where)
    return "\n".join(
        "\n".join([where, body.replace('"@"', f'"proposition {n}"', 1)])
        for n, (body, where) in enumerate(parts.items(), start=1)
    )
