"""Idempotency keys in memory."""

from __future__ import annotations

from datetime import datetime

from interactionlog.adapters.memory.records import MemoryRecords
from interactionlog.adapters.memory.session import MemorySession
from interactionlog.interactions.idempotency_key import IdempotencyKey

__all__ = ["MemoryIdempotencyKeys"]


class MemoryIdempotencyKeys(MemoryRecords[IdempotencyKey]):
    """`interactionlog.interactions.idempotency_key.IdempotencyKeyRepository` over a dictionary."""

    def __init__(self, session: MemorySession) -> None:
        super().__init__(session, IdempotencyKey)

    def forget(self, before: datetime) -> int:
        """Delete the keys that were recorded before an instant and return how many."""
        old = [record for record in self.all() if record.recorded_at < before]
        for record in old:
            self.remove(record.key)
        return len(old)
