"""Purposes, consent facts and suppressed addresses: their ports, and who may be written to."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Protocol, cast

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.directory import codes_of_answer
from interactionlog.errors import UsageError
from interactionlog.unit_of_work import NumberedRecords, Records, UnitOfWork
from interactionlog.values import (
    CONTACT_NO,
    CorrespondenceType,
    accepting,
    as_code,
    as_optional_code,
    as_utc,
    calendar_date,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    flag,
    holding,
    instant,
    length,
    refuse_answer,
)

CHANNELS = {CorrespondenceType.HARD_COPY: "LETTER", CorrespondenceType.EMAIL: "MAIL"}
"""Channel of each correspondence type; an application may name further ones, such as ``PHONE``."""

CHANNEL_OF = {kind.name.replace("_", ""): code for kind, code in CHANNELS.items()}
"""Channel of each correspondence type by its name without what stands between its words."""
BETWEEN_WORDS = "-_ "

NEEDS = ("opt-in", "opt-out", "nothing")
_for_a_purpose = holding(
    lambda fact, given: not given or fact.purpose_code is not None,
    "needs a purpose: only a refusal is for every purpose",
)
_known_need = accepting(lambda value: value in NEEDS, f"must be one of {', '.join(NEEDS)}")
_BETWEEN = re.compile(r"[\s<>,;]+")
_NO_RECIPIENT = re.compile(r"mailto:.*@|.*@.*\.\Z")
_one_address = accepting(
    lambda address: not (_is_more_than_one(address) or _NO_RECIPIENT.match(address)),
    "must be one address such as ida@moser.example, without a name",
)
_TELEPHONE = re.compile(r"(?=.*[0-9])[-+0-9\s()./\u2010-\u2015\u200b\u2060]+\Z")
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


_AMBIGUOUS = frozenset("\u00df\u03c2\u200c\u200d")
"""ß, ς and joiners: the older standard of domains reads them as others, the newer one does not."""


def in_ascii(domain: str) -> str:
    """Return a domain as the network knows it; ``""`` for none, or one that may be read as two."""
    try:
        return "" if _AMBIGUOUS & {*domain} else domain.encode("idna").decode()
    except UnicodeError:
        return ""


def as_channel(value: str | None) -> str | None:
    """Return a channel as a code; its correspondence type, such as ``E-Mail``, names it too."""
    code = as_optional_code(value)
    if not isinstance(code, str):
        return code
    return CHANNEL_OF.get("".join(each for each in code if each not in BETWEEN_WORDS), code)


def as_address(value: str) -> str:
    """
    Return an address as addresses are compared: without blanks around it, A to Z as a to z.

    A domain that has other letters becomes what the network knows it as, and a telephone number has
    no signs between its digits.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().translate(_LOWER)
    if _TELEPHONE.match(text):
        return re.sub(r"[^+0-9]", "", text)
    name, at, domain = text.rpartition("@")
    return f"{name}@{in_ascii(domain) or domain}" if at and not domain.isascii() else text


def _is_more_than_one(text: str) -> bool:
    """Say whether an e-mail has a name or something else beside it."""
    return "@" in text and _BETWEEN.search(text) is not None


def addresses_in(text: str) -> set[str]:
    """Return the addresses in a text, which may have a name or be a list of them."""
    several = _BETWEEN.split(text) if _is_more_than_one(text) else [text]
    return {as_address(each) for each in several if len(several) == 1 or "@" in each}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Purpose:
    """
    What contacts are written to for, such as a newsletter; templates and segments name it.

    Attributes:
        code: Key; 1 to 20 characters, upper case.
        needs: ``"opt-in"``: only who has agreed is written to. ``"opt-out"``: everybody but who has
            refused. ``"nothing"``: everybody; nobody is asked, as for an invoice.
        description: At most 100 characters.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    needs: str = attrs.field(default="opt-in", validator=_known_need)
    description: str = attrs.field(default="", validator=length(0, 100))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Consent:
    """
    One fact: a contact has agreed, or refused. Facts are added and never changed.

    Attributes:
        entry_no: Key; rising, never used again.
        contact_no: The contact.
        channel: ``MAIL``, ``LETTER`` or another of the application's, at most 20 characters;
            ``None`` for every channel.
        purpose_code: The purpose; ``None`` for every purpose, of a refusal only.
        given: The contact agrees; ``False``: it refuses.
        date: Business date from which the fact counts.
        source: Where it comes from, such as a form; at most 100 characters.
        evidence: What proves it, such as the reference of a letter; at most 250 characters.
        user_id, recorded_at: Who recorded it and when, UTC.
    """

    entry_no: int = attrs.field(validator=entry_number)
    contact_no: str = attrs.field(converter=as_code, validator=code_text(1, CONTACT_NO))
    channel: str | None = field_or_none(code_text(1, 20), as_channel)
    purpose_code: str | None = code_or_none(20)
    given: bool = attrs.field(validator=[flag, _for_a_purpose])
    date: dt.date = attrs.field(validator=calendar_date)
    source: str = attrs.field(default="", validator=length(0, 100))
    evidence: str = attrs.field(default="", validator=length(0, 250))
    user_id: str | None = code_or_none(50)
    recorded_at: dt.datetime = attrs.field(converter=as_utc, validator=instant)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Suppression:
    """
    An address that nothing is sent to where a purpose needs consent.

    Attributes:
        address: Key; an e-mail address or number, 1 to 80 characters; the case of A to Z is
            ignored, a domain is kept in its ASCII form, and a telephone number without signs
            between its digits.
        channel: ``None`` for every channel.
        reason: Such as ``bounced``; at most 100 characters.
        source: Such as the name of the list it came from; at most 100 characters.
        user_id, recorded_at: Who recorded it and when, UTC.
    """

    address: str = attrs.field(converter=as_address, validator=[code_text(1, 80), _one_address])
    channel: str | None = field_or_none(code_text(1, 20), as_channel)
    reason: str = attrs.field(default="", validator=length(0, 100))
    source: str = attrs.field(default="", validator=length(0, 100))
    user_id: str | None = code_or_none(50)
    recorded_at: dt.datetime = attrs.field(converter=as_utc, validator=instant)


def deciding(
    facts: Iterable[Consent], purpose_code: str, channel: str | None, on: dt.date
) -> Consent | None:
    """Return the newest fact about a purpose and a channel on a day; ``None`` when none is."""
    applicable = [
        fact
        for fact in facts
        if fact.purpose_code in {None, purpose_code}
        and fact.channel in {None, channel}
        and fact.date <= on
    ]
    return max(applicable, key=lambda fact: (fact.date, fact.entry_no), default=None)


class ConsentDirectory(Protocol):
    """
    Consents as selection, logging and delivery read them; a host may answer itself.

    An adapter conforms when it passes ``testing.ConsentDirectoryContract``.
    """

    def refused(
        self, purpose: Purpose, channel: str | None, contact_nos: Collection[str], on: dt.date
    ) -> Set[str]:
        """
        Return those of up to 1,000 contacts that may not be written to on that day.

        Args:
            purpose: Needs ``opt-in`` or ``opt-out``; it is not asked for others.
            channel: ``None`` where the application names none: what counts for every channel.
            contact_nos: Numbers in upper case.
            on: The business date.
        """


class ConsentRepository(NumberedRecords[Consent], ConsentDirectory, Protocol):
    """Consent facts that the store itself keeps."""

    def of_contact(self, contact_no: str) -> Sequence[Consent]:
        """Return the facts about a contact by date, then entry number."""


class SuppressionRepository(Records[Suppression], Protocol):
    """Suppressed addresses by address and channel."""

    def among(self, addresses: Collection[str], channel: str | None) -> Set[str]:
        """Return those of up to 1,000 addresses that are suppressed for a channel."""


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


def unwilling(
    work: UnitOfWork,
    purpose: str,
    kind: CorrespondenceType | None,
    date: dt.date | None,
    contact_nos: Collection[str],
    addresses: Mapping[str, str],
) -> Mapping[str, str]:
    """
    Return who of up to 1,000 contacts may not be sent something of a date, with the finding.

    Consent is asked of that day, and of no day before today; an e-mail's of ``addresses`` as well.
    """
    today = work.clock.work_date()
    return Consents(work).refused(
        purpose,
        None if kind is None else CHANNELS[kind],
        contact_nos,
        on=max(date or today, today),
        addresses=addresses if kind is CorrespondenceType.EMAIL else {},
    )


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
            consents, contacts = self._kept(), self.work.contacts
            fact = Consent(
                entry_no=consents.reserve(1)[0],
                contact_no=(contacts.hold(contact_no) or contacts.get(contact_no)).no,
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
        self, contact_no: str, channel: str | None, purpose: str, *, on: dt.date | None = None
    ) -> ConsentState:
        """
        Say whether a contact may be written to on a day, and what it said last.

        Args:
            channel: ``mail``, ``letter`` or another; ``None`` asks what counts for every channel.
            purpose: Code of the purpose.
            on: The business date; ``None`` means the work date.

        Raises:
            NotFoundError: There is no such contact or purpose.
        """
        way, day = as_channel(channel), on or self.work.clock.work_date()
        known = self.work.records(Purpose).get(purpose)
        contact_no = self.work.contacts.get(contact_no).no
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
        """
        Return all facts about a contact by date; `UsageError` where the host answers.

        Raises `NotFoundError` for a contact that is not there and of whom nothing was recorded.
        """
        facts = self._kept().of_contact(contact_no)
        if not facts:
            self.work.contacts.get(contact_no)
        return facts

    def refused(
        self,
        purpose: str,
        channel: str | None,
        contact_nos: Collection[str],
        *,
        on: dt.date | None = None,
        addresses: Mapping[str, str | Collection[str]] | None = None,
    ) -> Mapping[str, str]:
        """
        Return who of up to 1,000 contacts may not be written to: the finding by contact number.

        Args:
            purpose: Code of the purpose.
            channel: ``mail``, ``letter`` or another; ``None`` asks what counts for every channel.
            contact_nos: The contacts.
            on: The business date; ``None`` means the work date.
            addresses: Where each would be written to, one address or several of which any may be
                used, also in one text; who has a suppressed one among them is ``suppressed``.

        Raises:
            NotFoundError: There is no such purpose.
        """
        known, way = self.work.records(Purpose).get(purpose), as_channel(channel)
        if known.needs == "nothing":
            return {}
        day = on or self.work.clock.work_date()
        whose, asked = self.work.consents, frozenset(contact_nos)
        refused = codes_of_answer(whose, whose.refused(known, way, asked, day))
        if others := sorted(refused - asked):
            refuse_answer(whose, others, "it was asked for other contacts, by their numbers")
        several: dict[str, set[str]] = {no: set() for no in asked}
        for no, said in (addresses or {}).items():
            some = several.get(as_code(no), set())
            some.update(*map(addresses_in, filter(None, [said] if isinstance(said, str) else said)))
        given = set().union(*several.values())
        suppressed = self.work.suppressions.among(given, way) if given else set()
        found = {no: "suppressed" for no, some in several.items() if some & suppressed}
        return dict.fromkeys(refused, "no-consent") | found

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
