"""Writing lines for many contacts, a chunk at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.segments.inheritance import Inheritance, inheritance_of
from interactionlog.segments.segment import Segment
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["LineWriter"]

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
        Write a line for each contact, in their order, behind the last line; return how many.

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
