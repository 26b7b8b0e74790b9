"""Content of a template in one language."""

from __future__ import annotations

from typing import TypedDict

import attrs

from interactionlog._fields import (
    as_code,
    as_optional_code,
    entry_number,
    length,
    optional,
    optional_code,
)

__all__ = ["LanguageValues", "TemplateLanguage"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class TemplateLanguage:
    """
    What a template offers in one language.

    Attributes:
        interaction_template_code: The template.
        language_code: The language; ``None`` is a row without one, for contacts without language.
        description: At most 100 characters.
        attachment_no: Its content; ``None`` for none.
        word_template_code: Template that is merged with contact data; at most 30 characters.
        custom_layout_code: Layout of an e-mail; excludes ``report_layout_name``.
        report_layout_name: Layout of an e-mail by name, at most 250 characters.

    Source: table 5103 Interaction Tmpl. Language.
    """

    interaction_template_code: str = attrs.field(converter=as_code, validator=length(1, 10))
    language_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(10)
    )
    description: str = attrs.field(default="", validator=length(0, 100))
    attachment_no: int | None = attrs.field(default=None, validator=optional(entry_number))
    word_template_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(30)
    )
    custom_layout_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
    report_layout_name: str = attrs.field(default="", validator=length(0, 250))

    @property
    def has_layout(self) -> bool:
        """Whether an e-mail layout is set."""
        return self.custom_layout_code is not None or self.report_layout_name != ""


class LanguageValues(TypedDict, total=False):
    """What may be set on a language row; the meaning of each is `TemplateLanguage`'s."""

    description: str
    word_template_code: str | None
    custom_layout_code: str | None
    report_layout_name: str
