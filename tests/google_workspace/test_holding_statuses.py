"""What Vault says of each account inside a good answer: joined, there already, or why not."""

import pytest

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.legal_holds.vault import check_added, check_removed
from toolkit.errors import BadAnswer, NotFound, Refused, Rejected, ServiceError, Throttled, Unavailable
from toolkit.values import Body

ADD = Call("vault.matters.holds.addHeldAccounts")
REMOVE = Call("vault.matters.holds.removeHeldAccounts")


def joined(*codes: int) -> Body:
    return {"responses": [{"status": {"code": code, "message": "why"} if code else {}} for code in codes]}


def test_an_account_that_joins_and_one_that_is_there_already_are_well() -> None:
    assert check_added(ADD, joined(0, 6), of=2) == joined(0, 6)


def test_an_account_that_leaves_and_one_that_is_gone_already_are_well() -> None:
    answer: Body = {"statuses": [{}, {"code": 5, "message": "why"}]}

    assert check_removed(REMOVE, answer, of=2) == answer


@pytest.mark.parametrize(
    ("code", "kind"),
    [(3, Rejected), (5, NotFound), (7, Refused), (8, Throttled), (9, Rejected), (13, Unavailable), (14, Unavailable)],
)
def test_one_account_that_is_refused_among_others_is_an_error(code: int, kind: type[ServiceError]) -> None:
    with pytest.raises(kind, match="addHeldAccounts: why") as raised:
        check_added(ADD, joined(0, code), of=2)

    assert type(raised.value) is kind


@pytest.mark.parametrize("answer", [{}, {"responses": []}, joined(0), joined(0, 0, 0)])
def test_an_answer_that_does_not_tell_of_every_account_is_none(answer: Body) -> None:
    with pytest.raises(BadAnswer, match=r"the response has \d results for 2 accounts"):
        check_added(ADD, answer, of=2)


def test_a_list_that_is_none_is_no_answer() -> None:
    with pytest.raises(BadAnswer):
        check_removed(REMOVE, {"statuses": {}}, of=1)
