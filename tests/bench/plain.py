"""A plain client: signs in and reads one thing after the other, as a script with requests would.

`python -m tests.bench.plain` takes one line of JSON on standard input, an Errand, and says how many rows it read.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from requests import Session

GRAPH = "https://graph.microsoft.com"
EXCHANGE = "https://outlook.office365.com"


@dataclass(frozen=True)
class Errand:
    """What to read, where, and as whom."""

    url: str
    ca_file: str
    tenant_id: str
    client_id: str
    client_secret: str
    paths: Sequence[str]  # of Graph, each read page by page
    cmdlets: Sequence[str]  # of Exchange

    @property
    def line(self) -> str:
        return json.dumps(asdict(self))


def main() -> None:
    """Read everything of an errand."""
    errand = Errand(**json.loads(sys.stdin.readline()))
    with Session() as http:
        http.verify, http.trust_env = errand.ca_file, False
        rows = _graph(http, errand) + _exchange(http, errand)
    print(rows)  # noqa: T201 - its answer


def _graph(http: Session, errand: Errand) -> int:
    rows, headers = 0, _signed_in(http, errand, GRAPH)
    for path in errand.paths:
        link: str | None = f"{errand.url}/graph.microsoft.com/v1.0{path}"
        while link:
            answer = http.get(link, headers=headers, timeout=600)
            answer.raise_for_status()
            rows, link = rows + len(answer.json()["value"]), answer.json().get("@odata.nextLink")
    return rows


def _exchange(http: Session, errand: Errand) -> int:
    rows, headers = 0, _signed_in(http, errand, EXCHANGE)
    url = f"{errand.url}/adminapi/beta/{errand.tenant_id}/InvokeCommand"
    for cmdlet in errand.cmdlets:
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": {}}}
        answer = http.post(url, json=body, headers=headers, timeout=600)
        answer.raise_for_status()
        rows += len(answer.json()["value"])
    return rows


def _signed_in(http: Session, errand: Errand, audience: str) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "scope": f"{audience}/.default",
        "client_id": errand.client_id,
        "client_secret": errand.client_secret,
    }
    answer = http.post(f"{errand.url}/{errand.tenant_id}/oauth2/v2.0/token", data=form, timeout=600)
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


if __name__ == "__main__":
    main()
