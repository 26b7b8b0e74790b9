"""The steps that chose the contacts of a segment, and steps saved under a code."""

from __future__ import annotations

from datetime import datetime

import attrs

from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.values import (
    CriteriaAction,
    CriteriaSource,
    as_code,
    as_optional_code,
    as_utc,
    entry_number,
    flag,
    instance_of,
    instant,
    length,
    one_of,
    optional,
    optional_code,
    whole,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CriteriaStep:
    """
    One step of choosing contacts, as it was taken.

    Attributes:
        segment_no: The segment.
        logged_segment_entry_no: Logged segment that keeps the step; ``None`` while it is open.
        step_no: 1, 2, 3, … within the segment.
        action: Add, reduce or refine.
        filter: The contacts that matched.
        all_contacts: The caller said that everybody matches.
        widening: Whom an add took along.
        allow_existing: An add took contacts that had a line already.
        ignore_exclusion: An add took contacts that are excluded from segments.
        entire_companies: A reduce or refine went by whole companies.
        source: Selection, by hand or a logged segment.
        source_entry_no: The logged segment that was used again; ``None`` for none.
        lines_added, lines_removed: What the step did.
        user_id, recorded_at: Who took it and when, UTC.

    Source: tables 5097 Segment Criteria Line and 5078 Segment History.
    """

    segment_no: str = attrs.field(converter=as_code, validator=length(1, 20))
    logged_segment_entry_no: int | None = attrs.field(
        default=None, validator=optional(entry_number)
    )
    step_no: int = attrs.field(validator=whole(1))
    action: CriteriaAction = attrs.field(validator=one_of(CriteriaAction))
    filter: ContactFilter = attrs.field(factory=ContactFilter, validator=instance_of(ContactFilter))
    all_contacts: bool = attrs.field(default=False, validator=flag)
    widening: Widening = attrs.field(factory=Widening, validator=instance_of(Widening))
    allow_existing: bool = attrs.field(default=False, validator=flag)
    ignore_exclusion: bool = attrs.field(default=False, validator=flag)
    entire_companies: bool = attrs.field(default=False, validator=flag)
    source: CriteriaSource = attrs.field(
        default=CriteriaSource.SELECTION, validator=one_of(CriteriaSource)
    )
    source_entry_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    lines_added: int = attrs.field(default=0, validator=whole())
    lines_removed: int = attrs.field(default=0, validator=whole())
    user_id: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(50)
    )
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)


@attrs.frozen(kw_only=True, weakref_slot=False)
class SavedCriteria:
    """
    Steps saved under a code; created and deleted, never edited.

    Attributes:
        code: Key; 1 to 10 characters, upper case.
        description: At most 100 characters.
        user_id: Who saved them.

    Source: table 5098 Saved Segment Criteria.
    """

    code: str = attrs.field(converter=as_code, validator=length(1, 10))
    description: str = attrs.field(default="", validator=length(0, 100))
    user_id: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(50)
    )


@attrs.frozen(kw_only=True, weakref_slot=False)
class SavedCriteriaStep:
    """
    One saved step; its fields mean what they mean in `CriteriaStep`.

    Attributes:
        code: The saved criteria.
        step_no: 1, 2, 3, … within them.

    Source: table 5099 Saved Segment Criteria Line.
    """

    code: str = attrs.field(converter=as_code, validator=length(1, 10))
    step_no: int = attrs.field(validator=whole(1))
    action: CriteriaAction = attrs.field(validator=one_of(CriteriaAction))
    filter: ContactFilter = attrs.field(factory=ContactFilter, validator=instance_of(ContactFilter))
    all_contacts: bool = attrs.field(default=False, validator=flag)
    widening: Widening = attrs.field(factory=Widening, validator=instance_of(Widening))
    allow_existing: bool = attrs.field(default=False, validator=flag)
    ignore_exclusion: bool = attrs.field(default=False, validator=flag)
    entire_companies: bool = attrs.field(default=False, validator=flag)
    source: CriteriaSource = attrs.field(
        default=CriteriaSource.SELECTION, validator=one_of(CriteriaSource)
    )
    source_entry_no: int | None = attrs.field(default=None, validator=optional(entry_number))
