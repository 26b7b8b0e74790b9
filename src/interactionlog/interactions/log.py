"""Reading the log: pages, timelines and statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict, TypeVar, Unpack, overload

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import FieldInvalidError
from interactionlog.interactions.draft import entry_title
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.repository import Dimension, Figures, LogFilter, Position
from interactionlog.page import fragment, table
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ContactType, InitiatedBy, exact_sum

M = TypeVar("M")
K = TypeVar("K", bound="str | tuple[str | None, ...] | None")
_ENTRY = ("no.", "date", "contact", "template", "description", "cost", "minutes", "state")
_FIGURES = ("key", "interactions", "cost", "minutes")


class Timeline(list[InteractionLogEntry]):
    """A page of entries, newest first: a list that is shown as a table."""

    def __str__(self) -> str:
        return text_table(_ENTRY, map(_cells, self))

    def __repr__(self) -> str:
        if not self:
            return "<Timeline: no entries>"
        return f"<Timeline: {len(self)} entries, {self[-1].date} to {self[0].date}>"

    def _repr_html_(self) -> str:
        off = [place for place, entry in enumerate(self) if entry.canceled]
        return fragment(table(_ENTRY, map(_cells, self), off=off))


class FiguresTable(list[tuple[K, Figures]]):
    """Figures by key, or by pairs of keys: a list that is shown as a table."""

    def __str__(self) -> str:
        return text_table(_FIGURES, self._rows())

    def __repr__(self) -> str:
        return f"<FiguresTable: {len(self)} keys>"

    def _repr_html_(self) -> str:
        return fragment(table(_FIGURES, self._rows(), bars=1))

    def _rows(self) -> Iterator[Sequence[object]]:
        for key, figures in self:
            keys = key if isinstance(key, tuple) else [key]
            yield (", ".join(each or "-" for each in keys), *figures)


def _cells(entry: InteractionLogEntry) -> Sequence[object]:
    states = {
        "postponed": entry.postponed,
        "canceled": entry.canceled,
        "attempt failed": entry.attempt_failed,
    }
    return (
        entry.entry_no,
        entry.date,
        entry.contact_no,
        entry.interaction_template_code,
        entry.description,
        entry.cost_lcy,
        entry.duration_min,
        ", ".join(state for state, holds in states.items() if holds),
    )


def text_table(captions: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows below their captions as text, numbers to the right."""
    columns = []
    for caption, *values in zip(captions, *rows, strict=True):
        numeric = all(isinstance(each, int | Decimal | None) for each in values)
        texts = [caption, *("" if each is None else _plain(each) for each in values)]
        width = max(map(len, texts))
        columns.append([text.rjust(width) if numeric else text.ljust(width) for text in texts])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))


def _plain(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@judged
def position_of(entry: InteractionLogEntry) -> Position:
    """Return where a page that begins or ends with this entry goes on."""
    return Position(entry.date, entry.entry_no)


def fixed(log_filter: LogFilter | None, **conditions: Any) -> LogFilter:
    """Return a filter with what a call asks itself; one that asks the opposite is refused."""
    for name, value in conditions.items():
        given = getattr(log_filter, name, None)
        if given not in {None, value}:
            reason = f"must be {value} in this call, or left out"
            raise FieldInvalidError("LogFilter", name, str(given), reason)
    return attrs.evolve(log_filter or LogFilter(), **conditions)


class Page(TypedDict, total=False):
    """Which page of the log; see `InteractionLog`."""

    before: Position | None
    after: Position | None
    limit: int


@judged
@attrs.frozen
class InteractionLog:
    """
    Reads the log, a page at a time; at any depth a page costs the same.

    Every page is newest first and holds ``limit`` entries at most, 50 unless given. ``before``, the
    `position_of` a page's last entry, gives the page below it; ``after``, that of its first entry,
    the one above.
    """

    work: UnitOfWork

    def entries(self, log_filter: LogFilter | None = None, **page: Unpack[Page]) -> Timeline:
        """Return logged entries, canceled ones too; no filter means all of them. (INT-105)"""
        return Timeline(self.work.interactions.newest(fixed(log_filter, postponed=False), **page))

    def timeline(self, contact_no: str, **page: Unpack[Page]) -> Timeline:
        """Return the logged entries of a contact, a company with persons; or `NotFoundError`."""
        return self.entries(scope_of(self.work, contact_no), **page)

    def postponed(self, log_filter: LogFilter | None = None, **page: Unpack[Page]) -> Timeline:
        """Return postponed entries; no filter means all. (INT-105)"""
        return Timeline(self.work.interactions.newest(fixed(log_filter, postponed=True), **page))

    def each(self, log_filter: LogFilter | None = None) -> Iterator[InteractionLogEntry]:
        """Stream all entries that match, newest first; postponed and logged ones together."""
        last: Position | None = None
        while page := self.work.interactions.newest(
            log_filter or LogFilter(), before=last, limit=1_000
        ):
            yield from page
            last = position_of(page[-1])

    def __iter__(self) -> Iterator[InteractionLogEntry]:
        return self.each()

    def title(self, entry: InteractionLogEntry) -> str:
        """Return who wrote to whom, or what the entry says when its template is gone. (INT-067)"""
        return self.titles([entry])[0]

    def titles(self, entries: Sequence[InteractionLogEntry]) -> list[str]:
        """Return the title of each entry of a page, with one look-up of each kind for all."""
        work = self.work
        codes = _named(entries, "interaction_template_code")
        templates = map(work.templates.find, codes) if len(codes) < 2 else work.templates.all()
        named = {template.code: template for template in templates if template}
        contacts = work.contacts.many(_named(entries, "contact_no"))
        people = work.salespeople.many(_named(entries, "salesperson_code"))
        users = work.users.many(_named(entries, "user_id"))

        def title(entry: InteractionLogEntry) -> str:
            contact = contacts.get(entry.contact_no or "")
            person = people.get(entry.salesperson_code or "")
            user = users.get(entry.user_id or "")
            code = entry.interaction_template_code or ""
            told = entry_title(
                named.get(code),
                contact_name=contact.name if contact else "",
                salesperson_name=person.name if person else None,
                user_name=user.full_name if user else None,
            )
            return told or entry.description or code or f"interaction {entry.entry_no}"

        return list(map(title, entries))


def _named(entries: Sequence[InteractionLogEntry], field: str) -> set[str]:
    """Return what the entries have in a field."""
    return {getattr(entry, field) for entry in entries} - {None}


def scope_of(work: UnitOfWork, contact_no: str) -> LogFilter:
    """
    Return the filter on a contact: a company stands for all its persons.

    One that is gone from the host is known by its entries.
    """
    contact = work.contacts.find(contact_no)
    if contact is None:
        of_company = LogFilter(contact_company_no=contact_no)
        for scope in (of_company, LogFilter(contact_no=contact_no)):
            if work.interactions.newest(scope, limit=1):
                return scope
        contact = work.contacts.get(contact_no)  # says that there is none
    if contact.type is ContactType.COMPANY:
        return LogFilter(contact_company_no=contact.no)
    return LogFilter(contact_no=contact.no)


class ContactDates(NamedTuple):
    """
    When a contact, or a company with its persons, was last written to; ``None`` for never.

    Attributes:
        last_attempt: Last date on which we began something, failed attempts too.
        last_interaction: Last date without failed attempts.
        next_postponed: Earliest date of what is postponed.
    """

    last_attempt: date | None
    last_interaction: date | None
    next_postponed: date | None


@judged
@attrs.frozen
class Statistics:
    """
    Counts interactions and adds up cost and minutes.

    Attributes:
        since, until: First and last date that count, inclusive; ``None`` means open.

    Source: interactions 4.
    """

    work: UnitOfWork
    since: date | None = None
    until: date | None = None

    def of_contact(self, contact_no: str) -> Figures:
        """Return the figures of a contact, of a company with its persons; or `NotFoundError`."""
        return self.of(scope_of(self.work, contact_no))

    def dates_of_contact(self, contact_no: str) -> ContactDates:
        """
        Return the dates of a contact, over the whole log; or `NotFoundError`.

        Source: interactions 4; canceled entries do not count (§8.12).
        """
        scope = attrs.evolve(scope_of(self.work, contact_no), canceled=False)
        logged = attrs.evolve(scope, postponed=False)
        log, beginning = self.work.interactions, Position(date.min, 0)
        pages = (
            log.newest(attrs.evolve(logged, initiated_by=InitiatedBy.US), limit=1),
            log.newest(attrs.evolve(logged, attempt_failed=False), limit=1),
            log.newest(attrs.evolve(scope, postponed=True), after=beginning, limit=1),
        )
        return ContactDates(*(page[0].date if page else None for page in pages))

    def of(self, log_filter: LogFilter) -> Figures:
        """Return the figures of entries that match, such as ``LogFilter(campaign_no="CP1")``."""
        ((_, figures),) = self.work.interactions.figures(self._counted(log_filter))
        return figures

    @overload
    def by(
        self, dimension: Dimension, *, log_filter: LogFilter | None = None
    ) -> FiguresTable[str | None]: ...

    @overload
    def by(
        self, dimension: Dimension, second: Dimension, *, log_filter: LogFilter | None = None
    ) -> FiguresTable[tuple[str | None, str | None]]: ...

    def by(
        self,
        dimension: Dimension,
        second: Dimension | None = None,
        *,
        log_filter: LogFilter | None = None,
    ) -> FiguresTable[Any]:
        """
        Return the figures split by a dimension, in the order of its keys; ``None`` first.

        A second dimension splits them further: keys are pairs then.
        """
        matching = self._counted(log_filter or LogFilter())
        by = [dimension] if second is None else [dimension, second]
        return FiguresTable(self.work.interactions.figures(matching, *by))

    def by_month(self, log_filter: LogFilter | None = None) -> FiguresTable[str]:
        """Return the figures split by month, such as ``2026-01``, oldest first."""
        days = self.by(Dimension.DATE, log_filter=log_filter)
        return FiguresTable(_merged((str(day)[:7], figures) for day, figures in days))

    def by_month_and(
        self, dimension: Dimension, log_filter: LogFilter | None = None
    ) -> FiguresTable[tuple[str, str | None]]:
        """Return the figures split by month, oldest first, then by a dimension as `by` does."""
        days = self.by(Dimension.DATE, dimension, log_filter=log_filter)
        rows = _merged(((str(day)[:7], key), figures) for (day, key), figures in days)
        return FiguresTable(sorted(rows, key=lambda row: (row[0][0], row[0][1] or "")))

    def _counted(self, log_filter: LogFilter) -> LogFilter:
        # None asks nothing; of two bounds the narrower one counts
        starts = [day for day in (self.since, log_filter.since) if day is not None]
        ends = [day for day in (self.until, log_filter.until) if day is not None]
        return attrs.evolve(
            fixed(log_filter, canceled=False, postponed=False),
            since=max(starts, default=None),
            until=min(ends, default=None),
        )


def _merged(rows: Iterable[tuple[M, Figures]]) -> Iterable[tuple[M, Figures]]:
    """Add up the figures of equal keys, in the order in which they come."""
    sums: dict[M, Figures] = {}
    for key, each in rows:
        so_far = sums.get(key, Figures(0, Decimal(0), 0))
        sums[key] = Figures(
            so_far.interactions + each.interactions,
            exact_sum((so_far.cost_lcy, each.cost_lcy)),
            so_far.duration_min + each.duration_min,
        )
    return sums.items()
