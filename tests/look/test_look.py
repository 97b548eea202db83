"""`toolkit look`: a person signs in, everything is read, and two files are all that is written."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.door import CommandResult, Door, ask, open_door
from tests.emulated import FEW_PUPILS, Emulator, Tenant
from toolkit.errors import UsageError
from toolkit.look.facts import SEE_BELOW, read_question_table
from toolkit.look.nameless import LEFT_OUT
from toolkit.look.run import notice_before_sign_in, reasons_to_leave_out_clouds
from toolkit.sdk.providers import kinds
from toolkit.settings.school_folder import SchoolFolder
from toolkit.settings.settings import find_settings

PROVIDERS = ("microsoft365", "google_workspace")


@dataclass(frozen=True)
class Looked:
    """What one look did: its answer, its files, and the requests that the tenant got."""

    door: Door
    folder: Path
    answered: CommandResult
    requests: list[dict[str, Any]]
    state: list[str]

    @property
    def page(self) -> str:
        return (self.folder / "look.html").read_text()

    @property
    def answer(self) -> Any:
        return json.loads((self.folder / "look.json").read_text())


def _looked(tenant: Tenant, folder: Path, *options: str) -> Looked:
    door = open_door(tenant, folder, samples=False)
    before = tenant.last_request()
    answered = ask("look", "-o", folder / "out", "--tenant", tenant.tenant_id, *options, **door.variables)
    state = sorted(str(path.relative_to(door.state)) for path in door.state.rglob("*") if path.is_file())
    return Looked(door, folder / "out", answered, tenant.requests(before), state)


@pytest.fixture(scope="module")
def tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Open one tenant for all looks: a look changes nothing in it."""
    tenant = emulator.borrow_tenant(**FEW_PUPILS)
    yield tenant
    tenant.close()


@pytest.fixture(scope="module")
def looked(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    return _looked(tenant, tmp_path_factory.mktemp("look"))


def test_a_look_sends_only_reads_and_writes_two_files(looked: Looked) -> None:
    assert (looked.answered.exit, looked.answered.err.count("an emulated person signs in")) == (0, 1)
    assert sorted(path.name for path in looked.folder.iterdir()) == ["look.html", "look.json"]
    assert looked.state == ["emulator/serve.json"]  # which the test itself wrote: no ledger, no log
    operations = [operation for request in looked.requests for operation in request["operations"]]
    assert len(operations) > 50
    assert [operation["name"] for operation in operations if operation["write"]] == []
    assert looked.page.count("What a look leaves out") == 1


def test_the_next_step_begins_playbooks_for_the_school_that_was_seen(looked: Looked, tmp_path: Path) -> None:
    step = looked.answered.out.strip().splitlines()[-1].strip()
    assert step in looked.page.replace("&#x27;", "'")
    words = [str(tmp_path / word) if word == "my-school" else word for word in shlex.split(step)[1:]]
    words.remove("--from-tenant")  # it has its own tests, and reads everybody
    begun = ask(*words, "--no-questions", **looked.door.variables)
    assert begun.exit == 0, begun.err
    school = (tmp_path / "my-school" / "playbooks" / "00-school.yaml").read_text()
    assert "school: Example Primary School" in school


def test_the_page_has_a_fact_for_each_row_and_agrees_with_the_tenant(looked: Looked, tenant: Tenant) -> None:
    page = looked.page
    assert SEE_BELOW not in page.casefold()
    for section in read_question_table()["section"]:
        assert all(f">{row['label'].replace(chr(39), '&#x27;')}</th>" in page for row in section["row"])
    users = tenant.objects("users").values()
    enabled = sum(user["accountEnabled"] for user in users)
    assert f">{enabled} enabled and {len(users) - enabled} disabled" in page
    assert "2 accounts (Global Administrator)" in page
    assert "Anyone who has a link can open it" in page
    assert "<script" not in page
    assert "http" not in re.sub(r"http-equiv", "", page)  # nothing is fetched, and nothing leads away
    assert not [user for user in users if str(user["userPrincipalName"]) in page]


def test_the_top_of_the_page_is_short_and_counts_as_the_command_does(looked: Looked) -> None:
    top = looked.page.partition('id="first"')[2].partition("</section>")[0]
    answers = dict(re.findall(r"<strong>(.*?):</strong> (.*?)\. <span", top))
    (more,) = re.findall(r"(\d+) more lines are marked", top)
    (asks,) = re.findall(r"(\d+) to ask about", looked.answered.out)

    assert answers["Encrypted, locked and up to the rules"] == "3 of 10 on Microsoft 365; 36 of 41 on Google Workspace"
    assert [answer for answer in answers.values() if ": " in answer] == []
    assert int(asks) == len(answers) + int(more)


def test_a_page_without_gaps_claims_only_what_a_look_reads(looked: Looked) -> None:
    assert "<dt>Not read</dt><dd>nothing that a look reads</dd>" in looked.page
    assert "Not looked at: Microsoft shows cases only to their members" in looked.page
    assert ">not read" not in looked.page.casefold().replace("<dt>not read</dt>", "")


def _identifying(tenant: Tenant) -> set[str]:
    """Collect what names someone or something in everything that the emulator keeps of a tenant."""
    found: set[str] = {tenant.tenant_id, tenant.customer_id, tenant.domain, tenant.initial_domain}
    named = re.compile(r".*(name|address|mail|title|identity)$", re.IGNORECASE)
    for (collection, _key), body in tenant.everything().items():
        found |= {text for name, text in _strings(body) if "@" in text or _GUID.fullmatch(text)}
        if collection in {"users", "google.users", "groups", "google.groups", "tenants"}:
            found |= {text for name, text in _strings(body) if named.fullmatch(name)}
    return {text.casefold() for text in found if len(text) > 3} - _WORDS_OF_PROGRAMS


_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Words of toolkit's own that someone or something in the tenants is called too.
_WORDS_OF_PROGRAMS = {"member", "guest", "default", "microsoft 365", "leaver", "workspace"}


def _strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield name, value
        case dict():
            for key, inner in value.items():
                yield from _strings(inner, str(key))
        case list():
            for inner in value:
                yield from _strings(inner, name)


def test_the_file_for_the_maintainers_holds_no_name_of_anything_in_the_tenants(looked: Looked, tenant: Tenant) -> None:
    text = (looked.folder / "look.json").read_text().casefold()
    identifying = _identifying(tenant)
    assert len(identifying) > 300
    assert sorted(name for name in identifying if name in text) == []
    surnames = {str(user["surname"]).casefold() for user in tenant.objects("users").values() if user.get("surname")}
    assert sorted(name for name in surnames if name in text) == []
    for provider in PROVIDERS:
        cloud = looked.answer["clouds"][provider]
        read = {name for name in kinds(provider) if name not in cloud["left_out"]}
        assert set(cloud["kinds"]) == read
        assert cloud["people"] > 60


def test_unknown_properties_are_named_unless_they_may_be_names(tenant: Tenant, tmp_path: Path) -> None:
    (key, policy), *_ = tenant.objects("exchange.outboundSpamPolicies").items()
    person = next(user for user in tenant.objects("users").values() if user.get("surname"))
    planted = {
        "BrandNewSetting": True, f"{person['surname']}Setting": 1, "extension_0b1f5e0c8a3d4a57_role": "x",
        "with blanks": 1,
    }  # fmt: skip
    tenant.patch("exchange.outboundSpamPolicies", key, **planted)

    found = _looked(tenant, tmp_path).answer["clouds"]["microsoft365"]["kinds"]["outbound_spam_policy"]

    tenant.put("exchange.outboundSpamPolicies", key, policy)
    assert found["unknown_properties"] == {"BrandNewSetting": 1, LEFT_OUT: 3}


def test_what_could_not_be_read_is_on_the_page_with_the_reason_and_never_a_zero(tenant: Tenant, tmp_path: Path) -> None:
    for operation in ("Get-HostedOutboundSpamFilterPolicy", "GET /reports/*", "GET /directoryRoles*"):
        tenant.fault("refused", operation)
    looked = _looked(tenant, tmp_path)
    tenant.disarm()

    assert looked.answered.exit == 4
    cells = re.findall(r'<th role="rowheader" scope="row">([^<]+)</th>\n<td[^>]*>(.*?)</td>', looked.page)
    shown = {label: re.sub("<[^>]+>", " ", cell) for label, cell in cells}
    for label in (
        "People with a second factor (MFA)", "Administrators with all rights",
        "Automatic forwarding to outside addresses",
    ):  # fmt: skip
        assert SEE_BELOW.casefold() in shown[label].casefold(), shown[label]
    assert looked.page.count("Sign in as someone with the role Global Reader") >= 3
    assert "this app needs" not in looked.page
    kind = looked.answer["clouds"]["microsoft365"]["kinds"]["outbound_spam_policy"]
    assert [error["reason"] for error in kind["errors"]] == [["permission_missing"]]
    (mfa, *_) = looked.answer["clouds"]["microsoft365"]["checks"]["identity.mfa"]["errors"]
    assert (mfa["reason"], mfa["call"], mfa["code"]) == (
        ["permission_missing"], ["GET /reports/authenticationMethods/userRegistrationDetails"],
        ["Authorization_RequestDenied"],
    )  # fmt: skip
    assert kind["errors"][0]["call"] == ["Get-HostedOutboundSpamFilterPolicy"]


def test_another_tenant_and_a_declined_sign_in_write_nothing(tenant: Tenant, tmp_path: Path) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    other = ask("look", "-o", tmp_path / "out", "--tenant", "other-school.example", **door.variables)
    assert other.exit == 2
    assert "and not of other-school.example" in other.err
    assert not list((tmp_path / "out").iterdir())

    roles = {key: tenant.read_object("members", key) for key in tenant.objects("directoryRoles")}
    for key in roles:
        tenant.put("members", key, {"members": []})
    declined = ask("look", "-o", tmp_path / "out", "--tenant", tenant.tenant_id, **door.variables)
    for key, members in roles.items():
        tenant.put("members", key, members)
    assert declined.exit == 1
    assert "Microsoft refused the sign-in by Microsoft Graph Command Line Tools" in declined.err
    assert not list((tmp_path / "out").iterdir())


def test_the_person_reads_before_the_sign_in_what_the_tokens_carry(tmp_path: Path) -> None:
    def notice_text(*only: str, **variables: str) -> str:
        settings = find_settings(SchoolFolder(tmp_path), variables)
        return "\n".join(notice_before_sign_in(reasons_to_leave_out_clouds(settings, only, live=True), live=True))

    without = notice_text()
    assert "may include more than toolkit uses" in without
    assert "ask a Global Administrator to sign in here and tick 'Consent on behalf of your organization'" in without
    assert "Google Workspace is not read: Google does not publish a client" in without
    with_client = {"TOOLKIT_TARGET": "live", "TOOLKIT_GOOGLE_SIGN_IN_CLIENT": "client.json"}
    assert "sign in as a super administrator" in notice_text(**with_client)
    assert "may include more" not in notice_text("google_workspace", **with_client)
    with pytest.raises(UsageError, match="Create an OAuth client of type desktop app once"):
        notice_text("google_workspace")


def test_every_row_names_a_setting_and_values_that_its_kind_has() -> None:
    rows = [row for section in read_question_table()["section"] for row in section["row"]]
    sources = [(provider, row[provider]) for row in rows for provider in PROVIDERS if provider in row]
    for provider, source in sources:
        for asked in (source, source.get("unless", {})):
            if "kind" not in asked:
                continue
            settings = kinds(provider)[asked["kind"]].spec.table()
            assert {*asked.get("where", {}), *filter(None, [asked.get("setting")])} <= set(settings)
        if "words" in source and "kind" in source:
            said = str(kinds(provider)[source["kind"]].spec.model_fields[source["setting"]].annotation)
            values = {"true", "false"} if "bool" in said else set(re.findall(r"'(\w+)'", said))
            assert set(source["words"]) == values, source["setting"]
