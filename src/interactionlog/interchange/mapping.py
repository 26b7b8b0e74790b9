"""Mappings: which column of which file is which field, said in TOML or with these classes."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
from cattrs import Converter, transform_error
from cattrs.gen import make_dict_structure_fn, override
from cattrs.v import format_exception

from interactionlog import arguments
from interactionlog.errors import UsageError


@lru_cache(4096)
def fold(caption: str) -> str:
    """Return a caption as captions are compared: ``E-Mail``, ``Email`` and ``E_Mail`` are one."""
    text = unicodedata.normalize("NFKC", caption).casefold()
    return "".join(sign for sign in text if sign.isalnum()) or text.strip()


_filled = attrs.validators.optional(attrs.validators.min_len(1))
_printable = attrs.validators.optional(attrs.validators.matches_re(r"[^\0]*"))
_counted = attrs.validators.optional(attrs.validators.ge(1))


@attrs.frozen(kw_only=True)
class Column:
    """
    Where the value of one field comes from.

    Attributes:
        captions: Captions of its columns, ``from`` in TOML. Of several in one file the first that
            is filled counts.
        const: The value of every row, in place of a column.
        required: A row in which it is empty is refused.
        values: What texts of the file stand for; others are read as they are.
        lookup: The text names a record of this kind: ``contact``, ``salesperson``, …
        source: Where the keys of the record looked up come from; the mapping's own if not given.
        unknown: What a text is that names no record: ``refuse`` the row, leave the field ``blank``,
            or ``create`` the template with its group.
        split: What separates several; a row is taken once for each.
        join: Put between all columns that are filled, in place of taking the first.
        scale: What a number is multiplied with, such as ``1/60000``.
        cut: Longer text is cut at this length, and that is reported.
        repeated: A caption of this column may come again with another meaning: the first counts.
    """

    captions: tuple[str, ...] = ()
    const: str | None = None
    required: bool = False
    values: Mapping[str, str] = {}
    lookup: str | None = None
    source: str | None = None
    unknown: str = attrs.field(
        default="refuse", validator=attrs.validators.in_(("refuse", "blank", "create"))
    )
    split: str | None = attrs.field(default=None, validator=_filled)
    join: str | None = None
    scale: str | None = None
    cut: int | None = attrs.field(default=None, validator=_counted)
    repeated: bool = False

    @property
    def is_late(self) -> bool:
        """Whether the value is known only when a block was looked up, split or cut."""
        return bool(self.lookup or self.split or self.cut)


@attrs.frozen(kw_only=True)
class Key:
    """
    What a record is called where it comes from: importing it again changes it.

    Attributes:
        captions: Captions of the column, ``from`` in TOML; the first in the file counts.
        source: Name of the other system, and of the kind of its keys where it has several.
        match: Fields by which a contact that is here already is found: ``e_mail``, ``phone_no``.
    """

    captions: tuple[str, ...]
    source: str
    match: tuple[str, ...] = attrs.field(
        default=(),
        validator=attrs.validators.deep_iterable(attrs.validators.in_(("e_mail", "phone_no"))),
    )


@attrs.frozen(kw_only=True)
class Source:
    """
    How to read the file; what is not said is found by looking.

    Attributes:
        encoding, delimiter: Of a text.
        sheet: The only sheet of a workbook that is read.
        header: Row of the captions, counted from 1.
    """

    encoding: str | None = attrs.field(default=None, validator=_printable)
    delimiter: str | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.matches_re(r"[^\"\r\n]"))
    )
    sheet: str | None = None
    header: int | None = attrs.field(default=None, validator=_counted)


@attrs.frozen(kw_only=True, slots=False)
class MappingFile:
    """
    How one kind of table comes in.

    Attributes:
        name: Its name, such as ``hubspot-calls``.
        target: What its rows become: a table of the library, such as ``contact`` or ``log_entry``.
        columns: Field by field.
        key: What a record is called where it comes from.
        source: How to read the file.
        on_error: ``stop``, nothing is imported, or ``reject``: good rows are.
        dates: Forms of dates, such as ``%d/%m/%Y``; a date that can be read in two ways is refused
            as long as none is said.
        decimal: ``,`` or ``.``; with it thousands may be separated by the other one.
        zone: Zone of times that do not say theirs; that of the store's clock if not given.
        files: Names of files, without suffix, that hold such a table.
        table_id: Number of the table in Business Central.
        ignore: Captions that are known and not stored.
        fixed: Values of fields that have no column.
        restore: Rows are stored as they are: an export of the library.
    """

    name: str
    target: str
    columns: Mapping[str, Column] = {}
    key: Key | None = None
    source: Source = Source()
    on_error: str = attrs.field(default="stop", validator=attrs.validators.in_(("stop", "reject")))
    dates: tuple[str, ...] = ()
    decimal: str | None = None
    zone: str | None = None
    files: tuple[str, ...] = ()
    table_id: int | None = None
    ignore: tuple[str, ...] = ()
    fixed: Mapping[str, str] = {}
    restore: bool = False

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        """Folded captions by field, in the order in which they count."""
        captions = {field: column.captions for field, column in self.columns.items()}
        if self.key:
            captions[KEY] = self.key.captions
        return {field: list(dict.fromkeys(map(fold, each))) for field, each in captions.items()}

    @cached_property
    def places(self) -> dict[str, list[str]]:
        """Fields by folded caption."""
        found: dict[str, list[str]] = {}
        for field, captions in self._folded.items():
            for caption in captions:
                found.setdefault(caption, []).append(field)
        return found

    @cached_property
    def ignored(self) -> frozenset[str]:
        """Folded captions that are known and not stored."""
        return frozenset(map(fold, (*self.ignore, *NOT_STORED)))

    def fields_of(self, captions: Sequence[str]) -> dict[str, list[int]]:
        """Return the places of each field's columns, in the order in which they count."""
        places: dict[str, list[int]] = {}
        for place, caption in enumerate(captions):
            if caption:
                places.setdefault(fold(caption), []).append(place)
        if places.keys().isdisjoint(self.places):  # mostly: each row is tried as captions of each
            return {}
        first = {name: 1 if each.repeated else None for name, each in self.columns.items()}
        found = {
            field: [
                place for caption in wanted for place in places.get(caption, [])[: first.get(field)]
            ]
            for field, wanted in self._folded.items()
        }
        return {field: each for field, each in found.items() if each}

    def missing(self, captions: Sequence[str], entity: type[Any]) -> list[str]:
        """Return the first caption of each column that a row cannot do without and that is gone."""
        there, known = self.fields_of(captions), attrs.fields_dict(entity)
        found = [
            column.captions[0] if column.captions else field
            for field, column in self.columns.items()
            if field not in there
            and column.const is None
            and not (field == "no" and self.key)
            and (column.required or (field in known and known[field].default is attrs.NOTHING))
        ]
        return [*found, *self.key.captions[:1]] if self.key and KEY not in there else found

    def unfilled(self, entity: type[Any]) -> list[str]:
        """Return the fields that a record cannot do without and that nothing here gives."""
        given = {*self.columns, *self.fixed, *(_COMPUTED.get(self.target, ()) if self.key else ())}
        needed = [each.name for each in attrs.fields(entity) if each.default is attrs.NOTHING]
        return [name for name in needed if name not in given]

    def strange(self, entity: type[Any]) -> list[str]:
        """Return what is named as a field and is none of the target's."""
        known = {*attrs.fields_dict(entity), *_FURTHER.get(self.target, ())}
        return [name for name in dict.fromkeys((*self.columns, *self.fixed)) if name not in known]

    def recognised(self, captions: Sequence[str]) -> int:
        """Return how many captions are known."""
        folded = {fold(caption) for caption in captions if caption}
        return len(folded & self.places.keys())

    def nearest(self, caption: str, captions: Sequence[str]) -> str | None:
        """Return the known caption nearest to one that is not, if its field has no column."""
        there = self.fields_of(captions)
        free = {
            known: fold(known)
            for field, column in self.columns.items()
            if field not in there
            for known in column.captions
        }
        near = difflib.get_close_matches(fold(caption), free.values(), 1, 0.8)
        return next((known for known, folded in free.items() if folded in near), None)


_COMPUTED = {"contact": ("no",), "log_entry": ("entry_no", "recorded_at")}
"""Fields of new records that the import gives where a key names them in the other system."""
_FURTHER = {"log_entry": ("canceled", "comment")}
"""What rows may have that is no field of their record."""
KEY = "(key)"
"""Stands for the field of the external id."""
MARK = "protected"
"""Column of a CSV file that says in which rows cells have an apostrophe before them."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""How a text begins that a spreadsheet may take for a formula, and the sign that it is none."""
NOT_STORED = ("import line", "import reason")
"""Columns that a file of rejected rows has besides its own."""


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _several)
    converter.register_structure_hook(str, _one)
    converter.register_structure_hook(bool, _flag)
    converter.register_structure_hook(int, _count)
    renamed = {"captions": override(rename="from")}
    structure_key = make_dict_structure_fn(Key, converter, **renamed)  # type: ignore[arg-type]
    plain = make_dict_structure_fn(Column, converter, **renamed)  # type: ignore[arg-type]

    def structure_column(value: Any, kind: Any) -> Column:
        if isinstance(value, str | list):
            value = {"from": value}
        found: Column = plain(value, kind)
        if not found.captions and found.const is None:
            raise ValueError("needs from or const")
        if found.const is not None and (found.captions or found.values or found.scale):
            raise ValueError("takes const alone: it is the value of every row")
        return found

    def structure_mapping(value: Any, kind: Any) -> MappingFile:
        value = dict(value)
        if isinstance(value.get("source"), dict):  # what is said about values may stand there too
            inner = dict(value["source"])
            value |= {
                name: inner.pop(name) for name in ("dates", "decimal", "zone") if name in inner
            }
            value["source"] = inner
        return whole(value, kind)

    converter.register_structure_hook(Column, structure_column)
    converter.register_structure_hook(Key, structure_key)
    whole = make_dict_structure_fn(MappingFile, converter, restore=override(omit=True))
    converter.register_structure_hook(MappingFile, structure_mapping)
    return converter


def _several(value: Any, _: Any) -> tuple[str, ...]:
    """Read a list of texts; one text is a list of one."""
    found = tuple(value) if isinstance(value, list | tuple) else (value,)
    if wrong := [each for each in found if not isinstance(each, str)]:
        raise ValueError(f"must be a text or a list of texts: {wrong[0]!r}")
    return found


def _one(value: Any, _: Any) -> str:
    """Read a text; numbers, flags and dates stand for theirs."""
    if isinstance(value, list | dict):
        raise ValueError(f"must be one text: {value!r}")
    return str(value)


def _flag(value: Any, _: Any) -> bool:
    """Read a flag: to Python each text but the empty one is true."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false: {value!r}")
    return value


def _count(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number: {value!r}")
    return value


def _reason(error: BaseException, kind: type[Any] | None) -> str:
    """Return what is wrong, in the words of what found it where it has some."""
    return str(error.args[0]) if type(error) is ValueError else format_exception(error, kind)


def mapping_of(data: Mapping[str, Any], where: str = "the mapping") -> MappingFile:
    """Return a mapping of what TOML says, or raise `UsageError` that lists what is wrong."""
    try:
        return _converter().structure(data, MappingFile)
    except Exception as error:  # cattrs raises groups of whatever its parts raise
        wrong = "; ".join(transform_error(error, format_exception=_reason))
        raise UsageError(f"{where} cannot be read: {wrong}") from error


@arguments.judged
def load_mapping(path: str | Path) -> MappingFile:
    """
    Read a mapping from a TOML file, or return a shipped one by its name.

    Raises:
        UsageError: There is none, or it cannot be read.
    """
    for shipped_one in shipped():
        if shipped_one.name == str(path):
            return shipped_one
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        names = ", ".join(each.name for each in shipped())
        raise UsageError(f"{path} is neither a file nor one of the mappings {names}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8: save it so") from error
    try:
        return mapping_of(tomllib.loads(text), str(path))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}") from error


@cache
def shipped() -> tuple[MappingFile, ...]:
    """Return the mappings that come with the library."""
    found: list[MappingFile] = []
    converter = _converter()
    folder = files("interactionlog.interchange") / "mappings"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            data = tomllib.loads(file.read_text(encoding="utf-8"))
            translate = data.get("captions", {})
            for one in data["mapping"]:
                mapping = converter.structure({**data.get("all", {}), **one}, MappingFile)
                found.append(_translated(mapping, translate))
    return tuple(found)


def _translated(mapping: MappingFile, captions: Mapping[str, list[str]]) -> MappingFile:
    """Add what captions are called in other languages and were called before."""

    def known(named: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for own in named for each in (own, *captions.get(own, ()))))

    columns = {
        field: attrs.evolve(column, captions=known(column.captions))
        for field, column in mapping.columns.items()
    }
    key = mapping.key and attrs.evolve(mapping.key, captions=known(mapping.key.captions))
    return attrs.evolve(mapping, columns=columns, key=key, ignore=known(mapping.ignore))


@cache
def words_for(kind: str) -> dict[str, str]:
    """
    Return what folded words stand for.

    Of ``options`` and flags, what they are called in English; of captions in a list of
    ``customers``, the field, as a guess for a draft.
    """
    path = files("interactionlog.interchange") / "mappings" / "words" / "options.toml"
    meanings = tomllib.loads(path.read_text("utf-8"))[kind].items()
    return {fold(word): meaning for meaning, words in meanings for word in words}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else " " for sign in escaped) + '"'


def drafted(
    captions: Sequence[str], rows: Sequence[Sequence[str]], like: MappingFile | None, name: str
) -> str:
    """Return a mapping for a table as TOML, with comments on what was guessed and what is left."""
    like = like or MappingFile(name=name, target="contact")
    there = like.fields_of(captions)
    for place, caption in enumerate(captions):
        unknown = caption and fold(caption) not in like.places.keys() | like.ignored
        guessed = words_for("customers").get(fold(caption)) if like.target == "contact" else None
        if unknown and guessed:
            there.setdefault(guessed, [place])
        elif unknown and (near := like.nearest(caption, captions)):
            there.setdefault(like.places[fold(near)][0], [place])
    columns = {**dict.fromkeys([each for each in there if each != KEY], Column()), **like.columns}
    named = [
        f"{field} = {_column(column, [captions[p] for p in there.get(field, ())])}"
        for field, column in columns.items()
        if field in there or column.const is not None
    ]
    used = {place for places in there.values() for place in places}
    left = [
        f"# ? = {_quoted(caption)}  # such as {_first(rows, place)!r}"
        for place, caption in enumerate(captions)
        if caption and place not in used
    ]
    key = ['# from = ["ID"]', f"# source = {_quoted(name)}"]
    if like.key and KEY in there:
        listed = ", ".join(map(_quoted, like.key.captions))
        key = [f"from = [{listed}]", f"source = {_quoted(like.key.source)}"]
    elif like.target == "contact" and "no" not in there and "e_mail" in there:
        listed = _quoted(captions[there["e_mail"][0]])
        key = [f"from = {listed}  # no column has numbers", f"source = {_quoted(name)}"]
        key.append('match = "e_mail"')
    return _DRAFT.format(
        name=_quoted(name),
        target=_quoted(like.target),
        fixed=_table(like.fixed),
        key="# [key]  # the column that names a record there" if key[0][0] == "#" else "[key]",
        of_key="\n".join(key),
        columns="\n".join([*named, *left]),
    )


_DRAFT = """\
# A draft: read it, complete it, then try it with --dry-run.
name = {name}
target = {target}
fixed = {fixed}  # of fields without a column
on_error = "stop"  # or "reject": good rows come in, the others go into --rejects

[source]
# dates = ["%d/%m/%Y"]  # say it where 5/2/2026 may be two days
# decimal = ","
# zone = "Europe/Rome"

{key}
{of_key}

[columns]
{columns}
"""


def _table(values: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{_quoted(name)} = {_quoted(value)}" for name, value in values.items())
    return f"{{ {pairs} }}" if pairs else "{}"


def _first(rows: Sequence[Sequence[str]], place: int) -> str:
    return next((row[place][:40] for row in rows if place < len(row) and row[place]), "")


def _column(column: Column, captions: Sequence[str]) -> str:
    parts = [f"from = [{', '.join(map(_quoted, captions))}]"] if captions else []
    for each in attrs.fields(Column)[1:]:
        value = getattr(column, each.name)
        if isinstance(value, Mapping):
            value = _table(value) if value else None
        elif value != each.default:
            value = _quoted(value) if isinstance(value, str) else str(value).lower()
        else:
            value = None
        parts += [f"{each.name} = {value}"] if value is not None else []
    return f"{{ {', '.join(parts)} }}"
