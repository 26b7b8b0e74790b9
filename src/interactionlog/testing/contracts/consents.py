"""What consents and suppressed addresses promise."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import interactionlog as il
from interactionlog.privacy import Consent, Purpose, Suppression
from interactionlog.testing.builders import DAY, MOMENT
from interactionlog.testing.contracts import Contract, Work

NEWS, OFFERS = Purpose(code="NEWS"), Purpose(code="OFFERS", needs="opt-out")
_NOBODY: set[str] = set()


def said(contact_no: str, given: bool, on: date = DAY, **values: Any) -> dict[str, Any]:
    """Return the values of a fact, for `ConsentDirectoryContract.say`."""
    values = {"channel": "MAIL", "purpose_code": "NEWS", **values}
    return {"contact_no": contact_no, "given": given, "date": on, **values}


class ConsentDirectoryContract(Contract):
    """
    What every `ConsentDirectory` promises, of the host as well.

    Needs a ``begin`` fixture; `say` puts facts where the directory has them.
    """

    def say(self, work: Work, *facts: dict[str, Any]) -> None:
        """Record facts, each newer than the one before where they have the same date."""
        records = work.records(Consent)
        for number, values in enumerate(facts, 1):
            records.add(Consent(entry_no=number, recorded_at=MOMENT, **values))

    def test_who_said_nothing_is_refused_where_the_purpose_needs_an_agreement(
        self, work: Work
    ) -> None:
        assert work.consents.refused(NEWS, "MAIL", ["C1", "C2"], DAY) == {"C1", "C2"}
        assert work.consents.refused(OFFERS, "MAIL", ["C1", "C2"], DAY) == _NOBODY

    def test_what_was_said_last_counts(self, work: Work) -> None:
        earlier = DAY - timedelta(1)
        self.say(
            work,
            said("C1", True),
            said("C1", False),
            said("C2", False, earlier),
            said("C2", True),
            said("C3", False),
            said("C3", True, earlier),
        )
        asked = ["C1", "C2", "C3"]
        assert work.consents.refused(NEWS, "MAIL", asked, DAY) == {"C1", "C3"}
        assert work.consents.refused(NEWS, "MAIL", asked, earlier) == {"C1", "C2"}

    def test_who_was_not_asked_for_is_not_named(self, work: Work) -> None:
        self.say(work, said("C1", False), said("C2", False))
        assert work.consents.refused(NEWS, "MAIL", ["C1"], DAY) == {"C1"}
        assert work.consents.refused(OFFERS, "MAIL", ["C3"], DAY) == _NOBODY

    def test_a_fact_counts_from_its_date_on(self, work: Work) -> None:
        self.say(work, said("C1", True, DAY))
        assert work.consents.refused(NEWS, "MAIL", ["C1"], DAY - timedelta(1)) == {"C1"}
        assert work.consents.refused(NEWS, "MAIL", ["C1"], DAY) == _NOBODY

    def test_a_fact_counts_for_its_channel_and_purpose(self, work: Work) -> None:
        self.say(work, said("C1", True), said("C2", False, purpose_code="OFFERS"))
        asked = ["C1", "C2"]
        assert work.consents.refused(NEWS, "MAIL", asked, DAY) == {"C2"}
        assert work.consents.refused(NEWS, "LETTER", asked, DAY) == {"C1", "C2"}
        assert work.consents.refused(NEWS, None, asked, DAY) == {"C1", "C2"}
        assert work.consents.refused(OFFERS, "MAIL", asked, DAY) == {"C2"}
        assert work.consents.refused(OFFERS, "LETTER", asked, DAY) == _NOBODY

    def test_a_refusal_for_every_channel_and_purpose_counts_for_each(self, work: Work) -> None:
        self.say(
            work,
            said("C1", False, channel=None, purpose_code=None),
            said("C2", True),
            said("C2", False, channel=None, purpose_code=None),
            said("C3", False, channel=None, purpose_code=None),
            said("C3", True),
        )
        asked = ["C1", "C2", "C3"]
        assert work.consents.refused(OFFERS, "LETTER", asked, DAY) == {"C1", "C2", "C3"}
        assert work.consents.refused(NEWS, "MAIL", asked, DAY) == {"C1", "C2"}


class ConsentRepositoryContract(ConsentDirectoryContract):
    """What every `ConsentRepository` and `SuppressionRepository` promises besides."""

    def test_the_facts_about_a_contact_come_by_date(self, work: Work) -> None:
        self.say(work, said("C1", True), said("C2", True), said("C1", False, DAY - timedelta(1)))
        assert [fact.entry_no for fact in il.Consents(work).history("c1")] == [3, 1]

    def test_a_suppressed_address_is_found_for_its_channel(self, work: Work) -> None:
        for address, channel in (("Zoe@Beta.example", "MAIL"), ("adam@beta.example", None)):
            work.suppressions.put(Suppression(address=address, channel=channel, recorded_at=MOMENT))
        asked = {"zoe@beta.example", "adam@beta.example", "eve@beta.example"}
        assert work.suppressions.among(asked, "MAIL") == asked - {"eve@beta.example"}
        assert work.suppressions.among(asked, "LETTER") == {"adam@beta.example"}
        assert work.suppressions.among(asked, None) == {"adam@beta.example"}
