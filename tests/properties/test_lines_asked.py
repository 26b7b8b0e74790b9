"""The database finds exactly the lines whose contacts may not be written to, as Python does."""

from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

import interactionlog as il
from interactionlog.contacts.contact import AlternativeAddress
from interactionlog.privacy import Consent, Purpose, Suppression
from interactionlog.segments.logging.chunks import LineDecider, Tally
from interactionlog.testing import a_contact, add_segment
from interactionlog.testing.builders import DAY, MOMENT, a_segment, a_template, an_entry
from interactionlog.testing.strategies import entities
from stores import throw_away_works

MAIL, PAPER = il.CorrespondenceType.EMAIL, il.CorrespondenceType.HARD_COPY
NOS = ["CT1", "CT2", "CT3"]
DAYS = [DAY - timedelta(days) for days in (0, 1, 7, 30)]
PURPOSES = [None, "NEWS", "OFFERS", "BILLS"]
lines = st.lists(
    entities(
        il.SegmentLine,
        segment_no="SM1",
        line_no=1,
        added_by_step=0,
        contact_no=st.sampled_from([*NOS, "CT9", None]),
        contact_alt_address_code=st.sampled_from([None, "HOME"]),
        salesperson_code="HR",
        interaction_template_code=st.sampled_from(["LETTER", "NEWS", "OFFERS", "BILLS"]),
        campaign_no=None,
        date=st.sampled_from([DAY, DAY - timedelta(1), None]),
        correspondence_type=st.sampled_from([None, MAIL, PAPER]),
        attachment_no=None,
    ),
    min_size=1,
    max_size=5,
)
facts = st.lists(
    entities(
        Consent,
        entry_no=1,
        contact_no=st.sampled_from(NOS),
        channel=st.sampled_from([None, "MAIL", "LETTER"]),
        purpose_code=st.sampled_from(["NEWS", "OFFERS"]),
        date=st.sampled_from(DAYS),
        recorded_at=MOMENT,
    ),
    max_size=6,
)
entries = st.lists(
    entities(
        il.InteractionLogEntry,
        entry_no=1,
        contact_no=st.sampled_from(NOS),
        date=st.sampled_from(DAYS),
        correspondence_type=st.sampled_from([None, MAIL, MAIL]),
        information_flow=st.sampled_from([None, *il.InformationFlow]),
        cancel_state=st.sampled_from([0, 0, 0, 1]),
        postponed=st.sampled_from([False, False, False, True]),
        attempt_failed=st.sampled_from([False, False, False, True]),
        logged_segment_entry_no=st.sampled_from([None, 7]),
        document_no=None,
        attachment_no=None,
        modified_word_template=None,
        recorded_at=MOMENT,
        created_at=None,
    ),
    max_size=6,
)
policies = st.sampled_from(
    [
        il.LoggingPolicy(pressure=pressure)
        for pressure in (None, il.privacy.ContactPressure(1, 2), il.privacy.ContactPressure(2, 30))
    ]
)


def set_up(work, values, said, made, purpose):
    """Store a segment of these lines, with what was said and what was written before."""
    add_segment(work, "SM0", [])
    for needs, code in (("opt-in", "NEWS"), ("opt-out", "OFFERS"), ("nothing", "BILLS")):
        work.records(Purpose).put(Purpose(code=code, needs=needs))
        work.templates.put(a_template(code, purpose_code=code))
    for no in NOS:
        work.contacts.put(a_contact(no, e_mail=f"{no}@Example.com"))
    work.contacts.put_address(AlternativeAddress(contact_no="CT1", code="HOME", e_mail="h@x.it"))
    for address, channel in (
        ("H@x.it", None),
        ("ct2@example.COM", "MAIL"),
        ("ct3@example.com", "X"),
    ):
        work.suppressions.put(Suppression(address=address, channel=channel, recorded_at=MOMENT))
    work.segments.add(a_segment("SM1", purpose_code=purpose))
    work.segments.add_lines([attrs.evolve(line, line_no=n) for n, line in enumerate(values, 1)])
    for number, fact in enumerate(said, 1):
        work.records(Consent).add(attrs.evolve(fact, entry_no=number))
    for number, entry in enumerate(made, 1):
        work.interactions.add(attrs.evolve(entry, entry_no=number))


@given(
    values=lines,
    said=facts,
    made=entries,
    policy=policies,
    purpose=st.sampled_from(PURPOSES),
    batch_of=st.sampled_from([None, 7]),
)
def test_what_the_database_is_asked_is_what_python_finds(
    values, said, made, policy, purpose, batch_of
):
    tallies = []
    for store in throw_away_works():
        with store as work:
            set_up(work, values, said, made, purpose)
            segment = work.segments.get("SM1")
            for every in (False, True):
                tally = Tally()
                options = {"deliver": False, "batch_of": batch_of, "every": every}
                decider = LineDecider(work, segment, policy, **options)
                read = [line for part in decider.parts(tally) for line in part.read]
                if not every and work.session.__class__.__name__ == "SqlSession":
                    assert [line.line_no for line in read] == [no for no, *_ in tally.findings]
                tallies.append((tally.findings, tally.counts))
    assert all(tally == tallies[0] for tally in tallies)


def test_the_examples_have_each_finding():
    """A canary of the strategies above: each code comes of a line that is written by hand."""
    line = il.SegmentLine(
        segment_no="SM1",
        line_no=1,
        contact_no="CT1",
        salesperson_code="HR",
        interaction_template_code="OFFERS",
        correspondence_type=MAIL,
        date=DAY,
    )
    values = [
        attrs.evolve(line, interaction_template_code="NEWS"),
        attrs.evolve(line, contact_no="CT2"),
        attrs.evolve(line, contact_no="CT3"),
    ]
    sent = {"correspondence_type": MAIL, "information_flow": il.InformationFlow.OUTBOUND}
    made = [an_entry(1, "CT3", date=DAY - timedelta(1), attempt_failed=False, **sent)]
    for store in throw_away_works():
        with store as work:
            set_up(work, values, [], made, None)
            policy = il.LoggingPolicy(pressure=il.privacy.ContactPressure(1, 2))
            tally = Tally()
            decider = LineDecider(work, work.segments.get("SM1"), policy, deliver=False)
            assert len(list(decider.parts(tally))) == 1
            assert [(no, codes) for no, _, codes in tally.findings] == [
                (1, ("no-consent",)),
                (2, ("suppressed",)),
                (3, ("contacted-recently",)),
            ]
