"""Consents and suppressed addresses in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from interactionlog.adapters.memory.session import MemoryRecords
from interactionlog.adapters.records import StoredConsents, StoredSuppressions
from interactionlog.privacy.consent import Consent, Suppression, deciding


class MemoryConsents(StoredConsents, MemoryRecords[Consent]):
    """`interactionlog.privacy.consent.ConsentRepository` over dictionaries."""

    def of_contact(self, contact_no: str) -> Sequence[Consent]:
        facts = [fact for fact in self.all() if fact.contact_no == contact_no]
        return sorted(facts, key=lambda fact: (fact.date, fact.entry_no))

    def _last_said(
        self, purpose_code: str, channel: str | None, contact_nos: Collection[str], on: date
    ) -> Mapping[str, bool]:
        facts = {no: deciding(self.of_contact(no), purpose_code, channel, on) for no in contact_nos}
        return {no: fact.given for no, fact in facts.items() if fact is not None}


class MemorySuppressions(StoredSuppressions, MemoryRecords[Suppression]):
    """`interactionlog.privacy.consent.SuppressionRepository` over dictionaries."""

    def among(self, addresses: Collection[str], channel: str | None) -> set[str]:
        kept = {(each.address, each.channel) for each in self.all()}
        return {each for each in addresses if {(each, None), (each, channel)} & kept}
