"""The contacts of a segment taken elsewhere: into a mailing group, into a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import Enum
from typing import IO, cast

import attrs

from interactionlog.contacts.contact import Contact, Membership
from interactionlog.contacts.contact_filter import CONTACT_FIELDS, ContactFilter
from interactionlog.contacts.directory import ContactRepository
from interactionlog.errors import NotFoundError, UsageError
from interactionlog.segments.changes import chunks_of
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import MembershipKind, as_code

_NAMES = tuple(CONTACT_FIELDS)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@attrs.frozen
class ContactFigures:
    """
    What was done with the contacts of a segment.

    Attributes:
        contacts: Lines that were written, or contacts that are in the group now because of them.
        skipped: Lines without a contact, or whose contact does not exist.
    """

    contacts: int
    skipped: int


@attrs.frozen
class SegmentContacts:
    """Uses the contacts of a segment; the segment itself stays as it is."""

    work: UnitOfWork

    def apply_mailing_group(
        self, segment_no: str, code: str, *, delete_old: bool = False
    ) -> ContactFigures:
        """
        Put the contacts of a segment into a mailing group.

        With ``delete_old`` who is in the group and not in the segment leaves it. `UsageError`
        where the host keeps the contacts, and their groups with them.

        Source: SEG-151 with D-31; INV-S-27.
        """
        contacts = cast("ContactRepository", self.work.contacts)
        if not hasattr(contacts, "put_membership"):
            message = "the host keeps the contacts: put them into the group there"
            raise UsageError(message)
        group = as_code(code)
        applied: set[str] = set()
        skipped = 0
        with self.work.atomic():
            self.work.segments.hold(segment_no)  # it keeps its lines and its number
            old = set(contacts.matching(ContactFilter(mailing_group_codes={group})))
            for contact in self._each(segment_no):
                if contact is None:
                    skipped += 1
                    continue
                applied.add(contact.no)
                if contact.no not in old:
                    contacts.put_membership(_member(contact.no, group))
                    old.add(contact.no)
            for no in sorted(old - applied) if delete_old else ():
                with suppress(NotFoundError):  # it left the group meanwhile
                    contacts.remove_membership(_member(no, group))
        return ContactFigures(len(applied), skipped)

    def export_csv(self, segment_no: str, file: IO[str]) -> ContactFigures:
        """
        Write a heading and one row for each line, in line order, as comma-separated values.

        The columns are the fields of `Contact`. A cell that a spreadsheet would take for a formula
        gets an apostrophe in front. Open the file with ``newline=""`` and ``encoding="utf-8"``.

        Source: SEG-150 with D-31.
        """
        writer = csv.writer(file)
        writer.writerow(_NAMES)
        return self._export(segment_no, lambda row: writer.writerow(map(_cell, row)))

    def export_json_lines(self, segment_no: str, file: IO[str]) -> ContactFigures:
        """Write one JSON object for each line, in line order. (SEG-150)"""
        return self._export(
            segment_no,
            lambda row: file.write(
                json.dumps(dict(zip(_NAMES, row, strict=True)), ensure_ascii=False) + "\n"
            ),
        )

    def _export(
        self, segment_no: str, write: Callable[[Sequence[object]], object]
    ) -> ContactFigures:
        counts = [0, 0]
        for contact in self._each(segment_no):
            counts[contact is None] += 1
            if contact is not None:
                values = (getattr(contact, name) for name in _NAMES)
                write([each.name.lower() if isinstance(each, Enum) else each for each in values])
        return ContactFigures(*counts)

    def _each(self, segment_no: str) -> Iterator[Contact | None]:
        for lines in chunks_of(self.work, self.work.segments.get(segment_no).no):
            nos = {line.contact_no for line in lines if line.contact_no is not None}
            contacts = self.work.contacts.many(nos)
            for line in lines:
                yield contacts.get(line.contact_no or "")


def _member(no: str, group: str) -> Membership:
    return Membership(contact_no=no, kind=MembershipKind.MAILING_GROUP, code=group)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
