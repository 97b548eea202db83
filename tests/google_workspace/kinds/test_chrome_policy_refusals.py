"""Chrome policies that cannot be as a playbook asks: told at their line, in the plan, or instead of a write."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds import chrome_policy
from connectors.google_workspace.kinds.chrome_policy.spec import create_spec
from connectors.google_workspace.kinds.chrome_policy.state import acknowledgement_fields, words_of
from connectors.google_workspace.kinds.chrome_policy.table import SCHEMAS, ChromeField, ChromeFieldType, Schema
from tests.cases import newest, playbook, resource
from tests.door import CommandResult, Door
from tests.emulated import Tenant
from tests.google_workspace.chrome_policies import BLOCKING, RESOLVE, set_by_hand, unit, value_at, writes
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.endpoint import Bulk, NamedOnly, Write
from toolkit.sdk.resource import Remote
from toolkit.values import Body, Json

KIND = "google_workspace.chrome_policy"
NO_POLICY = "is not a Chrome policy that toolkit sets"
STAFF = "users.UrlBlocking @ /Staff"


def run_with_policy(door: Door, command: str, name: str, **settings: Json) -> CommandResult:
    """Ask for one policy, at line 6, and run a command."""
    door.write("10-chrome.yaml", playbook(resource(KIND, name, settings)))
    return door.toolkit(command, *(["--yes"] if command == "apply" else []))


def problems(answer: CommandResult) -> list[str]:
    """List the problems, from the file's name on."""
    return re.findall(r"10-chrome\.yaml:.*", answer.err)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("users.UrlBlokking @ /", f"'users.UrlBlokking' {NO_POLICY}. Did you mean 'users.UrlBlocking'?"),
        ("minutes @ /", f"'minutes' {NO_POLICY}"),
        ("users.UrlBlocking", "'users.UrlBlocking' does not name a policy at a unit."),
        ("users.UrlBlocking @ Staff", "'Staff' is not an organisational unit. Write its path"),
        ("users.UrlBlocking @ /Staff/", "'/Staff/' is not an organisational unit"),
        ("users.UrlBlocking @ group:Trip Leaders", "'Trip Leaders' is not the address of a group"),
        ("devices.GuestMode @ group:dsl@a.example", "devices.GuestMode is a device policy, which Google sets for"),
        ("users.UrlBlocking android:com.whatsapp @ /", "users.UrlBlocking is not for a single app. Leave out"),
        ("users.apps.InstallType @ /", "the name does not contain an app. Write the app after the policy, for example"),
        ("users.apps.InstallType com.whatsapp @ /", "'com.whatsapp' is not an app. Write the app after the policy"),
        ("users.apps.InstallType chrome:abc @ /", "'chrome:abc' is not an app"),
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_told_at_its_line(google_door: Door, name: str, reason: str) -> None:
    schema = SCHEMAS.get(name.partition(" ")[0], SCHEMAS["users.UrlBlocking"])
    example = {schema.fields[0].name: schema.fields[0].example}

    answer = run_with_policy(google_door, "validate", name, **example)

    assert answer.exit == 2
    assert problems(answer)[0].startswith(f"10-chrome.yaml:6: {KIND}[{name}]: {reason}")


@pytest.mark.parametrize(
    "name",
    [
        "users.apps.InstallType chrome:hkobaiihndnbfhbkmjjfbdimfbdcppdh @ /Staff/Teachers",
        "users.apps.InstallType web:https://a.example/x?y=@z @ group:trip-leaders@a.example",
        "devices.managedguest.UrlBlocking @ /",
    ],
)
def test_a_name_may_have_an_app_and_a_group(name: str) -> None:
    assert chrome_policy.KIND.names.check(name) is None


def test_a_setting_of_another_policy_is_told_at_its_line(google_door: Door) -> None:
    answer = run_with_policy(google_door, "validate", "users.LockScreen @ /", url_blocklist=["a.example"])

    assert answer.exit == 2
    assert problems(answer) == [
        "10-chrome.yaml:7: users.LockScreen has no setting url_blocklist. It has: allow_screen_lock"
    ]


@pytest.mark.parametrize("form", [list, lambda urls: {"contains": urls}, lambda urls: {"exactly": urls}])
def test_a_list_that_is_longer_than_chrome_takes_is_told(google_door: Door, form: Any) -> None:
    answer = run_with_policy(google_door, "validate", STAFF, url_blocklist=form([f"a{n}.example" for n in range(1001)]))

    assert answer.exit == 2
    assert "the list has 1,001 entries, but Chrome accepts at most 1,000" in answer.err


def test_a_list_that_gets_too_long_with_what_is_there_is_refused_in_the_plan(google_door: Door) -> None:
    answer = run_with_policy(google_door, "plan", STAFF, url_blocklist=[f"a{n}.example" for n in range(961)])

    assert answer.exit == 5
    assert "with the 40 existing entries, the list has 1,001. Chrome accepts 1,000" in answer.out


def test_what_cannot_be_blocked_can_be_taken_back(google_door: Door) -> None:
    assert run_with_policy(google_door, "validate", STAFF, url_blocklist={"lacks": ["outlook.com"]}).exit == 0


def test_a_word_that_the_schema_does_not_have_is_refused_in_the_plan_with_those_it_has(google_door: Door) -> None:
    before = newest(google_door)

    answer = run_with_policy(google_door, "apply", "users.ExternalStorage @ /Staff", external_storage_devices="FORBID")

    assert answer.exit == 5
    assert (
        "Google's chrome.users.ExternalStorage has no FORBID for external_storage_devices. It has: READ_WRITE, "
        "READ_ONLY, DISALLOW"
    ) in " ".join(answer.out.split())
    assert writes(google_door.tenant, before) == []


def test_a_web_app_cannot_be_blocked(google_door: Door) -> None:
    name = "users.apps.InstallType web:https://a.example @ /Staff"

    answer = run_with_policy(google_door, "plan", name, app_install_type="BLOCKED")

    assert answer.exit == 5
    assert "Google cannot block a web app" in answer.out


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("users.UrlBlocking @ /Year 3", "no organisational unit /Year 3. Was it moved? There is /Pupils/Year 3"),
        ("users.UrlBlocking @ /Nowhere", "there is no organisational unit /Nowhere. Use a unit that the admin console"),
        ("users.UrlBlocking @ /pupils", "the organisational unit's path is /Pupils, not /pupils"),
        ("users.UrlBlocking @ group:no@a.example", "there is no group no@a.example"),
        (
            "users.BrowserGuestModeEnabled @ group:dsl@example-primary.example",
            "Google sets users.BrowserGuestModeEnabled for organisational units, not for groups",
        ),
    ],
)  # fmt: skip
def test_a_target_that_is_not_there_is_unknown_and_the_rest_goes_on(google_door: Door, name: str, reason: str) -> None:
    setting: dict[str, Json] = (
        {"url_blocklist": ["a.example"]} if "Url" in name else {"browser_guest_mode_enabled": False}
    )
    there = resource(KIND, STAFF, {"url_blocklist": ["a.example"]})
    google_door.write("10-chrome.yaml", playbook(resource(KIND, name, setting), there))

    answer = google_door.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert reason in " ".join(answer.out.split())
    assert "a.example" in str(value_at(google_door.tenant, unit(google_door.tenant, "/Staff"), BLOCKING))


def read_policy(connection: GoogleWorkspace, name: str) -> Remote:
    """Read one policy."""
    (found,) = chrome_policy.KIND.endpoint.read(connection, NamedOnly(frozenset([name])))
    assert isinstance(found, Remote), found
    return found


def write_policy(connection: GoogleWorkspace, remote: Remote, body: Body) -> object:
    endpoint = chrome_policy.KIND.endpoint
    assert isinstance(endpoint, Bulk)
    (outcome,) = endpoint.write_many(connection, [Write(remote.name, body, remote)])
    return outcome


def test_what_somebody_changed_since_it_was_read_is_not_written_over(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote, staff = read_policy(connection, STAFF), unit(tenant, "/Staff")
    set_by_hand(tenant, staff, BLOCKING, {"urlBlocklist": ["by-hand.example"]})

    outcome = write_policy(connection, remote, {"urlBlocklist": ["a.example"]})

    assert isinstance(outcome, Rejected)
    assert "urlBlocklist changed since this run read it, so nothing was written" in str(outcome)
    assert value_at(tenant, staff, BLOCKING) == {"urlBlocklist": ["by-hand.example"]}


def test_what_somebody_made_right_meanwhile_is_not_written(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = read_policy(connection, STAFF)
    set_by_hand(tenant, unit(tenant, "/Staff"), BLOCKING, {"urlBlocklist": ["b.example", "a.example"]})

    assert write_policy(connection, remote, {"urlBlocklist": ["a.example", "b.example"]}) == remote
    assert writes(tenant) == []


def test_nothing_is_written_where_it_cannot_be_read_just_before(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = read_policy(connection, STAFF)
    tenant.fault("refused", RESOLVE)

    outcome = write_policy(connection, remote, {"urlBlocklist": ["a.example"]})

    assert isinstance(outcome, BadAnswer)
    assert "nothing was changed" in str(outcome)
    assert writes(tenant) == []


def test_what_is_read_holds_the_value_and_whether_it_is_set_here(connection: GoogleWorkspace, tenant: Tenant) -> None:
    inherited = read_policy(connection, STAFF).body
    set_by_hand(tenant, unit(tenant, "/Staff"), BLOCKING, {"urlBlocklist": ["a.example"]})
    own, top = read_policy(connection, STAFF).body, read_policy(connection, "users.UrlBlocking @ /").body

    assert (inherited["set here"], own["set here"], top["set here"]) == (False, True, True)
    assert inherited["value"] == top["value"]
    assert own["value"] == {"urlBlocklist": ["a.example"], "chromeInternalUrlsBlocked": False}


def _described(constants: Mapping[str, list[str]], **more: Json) -> Body:
    """Write a schema whose fields each take one of some constants."""
    fields: list[Json] = [{"name": name, "typeName": f".chrome.{name}Enum"} for name in constants]
    enums: list[Json] = [
        {"name": f"{name}Enum", "value": [{"name": constant} for constant in of]} for name, of in constants.items()
    ]
    return {"definition": {"messageType": [{"name": "X", "field": fields}], "enumType": enums}, **more}


@pytest.mark.parametrize(
    ("constants", "words"),
    [
        (["PROXY_MODE_ENUM_DIRECT", "PROXY_MODE_ENUM_PAC_SCRIPT"], ["DIRECT", "PAC_SCRIPT"]),
        (["X_ENUM_ALLOWED", "X_ENUM_NOT_ALLOWED"], ["ALLOWED", "NOT_ALLOWED"]),
        (["BLOCKED", "ALLOWED"], ["BLOCKED", "ALLOWED"]),
        (["X_ENUM_A", "Y_ENUM_A"], ["X_ENUM_A", "Y_ENUM_A"]),
        ([], []),
    ],
)
def test_a_word_is_what_follows_the_beginning_that_all_constants_have(constants: list[str], words: list[str]) -> None:
    schema = Schema("users.X", "X", "X", (ChromeField("mode", ChromeFieldType.WORD, "Says how.", "A"),))

    assert words_of(schema, _described({"mode": constants})) == {"mode": dict(zip(constants, words, strict=True))}


@pytest.mark.parametrize(
    ("value", "acknowledged"),
    [({"arcEnabled": True}, {"ackNoticeForArcEnabledSetToTrue": True}), ({"arcEnabled": False}, {}), ({}, {})],
)
def test_a_notice_is_acknowledged_where_the_value_has_one(
    connection: GoogleWorkspace, value: Body, acknowledged: Body
) -> None:
    described = connection.chrome.schema("chrome.users.appsconfig.AndroidAppsEnabled")

    assert acknowledgement_fields(value, described) == acknowledged


def test_every_policy_of_the_table_has_an_example_that_its_own_form_takes() -> None:
    spec = create_spec(SCHEMAS.values())
    examples = {field.name: field.example for schema in SCHEMAS.values() for field in schema.fields}

    assert set(spec.desired(examples)) == set(spec.table()) - {"inherited"} == set(examples)


def test_two_policies_may_not_have_different_fields_of_one_name() -> None:
    first = Schema(
        "users.A", "A", "A", (ChromeField("same", ChromeFieldType.FLAG, "Says whether it is on.", example=True),)
    )
    second = Schema("users.B", "B", "B", (ChromeField("same", ChromeFieldType.WORD, "Says something.", "X"),))

    with pytest.raises(ValueError, match=r"users\.B: another row has a different field with the name same"):
        create_spec((first, second))


def test_every_policy_of_the_table_is_one_of_googles(connection: GoogleWorkspace) -> None:
    for schema in SCHEMAS.values():
        described = str(connection.chrome.schema(schema.full_name))
        assert [field.name for field in schema.fields if f"'{field.wire_name}'" not in described] == []
