"""What a setting may be: one record that checks values, reads them from text and tells a form what to ask.

- ``number``: a float. ``whole``: an int. ``choice``: one of a few values.
- ``off``: the value with which it does nothing, where there is one. What may be left out (``optional``) is off as None;
  a slider, a link or a field of a form has no None, so there ``neutral`` stands for it: the number that does nothing.
- ``low`` and ``high`` are the bounds that are checked; ``shown`` is the part of them that a slider spans, where the
  whole would be too wide to point at.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple, TypeAlias, TypedDict

from gptviz.decoding.checks import number, shown, whole
from gptviz.errors import DecodingError
from gptviz.numbers import is_finite

Value: TypeAlias = float | int | str | bool | None
Kind: TypeAlias = Literal["number", "whole", "choice"]

#: What stands for None and for the truth values in a link or on the command line.
_WORDS: dict[str, Value] = {"none": None, "off": None, "": None, "true": True, "false": False}


class Slider(TypedDict):
    """What a slider is made from; ``off`` and ``start``: what it says where it is off, and when it is switched on."""

    name: str
    low: float
    high: float
    step: float
    off: float | None
    start: float


class Form(Slider):
    """What a form asks for: a number, or one of a few values."""

    kind: str
    choices: tuple[Value, ...]
    optional: bool


class Parameter(NamedTuple):
    """One setting; the same bounds serve the check and the form."""

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
    neutral: float | None = None  # the number that stands for None
    start: float | None = None  # what it is set to when it is switched on
    link: str = ""  # its name in a link, where that is another
    most: float = 2**53  # that a control or a link may have; beyond this a browser's numbers skip some

    def check(self, value: Any) -> Value:
        """``value`` in its own type. Raises DecodingError where it is none that this parameter may have."""
        if value is None and self.optional:
            return None
        if self.kind == "choice":
            return self._chosen(value)
        if self.kind == "whole":
            return self.whole(value)
        return number(self.name, value, low=self.low, high=self.high, above=self.above, below=self.below)

    def whole(self, value: Any) -> int:
        """``value`` as an int within the bounds. Raises DecodingError."""
        return whole(self.name, value, low=int(self.low), high=int(self.high) if self.high < math.inf else None)

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

    def is_off(self, value: Value) -> bool:
        """Whether the parameter does nothing with ``value``."""
        return value == self.off or (self.neutral is not None and value == self.neutral)

    # ---- controls: sliders and links, which know numbers only

    @property
    def idle(self) -> float | None:
        """The number with which it does nothing on a slider; None where there is none."""
        idle = self.off if self.neutral is None else self.neutral
        return idle if is_finite(idle) else None

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of a slider on which it can be switched off."""
        low, high = self.shown
        return (low, high) if self.idle is None else (min(low, self.idle), max(high, self.idle))

    @property
    def begin(self) -> float:
        """What it is set to when it is switched on: ``start``, else the middle of the slider."""
        middle = sum(self.shown) / 2
        return self.start if self.start is not None else round(middle) if self.kind == "whole" else middle

    def value(self, setting: Any) -> Value:
        """The value that a control says: where its number is the idle one, ``off``. Raises DecodingError."""
        return self.off if setting == self.idle and not isinstance(setting, bool) else self.check(setting)

    def setting(self, value: Value) -> Value:
        """What a control shows of a value: the reverse of ``value``."""
        return self.idle if value is None else value

    def nearest(self, given: Any) -> float | None:
        """The number nearest to ``given`` that a control may have; None where it is no finite number.

        For what comes from outside. A bound that is itself out of range gives way to the slider's end.
        """
        if not is_finite(given):
            return None
        low = self.shown[0] if self.above else min(self.low, self.low if self.idle is None else self.idle)
        high = self.shown[1] if self.below and self.high <= given else min(self.high, self.most)
        near = given if self.above and self.low < given < low else min(max(given, low), high)
        idle = self.idle  # which may lie out of the bounds: of the likeliest tokens, 0 are all
        if idle is not None and (given < (idle + low) / 2 < low or given > (idle + high) / 2 > high):
            near = idle
        return int(near) if self.kind == "whole" else float(near) + 0.0  # and -0.0 is 0

    def slider(self, *, switch: bool = False) -> Slider:
        """All that a slider is made from, as JSON; with ``switch`` it can be brought to where it is off."""
        low, high = self.ends if switch else self.shown
        return {"name": self.name, "low": low, "high": high, "step": self.step, "off": self.idle, "start": self.begin}

    def form(self) -> Form:
        """All that a field of a form is made from, as JSON."""
        return {**self.slider(), "kind": self.kind, "choices": self.choices, "optional": self.optional}

    # ---- words

    def bounds(self) -> str:
        """What it may be, in a line: ``from 0 to 1; None is off, and so is 1``."""
        if self.kind == "choice":
            return "one of " + ", ".join(map(repr, self.choices))
        low, high = f"{self.low:g}", f"{self.high:g}"
        ends = ([f"above {low}"] if self.above else [f"from {low}"]) if self.low > -math.inf else []
        if self.high < math.inf:
            ends.append(f"below {high}" if self.below else f"up to {high}" if self.above else f"to {high}")
        said = (", " if self.above or self.below else " ").join(ends)
        said = f"whole number {said}" if self.kind == "whole" else said
        if self.optional:
            usable = self.neutral is not None and self.low <= self.neutral <= self.high
            return said + "; None is off" + (f", and so is {self.neutral:g}" if usable else "")
        return said if self.off is None else f"{said}; {self.off} is off"

    def _chosen(self, value: Any) -> Value:
        for choice in self.choices:
            if type(value) is type(choice) and value == choice:  # 0 and 1 are not False and True here
                return choice
        listed = ", ".join(map(str, self.choices))
        raise DecodingError("decoding.choice", name=self.name, value=shown(value), choices=listed)
