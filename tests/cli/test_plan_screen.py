"""The plan of the whole sample: short, with what needs attention first and last, and every object with -v."""

import re

from tests.door import Door


def test_a_first_plan_shows_each_control_and_with_v_each_object(door: Door) -> None:
    door.tenant.fault("refused", "Get-MalwareFilterPolicy", times=99)

    brief, whole = door.toolkit("plan"), door.toolkit("plan", "-v").out.splitlines()
    answer = door.toolkit("plan", "--json").json

    lines = brief.out.splitlines()
    first = lines.index("Needs attention:")
    assert (brief.exit, answer["summary"]["unknown"]) == (3, 1)
    assert first <= 5
    unknown = "? microsoft365.malware_filter_policy: could not be read, so nothing of it is written: "
    assert any(line.startswith(unknown) for line in lines[first : first + 5])
    assert ", 1 unknown" in lines[-1]
    assert lines[-1].endswith(" points at the top need attention.")
    assert len(lines) <= 45
    controls = {change["control"] for change in answer["changes"] if change["control"]}
    for name in {name for made_by in controls for name in made_by.split(", ")}:
        assert len([line for line in lines if f"({name}): " in line]) == 1
    assert {*lines} - {"Changes by control (-v lists each object):", *lines[-7:]} <= {*whole}
    heads = [line for line in whole if line.startswith(("+ ", "~ "))]
    assert len(heads) > 40
    assert not [line for line in lines if line.startswith(("+ ", "~ "))]
    (added,) = {line for line in whole if line.startswith("    edge_url_blocklist: ")}
    counts = re.fullmatch(r"    edge_url_blocklist: \+ (\d+) entries: \S+, \S+, \S+ and (\d+) more", added)
    assert counts, added
    assert int(counts[1]) == int(counts[2]) + 3 > 90
