"""Idempotency keys: the same call again returns the same result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Set
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeVar

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import (
    DuplicateEntryError,
    IdempotencyConflictError,
    StateError,
    UsageError,
)
from interactionlog.unit_of_work import Records, UnitOfWork
from interactionlog.values import as_utc, code_or_none, field_or_none, instant, length


@attrs.frozen(kw_only=True, weakref_slot=False)
class IdempotencyKey:
    """
    What was done under a key.

    Attributes:
        key: Of the caller's making, 1 to 200 characters.
        operation: What was done, such as ``finish``.
        fingerprint: SHA-256 over its arguments, in hexadecimal.
        result_kind, result_no: Table and number of what came out of it; no number while it is done.
        user_id, recorded_at: Who did it and when, UTC.
    """

    key: str = attrs.field(validator=length(1, 200))
    operation: str = attrs.field(validator=length(1, 30))
    fingerprint: str = attrs.field(validator=length(64, 64))
    result_kind: str = attrs.field(validator=length(1, 30))
    result_no: str | None = field_or_none(length(1, 20))
    user_id: str | None = code_or_none(50)
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)


class IdempotencyKeyRepository(Records[IdempotencyKey], Protocol):
    """
    Idempotency keys.

    An adapter passes ``testing.RecordsContract`` and ``testing.IdempotencyKeyContract``.
    """

    def add(self, record: IdempotencyKey) -> None:
        """Store a new key, or raise `DuplicateEntryError`; waits for a rival with the same key."""

    def forget(self, before: datetime) -> int:
        """Delete the keys that were recorded before an instant and return how many."""


T = TypeVar("T")

RESULTS = {"finish": "log_entry", "postpone": "log_entry", "log": "logged_segment"}
"""What comes out of each operation: the key of an entry is erased with it."""


def once(
    work: UnitOfWork,
    key: str | None,
    operation: str,
    arguments: Mapping[str, object],
    *,
    act: Callable[[], T],
    number_of: Callable[[T], int],
    find: Callable[[int], T | None],
) -> T:
    """
    Act, or return what was done under the key before, as it is now.

    The key is written first, so a rival waits; a failure takes it back with everything else.

    Args:
        key: ``None`` acts in any case.
        arguments: Compared when the key comes again.
        act, number_of: Does it; returns the number that its result is found by.
        find: Returns a result by number; ``None`` when it was deleted or undone.

    Raises:
        IdempotencyConflictError: The key was used for something else.
        StateError: What was done is gone.
    """
    if key is None:
        return act()
    new = IdempotencyKey(
        key=key,
        operation=operation,
        fingerprint=fingerprint_of(arguments),
        result_kind=RESULTS.get(operation, operation),
        user_id=work.user_id,
        recorded_at=work.clock.now(),
    )
    with work.atomic():
        known = work.idempotency_keys.find(key)
        if known is None:
            try:
                with work.atomic():
                    work.idempotency_keys.add(new)
            except DuplicateEntryError:  # a rival was faster, and has committed
                known = work.idempotency_keys.find(key)
                if known is None:
                    raise
            else:
                result = act()
                work.idempotency_keys.set(key, result_no=str(number_of(result)))
                return result
    if (known.operation, known.fingerprint) != (operation, new.fingerprint):
        raise IdempotencyConflictError(key, known.operation)
    if known.result_no is None:
        raise UsageError(f"key {known.key} is used inside its own {known.operation}")
    found = find(int(known.result_no))
    if found is None:
        record = f"the result {known.result_no} of key {known.key}"
        raise StateError(record, "was deleted or undone")
    return found


@judged
def forget_idempotency_keys(work: UnitOfWork, *, before: datetime) -> int:
    """Delete the keys that were recorded before an instant and return how many."""
    with work.atomic():
        return work.idempotency_keys.forget(before)


def fingerprint_of(arguments: Mapping[str, object]) -> str:
    """Return a digest of arguments that is equal in every process and release."""
    text = json.dumps(arguments, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if attrs.has(type(value)):
        kind: Any = type(value)
        return {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Set):
        return sorted(json.dumps(each, default=_plain, sort_keys=True) for each in value)
    return str(value)  # dates, times and amounts have one form
