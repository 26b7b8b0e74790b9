"""Pure: the log entry of a line, built once and complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from interactionlog._trusted import trusted
from interactionlog.contacts.directory import ContactStanding
from interactionlog.enumerations import DeliveryStatus
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.segment_line import SegmentLine

__all__ = ["EntryBuilder"]

_new_entry: Callable[..., InteractionLogEntry] = trusted(InteractionLogEntry)


@attrs.frozen(kw_only=True)
class EntryBuilder:
    """
    Builds the entries of one logging from its lines.

    Attributes:
        logged_segment_entry_no: The logged segment.
        given: What lines inherit, to see what is personal.
        user_id: Who logs.
        recorded_at: When it is logged, UTC.
        deliver: The content is to be delivered.
        campaign_entry_nos: Campaign entry by campaign number.
        modified_word_template: The segment's edited Word template, for lines without content of
            their own; ``None`` for none.
    """

    logged_segment_entry_no: int
    given: Inheritance
    user_id: str | None
    recorded_at: datetime
    deliver: bool
    campaign_entry_nos: Mapping[str | None, int]
    modified_word_template: int | None

    def entries(
        self,
        lines: Sequence[SegmentLine],
        entry_nos: Iterable[int],
        standings: Mapping[str, ContactStanding],
    ) -> list[InteractionLogEntry]:
        """
        Return the entries of lines that are logged, in their order. (SEG-102)

        What a line never fills stands behind ``recorded_at`` and keeps its default.
        """
        requested = DeliveryStatus.REQUESTED if self.deliver else None
        campaign_entry_nos, given = self.campaign_entry_nos, self.given
        user_id, recorded_at = self.user_id, self.recorded_at
        modified = self.modified_word_template
        logged_segment_entry_no, new_entry = self.logged_segment_entry_no, _new_entry
        return [
            new_entry(
                entry_no,
                line.contact_no,
                line.contact_company_no,
                line.date,
                line.time_of_interaction,
                line.description,
                line.subject,
                line.information_flow,
                line.initiated_by,
                line.correspondence_type,
                line.evaluation,
                line.cost_lcy,
                line.duration_min,
                user_id,
                line.interaction_group_code,
                line.interaction_template_code,
                line.language_code,
                line.campaign_no,
                campaign_entry_nos.get(line.campaign_no),
                line.campaign_response,
                line.campaign_target,
                line.segment_no,
                line.line_no,
                logged_segment_entry_no,
                line.attempt_failed,
                line.to_do_no,
                line.salesperson_code,
                requested if line.correspondence_type else None,
                line.attachment_no,
                line.contact_alt_address_code,
                line.contact_via,
                line.send_word_doc_as_attmt,
                line.word_template_code,
                line.merged,
                None if line.attachment_no else modified,
                line.opportunity_no,
                given.personal_fields(line, standings[line.contact_no]),  # type: ignore[index]
                recorded_at,
            )
            for entry_no, line in zip(entry_nos, lines, strict=True)
        ]
