"""What can be asked: the one table, from which routes, checks, metrics and the document follow."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from gptviz.remote import wire


class Endpoint(NamedTuple):
    """One of them; ``name`` is also its kind in logs and metrics, and its rule in ``bodies``."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    about: str
    example: dict[str, Any] | None = None  # a body
    gives: str = "application/json"
    open: bool = False  # asks for no key


ENDPOINTS = (
    Endpoint("health", "GET", "/healthz", "Whether the service is up: its model, and since when.", open=True),
    Endpoint("metrics", "GET", "/metrics", "Figures for Prometheus: latency by kind, queue, cache, memory, tokens; "
             "with replicas, theirs too, each labelled by its replica.",
             gives="text/plain"),
    Endpoint("models", "GET", "/v1/models", "The models that are served, and their shapes."),
    Endpoint("card", "GET", "/v1/card", "How the model was made, and how it did."),
    Endpoint("next", "POST", "/v1/next", "The likeliest next tokens with their probabilities. The tail is what all "
             "other tokens have together: with it, probabilities sum to 1.", {"text": "The cat sat on the", "top": 5}),
    Endpoint("generate", "POST", "/v1/generate", "A text goes on. Strategies and their settings are those of gptviz "
             "generate; the same seed writes the same. With \"stream\", as server-sent events: one for each token, "
             "then \"done\" with all of it.",
             {"text": "Once upon a time", "strategy": {"name": "sample", "temperature": 0.8, "top_p": 0.95},
              "max_new_tokens": 20, "seed": 7, "stream": False}),
    Endpoint("score", "POST", "/v1/score", "What each token of some texts costs: log-probability (nats) and rank, "
             "given those before it.", {"texts": ["The cat sat on the mat.", "我今天很好"]}),
    Endpoint("compare", "POST", "/v1/compare", "Several strategies on one prompt, given the same random numbers; what "
             "gptviz compare --json writes.",
             {"text": "Once upon a time", "strategies": {"greedy": "greedy", "beam": {"name": "beam", "width": 3}},
              "max_new_tokens": 12, "seed": 7}),
    Endpoint("encode", "POST", "/v1/encode", "A text as tokens, each with the characters that it stands for.",
             {"text": "我今天很好"}),
    Endpoint("trace", "POST", "/v1/trace", "What the model computed, as arrays in a safetensors file whose metadata "
             "has a JSON header. \"arrays\" are names of the trace (resid, q, k, v, scores, pattern, z, …, logits, "
             "logprobs, last_logits); \"layer\" is one of them; \"reuse\" is the header's \"trace\" of an earlier "
             "answer: then only what is new is computed and sent.",
             {"text": "The cat sat", "arrays": ["pattern", "logprobs"]},
             gives=wire.TYPE),
    Endpoint("read", "POST", "/v1/read", "For programs that choose tokens themselves: logits and hidden states after a "
             "prompt and all moves since, each a list of rows gone on with and a list of tokens.",
             {"ids": [574, 2234], "moves": [[[0, 0], [5, 6]]]}, gives=wire.TYPE),
    Endpoint("layer", "POST", "/v1/layer", "The weights of one layer's attention, where they are small.", {"layer": 0},
             gives=wire.TYPE),
    Endpoint("tokenizer", "GET", "/v1/tokenizer", "The vocabulary, as files in arrays of bytes.", gives=wire.TYPE),
    Endpoint("document", "GET", "/openapi.json", "This, for programs.", open=True),
    Endpoint("page", "GET", "/", "This, for people.", gives="text/html", open=True),
)  # fmt: skip
BY_PATH = {endpoint.path: endpoint for endpoint in ENDPOINTS}
