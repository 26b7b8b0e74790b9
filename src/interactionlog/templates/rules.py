"""Pure rules between a template, its default language and its content."""

from __future__ import annotations

from typing import Any

from interactionlog.enumerations import WizardAction
from interactionlog.errors import Problem, UsageError
from interactionlog.templates.interaction_template import InteractionTemplate
from interactionlog.templates.template_language import TemplateLanguage

__all__ = ["content_problem", "following_action", "known_values", "wizard_action_problem"]


def following_action(
    row: TemplateLanguage | None, current: WizardAction | None
) -> WizardAction | None:
    """Return the wizard action that a new default language leads to. (INT-002)"""
    if row is not None and row.has_layout:
        return WizardAction.MERGE
    return None if current is WizardAction.MERGE else current


def wizard_action_problem(
    template: InteractionTemplate, row: TemplateLanguage | None
) -> Problem | None:
    """
    Return why the template's wizard action does not go with its default language row.

    Without a row every action is accepted. (INT-004)
    """
    if row is None:
        return None
    action, word = template.wizard_action, template.word_template_code is not None
    merges = action is WizardAction.MERGE
    content = row.attachment_no is not None
    refused = (
        (word and action is WizardAction.IMPORT)
        or (not word and row.has_layout is not merges)
        or (not word and not content and merges)
    )
    if not refused:
        return None
    name = action.name if action else "no wizard action"
    return Problem(
        code="wizard-action-not-allowed",
        message=f"{name} does not go with the content of template {template.code}",
        field="wizard_action",
        record=template.code,
    )


def content_problem(template: InteractionTemplate, row: TemplateLanguage | None) -> Problem | None:
    """Return why the content of a language row cannot be set or replaced. (INT-009)"""
    word = template.word_template_code or (row.word_template_code if row else None)
    if word is None:
        return None
    return Problem(
        code="word-template-in-use",
        message=f"an attachment cannot be used together with Word template {word}",
        field="attachment_no",
        record=template.code,
    )


def known_values(values: Any, kind: type) -> dict[str, Any]:
    """Return values that were given by name; `UsageError` for a name that ``kind`` has not."""
    unknown = set(values) - set(kind.__annotations__)
    if unknown:
        message = f"there is no field {', '.join(sorted(unknown))}"
        raise UsageError(message)
    return dict(values)
