"""Purposes, consent facts and suppressed addresses, and the ports that store and answer them."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Collection, Iterable, Sequence, Set
from typing import Any, Protocol

import attrs

from interactionlog.unit_of_work import Records
from interactionlog.values import (
    CONTACT_NO,
    CorrespondenceType,
    as_code,
    as_optional_code,
    as_utc,
    calendar_date,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    flag,
    instant,
    length,
    refuse,
)

CHANNELS = {CorrespondenceType.HARD_COPY: "LETTER", CorrespondenceType.EMAIL: "MAIL"}
"""Channel of each correspondence type; an application may name further ones, such as ``PHONE``."""

_CHANNEL_OF = {kind.name.replace("_", ""): code for kind, code in CHANNELS.items()}

NEEDS = ("opt-in", "opt-out", "nothing")
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
    return _CHANNEL_OF.get("".join(each for each in code if each not in "-_ "), code)


def as_address(value: str) -> str:
    """
    Return an address as addresses are compared: without blanks around it, A to Z as a to z.

    A domain that has other letters becomes what the network knows it as.
    """
    if not isinstance(value, str):
        return value
    text = value.strip().translate(_LOWER)
    name, _, domain = text.rpartition("@")
    return text if domain.isascii() else f"{name}@{in_ascii(domain) or domain}"


def _known_need(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in NEEDS:
        refuse(instance, attribute, value, f"must be one of {', '.join(NEEDS)}")


def _for_a_purpose(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    flag(instance, attribute, value)
    if value and instance.purpose_code is None:
        refuse(instance, attribute, value, "needs a purpose: only a refusal is for every purpose")


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
    given: bool = attrs.field(validator=_for_a_purpose)
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
            ignored, and a domain is kept in its ASCII form.
        channel: ``None`` for every channel.
        reason: Such as ``bounced``; at most 100 characters.
        source: Such as the name of the list it came from; at most 100 characters.
        user_id, recorded_at: Who recorded it and when, UTC.
    """

    address: str = attrs.field(converter=as_address, validator=code_text(1, 80))
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
        ...


class ConsentRepository(Records[Consent], ConsentDirectory, Protocol):
    """Consent facts that the store itself keeps."""

    def reserve_entry_no(self) -> int:
        """Reserve a number above every stored or reserved one."""
        ...

    def of_contact(self, contact_no: str) -> Sequence[Consent]:
        """Return the facts about a contact by date, then entry number."""
        ...


class SuppressionRepository(Records[Suppression], Protocol):
    """Suppressed addresses by address and channel."""

    def among(self, addresses: Collection[str], channel: str | None) -> Set[str]:
        """Return those of up to 1,000 addresses that are suppressed for a channel."""
        ...
