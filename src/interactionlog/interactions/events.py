"""What happened to interactions; the owner delivers these after the commit."""

from __future__ import annotations

import attrs

from interactionlog.enumerations import Evaluation

__all__ = [
    "AttemptsMarked",
    "CommentsChanged",
    "InteractionLogged",
    "InteractionPostponed",
    "InteractionsCanceled",
    "InteractionsDeleted",
    "InteractionsEvaluated",
    "InteractionsUncanceled",
    "OpportunityAssigned",
]


@attrs.frozen
class InteractionLogged:
    """
    An interaction was finished.

    Attributes:
        entry_no: The entry.
        delivery_requested: Its content is to be delivered.
        warnings: Codes of what was noticed and did not stop it, such as ``no-e-mail``.
    """

    entry_no: int
    delivery_requested: bool = False
    warnings: tuple[str, ...] = ()


@attrs.frozen
class InteractionPostponed:
    """An interaction was stored unfinished, under that entry number."""

    entry_no: int


@attrs.frozen
class InteractionsCanceled:
    """These entries were canceled, each by itself."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class InteractionsUncanceled:
    """The canceling of these entries was taken back."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class InteractionsEvaluated:
    """These entries were evaluated."""

    entry_nos: tuple[int, ...]
    evaluation: Evaluation


@attrs.frozen
class InteractionsDeleted:
    """These entries were deleted with their comments."""

    entry_nos: tuple[int, ...]


@attrs.frozen
class AttemptsMarked:
    """These entries were marked as failed attempts, or as successful ones."""

    entry_nos: tuple[int, ...]
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
