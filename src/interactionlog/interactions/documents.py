"""An entry for a printed or posted document."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.arguments import judged
from interactionlog.contacts.contact import Contact
from interactionlog.errors import DuplicateEntryError, Problem
from interactionlog.interactions.draft import DraftOrigin, DraftValues, InteractionDraft
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.log_changes import facts_of, log_drafts
from interactionlog.interactions.rules import objections, problems_of_document, raise_for, resolved
from interactionlog.interactions.service import begun_draft, changed_draft
from interactionlog.templates.template import DOCUMENT_PURPOSES, InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import DocumentType


@judged
@attrs.frozen(kw_only=True)
class Document:
    """
    A printed or posted document of the host.

    Attributes:
        type: Its kind.
        no: Its number; ``None`` for a cover sheet, which is logged each time.
        account_kind, account_no: Whom it goes to: ``Contact``, ``Customer``, ``Vendor`` or whatever
            business relations link to, and the number there.
        occurrence, version: Of an archived document; 0 for others.
        salesperson_code: ``None`` is the contact's own for a contact, else nobody.
        campaign_no: ``None`` is the template's.
        description: ``""`` is the template's.
        opportunity_no, host_ref: ``None`` for none.
    """

    type: DocumentType
    no: str | None = None
    account_kind: str
    account_no: str
    occurrence: int = 0
    version: int = 0
    salesperson_code: str | None = None
    campaign_no: str | None = None
    description: str = ""
    opportunity_no: str | None = None
    host_ref: str | None = None


@attrs.frozen
class Logged:
    """The document was logged, as this entry."""

    entry: InteractionLogEntry


@attrs.frozen
class AlreadyLogged:
    """The document was logged before, first as this entry; nothing changed."""

    entry: InteractionLogEntry


@attrs.frozen
class NotConfigured:
    """The setup field names no template: documents of this kind are not logged."""

    purpose: str


@attrs.frozen
class NoContact:
    """The account has no contact, or there is no such contact; nothing changed."""

    account_kind: str
    account_no: str


DocumentOutcome = Logged | AlreadyLogged | NotConfigured | NoContact


@judged
@attrs.frozen
class DocumentLogger:
    """Logs documents of the host: each once, for its contact, with the template of its kind."""

    work: UnitOfWork

    def log(self, document: Document, *, again: bool = False) -> DocumentOutcome:
        """
        Log a document and say what became of it; a preview is not logged by not calling this.

        Date and time are today and now; nothing is delivered.

        Args:
            document: The document; kind, number, occurrence, version and contact are its key.
            again: Log a reprint of a document that was logged before.

        Raises:
            NotFoundError: The template of the setup, salesperson or campaign does not exist.
            PrivacyBlockedError: The contact is blocked for privacy.
            CheckFailedError: The template has content, the salesperson is blocked, or a check of
                the application found problems.

        Source: INT-075 to INT-080, with a typed outcome and a document as its own key (§8.20).
        """
        with self.work.atomic():
            purpose = DOCUMENT_PURPOSES[document.type]
            contact = self._contact(document)
            code = self._template_code(document, purpose, contact)
            if code is None:
                return NotConfigured(purpose)
            template = self.work.templates.get(code)
            if contact is None:
                return NoContact(document.account_kind, document.account_no)
            before = self._before(document, contact)
            if before and not again:
                return AlreadyLogged(before[0])
            draft = self._draft(document, contact, template)
            raise_for(f"{document.type.name} {document.no}", self._problems(draft, template))
            while again or not before:
                try:
                    with self.work.atomic():
                        (entry,) = log_drafts(
                            self.work,
                            [draft],
                            document_type=document.type,
                            document_no=document.no,
                            doc_no_occurrence=document.occurrence,
                            version_no=document.version,
                            reprint_no=before[-1].reprint_no + 1 if before else 0,
                        )
                    return Logged(entry)
                except DuplicateEntryError:  # a rival was faster, and has committed
                    rivals = self._before(document, contact)
                    if rivals == before:
                        raise
                    before = rivals
            return AlreadyLogged(before[0])

    def _contact(self, document: Document) -> Contact | None:
        if document.account_kind == "Contact":
            return self.work.contacts.hold(document.account_no)
        found = self.work.contacts.of_account(document.account_kind, document.account_no)
        return found and self.work.contacts.hold(found.no)

    def _template_code(
        self, document: Document, purpose: str, contact: Contact | None
    ) -> str | None:
        resolver = self.work.hooks.document_template
        if resolver is not None:
            code = resolver.resolve_document_template(self.work, document.type, contact)
            return None if code is None else resolved(resolver, InteractionTemplate, "code", code)
        setup = self.work.template_setup.find(purpose)
        return setup.interaction_template_code if setup else None

    def _before(self, document: Document, contact: Contact) -> Sequence[InteractionLogEntry]:
        if document.no is None:
            return []
        key = (document.type, document.no, document.occurrence, document.version)
        return self.work.interactions.of_document(*key, contact.no)

    def _draft(
        self, document: Document, contact: Contact, template: InteractionTemplate
    ) -> InteractionDraft:
        draft = begun_draft(
            self.work,
            DraftOrigin.DOCUMENT,
            contact_no=contact.no,
            date=self.work.clock.today(),
            time_of_interaction=self.work.clock.local().time().replace(microsecond=0),
            interaction_template_code=template.code,
            opportunity_no=document.opportunity_no,
            host_ref=document.host_ref,
        )
        own = contact.salesperson_code if document.account_kind == "Contact" else None
        values: DraftValues = {"salesperson_code": document.salesperson_code or own}
        if document.campaign_no is not None:
            values["campaign_no"] = document.campaign_no
        if document.description:
            values["description"] = document.description
        return changed_draft(self.work, draft, **values)

    def _problems(self, draft: InteractionDraft, template: InteractionTemplate) -> list[Problem]:
        problems = problems_of_document(draft, facts_of(self.work, draft, deliver=False))
        for row in self.work.template_languages.all(template.code):
            if row.has_content:
                message = f"template {template.code} has content in {row.language_code or 'blank'}"
                problems.append(
                    Problem(code="template-has-content", message=message, record=template.code)
                )
        for hook in self.work.hooks.draft_checks:
            problems += objections(hook, hook.check_draft(self.work, draft))
        return problems
