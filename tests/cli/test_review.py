"""A review of a pull request at GitHub approves a plan, as GitHub's word, and only as the school file allows it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cases import newest, writes
from tests.cli.test_signatures import KEY_SETTING, OFFICE, allow, make_key
from tests.contract.rules import apply, rule, rule_order, write_rules
from tests.door import CommandResult, Door
from tests.forge import HEAD, PULL, REPOSITORY, TOKEN, Forge, run_forge
from tests.schools import few_people

pytestmark = few_people

REVIEWS = f"""\
approval: [deletes]
reviews:
  repository: {REPOSITORY}
  reviewers:
    - {{login: head-teacher, name: Head Teacher}}
    - {{login: deputy, name: Deputy Head Teacher}}
    - {{login: technician, name: Network Manager}}
"""


@pytest.fixture
def forge() -> Iterator[Forge]:
    with run_forge() as forge:
        yield forge


@pytest.fixture
def plan(bare_door: Door, tmp_path: Path) -> Path:
    """Save a signed plan that deletes a rule, in a school that wants deletions approved by a review."""
    make_key(tmp_path / "office")
    allow(bare_door, (OFFICE, tmp_path / "office", "plans"))
    write_rules(bare_door, rule("B"), rule("C", prepend_subject="[C] ", sent_to=["office@example-primary.example"]))
    apply(bare_door)
    write_rules(bare_door, rule("B"))
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + REVIEWS)
    path = tmp_path / "policy.plan"
    saved = bare_door.toolkit("plan", "--prune", "-o", str(path), **{KEY_SETTING: str(tmp_path / "office")})
    assert saved.exit == 3, saved.out + saved.err
    return path


def apply_reviewed(door: Door, plan: Path, forge: Forge, address: str = PULL, **variables: str) -> CommandResult:
    settings = {"TOOLKIT_FORGE_API": forge.url, "TOOLKIT_FORGE_TOKEN": TOKEN, **variables}
    return door("apply", plan, "--playbooks", door.playbooks, "--yes", "--review", address, **settings)


def test_a_review_of_a_listed_person_approves_and_is_recorded_as_the_word_of_the_forge(
    bare_door: Door, plan: Path, forge: Forge
) -> None:
    forge.review("head-teacher")

    unreviewed = bare_door("apply", plan, "--playbooks", bare_door.playbooks, "--yes")
    applied = apply_reviewed(bare_door, plan, forge)
    [run, *_] = bare_door("audit", "log", "--json").json["runs"]
    shown = bare_door("audit", "log", "--run", run["run"]).out

    assert unreviewed.exit == 5
    assert applied.exit == 0, applied.out + applied.err
    assert "C" not in rule_order(bare_door)
    said = f"approved by Head Teacher, as github.com says of commit {HEAD[:12]} ({PULL}#pullrequestreview-80)"
    assert said in " ".join(shown.split())
    assert TOKEN not in shown + applied.out + applied.err
    assert forge.requests == [
        f"/repos/{REPOSITORY}/pulls/12",
        f"/repos/{REPOSITORY}/pulls/12/reviews?per_page=100&page=1",
    ]


def _comment_later(forge: Forge) -> None:
    forge.review("head-teacher")
    forge.review("head-teacher", "COMMENTED")


def _come_on_the_second_page(forge: Forge) -> None:
    for _ in range(100):
        forge.review("parent", "COMMENTED")
    forge.review("deputy")


@pytest.mark.parametrize("arrange", [_comment_later, _come_on_the_second_page])
def test_a_later_comment_or_a_full_page_does_not_hide_an_approval(
    bare_door: Door, plan: Path, forge: Forge, arrange: Callable[[Forge], None]
) -> None:
    arrange(forge)

    assert apply_reviewed(bare_door, plan, forge).exit == 0


def _ask_for_changes(forge: Forge) -> None:
    forge.review("head-teacher")
    forge.review("head-teacher", "CHANGES_REQUESTED")


def _let_another_ask_for_changes(forge: Forge) -> None:
    forge.review("head-teacher")
    forge.review("deputy", "CHANGES_REQUESTED")


def _dismiss(forge: Forge) -> None:
    forge.review("head-teacher", "DISMISSED")


def _push_later(forge: Forge) -> None:
    forge.review("head-teacher", commit="0" * 40)


def _let_a_stranger_approve(forge: Forge) -> None:
    forge.review("parent")


def _let_the_author_approve(forge: Forge) -> None:
    forge.review("technician")


def _do_nothing(_forge: Forge) -> None:
    pass


@pytest.mark.parametrize(
    "arrange",
    [
        _do_nothing, _ask_for_changes, _let_another_ask_for_changes, _dismiss, _push_later, _let_a_stranger_approve,
        _let_the_author_approve,
    ],
)  # fmt: skip
def test_what_is_no_approval_of_the_newest_commit_by_a_second_person_writes_nothing(
    bare_door: Door, plan: Path, forge: Forge, arrange: Callable[[Forge], None]
) -> None:
    arrange(forge)
    before = newest(bare_door)

    refused = apply_reviewed(bare_door, plan, forge)

    assert (refused.exit, writes(bare_door, before)) == (5, [])
    assert refused.err.count("\n") == 1
    assert "Nothing was written" in refused.err


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://github.com/other/policy/pull/12", f"names {REPOSITORY}"),
        ("https://github.com/example-primary/policy/issues/12", "write the address as"),
    ],
)
def test_another_repository_or_place_is_refused_before_the_token_is_sent(
    bare_door: Door, plan: Path, forge: Forge, address: str, says: str
) -> None:
    refused = apply_reviewed(bare_door, plan, forge, address)

    assert (refused.exit, forge.requests) == (2, [])
    assert says in refused.err


@pytest.mark.parametrize(
    ("variable", "ends"),
    [
        (("TOOLKIT_FORGE_TOKEN", "wrong-token-of-no-one"), (4, "the review cannot be read: Unauthorized")),
        (("TOOLKIT_FORGE_TOKEN", ""), (2, "TOOLKIT_FORGE_TOKEN is not set")),
        (("TOOLKIT_FORGE_API", "http://forge.example"), (2, "must begin with https://")),
    ],
)
def test_a_wrong_setting_ends_with_a_line_and_writes_nothing(
    bare_door: Door, plan: Path, forge: Forge, variable: tuple[str, str], ends: tuple[int, str]
) -> None:
    forge.review("head-teacher")
    before = newest(bare_door)

    refused = apply_reviewed(bare_door, plan, forge, **dict([variable]))

    assert (refused.exit, writes(bare_door, before)) == (ends[0], [])
    assert ends[1] in refused.err


def test_a_redirect_does_not_take_the_token_along(bare_door: Door, plan: Path, forge: Forge) -> None:
    with run_forge() as other:
        forge.redirect = other.url
        refused = apply_reviewed(bare_door, plan, forge)

    assert refused.exit == 4
    assert other.requests == []


def test_a_school_without_reviewers_takes_no_review(bare_door: Door, plan: Path, forge: Forge) -> None:
    forge.review("head-teacher")
    text = (bare_door.playbooks / "00-school.yaml").read_text()
    (bare_door.playbooks / "00-school.yaml").write_text(text.replace(REVIEWS, ""))

    refused = apply_reviewed(bare_door, plan, forge)

    assert refused.exit in {2, 5}
    assert forge.requests == []


def test_a_review_without_a_plan_is_refused(bare_door: Door) -> None:
    refused = bare_door.toolkit("apply", "--yes", "--review", PULL)

    assert refused.exit == 2
    assert "Name the PLANFILE" in refused.err
