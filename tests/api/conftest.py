"""A small school for the API tests, with one mail rule and a policy of a single clause."""

import pytest

from tests.api.school import PLAYBOOK, POLICY
from tests.door import Door
from tests.schools import Schools


@pytest.fixture
def school(schools: Schools) -> Door:
    """A small school with one mail rule and a policy of a single clause."""
    return schools.build({"users": 10}, files={"10-policy.yaml": POLICY, "30-mail.yaml": PLAYBOOK})
