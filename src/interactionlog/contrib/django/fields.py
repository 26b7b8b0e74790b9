"""Fields that read what the library stores, on both databases."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from django.db import models

from interactionlog.adapters.sql.rows import instant_out, money_in, money_out
from interactionlog.adapters.tables import Column, Kind


class EnumerationField(models.SmallIntegerField):
    """A member of an enumeration, by its value."""

    def deconstruct(self) -> Any:
        """Leave the choices out: a new member needs no migration."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs


class MoneyField(models.DecimalField):
    """An amount with five decimals; on SQLite a whole number of hundred-thousandths."""

    def get_internal_type(self) -> str:
        """Keep the database's way with decimals away: it rounds to 15 digits on SQLite."""
        return "MoneyField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else money_in(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        amount = self.to_python(value)
        return amount if amount is None or connection.vendor != "sqlite" else money_out(amount)


class InstantField(models.DateTimeField):
    """An instant in UTC; on SQLite a text whose order is that of time."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        moment = super().get_prep_value(value)
        return instant_out(moment) if connection.vendor == "sqlite" else moment


_SUFFIX = re.compile(r"(?<!line)(?<!step)_(no|code|lcy)$")
_KNOWN = {
    "duration_min": "Minutes",
    "entry_no": "No.",
    "information_flow": "Direction",
    "interaction_template_code": "Template",
    "no": "No.",
    "unit_cost_lcy": "Cost each",
    "unit_duration_min": "Minutes each",
}


_KINDS: dict[Kind, tuple[type[models.Field], dict[str, Any]]] = {
    Kind.CODE: (models.TextField, {}),
    Kind.TEXT: (models.TextField, {}),
    Kind.FLAG: (models.BooleanField, {}),
    Kind.MONEY: (MoneyField, {"max_digits": 20, "decimal_places": 5}),
    Kind.COUNT: (models.IntegerField, {}),
    Kind.NUMBER: (models.BigIntegerField, {}),
    Kind.ENUMERATION: (EnumerationField, {}),
    Kind.DATE: (models.DateField, {}),
    Kind.TIME: (models.TimeField, {}),
    Kind.INSTANT: (InstantField, {}),
    Kind.JSON: (models.TextField, {}),
    Kind.BYTES: (models.BinaryField, {}),
}


def words(member: Enum | None) -> str:
    """Return a member of an enumeration as people read it."""
    return "" if member is None else member.name.replace("_", " ").capitalize()


def caption_of(name: str) -> str:
    """Return a field as people call it."""
    return _KNOWN.get(name) or _SUFFIX.sub("", name).replace("_", " ").capitalize()


def field_of(column: Column, *, primary_key: bool) -> models.Field:
    """Return the field that reads a column."""
    kind, options = _KINDS[column.kind]
    if column.kind is Kind.ENUMERATION:
        options = {"choices": [(member.value, words(member)) for member in column.type]}
    if column.null:
        options = {**options, "null": True, "blank": True}
    elif column.kind in {Kind.CODE, Kind.TEXT}:
        options = {**options, "blank": True}
    return kind(caption_of(column.name).lower(), primary_key=primary_key, **options)
