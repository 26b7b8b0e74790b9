"""The three kinds of hooks."""

from __future__ import annotations

import attrs
import pytest

import interactionlog as il
from company import add_company, add_language, set_up
from interactionlog.errors import UsageError
from interactionlog.hooks import Hooks
from interactionlog.interactions.rules import COUNTED
from interactionlog.interactions.service import InteractionService
from interactionlog.testing import add_segment
from interactionlog.values import CorrespondenceType

HARD_COPY = CorrespondenceType.HARD_COPY


class Danish:
    def resolve_language(self, work, template, contact):
        return "DAN"


class Paper:
    def resolve_correspondence_type(self, work, template, contact):
        return HARD_COPY if contact else None


class Everything(Danish, Paper):
    def check_draft(self, work, draft):
        return ()

    def check_line(self, work, line, contact):
        return ()

    def resolve_document_template(self, work, document_type, contact):
        return None

    def interactions_logged(self, work, entries):
        pass


def test_resolvers_replace_the_choice_of_language_and_correspondence_type(begin):
    with begin.with_hooks([Danish(), Paper()])() as work:
        set_up(work, language_code_default="ENU")
        add_company(work, correspondence_type=CorrespondenceType.EMAIL)
        add_language(work, "T1", "DAN", word_template_code="W")
        draft = InteractionService(work).start("C", interaction_template_code="T1")
    assert (draft.language_code, draft.word_template_code) == ("DAN", "W")
    assert draft.correspondence_type is HARD_COPY


def test_an_object_is_sorted_by_the_methods_that_it_has():
    one = Everything()
    hooks = Hooks([Danish(), one])
    assert hooks.language is hooks.correspondence_type is hooks.document_template is one
    assert hooks.draft_checks == hooks.line_checks == hooks.observers == (one,)
    assert Hooks().language is None


def test_an_object_without_any_of_the_methods_is_refused():
    with pytest.raises(UsageError, match=r"is not a hook.*check_draft, .*interactions_logged"):
        Hooks([object()])
    with pytest.raises(UsageError, match=r"Danish is a class: give an object, Danish\(\)"):
        Hooks([Danish])


class _Returns:
    def __init__(self, found):
        self.found = found

    def check_draft(self, work, draft):
        return self.found

    def check_line(self, work, line, contact):
        return self.found

    def __repr__(self):
        return "the check of the shop"


@pytest.mark.parametrize("found", [None, "busy", ["busy"], 7, object()])
def test_a_check_that_returns_no_problems_is_named(begin, found):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
    with begin.with_hooks([_Returns(found)])() as work:
        for call in _calls(work):
            with pytest.raises(il.UsageError, match="the check of the shop returned") as told:
                call()
            assert repr(found)[:60] in str(told.value)  # what it gave, and not a letter of it
        assert work.interactions.newest(il.LogFilter()) == []


def _calls(work):
    """Give the calls that ask checks about a segment SM1 and a draft for CT1."""
    return (
        lambda: il.SegmentLogger(work).plan("SM1"),
        lambda: il.SegmentLogger(work).log("SM1"),
        lambda: InteractionService(work).check(InteractionService(work).start("CT1")),
    )


_UNFIT = [
    *({"code": code} for code in sorted(COUNTED)),
    *(
        {"code": code}
        for code in (None, 7, ["x"], "", " ", "a b", "a,b", "a\0", "\ud800", "x" * 51)
    ),
    *({"message": message} for message in (None, 7)),
    *({"leave_out": flag} for flag in (None, 1, "yes")),
]


@pytest.mark.parametrize("leave_out", [True, False])
@pytest.mark.parametrize("unfit", _UNFIT, ids=ascii)
def test_a_check_whose_problem_could_not_be_counted_or_told_is_named(begin, unfit, leave_out):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
    fit = {"code": "busy", "message": "is busy", "leave_out": leave_out}
    begin = begin.with_hooks([_Returns([il.Problem(**{**fit, **unfit})])])
    with begin() as work:
        for call in _calls(work):
            with pytest.raises(il.UsageError, match="the check of the shop returned Problem"):
                call()
        assert work.interactions.newest(il.LogFilter()) == []


def test_what_lines_are_counted_under_is_no_code_of_a_check():
    assert {treatment.value for treatment in il.Treatment} | {"deleted"} == COUNTED


class _Objects:
    """Objects to the line of one contact."""

    def __init__(self, contact_no, *problems):
        self.contact_no, self.problems = contact_no, problems

    def check_line(self, work, line, contact):
        return self.problems if line.contact_no == self.contact_no else ()


def test_a_line_counts_once_under_a_code_however_often_it_is_found(begin):
    found = il.Problem(code="busy", message="is busy", leave_out=True)
    with begin.with_hooks([_Objects("CT1", found, found), _Objects("CT1", found)])() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
        plan = il.SegmentLogger(work).plan("SM1")
        logged = il.SegmentLogger(work).log("SM1", plan=plan)
        assert plan.counts.reasons == {"busy": 1}
        assert logged.counts == {"busy": 1, "leave-out": 1, "log": 1}
        assert [each.reasons for each in il.LoggedSegments(work).left_out(logged.entry_no)] == [
            ("busy",)
        ]


def test_a_line_that_the_policy_leaves_out_is_not_refused_by_a_check(begin):
    check = _Objects("CT1", il.Problem(code="wrong", message="this must not be"))
    begin = begin.with_hooks([check])
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
        work.contacts.put(attrs.evolve(work.contacts.get("CT1"), privacy_blocked=True))
        logged = il.SegmentLogger(work).log("SM1")
        assert logged.counts == {"leave-out": 1, "log": 1, "privacy-blocked": 1, "wrong": 1}
        (left,) = il.LoggedSegments(work).left_out(logged.entry_no)
        assert left.reasons == ("privacy-blocked",)


@pytest.mark.parametrize("found", [None, 7, "CT1", object()])
def test_a_source_that_returns_no_numbers_is_named(begin, found):
    class Source:
        source = "orders"

        def contacts_with(self, work, conditions):
            return found

        def __repr__(self):
            return "the orders of the shop"

    with begin.with_hooks([Source()])() as work:
        add_segment(work, "SM1", ["CT1"])
        selection = il.ContactSelection(work, "SM1")
        asked = il.ContactFilter(elsewhere={"orders": {"item_no": "1000"}})
        for call in (
            lambda: selection.add(asked),
            lambda: selection.refine(asked),
            lambda: selection.preview(il.CriteriaAction.REDUCE, asked),
        ):
            with pytest.raises(il.UsageError, match="the orders of the shop returned") as told:
                call()
            assert repr(found) in str(told.value)
        assert not selection.steps()


class _DeletesTheFirst:
    def interactions_logged(self, work, entries):
        il.LogEntryService(work).cancel(entries[0].entry_no)
        il.LogEntryService(work).delete_canceled()


def test_an_entry_that_an_observer_deletes_is_counted(begin):
    with begin.with_hooks([_DeletesTheFirst()])() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
        assert il.SegmentLogger(work).log("SM1").counts == {"deleted": 1, "log": 2}
        with pytest.raises(il.UndoRefusedError, match="1 deleted"):
            il.SegmentLogger(work).undo("SM1")


class _Hook:
    """A hook with one method, which gives what it is told to."""

    def __init__(self, method, found):
        self.found = found
        setattr(self, method, lambda *_: self.found)

    source = "posted"

    def __repr__(self):
        return "the hook of the shop"


def _start(work):
    return InteractionService(work).start("CT1", interaction_template_code="LETTER")


def _invoice(work):
    kind = il.DocumentType.SALES_INVOICE
    invoice = il.Document(type=kind, no="1", account_kind="Contact", account_no="CT1")
    return il.DocumentLogger(work).log(invoice)


def _select(work):
    asked = il.ContactFilter(elsewhere={"posted": {"amount": 1}})
    return il.ContactSelection(work, "SM1").add(asked)


_ODD = (7, True, b"DAN", ["DAN"], "X" * 500, object())
ANSWERS = [
    *(("resolve_language", _start, found) for found in _ODD),
    *(("resolve_correspondence_type", _start, found) for found in (*_ODD, "EMAIL")),
    *(("resolve_document_template", _invoice, found) for found in (*_ODD, "")),
    *(("contacts_with", _select, found) for found in (None, "CT1", b"CT1", 7, [1], [["CT1"]])),
]


def test_an_answer_that_is_none_is_refused_with_the_name_of_the_hook(begin):
    from interactionlog.testing import add_segment

    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
    for method, call, found in ANSWERS:
        hooked = begin.with_hooks([_Hook(method, found)])
        with hooked() as work, pytest.raises(UsageError, match="the hook of the shop returned"):
            call(work)
    with begin() as work:
        assert work.interactions.newest(il.LogFilter()) == []
        assert work.segments.last_line_no("SM1") == 10_000


def test_a_language_that_is_chosen_in_another_spelling_has_its_content(begin):
    with begin.with_hooks([_Hook("resolve_language", " dan")])() as work:
        set_up(work)
        add_company(work)
        add_language(work, "T1", "DAN", word_template_code="W")
        draft = InteractionService(work).start("C", interaction_template_code="T1")
    assert (draft.language_code, draft.word_template_code) == ("DAN", "W")


async def _later(*_):
    """Nobody waits for it."""


@pytest.mark.parametrize("method", ["check_draft", "resolve_language", "interactions_logged"])
@pytest.mark.parametrize("given", [_later, 7])
def test_what_cannot_be_called_here_is_no_method_of_a_hook(method, given):
    hook = _Hook(method, ())
    setattr(hook, method, given)
    with pytest.raises(UsageError, match=rf"^{method} of a hook must be a method.*of the shop"):
        Hooks([hook])


def test_no_observer_takes_entries_from_the_others(begin):
    seen = []

    class Taking:
        def interactions_logged(self, work, entries):
            seen.append(len(entries))
            with pytest.raises((AttributeError, TypeError)):
                entries.clear()
            with pytest.raises(TypeError):
                del entries[0]

    from interactionlog.testing import add_segment

    with begin.with_hooks([Taking(), Taking()])() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
        draft = InteractionService(work).change(_start(work), salesperson_code="HR")
        InteractionService(work).finish(draft)
        il.SegmentLogger(work).log("SM1")
    assert seen == [1, 1, 2, 2]
