"""Two clouds meet in one Chrome: a list that Intune sets for the computer goes before Google's for the account."""

from collections.abc import Sequence

import pytest

from connectors.google_workspace.precedence.chrome_policies import PRECEDENCE
from tests.cases import playbook, resource
from tests.door import Door
from tests.schools import few_people
from toolkit.sdk.precedence import MachineSetting
from toolkit.sdk.resource import Address, Desired, Origin
from toolkit.values import AtLeast

pytestmark = few_people

STAFF, LEADERS = "all-staff@example-primary.example", "trip-leaders@example-primary.example"
CHROME, INTUNE = "google_workspace.chrome_policy", "microsoft365.browser_url_policy"
CHAT, GAMES = "web.whatsapp.com", "games.example"


def _google(target: str, **lists: Sequence[str]) -> str:
    return resource(CHROME, f"users.UrlBlocking @ {target}", {name: {"contains": [*of]} for name, of in lists.items()})


def _intune(**lists: Sequence[str]) -> str:
    settings = {name: {"contains": [*of]} for name, of in lists.items()}
    return resource(INTUNE, "Computers", {**settings, "assigned_to": [STAFF]})


def _maybes(door: Door, *resources: str) -> list[str]:
    """Plan these, and give what is said of Chrome's policies."""
    door.write("10-web.yaml", playbook(*resources))
    plan = door.toolkit("plan", "--json")
    assert plan.exit == 3, plan.out + plan.err
    return [one["reason"] for one in plan.json["maybes"] if one["address"].startswith(CHROME)]


def test_what_google_alone_blocks_is_open_where_intune_has_a_list_without_it(wide_door: Door) -> None:
    google = _google("/Staff", url_blocklist=[CHAT, GAMES])

    apart = _maybes(wide_door, google, _intune(chrome_url_blocklist=[CHAT]))
    same = _maybes(wide_door, google, _intune(chrome_url_blocklist=[CHAT, GAMES]))
    alone = _maybes(wide_door, google)

    (why,) = apart
    assert why == (
        'on Windows computers, Chrome takes its url_blocklist from "Computers" of another cloud instead, unless Chrome '
        "merges both policies. 1 of the school's entries is not in that list"
    )
    assert (same, alone) == ([], [])


def test_an_exception_on_google_alone_does_nothing_where_intune_blocks(wide_door: Door) -> None:
    exception = _google(f"group:{LEADERS}", url_allowlist=[CHAT])
    blocked = {"chrome_url_blocklist": [CHAT]}

    alone = _maybes(wide_door, exception, _intune(**blocked))
    beside_another = _maybes(wide_door, exception, _intune(**blocked, chrome_url_allowlist=[GAMES]))
    on_both = _maybes(wide_door, exception, _intune(**blocked, chrome_url_allowlist=[CHAT]))

    (why,) = alone
    assert "An exception on only one cloud may have no effect there" in why
    assert len(beside_another) == 2
    assert on_both == []


def test_what_intune_sets_is_unknown_where_it_cannot_be_read(wide_door: Door) -> None:
    wide_door.tenant.fault("refused", "*deviceConfigurations*", times=100)

    (why,) = _maybes(wide_door, _google("/Staff", url_blocklist=[CHAT]))

    assert why.startswith("the settings of Microsoft 365 for Windows computers are unknown: ")


def _of_google(**settings: AtLeast) -> Desired:
    address = Address("google_workspace", "chrome_policy", "users.UrlBlocking @ /Staff")
    return Desired(address, settings, {}, Origin("10.yaml", 1))


@pytest.mark.parametrize(
    ("machine", "reasons"),
    [
        (MachineSetting("chrome_url_blocklist", "Theirs", None), 1),
        (MachineSetting("chrome_url_blocklist", "Theirs", (CHAT, GAMES)), 0),
        (MachineSetting("edge_url_blocklist", "Theirs", ()), 0),
        (MachineSetting("chrome_url_allowlist", "Theirs", ()), 0),
    ],
)
def test_a_list_of_a_computer_counts_by_its_own_name(machine: MachineSetting, reasons: int) -> None:
    asked = _of_google(url_blocklist=AtLeast((CHAT,)))

    assert len(list(PRECEDENCE.outranking_policies(asked, [machine]))) == reasons
