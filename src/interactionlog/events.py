"""Frozen facts about what was written, for the owner to deliver after the commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from interactionlog._names import defined
from interactionlog.values import Evaluation


class _Counts(Mapping[str, int]):
    """Counts that nobody changes: a fact stays as it was recorded, and may wait in a queue."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)

    def __getitem__(self, code: str) -> int:
        return self._counts[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def __repr__(self) -> str:
        return repr(self._counts)


@attrs.frozen
class _OfEntries:
    entry_nos: tuple[int, ...]


@attrs.frozen
class _OfCampaign:
    campaign_no: str


@attrs.frozen
class InteractionLogged:
    """
    An interaction was finished.

    Attributes:
        entry_no: The entry.
        delivery_requested: Its content is to be delivered.
        warnings: Codes of findings that did not stop it, such as ``no-e-mail``.
    """

    entry_no: int
    delivery_requested: bool = False
    warnings: tuple[str, ...] = ()


@attrs.frozen
class InteractionPostponed:
    """An interaction was stored unfinished, under that entry number."""

    entry_no: int


class InteractionsCanceled(_OfEntries):
    """These entries were canceled, each by itself."""


class InteractionsUncanceled(_OfEntries):
    """The cancellation of these entries was undone."""


@attrs.frozen
class InteractionsEvaluated(_OfEntries):
    """These entries were evaluated."""

    evaluation: Evaluation


class InteractionsDeleted(_OfEntries):
    """These entries were deleted with their comments."""


@attrs.frozen
class AttemptsMarked(_OfEntries):
    """These entries were marked as failed attempts, or as successful ones."""

    failed: bool


@attrs.frozen
class CommentsChanged:
    """A comment line of an entry was added, changed or deleted."""

    entry_no: int
    line_no: int


@attrs.frozen
class OpportunityAssigned:
    """An entry was linked to an opportunity of the host."""

    entry_no: int
    opportunity_no: str


class CampaignActivated(_OfCampaign):
    """The target group of this campaign is in use."""


class CampaignDeactivated(_OfCampaign):
    """The target group of this campaign is out of use."""


class CampaignEntriesCanceled(_OfEntries):
    """These campaign entries were canceled with all their interactions."""


class CampaignEntriesUncanceled(_OfEntries):
    """The cancellation of these campaign entries was undone."""


class CampaignEntriesDeleted(_OfEntries):
    """These canceled campaign entries were deleted with all their interactions."""


@attrs.frozen
class SegmentLogged:
    """
    A segment was logged; there is one such fact and not one for each entry.

    Attributes:
        segment_no: The segment.
        logged_segment_entry_no: The logged segment.
        counts: Lines by decision and reason.
        delivery_requested: The content of its entries is to be delivered.
    """

    segment_no: str
    logged_segment_entry_no: int
    counts: Mapping[str, int] = attrs.field(converter=_Counts)
    delivery_requested: bool


@attrs.frozen
class SegmentUndone:
    """The logging of a segment was undone; the segment is open again."""

    segment_no: str
    logged_segment_entry_no: int


class LoggedSegmentsCanceled(_OfEntries):
    """These logged segments were canceled with all their entries."""


class LoggedSegmentsUncanceled(_OfEntries):
    """The cancellation of these logged segments was undone."""


class LoggedSegmentsDeleted(_OfEntries):
    """These canceled logged segments were deleted; their entries stay, canceled."""


@attrs.frozen
class FollowUpSegmentCreated:
    """
    A new segment follows up a logged one.

    Attributes:
        segment_no: The new segment.
        follow_up_of: The logged segment.
        lines: Number of its lines.
        missing: Fields of its header that logging will ask for.
    """

    segment_no: str
    follow_up_of: int
    lines: int
    missing: tuple[str, ...] = ()


@attrs.frozen
class PersonalDataErased:
    """
    What is personal was erased; the host erases what it keeps itself.

    Attributes:
        erasure_no: The record of it.
        scope: ``contact``, or age and templates.
        counts: Rows by table.
    """

    erasure_no: int
    scope: str
    counts: Mapping[str, int] = attrs.field(factory=dict, converter=_Counts)


__all__ = list(defined(vars()))
