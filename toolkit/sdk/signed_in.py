"""Who signed in as themselves, as their own sign-in says and the tenant's directory knows them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who has just shown who they are; nothing of how they did is kept."""

    provider: str
    id: str  # never changes
    address: str
    name: str
    title: str  # the post that the directory gives them, "" where it gives none
    enabled: bool
