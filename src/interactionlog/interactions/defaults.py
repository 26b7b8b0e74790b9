"""Pure rules: what contact, template and user put into a draft, and the title of an entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import attrs

from interactionlog.contacts.contact import Contact
from interactionlog.enumerations import CorrespondenceType, InformationFlow
from interactionlog.interactions.draft import InteractionDraft
from interactionlog.templates.interaction_template import InteractionTemplate
from interactionlog.templates.template_language import TemplateLanguage

__all__ = [
    "DraftContext",
    "changed_defaults",
    "choose_correspondence_type",
    "choose_language",
    "choose_salesperson",
    "entry_title",
    "next_full_minute",
]


@attrs.frozen(kw_only=True)
class DraftContext:
    """
    What the defaults of a draft are taken from.

    Attributes:
        contact, template: ``None`` while the draft has none.
        languages: Language rows of the template by language code.
        active_address: Code of the contact's alternative address in use on the draft's date.
        salesperson_code: Who is responsible by default.
        language_code, correspondence_type: What was chosen for the two.
    """

    contact: Contact | None
    template: InteractionTemplate | None
    languages: Mapping[str | None, TemplateLanguage]
    active_address: str | None
    salesperson_code: str | None
    language_code: str | None
    correspondence_type: CorrespondenceType | None


def next_full_minute(moment: datetime) -> time:
    """Return one second later, rounded up to the full minute. (INT-019)"""
    later = moment + timedelta(seconds=1)
    if later.second or later.microsecond:
        later = later.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return later.time()


def choose_salesperson(
    with_users_e_mail: Sequence[str], of_user: str | None, of_contact: str | None
) -> str | None:
    """Return the only one with the user's e-mail, else the user's, else the contact's. (INT-020)"""
    if len(with_users_e_mail) == 1:
        return with_users_e_mail[0]
    return of_user or of_contact


def choose_language(
    template: InteractionTemplate | None,
    offered: Iterable[str | None],
    contact_language: str | None,
) -> str | None:
    """Return the contact's language when it is offered, else the template's default. (INT-028)"""
    if template is None:
        return None
    return contact_language if contact_language in offered else template.language_code_default


def choose_correspondence_type(
    template: InteractionTemplate | None,
    of_contact: CorrespondenceType | None,
) -> CorrespondenceType | None:
    """
    Return how content is delivered. (INT-029)

    The template's default counts when it ignores the contact's preference, or when the contact has
    none; else the contact's preference.
    """
    if template is not None and (
        template.ignore_contact_corres_type
        or (of_contact is None and template.correspondence_type_default is not None)
    ):
        return template.correspondence_type_default
    return of_contact


_CONTENT = {"attachment_no", "word_template_code"}
_CHOSEN = {"language_code", "correspondence_type", *_CONTENT}
_DRIVEN_BY: dict[str, set[str]] = {
    "contact_no": {
        "contact_company_no",
        "contact_name",
        "contact_alt_address_code",
        "salesperson_code",
        *_CHOSEN,
    },
    "interaction_template_code": {
        "interaction_group_code",
        "description",
        "cost_lcy",
        "duration_min",
        "information_flow",
        "initiated_by",
        "campaign_target",
        "campaign_response",
        "campaign_no",
        *_CHOSEN,
    },
    "language_code": _CONTENT,
    "date": {"contact_alt_address_code"},
}


def changed_defaults(
    draft: InteractionDraft, changed: Iterable[str], context: DraftContext
) -> dict[str, Any]:
    """
    Return new values of the fields that depend on what changed, without those the user set.

    Source: INT-021 to INT-034, with the decided differences: nothing stale stays (§8.6), the
    campaign follows the template and texts of the user stay (§8.7), blanks only are filled (§8.23).
    """
    fields = set().union(*(_DRIVEN_BY.get(name, ()) for name in changed)) - draft.user_set
    values = _of_contact(context) | _of_template(draft, context)
    return {name: value for name, value in values.items() if name in fields}


def _of_contact(context: DraftContext) -> dict[str, Any]:
    contact = context.contact
    return {
        "contact_company_no": None if contact is None else contact.company_no,
        "contact_name": "" if contact is None else contact.name,
        "contact_alt_address_code": context.active_address,
        "salesperson_code": context.salesperson_code,
    }


def _of_template(draft: InteractionDraft, context: DraftContext) -> dict[str, Any]:
    language = draft.language_code if "language_code" in draft.user_set else context.language_code
    row = context.languages.get(language)
    template = context.template or InteractionTemplate(code="-", interaction_group_code="-")
    return {
        "interaction_group_code": context.template and context.template.interaction_group_code,
        "description": template.description,
        "cost_lcy": template.unit_cost_lcy,
        "duration_min": template.unit_duration_min,
        "information_flow": template.information_flow,
        "initiated_by": template.initiated_by,
        "campaign_target": template.campaign_target,
        "campaign_response": template.campaign_response,
        "campaign_no": template.campaign_no,
        "language_code": context.language_code,
        "correspondence_type": context.correspondence_type,
        "attachment_no": row.attachment_no if row else None,
        "word_template_code": row.word_template_code if row else template.word_template_code,
    }


def entry_title(
    template: InteractionTemplate | None,
    *,
    contact_name: str,
    salesperson_name: str | None,
    user_name: str | None,
) -> str:
    """
    Return the title of an entry: who wrote to whom. (INT-067)

    Args:
        template: Its template; a title needs one.
        contact_name: Name of the contact; ``""`` when it is gone.
        salesperson_name: Name of the salesperson; ``None`` when there is none or it is gone.
        user_name: Full name of who logged it; ``None`` when the user is unknown.
    """
    if template is None:
        return ""
    if template.information_flow is InformationFlow.INBOUND:
        return f"{template.description} - from {contact_name}"
    name = salesperson_name or user_name
    if template.information_flow is InformationFlow.OUTBOUND and name:
        return f"{template.description} - by {name}"
    return template.description
