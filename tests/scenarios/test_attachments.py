"""Area "Attachments"."""

from __future__ import annotations

import pytest

from interactionlog.attachments.attachment import AttachmentService


@pytest.mark.scenario("AttachmentStorageType.Attachment_Read")
def test_what_was_written_is_read(begin):
    with begin() as work:
        no = AttachmentService(work).store("Grüß Gott".encode()).no
    with begin.read() as work, AttachmentService(work).open(no) as content:
        assert content.read().decode() == "Grüß Gott"


@pytest.mark.scenario("AttachmentStorageType.Attachment_Read_Negative")
def test_an_empty_attachment_reads_as_nothing(begin):
    with begin() as work:
        attachments = AttachmentService(work)
        attachment = attachments.store(b"")
        assert attachment.size == 0
        with attachments.open(attachment.no) as content:
            assert content.read() == b""
