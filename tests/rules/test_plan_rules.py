"""The plan is the dry run and the order: exactly that is logged, or nothing."""

from __future__ import annotations

import io

import pytest

import interactionlog as il
from interactionlog.testing import a_contact, a_line, add_segment


def test_a_plan_writes_nothing(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
    with begin.read() as work:
        plan = il.SegmentLogger(work).plan("SM1")
        assert (plan.counts.logged, plan.refusal) == (1, None)
    with begin() as work:
        assert work.segments.get("SM1").version == 0
        assert work.logged_segments.all() == []


def test_a_plan_tells_counts_cost_and_minutes(begin):
    with begin() as work:
        add_segment(work, "SM1", [None])
        work.contacts.put(a_contact("CT1"))
        work.segments.add_lines(
            [
                a_line(20_000, "CT1", "SM1", cost_lcy="7.25", duration_min=12),
                a_line(30_000, "CT1", "SM1", cost_lcy="0.75", duration_min=3),
            ]
        )
        plan = il.SegmentLogger(work).plan("SM1")
        assert (plan.counts.logged, plan.counts.left_out, plan.counts.refused) == (2, 1, 0)
        assert plan.counts.reasons == {"duplicate": 1, "no-contact": 1}
        assert (plan.cost_lcy, plan.duration_min) == (8, 15)
        assert repr(plan) == "SegmentPlan(SM1: 2 logged, 1 left out, 0 refused)"


@pytest.mark.parametrize(
    ("contacts", "header"),
    [
        (["CT1"], {"description": " "}),
        (["CT1"], {"incomplete": True}),
        ([], {}),
        ([None], {}),
        (["CT9"], {}),  # no such contact
    ],
)
def test_a_plan_tells_what_logging_refuses_the_segment_for(begin, contacts, header):
    with begin() as work:
        add_segment(work, "SM1", contacts)
        if "CT9" in contacts:
            work.records(il.Contact).remove("CT9")
        work.segments.set("SM1", **header)
        plan = il.SegmentLogger(work).plan("SM1")
        with pytest.raises(il.InteractionLogError) as refused:
            il.SegmentLogger(work).log("SM1", plan=plan)
        assert plan.refusal == str(refused.value)
        assert plan.refusal in plan._repr_html_()


def test_a_plan_of_a_segment_that_is_logged_in_batches_tells_that(store):
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", ["CT1", "CT2"])

    def stopped(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        il.BatchRun(store, user_id="TESTER").log("SM1", size=1, on_progress=stopped)
    with store.read() as work:
        assert "resume it or undo it" in il.SegmentLogger(work).plan("SM1").refusal


def test_a_plan_streams_every_line_with_its_decision_and_reasons(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", None, "CT1"])
        work.segments.add_lines([a_line(40_000, "CT1", "SM1", salesperson_code=None)])
        lines = list(il.SegmentLogger(work).plan("SM1").lines())
        assert [(each.line.line_no, each.decision.name, each.reasons) for each in lines] == [
            (10_000, "LOG", ()),
            (20_000, "LEAVE_OUT", ("no-contact",)),
            (30_000, "LOG", ("duplicate",)),
            (40_000, "REFUSE", ("salesperson-missing",)),
        ]


def test_a_plan_streams_all_lines_with_findings_not_only_the_first_thousand(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"] * 1_010 + ["CT2", None])
        plan = il.SegmentLogger(work).plan("SM1")
        assert len(plan.findings) == 1_000
        noted = list(plan.noted())
        assert noted == [each for each in plan.lines() if each.reasons]
        assert [each.line.line_no for each in noted] == [
            10_000 * no for no in range(2, 1_013) if no != 1_011
        ]


def test_the_html_of_a_plan_is_escaped(begin):
    with begin() as work:
        add_segment(work, "<B>", ["CT1"])
        html = il.SegmentLogger(work).plan("<B>")._repr_html_()
        assert "<B>" not in html
        assert "&lt;B&gt;" in html


@pytest.mark.parametrize("form", ["plan", "token"])
def test_the_plan_of_another_segment_is_told_as_that_and_logs_nothing(begin, form):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        add_segment(work, "SM2", ["CT1"])
        plan = il.SegmentLogger(work).plan("SM1")
        with pytest.raises(il.UsageError, match="one of segment SM1, not of SM2"):
            il.SegmentLogger(work).log("sm2", plan=plan if form == "plan" else plan.token)
        assert work.logged_segments.all() == []


@pytest.mark.parametrize("form", ["plan", "token"])
def test_exactly_the_plan_is_logged(begin, form):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", None])
        plan = il.SegmentLogger(work).plan(
            "SM1", policy=il.LoggingPolicy(duplicate=il.Treatment.REFUSE)
        )
        logged = il.SegmentLogger(work).log("SM1", plan=plan if form == "plan" else plan.token)
        assert logged.counts == plan.order.counts
        assert logged.policy.duplicate is il.Treatment.REFUSE
        assert logged.plan_token == plan.token


@pytest.mark.parametrize("form", ["plan", "token"])
def test_a_plan_is_outdated_when_a_contact_was_blocked_since(begin, form):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        plan = il.SegmentLogger(work).plan("SM1")
        work.contacts.put(a_contact("CT2", privacy_blocked=True))
        with pytest.raises(il.PlanOutdatedError) as outdated:
            il.SegmentLogger(work).log("SM1", plan=plan if form == "plan" else plan.token)
        assert outdated.value.planned == {"log": 3}
        assert outdated.value.found == {"leave-out": 1, "log": 2, "privacy-blocked": 1}
        assert not outdated.value.segment_changed
        assert outdated.value.differing_line_nos == ((20_000,) if form == "plan" else ())
        assert work.segments.get("SM1").version == 0
        assert work.interactions.newest(il.LogFilter()) == []


def test_a_plan_is_outdated_when_the_segment_was_changed_since(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        plan = il.SegmentLogger(work).plan("SM1")
        il.SegmentService(work).add_line("SM1", "CT1")
        with pytest.raises(il.PlanOutdatedError) as outdated:
            il.SegmentLogger(work).log("SM1", plan=plan)
        assert outdated.value.segment_changed


def test_a_plan_of_the_same_counts_but_other_lines_is_outdated(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        work.contacts.put(a_contact("CT1", privacy_blocked=True))
        plan = il.SegmentLogger(work).plan("SM1")
        work.contacts.put(a_contact("CT1"))
        work.contacts.put(a_contact("CT2", privacy_blocked=True))
        with pytest.raises(il.PlanOutdatedError) as outdated:
            il.SegmentLogger(work).log("SM1", plan=plan)
        assert outdated.value.differing_line_nos == (10_000, 20_000)


def test_a_plan_is_outdated_also_when_what_there_is_now_would_be_refused(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        plan = il.SegmentLogger(work).plan("SM1")
        work.salespeople.put(il.Salesperson(code="HR", blocked=True))
        with pytest.raises(il.PlanOutdatedError) as outdated:
            il.SegmentLogger(work).log("SM1", plan=plan)
        assert outdated.value.differing_line_nos == (10_000,)
        refused = il.SegmentLogger(work).plan("SM1")
        with pytest.raises(il.CheckFailedError):
            il.SegmentLogger(work).log("SM1", plan=refused)


def test_policy_and_plan_do_not_go_together(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        plan = il.SegmentLogger(work).plan("SM1")
        for further in ({"policy": il.LoggingPolicy()}, {"deliver": True}):
            with pytest.raises(il.UsageError):
                il.SegmentLogger(work).log("SM1", plan=plan, **further)


@pytest.mark.parametrize("token", ["", "nonsense", "e30", "eyJzIjoxfQ", "\x00"])
def test_what_is_no_token_is_refused(begin, token):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        with pytest.raises(il.UsageError):
            il.SegmentLogger(work).log("SM1", plan=token)
        assert work.segments.get("SM1").version == 0


def saved(work):
    file = io.StringIO()
    il.SegmentLogger(work).plan("SM1").save(file)
    return file.getvalue().splitlines()


def test_two_saved_plans_tell_who_came_who_went_and_what_changed(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        before = saved(work)
        work.contacts.put(a_contact("CT1", privacy_blocked=True))
        work.segments.remove_lines("SM1", [20_000])
        work.segments.add_lines([a_line(40_000, "CT3", "SM1")])
        changes = list(il.SegmentPlan.diff(before, saved(work)))
        assert [
            (
                change.line_no,
                change.before and change.before.decision,
                change.after and change.after.decision,
            )
            for change in changes
        ] == [
            (10_000, "log", "leave-out"),
            (20_000, "log", None),
            (40_000, None, "log"),
        ]
        assert list(il.SegmentPlan.diff(before, before)) == []


def test_a_replaced_contact_is_one_who_went_and_one_who_came(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        before = saved(work)
        work.segments.remove_lines("SM1", [10_000])
        work.contacts.put(a_contact("CT2"))
        work.segments.add_lines([a_line(10_000, "CT2", "SM1")])
        went, came = il.SegmentPlan.diff(before, saved(work))
        assert (went.before.contact_no, went.after) == ("CT1", None)
        assert (came.before, came.after.contact_no) == (None, "CT2")


@pytest.mark.parametrize("lines", [[], ["x"], ['{"format": 9}'], ["[1]"]])
def test_what_is_no_saved_plan_is_refused(lines):
    with pytest.raises(il.UsageError):
        list(il.SegmentPlan.diff(lines, lines))


def test_a_plan_is_not_that_of_a_segment_that_was_made_again_under_its_number(begin):
    def make(work, *nos):
        line = work.segments.line("SM1", 10_000)
        values = {
            name: getattr(line, name) for name in ("interaction_template_code", "salesperson_code")
        }
        il.SegmentService(work).create("Spring", no="SM9", **values)
        for no in nos:
            il.SegmentService(work).add_line("SM9", no)

    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        make(work, "CT1", "CT2")
        plan = il.SegmentLogger(work).plan("SM9")
        il.SegmentService(work).delete("SM9")
    begin.clock.move(milliseconds=1)
    with begin() as work:
        make(work, "CT1", "CT3")
        for order in (plan, plan.token):
            with pytest.raises(il.PlanOutdatedError):
                il.SegmentLogger(work).log("SM9", plan=order)
