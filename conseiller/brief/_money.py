"""The facts about money: two years, why they differ, the choices, what would move the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from conseiller.analysis.outlook import (
    CAUSES,
    Choice,
    above_fnal,
    changes,
    chapters,
    sensitivities,
    under_minimum_wage,
)
from conseiller.analysis.wording import plural
from conseiller.brief._reading import Reading
from conseiller.brief.facts import Figure, Row, RowKind, Table
from conseiller.text import date_long, listing, money0, number, whole


@dataclass(frozen=True)
class Money(Reading):
    """The parts about money."""

    # --- how much, who, what is left, until when ----------------------------------------------------

    def headline(self) -> tuple[Figure, ...]:
        now, year = self.whole, self.years[1]
        after = self.sums[1]
        figures = [
            Figure(
                "headline.cost", self.tr("brief.headline.cost", year=year), now[1].cost, "EUR", after.cost
            ),
            Figure(
                "headline.grant", self.tr("brief.headline.grant", year=year), now[1].grant, "EUR", after.grant
            ),
        ]
        if now[1].other_funding:
            figures.append(
                Figure(
                    "headline.other",
                    self.tr("brief.headline.other", year=year),
                    now[1].other_funding,
                    "EUR",
                    after.other_funding,
                )
            )
        figures.append(
            Figure(
                "headline.net",
                self.tr("brief.headline.net", year=year),
                now[1].net_cost,
                "EUR",
                after.net_cost,
            )
        )
        end = self.grant_end()
        label = self.tr("brief.headline.end")
        if end is None:
            figures.append(Figure("headline.end", label, self.tr("brief.headline.no_grant"), "text"))
        else:
            figures.append(Figure("headline.end", label, end, "date"))
        return tuple(figures)

    def answer(self) -> str:
        before, after = self.whole
        end = self.grant_end()
        if end is None:
            until = self.tr("brief.answer.no_grant")
        else:
            ended = end < self.plan.report_date
            until = self.tr(
                "brief.answer.ended" if ended else "brief.answer.ends", end=date_long(end, self.lang)
            )
        return self.tr(
            "brief.answer.all",
            year=self.years[1],
            current=self.years[0],
            cost=money0(after.cost, self.lang),
            grant=money0(after.grant, self.lang),
            net=money0(after.net_cost, self.lang),
            before=money0(before.net_cost, self.lang),
            until=until,
        )

    # --- two years --------------------------------------------------------------------------------

    def _columns(self) -> tuple[str, str, str]:
        return (
            self.tr("brief.column.projected", year=self.years[0]),
            self.tr("brief.column.proposed", year=self.years[1]),
            self.tr("brief.column.change"),
        )

    def _chapter(self, measure: Literal["pay", "other_costs"]) -> str:
        found = chapters(self.plan, measure)
        if not found:
            return self.tr(f"brief.two_years.{measure}_plain")
        key = "one" if len(found) == 1 else "many"
        return self.tr(f"brief.two_years.{measure}_{key}", chapters=listing(found, self.lang))

    def _grant_account(self) -> str:
        line = self.plan.law.lines["subvention_etat"]
        return self.plan.account_of(line, "contractuel")

    def two_years(self) -> Table:
        before, after = self.whole
        exact = self.sums
        rows: list[Row] = []

        def add(name: str, label: str, kind: RowKind = "line") -> None:
            values = [getattr(before, name), getattr(after, name)]
            exacts = [getattr(exact[0], name), getattr(exact[1], name)]
            figures = [
                Figure(f"two_years.{name}.{year}", label, value, "EUR", amount)
                for year, value, amount in zip(self.years, values, exacts, strict=True)
            ]
            figures.append(
                Figure(
                    f"two_years.{name}.change",
                    label,
                    values[1] - values[0],
                    "EUR",
                    round(exacts[1] - exacts[0], 2),
                    signed=True,
                )
            )
            rows.append(Row(f"two_years.{name}", label, tuple(figures), kind))

        add("pay", self._chapter("pay"))
        add("other_costs", self._chapter("other_costs"))
        add("cost", self.tr("brief.two_years.cost"), "total")
        add("grant", self.tr("brief.two_years.grant", account=self._grant_account()))
        if before.other_funding or after.other_funding:
            add("other_funding", self.tr("brief.two_years.other_funding"))
        add("net_cost", self.tr("brief.two_years.net_cost"), "result")
        shares = tuple(
            None
            if y.share_covered is None
            else Figure(
                f"two_years.share.{y.exercice}", self.tr("brief.two_years.share"), y.share_covered, "share"
            )
            for y in exact
        )
        rows.append(Row("two_years.share", self.tr("brief.two_years.share"), (*shares, None)))
        note = self.tr("brief.two_years.note")
        if exact[0].population:
            label = self.tr(
                "brief.two_years.per_inhabitant", population=number(exact[0].population, self.lang)
            )
            each = [round(y.per_inhabitant or 0.0, 2) for y in exact]
            figures = tuple(
                Figure(f"two_years.per_inhabitant.{y.exercice}", label, amount, "EUR/inhabitant")
                for y, amount in zip(exact, each, strict=True)
            )
            change = round(each[1] - each[0], 2)
            last = Figure("two_years.per_inhabitant.change", label, change, "EUR/inhabitant", signed=True)
            rows.append(Row("two_years.per_inhabitant", label, (*figures, last)))
        else:
            note += " " + self.tr("brief.two_years.no_population")
        return Table(
            "two_years",
            self.tr("brief.two_years.title"),
            self.tr("brief.two_years.head"),
            self._columns(),
            tuple(rows),
            note,
        )

    # --- why ----------------------------------------------------------------------------------------

    def causes(self) -> Table:
        before, after = self.whole
        found = {c.cause: c.amount for c in changes(self.plan)}
        lines = {
            "grant": before.grant - after.grant,
            "other_costs": after.other_costs - before.other_costs,
            "other_funding": before.other_funding - after.other_funding,
        }
        pay = [c for c in CAUSES if c not in lines and found[c]]
        # A cause of a few cents cannot take the euro of rounding of the pay of two years: the greatest does.
        shown = dict(lines)
        left = after.pay - before.pay
        if pay:
            shares = {c: whole(found[c]) for c in pay}
            greatest = max(pay, key=lambda c: abs(found[c]))
            shares[greatest] += left - sum(shares.values())
            shown |= {c: shares[c] for c in pay}
        elif left:
            shown["contracts"] = left
        rows = []
        for cause in CAUSES:
            amount = shown.get(cause, 0)
            if not amount and cause != "grant":
                continue
            label = self._cause_label(cause)
            figure = Figure(f"causes.{cause}", label, amount, "EUR", round(found[cause], 2), signed=True)
            rows.append(Row(f"causes.{cause}", label, (figure,)))
        label = self.tr("brief.causes.total", before=self.years[0], after=self.years[1])
        exact = round(self.sums[1].net_cost - self.sums[0].net_cost, 2)
        total = Figure("causes.total", label, after.net_cost - before.net_cost, "EUR", exact, signed=True)
        rows.append(Row("causes.total", label, (total,), "result"))
        return Table(
            "causes",
            self.tr("brief.causes.title"),
            self.tr("brief.causes.head"),
            (self.tr("brief.column.euros"),),
            tuple(rows),
            self.tr("brief.causes.note", year=self.years[1]),
        )

    def _cause_label(self, cause: str) -> str:
        if cause != "grant":
            return self.tr(f"brief.causes.{cause}")
        before, after = self.sums
        if before.grant and not after.grant:
            return self.tr("brief.causes.grant_ends")
        if before.grant == after.grant:
            return self.tr("brief.causes.grant_same" if before.grant else "brief.causes.grant_none")
        return self.tr(
            "brief.causes.grant_falls" if after.grant < before.grant else "brief.causes.grant_rises"
        )

    # --- choices ------------------------------------------------------------------------------------

    def choices(self) -> Table:
        found = self.open
        heads = {
            "next": self.tr("brief.choices.next", year=found.first),
            "total": self.tr("brief.choices.total", first=found.first, last=found.last),
            "exposure": self.tr("brief.choices.exit", year=found.first),
            "exposure_total": self.tr("brief.choices.exit_total"),
        }
        if found.first == found.last:
            del heads["total"]
        if not any(c.exposure_total for c in found.rows):
            del heads["exposure"], heads["exposure_total"]
        rows = tuple(self._choice(c, tuple(heads)) for c in found.rows)
        return Table(
            "choices",
            self.tr("brief.choices.title"),
            self.tr("brief.choices.head"),
            tuple(heads.values()),
            rows,
            self._choices_note(),
        )

    def _choice(self, choice: Choice, shown: tuple[str, ...]) -> Row:
        label = self.tr(f"brief.choices.{choice.code}")
        if choice.as_planned and choice.code != "planned":
            label = self.tr("brief.choices.as_planned", choice=label)
        amounts = {
            "next": choice.net_next,
            "total": choice.net_total,
            "exposure": choice.exposure_next,
            "exposure_total": choice.exposure_total,
        }
        key = f"choices.{choice.code}"
        figures = tuple(
            None
            if name.startswith("exposure") and choice.code != "stop"
            else Figure(f"{key}.{name}", label, whole(amounts[name]), "EUR", amounts[name])
            for name in shown
        )
        return Row(key, label, figures, "total" if choice.as_planned else "line")

    def _choices_note(self) -> str:
        found = self.open
        if not found.rows:
            last = max(self.plan.exercices[-1], self.years[1])
            return self.tr("brief.choices.none", last=date_long(date(last, 12, 31), self.lang))
        stop = found.rows[-1]
        posts = self.named(found.posts)
        parts = [plural("brief.choices.posts", len(found.posts), self.lang, posts=posts)]
        if stop.exposure_days:
            parts.append(self.tr("brief.choices.exposed", days=stop.exposure_days))
        elif self.plan.dossier.authority.self_insured:
            parts.append(self.tr("brief.choices.unexposed"))
        else:
            parts.append(self.tr("brief.choices.insured"))
        if stop.leave:
            parts.append(self.tr("brief.choices.leave", leave=money0(stop.leave, self.lang)))
        else:
            parts.append(self.tr("brief.choices.no_leave"))
        ending = self._ending()
        if ending:
            parts.append(self.tr("brief.choices.ending", amount=money0(ending, self.lang)))
        return " ".join(parts)

    def _ending(self) -> float:
        """Return what stopping takes away beside pay, where the dossier plans nothing but the end of contracts."""
        rows = {c.code: c for c in self.open.rows}
        day = self.plan.report_date
        posts = [p for p in self.plan.dossier.posts if p.code in self.open.posts]
        if "planned" not in rows or any(c.start > day for p in posts for c in p.contracts):
            return 0.0
        return max(round(rows["planned"].net_total - rows["stop"].net_total, 2), 0.0)

    # --- sensitivity --------------------------------------------------------------------------------

    def sensitivity(self) -> Table:
        rows = []
        effects = sensitivities(self.plan)
        for effect in effects:
            name: str = effect.code
            if name == "fnal":
                name = "fnal_down" if above_fnal(self.plan) else "fnal_up"
            label = self.tr(f"brief.sensitivity.{name}")
            pair = (("per_post", effect.per_post), ("total", effect.total))
            figures = tuple(
                Figure(f"sensitivity.{effect.code}.{what}", label, whole(v), "EUR", round(v, 2), signed=True)
                for what, v in pair
            )
            rows.append(Row(f"sensitivity.{effect.code}", label, figures))
        posts = effects[0].posts
        note = plural("brief.sensitivity.note", posts, self.lang, year=str(self.years[1]))
        if posts and under_minimum_wage(self.plan):
            note += " " + self.tr("brief.sensitivity.under_minimum")
        return Table(
            "sensitivity",
            self.tr("brief.sensitivity.title", year=self.years[1]),
            self.tr("brief.sensitivity.head"),
            (self.tr("brief.sensitivity.per_post"), self.tr("brief.sensitivity.total")),
            tuple(rows) if posts else (),
            note,
        )
