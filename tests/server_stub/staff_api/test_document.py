"""What the OpenAPI document of the staff API says is true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from server_stub.staff_api import paths
from server_stub.staff_api.router import openapi_text

KEPT = Path(__file__).parents[3] / "assets" / "staff-api" / "v1" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(openapi_text())


def operations(document) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, ways in document["paths"].items():
        for method, operation in ways.items():
            yield f"{method} {path}", operation


def contents(operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body of an operation and each of its answers that has one."""
    for place, said in [
        ("body", operation.get("requestBody", {})),
        *operation["responses"].items(),
    ]:
        for kind, content in said.get("content", {}).items():
            if kind == "application/json":
                yield place, content


def test_the_document_is_the_one_in_the_assets():
    """Where it differs on purpose: python assets/staff-api/v1/build.py."""
    assert KEPT.read_text(encoding="utf-8") == openapi_text()


def test_the_server_gives_out_the_document_without_a_login(client):
    answer = client.get(paths.DOCUMENT)

    assert answer.status_code == 200
    assert answer.text == openapi_text()


def test_every_body_and_answer_has_an_example_and_every_example_is_true(document):
    checked = 0
    for name, operation in operations(document):
        for place, content in contents(operation):
            examples = [e["value"] for e in content.get("examples", {}).values()]
            examples += [content["example"]] if "example" in content else []
            assert examples, (name, place)
            schema = content["schema"] | {"components": document["components"]}
            for example in examples:
                jsonschema_rs.validate(schema, example)
                checked += 1
    assert checked > 50


def test_every_operation_says_what_it_does_and_whom_it_lets_in(document):
    free = {"post /staff/v1/sessions", "get /healthz", "get /livez"}
    for name, operation in operations(document):
        assert operation["description"], name
        if name in free:
            assert not operation.get("security"), name
        else:
            assert {scheme for way in operation["security"] for scheme in way} == {
                "session token",
                "session cookie",
            }, name
            assert "401" in operation["responses"], name


def test_every_refusal_is_a_staff_refusal_or_of_the_health(document):
    for name, operation in operations(document):
        for place, content in contents(operation):
            if place.isdigit() and place >= "400" and name != "get /healthz":
                assert content["schema"] == {"$ref": "#/components/schemas/StaffRefusal"}, name


def test_every_list_is_paged(document):
    """Every answer that holds items also says how to go on."""
    schemas = document["components"]["schemas"]
    lists = {name: s for name, s in schemas.items() if "items" in s.get("properties", {})}

    assert len(lists) >= 7
    for name, schema in lists.items():
        assert {"next", "last"} & set(schema["required"]), name


def test_every_reference_leads_somewhere(document):
    referred = {
        part.split('"')[0] for part in json.dumps(document).split('"#/components/schemas/')[1:]
    }

    assert referred <= set(document["components"]["schemas"])


def test_what_bounds_a_value_is_said_in_words_of_json_schema(document):
    """Where a validator of ours comes first, pydantic may write its own words instead."""
    found = {
        word
        for word in ("ge", "gt", "le", "lt", "strict", "min_length", "max_length")
        if f'"{word}":' in json.dumps(document)
    }

    assert not found
