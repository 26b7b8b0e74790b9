"""
Pictures of the pages for the docs, taken in a browser: ``python tests/pictures.py [FOLDER]``.

Needs Chromium (Debian: ``apt-get install chromium``) and writes ``docs/how-to/page-*.png``.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

import interactionlog as il
from interactionlog.interchange import Reports, import_tables
from interactionlog.labels import Language

FOLDER = Path(__file__).parents[1] / "docs" / "how-to"
HEIGHTS = {"timeline": 760, "statistics": 840, "logged": 860, "plan": 380}
OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    "--force-device-scale-factor=0.66",
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def demo_company() -> il.MemoryStore:
    """Return a store with the demo's company after a few months of work."""
    clock = il.FixedClock("2026-01-12T09:30", zone="Europe/Rome")
    store = il.MemoryStore(clock=clock)
    with store.begin(user_id="MIRA") as work:
        with as_file(files("interactionlog.cli") / "demo_data") as folder:
            import_tables(work, folder)
        fischer = il.Contact(no="C099", company_no="C099", name="Fischer & Sohn")
        work.contacts.put(fischer)
        interactions = il.InteractionService(work)
        evaluations = list(il.Evaluation)
        contacts = [each for each in work.contacts.all() if not each.privacy_blocked]
        for number in range(40):
            contact = contacts[number % 7]
            clock.move(days=2, minutes=7)
            draft = interactions.start(contact.no, interaction_template_code="CALL")
            draft = interactions.change(
                draft,
                evaluation=evaluations[number % 5],
                duration_min=5 + 7 * (number % 6),
                cost_lcy=str(1200 + number * 37.5) if number == 9 else f"{number % 9}.50",
                salesperson_code="MIRA",
            )
            entry = interactions.finish(draft)
            if number % 11 == 5:
                il.LogEntryService(work).cancel(entry.entry_no)
        segment = il.SegmentService(work).create(
            "Invitation to the open day",
            interaction_template_code="INVITE",
            campaign_no="OPENDAY",
            salesperson_code="MIRA",
        )
        il.ContactSelection(work, segment.no).add(all_contacts=True)
        work.contacts.put(attrs.evolve(fischer, privacy_blocked=True))
        work.users.put(il.User(user_id="MIRA", salesperson_code="MIRA"))
    return store


def pages(language: Language = "en") -> dict[str, str]:
    """Return the pages of the demo's company by name."""
    store = demo_company()
    with store.begin(user_id="MIRA") as work:
        (segment,) = work.segments.all()
        plan = il.SegmentLogger(work).plan(segment.no)
        found = {"plan": Reports(work, language).plan(plan)}
        logged = il.SegmentLogger(work).log(segment.no)
        reports = Reports(work, language)
        return found | {
            "timeline": reports.timeline("C011"),
            "logged": reports.logged_segment(logged.entry_no),
            "statistics": reports.statistics(
                date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=180)
            ),
        }


def picture(html: Path, to: Path, width: int, height: int) -> None:
    """Take a picture of a page, at two thirds of its size."""
    with TemporaryDirectory() as data:
        size = [f"--screenshot={to}", f"--window-size={width},{height}", f"--user-data-dir={data}"]
        subprocess.run(
            ["chromium", *OPTIONS, *size, html.as_uri()], check=True, capture_output=True
        )


def main(folder: Path) -> None:
    """Write all pictures."""
    with TemporaryDirectory() as place:
        for name, text in pages().items():
            html = Path(place) / f"{name}.html"
            html.write_text(text, encoding="utf-8")
            picture(html, folder / f"page-{name}.png", 1200, HEIGHTS[name])
            if name == "timeline":
                picture(html, folder / f"page-{name}-narrow.png", 400, 900)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
