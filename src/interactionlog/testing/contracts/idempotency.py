"""What every store of idempotency keys promises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from interactionlog.errors import DuplicateEntryError, NotFoundError
from interactionlog.interactions.idempotency_key import IdempotencyKey
from interactionlog.testing.begin import Begin
from interactionlog.testing.builders import MOMENT

__all__ = ["IdempotencyKeyContract"]


def _a_key(key: str = "k1", **values: Any) -> IdempotencyKey:
    defaults = {"operation": "finish", "result_kind": "finish", "recorded_at": MOMENT}
    return IdempotencyKey(key=key, fingerprint="0" * 64, **{**defaults, **values})


class IdempotencyKeyContract:
    """What every `IdempotencyKeyRepository` promises. Needs a ``begin`` fixture."""

    def test_a_committed_key_comes_back_equal_and_its_case_counts(self, begin: Begin) -> None:
        with begin() as work:
            work.idempotency_keys.add(_a_key(result_no="7", user_id="TESTER"))
        with begin() as work:
            assert work.idempotency_keys.find("k1") == _a_key(result_no="7", user_id="TESTER")
            assert work.idempotency_keys.find("K1") is None

    def test_a_taken_key_is_refused_and_the_first_one_stays(self, begin: Begin) -> None:
        with begin() as work:
            work.idempotency_keys.add(_a_key())
            with pytest.raises(DuplicateEntryError), work.atomic():
                work.idempotency_keys.add(_a_key(operation="log"))
            assert work.idempotency_keys.find("k1") == _a_key()

    def test_a_key_is_overwritten_only_if_it_is_there(self, begin: Begin) -> None:
        with begin() as work:
            with pytest.raises(NotFoundError), work.atomic():
                work.idempotency_keys.replace(_a_key())
            work.idempotency_keys.add(_a_key())
            work.idempotency_keys.replace(attrs.evolve(_a_key(), result_no="7"))
            assert work.idempotency_keys.find("k1") == _a_key(result_no="7")

    def test_keys_before_an_instant_are_forgotten_and_counted(self, begin: Begin) -> None:
        with begin() as work:
            for days in range(3):
                work.idempotency_keys.add(_a_key(f"k{days}", recorded_at=MOMENT + timedelta(days)))
            assert work.idempotency_keys.forget(MOMENT + timedelta(2)) == 2
            assert work.idempotency_keys.find("k1") is None
            assert work.idempotency_keys.find("k2") is not None
