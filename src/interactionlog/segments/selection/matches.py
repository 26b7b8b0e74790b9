"""Which contacts and lines a selection step matches, and what it does to the lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

import attrs

from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.errors import UsageError
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.segments.selection.steps import CHUNK, LineWriter
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction, CriteriaSource


@runtime_checkable
class SetBasedLines(Protocol):
    """
    Lines that are written and removed without reading them, for contacts that lie beside them.

    A store of segments may offer this; it gives what the reading way gives.
    """

    def reaches(self, contacts: ContactDirectory) -> bool:
        """Say whether these contacts lie in tables beside the lines, and not with a host."""

    def write_matching(self, step: CriteriaStep, contact_filter: ContactFilter) -> int:
        """Write a line after the last one for each contact that a step adds; return how many."""

    def remove_matching_lines(self, step: CriteriaStep, contact_filter: ContactFilter) -> int:
        """Remove the lines that a step reduces or does not refine to; return how many."""

    def follow_date(self, no: str, holding: Mapping[str, object], to: date | None) -> None:
        """Give lines that hold these values the address of another day, unless it was picked."""


def filter_of_step(work: UnitOfWork, step: CriteriaStep) -> ContactFilter:
    """
    Return the filter of a step as it applies today.

    A step that used a logged segment matches who has a live interaction of it (SEG-084); what
    only the host knows is looked up by its hook.
    """
    contact_filter = step.filter
    if step.source is CriteriaSource.LOGGED_SEGMENT:
        of = {"logged_segment_entry_no": step.source_entry_no, "canceled": False}
        return ContactFilter(interactions=of)
    for name, conditions in contact_filter.elsewhere:
        source = next((each for each in work.hooks.contact_sources if each.source == name), None)
        if source is None:
            message = (
                f"nobody answers for the source {name!r}: give the store a hook with "
                f"source = {name!r} and contacts_with(), see ContactSource"
            )
            raise UsageError(message)
        found = frozenset(source.contacts_with(work, conditions))
        within = contact_filter.within
        contact_filter = attrs.evolve(
            contact_filter, within=found if within is None else within & found
        )
    return attrs.evolve(contact_filter, elsewhere=())


def take_step(work: UnitOfWork, segment: Segment, step: CriteriaStep) -> CriteriaStep:
    """Do what a step says, and record it with what it did."""
    if step.action is CriteriaAction.ADD:
        step = attrs.evolve(step, lines_added=_add_matching(work, segment, step))
    else:
        step = attrs.evolve(step, lines_removed=_remove_matching(work, segment, step))
    work.segments.add_step(step)
    return step


def _add_matching(work: UnitOfWork, segment: Segment, step: CriteriaStep) -> int:
    """Write the lines of a step that adds. (SEG-063)"""
    contact_filter, lines = filter_of_step(work, step), work.segments
    if isinstance(lines, SetBasedLines) and lines.reaches(work.contacts):
        return lines.write_matching(step, contact_filter)
    return LineWriter(work, segment).add(
        work.contacts.matching(contact_filter, widening=step.widening),
        step_no=step.step_no,
        allow_existing=step.allow_existing,
        ignore_exclusion=step.ignore_exclusion,
    )


def _remove_matching(work: UnitOfWork, segment: Segment, step: CriteriaStep) -> int:
    """Remove the lines that a step reduces or does not refine to. (SEG-064, SEG-065)"""
    lines = work.segments
    if isinstance(lines, SetBasedLines) and lines.reaches(work.contacts):
        return lines.remove_matching_lines(step, filter_of_step(work, step))
    removed = 0
    for going in lines_going(work, segment.no, step):
        lines.remove_by_step(segment.no, step.step_no, going)
        removed += len(going)
    return removed


def lines_going(work: UnitOfWork, segment_no: str, step: CriteriaStep) -> Iterator[list[int]]:
    """Yield the numbers of the lines that a step removes, chunk by chunk."""
    contact_filter, last = filter_of_step(work, step), 0
    reduces = step.action is CriteriaAction.REDUCE
    while lines := work.segments.lines_after(segment_no, last):
        matched = matching_lines(
            work, contact_filter, lines, entire_companies=step.entire_companies
        )
        yield [line.line_no for line in lines if (line.line_no in matched) is reduces]
        last = lines[-1].line_no


def matching_lines(
    work: UnitOfWork,
    contact_filter: ContactFilter,
    lines: Sequence[SegmentLine],
    *,
    entire_companies: bool,
) -> set[int]:
    """
    Return the numbers of those lines whose contact matches; lines without one never do.

    Args:
        work: The unit of work.
        contact_filter: Which contacts match.
        lines: Up to 1,000 lines.
        entire_companies: A line matches as well when anybody of its contact's company does.
    """
    nos = {line.contact_no for line in lines if line.contact_no is not None}
    contacts = set(work.contacts.matching(contact_filter, among=nos))
    companies: set[str] = set()
    if entire_companies:
        wanted = {line.contact_company_no for line in lines if line.contact_company_no is not None}
        companies = _matching_companies(work, contact_filter, wanted)
    return {
        line.line_no
        for line in lines
        if line.contact_no is not None
        and (line.contact_no in contacts or line.contact_company_no in companies)
    }


def _matching_companies(
    work: UnitOfWork, contact_filter: ContactFilter, wanted: Collection[str]
) -> set[str]:
    companies = frozenset(wanted)
    if contact_filter.company_nos:
        companies &= contact_filter.company_nos
    if not companies:
        return set()
    nos = work.contacts.matching(attrs.evolve(contact_filter, company_nos=companies))
    return {
        contact.company_no
        for begin in range(0, len(nos), CHUNK)
        for contact in work.contacts.many(nos[begin : begin + CHUNK]).values()
        if contact.company_no is not None
    }
