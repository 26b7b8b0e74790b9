"""Drafts and the store: what defaults and checks look up, and the ways in which the log changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any

import attrs

from interactionlog.attachments.attachment import drop_unused, owned
from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.contacts.consent import unwilling
from interactionlog.contacts.directory import current_user, require_address
from interactionlog.delivery.delivery import requested
from interactionlog.errors import DuplicateEntryError, NotFoundError, StateError, UsageError
from interactionlog.events import InteractionLogged
from interactionlog.interactions.draft import (
    InteractionDraft,
    begun_at,
    choose_correspondence_type,
    choose_language,
    of_template,
)
from interactionlog.interactions.entry import (
    InteractionLogEntry,
    LogComment,
    entry_values,
    next_comment,
)
from interactionlog.interactions.idempotency import fingerprint_of
from interactionlog.interactions.repository import LogFilter, Position
from interactionlog.interactions.rules import DraftFacts, problem_of, raise_for, resolved
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    CorrespondenceType,
    DeliveryStatus,
    DocumentType,
    checked,
    completed,
    one_line,
)


def defaults_of(work: UnitOfWork, draft: InteractionDraft) -> dict[str, Any]:
    """
    Return what contact and template of a draft give it; hooks may choose in their stead.

    Source: INT-021 to INT-034, with the decided differences: nothing stale stays (§8.6), the
    campaign follows the template and texts of the user stay (§8.7), blanks only are filled (§8.23).
    """
    contact = work.contacts.find(draft.contact_no) if draft.contact_no else None
    code = draft.interaction_template_code
    template = work.templates.find(code) if code else None
    every = () if template is None else work.template_languages.all(template.code)
    rows = {row.language_code: row for row in every}
    language = choose_language(template, rows, contact.language_code if contact else None)
    correspondence = choose_correspondence_type(
        template, contact.correspondence_type if contact else None
    )
    if template is not None and (by_language := work.hooks.language) is not None:
        found = by_language.resolve_language(work, template, contact)
        language = resolved(by_language, InteractionDraft, "language_code", found)
    if template is not None and (by_type := work.hooks.correspondence_type) is not None:
        kind = by_type.resolve_correspondence_type(work, template, contact)
        correspondence = resolved(by_type, InteractionDraft, "correspondence_type", kind)
    addresses = (
        work.contacts.active_addresses([contact.no], draft.date) if contact and draft.date else {}
    )
    chosen = draft.language_code if "language_code" in draft.user_set else language
    return {
        "contact_company_no": contact and contact.company_no,
        "contact_name": one_line(contact.name, 100) if contact else "",
        "contact_alt_address_code": addresses.get(contact.no) if contact else None,
        "contact_via": contact.phone_no if contact and (draft.dials or draft.contact_via) else "",
        "salesperson_code": contact and _salesperson_for(work, contact.salesperson_code),
        "language_code": language,
        "correspondence_type": correspondence,
        **of_template(template, rows.get(chosen)),
    }


def _salesperson_for(work: UnitOfWork, of_contact: str | None) -> str | None:
    """Return the only one with the user's e-mail, else the user's, else the contact's. (INT-020)"""
    if work.user_id is None:
        raise UsageError("a draft has the salesperson of who works: open it with read(user_id=…)")
    user = current_user(work)
    same_e_mail = work.salespeople.with_e_mail(user.e_mail) if user and user.e_mail else []
    if len(same_e_mail) == 1:
        return same_e_mail[0].code
    return (user.salesperson_code if user else None) or of_contact


def facts_of(work: UnitOfWork, draft: InteractionDraft, *, deliver: bool) -> DraftFacts:
    """Look up what the checks of a draft ask."""
    contact = work.contacts.hold(draft.contact_no) if draft.contact_no else None
    code, seller = draft.interaction_template_code, draft.salesperson_code
    content, address = draft.attachment_no, draft.contact_alt_address_code
    template = work.templates.hold(code) if code else None
    e_mail = refused = ""
    if contact is not None:
        no, kind = contact.no, draft.correspondence_type
        e_mail = e_mail_of(work, no, contact.e_mail, address)
        if deliver and template is not None and template.purpose_code is not None:
            purpose, addresses = template.purpose_code, {no: e_mail}
            refused = unwilling(work, purpose, kind, draft.date, [no], addresses).get(no, "")
    return DraftFacts(
        contact=contact,
        template=template,
        refused=refused,
        salesperson=work.salespeople.find(seller) if seller else None,
        campaign_exists=(
            draft.campaign_no is None or work.campaigns.hold(draft.campaign_no) is not None
        ),
        content_exists=content is None or work.attachments.find(content) is not None,
        address_exists=(
            contact is None
            or address is None
            or work.contacts.address(contact.no, address) is not None
        ),
        e_mail=e_mail,
        deliver=deliver,
    )


def e_mail_of(
    work: UnitOfWork, contact_no: str, contact_e_mail: str, address_code: str | None
) -> str:
    """
    Return where a mail goes: the alternative address's e-mail, else the contact's. (INT-041)

    Nowhere, ``""``, when the address is gone: it was written because the other one is wrong.
    """
    if address_code is None:
        return contact_e_mail
    address = work.contacts.address(contact_no, address_code)
    return "" if address is None else address.e_mail or contact_e_mail


def require_known(work: UnitOfWork, draft: InteractionDraft, given: Collection[str]) -> None:
    """Raise `NotFoundError` for the first code among the given fields that names nothing."""
    known: dict[str, Callable[[str], object]] = {
        "contact_no": work.contacts.find,
        "interaction_template_code": work.templates.find,
        "salesperson_code": work.salespeople.find,
        "campaign_no": work.campaigns.find,
    }
    for field, find in known.items():
        code = getattr(draft, field)
        if field in given and code is not None and find(code) is None:
            record = field.removesuffix("_no").removesuffix("_code").replace("_", " ")
            raise NotFoundError(record, code)
    if "contact_alt_address_code" in given:
        require_address(work, draft.contact_no, draft.contact_alt_address_code)
    if "attachment_no" in given and draft.attachment_no is not None:
        work.attachments.get(draft.attachment_no)
    template, language = draft.interaction_template_code, draft.language_code
    if "language_code" in given and language is not None:
        if template is None:
            raise_for("draft", [problem_of("template-missing", draft)])
        work.template_languages.get(template, language)


def campaign_entry_for(
    work: UnitOfWork, draft: InteractionDraft, document_type: DocumentType | None = None
) -> int | None:
    """
    Return the campaign entry of an interaction; it is made when there is none that is open.

    Source: INT-049 and INT-050, keyed as D-23 decides: a canceled one takes nothing new.
    """
    if draft.campaign_no is None:
        return None
    key = (draft.campaign_no, document_type, draft.segment_no)
    while (found := work.campaign_entries.find_open(*key, None)) is not None:
        held = work.campaign_entries.hold(found.entry_no)
        if held is not None and not held.closed:
            return held.entry_no  # it is canceled after this interaction, or was before
    segment = work.segments.find(draft.segment_no) if draft.segment_no else None
    kind = document_type.name.replace("_", " ").capitalize() if document_type else "Interaction"
    made = CampaignEntry(
        entry_no=work.campaign_entries.reserve(1)[0],
        campaign_no=draft.campaign_no,
        document_type=document_type,
        segment_no=draft.segment_no,
        description=segment.description if segment else kind,
        date=draft.date,
        user_id=work.user_id,
        salesperson_code=draft.salesperson_code,
    )
    try:
        with work.atomic():
            work.campaign_entries.add(made)
    except DuplicateEntryError:  # somebody else made it meanwhile
        if work.campaign_entries.find_open(*key, None) is None:
            raise
        return campaign_entry_for(work, draft, document_type)
    return made.entry_no


def store_draft(
    work: UnitOfWork, draft: InteractionDraft, before: InteractionLogEntry | None, **values: Any
) -> InteractionLogEntry:
    """
    Store entry, content and comments of a draft and return the entry.

    Of the postponed entry ``before`` that it resumes, number, who began it and when are kept.
    ``values`` are fields of the entry that a draft does not have. Source: INT-043 to INT-048.
    """
    log, clock, content_no = work.interactions, work.clock, draft.attachment_no
    if content_no is not None and (before is None or before.attachment_no != content_no):
        content_no = owned(work, content_no, read_only=True)  # (INT-045, INT-047)
    fields = entry_values(draft)
    if before is not None:
        fields |= {"created_by": before.created_by, "created_at": before.created_at}
    fields |= {
        "entry_no": before.entry_no if before else log.reserve(1)[0],
        "attachment_no": content_no,
        "user_id": work.user_id,
        "recorded_at": clock.now(),
    }
    entry = completed(InteractionLogEntry, fields | checked(InteractionLogEntry, values))
    if before is None:
        log.add(entry)
    else:
        log.replace(entry)  # it is locked
        log.remove_comments(entry.entry_no)
        if before.attachment_no != entry.attachment_no:
            drop_unused(work, before.attachment_no)
    comments: list[LogComment] = []
    for each in draft.comments:
        comments.append(next_comment(work, entry.entry_no, comments, each, entry.recorded_at))
        work.records(LogComment).put(comments[-1])
    return entry


def resumed_entry(work: UnitOfWork, draft: InteractionDraft) -> InteractionLogEntry | None:
    """Return the postponed entry that a draft resumes, if any; `StateError` when it is no more."""
    if draft.resumes_entry_no is None:
        return None
    entry = work.interactions.lock(draft.resumes_entry_no)
    require_postponed(entry)
    comments = tuple(work.interactions.comments(entry.entry_no))
    now = fingerprint_of({"entry": entry, "comments": comments})
    if draft.resumed_state not in {None, now}:
        reason = "was changed since it was resumed: resume it again"
        raise StateError(f"entry {entry.entry_no}", reason)
    return entry


def require_postponed(entry: InteractionLogEntry) -> None:
    """Raise `StateError` unless the entry is postponed and live. (INT-052, §8.8)"""
    if not entry.postponed:
        raise StateError(f"entry {entry.entry_no}", "is not postponed")
    if entry.canceled:
        raise StateError(f"entry {entry.entry_no}", "is canceled")


def refuse_in_use(work: UnitOfWork, record: str, **named: Any) -> None:
    """
    Raise `StateError` when a header, template, line or entry names a record that is to be deleted.

    ``refuse_in_use(work, "campaign CP1001", campaign_no="CP1001")``
    """
    ((field, value),) = named.items()
    for segment in work.segments.all():
        if getattr(segment, field) == value:
            raise StateError(record, f"is used by segment {segment.no}")
    for template in work.templates.all():
        if getattr(template, field, None) == value:
            raise StateError(record, f"is used by template {template.code}")
    if (line := work.segments.line_with(**named)) is not None:
        raise StateError(record, f"is used by segment {line.segment_no}")
    refuse_logged(work, record, **named)


def refuse_logged(work: UnitOfWork, record: str, **named: Any) -> None:
    """Raise `StateError` when an entry names a record that is to be deleted."""
    for entry in work.interactions.newest(LogFilter(**named), limit=1):
        raise StateError(record, f"is used by entry {entry.entry_no}")


RESENT = "Resent: "
"""Begins the description of what was sent again, once."""


def resent_entry(work: UnitOfWork, entry: InteractionLogEntry) -> InteractionLogEntry:
    """Store the entry that sends another one again. (INT-090)"""
    first = entry.description.removeprefix(RESENT)
    resent = attrs.evolve(
        entry,
        entry_no=work.interactions.reserve(1)[0],
        **begun_at(work.clock),
        description=f"{RESENT}{first}"[:100],
        cost_lcy=Decimal(0),
        duration_min=0,
        delivery_status=DeliveryStatus.REQUESTED,
        e_mail_logged=False,
        user_id=work.user_id,
        recorded_at=work.clock.now(),
        created_by=None,
        created_at=None,
        resend_of=entry.entry_no,
        attachment_no=(
            owned(work, entry.attachment_no, read_only=True) if entry.attachment_no else None
        ),
    )
    work.interactions.add(resent)
    requested(work, resent)
    for line in work.interactions.comments(entry.entry_no):
        work.records(LogComment).put(attrs.evolve(line, entry_no=resent.entry_no))
    work.record(InteractionLogged(resent.entry_no, delivery_requested=True))
    return resent


def delete_entries(work: UnitOfWork, log_filter: LogFilter) -> tuple[int, ...]:
    """
    Delete the matching entries with comments and content that nothing else has.

    A logged segment says how many of its entries are gone, so that its sums can be checked and an
    undo knows. Source: INT-055, INT-093, SEG-134 with D-24.
    """
    deleted: list[int] = []
    of_segments: Counter[int | None] = Counter()
    place: Position | None = None
    while (entries := work.interactions.remove_matching(log_filter, before=place)) or place:
        # from the newest again each page would pass over all that are deleted; once it is done,
        # for what somebody made match meanwhile
        place = Position(entries[-1].date, entries[-1].entry_no) if entries else None
        numbers = [entry.entry_no for entry in entries]
        contents: list[int | None] = [*work.deliveries.remove_of(numbers)]
        for entry in entries:
            contents += [entry.attachment_no, entry.modified_word_template]
            of_segments[entry.logged_segment_entry_no] += entry.resend_of is None
        drop_unused(work, *contents)
        work.personal.mark_seals(numbers, removed=True)
        deleted += numbers
    for entry_no, count in of_segments.items():
        if entry_no is not None and count and work.logged_segments.find(entry_no) is not None:
            counts = work.logged_segments.lock(entry_no).counts
            deleted_before = counts.get("deleted", 0)
            work.logged_segments.set(entry_no, counts={**counts, "deleted": deleted_before + count})
    return tuple(deleted)


def log_drafts(
    work: UnitOfWork, drafts: Sequence[InteractionDraft], *, deliver: bool = False, **document: Any
) -> Sequence[InteractionLogEntry]:
    """
    Log checked drafts, of a document or not, notify observers and return the entries.

    Source: INT-038 to INT-051, INT-078.
    """
    entries = []
    for draft in drafts:
        entry = store_draft(
            work,
            draft,
            resumed_entry(work, draft),
            delivery_status=DeliveryStatus.REQUESTED if deliver else None,
            campaign_entry_no=campaign_entry_for(work, draft, document.get("document_type")),
            **document,
        )
        if deliver:
            requested(work, entry)
        mails = entry.correspondence_type is CorrespondenceType.EMAIL
        without = mails and not facts_of(work, draft, deliver=deliver).e_mail
        work.record(InteractionLogged(entry.entry_no, deliver, ("no-e-mail",) if without else ()))
        entries.append(entry)
    return tell_logged(work, entries)


def tell_logged(
    work: UnitOfWork, entries: Sequence[InteractionLogEntry]
) -> Sequence[InteractionLogEntry]:
    """Notify observers of logged entries and return them; none can take one from the others."""
    entries = tuple(entries)
    for hook in work.hooks.observers:
        hook.interactions_logged(work, entries)
    return entries
