"""Discovery, served live from the documents inside the client library."""

from googleapiclient.discovery import build

from tests.emulated import HANG, trusting
from tests.emulator.google_workspace.asking import Google


def test_a_service_is_built_from_the_served_document_and_calls_come_here(google: Google) -> None:
    url = google.tenant.emulator.url + "/{api}.googleapis.com/$discovery/rest?version={apiVersion}"
    gmail = build(
        "gmail", "v1", http=google.authorized_http("gmail", google.teacher()), discoveryServiceUrl=url,
        static_discovery=False, cache_discovery=False,
    )  # fmt: skip

    assert gmail.users().settings().sendAs().list(userId="me").execute()["sendAs"]


def test_the_groups_settings_document_leads_to_the_host_that_answers_it(google: Google) -> None:
    url = google.root("groupssettings.googleapis.com") + "$discovery/rest?version=v1"

    document = google.tenant.emulator.http.get(url, timeout=HANG).json()

    assert document["rootUrl"] == google.root("www.googleapis.com")
    assert document["baseUrl"] == google.root("www.googleapis.com") + "groups/v1/groups/"


def test_a_client_that_knows_only_the_vendors_hosts_gets_the_document_as_it_is(google: Google) -> None:
    emulator = google.tenant.emulator
    with trusting(emulator.ca_file) as client:
        client.proxies = {"https": str(emulator.proxy)}
        document = client.get("https://admin.googleapis.com/$discovery/rest?version=directory_v1", timeout=HANG).json()

    assert document["rootUrl"] == "https://admin.googleapis.com/"


def test_an_api_without_a_document_is_not_found(google: Google) -> None:
    url = google.root("admin.googleapis.com") + "$discovery/rest?version=../../../etc/passwd"

    assert google.tenant.emulator.http.get(url, timeout=HANG).status_code == 404


def test_a_method_that_is_not_emulated_says_so(google: Google) -> None:
    url = google.root("gmail.googleapis.com") + "gmail/v1/users/me/messages"

    answer = google.tenant.emulator.http.get(url, timeout=HANG)

    assert answer.status_code == 501
    assert "/gmail/v1/users/me/messages" in answer.json()["error"]["message"]
