"""What the deliveries of a store promise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import interactionlog as il
from interactionlog.delivery.delivery import Claim, DeliveryCount, DeliveryReceipt, DeliveryState
from interactionlog.testing.builders import MOMENT, Begin, a_delivery, a_receipt, an_entry
from interactionlog.testing.contracts import Contract, Work

_SOON = MOMENT + timedelta(minutes=1)
_END = MOMENT + timedelta(days=1)


def _claim(by: str = "ONE", *channels: str, at: Any = MOMENT) -> Claim:
    return Claim(by, channels or ("mail",), at, at + timedelta(minutes=1))


class DeliveryContract(Contract):
    """What every `DeliveryRepository` promises. Needs a ``begin`` fixture."""

    def test_the_entries_of_a_logging_that_ask_for_it_are_delivered(self, begin: Begin) -> None:
        asked: dict[str, Any] = {"delivery_status": il.DeliveryStatus.REQUESTED}
        mail, letter = il.CorrespondenceType.EMAIL, il.CorrespondenceType.HARD_COPY
        with begin() as work:
            for entry in (
                an_entry(1, logged_segment_entry_no=7, correspondence_type=mail, **asked),
                an_entry(2, logged_segment_entry_no=7, correspondence_type=letter, **asked),
                an_entry(3, logged_segment_entry_no=7, correspondence_type=mail),
                an_entry(4, logged_segment_entry_no=8, correspondence_type=mail, **asked),
                an_entry(5, logged_segment_entry_no=7, correspondence_type=mail, **asked),
                an_entry(6, logged_segment_entry_no=7, correspondence_type=mail, **asked),
            ):
                work.interactions.add(entry)
            assert work.deliveries.add_of_segment(7, 1, 5, "x.", MOMENT) == 3
        with begin() as work:
            assert work.deliveries.all() == [
                a_delivery(1, message_id="x.1"),
                a_delivery(2, message_id="x.2", channel="letter"),
                a_delivery(5, message_id="x.5"),
            ]

    def test_what_is_due_is_claimed_once_the_longest_due_first(self, begin: Begin) -> None:
        with begin() as work:
            for no, due in ((1, _SOON), (2, MOMENT), (3, MOMENT), (4, _END)):
                work.deliveries.add(a_delivery(no, not_before=due))
            work.deliveries.add(a_delivery(5, channel="letter"))
        with begin() as work:
            (first,) = work.deliveries.claim(_claim(at=_SOON), limit=1)
            assert first.entry_no == 2
            assert (first.state, first.attempts) == (DeliveryState.CLAIMED, 1)
            assert (first.claimed_by, first.expires_at) == ("ONE", None)
        with begin() as work:
            assert work.deliveries.get(2) == first
            second = work.deliveries.claim(_claim("TWO", at=_SOON), limit=10)
            assert [each.entry_no for each in second] == [3, 1]
            assert work.deliveries.claim(_claim("TWO", at=_SOON), limit=10) == []

    def test_a_claim_that_ran_out_is_unknown_or_requested_again(self, work: Work) -> None:
        for no, channel in ((1, "mail"), (2, "letter"), (3, "letter")):
            work.deliveries.add(a_delivery(no, channel=channel, attempts=4 * (no == 3)))
        work.deliveries.claim(_claim("ONE", "mail", "letter"), limit=3)
        for no in (1, 2, 3):
            work.deliveries.set(no, begun_at=MOMENT)
        work.deliveries.add(a_delivery(4))
        repeats = {"mail": False, "letter": True}
        assert work.deliveries.end_claims(MOMENT, repeats, most_attempts=5) == 0
        assert work.deliveries.end_claims(_SOON, {"sms": True}, most_attempts=5) == 0
        assert work.deliveries.end_claims(_SOON, repeats, most_attempts=5) == 3
        states = [(each.state, each.settled_at, each.reason) for each in work.deliveries.all()]
        unknown = (DeliveryState.UNKNOWN, _SOON, "claim-ended")
        again = (DeliveryState.REQUESTED, None, "claim-ended")
        assert states == [unknown, again, unknown, (DeliveryState.REQUESTED, None, None)]
        claims = [(each.claimed_by, each.claimed_until) for each in work.deliveries.all()]
        assert set(claims) == {(None, None)}
        assert {each.begun_at for each in work.deliveries.all()} == {None}

    def test_what_was_claimed_and_not_begun_is_requested_again(self, work: Work) -> None:
        work.deliveries.add(a_delivery(1, expires_at=_END))
        work.deliveries.claim(_claim(), limit=1)
        assert work.deliveries.end_claims(_SOON, {}, most_attempts=5) == 1
        assert work.deliveries.get(1) == a_delivery(1, expires_at=_END)

    def test_deliveries_come_in_pages_by_state_reason_and_logging(self, work: Work) -> None:
        for no in (1, 2, 3):
            work.interactions.add(an_entry(no, logged_segment_entry_no=7 if no > 1 else None))
        failed: dict[str, Any] = {"state": DeliveryState.FAILED, "reason": "invalid"}
        work.deliveries.add(a_delivery(1))
        work.deliveries.add(a_delivery(2, **failed))
        work.deliveries.add(a_delivery(3, state=DeliveryState.SENT))

        def nos(**asked: Any) -> list[int]:
            return [each.entry_no for each in work.deliveries.page(**asked)]

        assert nos() == [1, 2, 3]
        assert nos(after=1, limit=1) == [2]
        assert nos(states={DeliveryState.FAILED, DeliveryState.REQUESTED}) == [1, 2]
        assert nos(reason="invalid") == [2]
        assert nos(logged_segment_entry_no=7) == [2, 3]
        assert work.deliveries.figures() == [
            DeliveryCount("mail", DeliveryState.REQUESTED, None, 1),
            DeliveryCount("mail", DeliveryState.SENT, None, 1),
            DeliveryCount("mail", DeliveryState.FAILED, "invalid", 1),
        ]
        assert [each.state for each in work.deliveries.figures(7)] == [
            DeliveryState.SENT,
            DeliveryState.FAILED,
        ]

    def test_deliveries_go_with_their_receipts(self, work: Work) -> None:
        receipts = work.records(DeliveryReceipt)
        for no in (1, 2):
            work.deliveries.add(a_delivery(no, attachment_no=no * 10))
            receipts.add(a_receipt(no))
        work.deliveries.add(a_delivery(3))
        assert work.deliveries.remove_of([1, 3, 5]) == [10]
        assert [each.entry_no for each in work.deliveries.all()] == [2]
        assert receipts.all() == [a_receipt(2)]

    def test_content_of_a_delivery_is_referred_to(self, work: Work) -> None:
        work.deliveries.add(a_delivery(1, attachment_no=10))
        assert work.attachments.is_referred_to(10)
        assert not work.attachments.is_referred_to(1)
