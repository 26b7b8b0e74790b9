"""Choosing the contacts of a segment, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.enumerations import CriteriaAction
from interactionlog.errors import UsageError
from interactionlog.segments.adding import LineWriter
from interactionlog.segments.segment import Segment
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["ContactSelection"]


@attrs.frozen
class ContactSelection:
    """
    Chooses the contacts of one segment; every step is recorded.

    Attributes:
        work: The unit of work.
        segment_no: The segment.
    """

    work: UnitOfWork
    segment_no: str

    def add(
        self,
        contact_filter: ContactFilter | None = None,
        *,
        persons_of_matched_companies: bool = False,
        colleagues_of_matched_persons: bool = False,
        related_companies: bool = False,
        allow_existing: bool = False,
        ignore_exclusion: bool = False,
        all_contacts: bool = False,
    ) -> CriteriaStep:
        """
        Write a line for every contact that is meant and has none yet; return the step.

        Lines come in the order of company name, company number, type and name. Contacts that are
        blocked for privacy are never added.

        Args:
            contact_filter: Who is meant; ``None`` or an empty one needs ``all_contacts``.
            persons_of_matched_companies: Add the persons of matching companies too.
            colleagues_of_matched_persons: Add company and colleagues of matching persons too.
            related_companies: Add the companies of matching persons too.
            allow_existing: Add contacts again that have a line already.
            ignore_exclusion: Add contacts that are excluded from segments.
            all_contacts: Everybody is meant.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError: There is no such open segment.
            UsageError: An empty filter without ``all_contacts``.

        Source: SEG-063 with D-04, D-15 and D-32.
        """
        contact_filter = _said(contact_filter, all_contacts=all_contacts)
        widening = Widening(
            persons_of_matched_companies=persons_of_matched_companies,
            colleagues_of_matched_persons=colleagues_of_matched_persons,
            related_companies=related_companies,
        )
        with self.work.atomic():
            segment = self.work.segments.lock(self.segment_no)
            step_no = len(self.work.segments.steps(segment.no)) + 1
            contact_nos = self.work.contacts.matching(
                contact_filter, widening=None if widening == Widening() else widening
            )
            added = LineWriter(self.work, segment).add(
                contact_nos,
                step_no=step_no,
                allow_existing=allow_existing,
                ignore_exclusion=ignore_exclusion,
            )
            step = CriteriaStep(
                segment_no=segment.no,
                step_no=step_no,
                action=CriteriaAction.ADD,
                filter=contact_filter,
                all_contacts=all_contacts,
                widening=widening,
                allow_existing=allow_existing,
                ignore_exclusion=ignore_exclusion,
                lines_added=added,
                user_id=self.work.user_id,
                recorded_at=self.work.clock.now(),
            )
            self.work.segments.add_step(step)
        return step

    def reduce(
        self,
        contact_filter: ContactFilter | None = None,
        *,
        entire_companies: bool = False,
        all_contacts: bool = False,
    ) -> CriteriaStep:
        """
        Delete the lines of the contacts that are meant; return the step.

        Lines without contact stay.

        Args:
            contact_filter: Who is meant; ``None`` or an empty one needs ``all_contacts``.
            entire_companies: Whoever belongs to the company of a matching contact goes too.
            all_contacts: Everybody is meant.

        Raises:
            NotFoundError, SegmentAlreadyLoggedError: There is no such open segment.
            UsageError: An empty filter without ``all_contacts``.

        Source: SEG-064 with D-15.
        """
        contact_filter = _said(contact_filter, all_contacts=all_contacts)
        with self.work.atomic():
            segment = self.work.segments.lock(self.segment_no)
            removed = self._remove_matching(segment, contact_filter, entire_companies)
            step = CriteriaStep(
                segment_no=segment.no,
                step_no=len(self.work.segments.steps(segment.no)) + 1,
                action=CriteriaAction.REDUCE,
                filter=contact_filter,
                all_contacts=all_contacts,
                entire_companies=entire_companies,
                lines_removed=removed,
                user_id=self.work.user_id,
                recorded_at=self.work.clock.now(),
            )
            self.work.segments.add_step(step)
        return step

    def _remove_matching(
        self, segment: Segment, contact_filter: ContactFilter, entire_companies: bool
    ) -> int:
        removed, last = 0, 0
        # whole companies: by companies in the matching set, from the companies' own point of view
        of_companies = self._matching_companies(contact_filter) if entire_companies else None
        while lines := self.work.segments.lines_after(segment.no, last):
            nos = sorted({line.contact_no for line in lines if line.contact_no is not None})
            matched = set(self.work.contacts.matching(contact_filter, among=nos))
            going = [
                line.line_no
                for line in lines
                if line.contact_no in matched
                or (of_companies is not None and line.contact_company_no in of_companies)
            ]
            self.work.segments.remove_lines(segment.no, going)
            removed += len(going)
            last = lines[-1].line_no
        return removed

    def _matching_companies(self, contact_filter: ContactFilter) -> set[str]:
        matched: Sequence[str] = self.work.contacts.matching(
            contact_filter, widening=Widening(related_companies=True)
        )
        return set(matched)


def _said(contact_filter: ContactFilter | None, *, all_contacts: bool) -> ContactFilter:
    contact_filter = contact_filter or ContactFilter()
    if contact_filter.is_empty and not all_contacts:
        message = "an empty filter means everybody: say all_contacts=True if that is meant"
        raise UsageError(message)
    return contact_filter
