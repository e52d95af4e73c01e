"""The service described: as OpenAPI 3.1, and as a page without scripts that opens offline."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from gptviz.remote import wire
from gptviz.serving.bodies import json_schema, rules
from gptviz.serving.endpoints import ENDPOINTS, Endpoint
from gptviz.serving.limits import Limits
from gptviz.serving.schemas import ANSWERS

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "object", "required": ["message", "key", "kind", "values"], "properties": {
        "message": {"type": "string", "description": "A sentence in the language that Accept-Language asks for."},
        "key": {"type": "string"}, "kind": {"type": "string"}, "values": {"type": "object"}}}},
}  # fmt: skip
_ERRORS = {
    "400": "The request cannot be used; the sentence says why.", "401": "No key, or one that is not known.",
    "404": "There is no such address or model.", "405": "Another method is wanted.",
    "408": "The body came too slowly.", "413": "Too much was sent, or asked for.", "415": "The body is no JSON.",
    "421": "The request was meant for another host.", "429": "Too many requests; Retry-After says when.",
    "500": "Something went wrong here.", "503": "Busy, or about to end; Retry-After says when.",
    "504": "It took too long.",
}  # fmt: skip


def openapi(limits: Limits, version: str) -> dict[str, Any]:
    """The document of a service with these limits."""
    bodies = rules(limits)
    paths: dict[str, Any] = {}
    for one in ENDPOINTS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, bodies)
    return {
        "openapi": "3.1.0",
        "info": {"title": "gptviz", "version": version,
                 "description": "A GPT as a service: every probability over the whole vocabulary, every step shown."},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"key": []}],
    }  # fmt: skip


def _operation(one: Endpoint, bodies: dict[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {"description": "The answer.", "content": {one.gives: {"schema": ANSWERS.get(one.name, {})}}}
    }
    if one.name == "generate":
        answers["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    if one.name == "score":
        answers["200"]["content"][wire.TYPE] = {"schema": {}}
    for status, about in _ERRORS.items():
        schema = {"$ref": "#/components/schemas/Error"}
        answers[status] = {"description": about, "content": {"application/json": {"schema": schema}}}
    found: dict[str, Any] = {"operationId": one.name, "summary": one.about, "responses": answers}
    if one.example is not None:
        schema = json_schema(bodies[one.name])
        content = {"application/json": {"schema": schema, "example": one.example}}
        found["requestBody"] = {"required": True, "content": content}
    return found | ({"security": []} if one.open else {})


_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 0.25rem; } h2 span { opacity: 0.6; font-weight: 400; }
p { margin: 0.25rem 0; } pre { overflow-x: auto; padding: 0.75rem; border-radius: 0.5rem; background: #8881; }
code { font: 0.9em ui-monospace, monospace; }
"""


def page(name: str, host: str) -> str:
    """The same for people: each address with a request that can be pasted into a shell."""
    parts = [_part(one, host) for one in ENDPOINTS if one.name != "page"]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>gptviz serve</title><style>{_STYLE}</style><h1>gptviz serve</h1>"
        f"<p>The model <strong>{escape(name)}</strong> as a service. Errors are sentences, in the language that "
        "<code>Accept-Language</code> asks for. Where keys are asked for: <code>Authorization: Bearer …</code></p>"
        f"{''.join(parts)}</html>\n"
    )


def _part(one: Endpoint, host: str) -> str:
    request = f"curl -s http://{host}{one.path}"
    if one.example is not None:
        said = json.dumps(one.example, ensure_ascii=False)
        request += f" \\\n  -H 'Content-Type: application/json' \\\n  -d '{said}'"
        request += " \\\n  -o answer.safetensors" if one.gives == wire.TYPE else ""
    return (f"<h2>{escape(one.path)} <span>{one.method}</span></h2><p>{escape(one.about)}</p>"
            f"<pre><code>{escape(request)}</code></pre>")  # fmt: skip
