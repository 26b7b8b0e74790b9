"""Seals: a chain of digests that shows each entry of the log that was changed, removed or added."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import DuplicateEntryError, StorageError
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.privacy.records import EntrySeal, Seal, SealKey
from interactionlog.unit_of_work import UnitOfWork

_OF_PART = {
    "living": """
        evaluation cancel_state attempt_failed delivery_status campaign_entry_no
        logged_segment_entry_no
    """,
    "personal": """
        contact_no contact_alt_address_code description subject contact_via document_no to_do_no
        host_ref
    """,
    "linked": "contact_company_no opportunity_no attachment_no modified_word_template",
}
"""Fields that calls change later, that are blank after an erasure, and both; others are fixed."""
_BLANK = {
    part: _OF_PART[part].replace("contact_company_no", "").split()
    for part in ("personal", "linked")
}
"""Fields that are blank after an erasure: the company is not, where it was not erased."""
_PARTS = ("fixed", "living", "personal", "linked")
_PAGE = 1_000
Comments = Sequence[LogComment | None]
"""The comments of an entry; ``None`` for one that cannot be read."""


@cache
def _fields() -> Mapping[str, tuple[str, ...]]:
    """Return the fields of an entry that each digest is made of."""
    names = [field.name for field in attrs.fields(InteractionLogEntry)]
    found = {part: set(_OF_PART[part].split()) for part in _OF_PART}
    found["fixed"] = {*names}.difference({"entry_no", "postponed"}, *found.values())
    return {part: tuple(name for name in names if name in found[part]) for part in _PARTS}


def digests(
    entry: InteractionLogEntry, comments: Comments, salt: str, secret: str | None
) -> dict[str, Any]:
    """Return the digests of an entry; those of what is personal need the key of its contact."""
    key, found = bytes.fromhex(secret or ""), {}
    for part, names in _fields().items():
        values = [getattr(entry, name) for name in names]
        if part == "linked":
            values += [attrs.astuple(each) if each else None for each in comments]
        salted = [salt] if part in {"personal", "linked"} else []
        text = json.dumps(salted + values, default=_plain).encode()
        digest = hmac.digest(key, text, "sha256") if salted else hashlib.sha256(text).digest()
        found[part] = digest.hex()
    return found


def sealed_fields(work: UnitOfWork, entry_no: int, names: Collection[str]) -> list[str]:
    """Return those of an entry's fields that its seal holds fast: nothing may change them."""
    fast = {*_fields()["fixed"], *_fields()["personal"]}
    held = [name for name in names if name in fast]
    if not held:
        return []
    work.interactions.hold(entry_no)  # or it may be sealed meanwhile
    seal = work.records(EntrySeal).find(entry_no)
    return held if seal is not None and seal.seal_no else []


def _plain(value: Any) -> object:
    return value.value if hasattr(value, "value") else str(value)


class _NothingToSealError(Exception):
    """No entry is finished: what is postponed is listed by the next seal."""


@attrs.frozen
class SealFinding:
    """
    What does not fit what was sealed.

    Attributes:
        code: ``changed``: what no call changes was changed. ``edited``: what calls change was
            changed since, such as the evaluation or a comment. ``missing``, ``added``: the entry.
            ``seal``: the seal itself or digests below it.
        number: Of the entry, or of the seal.
    """

    code: str
    number: int


@attrs.frozen(kw_only=True)
class Verification:
    """
    What `Seals.verify` found.

    Attributes:
        seals, entries: How many were compared.
        unsealed: Entries that are newer than the last seal.
        erased, removed: Entries whose personal part was erased, or that were deleted by a call.
        counts: Findings by code, all of them.
        findings: The first 1,000 of them.
    """

    seals: int
    entries: int
    unsealed: int
    erased: int
    removed: int
    counts: Mapping[str, int]
    findings: tuple[SealFinding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, removed or added but by calls of the library."""
        return not self.counts.keys() - {"edited"}


@judged
@attrs.frozen
class Seals:
    """
    Seals the log, and finds each entry that was changed, removed or added since.

    A seal is made when the owner asks for one, such as every night; logging does nothing for it.
    Who can write to the tables can make all seals anew: keep the last digest elsewhere.
    """

    work: UnitOfWork

    def seal(self, *, recorded_before: datetime | None = None) -> Seal | None:
        """
        Seal all entries since the last seal, and postponed ones finished since.

        Args:
            recorded_before: Stop at the first entry from then on; ``None`` seals all. Where several
                write at once, on PostgreSQL, leave out what may have been written by transactions
                that are still open: an entry that comes below a sealed number counts as added.

        Returns:
            The new seal; ``None`` when there is nothing to seal.
        """
        with suppress(_NothingToSealError):
            try:
                return self._seal(recorded_before)
            except DuplicateEntryError:  # somebody else sealed meanwhile
                return self._seal(recorded_before)
        return None

    def _seal(self, recorded_before: datetime | None) -> Seal:
        with self.work.atomic():
            seals = self.work.records(Seal).all()
            last = seals[-1] if seals else None
            number, highest = (last.seal_no + 1, last.last_entry_no) if last else (1, 0)
            chain = _Chain(last.digest if last else "")
            postponed = {
                each.entry_no: each.postponed_in
                for each in self.work.personal.open_seals()
                if each.postponed_in  # no seal has listed another: somebody wrote it
            }
            for page in self._unsealed(postponed, highest, recorded_before):
                sealed = self._sealed(page, number, postponed)
                for one in sealed:
                    chain.add(one, number)
                highest = max(highest, page[-1].entry_no)
                self.work.personal.put_seals(sealed)
            if not chain.entries:
                raise _NothingToSealError
            seal = Seal(
                seal_no=number,
                entries=chain.entries,
                last_entry_no=highest,
                digest="0" * 64,
                user_id=self.work.user_id,
                recorded_at=self.work.clock.now(),
            )
            seal = attrs.evolve(seal, digest=chain.closed_by(seal))
            self.work.records(Seal).add(seal)
        return seal

    def _unsealed(
        self, postponed: Iterable[int], after: int, recorded_before: datetime | None
    ) -> Iterator[list[InteractionLogEntry]]:
        """Give the entries to seal, by number: those that were postponed come first."""
        hold = self.work.interactions.hold
        late = [entry for no in postponed if (entry := hold(no)) is not None]
        if late:
            yield late
        while page := self.work.personal.entries_after(after, limit=_PAGE, lock=True):
            entries: list[InteractionLogEntry] = []
            for entry_no, entry in page:
                if entry is None:
                    raise StorageError(f"entry {entry_no} cannot be read, and is not sealed")
                if recorded_before is not None and entry.recorded_at >= recorded_before:
                    if entries:
                        yield entries
                    return
                entries.append(entry)
            yield entries
            after = page[-1][0]

    def _sealed(
        self, page: list[InteractionLogEntry], number: int, postponed: Mapping[int, int]
    ) -> list[EntrySeal]:
        keys = self._keys({each.contact_no for each in page}, make=True)
        comments = self._comments([each.entry_no for each in page])
        sealed = []
        for entry in page:
            values: dict[str, Any] = {"postponed_in": postponed.get(entry.entry_no, 0)}
            if entry.postponed:
                values["postponed_in"] = values["postponed_in"] or number
            else:
                salt = secrets.token_hex(16)
                key, said = keys.get(entry.contact_no), comments[entry.entry_no]
                values |= {"seal_no": number, "salt": salt, **digests(entry, said, salt, key)}
            sealed.append(EntrySeal(entry_no=entry.entry_no, **values))
        return sealed

    def verify(self, *, digest: str | None = None) -> Verification:
        """
        Compare the log with its seals; memory does not grow with it.

        Args:
            digest: Of the last seal, as it was kept elsewhere; ``None`` asks nothing.

        Raises:
            FieldInvalidError: The digest was not copied whole.
        """
        seals = {each.seal_no: each for each in self.work.records(Seal).all()}
        found = _Findings()
        chains, before = {0: _Chain("")}, ""
        for place, seal in enumerate(seals.values(), 1):
            if seal.seal_no != place:
                found.add("seal", place)
            chains[seal.seal_no] = _Chain(before)
            before = seal.digest
        if digest is not None and digest.strip().lower() != before:
            found.add("seal", max(seals, default=0))
        highest = max((each.last_entry_no for each in seals.values()), default=0)
        for entry_no, there, entry, sealed in self._pairs():
            if sealed is None:
                if entry_no > highest:
                    found.numbers["unsealed"] += 1
                else:
                    found.add("added", entry_no)
                continue
            for number in {sealed.seal_no, sealed.postponed_in}:
                if number in chains:
                    chains[number].add(sealed, number)
                else:
                    found.add("seal", number)
            found.compare(entry_no, there, entry, sealed)
        for number, seal in seals.items():
            chain = chains[number]
            if (chain.closed_by(seal), chain.entries) != (seal.digest, seal.entries):
                found.add("seal", number)
        counts, kept = dict(sorted(found.counts.items())), tuple(found.kept)
        return Verification(seals=len(seals), counts=counts, findings=kept, **found.numbers)

    def _keys(self, contact_nos: set[str | None], *, make: bool = False) -> dict[Any, str]:
        nos = {no for no in contact_nos if no is not None}
        stored: Any = self.work.records(SealKey)
        keys: dict[Any, str] = {each.contact_no: each.secret for each in stored.having(nos)}
        for no in sorted(nos - keys.keys()) if make else ():
            self.work.contacts.hold(no)  # or its erasure would leave the key
            keys[no] = secrets.token_hex(32)
            stored.add(SealKey(contact_no=no, secret=keys[no]))
        return keys

    def _comments(self, entry_nos: Collection[int]) -> Mapping[int, Comments]:
        found: defaultdict[int, list[LogComment | None]] = defaultdict(list)
        for entry_no, comment in self.work.personal.comments(entry_nos):
            found[entry_no].append(comment)
        return found

    def _pairs(self) -> Iterator[tuple[int, bool, dict[str, Any] | None, EntrySeal | None]]:
        """Give each number with whether the entry is there, what it is now, and its seal."""
        after = -(2**63)  # no number that somebody wrote is passed over
        while True:
            entries = self.work.personal.entries_after(after, limit=_PAGE)
            seals = self.work.personal.seals_after(after, limit=_PAGE)
            ends = [(len(entries), entries[-1][0])] if entries else []
            ends += [(len(seals), seals[-1].entry_no)] if seals else []
            if not ends:
                return
            # what follows the last number of a full page is not known yet
            cut = [last for count, last in ends if count == _PAGE]
            after = min(cut) if cut else max(last for _, last in ends)
            now = {no: entry for no, entry in entries if no <= after}
            sealed = {each.entry_no: each for each in seals if each.entry_no <= after}
            keys = self._keys({each.contact_no for each in now.values() if each is not None})
            comments = self._comments(now.keys() & sealed.keys())
            for no in sorted({*now, *sealed}):
                made = _made(now.get(no), comments.get(no, ()), sealed.get(no), keys)
                yield no, no in now, made, sealed.get(no)


def _made(
    entry: InteractionLogEntry | None,
    comments: Comments,
    sealed: EntrySeal | None,
    keys: Mapping[Any, str],
) -> dict[str, Any] | None:
    """Return the digests of an entry as it is now; of an erased one, what is blank counts."""
    if entry is None or sealed is None or entry.postponed:
        return None
    made = digests(entry, comments, sealed.salt, keys.get(entry.contact_no))
    if sealed.erasure_no is not None:
        for part, names in _BLANK.items():
            filled = any(getattr(entry, name) for name in names) or (part == "linked" and comments)
            made[part] = "" if filled else getattr(sealed, part)
    return made


class _Findings:
    """What a verification has found so far."""

    def __init__(self) -> None:
        self.numbers = Counter(entries=0, unsealed=0, erased=0, removed=0)
        self.counts: Counter[str] = Counter()
        self.kept: list[SealFinding] = []

    def add(self, code: str, number: int) -> None:
        """Count a finding."""
        self.counts[code] += 1
        if len(self.kept) < _PAGE:
            self.kept.append(SealFinding(code, number))

    def compare(
        self, entry_no: int, there: bool, made: dict[str, Any] | None, sealed: EntrySeal
    ) -> None:
        """Compare an entry with its seal."""
        if not sealed.seal_no:  # it was postponed: finished or deleted since
            if not sealed.postponed_in:  # no seal knows of it
                self.add("added", entry_no)
            return
        erased = sealed.erasure_no is not None
        self.numbers.update(entries=1, erased=erased, removed=sealed.removed)
        if there is sealed.removed:
            self.add("added" if there else "missing", entry_no)
        elif there:
            parts = [part for part in _PARTS if not made or made[part] != getattr(sealed, part)]
            if parts:
                broken = {"fixed", "personal"}.intersection(parts)
                self.add("changed" if broken else "edited", entry_no)


class _Chain:
    """The digest of one seal, over that of the seal before it and its entries by number."""

    def __init__(self, before: str) -> None:
        self._digest = hashlib.sha256(before.encode())
        self.entries = 0

    def add(self, sealed: EntrySeal, number: int) -> None:
        """Add an entry as the seal of this number found it: postponed, or finished."""
        if sealed.postponed_in == number:
            self._digest.update(f"{sealed.entry_no}:postponed\n".encode())
        if sealed.seal_no == number:
            parts = ":".join(getattr(sealed, part) for part in _PARTS)
            self._digest.update(f"{sealed.entry_no}:{parts}\n".encode())
            self.entries += 1

    def closed_by(self, seal: Seal) -> str:
        """Return the digest of the seal: who sealed, when and how far is in it as well."""
        said = (seal.last_entry_no, seal.user_id, seal.recorded_at.isoformat())
        digest = self._digest.copy()
        digest.update(json.dumps(said).encode())
        return digest.hexdigest()
