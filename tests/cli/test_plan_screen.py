"""The plan and the check of the whole sample: short, what needs attention first, and everything with -v."""

import re

from tests.door import Door
from toolkit.controls.control import controls


def test_a_first_plan_shows_each_control_and_with_v_each_object(small_door: Door) -> None:
    door = small_door
    door.tenant.fault("refused", "Get-MalwareFilterPolicy", times=99)

    brief, whole = door.toolkit("plan"), door.toolkit("plan", "-v").out.splitlines()
    answer = door.toolkit("plan", "--json").json

    lines = brief.out.splitlines()
    first = lines.index("Needs attention:")
    assert (brief.exit, answer["summary"]["unknown"]) == (3, 1)
    assert first <= 5
    unknown = "? microsoft365.malware_filter_policy: could not be read, so toolkit does not change it: "
    assert any(line.startswith(unknown) for line in lines[first : first + 5])
    assert "    refused: POST /InvokeCommand Get-MalwareFilterPolicy, status 403" in whole
    assert "refused: " not in brief.out.replace("is refused: ", "")
    assert ", 1 unknown" in lines[-1]
    assert lines[-1].endswith(" points at the top need attention.")
    asked = {change["control"] for change in answer["changes"] if change["control"]}
    names = {name for made_by in asked for name in made_by.split(", ")}
    stops = lines.index("What stops:")
    block = lines[stops : lines.index("", stops)]
    first_canary = next(number for number, line in enumerate(lines) if line.startswith("Mail: "))
    mail = lines[first_canary : first_canary + 1 + sum(line.startswith("+ ") for line in lines)]
    assert (len(mail) <= 9, {line[:2] for line in mail[1:]}) == (True, {"+ "})
    assert (len(block) <= 13, stops <= 14, len(lines) - len(block) - len(mail) <= 41) == (True, True, True), brief.out
    assert block[-1].endswith(" more: -v shows each")
    lists = "! messages to all-staff@example-primary.example wait for a moderator: not counted (could not be read)"
    assert {"! public links stop working: not counted", lists} <= {*block}
    for name in names:
        assert (
            len([line for line in lines if re.search(rf"(^  |; ){re.escape(controls()[name].title)}[:;] ", line)]) == 1
        )
        assert len([line for line in whole if line.startswith(f"  {controls()[name].title} ({name}): ")]) == 1
    shown = {re.sub(r" \([a-z0-9_]+\.[a-z0-9_]+\): ", ": ", line) for line in whole}
    listed = lines.index("Changes by control (-v names each, and lists its objects):")
    alone = {line for line in lines[listed + 1 :] if not re.match(r"  (Objects in |[^:]*;)", line)}
    assert {*lines[:listed], *alone} - {*lines[-3:], *block, *mail} <= {*whole, *shown}
    heads = [line for line in whole if line.startswith(("+ ", "~ "))]
    assert len(heads) > 40
    assert not [line for line in lines if line.startswith(("+ ", "~ ")) and line not in mail]
    (added,) = {line for line in whole if line.startswith("    edge_url_blocklist: ")}
    counts = re.fullmatch(r"    edge_url_blocklist: \+ (\d+) entries: \S+, \S+, \S+ and (\d+) more", added)
    assert counts, added
    assert int(counts[1]) == int(counts[2]) + 3 > 90


def test_v_shows_the_request_of_each_kind_that_could_not_be_read(small_door: Door) -> None:
    small_door.tenant.grant("reader", directory_roles=[])
    for operation in ("chromepolicy*", "*policies*"):
        small_door.tenant.fault("refused", operation, times=999)

    brief, whole = small_door.toolkit("plan").out, small_door.toolkit("plan", "-v").out
    unknown = small_door.toolkit("plan", "--json").json["unknown"]

    kinds = {entry["kind"] for entry in unknown if not entry.get("address")}
    shown = dict(re.findall(r"^    (\w+\.\w+): ((?:GET|POST) /\S+(?: \S+)?, status 403)$", whole, re.MULTILINE))
    alone = re.findall(r"^    refused: (GET /\S+, status 403)$", whole, re.MULTILINE)
    assert (len(kinds) > 15, len(set(shown.values())) > 15) == (True, True)
    assert kinds - {*shown} == {"google_workspace.chrome_policy"}
    assert (len(alone), "/policySchemas/" in alone[0]) == (1, True)
    assert shown["microsoft365.transport_rule"] == "POST /InvokeCommand Get-TransportRule, status 403"
    assert shown["microsoft365.conditional_access_policy"] == "GET /identity/conditionalAccess/policies, status 403"
    assert "status 403" not in brief


def test_a_check_of_the_sample_shows_all_that_needs_attention_and_counts_the_rest(small_door: Door) -> None:
    door = small_door
    door.tenant.fault("refused", "Get-MailboxAutoReplyConfiguration", times=99)

    brief, whole = door.toolkit("check"), door.toolkit("check", "-v")
    answer = door.toolkit("check", "--json").json

    lines = brief.out.splitlines()
    assert (brief.exit, whole.exit) == (answer["exit"], answer["exit"])
    assert lines.index("Needs attention:") == 3
    assert len([line for line in lines if not line.startswith("* ")]) <= 44 < len(whole.out.splitlines()) / 5
    for finding in answer["findings"]:
        if finding["status"] in {"fail", "unknown", "manual"}:
            assert [line for line in lines if finding["control"] in line and finding["subject"] in line], finding
    failing = [line for line in lines[: lines.index("Expiry dates:")] if line.startswith("! ")]
    assert len(failing) == answer["summary"]["fail"]
    urgent = [entry for entry in answer["expiry"] if entry["state"] in {"ended", "unknown", "soon"}]
    begins = lines.index("Expiry dates:") + 1
    assert len([line for line in lines[begins : lines.index("", begins)] if line[0] in "!?~"]) == len(urgent) > 0
    for status, word in (("unavailable", "unavailable"), ("manual", "to confirm")):
        assert f"{answer['summary'][status]} {word}" in lines[-1]
    assert lines[-1].endswith(" -v shows each.")
    assert all(finding["subject"] in whole.out for finding in answer["findings"])


def test_what_is_unknown_for_one_reason_is_said_once_with_every_control(small_door: Door) -> None:
    door = small_door
    for path in door.playbooks.glob("[235]*.yaml"):
        path.unlink()
    door.tenant.fault("refused", "GET /users*", times=999)

    answer, lines = door.toolkit("check", "--json").json, door.toolkit("check").out.splitlines()

    unknown = [finding for finding in answer["findings"] if finding["status"] == "unknown"]
    said = {(finding["provider"], finding["subject"], finding["reason"]) for finding in unknown}
    shown = [line for line in lines if line.startswith("? ")]
    assert len(shown) == len(said) < len(unknown)
    assert all(any(finding["control"] in line for line in shown) for finding in unknown)
