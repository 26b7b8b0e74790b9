"""The host's models as contacts: paths of Django's become a relation that the database reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import NullIf

from interactionlog.contacts.relation import (
    AlternativeAddressRelation,
    ContactRelation,
    IntegerKey,
    MembershipRelation,
    TextKey,
    UuidKey,
)
from interactionlog.errors import UsageError
from interactionlog.values import MembershipKind, shown

Path = str | Any
"""A path such as ``"company__number"``, or an expression of Django's."""

_OURS = "il_"  # an annotation must not have the name of a field
_MARKS = re.compile("%s|%%")


class ModelContacts:
    """
    Customers of the host as contacts, for ``INTERACTIONLOG_CONTACTS``.

    ``ModelContacts(Customer, no="number", name="name", company="company__number",
    memberships={MembershipKind.MAILING_GROUP: "tags__code"})``. Each value is a path from the
    model, or an expression such as ``Concat("first_name", Value(" "), "last_name")``. What is not
    given is not set, and a question about it is refused. A key may be a text, a whole number or a
    UUID; it is looked up by its own index. Text in lower case is ``TextKey("slug")``.

    Args:
        customers: The model, or a queryset of those that are contacts.
        no: The number of the contact.
        company: The number of its company; a company has its own number there.
        salesperson: The code of its salesperson.
        memberships: By kind, the path of their codes, or paths by field of `Membership`.
        addresses: Alternative addresses, as a relation.
        fields: Further fields of `Contact`, by their names.
    """

    def __init__(
        self,
        customers: Any,
        *,
        no: Path | TextKey,
        company: Path | None = None,
        salesperson: Path | None = None,
        memberships: Mapping[MembershipKind, Path | Mapping[str, Path]] | None = None,
        addresses: AlternativeAddressRelation | None = None,
        **fields: Path,
    ) -> None:
        _check_source(customers)
        if not isinstance(memberships, Mapping | None):
            raise UsageError(f"ModelContacts: memberships={shown(memberships)}: give paths by kind")
        self._text_key = isinstance(no, TextKey)
        self.no = no.column if isinstance(no, TextKey) else no
        given = {"no": self.no, "company_no": company, "salesperson_code": salesperson, **fields}
        self.model = getattr(customers, "model", customers)
        self._customers = customers
        self._paths = {name: path for name, path in given.items() if path is not None}
        self._memberships = {
            kind: path if isinstance(path, Mapping) else {"code": path}
            for kind, path in (memberships or {}).items()
        }
        self._addresses = addresses
        self._made: dict[str, ContactRelation] = {}

    def __call__(self, connection: Any) -> ContactRelation:
        """Return the relation in the words of a connection's database."""
        if connection.vendor not in self._made:
            self._made[connection.vendor] = self._relation(connection)
        return self._made[connection.vendor]

    def nos(self, customers: Any) -> list[str]:
        """Return the numbers that customers have as contacts; who has none is not among them."""
        mapped, own = self.model._meta, customers.model._meta
        if mapped.concrete_model not in {own.concrete_model, *own.get_parent_list()}:
            raise UsageError(f"{own.label} is no {mapped.label}, whose records are the contacts")
        found = customers.annotate(**{f"{_OURS}no": _expression(self.no)})
        number_of = TextKey.number_of if self._text_key else str
        nos = found.values_list(f"{_OURS}no", flat=True)
        return [number_of(no) for no in nos if no is not None]

    def _relation(self, connection: Any) -> ContactRelation:
        given: Any = self._customers
        customers = (given if hasattr(given, "query") else given._default_manager.all()).order_by()
        table, columns = _selected(connection, customers, self._paths)
        no, key = columns.pop("no"), self._key(customers)
        memberships = []
        for kind, paths in self._memberships.items():
            members = {"contact_no": self.no, **paths}
            rows, found = _selected(connection, customers, members, of_many=True)
            memberships.append(MembershipRelation(rows, kind=kind, **found))
        return ContactRelation(
            table, no=key(no), memberships=memberships, addresses=self._addresses, **columns
        )

    def _key(self, customers: Any) -> Any:
        if self._text_key:
            return TextKey
        name = f"{_OURS}no"
        kind = customers.annotate(**{name: _expression(self.no)}).query.annotations[name]
        if isinstance(kind.output_field, models.IntegerField):
            return IntegerKey
        return UuidKey if isinstance(kind.output_field, models.UUIDField) else str


def _check_source(customers: Any) -> None:
    is_model = isinstance(customers, type) and issubclass(customers, models.Model)
    if not is_model and not isinstance(customers, models.QuerySet):
        raise UsageError(f"ModelContacts: {shown(customers)} is no model and no queryset")
    if not is_model and (customers.query.is_sliced or customers.query.combinator):
        raise UsageError("ModelContacts: a queryset that is sliced or combined cannot be mapped")


def _selected(
    connection: Any, customers: Any, paths: Mapping[str, Path], *, of_many: bool = False
) -> tuple[str, dict[str, str]]:
    """Return a query for what the paths lead to, and the name of each column."""
    joined = of_many or connection.vendor == "postgresql"  # leaves out joins that nobody asks for
    for name, path in paths.items():
        try:
            expression = path if joined else _of_one(customers.model, path)
            customers = _annotated(customers, _OURS + name, expression)
        except Exception as error:
            raise UsageError(f"ModelContacts: {name}={path!r}: {error}") from error
    if of_many:  # joined: one row for each that there is
        customers = customers.filter(**{f"{_OURS}code__isnull": False})
    columns = {name: _OURS + name for name in paths}
    query = customers.values(*columns.values()).query
    statement, parameters = query.get_compiler(connection=connection, elide_empty=False).as_sql()
    return f"({_filled(statement, parameters)})", columns


def _expression(path: Path) -> Any:
    return models.F(path) if isinstance(path, str) else path


def _annotated(customers: Any, name: str, path: Path) -> Any:
    """Add a path; into a document as text: PostgreSQL gives JSON, and SQLite the word null."""
    found = customers.annotate(**{name: _expression(path)})
    if not isinstance(path, str) or not isinstance(found.query.annotations[name], KeyTransform):
        return found
    document, _, key = path.rpartition(LOOKUP_SEP)
    text = KeyTextTransform(key, document)
    return customers.annotate(**{name: NullIf(text, models.Value("null", models.TextField()))})


def _of_one(model: type[models.Model], path: Path) -> Path:
    """Return an expression that joins nothing in place of a path: SQLite leaves no join out."""
    head, _, rest = path.partition(LOOKUP_SEP) if isinstance(path, str) else ("", "", "")
    try:
        field = model._meta.get_field(head)
    except FieldDoesNotExist:
        return path
    if not rest or not field.concrete or not (field.many_to_one or field.one_to_one):
        return path
    target = field.target_field.name
    if rest in {target, "pk"}:
        return models.F(field.attname)
    others = field.related_model._base_manager.filter(**{target: models.OuterRef(field.attname)})
    value = f"{_OURS}value"
    return models.Subquery(_annotated(others.order_by(), value, rest).values(value)[:1])


def _filled(statement: str, parameters: Any) -> str:
    """Write the values of a statement into it: they are the host's code, not data."""
    values = iter(parameters)
    return _MARKS.sub(lambda mark: "%" if mark[0] == "%%" else _literal(next(values)), statement)


def _literal(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "NULL" if value is None else str(value).upper()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, str | date | time | UUID) and "\0" not in str(value):
        return "'" + str(value).replace("'", "''") + "'"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(_literal, value))}]"
    if type(value).__name__ == "Jsonb":  # the driver's, of psycopg or of psycopg2
        document: Any = value
        held = document.obj if hasattr(document, "obj") else document.adapted
        return _literal((document.dumps or json.dumps)(held)) + "::jsonb"
    raise UsageError(
        f"{shown(value)} cannot stand in a relation: give a text, number, flag, date or UUID"
    )
