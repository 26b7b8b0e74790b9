"""Pages that one shows to a colleague: a timeline, a plan, a logged segment, statistics."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.contact import Contact
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log import InteractionLog, Statistics, scope_of
from interactionlog.interactions.repository import Dimension, Figures, LogFilter
from interactionlog.labels import Language, label
from interactionlog.page import caption, heading, note, page, shown, table, tiles
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.segments.logging.plan import SegmentPlan
from interactionlog.unit_of_work import UnitOfWork

MOST_SHOWN = 1_000
"""Rows of a table; more would be no page to read."""
_words = str.split
_ENTRY = _words(
    "date time contact interaction description salesperson evaluation cost minutes state"
)


@judged
@attrs.frozen
class Reports:
    """
    Makes pages; each is one self-contained HTML document.

    Attributes:
        work: A unit of work that reads.
        language: Of captions and labels: ``en`` or ``it``.
    """

    work: UnitOfWork
    language: Language = "en"

    def timeline(self, contact_no: str, *, limit: int = 200) -> str:
        """
        Return the interactions of a contact, of a company with its persons; or `NotFoundError`.

        One that is gone from the host has its number in place of a name.
        """
        found = self.work.contacts.find(contact_no)
        contact = found or Contact(no=contact_no, company_no=contact_no)
        statistics = Statistics(self.work)
        dates = statistics.dates_of_contact(contact.no)
        entries = InteractionLog(self.work).timeline(contact.no, limit=limit)
        scope = scope_of(self.work, contact.no)
        months = statistics.by_month(scope)
        company = contact.company_name if contact.company_name != contact.name else ""
        last, following = dates.last_interaction, dates.next_postponed
        return self._page(
            contact.name or contact.no,
            (contact.no, company, contact.city, contact.e_mail, contact.phone_no),
            self._tiles(
                _amounts(statistics.of_contact(contact.no))
                | {"last interaction": last, "next postponed": following}
            ),
            self._figures("month", months, str) if len(months) > 1 else "",
            heading(caption("timeline", self.language)),
            self._entries(entries, attrs.evolve(scope, postponed=False)),
        )

    def plan(self, plan: SegmentPlan) -> str:
        """Return what logging a segment would do, with all lines that are not plainly logged."""
        segment, counts = self.work.segments.get(plan.order.segment_no), plan.counts
        noted = plan.noted()
        lines = list(itertools.islice(noted, MOST_SHOWN))
        further = sum(1 for _ in noted)
        rows = [
            (line, name, label(each.decision, self.language), reasons)
            for each, (line, name, reasons) in zip(lines, self._lines(lines), strict=True)
        ]
        return self._page(
            segment.description or segment.no,
            (caption("plan", self.language), segment.no, shown(segment.date, self.language)),
            self._tiles(
                {
                    "logged": counts.logged,
                    "left out": counts.left_out,
                    "refused": counts.refused,
                    "cost": plan.cost_lcy,
                    "minutes": plan.duration_min,
                }
            ),
            note(plan.refusal) if plan.refusal else "",
            heading(caption("not plainly logged", self.language)),
            self._table(("line", "contact", "decision", "reason"), rows),
            self._first(len(rows), len(rows) + further),
        )

    def logged_segment(self, entry_no: int) -> str:
        """Return who got a logged segment, who did not and why; or `NotFoundError`."""
        logged = self.work.logged_segments.get(entry_no)
        entries = self.work.interactions.of_logged_segment(entry_no, limit=MOST_SHOWN)
        rows = self._lines(self.work.logged_segments.left_out(entry_no, limit=MOST_SHOWN))
        got, without = (logged.counts.get(code, 0) for code in ("log", "leave-out"))
        when = shown(logged.header and logged.header.date, self.language)
        kind, by = caption("logged segment", self.language), self._user(logged.user_id)
        of_wave = LogFilter(logged_segment_entry_no=entry_no)
        amounts = _amounts(LoggedSegments(self.work).figures(entry_no).entries)
        del amounts["interactions"]
        return self._page(
            logged.description or logged.segment_no,
            (kind, logged.segment_no, when, by),
            self._tiles({"logged": got, "left out": without, **amounts}),
            heading(caption("who got it", self.language)),
            self._entries(entries, of_wave),
            heading(caption("who did not, and why", self.language)),
            self._table(("line", "contact", "reason"), rows),
            self._first(len(rows), without),
        )

    def statistics(self, since: date | None = None, until: date | None = None) -> str:
        """Return the figures of a period by template, salesperson, campaign and month."""
        statistics = Statistics(self.work, since=since, until=until)
        today = shown(self.work.clock.today(), self.language)
        period = " - ".join(shown(day, self.language) for day in (since, until) if day)
        return self._page(
            caption("statistics", self.language),
            (period or f"{caption('as of', self.language)} {today}",),
            self._tiles(_amounts(statistics.of(LogFilter()))),
            self._figures("month", statistics.by_month(), str),
            self._figures("template", statistics.by(Dimension.TEMPLATE), self._template),
            self._figures("salesperson", statistics.by(Dimension.SALESPERSON), self._person),
            self._figures("campaign", statistics.by(Dimension.CAMPAIGN), self._campaign),
        )

    # -- parts ---------------------------------------------------------------------------------

    def _page(self, title: str, about: Iterable[str], *parts: str) -> str:
        return page(title, " · ".join(filter(None, about)), *parts, language=self.language)

    def _tiles(self, values: Mapping[str, object]) -> str:
        return tiles(values, language=self.language)

    def _table(self, captions: Sequence[str], rows: Iterable[Sequence[object]], **how: Any) -> str:
        return table(captions, rows, language=self.language, **how)

    def _figures(
        self, key: str, found: Iterable[tuple[str | None, Any]], named: Callable[[Any], str | None]
    ) -> str:
        none = f"({caption('none', self.language).lower()})"
        rows = [(named(code) or none, *figures) for code, figures in found]
        shown_table = self._table((key, "interactions", "cost", "minutes"), rows, bars=1)
        return heading(caption(f"by {key}", self.language)) + shown_table

    def _entries(self, entries: Sequence[InteractionLogEntry], found_by: LogFilter) -> str:
        names = self._names(each.contact_no for each in entries)
        kind_of, person_of = cache(self._template), cache(self._person)
        rows = []
        for each in entries:
            kind = kind_of(each.interaction_template_code)
            states = ("postponed", "canceled", "attempt failed")
            state = [name for name in states if getattr(each, name.replace(" ", "_"))]
            rows.append(
                (
                    each.date,
                    each.time_of_interaction,
                    names.get(each.contact_no, each.contact_no),
                    kind,
                    next((text for text in (each.description, each.subject) if text != kind), ""),
                    person_of(each.salesperson_code),
                    each.evaluation,
                    each.cost_lcy,
                    each.duration_min,
                    ", ".join(caption(name, self.language).lower() for name in state),
                )
            )
        if len({row[2] for row in rows}) == 1 < len(rows):  # the title says whose they are
            rows = [(*row[:2], None, *row[3:]) for row in rows]
        off = [place for place, each in enumerate(entries) if each.canceled]
        ((_, figures),) = self.work.interactions.figures(found_by)
        note_of_more = self._first(len(rows), figures.interactions)
        return self._table(_ENTRY, rows, off=off, stacked=True) + note_of_more

    def _first(self, rows: int, count: int) -> str:
        if count <= rows:
            return ""
        return note(f"{caption('first', self.language)} {rows} / {count}")

    def _lines(self, found: Sequence[Any]) -> list[tuple[str, str | None, str]]:
        """Return numbers of lines with contacts and what was found."""
        names = self._names(each.line.contact_no for each in found)
        return [
            (
                str(each.line.line_no),
                names.get(each.line.contact_no, each.line.contact_no),
                ", ".join(label(code, self.language) for code in each.reasons),
            )
            for each in found
        ]

    def _names(self, nos: Iterable[str | None]) -> dict[str | None, str]:
        found = self.work.contacts.many({no for no in nos if no})
        return {no: contact.name or no for no, contact in found.items()}

    def _user(self, user_id: str | None) -> str:
        user = self.work.users.find(user_id) if user_id else None
        return self._person(user.salesperson_code if user else None) or user_id or ""

    def _template(self, code: str | None) -> str | None:
        return _described(self.work.templates, code)

    def _campaign(self, no: str | None) -> str | None:
        return _described(self.work.campaigns, no)

    def _person(self, code: str | None) -> str:
        person = self.work.salespeople.find(code) if code else None
        return (person.name if person else "") or code or ""


def _described(records: Any, key: str | None) -> str | None:
    record = records.find(key) if key else None
    return (record.description if record else "") or key


def _amounts(figures: Figures) -> dict[str, object]:
    return dict(zip(("interactions", "cost", "minutes"), figures, strict=True))
