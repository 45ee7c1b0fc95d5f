"""The facts in words: the decision, what is not known, hypotheses, risks and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from conseiller.analysis.checks import controls
from conseiller.analysis.notices import notices
from conseiller.analysis.outlook import above_fnal
from conseiller.analysis.wording import plural
from conseiller.brief._asked import Asked, asked
from conseiller.brief._reading import Reading
from conseiller.brief.act.choice import act_of, running
from conseiller.brief.facts import DatedFact, DecisionFacts, Figure, Statement
from conseiller.dossier import schema
from conseiller.errors import InputFaults
from conseiller.messages import tr
from conseiller.projection import Projection
from conseiller.text import date_long, listing, money, money0, number, percent

#: Legal values whose text is named among the sources, where the plan reads them.
_CITED = (
    "smic_mensuel",
    "point_indice_annuel",
    "im_minimum",
    "fnal_50_et_plus",
    "ircantec_tranche_a",
    "cnracl",
    "are_duree_max_jours",
    "vacance_tolerance_mois",
)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Words(Reading):
    """The parts in words."""

    # --- the decision -----------------------------------------------------------------------------

    def decision(self) -> DecisionFacts:
        found = asked(self.plan, self.open)
        return DecisionFacts(
            self.headline_words(),
            self._question(found),
            Figure("decision.deadline", self.tr("brief.decision.deadline"), found.deadline, "date"),
            self.tr(f"brief.decision.{found.why}", year=found.year),
            tuple(self._dates()),
        )

    def headline_words(self) -> str:
        """Return what is put to the vote, as note, slides and act all say it."""
        try:
            return act_of(self.plan, self.asked_for, self.lang).headline(self.lang)
        except InputFaults:
            if self.asked_for != "auto":
                raise
            return self.tr("brief.office.act.object.none", year=self.years[1])

    def _question(self, found: Asked) -> str:
        """Return what is asked, in a sentence."""
        if self.asked_for != "auto":
            return self.tr("brief.decision.chosen", headline=self.headline_words(), year=found.year)
        end = date_long(found.end, self.lang) if found.end else ""
        if found.kind == "contracts":
            posts = self.named(found.posts)
            return plural("brief.decision.contracts", len(found.posts), self.lang, posts=posts, end=end)
        later = found.kind == "financing" and found.end is not None and found.end.year > found.year
        key = "financing_later" if later else found.kind
        return self.tr(f"brief.decision.{key}", end=end, year=found.year)

    def _dates(self, most: int = 6) -> Iterator[DatedFact]:
        """Return missed dates, then the next ones, those of the same day and kind together."""
        kinds = {
            "notice",
            "notice_other",
            "project_limit",
            "project_limit_exceeded",
            "contract_end",
            "contract_relay",
            "financing_end",
            "financing_cut",
            "vacancy_limit",
            "post_lost",
            "budget_vote",
        }
        closing = date(self.years[1], 12, 31)
        kept = [d for d in self.calendar if d.kind in kinds and d.status != "past" and d.date <= closing]
        kept = [d for d in kept if not (d.missed and d.kind == "post_lost")]
        groups: dict[tuple[date, str, str], list[str]] = {}
        for d in kept:
            groups.setdefault((d.date, d.kind, d.status), []).append(d.post)
        ranked = sorted(groups, key=lambda g: (g[2] != "missed", g[0]))[:most]
        if len(ranked) == 1 and ranked[0][1] == "budget_vote":
            return
        for n, (day, kind, status) in enumerate(ranked):
            posts = self.named(p for p in groups[day, kind, status] if p)
            words = self.tr(f"brief.date.{kind}", posts=posts, year=day.year)
            yield DatedFact(
                Figure(f"date.{n}", words, day, "date"), "missed" if status == "missed" else "coming", words
            )

    # --- what is not known --------------------------------------------------------------------------

    def unknown(self) -> Iterator[Statement]:
        """Yield what must be confirmed, the greatest weight first; what an act states is left out."""
        dossier = self.plan.dossier
        start = date(self.years[1], 1, 1)
        yield self._grant_statement()
        yield from self._grant_ahead()
        rates = [r for r in sorted(dossier.rates, key=lambda r: r.start) if r.start <= start]
        if rates and not rates[-1].source.startswith("acte"):
            words = [
                f"{tr(f'analysis.rate.{name}', self.lang)} {percent(getattr(rates[-1], name), 2, self.lang)}"
                for name in ("at_mp", "cdg", "versement_mobilite", "chomage")
                if name in ("at_mp", "cdg") or getattr(rates[-1], name)
            ]
            yield self._statement("rates", rates[-1].source, rates=", ".join(words))
        if not dossier.authority.headcount_source.startswith("acte"):
            rate = "fnal_50_et_plus" if above_fnal(self.plan) else "fnal_moins_50"
            yield self._statement(
                "headcount",
                dossier.authority.headcount_source,
                count=number(dossier.authority.headcount, self.lang),
                rate=percent(self.plan.law.value(rate, start), 2, self.lang),
            )
        yield from self._law_statement(start)
        yield from self._record_statements()

    def _statement(self, key: str, source: str, **values: object) -> Statement:
        """Return a statement; its words are left to the caller where no value is given."""
        origin = source.partition(":")[0].strip()
        kind = {"hypothèse": "hypothesis", "défaut": "default"}.get(origin, "act")
        return Statement(
            key,
            self.tr(f"brief.unknown.{key}.subject"),
            self.tr(f"brief.unknown.{key}.words", **values) if values else "",
            self.tr(f"brief.unknown.origin.{kind}"),
        )

    def _grant_statement(self) -> Statement:
        end = self.grant_end()
        subject = self.tr("brief.unknown.grant.subject")
        if end is None:
            words, origin = self.tr("brief.unknown.grant.none"), self.tr("brief.unknown.origin.dossier")
        else:
            words = self.tr("brief.unknown.grant.words", start=date_long(end + _DAY, self.lang))
            origin = self.tr("brief.unknown.origin.senate")
        return Statement("grant", subject, words, origin)

    def _grant_ahead(self) -> Iterator[Statement]:
        """Yield the grant counted after the year of the report: finance laws still to come must fund it."""
        ahead: dict[int, int] = {}
        for amounts in self.earned.values():
            for year, euros in amounts.items():
                if year > self.plan.report_date.year:
                    ahead[year] = ahead.get(year, 0) + euros
        if ahead:
            items = [
                self.tr("brief.unknown.grant_ahead.item", amount=money0(euros, self.lang), year=year)
                for year, euros in sorted(ahead.items())
            ]
            words = self.tr("brief.unknown.grant_ahead.words", items=listing(items, self.lang))
            subject = self.tr("brief.unknown.grant_ahead.subject")
            yield Statement("grant_ahead", subject, words, self.tr("brief.unknown.origin.convention"))

    def _law_statement(self, start: date) -> Iterator[Statement]:
        law = self.plan.law
        used = {u.parameter for u in self.used}
        values = {
            "smic": money(law.value("smic_mensuel", start), self.lang),
            "point": number(law.value("point_indice_annuel", start), self.lang, 4),
            "minimum": number(law.value("im_minimum", start), self.lang),
        }
        tables = [law.table(p) for p in ("smic_mensuel", "point_indice_annuel", "im_minimum")]
        own = any(t.at(start).origin != "law" for t in tables)
        if used or own:
            checked = min(t.checked_until for t in tables)
            origin = self.tr(
                "brief.unknown.origin.own_law" if own else "brief.unknown.origin.law",
                day=date_long(checked, self.lang),
            )
            yield Statement(
                "law",
                self.tr("brief.unknown.law.subject"),
                self.tr("brief.unknown.law.words", **values),
                origin,
            )

    def _record_statements(self) -> Iterator[Statement]:
        """Yield kinds of records that no act states, by what they are about."""
        dossier = self.plan.dossier
        kinds: dict[str, list[tuple[str, str]]] = {}
        for post in dossier.posts:
            for contract in post.contracts:
                if contract.end is None or contract.end >= self.plan.report_date:
                    kinds.setdefault("terms", []).extend((post.code, t.source) for t in contract.terms)
                    kinds.setdefault("contracts", []).append((post.code, contract.source))
            for convention in post.conventions:
                kinds.setdefault("conventions", []).append((post.code, convention.source))
                kinds.setdefault("instalments", []).extend(
                    (post.code, i.source) for i in convention.instalments
                )
        kinds["costs"] = [(i.label, i.source) for i in dossier.costs]
        kinds["funding"] = [(i.label, i.source) for i in dossier.funding]
        for kind in ("terms", "contracts", "conventions", "instalments", "costs", "funding"):
            doubtful = [(name, s) for name, s in kinds.get(kind, []) if not s.startswith("acte")]
            if not doubtful:
                continue
            names = list(dict.fromkeys(name for name, _ in doubtful))
            source = "défaut" if all(s.startswith("défaut") for _, s in doubtful) else schema.HYPOTHESIS
            subject = f"brief.unknown.{kind}.{'one' if len(doubtful) == 1 else 'words'}"
            words = self.tr(subject, posts=self.named(names), count=len(doubtful))
            yield replace(self._statement(kind, source), words=words)

    # --- page 2: hypotheses, risks, sources ---------------------------------------------------------

    def hypotheses(self) -> list[str]:
        return notices(self._discreet() if self.anonymous else self.plan, self.lang)

    def _discreet(self) -> Projection:
        """Return the plan without the officer's words about contracts and pay, nor what reveals a grade."""

        def bare(source: str) -> str:
            return source.partition(":")[0].strip()

        def discreet(post: schema.Post) -> schema.Post:
            contracts = tuple(
                c.model_copy(
                    update={
                        "source": bare(c.source),
                        "terms": tuple(t.model_copy(update={"source": bare(t.source)}) for t in c.terms),
                    }
                )
                for c in post.contracts
            )
            return post.model_copy(update={"contracts": contracts})

        dossier = self.plan.dossier
        posts = tuple(discreet(p) for p in dossier.posts)
        law = self.plan.base_law
        label = {"fr": tr("brief.grids", "fr"), "en": tr("brief.grids", "en")}
        tables = {
            name: replace(
                table,
                label=label,
                entries=tuple(replace(e, certainty="sourced", planned=False) for e in table.entries),
            )
            if name.startswith("grille_")
            else table
            for name, table in law.tables.items()
        }
        hidden: Mapping[str, Any] = {"posts": posts}
        return Projection(
            dossier.model_copy(update=dict(hidden)), replace(law, tables=tables), self.plan.report_date
        )

    def risks(self) -> Iterator[str]:
        missed: dict[tuple[date, Any], list[str]] = {}
        for d in self.calendar:
            if d.status == "missed" and d.kind in ("notice", "notice_other"):
                missed.setdefault((d.date, dict(d.values)["end"]), []).append(d.post)
        for (day, end), posts in missed.items():
            yield self.tr(
                "brief.risk.notice",
                posts=self.named(posts),
                day=date_long(day, self.lang),
                end=date_long(end, self.lang),
            )
        for d in self.calendar:
            if d.kind == "project_limit_exceeded" or (d.kind == "post_lost" and d.status == "coming"):
                yield self.tr(
                    "brief.risk.dated",
                    post=d.post,
                    day=date_long(d.date, self.lang),
                    words=d.label(self.lang),
                )
        balance = self.conventions
        exposed = float(balance["exposed"].sum()) if len(balance) else 0.0
        if exposed:
            yield self.tr("brief.risk.exposed", amount=money0(exposed, self.lang))
        yield from self._accrual()
        stop = next((c for c in self.open.rows if c.code == "stop"), None)
        if stop is not None and stop.exposure_total:
            yield self.tr("brief.risk.are", amount=money0(stop.exposure_total, self.lang))
        yield from self._permanent()
        yield from self._controls()

    def _permanent(self) -> Iterator[str]:
        """Yield posts that could not be kept to the last exercice shown under contrats de projet."""
        beyond = {d.post for d in self.calendar if d.kind == "project_limit_exceeded"}
        for post in running(self.plan):
            kept = post.code in self.open.posts and post.code not in beyond
            if kept and post.limit is not None and post.limit < date(self.open.last, 12, 31):
                limit = date_long(post.limit, self.lang)
                yield self.tr("brief.risk.permanent", post=post.code, limit=limit)

    def _controls(self) -> Iterator[str]:
        """Yield what the controls find amiss; for instalments, what is missing from the dossier."""
        instalments: dict[tuple[str, float, float], list[str]] = {}
        for control in controls(self.plan):
            if control.ok and control.status != "ahead":
                continue
            if control.code == "instalments":
                key = (str(dict(control.values)["code"]), control.found or 0.0, control.expected or 0.0)
                instalments.setdefault(key, []).append(control.post)
                continue
            yield self.tr(
                "brief.risk.control", label=control.label(self.lang), detail=control.detail(self.lang)
            )
        for (code, planned, agreed), posts in instalments.items():
            yield self.tr(
                "brief.risk.instalments_missing" if planned < agreed else "brief.risk.instalments_over",
                code=code,
                posts=self.named(posts),
                planned=money0(planned, self.lang),
                agreed=money0(agreed, self.lang),
                gap=money0(abs(agreed - planned), self.lang),
            )

    def _accrual(self) -> Iterator[str]:
        if accrue := self.to_accrue():
            yield self.tr("brief.risk.accrue", year=self.years[0], amount=money0(accrue, self.lang))

    def sources(self) -> Iterator[str]:
        acts = dict.fromkeys(_acts(self.plan.dossier))
        for act in acts:
            yield self.tr("brief.source.act", words=act)
        reads = {u.parameter: u for u in self.used}
        for parameter in _CITED:
            if parameter in reads:
                table = reads[parameter].table
                entry = reads[parameter].entries[-1]
                if entry.origin != "law":
                    continue
                yield self.tr("brief.source.law", label=table.label[self.lang], reference=entry.reference)
        if self.grant_end() is not None:
            yield self.tr("brief.source.senate")


def _acts(dossier: schema.Dossier) -> Iterator[str]:
    """Yield what acts the dossier names, without the remark in brackets or after a semicolon."""
    sources: Iterable[str] = [
        dossier.authority.source,
        *dossier.authority.sources.values(),
        *(r.source for r in dossier.rates),
        *(p.source for p in dossier.posts),
        *(c.source for p in dossier.posts for c in p.conventions),
        *(i.source for i in (*dossier.costs, *dossier.funding)),
    ]
    for source in sources:
        origin, _, words = source.partition(":")
        if origin.strip() == "acte" and words.strip():
            yield words.split("(")[0].split(";")[0].split(" pour ")[0].strip()
