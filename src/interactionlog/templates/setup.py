"""Defaults of the company: number series, and the template of each purpose."""

from __future__ import annotations

from typing import Any

import attrs

from interactionlog.values import (
    CorrespondenceType,
    DocumentType,
    as_code,
    code_or_none,
    length,
    member_or_none,
    refuse,
)

DOCUMENT_PURPOSES: dict[DocumentType, str] = {
    DocumentType.SALES_QUOTE: "sales_quotes",
    DocumentType.SALES_BLANKET_ORDER: "sales_blnkt_ord",
    DocumentType.SALES_ORDER_CONFIRMATION: "sales_ord_cnfrmn",
    DocumentType.SALES_INVOICE: "sales_invoices",
    DocumentType.SALES_SHIPMENT_NOTE: "sales_shpt_note",
    DocumentType.SALES_CREDIT_MEMO: "sales_cr_memo",
    DocumentType.SALES_STATEMENT: "sales_statement",
    DocumentType.SALES_REMINDER: "sales_rmdr",
    DocumentType.SERVICE_ORDER_CREATED: "serv_ord_create",
    DocumentType.SERVICE_ORDER_POSTED: "serv_ord_post",
    DocumentType.PURCHASE_QUOTE: "purch_quotes",
    DocumentType.PURCHASE_BLANKET_ORDER: "purch_blnkt_ord",
    DocumentType.PURCHASE_ORDER: "purch_orders",
    DocumentType.PURCHASE_INVOICE: "purch_invoices",
    DocumentType.PURCHASE_RECEIPT: "purch_rcpt",
    DocumentType.PURCHASE_CREDIT_MEMO: "purch_cr_memos",
    DocumentType.COVER_SHEET: "cover_sheets",
    DocumentType.SALES_RETURN_ORDER: "sales_return_order",
    DocumentType.SALES_FINANCE_CHARGE_MEMO: "sales_finance_charge_memo",
    DocumentType.SALES_RETURN_RECEIPT: "sales_return_receipt",
    DocumentType.PURCHASE_RETURN_SHIPMENT: "purch_return_shipment",
    DocumentType.PURCHASE_RETURN_ORDER_CONFIRMATION: "purch_return_ord_cnfrmn",
    DocumentType.SERVICE_CONTRACT: "service_contract",
    DocumentType.SERVICE_CONTRACT_QUOTE: "service_contract_quote",
    DocumentType.SERVICE_QUOTE: "service_quote",
    DocumentType.SALES_DRAFT_INVOICE: "sales_draft_invoices",
}
"""Setup field that names the template of a document kind (table 5122)."""

PURPOSES = frozenset(
    [*DOCUMENT_PURPOSES.values(), "e_mails", "outg_calls", "meeting_invitation", "e_mail_draft"]
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


def _purpose(instance: Any, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in PURPOSES:
        refuse(instance, attribute, value, f"must be one of {', '.join(sorted(PURPOSES))}")


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

    purpose: str = attrs.field(validator=_purpose)
    interaction_template_code: str = attrs.field(converter=as_code, validator=length(1, 10))
