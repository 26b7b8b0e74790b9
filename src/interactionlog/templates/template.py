"""Interaction templates, groups and languages, and the template of each purpose."""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal
from typing import TypedDict

import attrs

from interactionlog.values import (
    CorrespondenceType,
    DocumentType,
    InformationFlow,
    InitiatedBy,
    WizardAction,
    accepting,
    as_code,
    as_money,
    code_or_none,
    code_text,
    entry_number,
    field_or_none,
    flag,
    length,
    member_or_none,
    not_negative,
    whole_minutes,
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class InteractionGroup:
    """
    Groups templates for figures, such as letters or meetings.

    Attributes:
        code: Key; 1 to 10 characters, upper case.
        description: At most 100 characters.

    Source: table 5063 Interaction Group.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    description: str = attrs.field(default="", validator=length(0, 100))


def spoken(language: str | None, offered: Container[str | None], default: str | None) -> str | None:
    """Return a language, or the more general ``DE`` for ``DE-AT``, if offered, else the default."""
    while language not in offered:
        if language is None or "-" not in language:
            return default
        language = language.rpartition("-")[0]
    return language


@attrs.frozen(kw_only=True, weakref_slot=False)
class InteractionTemplate:
    """
    Preset values for one kind of interaction, such as an outgoing call.

    Attributes:
        code: Key; 1 to 10 characters, upper case.
        interaction_group_code: Its group; copied to the interaction.
        description: Default description of the interaction, at most 100 characters.
        unit_cost_lcy: Cost of one interaction in local currency (LCY), >= 0.
        unit_duration_min: Length of one interaction in whole minutes, >= 0.
        information_flow: Usual direction; ``None`` means not specified.
        initiated_by: Usual initiator; ``None`` means not specified.
        campaign_no: Default campaign; ``None`` means none.
        campaign_target: Interactions are targets of their campaign.
        campaign_response: Interactions are answers to their campaign.
        correspondence_type_default: How content is delivered when the contact has no preference;
            ``None`` means not at all.
        ignore_contact_corres_type: The default above wins over the contact's preference.
        language_code_default: Language used when the contact's own is not offered; ``None`` is a
            language row without a code.
        wizard_action: What a draft does with the content; ``None`` means nothing.
        word_template_code: Template that is merged with contact data; at most 30 characters.
        purpose_code: What contacts are written to for; ``None`` asks for no consent.

    Source: table 5064 Interaction Template.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    interaction_group_code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    description: str = attrs.field(default="", validator=length(0, 100))
    unit_cost_lcy: Decimal = attrs.field(
        default=Decimal(0), converter=as_money, validator=not_negative
    )
    unit_duration_min: int = attrs.field(default=0, validator=whole_minutes)
    information_flow: InformationFlow | None = member_or_none(InformationFlow)
    initiated_by: InitiatedBy | None = member_or_none(InitiatedBy)
    campaign_no: str | None = code_or_none(20)
    campaign_target: bool = attrs.field(default=False, validator=flag)
    campaign_response: bool = attrs.field(default=False, validator=flag)
    correspondence_type_default: CorrespondenceType | None = member_or_none(CorrespondenceType)
    ignore_contact_corres_type: bool = attrs.field(default=False, validator=flag)
    language_code_default: str | None = code_or_none(10)
    wizard_action: WizardAction | None = member_or_none(WizardAction)
    word_template_code: str | None = code_or_none(30)
    purpose_code: str | None = code_or_none(20)


class TemplateValues(TypedDict, total=False):
    """What may be set on a template; the meaning of each is `InteractionTemplate`'s."""

    interaction_group_code: str
    description: str
    unit_cost_lcy: Decimal | int | str
    unit_duration_min: int
    information_flow: InformationFlow | None
    initiated_by: InitiatedBy | None
    campaign_no: str | None
    campaign_target: bool
    campaign_response: bool
    correspondence_type_default: CorrespondenceType | None
    ignore_contact_corres_type: bool
    language_code_default: str | None
    wizard_action: WizardAction | None
    word_template_code: str | None
    purpose_code: str | None


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

    interaction_template_code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
    language_code: str | None = code_or_none(10)
    description: str = attrs.field(default="", validator=length(0, 100))
    attachment_no: int | None = field_or_none(entry_number)
    word_template_code: str | None = code_or_none(30)
    custom_layout_code: str | None = code_or_none(20)
    report_layout_name: str = attrs.field(default="", validator=length(0, 250))

    @property
    def has_layout(self) -> bool:
        """Whether an e-mail layout is set."""
        return self.custom_layout_code is not None or self.report_layout_name != ""

    @property
    def has_content(self) -> bool:
        """Whether there is an attachment or a Word template."""
        return self.attachment_no is not None or self.word_template_code is not None


class LanguageValues(TypedDict, total=False):
    """What may be set on a language row; the meaning of each is `TemplateLanguage`'s."""

    description: str
    word_template_code: str | None
    custom_layout_code: str | None
    report_layout_name: str


_PURPOSES = """
    sales_quotes sales_blnkt_ord sales_ord_cnfrmn sales_invoices sales_shpt_note
    sales_cr_memo sales_statement sales_rmdr serv_ord_create serv_ord_post purch_quotes
    purch_blnkt_ord purch_orders purch_invoices purch_rcpt purch_cr_memos cover_sheets
    sales_return_order sales_finance_charge_memo sales_return_receipt purch_return_shipment
    purch_return_ord_cnfrmn service_contract service_contract_quote service_quote
    sales_draft_invoices
"""
DOCUMENT_PURPOSES = dict(zip(DocumentType, _PURPOSES.split(), strict=True))
"""Setup field that names the template of a document kind (table 5122)."""

PURPOSES = frozenset(
    [*DOCUMENT_PURPOSES.values(), "e_mails", "outg_calls", "meeting_invitation", "e_mail_draft"]
)
_known_purpose = accepting(
    lambda value: isinstance(value, str) and value in PURPOSES,
    f"must be one of {', '.join(sorted(PURPOSES))}",
)


@attrs.frozen(kw_only=True, weakref_slot=False)
class MarketingSetup:
    """
    Number series and defaults of the company; there is one per tenant.

    Attributes:
        segment_nos, contact_nos, campaign_nos, to_do_nos, opportunity_nos: Number series; ``None``
            means that numbers are given by hand.
        default_correspondence_type, default_language_code, default_salesperson_code,
            def_company_salutation_code, default_person_salutation_code: For new contacts,
            where they are kept; no rule of the log reads them.

    Source: table 5079 Marketing Setup.
    """

    segment_nos: str | None = code_or_none(20)
    contact_nos: str | None = code_or_none(20)
    campaign_nos: str | None = code_or_none(20)
    to_do_nos: str | None = code_or_none(20)
    opportunity_nos: str | None = code_or_none(20)
    default_correspondence_type: CorrespondenceType | None = member_or_none(CorrespondenceType)
    default_language_code: str | None = code_or_none(10)
    default_salesperson_code: str | None = code_or_none(20)
    def_company_salutation_code: str | None = code_or_none(10)
    default_person_salutation_code: str | None = code_or_none(10)


@attrs.frozen(kw_only=True, weakref_slot=False)
class TemplateSetup:
    """
    Which template serves a purpose.

    Attributes:
        purpose: Setup field: one of the document kinds in `DOCUMENT_PURPOSES`, or ``e_mails``,
            ``outg_calls``, ``meeting_invitation``, ``e_mail_draft``.
        interaction_template_code: The template.

    Source: table 5122 Interaction Template Setup.
    """

    purpose: str = attrs.field(validator=_known_purpose)
    interaction_template_code: str = attrs.field(converter=as_code, validator=code_text(1, 10))
