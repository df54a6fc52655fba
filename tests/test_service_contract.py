"""The interface against its own description: schemathesis asks a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from running_service import running

OPERATIONS = (
    "POST /v1/classify",
    "POST /v1/classify/batch",
    "POST /v1/text-classification",
    "POST /v1/jobs",
    "GET /v1/jobs/{job_id}",
    "DELETE /v1/jobs/{job_id}",
    "GET /v1/jobs/{job_id}/result",
    "POST /v1/feedback",
    "GET /v1/taxonomy",
    "GET /v1/departments",
    "GET /v1/model",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
)
EXAMPLES = 15
# What a description cannot say: a bad item of a batch has an error of its own in an answer that is
# right; a file is of one of nine kinds; a value must fit its target.
OWN_RULES = {
    "POST /v1/classify/batch": [negative_data_rejection],
    "POST /v1/jobs": [positive_data_acceptance],
    "POST /v1/feedback": [positive_data_acceptance],
}


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with running(tmp_path_factory.mktemp("contract"), max_jobs=10_000) as server:
        description = schemathesis.openapi.from_url(server.address + "/openapi.json")
        found = [one.ok() for one in description.get_all_operations()]
        yield {operation.label: operation for operation in found}


def test_every_operation_is_asked(operations: dict[str, Any]) -> None:
    assert set(operations) == set(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(
    operations: dict[str, Any], label: str, mode: GenerationMode
) -> None:
    operation = operations[label]
    has_input = operation.body or operation.path_parameters or operation.headers
    if mode is GenerationMode.NEGATIVE and not has_input:
        return  # nothing that could be wrong

    @settings(
        max_examples=EXAMPLES if has_input else 2,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(excluded_checks=OWN_RULES.get(label, []))

    check()
