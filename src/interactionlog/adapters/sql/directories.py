"""A host's own directories: what they answer is validated before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NoReturn

from interactionlog.contacts.contact import (
    AlternativeAddress,
    Contact,
    Membership,
    Salesperson,
    User,
)
from interactionlog.contacts.directory import ContactSummary
from interactionlog.errors import FieldInvalidError
from interactionlog.values import CorrespondenceType, as_code, checked, refuse_answer

Judge = Callable[[str, Any, Any], Any]
"""Given the name of a method, its first argument and its answer; returns the answer or raises."""


class Asked:
    """
    A directory of the host whose answers are validated; whatever else it has, this one has too.

    An answer in another form is refused with `UsageError`, which names directory and method; what
    the directory itself raises comes out unchanged.
    """

    def __init__(self, directory: Any, judges: Mapping[str, Judge]) -> None:
        self._directory, self._judges = directory, judges

    def __repr__(self) -> str:
        return repr(self._directory)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # before it has a directory as well, when it is copied
            raise AttributeError(name)
        found = getattr(self._directory, name)
        judge = self._judges.get(name)
        if judge is None:
            return found

        def ask(*asked: Any, **named: Any) -> Any:
            answer = found(*asked, **named)
            try:
                return judge(name, asked[0] if asked else None, answer)
            except _UnfitError as unfit:
                refuse_answer(self._directory, answer, f"{name} must return {unfit}")

        self.__dict__[name] = ask  # which is found without coming here
        return ask


class _UnfitError(Exception):
    """An answer has another form; its text says which one is due."""


def _refuse(due: str) -> NoReturn:
    raise _UnfitError(due)


def _one(kind: type[Any], key: str, name: str, asked: Any, answer: Any) -> Any:
    """Judge one record or ``None``; what is asked for by its key has that key."""
    wanted = as_code(asked) if name in {"find", "hold", "get"} else None
    if answer is None and name != "get":
        return None
    if not isinstance(answer, kind):
        _refuse(f"a {kind.__name__}" + " or None" * (name != "get"))
    if wanted is not None and as_code(getattr(answer, key)) != wanted:
        _refuse(f"the {kind.__name__} with {key}={wanted!r}")
    return answer


def _some(kind: type[Any], _name: str, _asked: Any, answer: Any) -> Any:
    if not isinstance(answer, Sequence) or not all(isinstance(each, kind) for each in answer):
        _refuse(f"a sequence of {kind.__name__}")
    return answer


def _by_key(kind: type[Any], _name: str, _asked: Any, answer: Any, key: str = "") -> Any:
    pairs: Any = answer.items() if isinstance(answer, Mapping) else [(None, None)]
    if not all(isinstance(no, str) and isinstance(each, kind) for no, each in pairs):
        _refuse(f"{kind.__name__} by number, without those that do not exist")
    found = {as_code(no): each for no, each in pairs}
    for no in (no for no, each in found.items() if key and getattr(each, key) != no):
        _refuse(f"the {kind.__name__} with {key}={no!r} by that")
    return found


@lru_cache(1_024)
def _codes_of_contact(salesperson: str | None, language: str | None) -> dict[str, Any]:
    return checked(Contact, {"salesperson_code": salesperson, "language_code": language})


_KINDS_OF_SUMMARY = (bool, bool, str, str | None, str | None, CorrespondenceType | None)


def _summary(no: str, given: ContactSummary) -> ContactSummary:
    if not all(map(isinstance, given, _KINDS_OF_SUMMARY)):
        _refuse(f"two flags, texts and a CorrespondenceType or None for {no}")
    try:
        return given._replace(**_codes_of_contact(given.salesperson_code, given.language_code))
    except FieldInvalidError as error:
        return _refuse(f"a summary of {no} whose {error.field} {error.reason}")


def _summaries(name: str, asked: Any, answer: Any) -> Any:
    found = _by_key(ContactSummary, name, asked, answer)
    return {no: _summary(no, each) for no, each in found.items()}


def _numbers(_name: str, _asked: Any, answer: Any) -> Any:
    fits = isinstance(answer, Sequence) and not isinstance(answer, str | bytes)
    if not fits or not all(isinstance(no, str) for no in answer):
        _refuse("a sequence of numbers of contacts")
    return [*map(as_code, answer)]


@lru_cache(1_024)
def _code(entity: Any, field: str, code: str) -> Any:
    return checked(entity, {field: code})[field]


def _codes(entity: Any, field: str, name: str, asked: Any, answer: Any) -> Any:
    texts = _by_key(str, name, asked, answer)
    try:
        codes = {no: _code(entity, field, code) for no, code in texts.items()}
    except FieldInvalidError as error:
        _refuse(f"codes by number: {error.field} {error.reason}")
    return {no: code for no, code in codes.items() if code is not None}


def _records(kind: type[Any], key: str) -> dict[str, Judge]:
    one, every = partial(_one, kind, key), partial(_by_key, kind, key=key)
    return {**dict.fromkeys(("find", "hold", "get"), one), "many": every}


_JUDGES: Mapping[str, Mapping[str, Judge]] = {
    "contacts": _records(Contact, "no")
    | dict.fromkeys(("find_by_name", "of_account"), partial(_one, Contact, "no"))
    | {
        "summaries": _summaries,
        "matching": _numbers,
        "active_addresses": partial(_codes, AlternativeAddress, "code"),
        "address": partial(_one, AlternativeAddress, "code"),
        "customers": partial(_codes, Membership, "linked_no"),
    },
    "salespeople": _records(Salesperson, "code") | {"with_e_mail": partial(_some, Salesperson)},
    "users": _records(User, "user_id"),
}
"""What judges the answers of each method, by directory."""


def asked(name: str, directory: Any) -> Any:
    """Return a host's directory of that name so that what it answers is validated."""
    judges = _JUDGES.get(name)  # what answers for consents is validated where it is asked
    return directory if judges is None else Asked(directory, judges)
