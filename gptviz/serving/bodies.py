"""What may stand in the body of each request, as rules: those that are checked are those that the document shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptviz.decoding.parameters import SEED
from gptviz.errors import ConfigError, FileError
from gptviz.gpt.taps import TAPS
from gptviz.schema import Either, Entries, Flag, Number, Record, Rule, Text, Whole, read_data
from gptviz.serving.limits import Limits

MOST_ID = 2**31 - 1
MOST_ROWS = 256  # that are read side by side
#: Beside the taps of a trace: its pattern in bytes, what each token cost, and what is said of the next one.
MORE = ("shades", "logprobs", "last_logits")
ARRAYS = (*TAPS, *MORE)
_MOST_SEED = int(SEED.most)
_NAME = Text(200)


def rules(limits: Limits) -> dict[str, Record]:
    """By endpoint."""
    text, ids = Text(limits.chars), Entries(Whole(0, MOST_ID), limits.tokens)
    prompt: dict[str, Rule] = {"model": _NAME, "text": text, "ids": ids}
    strategy = Either(Text(40), Record({"name": Text(40)}, needed=("name",), most=40))
    writing: dict[str, Rule] = {"max_new_tokens": Whole(1, limits.new_tokens), "seed": Whole(0, _MOST_SEED)}
    row = Entries(Whole(0, MOST_ID), limits.tokens + 1)
    moves = Entries(Entries(Entries(Whole(0, MOST_ID), MOST_ROWS), 2), limits.new_tokens)
    layer = Whole(0, 10_000)
    return {
        "next": _closed(prompt | {"top": Whole(0, limits.top)}),
        "generate": _closed(prompt | {"strategy": strategy, "stream": Flag()} | writing),
        "compare": _closed(
            prompt | {"strategies": Entries(strategy, limits.strategies, keys=Text(100, 1))} | writing, "strategies"
        ),
        "score": _closed(
            {
                "model": _NAME,
                "texts": Entries(text, limits.texts),
                "rows": Entries(row, limits.texts),
                "start": Whole(1, limits.tokens),
            }
        ),
        "trace": _closed(
            prompt
            | {
                "arrays": Entries(Text(20), len(ARRAYS)),
                "layer": layer,
                "reuse": Text(64),
                "whole": Flag(),
                "rows": Entries(Whole(0, limits.tokens), 2),
            }
        ),
        "encode": _closed({"model": _NAME, "text": text}, "text"),
        "read": _closed({"model": _NAME, "ids": ids, "moves": moves}, "ids"),
        "layer": _closed({"model": _NAME, "layer": layer}, "layer"),
        "card": _closed({"model": _NAME}),
    }


def _closed(found: Mapping[str, Rule], *needed: str) -> Record:
    return Record(found, needed=needed, closed=True)


def parse(body: bytes, rule: Record) -> dict[str, Any]:
    """The body, checked. Raises ConfigError, which says what is wrong in it."""
    try:
        found: dict[str, Any] = read_data(body or b"{}", rule, surrogates=True)  # a model reads those as U+FFFD
    except FileError as error:
        raise ConfigError("serve.body", reason=error) from error
    return found


def json_schema(rule: Rule | None) -> dict[str, Any]:
    """A rule as JSON Schema says it."""
    if rule is None:
        return {"type": "null"}
    if isinstance(rule, Whole):
        return {"type": "integer", "minimum": rule.low, "maximum": rule.high}
    if isinstance(rule, Number):
        low = "exclusiveMinimum" if rule.above else "minimum"
        return {"type": "number", low: rule.low, "maximum": rule.high}
    if isinstance(rule, Flag):
        return {"type": "boolean"}
    if isinstance(rule, Text):
        return {"type": "string", "minLength": rule.least, "maxLength": rule.most}
    if isinstance(rule, Either):
        return {"anyOf": [json_schema(one) for one in rule.rules]}
    if isinstance(rule, Entries):
        inside = json_schema(rule.rule)
        if rule.keys is None:
            return {"type": "array", "items": inside, "maxItems": rule.most}
        return {"type": "object", "additionalProperties": inside, "maxProperties": rule.most,
                "propertyNames": json_schema(rule.keys)}  # fmt: skip
    if isinstance(rule, Record):
        inside_by_name = {name: json_schema(one) for name, one in rule.rules.items()}
        found: dict[str, Any] = {"type": "object", "properties": inside_by_name}
        found |= {"required": list(rule.needed)} if rule.needed else {}
        return found | ({"additionalProperties": False} if rule.closed else {"maxProperties": rule.most})
    return {}
