"""Pages in a real browser: nothing of them is cut off, on paper and on a narrow screen."""

from __future__ import annotations

import pytest

import interactionlog as il
from embedding.browser import HOW_TO_GET, browser, wanted
from interactionlog.interchange import Reports
from interactionlog.testing import a_contact, a_template

pytestmark = pytest.mark.skipif(not wanted(), reason=HOW_TO_GET)

A4, TELEPHONE = (718, "print"), (360, "screen")
LONG = "W" * 100
CUT = """
    return [document.documentElement, ...document.querySelectorAll(".il-wide")]
        .map(each => each.scrollWidth - each.clientWidth);
"""


def pages():
    """Return a page of each kind, about somebody with long words and every field."""
    with il.MemoryStore().begin(user_id="HELENA") as work:
        work.salespeople.put(il.Salesperson(code="HR", name="Helena Ray"))
        work.templates.put(a_template("T1", description="Outgoing call"))
        work.contacts.put(
            a_contact("C1", name=LONG, e_mail=f"{'x' * 60}@example.org", city="Merano")
        )
        work.campaigns.put(il.Campaign(no="CP1", description=LONG))
        service = il.InteractionService(work)
        for text in (LONG, "Asked for the spring price list"):
            draft = service.start("C1", interaction_template_code="T1", salesperson_code="HR")
            draft = service.change(
                draft,
                description=text,
                campaign_no="CP1",
                evaluation=il.Evaluation.VERY_POSITIVE,
                comments=(il.DraftComment(comment=LONG * 3),),
            )
            service.finish(draft)
        il.SegmentService(work).create(
            LONG, no="S1", interaction_template_code="T1", salesperson_code="HR"
        )
        il.ContactSelection(work, "S1").add(all_contacts=True)
        il.SegmentService(work).add_line("S1")
        reports = Reports(work)
        plan = il.SegmentLogger(work).plan("S1")
        yield "plan", reports.plan(plan)
        logged = il.SegmentLogger(work).log("S1", plan=plan)
        yield "logged segment", reports.logged_segment(logged.entry_no)
        yield "timeline", reports.timeline("C1")
        yield "statistics", reports.statistics()
        yield "privacy report", il.Privacy(work).report("C1").to_html()


def test_nothing_of_a_page_is_cut_off(tmp_path):
    with browser(tmp_path) as driver:
        for name, html in pages():
            page = tmp_path / "page.html"
            page.write_text(html, encoding="utf-8")
            driver.get(page.as_uri())
            for width, media in (A4, TELEPHONE):
                size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
                driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
                page_itself, *tables = driver.execute_script(CUT)
                assert page_itself == 0, (name, media)
                assert media == "screen" or not any(tables), name  # paper cannot be moved
