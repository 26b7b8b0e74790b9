"""A host configures its store once: what it asks of each connection, and which directories answer."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

import interactionlog as il
from postgres import HOW_TO_START, WANTED, temporary_database


class OnSqlite:
    """Counts the statements of one connection to a file."""

    def __init__(self, path):
        self.path = path
        self.connection = self.another()

    def another(self):
        connection = sqlite3.connect(self.path, isolation_level=None)
        self.statements = []
        connection.set_trace_callback(self.statements.append)
        connection.execute("BEGIN IMMEDIATE")
        return connection

    def end(self, how):
        self.connection.execute(how)
        self.connection.execute("BEGIN IMMEDIATE")
        self.statements.clear()

    def close(self):
        self.connection.close()

    def asked(self):
        return [text for text in self.statements if "schema" in text or "master" in text]


class OnPostgres:
    """Counts the statements that psycopg sends to a server."""

    def __init__(self, place, monkeypatch):
        import psycopg

        execute = psycopg.Cursor.execute

        def counted(cursor, query, *args, **kwargs):
            self.statements.append(query.decode() if isinstance(query, bytes) else str(query))
            return execute(cursor, query, *args, **kwargs)

        monkeypatch.setattr(psycopg.Cursor, "execute", counted)
        self.place = place
        self.connection = self.another()

    def another(self):
        import psycopg

        self.statements = []
        return psycopg.connect(self.place)

    def end(self, how):
        self.connection.execute(how)
        self.statements.clear()

    def close(self):
        self.connection.close()

    def asked(self):
        return [text for text in self.statements if "schema_version" in text]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        with closing(OnSqlite(tmp_path / "erp.db")) as it:
            yield it
    elif not WANTED:
        pytest.skip(HOW_TO_START)
    else:
        with temporary_database("host") as place, closing(OnPostgres(place, monkeypatch)) as it:
            yield it


def join(host, database):
    with host.join(database.connection, user_id="HELENA"):
        pass


def test_the_schema_is_asked_for_once_for_a_database(database):
    host = il.HostStore()
    host.migrate(database.connection)
    database.end("COMMIT")
    join(host, database)
    assert database.asked()
    database.end("COMMIT")
    join(host, database)
    assert not database.asked()
    database.close()
    database.connection = database.another()
    join(host, database)
    assert not database.asked()
    others = [text for text in database.statements if "SAVEPOINT" not in text.upper()]
    assert len([text for text in others if "RELEASE" not in text.upper()]) <= 2  # BEGIN, which file


def test_a_migration_that_is_rolled_back_is_not_remembered(database):
    host = il.HostStore()
    host.migrate(database.connection)
    for _ in range(2):
        join(host, database)
        join(il.HostStore(), database)
    database.end("ROLLBACK")
    with pytest.raises(il.StorageError, match="migrate"):
        join(host, database)
    database.end("ROLLBACK")
    host.migrate(database.connection)
    join(host, database)
    database.end("COMMIT")
    join(host, database)
    database.end("COMMIT")
    join(host, database)
    assert not database.asked()


def test_a_migration_in_the_same_process_is_noticed(database):
    host = il.HostStore()
    with pytest.raises(il.StorageError, match="migrate"):
        join(host, database)
    il.HostStore().migrate(database.connection)
    join(host, database)
    database.end("COMMIT")
    join(host, database)


def test_a_directory_is_made_from_the_connection_that_is_joined():
    contact = il.Contact(no="CT1", company_no="CT1", name="Cannon")

    class Directory:
        def __init__(self, connection):
            self.connection = connection

        def find(self, no):
            return contact if no == "CT1" else None

    made = []

    def salespeople(connection):
        made.append(connection)
        return Directory(connection)

    host = il.HostStore(contacts=Directory, salespeople=salespeople, users=Directory(None))
    for _ in range(2):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            connection.execute("BEGIN")
            host.migrate(connection)
            with host.join(connection, user_id="HELENA") as work:
                assert work.contacts.find("CT1") is contact
                assert work.contacts.connection is connection
                assert made[-1] is connection
                assert work.users.find("CT2") is None


def test_a_host_store_is_closed_like_any_other_and_closes_nothing():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with il.HostStore(tenant="CRONUS") as host:
            connection.execute("BEGIN")
            host.migrate(connection)
            assert host.tenant == "CRONUS"
        assert connection.in_transaction
