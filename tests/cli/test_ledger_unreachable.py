"""What every command that uses the ledger says while the database's server is away."""

from shutil import copytree

import pytest

from tests.door import SAMPLES, Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

_LEDGER = "postgresql+psycopg://toolkit:hunter2hunter2@127.0.0.1:1/none"
_ADDRESS = "microsoft365.transport_rule[School disclaimer]"
_OVER_PLAYBOOKS = [
    ["plan"],
    ["apply", "--yes"],
    ["drift"],
    ["due", "--yes"],
    ["check"],
    ["policy"],
    ["audit", "export", "-o", "reports"],
    ["rollback", "last", "--yes"],
    ["why", _ADDRESS],
    ["accept", "3f2a", "--until", "2026-12-01", "--reason", "Agreed", "--by", "Head Teacher"],
    ["doctor"],
]
_OVER_THE_LEDGER = [
    ["audit", "log"],
    ["audit", "verify"],
    ["audit", "rebuild"],
    ["state", "backup", "copy"],
]


def _words(door: Door, words: list[str]) -> list[str]:
    """Put the playbooks where a command takes them."""
    place = 2 if words[0] in {"audit", "rollback", "accept", "why", "state"} else 1
    return [*words[:place], str(door.playbooks), *words[place:]]


@pytest.mark.parametrize("words", [*_OVER_PLAYBOOKS, *_OVER_THE_LEDGER], ids=" ".join)
def test_a_database_that_is_away_is_named_and_nothing_is_called_damaged(bare_door: Door, words: list[str]) -> None:
    copytree(SAMPLES / "policy", bare_door.playbooks / "policy")
    before = bare_door.tenant.last_request()
    written = _words(bare_door, words) if words in _OVER_PLAYBOOKS else words

    answer = bare_door(*written, TOOLKIT_LEDGER=_LEDGER)

    said = answer.out + answer.err
    assert answer.exit == 4, said
    assert "the ledger's database on 127.0.0.1:1 is not reachable" in said
    assert "backup" not in said
    assert "hunter2" not in said
    sent = [one for request in bare_door.tenant.requests(before) for one in request["operations"]]
    assert not [one["name"] for one in sent if one["write"]]
