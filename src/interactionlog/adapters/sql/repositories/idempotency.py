"""Idempotency keys in SQL."""

from __future__ import annotations

from datetime import datetime

from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.session import SqlSession
from interactionlog.interactions.idempotency_key import IdempotencyKey

__all__ = ["SqlIdempotencyKeys"]


class SqlIdempotencyKeys(SqlRecords[IdempotencyKey]):
    """`interactionlog.interactions.idempotency_key.IdempotencyKeyRepository` over SQL."""

    def __init__(self, session: SqlSession) -> None:
        super().__init__(session, IdempotencyKey)

    def forget(self, before: datetime) -> int:
        """Delete the keys that were recorded before an instant and return how many."""
        return self._session.change("forget_idempotency_keys", self._session.tenant, before)
