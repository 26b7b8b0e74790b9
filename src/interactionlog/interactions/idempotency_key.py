"""What was done under an idempotency key, and the port to the keys."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from interactionlog._fields import (
    as_optional_code,
    as_utc,
    instant,
    length,
    optional,
    optional_code,
)

__all__ = ["IdempotencyKey", "IdempotencyKeyRepository"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class IdempotencyKey:
    """
    What was done under a key.

    Attributes:
        key: Of the caller's making, 1 to 200 characters.
        operation: What was done, such as ``finish``.
        fingerprint: SHA-256 over its arguments, in hexadecimal.
        result_kind, result_no: What came out of it; no number while it is being done.
        user_id, recorded_at: Who did it and when, UTC.
    """

    key: str = attrs.field(validator=length(1, 200))
    operation: str = attrs.field(validator=length(1, 30))
    fingerprint: str = attrs.field(validator=length(64, 64))
    result_kind: str = attrs.field(validator=length(1, 30))
    result_no: str | None = attrs.field(default=None, validator=optional(length(1, 20)))
    user_id: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(50)
    )
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)


class IdempotencyKeyRepository(Protocol):
    """
    Idempotency keys.

    An adapter conforms when it passes ``testing.IdempotencyKeyContract``.
    """

    def find(self, key: str, /) -> IdempotencyKey | None:
        """Return what was done under the key, or ``None``."""

    def add(self, record: IdempotencyKey) -> None:
        """Store a new key, or raise `DuplicateEntryError`; waits for a rival with the same key."""

    def replace(self, record: IdempotencyKey) -> None:
        """Overwrite a key, or raise `NotFoundError`."""

    def forget(self, before: datetime) -> int:
        """Delete the keys that were recorded before an instant and return how many."""
