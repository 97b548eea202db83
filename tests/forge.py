"""A server that answers as GitHub's API does for a pull request and its reviews.

The responses have the fields of https://docs.github.com/rest/pulls/pulls and https://docs.github.com/rest/pulls/reviews.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "example-primary/policy"
PULL = f"https://github.com/{REPOSITORY}/pull/12"
TOKEN = "ghs_0123456789abcdefghijklmnop"
HEAD = "6dcb09b5b57875f334f61aebed695e2e4193db5e"


@dataclass
class Forge:
    """The state of the pull request, and the requests that were received."""

    url: str = ""
    author: str = "technician"
    head: str = HEAD
    reviews: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    redirect: str = ""  # the place that every response leads to

    def review(self, login: str, state: str = "APPROVED", commit: str = HEAD) -> None:
        """Add a review of a person."""
        number = len(self.reviews) + 80
        self.reviews.append(
            {
                "id": number,
                "user": {"login": login, "id": 1, "type": "User"},
                "body": "",
                "state": state,
                "html_url": f"{PULL}#pullrequestreview-{number}",
                "pull_request_url": f"https://api.github.com/repos/{REPOSITORY}/pulls/12",
                "submitted_at": "2026-11-10T09:00:00Z",
                "commit_id": commit,
                "author_association": "COLLABORATOR",
            }
        )

    def answer(self, path: str) -> Any:
        """Return the body for a path, or None if there is nothing."""
        parts, pull = urlsplit(path), f"/repos/{REPOSITORY}/pulls/12"
        if parts.path == pull:
            return {"number": 12, "state": "open", "user": {"login": self.author}, "head": {"sha": self.head}}
        if parts.path == f"{pull}/reviews":
            query = parse_qs(parts.query)
            size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
            return self.reviews[(page - 1) * size : page * size]
        return None


@contextmanager
def run_forge() -> Iterator[Forge]:
    """Run the server while the block lasts."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            forge.requests.append(self.path)
            body = forge.answer(self.path)
            if forge.redirect:
                self.send_response(302)
                self.send_header("Location", forge.redirect)
                self.end_headers()
                return
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, body = 401, {"message": "Bad credentials"}
            else:
                status = 404 if body is None else 200
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            self.wfile.write(json.dumps(body or [] if status == 200 else {"message": "Not Found"}).encode())

        def log_message(self, *_arguments: object) -> None:
            """Write nothing to standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forge.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
