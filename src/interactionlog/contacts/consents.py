"""Recording consents, and asking whether contacts may be written to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import cast

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.consent import (
    Consent,
    ConsentRepository,
    Purpose,
    Suppression,
    as_address,
    as_channel,
    deciding,
)
from interactionlog.errors import UsageError
from interactionlog.unit_of_work import UnitOfWork


@attrs.frozen(kw_only=True)
class ConsentState:
    """
    Whether a contact may be written to.

    Attributes:
        contact_no, channel, on: Who, how and when.
        purpose: What for.
        allowed: Nothing speaks against it.
        fact: What the contact said last; ``None`` for nothing, or where the host answers.
    """

    contact_no: str
    channel: str | None
    purpose: Purpose
    on: dt.date
    allowed: bool
    fact: Consent | None


def day_of_writing(work: UnitOfWork, date: dt.date | None) -> dt.date:
    """Return the day that consent for a letter of a date is asked of: that, and no day before."""
    today = work.clock.work_date()
    return today if date is None else max(date, today)


@judged
@attrs.frozen
class Consents:
    """
    Records who agreed and who refused, and answers who may be written to.

    Each call happens whole or not at all.
    """

    work: UnitOfWork

    def put_purpose(self, purpose: Purpose) -> None:
        """Store a purpose, in place of one with its code if there is one."""
        with self.work.atomic():
            self.work.records(Purpose).put(purpose)

    def purposes(self) -> Sequence[Purpose]:
        """Return all purposes by code."""
        return self.work.records(Purpose).all()

    def record(
        self,
        contact_no: str,
        channel: str | None = None,
        purpose: str | None = None,
        *,
        given: bool,
        on: dt.date | None = None,
        source: str = "",
        evidence: str = "",
    ) -> Consent:
        """
        Add the fact that a contact agrees or refuses; no fact is ever changed.

        ``record("CT100210", "mail", "NEWS", given=True, source="web form")``

        Args:
            contact_no: The contact.
            channel, purpose: What it is about; ``None`` for every channel, every purpose.
            given: The contact agrees; ``False``: it refuses, or takes back what it gave.
            on: Business date from which it counts; ``None`` means the work date.
            source, evidence: Where it comes from, and what proves it.

        Raises:
            NotFoundError: There is no such contact or purpose.
            FieldInvalidError: A value is wrong, or an agreement names no purpose.
            UsageError: The host answers for consents: it has to be recorded there.
        """
        with self.work.atomic():
            consents = self._kept()
            fact = Consent(
                entry_no=consents.reserve_entry_no(),
                contact_no=self.work.contacts.get(contact_no).no,
                channel=channel,
                purpose_code=purpose,
                given=given,
                date=on or self.work.clock.work_date(),
                source=source,
                evidence=evidence,
                user_id=self.work.user_id,
                recorded_at=self.work.clock.now(),
            )
            if fact.purpose_code is not None:
                self.work.records(Purpose).get(fact.purpose_code)
            consents.add(fact)
        return fact

    def current(
        self,
        contact_no: str,
        channel: str | None,
        purpose: str,
        *,
        on: dt.date | None = None,
    ) -> ConsentState:
        """
        Say whether a contact may be written to on a day, and what it said last.

        Args:
            contact_no: The contact.
            channel: ``mail``, ``letter`` or another; ``None`` asks what counts for every channel.
            purpose: Code of the purpose.
            on: The business date; ``None`` means the work date.

        Raises:
            NotFoundError: There is no such purpose.
        """
        way, day = as_channel(channel), self._day(on)
        known = self.work.records(Purpose).get(purpose)
        facts = self.history(contact_no) if self._keeps else ()
        return ConsentState(
            contact_no=contact_no,
            channel=way,
            purpose=known,
            on=day,
            allowed=not self.refused(known.code, way, [contact_no], on=day),
            fact=deciding(facts, known.code, way, day),
        )

    def history(self, contact_no: str) -> Sequence[Consent]:
        """Return all facts about a contact by date; `UsageError` where the host answers."""
        return self._kept().of_contact(contact_no)

    def refused(
        self,
        purpose: str,
        channel: str | None,
        contact_nos: Collection[str],
        *,
        on: dt.date | None = None,
        addresses: Mapping[str, str] | None = None,
    ) -> Mapping[str, str]:
        """
        Return who of up to 1,000 contacts may not be written to: the finding by contact number.

        Args:
            purpose: Code of the purpose.
            channel: ``mail``, ``letter`` or another; ``None`` asks what counts for every channel.
            contact_nos: The contacts.
            on: The business date; ``None`` means the work date.
            addresses: Where each would be written to; a suppressed one is ``suppressed``.

        Raises:
            NotFoundError: There is no such purpose.
        """
        known, way = self.work.records(Purpose).get(purpose), as_channel(channel)
        if known.needs == "nothing":
            return {}
        nos = {*contact_nos}
        found = dict.fromkeys(
            self.work.consents.refused(known, way, nos, self._day(on)), "no-consent"
        )
        given = {no: as_address(address) for no, address in (addresses or {}).items() if address}
        suppressed = self.work.suppressions.among({*given.values()}, way) if given else set()
        return found | {no: "suppressed" for no, address in given.items() if address in suppressed}

    def suppress(
        self, address: str, channel: str | None = None, *, reason: str = "", source: str = ""
    ) -> Suppression:
        """
        Let nothing be sent to an address where a purpose needs consent.

        Many addresses come by import, into ``work.suppressions``. The meaning of each value is
        `Suppression`'s.
        """
        with self.work.atomic():
            suppression = Suppression(
                address=address,
                channel=channel,
                reason=reason,
                source=source,
                user_id=self.work.user_id,
                recorded_at=self.work.clock.now(),
            )
            self.work.suppressions.put(suppression)
        return suppression

    def release(self, address: str, channel: str | None = None) -> None:
        """Take an address off the list again, or raise `NotFoundError`."""
        with self.work.atomic():
            self.work.suppressions.remove(as_address(address), as_channel(channel))

    @property
    def _keeps(self) -> bool:
        return hasattr(self.work.consents, "of_contact")

    def _kept(self) -> ConsentRepository:
        if not self._keeps:
            raise UsageError("the host answers for consents: record and read them there")
        return cast("ConsentRepository", self.work.consents)

    def _day(self, on: dt.date | None) -> dt.date:
        return on or self.work.clock.work_date()
