"""Finding the records that texts of a block name: one statement for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from interactionlog.adapters.records import reached
from interactionlog.adapters.tables import TABLES
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.campaigns.campaign import Campaign
from interactionlog.contacts.contact import Contact, ExternalKey, Salesperson, User
from interactionlog.errors import FieldInvalidError, UsageError
from interactionlog.segments.segment import Segment
from interactionlog.templates.template import InteractionGroup, InteractionTemplate
from interactionlog.values import as_code

KINDS: dict[str, type[Any]] = {
    "contact": Contact,
    "salesperson": Salesperson,
    "user": User,
    "campaign": Campaign,
    "segment": Segment,
    "interaction_template": InteractionTemplate,
    "interaction_group": InteractionGroup,
}
"""What a column may look up."""


class Lookups:
    """Finds records for one import."""

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work
        self._found: dict[type[Any], dict[str, Any]] = {}

    def forget(self) -> None:
        """Forget the records of a block: they may change now."""
        self._found.clear()

    def records(self, entity: type[Any], codes: Iterable[str]) -> Mapping[str, Any]:
        """Return the records with these codes or numbers, by code."""
        found = self._found.setdefault(entity, {})
        wanted = {as_code(code) for code in {*codes} if code}
        try:
            if rest := wanted - found.keys():
                found.update(self._records(entity, rest))
            return {code: found[code] for code in wanted & found.keys()}
        except FieldInvalidError:  # one is no code: each for itself, which is slower
            if len(wanted) == 1:
                return {}
            each = (self.records(entity, [code]) for code in sorted(wanted))
            return {code: record for found in each for code, record in found.items()}

    def _records(self, entity: type[Any], wanted: Collection[str]) -> Mapping[str, Any]:
        if entity is Contact:
            return self._work.contacts.many(wanted)
        if entity is Salesperson:
            return self._work.salespeople.many(wanted)
        (key,) = TABLES[entity].key
        stored: Any = self._work.records(entity)
        return {getattr(record, key): record for record in stored.having(wanted)}

    def keys(self, source: str, target: str, external_ids: Collection[str]) -> dict[str, str]:
        """Return the numbers of records by what another system calls them."""
        external_ids = [each for each in external_ids if len(each) <= 255 and each.isprintable()]
        if not external_ids:
            return {}
        stored: Any = self._work.records(ExternalKey)
        found = stored.having(source, target, external_ids)
        return {each.external_id: each.record_no for each in found}

    def named(self, kind: str, source: str | None, texts: Iterable[str]) -> dict[str, str]:
        """
        Return the code or number of each record that a text names; who is not there is left out.

        A contact is looked for by external key, number, e-mail and phone, a salesperson by code,
        e-mail and name. Two hits are no hit.
        """
        if kind not in KINDS:
            raise UsageError(f"lookup {kind!r} is not known: take one of {', '.join(KINDS)}")
        wanted = {text for text in texts if text}
        found: dict[str, str] = {}
        if source is not None:
            found = self.keys(source, kind, wanted)
            if kind == "contact":  # the record may have been deleted since
                there = self.records(Contact, found.values())
                found = {text: no for text, no in found.items() if no in there}
        rest = wanted - found.keys()
        codes = self.records(KINDS[kind], rest)
        found |= {text: code for text in rest if (code := as_code(text)) in codes}
        rest -= found.keys()
        if rest and kind == "contact":
            found |= self._reached(rest)
        elif rest and kind == "salesperson":
            found |= self._salespeople(rest)
        return found

    def _reached(self, texts: Collection[str]) -> dict[str, str]:
        if not hasattr(self._work.contacts, "reached_by"):  # those of a host are known by number
            return {}
        phones = [text for text in texts if _is_phone(reached("phone_no", text))]
        mails = [text for text in texts if "@" in text]
        return self.matching("e_mail", mails) | self.matching("phone_no", phones)

    def matching(self, field: str, texts: Collection[str]) -> dict[str, str]:
        """Return the contacts with these e-mail addresses or phone numbers; two hits are none."""
        plain = {text: reached(field, text) for text in texts}
        fields = ("e_mail",) if field == "e_mail" else ("phone_no", "mobile_phone_no")
        contacts: Any = self._work.contacts
        hits = [contacts.reached_by(each, {*plain.values()}) for each in fields if plain]
        return _single(plain, [hit for found in hits for hit in found])

    def _salespeople(self, texts: Collection[str]) -> dict[str, str]:
        if not hasattr(self._work.salespeople, "put"):
            return {}
        people = self._work.records(Salesperson).all()
        hits = [
            (each.code, text.casefold()) for each in people for text in (each.name, each.e_mail)
        ]
        return _single({text: text.casefold() for text in texts}, hits)


def _is_phone(number: str) -> bool:
    digits = number.removeprefix("+")
    return len(digits) >= 6 and digits.isdecimal()


def _single(plain: Mapping[str, str], hits: Sequence[tuple[str, str]]) -> dict[str, str]:
    nos: dict[str, set[str]] = {}
    for no, text in hits:
        nos.setdefault(text, set()).add(no)
    return {text: next(iter(nos[key])) for text, key in plain.items() if len(nos.get(key, ())) == 1}
