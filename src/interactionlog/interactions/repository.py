"""The port of the interaction log, and the filters that it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple, Protocol

import attrs

from interactionlog.arguments import UNASKED, asked, judged, refuses_odd
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.unit_of_work import NumberedRecords
from interactionlog.values import (
    CorrespondenceType,
    DeliveryStatus,
    DocumentType,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    as_member,
)


class Position(NamedTuple):
    """Where a page of the log ended: date, then entry number."""

    date: date
    entry_no: int


@judged
@attrs.frozen(kw_only=True)
class LogFilter:
    """
    Which entries of the log match; all conditions must hold, and ``None`` is no condition.

    Attributes:
        contact_no: The contact itself.
        contact_company_no: The company with all its persons.
        salesperson_code, interaction_template_code, interaction_group_code, campaign_no,
            campaign_entry_no, opportunity_no, to_do_no, segment_no, logged_segment_entry_no,
            host_ref: As on the entry.
        since: First date.
        until: Last date, inclusive.
        information_flow, initiated_by, evaluation, attempt_failed: As on the entry.
        campaign_target: Targets of their campaign, or the others.
        campaign_response: Answers to their campaign, or the others.
        canceled: Canceled entries only, or live ones only.
        postponed: Postponed entries only, or logged ones only.
    """

    contact_no: str | None = None
    contact_company_no: str | None = None
    salesperson_code: str | None = None
    interaction_template_code: str | None = None
    interaction_group_code: str | None = None
    campaign_no: str | None = None
    campaign_entry_no: int | None = None
    opportunity_no: str | None = None
    to_do_no: str | None = None
    segment_no: str | None = None
    logged_segment_entry_no: int | None = None
    host_ref: str | None = None
    since: date | None = None
    until: date | None = None
    information_flow: InformationFlow | None = None
    initiated_by: InitiatedBy | None = None
    attempt_failed: bool | None = None
    evaluation: Evaluation | None = None
    campaign_target: bool | None = None
    campaign_response: bool | None = None
    canceled: bool | None = None
    postponed: bool | None = None

    def matches(self, entry: InteractionLogEntry) -> bool:
        """Say whether one entry matches."""
        for name, wanted in self.conditions():
            if name == "since":
                fits = entry.date >= wanted  # type: ignore[operator]
            elif name == "until":
                fits = entry.date <= wanted  # type: ignore[operator]
            else:
                fits = getattr(entry, name) == wanted
            if not fits:
                return False
        return True

    def conditions(self) -> list[tuple[str, object]]:
        """Return name and value of the conditions that ask something, always in one order."""
        return [
            (field.name, value)
            for field in attrs.fields(LogFilter)
            if (value := getattr(self, field.name)) is not None
        ]


def _evaluations(values: Collection[Evaluation | None]) -> frozenset[Evaluation | None]:
    found: frozenset[Evaluation | None] = asked(values, as_member(Evaluation))
    return found


def _statuses(values: Collection[DeliveryStatus | None]) -> frozenset[DeliveryStatus | None]:
    found: frozenset[DeliveryStatus | None] = asked(values, as_member(DeliveryStatus))
    return found


@judged
@refuses_odd
@attrs.frozen(kw_only=True)
class OutcomeFilter:
    """
    Which outcomes match; the conditions are joined by AND, and none takes every entry.

    Attributes:
        evaluations: Any of these evaluations, none if left out. ``None`` in the set stands for
            "not evaluated".
        attempt_failed: The attempt failed or did not; ``None`` asks nothing.
        campaign_response: It is an answer to a campaign or not; ``None`` asks nothing.
        delivery_statuses: Any of these delivery states, none if left out. ``None`` in the set
            stands for "not asked for, or sent".
    """

    evaluations: frozenset[Evaluation | None] = attrs.field(default=UNASKED, converter=_evaluations)
    attempt_failed: bool | None = None
    campaign_response: bool | None = None
    delivery_statuses: frozenset[DeliveryStatus | None] = attrs.field(
        default=UNASKED, converter=_statuses
    )

    def matches(self, entry: InteractionLogEntry) -> bool:
        """Say whether the entry had that outcome."""
        return (
            (not self.evaluations or entry.evaluation in self.evaluations)
            and self.attempt_failed in {None, entry.attempt_failed}
            and self.campaign_response in {None, entry.campaign_response}
            and (not self.delivery_statuses or entry.delivery_status in self.delivery_statuses)
        )


class Figures(NamedTuple):
    """Number of interactions, their cost in local currency and their whole minutes."""

    interactions: int
    cost_lcy: Decimal
    duration_min: int


class Dimension(Enum):
    """By what figures of the log are split."""

    CONTACT = "contact"
    TEMPLATE = "template"
    GROUP = "group"
    SALESPERSON = "salesperson"
    CAMPAIGN = "campaign"
    SEGMENT = "segment"
    DATE = "date"


class Logging(NamedTuple):
    """
    What all entries of one logging have in common.

    Attributes:
        logged_segment_entry_no, user_id, recorded_at: As on the entry.
        delivery_status: Of entries with a correspondence type.
        modified_word_template: Of entries without an attachment.
    """

    logged_segment_entry_no: int
    user_id: str | None
    recorded_at: datetime
    delivery_status: DeliveryStatus | None
    modified_word_template: int | None


class LineRange(NamedTuple):
    """
    Consecutive lines of an open segment.

    Attributes:
        segment_no: The segment.
        after, through: From the line that follows ``after`` to the one with number ``through``.
        left_out_of: Without what was stored as left out by this logging; ``None``: all lines.
    """

    segment_no: str
    after: int
    through: int
    left_out_of: int | None = None


class InteractionLogRepository(NumberedRecords[InteractionLogEntry], Protocol):
    """
    Stored interaction log entries, keyed by entry number; one that is missing is an
    `EntryNotFoundError`.

    An adapter conforms when it passes ``testing.InteractionLogContract``.
    """

    def add_of_segment(
        self,
        logging: Logging,
        lines: LineRange,
        entry_nos: Sequence[int],
        personal_fields: Mapping[int, int],
    ) -> None:
        """
        Store the entries of lines of an open segment, in line order, under reserved numbers.

        The store copies what the lines say, as ``LINE_TO_ENTRY`` pairs the fields, and names the
        campaign entry that the logged segment has for the line's campaign. What neither a line nor
        its logging fills is stored with its default.

        Args:
            logging: What all of them have in common.
            entry_nos: One rising number for each.
            personal_fields: The mask of each line that has one other than 0, by line number.

        Raises:
            StorageError: There are more lines, or fewer, than numbers.
        """

    def contacted(
        self,
        contact_nos: Collection[str],
        correspondence_type: CorrespondenceType | None,
        since: date,
        until: date,
        *,
        not_in: int | None = None,
    ) -> Mapping[str, int]:
        """
        Return how often up to 1,000 contacts were written to, by number; never is left out.

        Live entries of the correspondence type that are not inbound count, failed attempts do not,
        nor do those of the logged segment ``not_in``.
        """

    def many(self, entry_nos: Collection[int]) -> Sequence[InteractionLogEntry]:
        """Return the entries, by number, or raise `EntryNotFoundError` for one that is missing."""

    def set(self, entry_nos: Collection[int], **values: object) -> None:  # type: ignore[override]
        """
        Change named fields of these entries, and nothing else of them.

        Raises:
            EntryNotFoundError: One does not exist.
            FieldInvalidError, UsageError: A field does not take the value, or does not exist.
        """

    def set_cancel_reason(self, entry_nos: Collection[int], reason: int, *, canceled: bool) -> None:
        """Set or clear one reason of canceling on these entries, or raise `EntryNotFoundError`."""

    def remove(self, *key: object) -> None:
        """Delete the entry and its comment lines, or raise `EntryNotFoundError`."""

    def remove_matching(
        self, log_filter: LogFilter, *, before: Position | None = None, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        """
        Delete up to ``limit`` matching entries with their comments; return them as they were.

        They are the newest ones, and come newest first. An entry that no longer matches when it
        can be deleted stays.

        Args:
            before: Only entries before this place in the log, which is that of the last one
                returned before; ``None`` begins with the newest.
            limit: How many at most.
        """

    def comments(self, entry_no: int) -> Sequence[LogComment]:
        """Return the comment lines of an entry by line number."""

    def remove_comments(self, entry_no: int) -> None:
        """Delete all comment lines of an entry; none is no error."""

    def newest(
        self,
        log_filter: LogFilter,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        """
        Return a page of the entries that match, newest first.

        By falling date, then falling entry number; ``before`` is where the last page ended. With
        ``after``, where a page began, the page is the one just above it.
        """

    def of_document(
        self,
        document_type: DocumentType,
        document_no: str,
        doc_no_occurrence: int,
        version_no: int,
        contact_no: str,
    ) -> Sequence[InteractionLogEntry]:
        """Return a document's entries for a contact, reprints too, by rising reprint number."""

    def of_logged_segment(
        self, logged_segment_entry_no: int, *, after: int = 0, limit: int = 1_000
    ) -> Sequence[InteractionLogEntry]:
        """Return the next entries of a logged segment after number ``after``, by number."""

    def of_logged_segment_with(
        self, logged_segment_entry_no: int, contact_nos: Collection[str]
    ) -> Sequence[InteractionLogEntry]:
        """Return the logged segment's entries of these contacts, by number. Up to 1,000 numbers."""

    def used_further(self, logged_segment_entry_no: int, evaluated_before: int) -> tuple[int, int]:
        """
        Count the logged segment's entries that were evaluated, and resendings.

        Canceled ones count as well. A resending counts as such only.

        Args:
            evaluated_before: Bit of ``personal_fields`` that says: evaluated on the line already.
        """

    def leave_logged_segment(self, logged_segment_entry_no: int) -> int:
        """
        Take the logged segment off its entries; return how many.

        Its reason of canceling becomes the entry's own, so that they stay canceled; that of their
        campaign entry is added where it is one of the logged segment: it leaves as well.
        """

    def figures(self, log_filter: LogFilter, *by: Dimension) -> Sequence[tuple[Any, Figures]]:
        """
        Return the figures of the entries that match, canceled and postponed ones too.

        Split ``by`` a dimension in the order of its keys, none first; a date's key is its ISO form.
        By two, keys are pairs. Without one there is a single row with the key ``None``, also when
        nothing matches.
        """

    def count_contacts(self, log_filter: LogFilter) -> int:
        """Count the contacts of the entries that match, each once."""

    def target_companies(self, campaign_no: str) -> Set[str | None]:
        """Return the companies of the live, logged targets of a campaign; ``None`` for none."""

    def leave_campaign_entry(self, campaign_no: str, campaign_entry_no: int) -> None:
        """
        Take a campaign entry off its interactions.

        Its reason of canceling becomes the interaction's own, so that they stay canceled.
        """

    def set_canceled(self, log_filter: LogFilter, reason: int, *, canceled: bool) -> int:
        """Set or clear one reason of canceling on every matching entry; return how many."""
