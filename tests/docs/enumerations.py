"""
Writes the page of enumerations: ``python tests/docs/enumerations.py``.

Words of Business Central are those of its enumerations and option fields; a hyphen stands for what it
does not have.
"""

from __future__ import annotations

import inspect
from enum import Enum
from pathlib import Path

import interactionlog as il
from interactionlog.labels import label

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "enumerations.md"
HEADING = """# Enumerations

Every choice that a field or an argument takes. Stored is the value; shown are the words that
`results.label` returns. Where Business Central has the choice, its own words stand beside; `None` stands for
its blank one.
"""
OF_BC = [
    "ContactType",
    "InformationFlow",
    "InitiatedBy",
    "CorrespondenceType",
    "Evaluation",
    "DeliveryStatus",
    "WizardAction",
    "DocumentType",
    "CriteriaAction",
]
WORDS = {
    "DocumentType": [
        "Sales Qte.",
        "Sales Blnkt. Ord",
        "Sales Ord. Cnfrmn.",
        "Sales Inv.",
        "Sales Shpt. Note",
        "Sales Cr. Memo",
        "Sales Stmnt.",
        "Sales Rmdr.",
        "Serv. Ord. Create",
        "Serv. Ord. Post",
        "Purch.Qte.",
        "Purch. Blnkt. Ord.",
        "Purch. Ord.",
        "Purch. Inv.",
        "Purch. Rcpt.",
        "Purch. Cr. Memo",
        "Cover Sheet",
        "Sales Return Order",
        "Sales Finance Charge Memo",
        "Sales Return Receipt",
        "Purch. Return Shipment",
        "Purch. Return Ord. Cnfrmn.",
        "Service Contract",
        "Service Contract Quote",
        "Service Quote",
        "Sales Draft Invoice",
    ],
    "DeliveryStatus": ["In Progress", "Error"],
    "CriteriaAction": ["Add Contacts", "Reduce Contacts", "Refine Contacts"],
}


def enumerations() -> list[type[Enum]]:
    """Return every public enumeration by name."""
    namespaces = [il, *(each for name in il.__all__ if inspect.ismodule(each := getattr(il, name)))]
    public = [getattr(space, name) for space in namespaces for name in space.__all__]
    found = {each for each in public if inspect.isclass(each) and issubclass(each, Enum)}
    return sorted(found, key=lambda each: each.__name__)


def page() -> str:
    """Return the page."""
    parts = [HEADING]
    for each in enumerations():
        first = (inspect.getdoc(each) or "").splitlines()[0]
        words = WORDS.get(each.__name__) or [
            member.name.replace("_", " ").title() if each.__name__ in OF_BC else "-"
            for member in each
        ]
        rows = [
            f"| `{member.name}` | {member.value} | {told} | {label(member)} | {label(member, 'it')} |"
            for member, told in zip(each, words, strict=True)
        ]
        heading = "| member | value | Business Central | English | Italian |\n| --- | --- | --- | --- | --- |"
        parts.append("\n".join([f"## {each.__name__}\n", f"{first}\n", heading, *rows, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
