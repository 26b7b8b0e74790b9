"""The store in a SQLite file: opening it, bad files, rivals, threads and forks."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from interactionlog.adapters.sql.schema import NEWEST
from interactionlog.adapters.sqlite.store import SqliteStore
from interactionlog.contacts.contact import Contact
from interactionlog.errors import StorageError, UsageError
from interactionlog.testing import an_entry
from stores import empty_database


@pytest.fixture
def path(tmp_path):
    return empty_database(tmp_path)


@pytest.fixture
def store(path):
    with SqliteStore(path, timeout=0.01, synchronous="NORMAL") as store:
        yield store


@pytest.fixture
def rival(path):
    """Give another connection to the same file."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    yield connection
    connection.close()


def add(store, entry_no):
    with store.begin(user_id="TESTER") as work:
        work.interactions.add(an_entry(entry_no))


def busy():
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


class TestOpening:
    def test_a_missing_file_is_made_with_its_tables(self, tmp_path):
        with SqliteStore(tmp_path / "new.db") as store:
            add(store, 1)
        with SqliteStore(str(tmp_path / "new.db")) as store, store.read() as work:
            assert work.interactions.get(1) == an_entry(1)

    def test_an_empty_file_gets_the_tables(self, tmp_path):
        (tmp_path / "new.db").touch()
        with SqliteStore(tmp_path / "new.db") as store:
            add(store, 1)

    def test_opening_twice_changes_nothing(self, path):
        with SqliteStore(path) as first, SqliteStore(path) as second:
            add(first, 1)
            with second.read() as work:
                assert work.interactions.get(1) == an_entry(1)

    def test_tables_of_others_are_left_alone(self, tmp_path):
        host = sqlite3.connect(tmp_path / "erp.db")
        host.execute("CREATE TABLE contact (no TEXT)")
        host.commit()
        with SqliteStore(tmp_path / "erp.db") as store:
            add(store, 1)
        assert host.execute("SELECT count(*) FROM contact").fetchone() == (0,)
        host.close()

    def test_a_store_in_memory_is_refused_with_advice(self):
        with pytest.raises(UsageError, match="MemoryStore"):
            SqliteStore(":memory:")

    def test_another_level_of_safety_is_refused(self, path):
        with pytest.raises(UsageError, match="FULL, NORMAL"):
            SqliteStore(path, synchronous="OFF")

    @pytest.mark.parametrize(("level", "number"), [("FULL", 2), ("NORMAL", 1)])
    def test_the_level_of_safety_is_the_one_asked_for(self, path, level, number):
        with SqliteStore(path, synchronous=level) as store, store.begin(user_id="A") as work:
            assert work.session.cursor.execute("PRAGMA synchronous").fetchone() == (number,)

    def test_an_old_sqlite_is_refused(self, path, monkeypatch):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
        with pytest.raises(StorageError, match="too old"):
            SqliteStore(path)

    def test_a_prefix_that_is_no_identifier_is_refused(self, path):
        for prefix in ("x; DROP TABLE y", "a" * 32, "1a"):
            with pytest.raises(
                UsageError, match=r"up to 31 lower-case letters.*the first one a letter"
            ):
                SqliteStore(path, prefix=prefix)


class TestBadFiles:
    @pytest.mark.parametrize(
        "content", [b"no;name\n1;Beta\n" * 500, b"\x00" * 4096, b"x"], ids=["text", "zeros", "x"]
    )
    def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(self, tmp_path, content):
        file = tmp_path / "contacts.csv"
        file.write_bytes(content)
        with pytest.raises(StorageError, match="not a SQLite database"):
            SqliteStore(file)
        assert file.read_bytes() == content
        assert list(tmp_path.iterdir()) == [file]

    def test_a_newer_schema_is_refused(self, path, rival):
        rival.execute("UPDATE interactionlog_schema_version SET version = ?", (NEWEST + 1,))
        with pytest.raises(StorageError, match=f"schema version {NEWEST + 1}"):
            SqliteStore(path)

    def test_a_folder_is_refused(self, tmp_path):
        with pytest.raises(StorageError, match="cannot be opened"):
            SqliteStore(tmp_path)

    def test_a_missing_folder_is_refused(self, tmp_path):
        with pytest.raises(StorageError, match="cannot be opened"):
            SqliteStore(tmp_path / "missing" / "crm.db")

    @pytest.mark.parametrize("mode", ["wal", "delete"])
    def test_a_read_only_file_is_refused(self, mode):
        with read_only_folder() as folder:
            file = empty_database(folder)
            connection = sqlite3.connect(file)
            connection.execute(f"PRAGMA journal_mode = {mode}")
            connection.close()
            file.chmod(0o444)
            folder.chmod(0o555)
            assert without_privileges(lambda: SqliteStore(file)).startswith("StorageError")

    def test_a_file_in_a_read_only_folder_is_refused_with_what_is_wrong(self):
        with read_only_folder() as folder:
            file = empty_database(folder)
            file.chmod(0o666)
            folder.chmod(0o555)
            assert "or its folder is" in without_privileges(lambda: SqliteStore(file))

    def test_a_new_file_in_a_read_only_folder_is_refused(self):
        with read_only_folder() as folder:
            folder.chmod(0o555)
            outcome = without_privileges(lambda: SqliteStore(folder / "crm.db"))
            assert outcome.startswith("StorageError")

    def test_a_damaged_row_is_a_finding_of_ours(self, store, rival):
        add(store, 1)
        rival.execute("UPDATE interactionlog_log_entry SET evaluation = 99")
        with pytest.raises(StorageError, match="log entry"), store.read() as work:
            work.interactions.get(1)


class read_only_folder(TemporaryDirectory):  # noqa: N801  # a function of a kind
    """A folder that everybody may look into."""

    def __enter__(self):
        folder = Path(super().__enter__())
        folder.chmod(0o755)
        return folder

    def __exit__(self, *error):
        Path(self.name).chmod(0o755)
        super().__exit__(*error)


def without_privileges(action):
    """Run the action in a child that is not root, and return the error that it raised as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65_534)
                os.setuid(65_534)
            action()
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as outcome:
        return outcome.read()


class TestClosing:
    def test_a_closed_store_refuses_to_write(self, store):
        store.close()
        with pytest.raises(UsageError, match="closed"), store.begin(user_id="A"):
            pass

    def test_a_closed_store_refuses_to_read(self, store):
        store.close()
        with pytest.raises(UsageError, match="closed"), store.read():
            pass

    def test_closing_twice_is_no_matter(self, store):
        store.close()
        store.close()

    def test_connections_of_ended_threads_are_closed(self, store):
        def use():
            with store.read() as work:
                work.contacts.find("CT1")
            with store.begin(user_id="A") as work:
                work.segments.all()

        for _ in range(20):
            thread = threading.Thread(target=use)
            thread.start()
            thread.join()
        assert len(store._connections) <= 3  # this thread's, and those of the last one

    def test_connections_of_other_threads_are_closed_too(self, store):
        thread = threading.Thread(target=add, args=(store, 1))
        thread.start()
        thread.join()
        store.close()
        assert store._connections == []


class TestRivals:
    def test_a_busy_database_gives_the_drivers_error_when_the_time_is_up(self, store, rival):
        rival.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            add(store, 1)
        rival.execute("ROLLBACK")
        add(store, 1)

    def test_a_reader_does_not_wait_for_a_writer(self, store, rival):
        add(store, 1)
        rival.execute("BEGIN IMMEDIATE")
        with store.read() as work:
            assert work.interactions.find(1) is not None

    def test_run_tries_again_when_a_rival_got_in_the_way(self, store):
        attempts, store._timeout = [], 10.0

        def action(work):
            work.interactions.add(an_entry(1))
            attempts.append(work)
            if len(attempts) < 3:
                raise busy()
            return "done"

        assert store.run(action, user_id="TESTER") == "done"
        assert len(attempts) == 3

    def test_run_gives_up_when_the_time_is_up(self, store):
        first = busy()

        def action(_work):
            raise first

        with pytest.raises(sqlite3.OperationalError) as last:
            store.run(action, user_id="TESTER")
        assert last.value is first

    @pytest.mark.parametrize(
        "error", [ValueError("no"), sqlite3.OperationalError("no such table: x")]
    )
    def test_run_does_not_repeat_what_will_fail_again(self, store, error):
        attempts = []

        def action(work):
            attempts.append(work)
            raise error

        with pytest.raises(type(error)) as raised:
            store.run(action, user_id="TESTER")
        assert raised.value is error
        assert len(attempts) == 1

    def test_what_a_failed_attempt_wrote_is_gone(self, store):
        with pytest.raises(ZeroDivisionError):
            store.run(lambda work: work.interactions.add(an_entry(1)) or 1 / 0, user_id="TESTER")
        with store.read() as work:
            assert work.interactions.find(1) is None


class TestThreadsAndForks:
    def test_threads_write_one_after_another(self, path):
        with SqliteStore(path, synchronous="NORMAL") as store:

            def draw():
                for _ in range(20):
                    with store.begin(user_id="A") as work:
                        (no,) = work.interactions.reserve(1)
                        work.interactions.add(an_entry(no))

            threads = [threading.Thread(target=draw) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with store.read() as work:
                assert [work.interactions.get(no).entry_no for no in range(1, 81)]

    def test_a_forked_child_has_its_own_connection(self, store):
        add(store, 1)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                add(store, 2)
                store.close()
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        add(store, 3)
        with store.read() as work:
            assert [work.interactions.get(no).entry_no for no in (1, 2, 3)] == [1, 2, 3]

    def test_a_fork_inside_a_unit_of_work_leaves_it_to_the_parent(self, store):
        with store.begin(user_id="A") as work:
            work.interactions.add(an_entry(1))
            child = os.fork()
            if child == 0:
                store.close()
                os._exit(0)
            os.waitpid(child, 0)
            work.interactions.add(an_entry(2))
        with store.read() as work:
            assert work.interactions.find(2) is not None


def test_a_commit_that_fails_leaves_nothing_and_the_store_serves_on(store):
    def no_commit(action, argument, *_):
        refused = action == sqlite3.SQLITE_TRANSACTION and argument == "COMMIT"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    with pytest.raises(sqlite3.DatabaseError), store.begin(user_id="TESTER") as work:
        work.interactions.add(an_entry(1))
        work.record("added")
        connection = work.session.connection
        connection.set_authorizer(no_commit)
    connection.set_authorizer(None)
    assert work.events == ()
    add(store, 1)  # neither the entry nor the transaction is left


class TestBlocksInTheBeginning:
    """The first block of a unit of work is the transaction; it begins again when it fails."""

    @pytest.fixture
    def seen(self, store):
        """Open a unit of work and give the statements that the database sees of it."""
        statements = []
        with store.begin(user_id="TESTER") as work:
            work.session.connection.set_trace_callback(statements.append)
            yield work, statements
            work.session.connection.set_trace_callback(None)

    def test_the_first_block_sets_no_savepoint_and_the_next_one_does(self, seen):
        work, statements = seen
        with work.atomic():
            work.interactions.add(an_entry(1))
        assert not any("SAVEPOINT" in statement for statement in statements)
        with work.atomic():
            work.interactions.add(an_entry(2))
        assert statements.count("SAVEPOINT interactionlog_0") == 1

    @pytest.mark.parametrize(
        "read",
        [lambda work: work.interactions.find(1), lambda work: list(work.scan(Contact))],
        ids=["a row", "a stream"],
    )
    def test_what_was_read_stays_true_when_a_block_fails(self, seen, read):
        work, statements = seen
        assert not read(work)
        with pytest.raises(ZeroDivisionError), work.atomic():
            work.interactions.add(an_entry(1))
            _ = 1 / 0
        assert "ROLLBACK" not in statements  # which would let a rival write
        assert not read(work)

    def test_a_rival_may_write_between_the_failed_first_block_and_the_next(
        self, store, rival, monkeypatch
    ):
        retry = store._retry

        def after_a_rival(attempt, *arguments):
            rival.execute("UPDATE interactionlog_entry_counter SET last_value = last_value + 5")
            retry(attempt, *arguments)

        add(store, 1)
        with store.begin(user_id="TESTER") as work:
            monkeypatch.setattr(store, "_retry", after_a_rival)
            with pytest.raises(ZeroDivisionError), work.atomic():
                assert list(work.interactions.reserve(1)) == [2]
                _ = 1 / 0
            assert list(work.interactions.reserve(1)) == [7]

    def test_the_first_block_begins_again_after_the_database_itself_rolled_back(self, store):
        with store.begin(user_id="TESTER") as work:
            with pytest.raises(ZeroDivisionError) as failed, work.atomic():
                work.interactions.add(an_entry(1))
                work.session.connection.execute("ROLLBACK")  # as SQLite does when the disk is full
                _ = 1 / 0
            assert not hasattr(failed.value, "__notes__")
            work.interactions.add(an_entry(2))
        with store.read() as work:
            assert [work.interactions.find(no) is None for no in (1, 2)] == [True, False]

    def test_a_unit_of_work_that_cannot_begin_again_has_ended(self, store, monkeypatch):
        def in_vain(*_):
            raise busy()

        with (
            pytest.raises(UsageError, match="ended inside the block"),
            store.begin(user_id="TESTER") as work,
        ):
            monkeypatch.setattr(store, "_retry", in_vain)
            with pytest.raises(ZeroDivisionError) as failed, work.atomic():
                _ = 1 / 0
            assert "locked" in failed.value.__notes__[0]
            with pytest.raises(UsageError, match="ended inside the block"):
                work.interactions.add(an_entry(1))
        monkeypatch.undo()
        add(store, 1)


class OwnError(Exception):
    """An error of the application."""


@pytest.mark.parametrize(
    "raised",
    [
        OwnError("a malformed address"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "cannot decode"),
        sqlite3.OperationalError("Could not decode to UTF-8 column"),
        None,
    ],
    ids=["text", "unicode", "sqlite", "not-a-database"],
)
def test_what_the_application_raises_in_a_block_is_its_own(store, tmp_path, raised):
    """It was told as damage of the store's file."""
    other = tmp_path / "other.db"
    other.write_bytes(b"no database" * 100)

    def fail(work):
        add_contact = Contact(no="C1", company_no="C1")
        if work.user_id:
            work.contacts.put(add_contact)
        if raised is not None:
            raise raised
        sqlite3.connect(other).execute("SELECT * FROM sqlite_schema")

    for call in (lambda: store.run(fail, user_id="T"), lambda: _in(store.begin(user_id="T"), fail)):
        with pytest.raises(type(raised) if raised else sqlite3.DatabaseError) as told:
            call()
        assert raised is None or told.value is raised
        assert "damaged" not in str(told.value)
    with pytest.raises(type(raised) if raised else sqlite3.DatabaseError):
        _in(store.read(), fail)
    with store.read() as work:
        assert work.contacts.find("C1") is None


def _in(block, act):
    with block as work:
        act(work)
