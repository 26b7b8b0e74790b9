"""A host's own directories: what they answer is validated before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NoReturn

from interactionlog.contacts.contact import AlternativeAddress, Contact, Salesperson, User
from interactionlog.contacts.directory import ContactSummary
from interactionlog.errors import FieldInvalidError
from interactionlog.values import as_code, checked, refuse_answer

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


def _by_key(kind: type[Any], _name: str, _asked: Any, answer: Any) -> Any:
    if not isinstance(answer, Mapping) or not all(isinstance(v, kind) for v in answer.values()):
        _refuse(f"{kind.__name__} by number, without those that do not exist")
    return answer


def _summaries(name: str, asked: Any, answer: Any) -> Any:
    for no, each in _by_key(ContactSummary, name, asked, answer).items():
        flags = (each.privacy_blocked, each.exclude_from_segment)
        if not all(isinstance(flag, bool) for flag in flags) or not isinstance(each.e_mail, str):
            _refuse(f"two flags and a text for {no}")
    return answer


def _numbers(_name: str, _asked: Any, answer: Any) -> Any:
    fits = isinstance(answer, Sequence) and not isinstance(answer, str | bytes)
    if not fits or not all(isinstance(no, str) for no in answer):
        _refuse("a sequence of numbers of contacts")
    return [*map(as_code, answer)]


@lru_cache(1_024)
def _code_of_address(code: str) -> Any:
    return checked(AlternativeAddress, {"code": code})["code"]


def _codes(name: str, asked: Any, answer: Any) -> Any:
    texts = _by_key(str, name, asked, answer)
    try:
        return {no: _code_of_address(code) for no, code in texts.items()}
    except FieldInvalidError as error:
        return _refuse(f"codes of alternative addresses: {error.field} {error.reason}")


def _records(kind: type[Any], key: str) -> dict[str, Judge]:
    one, every = partial(_one, kind, key), partial(_by_key, kind)
    return {**dict.fromkeys(("find", "hold", "get"), one), "many": every}


_JUDGES: Mapping[str, Mapping[str, Judge]] = {
    "contacts": _records(Contact, "no")
    | dict.fromkeys(("find_by_name", "of_account"), partial(_one, Contact, "no"))
    | {
        "summaries": _summaries,
        "matching": _numbers,
        "active_addresses": _codes,
        "address": partial(_one, AlternativeAddress, "code"),
        "customers": partial(_by_key, str),
    },
    "salespeople": _records(Salesperson, "code") | {"with_e_mail": partial(_some, Salesperson)},
    "users": _records(User, "user_id"),
}
"""What judges the answers of each method, by directory."""


def asked(name: str, directory: Any) -> Any:
    """Return a host's directory of that name so that what it answers is validated."""
    judges = _JUDGES.get(name)  # what answers for consents is validated where it is asked
    return directory if judges is None else Asked(directory, judges)
