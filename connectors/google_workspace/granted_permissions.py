"""What a service account may really do: Google lists no delegated scopes, so each is tried by asking for a token."""

from collections.abc import Iterator, Sequence

from connectors.google_workspace.api.methods import SCOPES
from connectors.google_workspace.identity import Ambient, ServiceAccount
from connectors.google_workspace.people import for_each
from connectors.google_workspace.permissions import PREFIX
from connectors.google_workspace.sign_in import SignIn
from toolkit.errors import Refused, SignInRefused
from toolkit.sdk.permission import Credential, Granted, Permission, Sort

# What no playbook ever needs, and what costs most where the key is lost.
_WIDEST = (
    "cloud-platform", "drive", "drive.readonly", "gmail.modify", "gmail.readonly", "admin.directory.user",
    "admin.directory.group", "admin.directory.rolemanagement", "admin.directory.user.security",
)  # fmt: skip
_REMARK = (
    "Google lists no delegated scopes: those of toolkit and the widest ones were tried; what else stands under "
    "Domain-wide delegation, and the administrator's privileges, only the admin console shows"
)


def read_granted(sign_in: SignIn, needed: Sequence[Permission]) -> Granted:
    """Ask for a token for each scope that is needed, that toolkit has any use for, or that is too wide for anybody."""
    wanted = [one.name.removeprefix(PREFIX) for one in needed if one.sort is Sort.SCOPE]
    tried = list(dict.fromkeys([*wanted, *SCOPES.values(), *_WIDEST]))
    found = for_each(tried, lambda scope: _is_granted(scope, sign_in))
    granted = (scope for scope, has in zip(tried, found, strict=True) if has is True)
    return Granted({(Sort.SCOPE, ""): frozenset(PREFIX + scope for scope in granted)}, _REMARK)


def _is_granted(scope: str, sign_in: SignIn) -> bool:
    try:
        sign_in.token(scope, sign_in.administrator)
    except SignInRefused:
        raise
    except Refused:
        return False
    return True


def read_credentials(account: ServiceAccount) -> Iterator[Credential]:
    """Say what is known of the key that the account signs with."""
    if isinstance(account, Ambient):
        yield Credential("signing of this machine", None, "there is no key that could end or get lost")
    else:
        yield Credential(
            "key of the service account",
            None,
            "it never ends and its age is not visible here: replace it every year in the Google Cloud console",
        )
