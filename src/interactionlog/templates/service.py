"""Templates, groups and languages, with the rules between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.attachments.attachment import drop_unused, owned
from interactionlog.contacts.consent import Purpose
from interactionlog.delivery.content import require_mergeable
from interactionlog.errors import (
    DuplicateEntryError,
    FieldInvalidError,
    NotFoundError,
    Problem,
    StateError,
)
from interactionlog.interactions.log_changes import refuse_in_use, refuse_logged
from interactionlog.interactions.rules import raise_for
from interactionlog.templates.template import (
    DOCUMENT_PURPOSES,
    InteractionGroup,
    InteractionTemplate,
    LanguageValues,
    TemplateLanguage,
    TemplateSetup,
    TemplateValues,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import DocumentType, WizardAction, differences, shown


def following_action(
    row: TemplateLanguage | None, current: WizardAction | None
) -> WizardAction | None:
    """Return the wizard action that a new default language leads to. (INT-002)"""
    if row is not None and row.has_layout:
        return WizardAction.MERGE
    return None if current is WizardAction.MERGE else current


def goes_with(template: InteractionTemplate, row: TemplateLanguage | None) -> bool:
    """
    Say whether the template's wizard action goes with its default language row.

    Without a row every action does. (INT-004)
    """
    action = template.wizard_action
    if row is None:
        return True
    if template.word_template_code is not None:
        return action is not WizardAction.IMPORT
    merges = action is WizardAction.MERGE
    return row.has_layout is merges and (row.attachment_no is not None or not merges)


@judged
@attrs.frozen
class TemplateService:
    """Keeps templates with the rules between them. Each call happens whole or not at all."""

    work: UnitOfWork

    def put_group(self, group: InteractionGroup) -> None:
        """Store an interaction group, in place of one with its code if there is one."""
        with self.work.atomic():
            self.work.interaction_groups.put(group)

    def delete_group(self, code: str) -> None:
        """
        Delete an interaction group.

        Raises:
            NotFoundError: There is no such group.
            StateError: Templates or entries have it. (§8.25)
        """
        with self.work.atomic():
            group = self.work.interaction_groups.lock(code)
            for template in self.work.templates.all():
                if template.interaction_group_code == group.code:
                    raise StateError(f"group {group.code}", f"is used by template {template.code}")
            refuse_logged(self.work, f"group {group.code}", interaction_group_code=group.code)
            self.work.interaction_groups.remove(group.code)

    def create(
        self, template: InteractionTemplate, *, create_language: bool = False
    ) -> InteractionTemplate:
        """
        Store a new template.

        Args:
            create_language: Make the row of its default language, with its description.

        Raises:
            DuplicateEntryError: The code is taken.
            NotFoundError: Group, campaign or default language row do not exist.
            CheckFailedError: The wizard action does not go with the content.
        """
        with self.work.atomic():
            self._lock_named(attrs.asdict(template, recurse=False))
            self.work.templates.add(template)
            row = self._default_row(template, create=create_language)
            _refuse_wizard_action(template, row)
        return template

    def change(
        self,
        code: str,
        *,
        create_language: bool = False,
        remove_content: bool = False,
        **values: Unpack[TemplateValues],
    ) -> InteractionTemplate:
        """
        Change a template.

        A new default language brings its Word template along, and the wizard action becomes *merge*
        with a layout and stops being *merge* without one. A new Word template is passed on to the
        row of the default language.

        Args:
            create_language: Make the row of a new default language, with the description.
            remove_content: Remove the default content in favour of a Word template.

        Raises:
            NotFoundError: The template, or a group, campaign, purpose or language row that it is
                given, does not exist.
            CheckFailedError: The wizard action does not go with the content.
            StateError: It has content and gets a Word template, or it gets one and serves a kind of
                document.

        Source: INT-001 to INT-005; no language row is made on the quiet (§8.20).
        """
        with self.work.atomic():
            before = self.work.templates.lock(code)
            template = attrs.evolve(before, **values)
            changed = differences(before, template)
            self._lock_named(changed)
            is_kept = "language_code_default" not in changed
            row = self._default_row(template, create=create_language, missing_ok=is_kept)
            if "language_code_default" in changed:
                following = following_action(row, before.wizard_action)
                template = attrs.evolve(
                    template,
                    wizard_action=values.get("wizard_action", following),
                    word_template_code=values.get(
                        "word_template_code", row.word_template_code if row else None
                    ),
                )
            if "word_template_code" in values and row is not None:
                row = self._with_word_template(row, template, remove_content=remove_content)
            if {"wizard_action", "word_template_code"} & set(values):
                _refuse_wizard_action(template, row)
            self.work.templates.set(template.code, **differences(before, template))
            if changed.get("word_template_code") is not None:
                self._require_fit(template.code)
        return template

    def delete(self, code: str) -> None:
        """
        Delete a template with its languages, and content that nothing else has.

        Raises:
            NotFoundError: There is no such template.
            StateError: Setup, open segments or entries use it. (§8.25)

        Source: INT-008.
        """
        with self.work.atomic():
            template = self.work.templates.lock(code)
            self.work.segments.lock_all()  # nobody gives a header or line this template
            record = f"template {template.code}"
            for setup in self.work.template_setup.all():
                if setup.interaction_template_code == template.code:
                    raise StateError(record, f"is used by setup field {setup.purpose}")
            refuse_in_use(self.work, record, interaction_template_code=template.code)
            for row in self.work.template_languages.all(template.code):
                self._remove_row(template.code, row.language_code)
            self.work.templates.remove(template.code)

    def set_language(
        self, code: str, language_code: str | None, **values: Unpack[LanguageValues]
    ) -> TemplateLanguage:
        """
        Change a language row, or make it with the template's description; or `NotFoundError`.

        Setting one kind of layout clears the other; both at once are refused. (INT-006)
        A template that serves a kind of document takes no Word template: `StateError`.
        """
        with self.work.atomic():
            template = self.work.templates.lock(code)
            row = self._locked_row(template, language_code)
            given: dict[str, Any] = dict(values)
            if given.get("custom_layout_code"):
                if name := given.get("report_layout_name"):
                    reason = "must be blank beside a custom_layout_code"
                    raise FieldInvalidError(
                        "TemplateLanguage", "report_layout_name", shown(name), reason
                    )
                given.setdefault("report_layout_name", "")
            elif given.get("report_layout_name"):
                given.setdefault("custom_layout_code", None)
            row = attrs.evolve(row, **given)
            self.work.template_languages.replace(row)
            if given.get("word_template_code") is not None:
                self._require_fit(template.code)
        return row

    def rename_language(self, code: str, old: str | None, new: str | None) -> TemplateLanguage:
        """
        Give a row another language; the template's default follows. (INT-007)

        Raises:
            NotFoundError, DuplicateEntryError: There is no such row; the new language has one.
        """
        with self.work.atomic():
            template = self.work.templates.lock(code)
            row = self.work.template_languages.lock(template.code, old)
            renamed = attrs.evolve(row, language_code=new)
            if renamed == row:
                return row
            self.work.template_languages.add(renamed)
            self.work.template_languages.remove(row.interaction_template_code, row.language_code)
            if template.language_code_default == row.language_code:
                self.work.templates.set(template.code, language_code_default=new)
        return renamed

    def delete_language(self, code: str, language_code: str | None) -> None:
        """
        Delete a language row, and its content if nothing else has it; or `NotFoundError`.

        A default language that has no row any more is none. (INT-001)
        """
        with self.work.atomic():
            template = self.work.templates.lock(code)
            row = self._remove_row(template.code, language_code)
            if row.language_code and row.language_code == template.language_code_default:
                self.change(template.code, language_code_default=None)

    def set_content(
        self, code: str, language_code: str | None, attachment_no: int | None
    ) -> TemplateLanguage:
        """
        Give a language row other content, or none; the row is made if it is missing.

        Args:
            attachment_no: Content from `AttachmentService.store`, or of another row: then it is
                copied. ``None`` removes what is there.

        Raises:
            NotFoundError: Template or attachment do not exist.
            CheckFailedError: The template has a Word template.
            ContentError: It names an unknown field, or cannot be merged for another reason.
            StateError: The content was used by a logged entry and is read-only, or the template
                serves a kind of document.

        Source: INT-009, INT-069 to INT-071.
        """
        with self.work.atomic():
            template = self.work.templates.lock(code)
            row = self._locked_row(template, language_code)
            if (word := template.word_template_code or row.word_template_code) is not None:
                message = f"an attachment cannot be used together with Word template {word}"
                _refuse(template, "word-template-in-use", "attachment_no", message)
            before = self.work.attachments.find(row.attachment_no) if row.attachment_no else None
            if attachment_no is not None:
                if before is not None and before.read_only:
                    raise StateError(f"attachment {before.no}", "is read-only: remove it first")
                require_mergeable(self.work, attachment_no)
                attachment_no = owned(self.work, attachment_no, read_only=False)
            row = attrs.evolve(row, attachment_no=attachment_no)
            self.work.template_languages.replace(row)
            if attachment_no is not None:
                self._require_fit(template.code)
            drop_unused(self.work, before.no if before else None)
        return row

    def default_attachment_no(self, code: str) -> int | None:
        """Return the content in the template's default language, or ``None``; `NotFoundError`."""
        template = self.work.templates.get(code)
        row = self.work.template_languages.find(template.code, template.language_code_default)
        return row.attachment_no if row else None

    def assigned(self, kind: DocumentType | str) -> str | None:
        """Return the template that serves a kind of document or a purpose, or ``None``."""
        field = DOCUMENT_PURPOSES[kind] if isinstance(kind, DocumentType) else kind
        setup = self.work.template_setup.find(field)
        return None if setup is None else setup.interaction_template_code

    def assign(self, purpose: DocumentType | str, code: str | None) -> None:
        """
        Say which template serves a kind of document or a purpose of `TemplateSetup`.

        Args:
            purpose: The kind of document, or ``e_mails``, ``outg_calls``, ``meeting_invitation``.
            code: The template; ``None`` means that nothing is logged for it.

        Raises:
            NotFoundError: There is no such template.
            StateError: It has content: only meeting invitations may. For a kind of document that is
                content in any language, and a Word template as well.
        """
        field = DOCUMENT_PURPOSES[purpose] if isinstance(purpose, DocumentType) else purpose
        with self.work.atomic():
            if code is None:
                with suppress(NotFoundError):
                    self.work.template_setup.remove(field)
                return
            setup = TemplateSetup(purpose=field, interaction_template_code=code)
            self.work.templates.lock(code)  # it stays, and gets no content
            content = self.default_attachment_no(setup.interaction_template_code)
            if content is not None and field != "meeting_invitation":
                raise _unfit(setup)
            self.work.template_setup.put(setup)
            self._require_fit(setup.interaction_template_code)

    def _require_fit(self, code: str) -> None:
        """Raise `StateError` when a template serves a kind of document and has content."""
        if any(row.has_content for row in self.work.template_languages.all(code)):
            for setup in self.work.template_setup.all():
                serves = setup.interaction_template_code == code
                if serves and setup.purpose in DOCUMENT_PURPOSES.values():
                    raise _unfit(setup)

    def _remove_row(self, code: str, language_code: str | None) -> TemplateLanguage:
        row = self.work.template_languages.lock(code, language_code)
        self.work.template_languages.remove(code, language_code)
        drop_unused(self.work, row.attachment_no)
        return row

    def _lock_named(self, values: Mapping[str, Any]) -> None:
        """Lock what values of a template name: nobody deletes it."""
        locks: Mapping[str, Callable[[str], object]] = {
            "interaction_group_code": self.work.interaction_groups.lock,
            "campaign_no": self.work.campaigns.lock,
            "purpose_code": self.work.records(Purpose).lock,
        }
        for field, lock in locks.items():
            if values.get(field) is not None:
                lock(values[field])

    def _default_row(
        self, template: InteractionTemplate, *, create: bool, missing_ok: bool = False
    ) -> TemplateLanguage | None:
        language = template.language_code_default
        row = self.work.template_languages.find(template.code, language)
        if row is None and create:
            row = self._locked_row(template, language)
        if row is None and language is not None and not missing_ok:
            raise NotFoundError("template language", f"{template.code} {language}")
        return row

    def _locked_row(
        self, template: InteractionTemplate, language_code: str | None
    ) -> TemplateLanguage:
        """Return a language row that nobody else changes; it is made when it is missing."""
        row = TemplateLanguage(
            interaction_template_code=template.code,
            language_code=language_code,
            description=template.description,
        )
        rows, key = self.work.template_languages, (template.code, row.language_code)
        if rows.find(*key) is None:
            with suppress(DuplicateEntryError), self.work.atomic():  # a rival was faster
                rows.add(row)
        return rows.lock(*key)

    def _with_word_template(
        self, row: TemplateLanguage, template: InteractionTemplate, *, remove_content: bool
    ) -> TemplateLanguage:
        changed = attrs.evolve(row, word_template_code=template.word_template_code)
        if row.attachment_no is not None and template.word_template_code is not None:
            if not remove_content:
                reason = "has content: say remove_content=True to use a Word template instead"
                raise StateError(f"template {template.code}", reason)
            changed = attrs.evolve(changed, attachment_no=None)
        self.work.template_languages.put(changed)
        if changed.attachment_no is None:
            drop_unused(self.work, row.attachment_no)
        return changed


def _unfit(setup: TemplateSetup) -> StateError:
    reason = f"has content and cannot serve {setup.purpose}"
    return StateError(f"template {setup.interaction_template_code}", reason)


def _refuse_wizard_action(template: InteractionTemplate, row: TemplateLanguage | None) -> None:
    if not goes_with(template, row):
        name = template.wizard_action.name if template.wizard_action else "no wizard action"
        message = f"{name} does not go with the content of template {template.code}"
        _refuse(template, "wizard-action-not-allowed", "wizard_action", message)


def _refuse(template: InteractionTemplate, code: str, field: str, message: str) -> None:
    problem = Problem(code=code, message=message, field=field, record=template.code)
    raise_for(f"template {template.code}", [problem])
