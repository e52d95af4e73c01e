"""What every recipe is built from: imports, the model, the trace of a prompt, then lines of its own.

What was typed and what a model is called go in as Python literals only, so that nothing in them can run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import gptviz
from gptviz.decoding import Strategy


class Marked(NamedTuple):
    """A text that is read with, or without, the start mark before it, otherwise than its tokenizer would."""

    text: str
    start: bool


class Asked(NamedTuple):
    """A text that is a message to the model, set into its chat template, after a system line where there is one."""

    text: str
    system: str = ""

    @property
    def messages(self) -> list[dict[str, str]]:
        """As ``lm.chat`` takes them."""
        said = [("system", self.system)] * bool(self.system) + [("user", self.text)]
        return [{"role": role, "content": text} for role, text in said]


#: A text as it was typed, or ids where the text would not be encoded to them.
Prompt: TypeAlias = str | Marked | Asked | Sequence[int]


def python(model: str, body: Iterable[str], *, imports: Iterable[str] = (), trace: Prompt | None = None) -> str:
    """Python for a notebook: ``imports`` sorted after gptviz's own, the model, the trace of a prompt, ``body``.

    >>> print(python("small", ["trace.logprobs"], trace="The cat"))
    import gptviz
    lm = gptviz.load('small')
    trace = lm.trace('The cat')
    trace.logprobs
    """
    read = [] if trace is None else [f"trace = lm.trace({quoted(trace)})"]
    return "\n".join(["import gptviz", *sorted(set(imports)), f"lm = gptviz.load({str(model)!r})", *read, *body])


def quoted(prompt: Prompt) -> str:
    """A prompt as a literal; one that is read otherwise than as usual as the call that encodes it.

    >>> quoted("The cat"), quoted(Marked("The cat", start=True))
    ("'The cat'", "lm.tokenizer.encode('The cat', start=True)")
    >>> quoted(Asked("Why?"))
    "lm.chat([{'role': 'user', 'content': 'Why?'}])"
    """
    if isinstance(prompt, Asked):
        return f"lm.chat({prompt.messages!r})"
    if isinstance(prompt, Marked):
        return f"lm.tokenizer.encode({prompt.text!r}, start={prompt.start})"
    return repr(prompt if isinstance(prompt, str) else [int(i) for i in prompt])


def arguments(values: Mapping[str, Any], names: Iterable[str] | None = None) -> str:
    """``name=value`` of each value that is not None, of ``names`` only where they are given, in their order."""
    chosen = values if names is None else names
    return ", ".join(f"{name}={values[name]!r}" for name in chosen if values.get(name) is not None)


def call(strategy: Strategy) -> str:
    """Python that makes a strategy again; settings that are as by default are left out.

    >>> from gptviz.decoding import Sample
    >>> call(Sample(0.7, top_k=50))
    'gptviz.Sample(temperature=0.7, top_k=50)'
    """
    values = strategy.to_dict(brief=True)
    kind = type(strategy).__name__
    if kind not in gptviz.__all__:  # one that somebody added
        return f"gptviz.decoding.strategy_from_dict({values!r})"
    return f"gptviz.{kind}({', '.join(f'{name}={value!r}' for name, value in values.items() if name != 'name')})"


def named(strategies: Mapping[str, Strategy]) -> list[str]:
    """The lines of a dictionary of strategies, called ``strategies``."""
    return ["strategies = {", *(f"    {name!r}: {call(strategy)}," for name, strategy in strategies.items()), "}"]
