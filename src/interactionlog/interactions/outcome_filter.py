"""A question about what became of an interaction."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from interactionlog.enumerations import DeliveryStatus, Evaluation
from interactionlog.interactions.log_entry import InteractionLogEntry

__all__ = ["OutcomeFilter"]


def _evaluations(values: Iterable[Evaluation | None]) -> frozenset[Evaluation | None]:
    return frozenset(values)


def _statuses(values: Iterable[DeliveryStatus | None]) -> frozenset[DeliveryStatus | None]:
    return frozenset(values)


@attrs.frozen(kw_only=True)
class OutcomeFilter:
    """
    Which outcomes are meant; the conditions are joined by AND, and none takes every entry.

    Attributes:
        evaluations: Any of these evaluations; an empty set asks nothing. ``None`` in the set
            stands for "not evaluated".
        attempt_failed: The attempt failed or did not; ``None`` asks nothing.
        campaign_response: It is an answer to a campaign or not; ``None`` asks nothing.
        delivery_statuses: Any of these delivery states; an empty set asks nothing. ``None`` in
            the set stands for "not asked for, or sent".
    """

    evaluations: frozenset[Evaluation | None] = attrs.field(
        default=frozenset(), converter=_evaluations
    )
    attempt_failed: bool | None = None
    campaign_response: bool | None = None
    delivery_statuses: frozenset[DeliveryStatus | None] = attrs.field(
        default=frozenset(), converter=_statuses
    )

    def matches(self, entry: InteractionLogEntry) -> bool:
        """Say whether the entry had that outcome."""
        return (
            (not self.evaluations or entry.evaluation in self.evaluations)
            and self.attempt_failed in {None, entry.attempt_failed}
            and self.campaign_response in {None, entry.campaign_response}
            and (not self.delivery_statuses or entry.delivery_status in self.delivery_statuses)
        )
