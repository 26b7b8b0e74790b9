"""Consents and suppressed addresses in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from interactionlog.adapters.records import StoredConsents, StoredSuppressions
from interactionlog.adapters.sql.records import SqlRecords
from interactionlog.adapters.sql.session import json_list
from interactionlog.privacy.consent import Consent, Suppression


class SqlConsents(StoredConsents, SqlRecords[Consent]):
    """`interactionlog.privacy.consent.ConsentRepository` over SQL."""

    def of_contact(self, contact_no: str) -> Sequence[Consent]:
        return self._session.entities(self._table, "consents_of_contact", contact_no)

    def _last_said(
        self, purpose_code: str, channel: str | None, contact_nos: Collection[str], on: date
    ) -> Mapping[str, bool]:
        asked = (json_list(contact_nos), purpose_code, channel, on)
        # of several facts of a contact the newest one comes last
        return {no: given == 1 for no, given in self._session.rows("consents_said", *asked)}


class SqlSuppressions(StoredSuppressions, SqlRecords[Suppression]):
    """`interactionlog.privacy.consent.SuppressionRepository` over SQL."""

    def among(self, addresses: Collection[str], channel: str | None) -> set[str]:
        return self._session.values("suppressed_addresses", json_list(addresses), channel or "")
