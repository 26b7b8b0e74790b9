"""Pure rules: what an interaction needs to be logged or postponed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from interactionlog.contacts.contact import Contact, Salesperson
from interactionlog.errors import CheckFailedError, Problem
from interactionlog.interactions.draft import InteractionDraft
from interactionlog.templates.template import InteractionTemplate
from interactionlog.values import CorrespondenceType, WizardAction


@attrs.frozen(kw_only=True)
class DraftFacts:
    """
    What the records that a draft names say today.

    Attributes:
        contact, template, salesperson: ``None`` when they are not named or do not exist.
        campaign_exists: Whether the named campaign exists; ``True`` when none is named.
        e_mail: Address that a mail would go to; ``""`` for none.
        deliver: The content is to be delivered.
    """

    contact: Contact | None
    template: InteractionTemplate | None
    salesperson: Salesperson | None
    campaign_exists: bool
    e_mail: str
    deliver: bool


def missing(field: str) -> Problem:
    """Return the problem of a field that must be filled."""
    return Problem(code="field-missing", message=f"{field} must be filled", field=field)


def unknown(field: str, code: str) -> Problem:
    """Return the problem of a code that names nothing."""
    return Problem(
        code="unknown-code", message=f"{field} {code} does not exist", field=field, record=code
    )


def problems_at_finish(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """
    Return everything that speaks against logging a draft, in the order of the rules.

    Source: INT-037 and INT-039 as one check (§8.3), with §8.18, §8.21 and §8.22.
    """
    problems = []
    for field, record in (
        ("contact_no", facts.contact),
        ("interaction_template_code", facts.template),
        ("salesperson_code", facts.salesperson),
    ):
        code = getattr(draft, field)
        if code is None:
            problems.append(missing(field))
        elif record is None:
            problems.append(unknown(field, code))
    problems += [missing(field) for field in ("date", "description") if not getattr(draft, field)]
    if draft.dials and not draft.contact_via:
        problems.append(missing("contact_via"))
    return problems + _of_campaign(draft, facts) + _of_people(facts) + _of_content(draft, facts)


def problems_of_document(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """Return what speaks against logging a document; it needs no salesperson. (INT-039, INT-078)"""
    return _of_campaign(draft, facts) + _of_people(facts)


def _of_campaign(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    return [] if facts.campaign_exists else [unknown("campaign_no", str(draft.campaign_no))]


def _of_people(facts: DraftFacts) -> list[Problem]:
    problems = []
    if facts.contact is not None and facts.contact.privacy_blocked:
        problems.append(privacy_blocked(facts.contact.no))
    if facts.salesperson is not None and facts.salesperson.blocked:
        code = facts.salesperson.code
        problems.append(
            Problem(
                code="salesperson-blocked",
                message=f"salesperson {code} is blocked: choose another one",
                field="salesperson_code",
                record=code,
            )
        )
    return problems


def privacy_blocked(contact_no: str) -> Problem:
    """Return the problem of a contact that must not be contacted."""
    return Problem(
        code="privacy-blocked",
        message=f"contact {contact_no} is blocked for privacy",
        field="contact_no",
        record=contact_no,
    )


def _of_content(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    problems = []
    has_content = draft.attachment_no is not None or draft.word_template_code is not None
    opens = facts.template is not None and facts.template.wizard_action is WizardAction.OPEN
    if not has_content and (opens or facts.deliver):
        problems.append(content_missing(draft.interaction_template_code))
    if facts.deliver and draft.correspondence_type is None:
        problems.append(missing("correspondence_type"))
    mails = draft.correspondence_type is CorrespondenceType.EMAIL
    if facts.deliver and mails and facts.contact is not None and not facts.e_mail:
        problems.append(no_e_mail(facts.contact.no))
    return problems


def content_missing(record: str | None) -> Problem:
    """Return the problem of something that needs content and has none."""
    return Problem(
        code="content-missing",
        message="an attachment or a Word template is needed",
        field="attachment_no",
        record=record,
    )


def no_e_mail(contact_no: str) -> Problem:
    """Return the problem of a mail that has nowhere to go."""
    return Problem(
        code="no-e-mail",
        message=f"contact {contact_no} has no e_mail to deliver to",
        field="e_mail",
        record=contact_no,
    )


def problems_at_postpone(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """
    Return what speaks against storing a draft unfinished: it must say whose it is and when.

    Source: INT-042 with the decided difference §8.2: not complete, but a contact or a salesperson;
    INT-100.
    """
    problems = []
    if draft.contact_no is None and draft.salesperson_code is None:
        problems.append(missing("contact_no"))
    if draft.date is None:
        problems.append(missing("date"))
    if draft.dials:
        reason = "a phone call is finished, not postponed"
        problems.append(Problem(code="phone-call-postponed", message=reason, field="dials"))
    if facts.contact is not None and facts.contact.privacy_blocked:
        problems.append(privacy_blocked(facts.contact.no))
    return problems


def raise_for(subject: str, problems: Sequence[Problem]) -> None:
    """Raise `CheckFailedError` with all problems of a check, if there are any."""
    if problems:
        counts = dict(Counter(problem.code for problem in problems))
        raise CheckFailedError(subject, tuple(problems[:1_000]), counts)
