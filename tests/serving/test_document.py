"""The OpenAPI document against the service, by schemathesis: bodies made from schemas, answers held against them.

It is imported by the tests that use it: that takes two seconds, which each process that collects tests would spend.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz import __version__
from gptviz.serving.document import openapi
from gptviz.serving.endpoints import ENDPOINTS
from gptviz.serving.limits import Limits
from gptviz.serving.schemas import ANSWERS
from tests.serving.conftest import Asked, Make

pytestmark = pytest.mark.slow

SMALL = {"chars": 100, "texts": 4, "tokens": 32}  # so that bodies are, too
DOCUMENT = openapi(Limits(**SMALL), __version__)  # type: ignore[arg-type]
WITH_BODY = [one for one in ENDPOINTS if one.method == "POST"]


@pytest.fixture(scope="module")
def asked(serve: Make) -> Asked:
    return serve(**SMALL)


@pytest.fixture(scope="module")
def schema() -> Any:
    """The document as schemathesis reads it."""
    import schemathesis

    return schemathesis.openapi.from_dict(DOCUMENT)


def more_than_form() -> list[Any]:
    """A body may be well formed and yet be refused: of text and ids exactly one is wanted, and ids are of a
    vocabulary."""
    from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

    return [positive_data_acceptance, unsupported_method]


def sent(asked: Asked, case: Any) -> Any:
    """What the service answers to a case."""
    said = case.as_transport_kwargs(base_url="http://testserver")
    body = said["data"] if said.get("data") is not None else json.dumps(said.get("json")).encode()
    return asked.client.request(said["method"], said["url"], content=body, headers=dict(said["headers"]))


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize("one", WITH_BODY, ids=lambda one: one.name)
def test_every_body_is_answered_as_the_document_says(asked: Asked, schema: Any, one: Any, mode: str) -> None:
    """Well formed or not: never a failure of ours, only statuses, types and shapes that are promised; what the schema
    does not allow is refused."""
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.checks import negative_data_rejection

    operation, more = schema[one.path][one.method], more_than_form()

    @given(data=st.data())
    @settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
    def holds(data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=GenerationMode(mode)))
        answer = sent(asked, case)
        refused_unread = [negative_data_rejection] * (answer.status_code == 413)  # which is no less of a refusal
        case.validate_response(answer, excluded_checks=more + refused_unread)

    holds()


@pytest.mark.parametrize("one", [one for one in ENDPOINTS if one.method == "GET"], ids=lambda one: one.name)
def test_what_is_only_looked_at_is_as_the_document_says(asked: Asked, schema: Any, one: Any) -> None:
    case = schema[one.path][one.method].Case()
    case.validate_response(sent(asked, case), excluded_checks=more_than_form())


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_other_methods_are_refused_by_name(asked: Asked, path: str) -> None:
    known = {name.upper() for name in DOCUMENT["paths"][path]}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - known:
        answer = asked.client.request(method, path, headers={"content-type": "application/json"})
        assert answer.status_code == 405, method
        assert {name.strip() for name in answer.headers["allow"].split(",")} >= known


def test_answers_have_all_that_their_schemas_promise_and_nothing_unsaid(asked: Asked) -> None:
    """The schemas are no wider than what is answered: each property is there, and each that is there is described."""
    for one in ENDPOINTS:
        if one.name in ANSWERS and one.name != "compare":
            body = None if one.example is None else {name: value if name != "text" else "abc"
                                                     for name, value in one.example.items()} | (
                {"texts": ["abc"]} if one.name == "score" else {})  # fmt: skip
            answer = asked.client.request(one.method, one.path, json=body).json()
            _described(answer, ANSWERS[one.name], one.name)


def _described(said: Any, schema: dict[str, Any], where: str) -> None:
    if schema.get("type") == "object" and "properties" in schema:
        extra = {"card"} if where == "card" else set()
        assert set(said) - extra == set(schema["properties"]), where
        for name, inside in schema["properties"].items():
            _described(said[name], inside, f"{where}.{name}")
    if schema.get("type") == "array":
        assert said or where.endswith("models"), where
        for entry in said:
            _described(entry, schema["items"], f"{where}[]")


def test_the_document_is_one_that_can_be_written_down() -> None:
    assert json.loads(json.dumps(DOCUMENT, allow_nan=False)) == DOCUMENT
