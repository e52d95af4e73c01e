"""What the answers look like, as JSON Schema: for the document, so that programs know what they will be given."""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_LOGPROB: dict[str, Any] = {"type": ["number", "null"], "maximum": 1e-6,
                            "description": "Natural logarithm; null: impossible, or the first token."}  # fmt: skip
_IDS: dict[str, Any] = {"type": "array", "items": _COUNT}


def _object(description: str = "", needed: tuple[str, ...] | None = None, **properties: Any) -> dict[str, Any]:
    said = {"description": description} if description else {}
    return {"type": "object", **said, "properties": properties, "required": list(needed or properties)}


def _all(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _token(**more: Any) -> dict[str, Any]:
    """A token and what is told of it beside."""
    return _object(
        id=_COUNT,
        text={"type": ["string", "null"], "description": "null where it is part of a character"},
        bytes={"type": "string", "pattern": "^([0-9a-f]{2})*$", "description": "hex, exact"},
        **more,
    )


_STEP = _token(
    index=_COUNT, logprob=_LOGPROB | {"description": "Under the model, before any filter."},
    probability=_SHARE | {"description": "After all filters: with it the token was chosen."},
    draw={"type": ["number", "null"], "minimum": 0, "maximum": 1,
          "description": "The uniform number that drew it; null where nothing was drawn."},
    finish={"type": ["string", "null"], "description": "Why the text ends here; null where it goes on."},
)  # fmt: skip
_MODEL = _object(
    name=_TEXT, fingerprint=_TEXT, weights=_TEXT, rounding={"type": ["object", "null"]}, n_tokens=_COUNT,
    parameters=_COUNT, block_size=_COUNT, config={"type": "object"}, chat_template={"type": ["string", "null"]},
)  # fmt: skip

#: By endpoint; what is not named here is an array file, a figure for Prometheus, or described where it is made.
ANSWERS: dict[str, dict[str, Any]] = {
    "health": _object(status={"const": "ok"}, model=_TEXT, version=_TEXT, seconds={"type": "number", "minimum": 0}),
    "models": _object(models=_all(_MODEL)),
    "card": _MODEL,
    "next": _object(
        model=_TEXT, ids=_IDS, tokens=_all(_token(probability=_SHARE, logprob=_LOGPROB)),
        tail=_object("All other tokens together: with it, probabilities sum to 1.", tokens=_COUNT, probability=_SHARE),
        entropy={"type": "number", "minimum": 0, "description": "bits"},
    ),
    "generate": _object(
        model=_TEXT, strategy={"type": "object"}, seed=_COUNT, ids=_IDS, text=_TEXT,
        finish={"type": ["string", "null"]}, tokens=_all(_STEP),
    ),
    "score": _object(model=_TEXT, texts=_all(_object(
        ids=_IDS, logprob=_LOGPROB,
        tokens=_all(_token(logprob=_LOGPROB, rank={"type": ["integer", "null"], "minimum": 0})),
    ))),
    "compare": _object(
        "What gptviz compare --json writes; gptviz replay reads it.", ("gptviz", "model", "prompt", "ids", "columns"),
        gptviz=_COUNT, model={"type": "object"}, prompt=_TEXT, ids=_IDS, columns=_all({"type": "object"}),
    ),
    "encode": _object(model=_TEXT, ids=_IDS, tokens=_all(_token(start=_COUNT, end=_COUNT))),
}  # fmt: skip
