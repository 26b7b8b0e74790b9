"""Options that follow from the fields of a record, so that they are listed nowhere else."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import click
from click.core import ParameterSource

from interactionlog.cli.console import plain_name
from interactionlog.contacts.contact import Contact
from interactionlog.contacts.contact_filter import (
    CONTACT_FIELDS,
    INTERACTION_FIELDS,
    Condition,
    ContactFilter,
    FieldKind,
)
from interactionlog.errors import UsageError
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.segments.logging.decision import ContactPressure

C = TypeVar("C", bound=Callable[..., Any])
_NEVER = {"comments", "dials", "profile_answers", "where", "memberships", "interactions"} | {
    "elsewhere", "within", "postponed", "interaction_successful"
}  # fmt: skip
_SIGNS = {"=": "any_of", "!=": "any_of", ">=": "at_least", "<=": "at_most", "^": "prefix"}
_CONDITION = re.compile(r"\s*(\w[\w -]*?)\s*(!=|>=|<=|=|\^|~)\s*(.*?)\s*")


class Member(click.ParamType):  # type: ignore[type-arg]  # not with click 8.1
    """A member of an enumeration by its name, in any case; a blank, where it may be "not set"."""

    name = "member"

    def __init__(self, enumeration: type[Enum], *, blank: bool = False) -> None:
        self.blank = blank
        self.members = {each.name.lower().replace("_", "-"): each for each in enumeration}

    def get_metavar(self, *_: object, **__: object) -> str:
        """Return the names as help shows them."""
        return "|".join(self.members)

    def convert(self, value: Any, param: Any, ctx: Any) -> Enum | None:
        """Return the member, or fail with the names that there are."""
        if isinstance(value, Enum) or (value == "" and self.blank):
            return value or None
        found = self.members.get(str(value).lower().replace("_", "-").replace(" ", "-"))
        return found or self.fail(f"{value!r} is not one of {', '.join(self.members)}", param, ctx)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[Any]:  # noqa: ARG002
        """Return the names that begin so."""
        names = (each for each in self.members if each.startswith(incomplete.lower()))
        return [click.shell_completion.CompletionItem(each) for each in names]


def require_with(needed: str, *names: str) -> None:
    """Refuse options that say something only together with another one, which was not given."""
    context = click.get_current_context()
    options = {each.name: each.opts[0] for each in context.command.params}
    for name in names:
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and not context.params[needed]:
            raise UsageError(f"{options[name]} says something only with {options[needed]}")


def require_one(*names: str) -> None:
    """Refuse options of which only one can be done."""
    context = click.get_current_context()
    options = {each.name: each.opts[0] for each in context.command.params}
    given = [options[name] for name in names if context.params[name]]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} do not go together: give one of them")


def _iso(kind: type[date] | type[time], form: str, *, blank: bool) -> click.ParamType[Any]:
    def convert(value: str) -> object:
        try:
            found = kind.fromisoformat(value) if value or not blank else None
        except ValueError:
            written = re.fullmatch(re.sub("[A-Z]", r"\\d", form), value)
            what = "is no day or time that there is" if written else f"is not written as {form}"
            raise click.BadParameter(f"{value!r} {what}") from None
        if isinstance(found, time) and (found.tzinfo or found.microsecond):
            raise click.BadParameter(f"{value!r} has a zone or a part of a second: write {form}")
        return found

    convert.__name__ = form
    return click.types.FuncParamType(convert)


_FORMS = {date: "YYYY-MM-DD", time: "HH:MM"}
DAY = _iso(date, _FORMS[date], blank=False)


def _amount(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is not an amount such as 12.50") from None


def _pressure(value: str) -> ContactPressure:
    if not re.fullmatch(r"\d{1,9}/\d{1,9}", value):
        raise click.BadParameter(f"{value!r} is not written as TIMES/DAYS, such as 2/30")
    return ContactPressure(*map(int, value.split("/")))


_amount.__name__, _pressure.__name__ = "AMOUNT", "TIMES/DAYS"


def settable(
    entity: type,
    values: type | None = None,
    *,
    prefix: str = "",
    leave_out: Collection[str] = (),
    required: bool = False,
) -> Callable[[C], C]:
    """
    Give a command an option for each field that may be set; ``values`` are those that were given.

    Args:
        entity: Its docstring explains the fields.
        values: Whose fields may be set, and emptied by a blank; without it they are conditions.
        prefix: Begins the name of every option.
        leave_out: Fields that the command asks for in another way.
        required: The command is refused where none is given.
    """
    hints = get_type_hints(values or entity)
    words = _words(entity)
    names = [name for name in hints if name not in _NEVER and name not in leave_out]

    def decorate(call: C) -> C:
        @functools.wraps(call)
        def command(*arguments: object, **options: Any) -> object:
            context = click.get_current_context()
            said = ParameterSource.COMMANDLINE
            given = {name: options.pop(name) for name in names}
            asked = {n: v for n, v in given.items() if context.get_parameter_source(n) is said}
            if required and not asked:
                raise UsageError("say what to change: --help lists the options")
            earlier = options.pop("values", {})
            return call(*arguments, values={**earlier, **asked}, **options)

        for name in reversed(names):
            empties = values is not None
            command = _option(prefix, name, hints[name], words.get(name), empties=empties)(command)
        return command  # type: ignore[return-value]

    return decorate


def _option(
    prefix: str, name: str, hint: Any, words: str | None, *, empties: bool
) -> Callable[[C], C]:
    kinds = [each for each in get_args(hint) if each is not type(None)] or [hint]
    several = get_origin(hint) is frozenset or get_origin(kinds[0]) is frozenset
    blank = empties and type(None) in get_args(hint)
    if several:
        blank = type(None) in get_args(kinds[0])
        kinds = [each for each in get_args(kinds[0]) or kinds if each is not type(None)]
        kinds = [each for kind in kinds for each in (get_args(kind) or [kind])]
    kind: Any = kinds[0]
    shown = prefix + plain_name(name).replace(" ", "-")
    if kind is bool:
        return click.option(f"--{shown}/--not-{shown}", name, default=None, help=words)
    if isinstance(kind, type) and issubclass(kind, Enum):
        kind = Member(kind, blank=blank)
    elif kind in _FORMS:
        kind = _iso(kind, _FORMS[kind], blank=blank)
    elif len(kinds) > 1:
        kind = _amount
    elif kind is ContactPressure:
        kind = _pressure
    return click.option(f"--{shown}", name, type=kind, multiple=several, help=words)


def _words(entity: type) -> Mapping[str, str]:
    """Return the first words that a docstring says of each field."""
    section = inspect.cleandoc(entity.__doc__ or "").partition("Attributes:\n")[2]
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=    \w)", section.partition("\n\n")[0]):
        names, _, text = entry.partition(":")
        words = re.split(r"[;.](?:\s|$)", " ".join(text.split()).replace("`", ""))[0]
        if not words.startswith(
            ("None ", "As on ", "As of ")
        ):  # they say nothing where options are typed
            found |= {name.strip(): f"{words}." for name in names.split(",")}
    return found


def selecting(call: C) -> C:
    """Give a command the options of a contact filter: ``contact_filter``, ``None`` without any."""

    @functools.wraps(call)
    def command(
        *arguments: object,
        values: dict[str, Any],
        where: Sequence[str],
        interaction: Sequence[str],
        **options: Any,
    ) -> object:
        if where:
            values["where"] = _conditions(where, CONTACT_FIELDS, Contact)
        if interaction:
            found = _conditions(interaction, INTERACTION_FIELDS, InteractionLogEntry)
            values["interactions"] = found
        contact_filter = ContactFilter(**values) if values else None
        return call(*arguments, contact_filter=contact_filter, **options)

    said = "such as city=Merano; also !=, >=, <=, ^ (begins with) and ~ (contains)."
    for name, words in (
        ("interaction", "Condition on an interaction, such as evaluation=positive."),
        ("where", f"Condition on a field, {said}"),
    ):
        command = click.option(f"--{name}", multiple=True, metavar="CONDITION", help=words)(command)
    return settable(ContactFilter)(command)  # type: ignore[return-value]


def _conditions(
    texts: Sequence[str], fields: Mapping[str, FieldKind], entity: type
) -> dict[str, list[Condition]]:
    hints, found = get_type_hints(entity), dict[str, list[Condition]]()
    named = {_spoken(plain_name(field)): field for field in fields}
    for text in texts:
        parts = _CONDITION.fullmatch(text)
        if parts is None:
            raise UsageError(f"{text!r} is not a condition: write FIELD=VALUE, such as city=Merano")
        name, sign, said = parts.groups()
        name = named.get(_spoken(name), name)
        if name not in fields:
            of = "a contact" if entity is Contact else "an interaction"
            raise UsageError(f"{name!r} is not a field of {of}: use {', '.join(sorted(fields))}")
        if said == "" and sign not in {"=", "!="}:
            raise UsageError(f"condition {text}: write a value after {sign}")
        try:
            value = _value(said, fields[name], hints.get(name))
        except click.BadParameter as error:
            raise UsageError(f"condition {text}: {error.message}") from error
        how = _SIGNS.get(sign, "contains")
        asked: dict[str, Any] = {how: [value] if how == "any_of" else value}
        if how == "any_of" and fields[name] is FieldKind.DATE:
            asked = {"at_least": value, "at_most": value}
        found.setdefault(name, []).append(Condition(**asked, negated=sign == "!="))
    return found


def _spoken(name: str) -> str:
    """Return a name of a field as columns and options have it, however it is written."""
    return re.sub(r"[-_ ]+", " ", name).lower()


def _value(text: str, kind: FieldKind, hint: Any) -> Any:
    if kind is FieldKind.DATE:
        return DAY.convert(text, None, None)
    if kind is FieldKind.FLAG:
        if text.lower() not in {"yes", "no"}:
            raise click.BadParameter(f"{text!r} is neither yes nor no")
        return text.lower() == "yes"
    if text == "" or kind is not FieldKind.NUMBER:
        return text or None
    enumeration: Any = (get_args(hint) or [hint])[0]
    if issubclass(enumeration, Enum):
        return Member(enumeration).convert(text, None, None)
    return click.INT(text)
