"""Preparing interactions, calls among them, and putting them into the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.attachment import drop_unused
from interactionlog.contacts.contact import AlternativeAddress, Contact
from interactionlog.contacts.directory import require_salesperson
from interactionlog.errors import (
    NotFoundError,
    PrivacyBlockedError,
    Problem,
    SetupMissingError,
    StateError,
)
from interactionlog.events import InteractionPostponed, InteractionsDeleted
from interactionlog.interactions.draft import (
    DRIVEN_BY,
    DraftOrigin,
    DraftValues,
    InteractionDraft,
    begun_at,
    user_set_mask,
)
from interactionlog.interactions.entry import InteractionLogEntry, draft_of, identity_of
from interactionlog.interactions.idempotency import once
from interactionlog.interactions.log_changes import (
    defaults_of,
    facts_of,
    log_drafts,
    require_known,
    require_postponed,
    resumed_entry,
    store_draft,
)
from interactionlog.interactions.rules import (
    objections,
    problems_at_finish,
    problems_at_postpone,
    raise_for,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ContactType


def begun_draft(
    work: UnitOfWork, origin: DraftOrigin, *, locked: Iterable[str] = (), **defaults: Any
) -> InteractionDraft:
    """
    Return a draft with these values and what follows from them, none of it set by the user.

    Raises `PrivacyBlockedError` for a contact that is blocked. Source: INT-010, INT-019.
    """
    values = {**begun_at(work.clock), **defaults}
    draft = InteractionDraft(origin=origin, locked_fields=frozenset(locked), **values)
    refuse_privacy_blocked(work, draft.contact_no)
    return _recomputed(work, draft, [name for name in values if values[name] is not None])


def changed_draft(
    work: UnitOfWork, draft: InteractionDraft, **values: Unpack[DraftValues]
) -> InteractionDraft:
    """Return the draft with values that the user set, and what follows; see `change`."""
    given: dict[str, Any] = dict(values)
    if "contact_name" in given:
        name = given.pop("contact_name").strip()  # a blank one names nobody
        found = work.contacts.find_by_name(name) if name else None
        given["contact_no"] = found.no if found else None
    if given.get("date", draft.date) != draft.date and "time_of_interaction" not in draft.user_set:
        given = {"time_of_interaction": None, **given}  # the time of now is not that of another day
    kept, language = draft.user_set, draft.language_code
    if given.get("contact_no", draft.contact_no) != draft.contact_no:
        kept -= {"contact_alt_address_code"}  # it is somebody else's
    code = given.get("interaction_template_code")
    is_new = code not in {None, draft.interaction_template_code} and language is not None
    if is_new and work.template_languages.find(code, language) is None:
        kept -= {"language_code"}  # it is not offered
    changed = attrs.evolve(draft, **given, user_set=kept | set(given))
    require_known(work, changed, given)
    names = [name for name in given if getattr(changed, name) != getattr(draft, name)]
    return _recomputed(work, changed, names)


def refuse_privacy_blocked(work: UnitOfWork, *contact_nos: str | None) -> None:
    """Raise `PrivacyBlockedError` for the first contact that must not be contacted. (§8.21)"""
    for contact_no in contact_nos:
        contact = work.contacts.find(contact_no) if contact_no else None
        if contact is not None and contact.privacy_blocked:
            raise PrivacyBlockedError(contact.no)


def _recomputed(work: UnitOfWork, draft: InteractionDraft, changed: list[str]) -> InteractionDraft:
    if not changed:
        return draft
    fields = set().union(*(DRIVEN_BY.get(name, ()) for name in changed)) - draft.user_set
    defaults = defaults_of(work, draft)
    return attrs.evolve(draft, **{name: defaults[name] for name in defaults.keys() & fields})


@judged
@attrs.frozen
class InteractionService:
    """
    Prepares single interactions and puts them into the log.

    A draft is a value: `start` and `change` store nothing, `finish` and `postpone` do.
    """

    work: UnitOfWork

    def start(self, contact_no: str, /, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a draft for a contact; further values are set as `change` does.

        Date is the work date, time is now, one second later and rounded up to the full minute.

        Raises:
            NotFoundError: The contact or another code does not exist.
            PrivacyBlockedError: The contact is blocked for privacy.

        Source: INT-010, INT-019, INT-020.
        """
        no = self.work.contacts.get(contact_no).no
        draft = begun_draft(self.work, DraftOrigin.CONTACT, locked=["contact_no"], contact_no=no)
        return changed_draft(self.work, draft, **values)

    def start_from_salesperson(
        self, salesperson_code: str, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a draft for a salesperson, without a contact yet.

        Raises:
            NotFoundError: The salesperson or another code does not exist.
            StateError: The salesperson is blocked.

        Source: INT-011.
        """
        require_salesperson(self.work, salesperson_code)
        draft = begun_draft(self.work, DraftOrigin.SALESPERSON, locked=["salesperson_code"])
        given: DraftValues = {"salesperson_code": salesperson_code, **values}
        return changed_draft(self.work, draft, **given)

    def start_from_context(self, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a draft from what a form shows, such as the contact that a list is filtered on, a task
        (``to_do_no``) or an opportunity with its contact, salesperson and campaign.

        Given values are locked: a form would show them and not let them be changed. Without any,
        the draft is empty.

        Raises:
            NotFoundError: A code does not exist.
            PrivacyBlockedError: The contact or its company is blocked for privacy.

        Source: INT-012 to INT-014, with values instead of a list's filters (§8.27).
        """
        draft = begun_draft(self.work, DraftOrigin.CONTEXT, locked=set(values) - {"comments"})
        draft = changed_draft(self.work, draft, **values)
        refuse_privacy_blocked(self.work, draft.contact_no, draft.contact_company_no)
        return draft

    def start_like(self, entry_no: int, /, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a draft with contact and template of an entry, and its values that differ from theirs.

        Date, time, evaluation and comments are not taken over; content is when its bytes differ
        from the template's.

        Raises:
            EntryNotFoundError: There is no such entry.
            NotFoundError: A code of it does not exist any more.
            PrivacyBlockedError: The contact or its company is blocked for privacy.

        Source: §8.27: an honest copy, which the model has not.
        """
        entry = self.work.interactions.get(entry_no)
        draft = self._like(DraftOrigin.LOG_ENTRY, entry, entry.interaction_language_code)
        return changed_draft(self.work, draft, **values)

    def start_from_segment_line(
        self, segment_no: str, line_no: int, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a draft like a line of an open segment; the line is logged with its segment as well.

        Raises:
            NotFoundError, PrivacyBlockedError: As `start_like`.

        Source: INT-015, INT-101.
        """
        line = self.work.segments.line(segment_no, line_no)
        draft = self._like(
            DraftOrigin.SEGMENT_LINE, line, line.language_code, segment_no=line.segment_no
        )
        return changed_draft(self.work, draft, **values)

    def change(self, draft: InteractionDraft, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Return the draft with new values; what depends on them follows, what the user set stays.

        ``contact_name`` looks the contact up: the first one, by number, whose name contains the
        text, or none.

        Raises:
            NotFoundError: A contact, template, language, salesperson or campaign does not exist.
            CheckFailedError: A language is set before a template.
            FieldInvalidError: A value is not taken.
            UsageError: There is no such field.

        Source: INT-021 to INT-034.
        """
        return changed_draft(self.work, draft, **values)

    def check(self, draft: InteractionDraft, *, deliver: bool = False) -> Sequence[Problem]:
        """
        Return everything that speaks against finishing the draft, in the order of the rules.

        Source: INT-037, INT-039, INT-040, INT-100.
        """
        problems = problems_at_finish(draft, facts_of(self.work, draft, deliver=deliver))
        for hook in self.work.hooks.draft_checks:
            problems += objections(hook, hook.check_draft(self.work, draft))
        return problems

    def finish(
        self, draft: InteractionDraft, *, deliver: bool = False, idempotency_key: str | None = None
    ) -> InteractionLogEntry:
        """
        Put the interaction into the log and return its entry.

        A resumed one keeps its entry number and who began it. With ``deliver`` its content is to be
        delivered: the outbox sends it after the commit.

        Args:
            idempotency_key: The same call again with the same key returns the entry as it is now.
                Contact and what the user set must be the same, defaults may have changed.

        Raises:
            CheckFailedError: `check` found problems; nothing is stored.
            StateError: The postponed entry that it resumes was finished or canceled meanwhile, or
                what was finished under the key was deleted.
            IdempotencyConflictError: The key was used for something else.

        Source: INT-038 to INT-051.
        """

        def act() -> InteractionLogEntry:
            raise_for(f"interaction with {draft.contact_no}", self.check(draft, deliver=deliver))
            return log_drafts(self.work, [draft], deliver=deliver)[0]

        told = {**identity_of(draft), "deliver": deliver}
        return self._once(idempotency_key, "finish", told, act)

    def _once(
        self,
        key: str | None,
        operation: str,
        told: dict[str, object],
        act: Callable[[], InteractionLogEntry],
    ) -> InteractionLogEntry:
        with self.work.atomic():
            return once(
                self.work,
                key,
                operation,
                told,
                act=act,
                number_of=lambda entry: entry.entry_no,
                find=self.work.interactions.find,
            )

    def finish_many(
        self, drafts: Sequence[InteractionDraft], *, deliver: bool = False
    ) -> Sequence[InteractionLogEntry]:
        """
        Finish all of the drafts or none, and return their entries.

        Raises:
            CheckFailedError, StateError: As `finish`; ``line_no`` counts the drafts from 1.
        """
        with self.work.atomic():
            problems = [
                attrs.evolve(problem, line_no=number)
                for number, draft in enumerate(drafts, start=1)
                for problem in self.check(draft, deliver=deliver)
            ]
            raise_for(f"{len(drafts)} interactions", problems)
            return log_drafts(self.work, drafts, deliver=deliver)

    def postpone(
        self, draft: InteractionDraft, *, idempotency_key: str | None = None
    ) -> InteractionLogEntry:
        """
        Store the interaction unfinished and return its entry, which counts nowhere.

        Args:
            idempotency_key: As of `finish`.

        Raises:
            CheckFailedError: It has neither contact nor salesperson, no date, content that is gone,
                the contact is blocked for privacy, or it is a phone call.
            StateError: The postponed entry that it resumes was finished or canceled meanwhile, or
                what was postponed under the key was deleted.
            IdempotencyConflictError: The key was used for something else.

        Source: INT-042 with the decided difference §8.2.
        """

        def act() -> InteractionLogEntry:
            facts = facts_of(self.work, draft, deliver=False)
            raise_for("postponed interaction", problems_at_postpone(draft, facts))
            before = resumed_entry(self.work, draft)
            if before is None and facts.contact is None and draft.contact_no is not None:
                self.work.contacts.get(draft.contact_no)  # it was deleted since it was named
            begun = {"created_by": self.work.user_id, "created_at": self.work.clock.now()}
            values = {"postponed": True, "user_set": user_set_mask(draft.user_set)}
            entry = store_draft(self.work, draft, before, **values, **({} if before else begun))
            self.work.record(InteractionPostponed(entry.entry_no))
            return entry

        return self._once(idempotency_key, "postpone", identity_of(draft), act)

    def resume(self, entry_no: int) -> InteractionDraft:
        """
        Return the draft of a postponed entry, with everything it was stored with.

        Raises:
            EntryNotFoundError: There is no such entry.
            StateError: It is not postponed, or is canceled.
            PrivacyBlockedError: Its contact is blocked for privacy.

        Source: INT-052 with the decided difference §8.8.
        """
        entry = self.work.interactions.get(entry_no)
        require_postponed(entry)
        refuse_privacy_blocked(self.work, entry.contact_no)
        contact = self.work.contacts.find(entry.contact_no) if entry.contact_no else None
        comments = self.work.interactions.comments(entry_no)
        return draft_of(entry, comments, contact.name if contact else "")

    def delete_postponed(self, entry_no: int) -> None:
        """
        Delete a postponed entry with its comments, and its content when nothing else has it.

        Raises:
            EntryNotFoundError: There is no such entry.
            StateError: It is not postponed.

        Source: INT-053, INT-055.
        """
        with self.work.atomic():
            entry = self.work.interactions.lock(entry_no)
            if not entry.postponed:
                raise StateError(f"entry {entry_no}", "is not postponed: cancel it instead")
            self.work.interactions.remove(entry_no)
            drop_unused(self.work, entry.attachment_no)
            self.work.record(InteractionsDeleted((entry_no,)))

    def _like(
        self, origin: DraftOrigin, source: Any, language_code: str | None, **fixed: str
    ) -> InteractionDraft:
        """Return a draft with the values of an entry or line that differ from the defaults."""
        names = ("contact_no", "interaction_template_code")
        known = {name: getattr(source, name) for name in names}
        draft = begun_draft(self.work, origin, locked=["contact_no"], **known, **fixed)
        refuse_privacy_blocked(self.work, draft.contact_company_no)
        found = {name: getattr(source, name) for name in _LIKE.split()} | {
            "language_code": language_code
        }
        differing = {name: each for name, each in found.items() if each != getattr(draft, name)}
        content, default = (
            self.work.attachments.find(no) if no else None
            for no in (source.attachment_no, draft.attachment_no)
        )
        if content is not None and (default is None or content.digest != default.digest):
            differing["attachment_no"] = content.no
        return changed_draft(self.work, draft, **differing)


_LIKE = """
    description correspondence_type information_flow initiated_by cost_lcy duration_min
    salesperson_code campaign_no campaign_target campaign_response opportunity_no to_do_no
    word_template_code
"""
"""What a draft that is like an entry or a segment line takes from it. (§8.27)"""


@judged
@attrs.frozen
class PhoneCalls:
    """
    Begins phone calls; `InteractionService` changes, checks and finishes them like any draft.

    The template is that of the setup field ``outg_calls``, date and time are today and now, and a
    number is needed: ``contact_via``, the contact's phone number unless changed. A call that is not
    dialled (``dials=False``) needs none.
    """

    work: UnitOfWork

    def start(self, contact_no: str, /, **values: Unpack[DraftValues]) -> InteractionDraft:
        """
        Begin a call of a contact; further values are set as `InteractionService.change` does.

        Raises:
            NotFoundError: The contact or another code does not exist.
            PrivacyBlockedError: The contact is blocked for privacy.
            SetupMissingError: No template is set up for outgoing calls.

        Source: INT-099.
        """
        contact = self.work.contacts.get(contact_no)
        return changed_draft(self.work, self._begun(contact), **values)

    def start_for_account(
        self, link_to_table: str, linked_no: str, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a call of the contact of a customer, vendor or bank account, such as ``Customer``.

        Raises:
            NotFoundError: No contact has a business relation with the account; else as `start`.
        """
        contact = self.work.contacts.of_account(link_to_table, linked_no)
        if contact is None:
            raise NotFoundError("contact of", f"{link_to_table} {linked_no}")
        return changed_draft(self.work, self._begun(contact), **values)

    def start_from_line(
        self, segment_no: str, line_no: int, /, **values: Unpack[DraftValues]
    ) -> InteractionDraft:
        """
        Begin a call for a line of an open segment; the line is logged with its segment as well.

        Raises:
            NotFoundError: There is no such line, or its contact does not exist; else as `start`.

        Source: INT-101.
        """
        line = self.work.segments.line(segment_no, line_no)
        if line.contact_no is None:
            raise NotFoundError("contact of line", f"{segment_no} {line_no}")
        draft = self._begun(self.work.contacts.get(line.contact_no), line.segment_no)
        names = ("salesperson_code", "campaign_no", "contact_alt_address_code", "to_do_no")
        own: dict[str, Any] = {name: getattr(line, name) for name in names}
        own = {name: value for name, value in own.items() if value is not None}
        return changed_draft(self.work, draft, **own | dict(values))

    def numbers(self, contact_no: str, *, address_code: str | None = None) -> Sequence[str]:
        """
        Return the numbers of a contact that can be called, in order; nothing for an unknown one.

        Its own, those of the alternative address, then those of its company and of that one's
        address: the given one or the one in use today.

        Raises:
            StateError: The contact has no number.

        Source: INT-104.
        """
        contact = self.work.contacts.find(contact_no)
        if contact is None:
            return []
        owners = [contact, self._address(contact.no, address_code)]
        if contact.type is ContactType.PERSON and contact.company_no is not None:
            company, today = contact.company_no, self.work.clock.today()
            code = address_code or self.work.contacts.active_addresses([company], today).get(
                company
            )
            owners += [self.work.contacts.find(company), self._address(company, code)]
        known = [owner for owner in owners if owner is not None]
        numbers = [number for each in known for number in (each.phone_no, each.mobile_phone_no)]
        numbers = [number for number in numbers if number]
        if not numbers:
            raise StateError(f"contact {contact.no}", "has no phone number")
        return numbers

    def _address(self, contact_no: str, code: str | None) -> AlternativeAddress | None:
        return self.work.contacts.address(contact_no, code) if code else None

    def _begun(self, contact: Contact, segment_no: str | None = None) -> InteractionDraft:
        setup = self.work.template_setup.find("outg_calls")
        if setup is None:
            raise SetupMissingError("outg_calls", "to log phone calls")
        return begun_draft(
            self.work,
            DraftOrigin.PHONE_CALL,
            locked=["contact_no"],
            contact_no=contact.no,
            date=self.work.clock.today(),
            time_of_interaction=self.work.clock.local().time().replace(microsecond=0),
            interaction_template_code=setup.interaction_template_code,
            segment_no=segment_no,
            dials=True,
        )
