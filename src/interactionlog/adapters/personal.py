"""What tells of a person: columns, by their names, and how rows lead to whom they are about."""

from __future__ import annotations

import re
from typing import NamedTuple

_TELLS = """
    address address_2 attachment_no city comment company_name contact_alt_address_code
    contact_no contact_via content country_code county description document_no e_mail evidence
    external_id filter host_ref job_title key linked_no mobile_phone_no modified_word_template
    name opportunity_no phone_no post_code provider_id recipient record_key record_no
    search_name secret subject text to_do_no
"""
PERSONAL = frozenset(_TELLS.split())
"""Columns that tell of a person, where a row is about one."""
_TELLS_NOT = """
    campaign_no campaign_nos channel claimed_by code company_no contact_company_no contact_nos
    counts created_by currency_code custom_layout_code def_company_salutation_code
    default_language_code default_person_salutation_code default_salesperson_code digest
    extension fingerprint fixed follow_up_filter full_name header interaction_group_code
    interaction_language_code interaction_template_code kind language_code language_code_default
    line_type link_to_table linked living media_type message_id needs no no_series operation
    opportunity_nos organizational_level_code period_key personal plan_token policy prefix
    purpose purpose_code reason reasons record_kind report_layout_name result_kind result_no
    salesperson_code salt salutation_code scope segment_no segment_nos series_code source
    status_code subject_default suffix target template territory_code to_do_nos undone_by
    user_id widening word_template_code
"""
IMPERSONAL = frozenset(_TELLS_NOT.split())
"""Columns of text that tell of nobody, or of employees; every column of text is in one list."""


class Owner(NamedTuple):
    """
    How rows lead to whom they are about: a column holds a number of a contact or an entry.

    ``of`` is ``contact``, ``entry``, or ``company`` where the column alone names it; ``where`` are
    a column and the only value of it that counts, or blank.
    """

    of: str
    column: str
    where: tuple[str, str] | tuple[()]


_OWNER = re.compile(r"(contact|entry|company): (\w+)(?: where (\w+) = (\w+))?")


def owners(text: str) -> tuple[Owner, ...]:
    """Read one owner a line: ``contact: record_no where target = contact``."""
    found = (_OWNER.fullmatch(line.strip()).groups() for line in text.splitlines() if line.strip())  # type: ignore[union-attr]
    return tuple(
        Owner(of, column, (where and (name, where)) or ()) for of, column, name, where in found
    )
