"""Operations, which every write answers with: done, not yet done, or failed although the status is 200.

There is no way to ask for one again: cloudidentity v1 has no operations.get.
"""

from uuid import uuid4

from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

_POLICY = "type.googleapis.com/google.apps.cloudidentity.policies.v1.Policy"
_ABORTED = 10  # google.rpc.Code


def done(response: Body) -> Body:
    """Tell that a write has taken effect, with what came of it."""
    return {"done": True, "response": {"@type": _POLICY, **response}}


def undone() -> Answer:
    """Tell that a write is still under way."""
    return Answer(body={"name": f"operations/{uuid4().hex}", "done": False})


def failed() -> Answer:
    """Tell inside a good answer that a write came to nothing."""
    error: Body = {"code": _ABORTED, "message": "The operation was aborted."}
    return Answer(body={"done": True, "error": error})
