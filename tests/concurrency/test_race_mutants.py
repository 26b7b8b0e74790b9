"""The race contract catches each kind of fault that it was written for."""

from __future__ import annotations

from contextlib import closing

import attrs
import pytest

import interactionlog as il
from interactionlog.testing.race_calls import CALLS, Call
from interactionlog.testing.races import Races
from postgres import HOW_TO_START, WANTED
from race_benches import bench

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(not WANTED, reason=HOW_TO_START),
]


@pytest.fixture
def races(tmp_path):
    with bench("postgresql", tmp_path, seed=0, profile="deep", level="READ COMMITTED") as made:
        yield made


@pytest.fixture
def segments(races):
    """The class of the repository of segments, which a mutant changes."""
    with races.read(races.fresh()) as work:
        return type(work.segments)


def found(races, first, second, calls=CALLS):
    with closing(Races(races, calls)) as all_of:
        return list(all_of.findings([(first, second)]))


def kinds(findings):
    return {each.kind for each in findings}


FAULTY_ONCE = [
    ("DocumentLogger.log: again", "DocumentLogger.log: again"),
    ("SeriesChoice.take_manual", "NumberSeriesSetup.rename_series"),
    ("ContactSelection.reuse_saved", "SavedSelections.delete"),
    ("SegmentService.change: template", "template_languages.put"),
    ("CampaignService.delete_canceled_entries", "CampaignService.delete"),
    ("Privacy.erase", "Consents.release"),
    ("Privacy.erase", "SavedSelections.delete"),
    ("Privacy.retain", "Privacy.retain"),
    ("Privacy.erase: of entries", "SegmentLogger.follow_up"),
    ("SegmentLogger.undo", "Privacy.erase: of entries"),
    ("Seals.seal", "Privacy.erase: of entries"),
    ("LogEntryService.delete_canceled", "Privacy.erase: of entries"),
    ("InteractionService.finish", "Privacy.erase: of entries"),
    ("InteractionService.postpone", "Privacy.erase: of entries"),
    ("DocumentLogger.log", "Privacy.erase: of entries"),
    ("Consents.record", "Privacy.erase: of entries"),
]


def test_pairs_that_failed_once_are_tried_whole_in_every_run(races):
    """The contract tries as many of all pairs as its time allows; these were faults."""
    with closing(Races(races)) as all_of:
        assert list(all_of.findings(FAULTY_ONCE)) == []


def test_a_row_that_is_deleted_and_inserted_again_is_caught(races, monkeypatch):
    with races.read(races.fresh()) as work:
        records = type(work.campaigns)

    def put(self, record):
        if self.find(record.no) is not None:
            self.remove(record.no)
        self.add(record)

    monkeypatch.setattr(records, "put", put)
    findings = found(races, "campaigns.put", "campaigns.put")
    assert kinds(findings) == {"untrue"}
    assert "campaign CP1 does not exist" in str(findings[0].told)


def test_a_whole_record_that_is_read_changed_and_written_back_is_caught(races):
    def change(work, numbers, who):
        campaign = work.campaigns.get("CP1")
        field = "description" if who == 1 else "status_code"
        work.campaigns.put(attrs.evolve(campaign, **{field: "changed"}))

    findings = found(races, "change", "change", {"change": Call(change)})
    assert "lost" in kinds(findings)


def test_a_lock_that_passes_over_no_row_is_caught(races, segments, monkeypatch):
    lock = segments.lock

    def passing(self, no):
        seen = self.get(no)
        try:
            return lock(self, no)
        except il.InteractionLogError:  # it was logged while this one waited
            return seen

    monkeypatch.setattr(segments, "lock", passing)
    findings = found(races, "SegmentLogger.log", "SegmentService.add_line")
    assert "lost" in kinds(findings)
    assert any("segment_line too much" in each.difference for each in findings)


def test_what_is_read_before_the_lock_is_caught(races, segments, monkeypatch):
    lock, last_line_no = segments.lock, segments.last_line_no

    def late(self, no):
        self.seen = last_line_no(self, no)
        return lock(self, no)

    monkeypatch.setattr(segments, "lock", late)
    monkeypatch.setattr(segments, "last_line_no", lambda self, _: self.seen)
    findings = found(races, "SegmentService.add_line", "SegmentService.add_line")
    assert findings


def test_a_look_before_a_write_with_no_lock_between_is_caught(races):
    def choose(work, numbers, who):
        if not work.reference_codes.all(il.ReferenceKind.MAILING_GROUP, f"OF{3 - who}"):
            code = il.ReferenceCode(kind=il.ReferenceKind.MAILING_GROUP, code=f"OF{who}")
            work.reference_codes.add(code)

    assert kinds(found(races, "choose", "choose", {"choose": Call(choose)})) == {"lost"}


def test_callers_who_lock_first_are_let_through(races):
    assert not found(races, "SegmentService.add_line", "SegmentService.add_line")
