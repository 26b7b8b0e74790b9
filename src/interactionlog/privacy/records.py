"""Erasures and seals as they are stored, and the port to what is held about persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, Protocol

import attrs

from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.values import (
    CONTACT_NO,
    as_code,
    as_utc,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    flag,
    instant,
    length,
    whole,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Erasure:
    """
    That something personal was erased: who did it when, and how much, but not of whom.

    Attributes:
        erasure_no: Key; rising, never used again.
        scope: ``contact``, or the age and templates of what was erased.
        reason: Why; 1 to 250 characters. Write nothing personal into it.
        counts: Rows by table.
        user_id, recorded_at: Who erased and when, UTC.
    """

    erasure_no: int = attrs.field(validator=entry_number)
    scope: str = attrs.field(validator=length(1, 250))
    reason: str = attrs.field(validator=length(1, 250))
    counts: Mapping[str, int] = attrs.field(factory=dict)
    user_id: str | None = code_or_none(50)
    recorded_at: dt.datetime = attrs.field(converter=as_utc, validator=instant)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Seal:
    """
    One link of the chain over the log.

    Attributes:
        seal_no: Key; 1, 2, 3, …
        entries, last_entry_no: How many entries it covers, and the highest number of the log then.
        digest: Over the digest of the seal before and the digests of its entries, in hexadecimal.
        user_id, recorded_at: Who sealed and when, UTC.
    """

    seal_no: int = attrs.field(validator=entry_number)
    entries: int = attrs.field(validator=whole())
    last_entry_no: int = attrs.field(validator=whole(0, 2**63 - 1))
    digest: str = attrs.field(validator=length(64, 64))
    user_id: str | None = code_or_none(50)
    recorded_at: dt.datetime = attrs.field(converter=as_utc, validator=instant)


@attrs.frozen(kw_only=True, weakref_slot=False)
class EntrySeal:
    """
    Digests of one entry, which `Seal` chains.

    Attributes:
        entry_no: Key; the entry.
        seal_no: The seal; 0 while the entry is postponed.
        postponed_in: The seal that found the entry postponed first; 0 for none.
        fixed, living: Over what is not personal and stays, or is changed by later calls.
        personal, linked: The same over what is personal, under the key of the contact.
        salt: Makes equal entries unlike; ``""`` when it was erased.
        erasure_no: The erasure that took what is personal; ``None`` for none.
        removed: The entry was deleted by a call.
    """

    entry_no: int = attrs.field(validator=entry_number)
    seal_no: int = attrs.field(default=0, validator=whole())
    postponed_in: int = attrs.field(default=0, validator=whole())
    fixed: str = attrs.field(default="", validator=length(0, 64))
    living: str = attrs.field(default="", validator=length(0, 64))
    personal: str = attrs.field(default="", validator=length(0, 64))
    linked: str = attrs.field(default="", validator=length(0, 64))
    salt: str = attrs.field(default="", validator=length(0, 32))
    erasure_no: int | None = field_or_none(entry_number)
    removed: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, weakref_slot=False)
class SealKey:
    """
    The key that the personal digests of a contact are made with; erasing destroys it.

    Attributes:
        contact_no: Key; the contact.
        secret: 32 random bytes in hexadecimal.
    """

    contact_no: str = attrs.field(converter=as_code, validator=code_text(1, CONTACT_NO))
    secret: str = attrs.field(validator=length(64, 64))


Owner = Literal["contact", "entry", "company"]
"""Whose rows: those about contacts, those of entries, those that only name a company."""

Row = Mapping[str, Any]


class PersonalRecords(Protocol):
    """
    What is held about persons, in whichever table it lies.

    The stores that ship take from the description of their tables what is personal.
    """

    def rows(self, of: Owner, numbers: Collection[str | int]) -> Mapping[str, Sequence[Row]]:
        """Return rows by table, each with its fields, in the order of their keys."""

    def lock(self, of: Owner, numbers: Collection[str | int]) -> None:
        """
        Keep all entries of these, and the logged segments of those, until the transaction ends.

        It waits for everybody who writes to them; what is read from then on stays as it is.
        """

    def forget(self, of: Owner, numbers: Collection[str | int]) -> Mapping[str, int]:
        """Delete these rows, or blank what is personal in them; return how many by table."""

    def aged(self, before: dt.date, templates: Collection[str] | None, after: int) -> Sequence[int]:
        """Return up to 1,000 numbers of entries about contacts from before a day, rising."""

    def left_out(
        self, before: dt.date, templates: Collection[str] | None, after: tuple[int, int]
    ) -> Sequence[Row]:
        """
        Return up to 1,000 left-out lines about contacts from before a day, by key after this one.

        One without a date is as old as its logged segment.
        """

    def forget_left_out(self, before: dt.date, templates: Collection[str] | None) -> int:
        """Blank what is personal in these lines; return how many."""

    def entries_after(
        self, entry_no: int, *, limit: int = 1_000, lock: bool = False
    ) -> Sequence[tuple[int, InteractionLogEntry | None]]:
        """
        Return entries after a number, rising; ``None`` for one that cannot be read.

        With ``lock`` they are kept until the transaction ends, as committed last.
        """

    def comments(self, entry_nos: Collection[int]) -> Sequence[tuple[int, LogComment | None]]:
        """Return the comments of up to 1,000 entries by line; ``None`` for one not readable."""

    def seals_after(self, entry_no: int, *, limit: int = 1_000) -> Sequence[EntrySeal]:
        """Return the seals of entries after a number, rising."""

    def open_seals(self) -> Sequence[EntrySeal]:
        """Return those of entries that were postponed when the log was sealed last."""

    def put_seals(self, seals: Sequence[EntrySeal]) -> None:
        """Store seals of entries, in place of those of the same entries."""

    def mark_seals(self, entry_nos: Collection[int], **values: Any) -> None:
        """Change fields of those of the entries' seals that exist."""
