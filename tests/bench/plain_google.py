"""A plain client of Gmail: signs in as one person after the other and reads their signatures.

It takes one line of JSON on standard input: url, ca_file, key of a service account, people by their addresses.
"""

import json
import sys
import time
from collections.abc import Mapping

import jwt
from requests import Session

_SCOPE = "https://www.googleapis.com/auth/gmail.settings.basic"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def main() -> None:
    """Read the signatures of everybody named."""
    errand = json.loads(sys.stdin.readline())
    rows = 0
    with Session() as http:
        http.verify, http.trust_env = errand["ca_file"], False
        for person in errand["people"]:
            token = _signed_in(http, errand["url"], errand["key"], person)
            answer = http.get(
                f"{errand['url']}/gmail.googleapis.com/gmail/v1/users/me/settings/sendAs",
                headers={"Authorization": f"Bearer {token}"},
                timeout=600,
            )
            answer.raise_for_status()
            rows += len(answer.json()["sendAs"])
    print(rows)  # noqa: T201 - its answer


def _signed_in(http: Session, url: str, key: Mapping[str, str], person: str) -> str:
    now = int(time.time())
    claims = {
        "iss": key["client_email"],
        "sub": person,
        "scope": _SCOPE,
        "aud": key["token_uri"],
        "iat": now,
        "exp": now + 3600,
    }
    assertion = jwt.encode(claims, key["private_key"], algorithm="RS256", headers={"kid": key["private_key_id"]})
    form = {"grant_type": _GRANT, "assertion": assertion}
    answer = http.post(f"{url}/oauth2.googleapis.com/token", data=form, timeout=600)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


if __name__ == "__main__":
    main()
