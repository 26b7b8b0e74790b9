"""Lines written and removed as steps of a selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.segments.content import attachments_of, drop_contents
from interactionlog.segments.inheritance import Inheritance, inheritance_of
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction, CriteriaSource

CHUNK = 1_000


@attrs.frozen
class LineWriter:
    """
    Writes lines of a segment whose header is locked.

    Attributes:
        work: The unit of work.
        segment: The header.
    """

    work: UnitOfWork
    segment: Segment

    def add(
        self,
        contact_nos: Sequence[str],
        *,
        step_no: int,
        allow_existing: bool = False,
        ignore_exclusion: bool = False,
        campaigns: Mapping[str, str | None] | None = None,
    ) -> int:
        """
        Write a line for each contact, in their order, after the last line; return how many.

        Contacts blocked for privacy are left out, and excluded ones and those that have a line
        unless the flags say otherwise; so are numbers that name no contact.

        Args:
            contact_nos: The contacts, each once.
            step_no: Selection step that adds them.
            allow_existing: Write a second line for a contact.
            ignore_exclusion: Write lines for contacts that are excluded from segments.
            campaigns: Campaign of the line by contact; ``None`` takes the header's.
        """
        given = inheritance_of(self.work, self.segment)
        line_no = self.work.segments.last_line_no(self.segment.no)
        added = 0
        for begin in range(0, len(contact_nos), CHUNK):
            nos = contact_nos[begin : begin + CHUNK]
            contacts = [
                contact
                for contact in self._in_order(nos, allow_existing=allow_existing)
                if not contact.privacy_blocked
                and (ignore_exclusion or not contact.exclude_from_segment)
            ]
            lines = self._lines(given, contacts, line_no, step_no)
            if campaigns is not None:
                lines = [
                    attrs.evolve(line, campaign_no=campaigns[line.contact_no or ""])
                    for line in lines
                ]
            self.work.segments.add_lines(lines)
            added += len(lines)
            line_no += 10_000 * len(lines)
        return added

    def _in_order(self, nos: Sequence[str], *, allow_existing: bool) -> list[Contact]:
        contacts = self.work.contacts.many(nos)
        there = (
            set() if allow_existing else self.work.segments.contacts_present(self.segment.no, nos)
        )
        return [contacts[no] for no in nos if no in contacts and no not in there]

    def _lines(
        self, given: Inheritance, contacts: Sequence[Contact], line_no: int, step_no: int
    ) -> list[SegmentLine]:
        nos = [contact.no for contact in contacts]
        day = self.segment.date
        addresses = self.work.contacts.active_addresses(nos, day) if day and nos else {}
        return [
            given.line(line_no + 10_000 * number, contact, addresses.get(contact.no), step_no)
            for number, contact in enumerate(contacts, start=1)
        ]


def next_step_no(work: UnitOfWork, segment_no: str) -> int:
    """Return the number of the step that is about to be taken."""
    return len(work.segments.steps(segment_no)) + 1


def record_by_hand(
    work: UnitOfWork, segment_no: str, action: CriteriaAction, nos: Sequence[str], lines: int
) -> int:
    """Record that lines of these contacts are added or removed by hand; return the step. (D-13)"""
    step_no = next_step_no(work, segment_no)
    adds = action is CriteriaAction.ADD
    work.segments.add_step(
        CriteriaStep(
            segment_no=segment_no,
            step_no=step_no,
            action=action,
            filter=ContactFilter(nos=nos),
            source=CriteriaSource.BY_HAND,
            allow_existing=adds,
            ignore_exclusion=adds,
            lines_added=lines if adds else 0,
            lines_removed=0 if adds else lines,
            user_id=work.user_id,
            recorded_at=work.clock.now(),
        )
    )
    return step_no


def remove_by_hand(work: UnitOfWork, segment_no: str, lines: Sequence[SegmentLine]) -> None:
    """Remove lines as one step; without a contact among them there is none. (SEG-048, SEG-050)"""
    nos = [line.contact_no for line in lines if line.contact_no is not None]
    line_nos = [line.line_no for line in lines]
    if nos:
        step_no = record_by_hand(work, segment_no, CriteriaAction.REDUCE, nos, len(lines))
        work.segments.remove_by_step(segment_no, step_no, line_nos)
        return
    rows = [row for no in line_nos for row in work.segments.languages(segment_no, no)]
    for row in rows:
        work.segments.remove_language(row)
    work.segments.remove_lines(segment_no, line_nos)
    drop_contents(work, attachments_of(rows))


def reset_if_empty(work: UnitOfWork, segment_no: str) -> None:
    """Forget all steps of a segment that lost its last line and took more than one. (SEG-049)"""
    if work.segments.totals(segment_no).lines or len(work.segments.steps(segment_no)) < 2:
        return
    unused = attachments_of(
        row for row in work.segments.all_languages(segment_no) if row.removed_by_step
    )
    work.segments.remove_steps(segment_no)
    drop_contents(work, unused)
