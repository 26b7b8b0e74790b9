"""Following up a logged segment: a new segment of those who were reached, or were not."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from interactionlog._fields import instance_of, refuse
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.enumerations import CriteriaAction, CriteriaSource
from interactionlog.interactions.outcome_filter import OutcomeFilter
from interactionlog.segments.adding import LineWriter
from interactionlog.segments.events import FollowUpSegmentCreated
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.segment import Segment
from interactionlog.segments.segment_service import SegmentService, SegmentValues
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["FollowUp", "create_follow_up"]

_CARRIED = frozenset({"salesperson_code", "interaction_template_code", "subject_default"})


def _as_names(names: Collection[str]) -> frozenset[str]:
    return frozenset([names] if isinstance(names, str) else names)


@attrs.frozen(kw_only=True)
class FollowUp:
    """
    How a logged segment is followed up.

    Attributes:
        where: Outcomes that are followed up; by default all of them.
        carry: What the new header takes over besides the campaign: ``salesperson_code``,
            ``interaction_template_code`` and ``subject_default``.

    Source: SEG-104 with D-19.
    """

    where: OutcomeFilter = attrs.field(factory=OutcomeFilter, validator=instance_of(OutcomeFilter))
    carry: frozenset[str] = attrs.field(default=frozenset(), converter=_as_names)

    @carry.validator
    def _can_be_carried(
        self, attribute: attrs.Attribute[frozenset[str]], value: frozenset[str]
    ) -> None:
        for name in sorted(value - _CARRIED):
            refuse(self, attribute, name, f"takes {', '.join(sorted(_CARRIED))}")


def create_follow_up(work: UnitOfWork, logged: LoggedSegment, follow_up: FollowUp) -> Segment:
    """
    Create the segment that follows up a logged one.

    Its contacts are those of the live entries with the outcome, each once; blocked ones are left
    out. Each line keeps the campaign of its entry. There is one selection step.

    Source: SEG-104, SEG-090 with D-05, D-06 and D-19; INV-S-22.
    """
    header = logged.header
    values: SegmentValues = {"campaign_no": header.campaign_no if header else None}
    for name in sorted(follow_up.carry):
        values[name] = getattr(header, name)  # type: ignore[literal-required]
    segment = SegmentService(work).create(f"Follow-up on {logged.segment_no}"[:100], **values)
    filtered = None if follow_up.where == OutcomeFilter() else follow_up.where
    segment = attrs.evolve(segment, follow_up_of=logged.entry_no, follow_up_filter=filtered)
    work.segments.replace(segment)
    writer, added, last = LineWriter(work, segment), 0, 0
    while entries := work.interactions.of_logged_segment(logged.entry_no, after=last):
        campaigns: dict[str, str | None] = {}
        for entry in entries:
            if entry.contact_no and not entry.canceled and follow_up.where.matches(entry):
                campaigns.setdefault(entry.contact_no, entry.campaign_no)
        added += writer.add(list(campaigns), step_no=1, ignore_exclusion=True, campaigns=campaigns)
        last = entries[-1].entry_no
    work.segments.add_step(
        CriteriaStep(
            segment_no=segment.no,
            step_no=1,
            action=CriteriaAction.ADD,
            filter=ContactFilter(),
            ignore_exclusion=True,
            source=CriteriaSource.LOGGED_SEGMENT,
            source_entry_no=logged.entry_no,
            lines_added=added,
            user_id=work.user_id,
            recorded_at=work.clock.now(),
        )
    )
    work.record(FollowUpSegmentCreated(segment.no, logged.entry_no, added))
    return segment
