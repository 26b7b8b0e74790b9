"""The host's models as contacts: paths of Django's become a relation that the database reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Cast

from interactionlog.contacts.relation import (
    ContactRelation,
    IntegerKey,
    Key,
    MembershipRelation,
    UuidKey,
)
from interactionlog.errors import UsageError
from interactionlog.values import MembershipKind

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
    UUID; it is looked up by its own index.

    Args:
        customers: The model, or a queryset of those that are contacts.
        no: The number of the contact.
        company: The number of its company; a company has its own number there.
        salesperson: The code of its salesperson.
        memberships: Codes by kind of membership.
        fields: Further fields of `Contact`, by their names.
    """

    def __init__(
        self,
        customers: Any,
        *,
        no: Path,
        company: Path | None = None,
        salesperson: Path | None = None,
        memberships: Mapping[MembershipKind, Path] | None = None,
        **fields: Path,
    ) -> None:
        self.no = no
        self.customers = customers
        given = {"company_no": company, "salesperson_code": salesperson, **fields}
        self.fields = {name: path for name, path in given.items() if path is not None}
        self.memberships = dict(memberships or {})

    def __call__(self, connection: Any) -> ContactRelation:
        """Return the relation, in the words of a connection's database."""
        paths = {"no": self.no, **self.fields}
        table, columns = self._selected(connection, self._all(), paths)
        key = self._key(columns.pop("no"))
        memberships = [
            MembershipRelation(
                self._selected(connection, *self._members(path))[0],
                contact_no=f"{_OURS}no",
                kind=kind,
                code=f"{_OURS}code",
            )
            for kind, path in self.memberships.items()
        ]
        return ContactRelation(table, no=key, memberships=memberships, **columns)  # type: ignore[arg-type]

    def nos(self, customers: Any) -> list[str]:
        """Return the numbers that customers have as contacts."""
        found = customers.annotate(**{f"{_OURS}no": _expression(self.no)})
        return [str(no) for no in found.values_list(f"{_OURS}no", flat=True)]

    def check(self, connection: Any) -> None:
        """Raise an error that names the field, when a path leads nowhere."""
        self(connection)

    def _all(self) -> Any:
        found: Any = self.customers
        return (found if hasattr(found, "query") else found._default_manager.all()).order_by()

    def _members(self, path: Path) -> tuple[Any, dict[str, Path]]:
        customers, member = self._all(), f"{_OURS}member"
        if isinstance(path, str):  # one row for each that there is: a path to many is joined
            customers = customers.filter(**{f"{path}__isnull": False})
        customers = customers.annotate(**{member: _expression(path)})
        return customers, {"no": self.no, "code": models.F(member)}

    def _selected(
        self, connection: Any, customers: Any, paths: Mapping[str, Path]
    ) -> tuple[str, dict[str, str]]:
        columns = {}
        for name, path in paths.items():
            try:
                expression = _of_one(customers.model, path) if isinstance(path, str) else path
                customers = customers.annotate(**{_OURS + name: expression})
                chosen = customers.query.annotations[_OURS + name]
                if name != "no" and _is_code(name) and not _is_text(chosen):
                    cast = Cast(expression, models.TextField())
                    customers = customers.annotate(**{_OURS + name: cast})
            except Exception as error:
                raise UsageError(f"ModelContacts: {name}={path!r}: {error}") from error
            columns[name] = _OURS + name
        query = customers.values(*columns.values()).query
        statement, parameters = query.get_compiler(connection=connection).as_sql()
        self._output = query.annotations[f"{_OURS}no"].output_field
        return f"({_filled(statement, parameters)})", columns

    def _key(self, column: str) -> Key:
        if isinstance(self._output, models.IntegerField):
            return IntegerKey(column)
        return UuidKey(column) if isinstance(self._output, models.UUIDField) else column


def _expression(path: Path) -> Any:
    return models.F(path) if isinstance(path, str) else path


def _of_one(model: type[models.Model], path: str) -> Any:
    """Return a path as an expression that joins nothing: what is not asked for costs nothing."""
    head, _, rest = path.partition(LOOKUP_SEP)
    try:
        field = model._meta.get_field(head)
    except FieldDoesNotExist:
        return models.F(path)
    if not rest or not (field.many_to_one or field.one_to_one) or not field.concrete:
        return models.F(path)
    target = field.target_field.name
    if rest in {target, "pk"}:
        return models.F(field.attname)
    others = field.related_model._base_manager.filter(**{target: models.OuterRef(field.attname)})
    return models.Subquery(others.order_by().values(rest)[:1])


def _is_code(name: str) -> bool:
    return name.endswith(("_no", "_code", "name")) or name == "code"


def _is_text(expression: Any) -> bool:
    return isinstance(expression.output_field, models.CharField | models.TextField)


def _filled(statement: str, parameters: Any) -> str:
    """Write the values of a statement into it: they are the host's code, not data."""
    values = iter(parameters)
    return _MARKS.sub(lambda mark: "%" if mark[0] == "%%" else _literal(next(values)), statement)


def _literal(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "NULL" if value is None else str(value).upper()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str) and "\0" not in value:
        return "'" + value.replace("'", "''") + "'"
    raise UsageError(f"{value!r} cannot stand in a relation: give a text, a number or a flag")
