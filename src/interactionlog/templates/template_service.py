"""Keeping interaction groups, templates, their languages and what they are used for."""

from __future__ import annotations

from typing import Unpack

import attrs

from interactionlog._fields import as_code, as_optional_code
from interactionlog.attachments.ownership import drop_unused, owned
from interactionlog.enumerations import DocumentType
from interactionlog.errors import CheckFailedError, NotFoundError, Problem, StateError
from interactionlog.templates.guards import refuse_used_group, refuse_used_template
from interactionlog.templates.interaction_template import (
    InteractionGroup,
    InteractionTemplate,
    TemplateValues,
)
from interactionlog.templates.rules import (
    content_problem,
    following_action,
    known_values,
    wizard_action_problem,
)
from interactionlog.templates.setup import DOCUMENT_PURPOSES, TemplateSetup
from interactionlog.templates.template_language import LanguageValues, TemplateLanguage
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["TemplateService"]


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
            group = self.work.interaction_groups.get(as_code(code))
            refuse_used_group(self.work, group.code)
            self.work.interaction_groups.remove(group.code)

    def create(
        self, template: InteractionTemplate, *, create_language: bool = False
    ) -> InteractionTemplate:
        """
        Store a new template.

        Args:
            template: The template.
            create_language: Make the row of its default language, with its description.

        Raises:
            DuplicateEntryError: The code is taken.
            NotFoundError: Group, campaign or default language row do not exist.
            CheckFailedError: The wizard action does not go with the content.
        """
        with self.work.atomic():
            self._requireknown_values(template)
            self.work.templates.add(template)
            row = self._default_row(template, create=create_language)
            _refuse(wizard_action_problem(template, row))
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
            code: The template.
            create_language: Make the row of a new default language, with the description.
            remove_content: Remove the default content in favour of a Word template.
            values: The new values.

        Raises:
            NotFoundError: Template, group, campaign or language row do not exist.
            CheckFailedError: The wizard action does not go with the content.
            StateError: It has content and gets a Word template.

        Source: INT-001 to INT-005; no language row is made on the quiet (§8.20).
        """
        with self.work.atomic():
            before = self.work.templates.get(as_code(code))
            template = attrs.evolve(before, **known_values(values, TemplateValues))
            self._requireknown_values(template)
            row = self._default_row(template, create=create_language)
            if template.language_code_default != before.language_code_default:
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
                _refuse(wizard_action_problem(template, row))
            self.work.templates.put(template)
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
            template = self.work.templates.get(as_code(code))
            refuse_used_template(self.work, template.code)
            for row in self.work.template_languages.all(template.code):
                self.delete_language(template.code, row.language_code)
            self.work.templates.remove(template.code)

    def set_language(
        self, code: str, language_code: str | None, **values: Unpack[LanguageValues]
    ) -> TemplateLanguage:
        """
        Change a language row, or make it with the template's description.

        Setting one kind of layout clears the other. (INT-006)

        Raises:
            NotFoundError: There is no such template.
        """
        with self.work.atomic():
            template = self.work.templates.get(as_code(code))
            row = self._row(template, language_code)
            given = known_values(values, LanguageValues)
            if given.get("custom_layout_code"):
                given.setdefault("report_layout_name", "")
            elif given.get("report_layout_name"):
                given.setdefault("custom_layout_code", None)
            row = attrs.evolve(row, **given)
            self.work.template_languages.put(row)
        return row

    def rename_language(self, code: str, old: str | None, new: str | None) -> TemplateLanguage:
        """
        Give a row another language; the template's default follows. (INT-007)

        Raises:
            NotFoundError, DuplicateEntryError: There is no such row; the new language has one.
        """
        with self.work.atomic():
            row = self.work.template_languages.get(as_code(code), as_optional_code(old))
            renamed = attrs.evolve(row, language_code=new)
            self.work.template_languages.add(renamed)
            self.work.template_languages.remove(row.interaction_template_code, row.language_code)
            template = self.work.templates.get(row.interaction_template_code)
            if template.language_code_default == row.language_code:
                self.work.templates.put(attrs.evolve(template, language_code_default=new))
        return renamed

    def delete_language(self, code: str, language_code: str | None) -> None:
        """Delete a language row, and its content if nothing else has it; or `NotFoundError`."""
        key = (as_code(code), as_optional_code(language_code))
        with self.work.atomic():
            row = self.work.template_languages.get(*key)
            self.work.template_languages.remove(*key)
            drop_unused(self.work, row.attachment_no)

    def set_content(
        self, code: str, language_code: str | None, attachment_no: int | None
    ) -> TemplateLanguage:
        """
        Give a language row other content, or none; the row is made if it is missing.

        Args:
            code: The template.
            language_code: The language.
            attachment_no: Content from `AttachmentService.store`, or of another row: then it is
                copied. ``None`` removes what is there.

        Raises:
            NotFoundError: Template or attachment do not exist.
            CheckFailedError: The template has a Word template.
            StateError: The content was used by a logged entry and is read-only.

        Source: INT-009, INT-069 to INT-071.
        """
        with self.work.atomic():
            template = self.work.templates.get(as_code(code))
            row = self._row(template, language_code)
            _refuse(content_problem(template, row))
            before = self.work.attachments.find(row.attachment_no) if row.attachment_no else None
            if attachment_no is not None:
                if before is not None and before.read_only:
                    raise StateError(f"attachment {before.no}", "is read-only: remove it first")
                attachment_no = owned(self.work, attachment_no, read_only=False)
            row = attrs.evolve(row, attachment_no=attachment_no)
            self.work.template_languages.put(row)
            drop_unused(self.work, before.no if before else None)
        return row

    def default_attachment_no(self, code: str) -> int | None:
        """Return the content in the template's default language, or ``None``; `NotFoundError`."""
        template = self.work.templates.get(as_code(code))
        row = self.work.template_languages.find(template.code, template.language_code_default)
        return row.attachment_no if row else None

    def assign(self, purpose: DocumentType | str, code: str | None) -> None:
        """
        Say which template serves a kind of document or a purpose of `TemplateSetup`.

        Args:
            purpose: The kind of document, or ``e_mails``, ``outg_calls``, ``meeting_invitation``.
            code: The template; ``None`` means that nothing is logged for it.

        Raises:
            NotFoundError: There is no such template.
            StateError: It has content: only meeting invitations may.
        """
        field = DOCUMENT_PURPOSES[purpose] if isinstance(purpose, DocumentType) else purpose
        with self.work.atomic():
            if code is None:
                if self.work.template_setup.find(field):
                    self.work.template_setup.remove(field)
                return
            setup = TemplateSetup(purpose=field, interaction_template_code=code)
            content = self.default_attachment_no(setup.interaction_template_code)
            if content is not None and field != "meeting_invitation":
                raise StateError(
                    f"template {setup.interaction_template_code}",
                    f"has content and cannot serve {field}",
                )
            self.work.template_setup.put(setup)

    def _requireknown_values(self, template: InteractionTemplate) -> None:
        self.work.interaction_groups.get(template.interaction_group_code)
        if template.campaign_no is not None:
            self.work.campaigns.get(template.campaign_no)

    def _default_row(
        self, template: InteractionTemplate, *, create: bool
    ) -> TemplateLanguage | None:
        language = template.language_code_default
        row = self.work.template_languages.find(template.code, language)
        if row is None and create:
            row = self._row(template, language)
            self.work.template_languages.add(row)
        if row is None and language is not None:
            raise NotFoundError("template language", f"{template.code} {language}")
        return row

    def _row(self, template: InteractionTemplate, language_code: str | None) -> TemplateLanguage:
        row = TemplateLanguage(
            interaction_template_code=template.code,
            language_code=language_code,
            description=template.description,
        )
        return self.work.template_languages.find(template.code, row.language_code) or row

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


def _refuse(problem: Problem | None) -> None:
    if problem is not None:
        raise CheckFailedError(f"template {problem.record}", (problem,), {problem.code: 1})
