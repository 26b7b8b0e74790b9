"""
Writes the pages of services and of enumerations: ``python tests/docs/made_pages.py``.

Words of Business Central are those of its enumerations and option fields; a hyphen stands for what it
does not have.
"""

from __future__ import annotations

import inspect
from enum import Enum
from pathlib import Path
from typing import Any

import attrs

import interactionlog as il
from interactionlog.labels import label

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
SERVICES = """# Services

A service is built from a unit of work, `InteractionService(work)`, and is cheap: one for each use. Every
public call happens whole or leaves no trace; none commits. `BatchRun` and `Outbox` are built from a store
instead, and commit each part of their work. The docstrings say arguments, errors and the rules behind them:
`help(interactionlog.SegmentLogger.log)`, or the reference on the site.
"""
ENUMERATIONS = """# Enumerations

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


def public() -> list[Any]:
    """Return everything that has a public name."""
    namespaces = [il, *(each for name in il.__all__ if inspect.ismodule(each := getattr(il, name)))]
    return [getattr(space, name) for space in namespaces for name in space.__all__]


def first_line(thing: object) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def page_of_services() -> str:
    """Return the page of services: classes that are built from a unit of work or a store."""
    found = {
        each
        for each in public()
        if inspect.isclass(each) and attrs.has(each) and each.__init__.__annotations__
    }
    parts = [SERVICES]
    for each in sorted(found, key=lambda each: each.__name__):
        first = next(iter(inspect.signature(each).parameters), "")
        if first not in {"work", "store"}:
            continue
        methods = [
            (name, method)
            for name, method in inspect.getmembers(each, inspect.isfunction)
            if not name.startswith("_")
        ]
        rows = [f"| `{name}` | {first_line(method)} |" for name, method in methods]
        heading = "| method | what it does |\n| --- | --- |"
        parts.append(
            "\n".join([f"## {each.__name__}\n", f"{first_line(each)}\n", heading, *rows, ""])
        )
    return "\n".join(parts)


def enumerations() -> list[type[Enum]]:
    """Return every public enumeration by name."""
    found = {each for each in public() if inspect.isclass(each) and issubclass(each, Enum)}
    return sorted(found, key=lambda each: each.__name__)


def page_of_enumerations() -> str:
    """Return the page of enumerations."""
    parts = [ENUMERATIONS]
    for each in enumerations():
        words = WORDS.get(each.__name__) or [
            member.name.replace("_", " ").title() if each.__name__ in OF_BC else "-"
            for member in each
        ]
        rows = [
            f"| `{member.name}` | {member.value} | {told} | {label(member)} | {label(member, 'it')} |"
            for member, told in zip(each, words, strict=True)
        ]
        heading = "| member | value | Business Central | English | Italian |\n| --- | --- | --- | --- | --- |"
        parts.append(
            "\n".join([f"## {each.__name__}\n", f"{first_line(each)}\n", heading, *rows, ""])
        )
    return "\n".join(parts)


PAGES = {"services.md": page_of_services, "enumerations.md": page_of_enumerations}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
