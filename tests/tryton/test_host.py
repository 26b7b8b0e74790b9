"""Inside Tryton's transactions: a record of Tryton and a segment stand or fall together."""

from __future__ import annotations

import pytest
from trytond import backend

import interactionlog as il
from embedding.test_hosts import (  # noqa: F401  # the rules of every host
    check_that_a_serialization_failure_can_be_tried_again,
    logged,
    order_and_logging,
    set_up,
    test_a_block_that_fails_leaves_the_order_to_the_host,
    test_a_refused_rule_leaves_the_hosts_transaction_usable,
    test_a_taken_key_leaves_the_hosts_transaction_usable,
    test_content_is_bytes_whatever_the_driver_makes_of_them,
    test_functions_of_the_host_join_inside_each_other,
    test_many_lines_are_written_and_read_back,
    test_migrate_finds_nothing_to_do,
    test_several_calls_in_one_request_see_each_other,
    test_the_host_commits_order_and_segment_together,
    test_the_host_rolls_back_order_and_segment_together,
)
from interactionlog.errors import UsageError
from interactionlog.testing import an_entry
from tryton.host import TrytonHost

on_sqlite = backend.name == "sqlite"


@pytest.fixture
def host(tmp_path):
    return TrytonHost(tmp_path)


@pytest.mark.skipif(on_sqlite, reason="one connection to SQLite has no rival")
def test_a_serialization_failure_is_what_tryton_tries_again_and_the_retry_succeeds(host):
    failure = check_that_a_serialization_failure_can_be_tried_again(host)
    assert type(failure).__name__ == "SerializationFailure"
    assert isinstance(failure, backend.DatabaseOperationalError)


def test_a_unit_of_work_may_come_before_any_statement_of_tryton(host):
    """Tryton's driver begins on SQLite with the first writing statement; joining is one."""
    set_up(host)
    with pytest.raises(ZeroDivisionError), host.transaction() as connection:
        with host.store.join(connection, user_id="A") as work:
            il.SegmentLogger(work).log("SM00001")
        _ = 1 / 0
    assert logged(host) == 0


def test_after_a_commit_in_the_middle_of_a_request_a_new_transaction_begins(host):
    """On SQLite caches of Tryton 8 leave the connection without transactions, which is refused."""
    set_up(host)
    with pytest.raises((ZeroDivisionError, UsageError)), host.transaction() as connection:
        order_and_logging(host, connection)
        connection.commit()
        with host.store.join(connection, user_id="A") as work:
            work.interactions.add(an_entry(101))
        _ = 1 / 0
    assert host.orders() == ["SO-1"]
    assert logged(host) == 2


def test_a_reading_transaction_reads(host):
    set_up(host)
    with (
        host.transaction(readonly=True) as connection,
        host.store.join(connection, user_id="A") as work,
    ):
        assert work.segments.get("SM00001").description == "Segment"


def test_autocommit_is_refused_with_advice(host):
    with (
        host.transaction(autocommit=True) as connection,
        pytest.raises(UsageError, match="by itself here" if on_sqlite else "begin one"),
    ):
        host.store.join(connection, user_id="A").__enter__()


def test_a_commit_of_tryton_inside_the_block_is_noticed(host):
    with (
        host.transaction() as connection,
        pytest.raises(UsageError, match="ended inside the block"),
        host.store.join(connection, user_id="A") as work,
    ):
        work.interactions.add(an_entry(1))
        connection.commit()
