"""Two callers who meet on the same records: one after the other, whatever they do."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import attrs

import interactionlog as il
from interactionlog.testing.race_calls import CALLS, Call
from interactionlog.testing.race_world import (
    Numbers,
    State,
    difference,
    numbers_of,
    rows_of,
    state_of,
)

Gate = Callable[[str], None]
"""Called with the text of a statement before it runs."""
BEGIN, END = "(a unit of work begins)", "(a unit of work ends)"
OWN_TRANSACTION_ENDED = "(a transaction beside it has ended)"
_LIMIT = 60.0
"""Seconds after which the contract itself hangs."""
_PATIENCE = 10_000
"""So often it is asked whether a caller has ended, or waits for the other, until it hangs."""
_MOST = 3_000
"""Statements after which a call is taken to be endless."""
_AGAIN = "an operational error"
_TABLE = re.compile(r"interactionlog_([a-z]\w*)")
_WRITTEN = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM|COPY)\s+\S*?interactionlog_(\w+)")
_LOCKING = re.compile(r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE)|\bFOR KEY SHARE")
_OF_RECORDS = ("NotFoundError", "EntryNotFoundError", "DuplicateEntryError")
"""Errors that say what is there: in one of the serial orders that must be so."""
_FREEING = re.compile(r"\(a transaction beside|ROLLBACK")


class RaceBench(Protocol):
    """
    What the fixture ``races`` gives: worlds that `populate` filled, and ways into them.

    Attributes:
        numbers: What ``populate`` returned; the same in every world.
        one_writer: One transaction writes at a time: where the first stands makes no difference.
        seed: Decides about their order.
    """

    numbers: Numbers
    one_writer: bool
    seed: int

    def fresh(self) -> Any:
        """Return a new copy of the world; earlier ones are not used any more."""

    def begin(self, world: Any, gate: Gate | None, who: int) -> AbstractContextManager[Any]:
        """
        Open a unit of work that writes, in the thread of the caller ``who`` (1 or 2; 0 for none).

        ``gate`` is called with the text of each statement before it runs, and with
        `OWN_TRANSACTION_ENDED` after a transaction beside the unit of work has ended.
        """

    def read(self, world: Any) -> AbstractContextManager[Any]:
        """Open a unit of work of the user TESTER that only reads."""

    def waits(self, who: int) -> bool:
        """Say whether that caller waits for a lock of the other one."""

    def again(self, error: BaseException) -> bool:
        """Say whether ``store.run`` tries again after that error."""

    def time_is_up(self) -> bool:
        """Say whether no further interleavings are to be tried."""


class Outcome(NamedTuple):
    """What became of two calls: what each was told, and what the world holds."""

    first: str
    second: str
    state: State


@attrs.frozen
class Finding:
    """
    An interleaving of two calls that is like no serial order.

    Attributes:
        kind: ``lost`` (both succeed, the state is like none), ``untrue`` (an error says what is
            true in no order), ``trace`` (an error left something behind), ``both`` (both are
            refused, in no order so), ``raw`` (an undocumented error), ``endless``, ``hangs`` (the
            second waits for the first, but not in the database).
        stop: Statements that the first had run when the second began.
        ran, next: The last of them, and the first one after the second call.
        told: What became of the calls.
        difference: From the serial order that is nearest, or from the other call alone.
    """

    kind: str
    first: str
    second: str
    stop: int
    ran: str
    next: str
    told: tuple[str, str]
    difference: str

    def __str__(self) -> str:
        at = f"after {self.stop} statements, between\n    {self.ran}\n    {self.next}"
        told = "\n".join(f"  {text}" for text in self.told)
        return f"[{self.kind}] {self.first} | {self.second} {at}\n{told}\n{self.difference}"


@attrs.frozen
class _Alone:
    """A call without a rival: its statements and what became of it."""

    texts: Sequence[str]
    told: str
    state: State

    @cached_property
    def touched(self) -> tuple[frozenset[str], frozenset[str]]:
        """Tables that it uses, and those of them that it writes or locks."""
        each = [_touched(text) for text in self.texts]
        return frozenset().union(*(a for a, _ in each)), frozenset().union(*(b for _, b in each))


class _Turn:
    """The way of one caller through its statements; it may be stopped before one of them."""

    def __init__(self, stop: int | None = None) -> None:
        self.texts: list[str] = []
        self.released, self.idle = threading.Event(), threading.Event()
        self.settle: Callable[[], None] | None = None
        self.hangs = False
        self._stop = stop

    def gate(self, text: str) -> None:
        """Stop here, or let the other caller go on first with what was just set free."""
        if len(self.texts) == self._stop:
            self.idle.set()
            assert self.released.wait(_LIMIT), "the first caller was never released"
        elif self.settle and (text == BEGIN or _FREEING.match(self.texts[-1])):
            self.settle()
        if len(self.texts) > _MOST:
            raise _EndlessError
        self.texts.append(text)


class _EndlessError(BaseException):
    """Raised in a caller that goes round in circles; nothing may catch it."""


class Races:
    """Runs the calls of `CALLS` against each other on a bench, and tells what went wrong."""

    def __init__(self, bench: RaceBench, calls: Mapping[str, Call] = CALLS) -> None:
        self._bench, self._calls = bench, calls
        self._threads = [ThreadPoolExecutor(1) for _ in range(2)]
        self.interleavings = 0
        self._digests = {sha256(b"new").hexdigest()}
        with bench.read(bench.fresh()) as work:
            self._digests |= {each.digest for each in work.scan(il.Attachment)}
            self._rows = rows_of(work, self._digests)
        self._known = numbers_of(self._rows)
        self._began = state_of(self._rows, self._known, self._rows)
        self._alone: dict[tuple[str, int], _Alone] = {}

    def close(self) -> None:
        """End the threads."""
        for thread in self._threads:
            thread.shutdown(wait=False)

    def alone(self, name: str, who: int = 1) -> _Alone:
        """Return what a call does without a rival."""
        if (name, who) not in self._alone:
            world, turn = self._bench.fresh(), _Turn()
            told = self._start(world, name, who, turn).result(_LIMIT)
            self._alone[name, who] = _Alone(turn.texts, told, self._state(world, turn))
        return self._alone[name, who]

    def pairs(self) -> list[tuple[str, str]]:
        """Return the pairs of calls that use a common table that one of them writes, shuffled."""
        names = list(self._calls)
        pairs = [(first, second) for first in names for second in names]
        random.Random(self._bench.seed).shuffle(pairs)  # noqa: S311  # no secret
        return [pair for pair in pairs if self.stops(*pair)]

    def stops(self, first: str, second: str) -> list[int]:
        """
        Return the statements of the first call before which a second one makes a difference.

        Before one that commutes with the whole second call it would be as before the next.
        """
        texts = self.alone(first).texts
        used, written = self.alone(second, 2).touched
        mine, changed = self.alone(first).touched
        told = used and mine  # a store without statements does not tell its tables
        if told and not (changed & used or mine & written):
            return []
        if self._bench.one_writer:
            return [texts.index(END)]

        def meets(text: str) -> bool:
            reads, writes = _touched(text)
            return text in {BEGIN, END} or bool(writes & used or reads & written)

        return [place for place, text in enumerate(texts) if place > 0 and meets(text)]

    def findings(self, pairs: Sequence[tuple[str, str]] | None = None) -> Iterator[Finding]:
        """Try every interleaving of the pairs, or of those that time allows."""
        for first, second in self.pairs() if pairs is None else pairs:
            serial: list[Outcome] = []
            for stop in self.stops(first, second):
                if self._bench.time_is_up():
                    return
                serial = serial or self.serial(first, second)
                finding = self.tried(first, second, stop, serial)
                if finding is not None:
                    yield finding

    def serial(self, first: str, second: str) -> list[Outcome]:
        """Return what becomes of the calls one after the other."""
        found = []
        for order in ((1, 2), (2, 1)):
            world, told, turns = self._bench.fresh(), {}, (_Turn(), _Turn())
            for who in order:
                name, turn = (first, second)[who - 1], turns[who - 1]
                told[who] = self._start(world, name, who, turn).result(_LIMIT)
            found.append(Outcome(told[1], told[2], self._state(world, *turns)))
        # what begins several transactions may let another come between two of them
        for swapped, alone in enumerate((self.alone(first), self.alone(second, 2))):
            stops = [place for place, text in enumerate(alone.texts) if place and text == BEGIN]
            found += [self._interleaved(first, second, stop, swapped=swapped) for stop in stops]
        return found

    def tried(self, first: str, second: str, stop: int, serial: list[Outcome]) -> Finding | None:
        """Try one interleaving; return what is wrong with it."""
        self.interleavings += 1
        texts = self.alone(first).texts
        outcome = self._interleaved(first, second, stop)
        if outcome in serial:
            return None
        kind, expected = self._judged(first, second, outcome, serial)
        if kind == "honest":
            return None
        differing = [(difference(outcome.state, each.state), each) for each in expected]
        text, nearest = min(differing, key=lambda pair: len(pair[0]))
        if nearest[:2] != outcome[:2]:
            text += f"\n  and not told: {nearest.first} | {nearest.second}"
        ran, then = (texts[place] if place < len(texts) else "" for place in (stop - 1, stop))
        return Finding(kind, first, second, stop, ran, then, outcome[:2], text)

    def _judged(
        self, first: str, second: str, outcome: Outcome, serial: Sequence[Outcome]
    ) -> tuple[str, Sequence[Outcome]]:
        told = outcome[:2]
        failed = [not text.startswith("ok") for text in told]
        words = {word for text in told for word in (text.split()[0], text.split()[-1])}
        for kind in ("hangs", "endless", "raw"):
            if kind in words:
                return kind, serial
        if failed[0] == failed[1]:
            return ("both" if failed[0] else "lost"), serial
        who = failed.index(True)
        other = self.alone((first, second)[1 - who], 2 - who)
        if outcome.state != other.state:
            return "trace", [Outcome(*told, other.state)]
        kinds = {each[:2][who].split()[0] for each in serial}
        says = told[who].split()[0]
        return ("untrue" if says in {*_OF_RECORDS} - kinds else "honest"), serial

    def _interleaved(self, first: str, second: str, stop: int, *, swapped: int = 0) -> Outcome:
        """Let one caller run that many statements, then the other one whole, then the rest."""
        world, names = self._bench.fresh(), {1: first, 2: second}
        one, other = (2, 1) if swapped else (1, 2)
        turns = {one: _Turn(stop), other: _Turn()}
        told = {one: self._start(world, names[one], one, turns[one])}
        assert turns[one].idle.wait(_LIMIT), f"{names[one]} neither stops nor ends"
        told[other] = self._start(world, names[other], other, turns[other])

        def settle() -> None:
            for _ in range(_PATIENCE):
                if turns[other].idle.wait(0.001) or self._bench.waits(other):
                    return
            turns[other].hangs = True

        settle()
        turns[one].settle = settle
        turns[one].released.set()
        texts = {who: each.result(_LIMIT) for who, each in told.items()}
        for who in (other, one):
            if texts[who] == _AGAIN:
                again = _Turn()
                texts[who] = self._start(world, names[who], who, again).result(_LIMIT)
                turns[who].texts += again.texts
        hangs = " hangs" if turns[other].hangs else ""
        return Outcome(texts[1], texts[2] + hangs, self._state(world, *turns.values()))

    def _start(self, world: Any, name: str, who: int, turn: _Turn) -> Future[str]:
        future = self._threads[who - 1].submit(self._told, world, self._calls[name], who, turn)
        future.add_done_callback(lambda _: turn.idle.set())
        return future

    def _told(self, world: Any, call: Call, who: int, turn: _Turn) -> str:
        try:
            store = _Store(self._bench, world, turn.gate, who)
            if call.store:
                result = call.act(store, self._bench.numbers, who)
            else:
                result = store.run(lambda work: call.act(work, self._bench.numbers, who))
        except il.InteractionLogError as error:
            return f"{type(error).__name__} {getattr(error, 'code', '')}: {str(error)[:300]}"
        except _EndlessError:
            return "endless"
        except Exception as error:
            return _AGAIN if self._bench.again(error) else f"raw {error!r}"
        return f"ok {result!r}" if isinstance(result, (bool, int, str)) else "ok"

    def _state(self, world: Any, *turns: _Turn) -> State:
        """Return what the world holds; of tables that nobody wrote that is known."""
        texts = [text for turn in turns for text in turn.texts]
        written = {table for text in texts for table in _touched(text)[1]}
        if not any(_touched(text)[0] for text in texts):  # no statements are told here
            written = set(self._rows)
        if "no_series_line" in written:
            written |= {"number_counter", "number_ledger"}
        with self._bench.read(world) as work:
            rows = rows_of(work, self._digests, written)
        among = rows.keys()
        return {**self._began, **state_of({**self._rows, **rows}, self._known, among)}


class _Store:
    """A world as a store that owns its transactions; what was in the way is tried again outside."""

    def __init__(self, bench: RaceBench, world: Any, gate: Gate, who: int) -> None:
        self._bench, self._world, self._gate, self._who = bench, world, gate, who

    @contextmanager
    def read(self) -> Iterator[Any]:
        self._gate(BEGIN)
        with self._bench.read(self._world) as work:
            yield work

    def run(self, action: Callable[[Any], Any], *, user_id: str = "TESTER") -> Any:  # noqa: ARG002
        self._gate(BEGIN)
        with self._bench.begin(self._world, self._gate, self._who) as work:
            result = action(work)
            self._gate(END)
        return result


@lru_cache(maxsize=4096)  # a driver may put values into the text
def _touched(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the tables that a statement uses, and those of them that it writes or locks."""
    # numbers of a sequence are given in the order of asking: names that end so are sequences
    used = frozenset(name for name in _TABLE.findall(text) if not name.endswith("_no"))
    return used, used if _LOCKING.search(text) else used & frozenset(_WRITTEN.findall(text))
