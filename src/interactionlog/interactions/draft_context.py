"""What a draft's defaults and checks need, looked up."""

from __future__ import annotations

from collections.abc import Callable, Collection

from interactionlog.errors import NotFoundError
from interactionlog.interactions.draft import (
    DraftContext,
    InteractionDraft,
    choose_correspondence_type,
    choose_language,
    choose_salesperson,
)
from interactionlog.interactions.rules import DraftFacts, problem_of, raise_for
from interactionlog.unit_of_work import UnitOfWork


def context_of(work: UnitOfWork, draft: InteractionDraft) -> DraftContext:
    """Look up what the defaults of a draft are taken from; hooks may choose in their stead."""
    contact = work.contacts.find(draft.contact_no) if draft.contact_no else None
    code = draft.interaction_template_code
    template = work.templates.find(code) if code else None
    rows = (
        {}
        if template is None
        else {row.language_code: row for row in work.template_languages.all(template.code)}
    )
    addresses = (
        {}
        if contact is None or draft.date is None
        else work.contacts.active_addresses([contact.no], draft.date)
    )
    language = choose_language(template, rows, contact.language_code if contact else None)
    if work.hooks.language is not None and template is not None:
        language = work.hooks.language.resolve_language(work, template, contact)
    correspondence = choose_correspondence_type(
        template, contact.correspondence_type if contact else None
    )
    if work.hooks.correspondence_type is not None and template is not None:
        resolver = work.hooks.correspondence_type
        correspondence = resolver.resolve_correspondence_type(work, template, contact)
    return DraftContext(
        contact=contact,
        template=template,
        languages=rows,
        active_address=addresses.get(contact.no) if contact else None,
        salesperson_code=_salesperson_for(work, contact.salesperson_code) if contact else None,
        language_code=language,
        correspondence_type=correspondence,
    )


def _salesperson_for(work: UnitOfWork, of_contact: str | None) -> str | None:
    user = work.users.find(work.user_id) if work.user_id else None
    same_e_mail = work.salespeople.with_e_mail(user.e_mail) if user and user.e_mail else []
    return choose_salesperson(
        [person.code for person in same_e_mail],
        user.salesperson_code if user else None,
        of_contact,
    )


def facts_of(work: UnitOfWork, draft: InteractionDraft, *, deliver: bool) -> DraftFacts:
    """Look up what the checks of a draft ask."""
    contact = work.contacts.find(draft.contact_no) if draft.contact_no else None
    code = draft.interaction_template_code
    return DraftFacts(
        contact=contact,
        template=work.templates.hold(code) if code else None,
        salesperson=(
            work.salespeople.find(draft.salesperson_code) if draft.salesperson_code else None
        ),
        campaign_exists=(
            draft.campaign_no is None or work.campaigns.hold(draft.campaign_no) is not None
        ),
        e_mail=(
            e_mail_of(work, contact.no, contact.e_mail, draft.contact_alt_address_code)
            if contact
            else ""
        ),
        deliver=deliver,
    )


def e_mail_of(
    work: UnitOfWork, contact_no: str, contact_e_mail: str, address_code: str | None
) -> str:
    """Return where a mail goes: the alternative address's e-mail, else the contact's. (INT-041)"""
    address = work.contacts.address(contact_no, address_code) if address_code else None
    return address.e_mail if address is not None and address.e_mail else contact_e_mail


def require_known(work: UnitOfWork, draft: InteractionDraft, given: Collection[str]) -> None:
    """Raise `NotFoundError` for the first code among the given fields that names nothing."""
    known: dict[str, Callable[[str], bool]] = {
        "contact_no": lambda code: work.contacts.find(code) is not None,
        "interaction_template_code": lambda code: work.templates.find(code) is not None,
        "salesperson_code": lambda code: work.salespeople.find(code) is not None,
        "campaign_no": lambda code: work.campaigns.find(code) is not None,
    }
    for field, exists in known.items():
        code = getattr(draft, field)
        if field in given and code is not None and not exists(code):
            raise NotFoundError(field.removesuffix("_no").removesuffix("_code"), code)
    if "attachment_no" in given and draft.attachment_no is not None:
        work.attachments.get(draft.attachment_no)
    template, language = draft.interaction_template_code, draft.language_code
    if "language_code" in given and language is not None:
        if template is None:
            raise_for("draft", [problem_of("template-missing", draft)])
        work.template_languages.get(template, language)
