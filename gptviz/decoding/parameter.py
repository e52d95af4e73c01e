"""What a strategy's parameter may be: one record that checks values, reads them from text and tells a form what to ask.

- ``number``: a float. ``whole``: an int. ``choice``: one of a few values.
- ``off``: the value with which the parameter does nothing, where there is one. ``low`` and ``high`` are the bounds that
  are checked; ``shown`` is the part of them that a slider spans, where the whole would be too wide to point at.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple, TypeAlias

from gptviz.decoding.checks import number, shown, whole
from gptviz.errors import DecodingError

Value: TypeAlias = float | int | str | bool | None
Kind: TypeAlias = Literal["number", "whole", "choice"]

#: What stands for None and for the truth values in a link or on the command line.
_WORDS: dict[str, Value] = {"none": None, "off": None, "": None, "true": True, "false": False}


class Parameter(NamedTuple):
    """One parameter of a strategy; the same bounds serve the check and the form."""

    name: str
    kind: Kind
    default: Value
    low: float = -math.inf
    high: float = math.inf
    step: float = 1.0  # of a slider
    off: Value = None
    choices: tuple[Value, ...] = ()
    shown: tuple[float, float] = (0.0, 1.0)  # the ends of a slider
    above: bool = False  # ``low`` itself is out of range
    below: bool = False  # ``high`` itself is out of range
    optional: bool = False  # None is allowed, and is off

    def check(self, value: Any) -> Value:
        """``value`` in its own type. Raises DecodingError where it is none that this parameter may have."""
        if value is None and self.optional:
            return None
        if self.kind == "choice":
            return self._chosen(value)
        if self.kind == "whole":
            return whole(self.name, value, low=int(self.low), high=int(self.high) if self.high < math.inf else None)
        return number(self.name, value, low=self.low, high=self.high, above=self.above, below=self.below)

    def read(self, text: str) -> Value:
        """The value that ``text`` says, as in ``0.7``, ``50``, ``off`` or ``never``: for links and the command line.

        Raises DecodingError as ``check`` does.
        """
        word = text.strip()
        if word.lower() in _WORDS:
            return self.check(_WORDS[word.lower()])
        if self.kind == "choice":
            return self.check(word)
        try:
            return self.check(int(word) if self.kind == "whole" else float(word))
        except ValueError as error:  # DecodingError is one
            if isinstance(error, DecodingError):
                raise
            raise DecodingError(f"decoding.{self.kind}", name=self.name, value=shown(text)) from None

    def _chosen(self, value: Any) -> Value:
        for choice in self.choices:
            if type(value) is type(choice) and value == choice:  # 0 and 1 are not False and True here
                return choice
        listed = ", ".join(map(str, self.choices))
        raise DecodingError("decoding.choice", name=self.name, value=shown(value), choices=listed)
