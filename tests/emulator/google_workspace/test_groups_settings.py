"""The Groups Settings API."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, refused

_OFFICE = "office@example-primary.example"


def test_a_footer_is_set_and_all_else_stays(google: Google) -> None:
    settings = google.groups_settings
    before = settings.get(groupUniqueId=_OFFICE).execute()
    body = {"includeCustomFooter": "true", "customFooterText": "Sent by the school"}

    after = settings.patch(groupUniqueId=_OFFICE, body=body).execute()

    assert after == {**before, **body}
    assert settings.get(groupUniqueId=_OFFICE).execute() == after


def test_an_update_sets_a_group_anew(google: Google) -> None:
    settings = google.groups_settings

    after = settings.update(groupUniqueId=_OFFICE, body={"includeCustomFooter": "true"}).execute()

    assert (after["includeCustomFooter"], after["whoCanPostMessage"]) == ("true", "ALL_IN_DOMAIN_CAN_POST")


@pytest.mark.parametrize(
    "body",
    [
        {"includeCustomFooter": True},
        {"includeCustomFooter": "yes"},
        {"whoCanPostMessage": "EVERYBODY"},
        {"customFooterText": "x" * 1001},
        {"replyTo": "REPLY_TO_CUSTOM"},
        {"footer": "x"},
    ],
)
def test_a_value_that_a_setting_does_not_take_is_refused(google: Google, body: dict[str, Any]) -> None:
    assert refused(google.groups_settings.patch(groupUniqueId=_OFFICE, body=body)).status == 400


def test_a_name_belongs_to_the_group_itself(google: Google) -> None:
    google.groups_settings.patch(groupUniqueId=_OFFICE, body={"name": "Reception"}).execute()

    assert google.directory.groups().get(groupKey=_OFFICE).execute()["name"] == "Reception"


def test_a_group_that_is_not_there_is_not_found(google: Google) -> None:
    assert refused(google.groups_settings.get(groupUniqueId="nobody@example-primary.example")).reason == "notFound"


def test_only_an_administrator_may_ask(google: Google) -> None:
    settings = google.service("groupssettings", google.teacher()).groups()

    assert refused(settings.get(groupUniqueId=_OFFICE)).status == 403
