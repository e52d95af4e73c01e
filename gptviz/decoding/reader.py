"""A run out of a file, whose JSON ``exchange`` describes: nothing is believed, and it is read step by step.

What is read is checked against the model that it says it was made with, and what the model knows (bytes, texts) is
taken from the model; whether the rest is true, ``Run.replay`` and ``differences`` tell.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from math import log2
from typing import TYPE_CHECKING, Any, cast, get_args

from gptviz.decoding.checks import shown
from gptviz.decoding.records import Alternative, Column, Kept, Model, Run, StepRecord, begins
from gptviz.decoding.steps import Finish, whole_characters
from gptviz.decoding.strategies import strategy_from_dict
from gptviz.errors import DecodingError
from gptviz.numbers import is_finite

if TYPE_CHECKING:
    from gptviz.language_model import LanguageModel

SCHEMA = 1
MAX_COLUMNS = 64
_MAX_TOP, _MAX_STAGES, _MAX_NAME = 100, 32, 200
_MAX_SEED = 2**128


class Reader:
    """Checks every value before it is used; ``where`` says which in the words of the file, as ``columns[0].steps[3]``.

    ``lm`` is whose ids, bytes and context the run must fit.
    """

    def __init__(self, lm: LanguageModel) -> None:
        self.lm, self.vocab_size = lm, lm.config.vocab_size

    def run(self, raw: Any) -> Iterator[Run | None]:
        """None after each step, at last the run. Raises DecodingError when it comes to what is wrong."""
        top = self.mapping("", raw)
        if top.get("gptviz") != SCHEMA or isinstance(top["gptviz"], bool):
            raise DecodingError("record.version", version=shown(top.get("gptviz")), known=SCHEMA)
        model = self.model(self.mapping("model", top.get("model")))
        ids = tuple(
            self.whole(f"ids[{i}]", token, 0, self.vocab_size - 1)
            for i, token in enumerate(self.several("ids", top.get("ids"), 1, self.lm.config.block_size - 1))
        )
        pieces = tuple(map(self.piece, ids))
        start = top.get("start", False)
        if not isinstance(start, bool) or (start and not begins(self.lm, ids)):
            raise DecodingError("record.differs", where="start", value=shown(start), known="false")
        self.same("prompt", top.get("prompt"), b"".join(pieces[start:]).decode("utf-8", "replace"))
        columns: dict[str, Column] = {}
        for place, given in enumerate(self.several("columns", top.get("columns"), 1, MAX_COLUMNS)):
            where = f"columns[{place}]"
            entry = self.mapping(where, given)
            name = self.text(f"{where}.name", entry.get("name"))
            if name in columns:
                raise DecodingError("record.twice", where=f"{where}.name", value=shown(name))
            columns[name] = yield from self.column(where, entry, self.lm.config.block_size - len(ids))
        yield Run(model, ids, pieces, self.whole("seed", top.get("seed"), 0, _MAX_SEED),
                  self.whole("max_new_tokens", top.get("max_new_tokens"), 1, 10**9), columns, start)  # fmt: skip

    def model(self, raw: dict[str, Any]) -> Model:
        found = Model(self.text("model.name", raw.get("name")), self.text("model.fingerprint", raw.get("fingerprint")))
        if found.fingerprint != self.lm.fingerprint:
            raise DecodingError("record.model", name=found.name, fingerprint=found.fingerprint, here=self.lm.name,
                                here_fingerprint=self.lm.fingerprint)  # fmt: skip
        return found

    def column(self, where: str, raw: dict[str, Any], room: int) -> Generator[None, None, Column]:
        strategy = strategy_from_dict(self.mapping(f"{where}.strategy", raw.get("strategy")))
        given = self.several(f"{where}.steps", raw.get("steps"), 1, room)
        steps: list[StepRecord] = []
        for i, step in enumerate(given):
            steps.append(self.step(f"{where}.steps[{i}]", step, i == len(given) - 1))
            yield
        written = [s.piece for s in steps if s.token not in self.lm.tokenizer.ends]
        text = whole_characters(b"".join(written))
        self.same(f"{where}.text", raw.get("text"), text)
        passes, seconds = raw.get("passes"), raw.get("seconds")
        return Column(
            strategy, tuple(steps), text,
            None if passes is None else self.whole(f"{where}.passes", passes, 1, 10**9),
            None if seconds is None else self.number(f"{where}.seconds", seconds, 0, 1e9),
        )  # fmt: skip

    def step(self, where: str, given: Any, last: bool) -> StepRecord:
        raw = self.mapping(where, given)
        token, u, finish = self.token(where, raw), raw.get("u"), raw.get("finish")
        if finish is not None and not (last and isinstance(finish, str) and finish in get_args(Finish)):
            raise DecodingError("record.finish", where=f"{where}.finish", value=shown(finish))
        stages = self.several(f"{where}.stages", raw.get("stages"), 1, _MAX_STAGES)
        top = self.several(f"{where}.top", raw.get("top"), 0, _MAX_TOP)
        return StepRecord(
            token=token,
            piece=self.piece(token),
            logprob=self.number(f"{where}.logprob", raw.get("logprob"), -1e6, 1e-4),
            p=self.p(f"{where}.p", raw.get("p")),
            draw=None if u is None else self.number(f"{where}.u", u, 0, 1, below=True),
            stages=tuple(self.stage(f"{where}.stages[{i}]", stage) for i, stage in enumerate(stages)),
            top=tuple(self.alternative(f"{where}.top[{i}]", other) for i, other in enumerate(top)),
            finish=cast(Finish | None, finish),
        )

    def stage(self, where: str, given: Any) -> Kept:
        raw = self.mapping(where, given)
        return Kept(
            self.text(f"{where}.name", raw.get("name")),
            self.whole(f"{where}.kept", raw.get("kept"), 1, self.vocab_size),
            self.number(f"{where}.entropy", raw.get("entropy"), 0, log2(self.vocab_size) + 1e-3),
        )

    def alternative(self, where: str, given: Any) -> Alternative:
        raw = self.mapping(where, given)
        token = self.token(where, raw)
        p_model, p = (self.p(f"{where}.{name}", raw.get(name)) for name in ("p_model", "p"))
        return Alternative(token, self.piece(token), p_model, p)

    def token(self, where: str, raw: dict[str, Any]) -> int:
        """``id``, where ``bytes`` are indeed its bytes."""
        token = self.whole(f"{where}.id", raw.get("id"), 0, self.vocab_size - 1)
        self.same(f"{where}.bytes", raw.get("bytes"), self.piece(token).hex())
        return token

    def piece(self, token: int) -> bytes:
        tokenizer = self.lm.tokenizer
        return tokenizer.token_bytes(token) if token < tokenizer.vocab_size else b""

    def p(self, where: str, value: Any) -> float:
        return self.number(where, value, 0, 1 + 1e-4)

    def same(self, where: str, value: Any, known: str) -> None:
        if value != known:
            raise DecodingError("record.differs", where=where, value=shown(value), known=shown(known))

    def whole(self, where: str, value: Any, low: int, high: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise DecodingError("record.whole", where=where, low=low, high=high, value=shown(value))
        return value

    def number(self, where: str, value: Any, low: float, high: float, *, below: bool = False) -> float:
        if not is_finite(value) or not low <= value <= high or (below and value == high):
            raise DecodingError("record.number", where=where, low=f"{low:g}", high=f"{high:g}", value=shown(value))
        return float(value)

    def text(self, where: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > _MAX_NAME:
            raise DecodingError("record.text", where=where, most=_MAX_NAME, value=shown(value))
        return value

    def several(self, where: str, value: Any, least: int, most: int) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            found = len(value) if isinstance(value, list) else shown(value)
            raise DecodingError("record.list", where=where, least=least, most=most, value=found)
        return value

    def mapping(self, where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise DecodingError("record.object", where=where or "{…}", value=shown(value))
        return value
