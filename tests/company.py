"""Records that scenarios begin with: group G1, template T1, salesperson SP1, contact C."""

from __future__ import annotations

from typing import Any

from interactionlog.attachments.service import AttachmentService
from interactionlog.contacts.contact import Contact, Salesperson, User
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.service import InteractionService
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.templates.setup import MarketingSetup
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    TemplateLanguage,
)
from interactionlog.testing import a_contact, a_person
from interactionlog.unit_of_work import UnitOfWork

__all__ = [
    "add_attachment",
    "add_company",
    "add_language",
    "add_person",
    "add_salesperson",
    "add_segment_series",
    "add_template",
    "add_user",
    "log_interaction",
    "set_up",
]


def add_salesperson(work: Any, code: str = "SP1", **values: Any) -> Salesperson:
    salesperson = Salesperson(code=code, **values)
    work.salespeople.put(salesperson)
    return salesperson


def add_user(work: Any, user_id: str = "TESTER", **values: Any) -> User:
    user = User(user_id=user_id, **values)
    work.users.put(user)
    return user


def add_company(work: Any, no: str = "C", **values: Any) -> Contact:
    contact = a_contact(no, **{"salesperson_code": "SP1", **values})
    work.contacts.put(contact)
    return contact


def add_person(work: Any, no: str = "P", company_no: str | None = None, **values: Any) -> Contact:
    contact = a_person(no, company_no, **{"salesperson_code": "SP1", **values})
    work.contacts.put(contact)
    return contact


def add_template(work: UnitOfWork, code: str = "T1", **values: Any) -> InteractionTemplate:
    group = values.setdefault("interaction_group_code", "G1")
    work.interaction_groups.put(InteractionGroup(code=group))
    template = InteractionTemplate(code=code, **{"description": f"{code}{group}", **values})
    work.templates.put(template)
    return template


def add_language(
    work: UnitOfWork, code: str = "T1", language_code: str | None = None, **values: Any
) -> TemplateLanguage:
    row = TemplateLanguage(interaction_template_code=code, language_code=language_code, **values)
    work.template_languages.put(row)
    return row


def add_segment_series(work: UnitOfWork) -> None:
    """Let segments without a number be SM00001, SM00002, …"""
    setup = NumberSeriesSetup(work)
    setup.create_series(NoSeries(code="SEG"))
    setup.add_line("SEG", "SM00001")
    work.marketing_setup.put(MarketingSetup(segment_nos="SEG"))


def add_attachment(work: UnitOfWork, content: bytes = b"text", name: str = "letter.doc") -> int:
    return AttachmentService(work).store(content, name=name).no


def set_up(work: UnitOfWork, **template: Any) -> None:
    """Add salesperson SP1, company C and template T1."""
    add_salesperson(work)
    add_company(work)
    add_template(work, **template)


def log_interaction(work: UnitOfWork, contact_no: str = "C", **values: Any) -> InteractionLogEntry:
    """Finish an interaction with template T1."""
    interactions = InteractionService(work)
    draft = interactions.start(contact_no, **{"interaction_template_code": "T1", **values})
    return interactions.finish(draft)
