"""Pure rules: what an interaction needs to be logged or postponed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

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
        refused: Finding of a contact that may not be written to; ``""`` for none, or not asked.
    """

    contact: Contact | None
    template: InteractionTemplate | None
    salesperson: Salesperson | None
    campaign_exists: bool
    e_mail: str
    deliver: bool
    refused: str = ""


class Finding(NamedTuple):
    """
    What can be wrong with a draft, a line of a segment or an entry.

    Attributes:
        field: The field that it is about.
        words: What is wrong; ``{of}`` stands for the draft, line or entry.
        group: The word of `LoggingPolicy` that decides about lines; ``""`` where lines have none.
        condition: The same in SQL, over ``line``, its ``contact`` and ``address`` as the statement
            ``lines_with_findings`` has them, for a line with a contact; given with a group.
        asked: It is asked only where a purpose or the policy makes it matter, by ``lines_asked``.
    """

    field: str
    words: str
    group: str = ""
    condition: str = ""
    asked: bool = False


_NO_ADDRESS = (
    "line.correspondence_type = 2 AND contact.e_mail = '' AND coalesce(address.e_mail, '') = ''"
)
"""The line is a mail, 2 being `CorrespondenceType.EMAIL`, to a contact without an address."""


FINDINGS: Mapping[str, Finding] = {
    "no-contact": Finding("contact_no", "has no contact", "no_contact", "line.contact_no IS NULL"),
    "privacy-blocked": Finding(
        "contact_no",
        "contact {of.contact_no} is blocked for privacy",
        "privacy_blocked",
        "contact.privacy_blocked",
    ),
    "unknown-contact": Finding(
        "contact_no",
        "contact {of.contact_no} does not exist",
        "invalid",
        "contact.no IS NULL AND line.contact_no IS NOT NULL",
    ),
    "date-missing": Finding("date", "has no date", "invalid", "line.date IS NULL"),
    "salesperson-missing": Finding(
        "salesperson_code", "has no salesperson", "invalid", "line.salesperson_code IS NULL"
    ),
    "unknown-salesperson": Finding(
        "salesperson_code",
        "salesperson {of.salesperson_code} does not exist",
        "invalid",
        "line.salesperson_code IS NOT NULL"
        " AND line.salesperson_code NOT IN (SELECT code FROM known_salespeople)",
    ),
    "salesperson-blocked": Finding(
        "salesperson_code",
        "salesperson {of.salesperson_code} is blocked: choose another one",
        "invalid",
        "line.salesperson_code IN (SELECT code FROM blocked_salespeople)",
    ),
    "template-missing": Finding(
        "interaction_template_code",
        "has no interaction template",
        "invalid",
        "line.interaction_template_code IS NULL",
    ),
    "unknown-template": Finding(
        "interaction_template_code",
        "interaction template {of.interaction_template_code} does not exist",
        "invalid",
        "line.interaction_template_code IS NOT NULL"
        " AND line.interaction_template_code NOT IN (SELECT code FROM known_templates)",
    ),
    "unknown-campaign": Finding(
        "campaign_no",
        "campaign {of.campaign_no} does not exist",
        "invalid",
        "line.campaign_no IS NOT NULL AND line.campaign_no NOT IN (SELECT no FROM known_campaigns)",
    ),
    "excluded": Finding(
        "contact_no",
        "contact {of.contact_no} is excluded from segments",
        "excluded",
        "contact.exclude_from_segment",
    ),
    "duplicate": Finding(
        "contact_no",
        "contact {of.contact_no} is on an earlier line as well",
        "duplicate",
        "line.repeated",
    ),
    "no-e-mail": Finding(
        "e_mail",
        "contact {of.contact_no} has no e_mail",
        "no_e_mail",
        f"NOT line.deliver AND {_NO_ADDRESS}",
    ),
    "undeliverable": Finding(
        "e_mail",
        "contact {of.contact_no} has no e_mail to deliver to",
        "undeliverable",
        f"line.deliver AND {_NO_ADDRESS}",
    ),
    "unknown-address": Finding(
        "contact_alt_address_code",
        "alternative address {of.contact_alt_address_code} of contact {of.contact_no} does not"
        " exist: choose another one, or none",
    ),
    "content-missing": Finding(
        "attachment_no",
        "has neither an attachment nor a Word template",
        "undeliverable",
        "line.deliver AND line.correspondence_type IS NOT NULL"
        " AND line.attachment_no IS NULL AND line.word_template_code IS NULL",
    ),
    "content-invalid": Finding(
        "attachment_no",
        "attachment {of.attachment_no} cannot be merged",
        "undeliverable",
        "line.attachment_no IN (SELECT no FROM unmergeable_contents)",
    ),
    "no-consent": Finding(
        "contact_no",
        "contact {of.contact_no} has not agreed to be written to for this purpose, or has refused",
        "no_consent",
        "line.purpose IS NOT NULL AND NOT coalesce(line.given, line.opt_out)",
        asked=True,
    ),
    "suppressed": Finding(
        "contact_no",
        "the address of contact {of.contact_no} is suppressed",
        "no_consent",
        "line.suppressed",
        asked=True,
    ),
    "contacted-recently": Finding(
        "contact_no",
        "contact {of.contact_no} was written to as often as the policy allows",
        "contacted_recently",
        "line.contacted >= line.most",
        asked=True,
    ),
    "description-missing": Finding("description", "has no description"),
    "contact-via-missing": Finding("contact_via", "has no number to dial"),
    "correspondence-type-missing": Finding("correspondence_type", "has no correspondence type"),
    "wrong-state": Finding("entry_no", "entry {of.entry_no} is canceled or postponed"),
    "phone-call-postponed": Finding(
        "dials", "a phone call is finished, with attempt_failed if nobody answered, not postponed"
    ),
}
"""Everything that can be said against logging, by code; drafts, lines and entries share it."""


def problem_of(
    code: str, of: object, *, record: str | None = None, line_no: int | None = None
) -> Problem:
    """
    Return a finding as a problem.

    Args:
        code: One of `FINDINGS`.
        of: The draft, line or entry that has it.
        record: The record that is to blame; ``None`` takes what the field of ``of`` names.
        line_no: The line; ``None`` for none.
    """
    field, words, *_ = FINDINGS[code]
    named = getattr(of, field, None) if record is None else record
    return Problem(
        code=code,
        message=words.format(of=of),
        field=field,
        record=named if isinstance(named, str) and named else None,
        line_no=line_no,
    )


def problems_at_finish(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """
    Return everything that speaks against logging a draft, in the order of the rules.

    Source: INT-037 and INT-039 as one check (§8.3), with §8.18, §8.21 and §8.22.
    """
    found = []
    for given, record, missing, unknown in (
        (draft.contact_no, facts.contact, "no-contact", "unknown-contact"),
        (draft.interaction_template_code, facts.template, "template-missing", "unknown-template"),
        (draft.salesperson_code, facts.salesperson, "salesperson-missing", "unknown-salesperson"),
    ):
        if given is None:
            found.append(missing)
        elif record is None:
            found.append(unknown)
    if draft.date is None:
        found.append("date-missing")
    if not draft.description:
        found.append("description-missing")
    if draft.dials and not draft.contact_via:
        found.append("contact-via-missing")
    problems = [problem_of(code, draft) for code in found]
    return (
        problems + _of_campaign(draft, facts) + _of_people(draft, facts) + _of_content(draft, facts)
    )


def problems_of_document(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """Return what speaks against logging a document; it needs no salesperson. (INT-039, INT-078)"""
    return _of_campaign(draft, facts) + _of_people(draft, facts)


def _of_campaign(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    return [] if facts.campaign_exists else [problem_of("unknown-campaign", draft)]


def _of_people(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    found = []
    if facts.contact is not None and facts.contact.privacy_blocked:
        found.append("privacy-blocked")
    if facts.salesperson is not None and facts.salesperson.blocked:
        found.append("salesperson-blocked")
    return [problem_of(code, draft) for code in found]


def _of_content(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    found = []
    has_content = draft.attachment_no is not None or draft.word_template_code is not None
    opens = facts.template is not None and facts.template.wizard_action is WizardAction.OPEN
    if not has_content and (opens or facts.deliver):
        found.append("content-missing")
    if facts.deliver and draft.correspondence_type is None:
        found.append("correspondence-type-missing")
    mails = draft.correspondence_type is CorrespondenceType.EMAIL
    if facts.deliver and mails and facts.contact is not None and not facts.e_mail:
        found.append("undeliverable")
    if facts.refused:
        found.append(facts.refused)
    return [problem_of(code, draft) for code in found]


def problems_at_postpone(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """
    Return what speaks against storing a draft unfinished: it must say whose it is and when.

    Source: INT-042 with the decided difference §8.2: not complete, but a contact or a salesperson;
    INT-100.
    """
    found = []
    if draft.contact_no is None and draft.salesperson_code is None:
        found.append("no-contact")
    if draft.date is None:
        found.append("date-missing")
    if draft.dials:
        found.append("phone-call-postponed")
    if facts.contact is not None and facts.contact.privacy_blocked:
        found.append("privacy-blocked")
    return [problem_of(code, draft) for code in found]


def raise_for(subject: str, problems: Sequence[Problem]) -> None:
    """Raise `CheckFailedError` with all problems of a check, if there are any."""
    if problems:
        counts = dict(Counter(problem.code for problem in problems))
        raise CheckFailedError(subject, tuple(problems[:1_000]), counts)
