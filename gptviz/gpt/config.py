"""Settings as small frozen dataclasses, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gptviz.errors import ConfigError

POSITIONS = ("learned", "sinusoidal", "rotary")
ACTIVATIONS = ("gelu_new", "gelu", "relu", "silu")
#: The largest of each that is believed: far beyond any model that a processor without a GPU could read.
LARGEST = {"n_layer": 512, "n_head": 1024, "n_embd": 2**16, "block_size": 2**20, "vocab_size": 2**20, "n_inner": 2**18}
OPTIMIZERS = ("adamw", "muon")
PRECISIONS = ("auto", "float32", "bfloat16")
SCHEDULES = ("cosine", "linear")
WEIGHTS = ("auto", "float32", "float16")  # how a model's can be held; the first unless asked otherwise


def _require(ok: bool, key: str, **values: Any) -> None:
    if not ok:
        raise ConfigError(key, **values)


@dataclass(frozen=True)
class GPTConfig:
    """The shape of a GPT, in GPT-2's words (Radford et al. 2019; names as in its released ``config.json``)."""

    n_layer: int = 6
    n_head: int = 6
    n_embd: int = 192
    block_size: int = 256  # the longest context, in tokens
    vocab_size: int = 16384
    dropout: float = 0.0  # only while training
    position: str = "learned"  # learned (GPT-2) | sinusoidal (Vaswani et al. 2017, 3.5) | rotary (Su et al. 2021)
    tied: bool = True  # the output matrix is the token embedding
    eps: float = 1e-5  # added to the variance in LayerNorm
    activation: str = "gelu_new"  # of the MLP: gelu_new (GPT-2's, by tanh) | gelu (by the error function) | relu | silu
    n_inner: int | None = None  # the MLP's width; None: 4 · n_embd
    # How the queries are stored; here scores are always q·k/√d, so that q takes up what a file means otherwise.
    scale_attn_weights: bool = True  # False: stored for scores of q·k
    scale_attn_by_inverse_layer_idx: bool = False  # True: stored for scores that are divided by (layer + 1), too
    n_tokens: int | None = None  # ids that are tokens; rows from there on only pad the matrix. None: all are

    def __post_init__(self) -> None:
        for name, largest in LARGEST.items():
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            absent = name == "n_inner" and value is None
            _require(absent or (whole and value >= 1), "config.positive", name=name, value=value)
            _require(absent or value <= largest, "config.range", name=name, value=value, low=1, high=largest)
        _require(self.n_embd % self.n_head == 0, "config.heads", n_embd=self.n_embd, n_head=self.n_head)
        _require(0.0 <= self.dropout < 1.0, "config.range", name="dropout", value=self.dropout, low=0, high=1)
        _require(self.position in POSITIONS, "config.choice", name="position", value=self.position, choices=POSITIONS)
        known = self.activation in ACTIVATIONS
        _require(known, "config.choice", name="activation", value=self.activation, choices=ACTIVATIONS)
        if self.n_tokens is not None:
            whole = isinstance(self.n_tokens, int) and not isinstance(self.n_tokens, bool)
            _require(whole and 1 <= self.n_tokens <= self.vocab_size, "config.range", name="n_tokens",
                     value=self.n_tokens, low=1, high=self.vocab_size)  # fmt: skip
        even = self.position != "rotary" or self.head_dim % 2 == 0
        _require(even, "config.rotary", head_dim=self.head_dim)

    @property
    def head_dim(self) -> int:
        """Width of one head: ``n_embd / n_head``."""
        return self.n_embd // self.n_head

    @property
    def mlp_width(self) -> int:
        """Neurons of one MLP: ``n_inner``, or four times the width."""
        return 4 * self.n_embd if self.n_inner is None else self.n_inner

    def query_scale(self, layer: int) -> float:
        """What the stored queries of a layer are multiplied by, so that scores are q·k/√d: 1 for GPT-2 itself."""
        scale = 1.0 if self.scale_attn_weights else self.head_dim**0.5
        return scale / (layer + 1) if self.scale_attn_by_inverse_layer_idx else scale

    @property
    def parameters(self) -> dict[str, int]:
        """How many numbers each kind of part learns (tied matrices counted once); only what there is."""
        C, V, F = self.n_embd, self.vocab_size, self.mlp_width
        counts = {
            "tokens": V * C * (1 if self.tied else 2),
            "positions": self.block_size * C if self.position == "learned" else 0,
            "attention": self.n_layer * (4 * C * C + 4 * C),
            "mlp": self.n_layer * (2 * C * F + F + C),
            "norms": self.n_layer * 4 * C + 2 * C,
        }
        return {kind: count for kind, count in counts.items() if count}

    @property
    def n_parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(self.parameters.values())


def padded(shape: GPTConfig, n_tokens: int) -> GPTConfig:
    """``shape`` for a vocabulary of ``n_tokens``: matrices with a multiple of 64 rows are faster."""
    rows = -(-n_tokens // 64) * 64
    return replace(shape, vocab_size=rows, n_tokens=None if rows == n_tokens else n_tokens)


@dataclass(frozen=True)
class TrainConfig:
    """One training run: warm-up and decay (by default half a cosine, as in Brown et al. 2020, appendix B).

    What is read may change on the way: from ``later_from`` of the run on, ``later_repeat`` and the mixture's later
    shares count.
    """

    model: GPTConfig = field(default_factory=GPTConfig)
    steps: int = 2000
    batch_size: int = 16  # sequences in one forward pass
    accumulate: int = 1  # forward passes in one step
    learning_rate: float = 2e-3  # at its peak
    min_learning_rate: float = 1e-4  # at the end
    warmup: int = 100  # steps
    schedule: str = "cosine"  # after the warm-up: half a cosine | linear, straight down
    weight_decay: float = 0.1  # on matrices only
    betas: tuple[float, float] = (0.9, 0.95)
    grad_clip: float = 1.0  # largest norm of the gradient
    optimizer: str = "adamw"  # adamw | muon (for the blocks' matrices; the rest stays with AdamW)
    precision: str = "auto"  # of matrix products: float32 | bfloat16 | auto, what the device is fast in
    eval_every: int = 250  # steps
    eval_batches: int = 8
    log_every: int = 1  # steps in one record; between two records a GPU is not waited for
    line_start: float = 0.5  # share of the sequences that begin at the start of a line
    document_start: float = 0.0  # … of a document, half of them with the end mark of the one before
    repeat: float = 0.0  # share of the sequences that say one passage again and again, for induction heads to form on
    later_from: float = 1.0  # the part of the run after which later shares count; 1: never
    later_repeat: float = 0.0  # ``repeat`` from then on
    sinusoids: float = 0.0  # where above 0, learnt positions start as sine waves of that amplitude, not as noise
    seed: int = 1337

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "accumulate", "eval_every", "eval_batches", "log_every"):
            _require(getattr(self, name) >= 1, "config.positive", name=name, value=getattr(self, name))
        _require(self.sinusoids >= 0, "config.range", name="sinusoids", value=self.sinusoids, low=0, high="∞")
        _require(self.learning_rate > 0, "config.positive", name="learning_rate", value=self.learning_rate)
        ordered = 0 <= self.min_learning_rate <= self.learning_rate
        _require(ordered, "config.range", name="min_learning_rate", value=self.min_learning_rate, low=0,
                 high=self.learning_rate)  # fmt: skip
        _require(0 <= self.warmup < self.steps or self.steps == 1, "config.range", name="warmup", value=self.warmup,
                 low=0, high=self.steps)  # fmt: skip
        for name in ("line_start", "document_start", "repeat", "later_from", "later_repeat"):
            _require(0 <= getattr(self, name) <= 1, "config.range", name=name, value=getattr(self, name), low=0, high=1)
        _require(self.line_start + self.document_start <= 1, "config.range", name="line_start + document_start",
                 value=self.line_start + self.document_start, low=0, high=1)  # fmt: skip
        for name, choices in (("optimizer", OPTIMIZERS), ("precision", PRECISIONS), ("schedule", SCHEDULES)):
            value = getattr(self, name)
            _require(value in choices, "config.choice", name=name, value=value, choices=choices)

    @property
    def tokens_per_step(self) -> int:
        """Tokens learnt from in one optimiser step."""
        return self.batch_size * self.accumulate * self.model.block_size

    def is_later(self, step: int) -> bool:
        """Whether ``step`` (from 0) lies in the last part of the run, where the later shares count."""
        return step >= self.later_from * self.steps


#: ``default`` is what one large GPU trains in minutes; ``cpu`` is what two cores with AMX train in an hour and a half
#: (with AVX512-BF16 in four, others in a day); ``small`` is the one to watch while it learns.
PRESETS: dict[str, TrainConfig] = {
    "tiny": TrainConfig(
        model=GPTConfig(n_layer=2, n_head=2, n_embd=64, block_size=64), steps=200, warmup=20, eval_every=50
    ),
    "cpu": TrainConfig(
        model=GPTConfig(n_layer=6, n_head=6, n_embd=384, block_size=256),
        steps=8000, batch_size=16, learning_rate=3e-3, min_learning_rate=1e-5, warmup=200, betas=(0.9, 0.98),
        optimizer="muon", repeat=0.1, sinusoids=0.05, eval_every=1000, eval_batches=16,
    ),
    "small": TrainConfig(
        model=GPTConfig(n_layer=4, n_head=4, n_embd=128, block_size=128),
        steps=4000, batch_size=32, learning_rate=3e-3, min_learning_rate=1e-5, warmup=100, betas=(0.9, 0.98),
        optimizer="muon", repeat=0.3, sinusoids=0.05, eval_every=500, eval_batches=16,
    ),
    "default": TrainConfig(
        model=GPTConfig(n_layer=8, n_head=6, n_embd=384, block_size=256, dropout=0.1),
        steps=15_728, batch_size=256, learning_rate=3e-3, min_learning_rate=0.0, warmup=200, schedule="linear",
        optimizer="muon", line_start=0.4, document_start=0.2, repeat=0.06, later_from=0.7, later_repeat=0.01,
        sinusoids=0.05, eval_every=750, eval_batches=8, log_every=50,
    ),
    # nanoGPT's two configurations for tiny Shakespeare: README ("I only have a macbook") and train_shakespeare_char.py
    "shakespeare": TrainConfig(
        model=GPTConfig(n_layer=4, n_head=4, n_embd=128, block_size=64, vocab_size=65),
        steps=2000, batch_size=12, learning_rate=1e-3, warmup=100, betas=(0.9, 0.99), line_start=0.0,
        eval_every=250, eval_batches=20,
    ),
    "shakespeare-gpu": TrainConfig(
        model=GPTConfig(n_layer=6, n_head=6, n_embd=384, block_size=256, vocab_size=65, dropout=0.2),
        steps=5000, batch_size=64, learning_rate=1e-3, warmup=100, betas=(0.9, 0.99), line_start=0.0,
        eval_every=250, eval_batches=50,
    ),
}  # fmt: skip
