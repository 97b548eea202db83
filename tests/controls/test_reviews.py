"""Settings that could stop what people use count only once someone has looked at it: never by a date to come."""

import pytest

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

BY = "{by: School Business Manager, on: 2026-11-11}"
LIST = "all-staff@example-primary.example"
POSTS = ", ".join(
    f"{post}: [office@example-primary.example]"
    for post in ("head", "deputies", "dsl", "business_manager", "office", "site")
)


@pytest.mark.parametrize(
    ("name", "settings", "key"),
    [
        ("mail.authentication", [f"senders_reviewed: {BY}", "direct_send: refuse"], "senders_reviewed"),
        ("data.external_sharing", ["for: everyone", "level: no_one", f"links_reviewed: {BY}"], "links_reviewed"),
        (
            "device.antimalware",
            ["for: staff", "audit_from: 2026-09-07", "block_from: 2026-10-12", "asr: block", f"asr_reviewed: {BY}"],
            "asr_reviewed",
        ),
        (
            "mail.mass_list_moderation",
            [
                "for: everyone",
                f"lists: [{LIST}]",
                "moderators: [office@example-primary.example, head@example-primary.example]",
                "urgent_lists: [trip-leaders@example-primary.example]",
                f"always_send: {{{POSTS}}}",
                f"closed_to_outside: {{lists: [{LIST}], outside_senders_reviewed: {BY}}}",
            ],
            "outside_senders_reviewed",
        ),
        (
            "mail.pupil_scope",
            ["for: pupils", "outside: []", "act: reject", "audited: {from: 2026-10-01, until: 2026-11-11}"],
            "audited",
        ),
    ],
    ids=["senders", "links", "rules", "lists", "pupils"],
)
def test_a_review_with_a_date_to_come_is_refused_with_its_line_until_that_date(
    bare_door: Door, name: str, settings: list[str], key: str
) -> None:
    lines = ["playbook: review", "title: Reviewed", "owner: Head Teacher", "clauses: [GEN-11]", "", "controls:"]
    lines += [f"  - {name}:", *(f"      {setting}" for setting in settings)]
    at = next(number for number, line in enumerate(lines, 1) if key in line)
    bare_door.write("35-review.yaml", "\n".join([*lines, ""]))

    early = [bare_door.toolkit(command) for command in ("plan", "check", "drift")]
    bare_door.tenant.set_now("2026-11-11T08:00:00+00:00")
    then = bare_door.toolkit("plan")

    for answer in early:
        assert answer.exit == 2, answer.out
        assert f"35-review.yaml:{at}: {name}: `{key}` is dated 11 November 2026, which is in the future" in answer.err
    assert then.exit in {0, 3}, then.out + then.err
