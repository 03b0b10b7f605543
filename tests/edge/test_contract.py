"""schemathesis holds the running edge against its own OpenAPI document."""

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis import Case, CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.edge.api_edge import app

schema = schemathesis.openapi.from_asgi("/openapi.json", app())


@schema.parametrize()
@settings(max_examples=60, deadline=None)
def test_the_api_is_what_its_document_says(case: Case[Any]) -> None:
    """Whatever the document allows is answered as documented, and what it does not allow is refused."""
    # Which cursors are good changes with the data, and no schema can say it.
    excluded: list[CheckFunction] = [positive_data_acceptance] if "cursor" in case.query else []
    case.call_and_validate(excluded_checks=excluded)
