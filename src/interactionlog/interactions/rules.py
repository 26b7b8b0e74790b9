"""Pure rules: what an interaction needs to be logged or postponed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import attrs

from interactionlog.contacts.contact import Contact, Salesperson
from interactionlog.errors import CheckFailedError, FieldInvalidError, Problem
from interactionlog.interactions.draft import InteractionDraft
from interactionlog.templates.template import InteractionTemplate
from interactionlog.values import CorrespondenceType, WizardAction, checked, refuse_answer


@attrs.frozen(kw_only=True)
class DraftFacts:
    """
    What the records that a draft names say today.

    Attributes:
        contact, template, salesperson: ``None`` when they are not named or do not exist.
        campaign_exists, content_exists, address_exists: Whether the named campaign, content,
            alternative address exists; ``True`` when none is named.
        e_mail: Address that a mail would go to; ``""`` for none.
        deliver: The content is to be delivered.
        refused: Finding of a contact that may not be written to; ``""`` for none, or not asked.
    """

    contact: Contact | None
    template: InteractionTemplate | None
    salesperson: Salesperson | None
    campaign_exists: bool
    content_exists: bool
    address_exists: bool
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
        condition: The same in SQL, over ``line`` and its contact ``c`` as the statement
            ``lines_with_findings`` has them, for a line with a contact; given with a group.
        asked: It is asked only where a purpose or the policy makes it matter, by ``lines_asked``.
    """

    field: str
    words: str
    group: str = ""
    condition: str = ""
    asked: bool = False


_NO_ADDRESS = (
    "line.correspondence_type = 2 AND c.e_mail = '' AND coalesce(line.other_e_mail, '') = ''"
)
"""The line is a mail, 2 being `CorrespondenceType.EMAIL`, to a contact without an address."""


def _said(field: str) -> str:
    return re.sub("_(code|no)$", "", field).replace("_", " ")


def _missing(field: str) -> Finding:
    return Finding(field, f"has no {_said(field)}", "invalid", f"line.{field} IS NULL")


def _unknown(field: str, known: str) -> Finding:
    """Return the finding of a code that is not among those that a statement knows."""
    words = f"{_said(field)} {{of.{field}}} does not exist"
    condition = f"line.{field} IS NOT NULL AND line.{field} NOT IN (SELECT {known})"
    return Finding(field, words, "invalid", condition)


def _contact(words: str, group: str, condition: str, *, asked: bool = False) -> Finding:
    return Finding("contact_no", f"contact {{of.contact_no}} {words}", group, condition, asked)


FINDINGS: Mapping[str, Finding] = {
    "no-contact": Finding("contact_no", "has no contact", "no_contact", "line.contact_no IS NULL"),
    "privacy-blocked": _contact("is blocked for privacy", "privacy_blocked", "c.privacy_blocked"),
    "unknown-contact": _contact(
        "does not exist", "invalid", "c.no IS NULL AND line.contact_no IS NOT NULL"
    ),
    "date-missing": _missing("date"),
    "salesperson-missing": _missing("salesperson_code"),
    "unknown-salesperson": _unknown("salesperson_code", "code FROM our_known_salespeople"),
    "salesperson-blocked": Finding(
        "salesperson_code",
        "salesperson {of.salesperson_code} is blocked: choose another one",
        "invalid",
        "line.salesperson_code IN (SELECT code FROM our_blocked_salespeople)",
    ),
    "template-missing": _missing("interaction_template_code"),
    "unknown-template": _unknown("interaction_template_code", "code FROM our_known_templates"),
    "unknown-campaign": _unknown("campaign_no", "no FROM our_known_campaigns"),
    "excluded": _contact("is excluded from segments", "excluded", "c.exclude_from_segment"),
    "duplicate": _contact("is on an earlier line as well", "duplicate", "line.repeated"),
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
    "unknown-content": Finding(
        "attachment_no",
        "attachment {of.attachment_no} does not exist any more: choose other content, or none",
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
        "line.attachment_no IN (SELECT no FROM our_unmergeable_contents)",
    ),
    "no-consent": _contact(
        "has not agreed to be written to for this purpose, or has refused",
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
    "contacted-recently": _contact(
        "was written to as often as the policy allows",
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
        code, of: One of `FINDINGS`, and the draft, line or entry that has it.
        record: The record that is to blame; ``None`` takes what the field of ``of`` names.
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


def problems_of(
    of: object, findings: Mapping[str, bool], *, record: str | None = None
) -> list[Problem]:
    """Return the findings that hold, in their order, as problems; see `problem_of`."""
    return [problem_of(code, of, record=record) for code, holds in findings.items() if holds]


def problems_at_finish(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """
    Return everything that speaks against logging a draft, in the order of the rules.

    Source: INT-037 and INT-039 as one check (§8.3), with §8.18, §8.21 and §8.22.
    """
    template, has_contact = facts.template, facts.contact is not None
    opens = template is not None and template.wizard_action is WizardAction.OPEN
    has_content = draft.attachment_no is not None or draft.word_template_code is not None
    mails = facts.deliver and draft.correspondence_type is CorrespondenceType.EMAIL and has_contact
    needed = {
        "no-contact": draft.contact_no is None,
        "unknown-contact": draft.contact_no is not None and not has_contact,
        "template-missing": draft.interaction_template_code is None,
        "unknown-template": draft.interaction_template_code is not None and template is None,
        "salesperson-missing": draft.salesperson_code is None,
        "unknown-salesperson": draft.salesperson_code is not None and facts.salesperson is None,
        "date-missing": draft.date is None,
        "description-missing": not draft.description.strip(),
        "contact-via-missing": draft.dials and not draft.contact_via,
    }
    content = {
        "unknown-content": not facts.content_exists,
        "content-missing": not has_content and (opens or facts.deliver),
        "correspondence-type-missing": facts.deliver and draft.correspondence_type is None,
        "unknown-address": mails and not facts.address_exists,
        "undeliverable": mails and facts.address_exists and not facts.e_mail,
        facts.refused: facts.refused != "",
    }
    return problems_of(draft, needed | _of_records(facts) | content)


def problems_of_document(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """Return what speaks against logging a document; it needs no salesperson. (INT-039, INT-078)"""
    return problems_of(draft, _of_records(facts))


def _of_records(facts: DraftFacts) -> dict[str, bool]:
    return {
        "unknown-campaign": not facts.campaign_exists,
        "privacy-blocked": facts.contact is not None and facts.contact.privacy_blocked,
        "salesperson-blocked": facts.salesperson is not None and facts.salesperson.blocked,
    }


def problems_at_postpone(draft: InteractionDraft, facts: DraftFacts) -> list[Problem]:
    """
    Return what speaks against storing a draft unfinished: it must say whose it is and when.

    Source: INT-042 with the decided difference §8.2: not complete, but a contact or a salesperson;
    INT-100.
    """
    found = {
        "no-contact": draft.contact_no is None and draft.salesperson_code is None,
        "date-missing": draft.date is None,
        "phone-call-postponed": draft.dials,
        "unknown-content": not facts.content_exists,
        "privacy-blocked": facts.contact is not None and facts.contact.privacy_blocked,
    }
    return problems_of(draft, found)


COUNTED = frozenset({"log", "leave-out", "refuse", "deleted"})
"""What a logging counts its lines under besides their findings."""


def objections(check: object, found: Any) -> Sequence[Problem]:
    """Return what a check gave, or raise `UsageError` that names it when these are no problems."""
    given = found if isinstance(found, Iterable) and not isinstance(found, str) else [found]
    problems = list(given)
    if not all(isinstance(each, Problem) for each in problems):
        refuse_answer(check, found, "a check returns a sequence of Problem, or ()")
    for each in problems:
        if not (isinstance(each.code, str) and isinstance(each.message, str)):
            reason = "code and message are texts"
        elif not re.fullmatch(r"[^\s,]{1,50}", each.code) or not each.code.isprintable():
            reason = "a code has 1 to 50 characters, without blanks, commas and control characters"
        elif each.code in COUNTED:
            reason = f"{', '.join(sorted(COUNTED))} are counted already: choose another code"
        elif not isinstance(each.leave_out, bool):
            reason = "leave_out is True or False"
        else:
            continue
        refuse_answer(check, each, reason)
    return problems


def resolved(hook: object, entity: type[Any], field: str, found: object) -> Any:
    """Return what a resolver gave as the field has it, or raise `UsageError` that names it."""
    try:
        return checked(entity, {field: found})[field]
    except FieldInvalidError as error:
        return refuse_answer(hook, found, f"{entity.__name__}.{field} {error.reason}")


def raise_for(subject: str, problems: Sequence[Problem]) -> None:
    """Raise `CheckFailedError` with all problems of a check, if there are any."""
    if problems:
        counts = dict(Counter(problem.code for problem in problems))
        raise CheckFailedError(subject, tuple(problems[:1_000]), counts)
