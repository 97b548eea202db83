"""The school file says who is told and how; what is wrong in it is told with its line, and no secret stands in it."""

from collections.abc import Callable, Mapping
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from tests.playbook.conftest import SCHOOL
from toolkit.playbook.entries import Playbooks
from toolkit.school.notices import Channel, Notices, Quiet

Files = Mapping[str, str | bytes]

# The school file of the other tests is 9 lines long: `notifications:` is line 10.
WHOLE = """\
notifications:
  channels:
    office: {by: mail, from: toolkit@example-primary.example, to: it@example-primary.example}
    teams: {by: url}
  quiet:
    - {days: [friday], from: "18:00", to: "07:00"}
  heartbeat: monday
"""


def test_channels_are_read_as_written(load_files: Callable[[Files], Playbooks]) -> None:
    assert load_files({"00-school.yaml": SCHOOL + WHOLE}).school.notices == Notices(
        ZoneInfo("Europe/London"),
        (
            Channel("office", "microsoft365", "toolkit@example-primary.example", "it@example-primary.example"),
            Channel("teams"),
        ),
        (Quiet(frozenset({4}), time(18), time(7)),),
        0,
    )
    assert load_files({}).school.notices is None


def test_a_watching_service_needs_no_channel(load_files: Callable[[Files], Playbooks]) -> None:
    alone = load_files({"00-school.yaml": SCHOOL + "notifications: {alive: {by: url}}\n"}).school
    both = load_files({"00-school.yaml": SCHOOL + WHOLE + "  alive: {by: url}\n"}).school

    assert (alone.alive, alone.notices) == (True, None)
    assert (both.alive, both.notices is not None, load_files({}).school.alive) == (True, True, False)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        pytest.param("{by: url}", "{url: https://hook.example/x}", 13, "set the URL in the variable", id="a secret"),
        pytest.param(", to: it@example-primary.example", "", 12, "needs `from`, a mailbox of the school", id="no to"),
        pytest.param("{by: url}", "{by: url, to: it@b.example}", 13, "are only for `by: mail`", id="to of a URL"),
        pytest.param("it@example", "it at example", 12, "is not an address", id="no address"),
        pytest.param("by: mail,", "by: mail, tenant: google_work,", 12, "no tenant `google_work`", id="no tenant"),
        pytest.param("teams:", "Teams-1:", 13, "is not a name for a channel", id="no name of a variable"),
        pytest.param("monday", "mondays", 16, "monday", id="no day"),
        pytest.param('"07:00"', '"7"', 15, "quiet", id="no time"),
        pytest.param(
            "monday", "monday\n  alive: {url: https://hook.example/x}", 17, "set the URL in the", id="alive URL"
        ),
        pytest.param("monday", "monday\n  alive: {by: mail}", 17, "must be `url`", id="alive by mail"),
        pytest.param(
            "teams: {", "alive: {by: url}\n  alive: {", 10, "`alive:` uses the same variable", id="two called alive"
        ),
        pytest.param(WHOLE, "notifications: {}\n", 10, "needs `channels`, `alive` or both", id="nothing"),
        pytest.param(
            WHOLE[WHOLE.index("channels") : WHOLE.index("quiet")],
            "alive: {by: url}\n  ",
            10,
            "need `channels`",
            id="quiet hours of none",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    refused: Callable[[Files], list[str]], old: str, new: str, line: int, says: str
) -> None:
    (problem,) = refused({"00-school.yaml": SCHOOL + WHOLE.replace(old, new, 1)})

    assert problem.startswith(f"playbooks/00-school.yaml:{line}: ")
    assert says in problem
    assert "hook.example" not in problem
