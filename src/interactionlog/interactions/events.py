"""What happened to interactions; the owner delivers these after the commit."""

from __future__ import annotations

import attrs

from interactionlog.enumerations import Evaluation

__all__ = [
    "InteractionLogged",
    "InteractionPostponed",
    "InteractionsCanceled",
    "InteractionsDeleted",
    "InteractionsEvaluated",
    "InteractionsUncanceled",
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
