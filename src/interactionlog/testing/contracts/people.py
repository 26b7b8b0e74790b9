"""What directories of salespeople and users promise."""

from __future__ import annotations

from collections.abc import Sequence

import interactionlog as il
from interactionlog.contacts.directory import SalespersonDirectory, UserDirectory
from interactionlog.testing.contracts import assert_alike

SALESPEOPLE = (
    il.Salesperson(code="HR", name="Helena Ray", e_mail="Helena@example.com"),
    il.Salesperson(code="JO", name="Jim Olive", e_mail="helena@example.com", blocked=True),
    il.Salesperson(code="PS", name="Peter Saddow", e_mail="Zoë@Straße.example"),
    il.Salesperson(code="RO", name="Robin"),
)
"""The salespeople that a directory under test holds, by code."""

USERS = (
    il.User(user_id="HELENA", full_name="Helena Ray", salesperson_code="HR"),
    il.User(user_id="JIM", full_name="Jim Olive"),
)
"""The users that a directory under test holds."""


class SalespersonDirectoryContract:
    """
    What every `SalespersonDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `SALESPEOPLE`.
    """

    def test_find_gives_the_salesperson_or_none(self, directory: SalespersonDirectory) -> None:
        for each in SALESPEOPLE:
            assert_alike(directory.find(each.code), each)
        assert directory.find("XX") is None

    def test_many_gives_those_that_exist(self, directory: SalespersonDirectory) -> None:
        assert directory.many(["HR", "XX", "PS"]) == {"HR": SALESPEOPLE[0], "PS": SALESPEOPLE[2]}
        assert directory.many([]) == {}

    def test_an_address_finds_all_who_share_it(self, directory: SalespersonDirectory) -> None:
        for address, several in (
            ("HELENA@example.com", SALESPEOPLE[:2]),
            ("zoe\u0308@STRASSE.example", SALESPEOPLE[2:3]),
            ("", ()),
        ):
            found = directory.with_e_mail(address)
            assert isinstance(found, Sequence), "with_e_mail must give a sequence, such as a list"
            assert tuple(found) == several


class UserDirectoryContract:
    """
    What every `UserDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `USERS`.
    """

    def test_find_gives_the_user_or_none(self, directory: UserDirectory) -> None:
        for each in USERS:
            assert_alike(directory.find(each.user_id), each)
        assert directory.find("NOBODY") is None

    def test_many_gives_those_that_exist(self, directory: UserDirectory) -> None:
        assert directory.many(["HELENA", "NOBODY"]) == {"HELENA": USERS[0]}
        assert directory.many([]) == {}
