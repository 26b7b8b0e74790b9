"""What directories of salespeople and users promise."""

from __future__ import annotations

import interactionlog as il
from interactionlog.contacts.directory import SalespersonDirectory, UserDirectory

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
        assert tuple(directory.find(each.code) for each in SALESPEOPLE) == SALESPEOPLE
        assert directory.find("XX") is None

    def test_many_gives_those_that_exist(self, directory: SalespersonDirectory) -> None:
        assert directory.many(["HR", "XX", "PS"]) == {"HR": SALESPEOPLE[0], "PS": SALESPEOPLE[2]}
        assert directory.many([]) == {}

    def test_an_address_finds_all_who_share_it(self, directory: SalespersonDirectory) -> None:
        assert list(directory.with_e_mail("HELENA@example.com")) == list(SALESPEOPLE[:2])
        assert list(directory.with_e_mail("zoe\u0308@STRASSE.example")) == [SALESPEOPLE[2]]
        assert list(directory.with_e_mail("")) == []


class UserDirectoryContract:
    """
    What every `UserDirectory` promises.

    Needs a fixture ``directory`` that gives one with exactly `USERS`.
    """

    def test_find_gives_the_user_or_none(self, directory: UserDirectory) -> None:
        assert tuple(directory.find(each.user_id) for each in USERS) == USERS
        assert directory.find("NOBODY") is None

    def test_many_gives_those_that_exist(self, directory: UserDirectory) -> None:
        assert directory.many(["HELENA", "NOBODY"]) == {"HELENA": USERS[0]}
        assert directory.many([]) == {}
