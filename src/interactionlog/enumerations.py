"""
Every enumeration of the domain, in the order of Business Central's ordinals.

The number of a member is what the stores keep; a blank value is ``None`` in an entity and is not a
member here. Source: the enumerations of the interaction, segment and number series areas.
"""

from __future__ import annotations

from enum import Enum, unique

__all__ = [
    "ContactType",
    "CorrespondenceType",
    "CriteriaAction",
    "CriteriaSource",
    "DeliveryStatus",
    "DocumentType",
    "Evaluation",
    "InformationFlow",
    "InitiatedBy",
    "LoggedSegmentState",
    "MembershipKind",
    "NumberGrowth",
    "NumberState",
    "NumberingPolicy",
    "ReferenceKind",
    "ResetPeriod",
    "WizardAction",
]


class _Member(Enum):
    """Equal only to itself, so it is hashed as such: by name it would take a call in Python."""

    __hash__ = object.__hash__


@unique
class ContactType(_Member):
    """Whether a contact is a company or a person."""

    COMPANY = 0
    PERSON = 1


@unique
class InformationFlow(_Member):
    """Direction in which information went."""

    OUTBOUND = 1
    INBOUND = 2


@unique
class InitiatedBy(_Member):
    """Who began the interaction."""

    US = 1
    THEM = 2


@unique
class CorrespondenceType(_Member):
    """How content is delivered."""

    HARD_COPY = 1
    EMAIL = 2


@unique
class Evaluation(_Member):
    """How the interaction went."""

    VERY_POSITIVE = 1
    POSITIVE = 2
    NEUTRAL = 3
    NEGATIVE = 4
    VERY_NEGATIVE = 5


@unique
class DeliveryStatus(_Member):
    """State of a delivery; blank when none was asked for, or when it was sent."""

    REQUESTED = 1
    ERROR = 2


@unique
class WizardAction(_Member):
    """What a draft does with the template's content before it is finished."""

    OPEN = 1
    IMPORT = 2
    MERGE = 3


@unique
class DocumentType(_Member):
    """Kind of a printed or posted document that is logged."""

    SALES_QUOTE = 1
    SALES_BLANKET_ORDER = 2
    SALES_ORDER_CONFIRMATION = 3
    SALES_INVOICE = 4
    SALES_SHIPMENT_NOTE = 5
    SALES_CREDIT_MEMO = 6
    SALES_STATEMENT = 7
    SALES_REMINDER = 8
    SERVICE_ORDER_CREATED = 9
    SERVICE_ORDER_POSTED = 10
    PURCHASE_QUOTE = 11
    PURCHASE_BLANKET_ORDER = 12
    PURCHASE_ORDER = 13
    PURCHASE_INVOICE = 14
    PURCHASE_RECEIPT = 15
    PURCHASE_CREDIT_MEMO = 16
    COVER_SHEET = 17
    SALES_RETURN_ORDER = 18
    SALES_FINANCE_CHARGE_MEMO = 19
    SALES_RETURN_RECEIPT = 20
    PURCHASE_RETURN_SHIPMENT = 21
    PURCHASE_RETURN_ORDER_CONFIRMATION = 22
    SERVICE_CONTRACT = 23
    SERVICE_CONTRACT_QUOTE = 24
    SERVICE_QUOTE = 25
    SALES_DRAFT_INVOICE = 26


@unique
class CriteriaAction(_Member):
    """What a selection step did with the contacts of a segment."""

    ADD = 1
    REDUCE = 2
    REFINE = 3


@unique
class CriteriaSource(_Member):
    """Where a selection step came from."""

    SELECTION = 1
    BY_HAND = 2
    LOGGED_SEGMENT = 3


@unique
class MembershipKind(_Member):
    """What a contact can be a member of."""

    MAILING_GROUP = 1
    INDUSTRY_GROUP = 2
    JOB_RESPONSIBILITY = 3
    BUSINESS_RELATION = 4
    PROFILE_ANSWER = 5


@unique
class ReferenceKind(_Member):
    """Kinds of codes that have a description and no rule."""

    MAILING_GROUP = 1
    INDUSTRY_GROUP = 2
    JOB_RESPONSIBILITY = 3
    BUSINESS_RELATION = 4
    QUESTIONNAIRE = 5
    CAMPAIGN_STATUS = 6


@unique
class LoggedSegmentState(_Member):
    """How far the logging of a segment got."""

    RUNNING = 1
    COMPLETE = 2
    UNDONE = 3


@unique
class NumberingPolicy(_Member):
    """Whether a rolled back transaction gives its number back; BC's implementations."""

    GAPLESS = 0
    GAPS_ALLOWED = 1


@unique
class NumberGrowth(_Member):
    """What a number does when its digits no longer fit the width of the line."""

    GROW = 0
    STOP = 1


@unique
class ResetPeriod(_Member):
    """How often a line with a template begins again at its first number."""

    NEVER = 0
    YEAR = 1
    FISCAL_YEAR = 2
    QUARTER = 3
    MONTH = 4
    DAY = 5


@unique
class NumberState(_Member):
    """What became of a range of numbers that was drawn."""

    RESERVED = 1
    USED = 2
    VOID = 3
