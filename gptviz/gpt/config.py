"""Settings as small frozen dataclasses, checked when they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from gptviz.gpt.rotary import USUAL, require
from gptviz.gpt.rotary import Rotary as Rotary

POSITIONS = ("learned", "sinusoidal", "rotary")
NORMS = ("layernorm", "rmsnorm")
BIASES = ("qkv", "out", "mlp")  # where a bias can be added: queries, keys and values; attention's output; the MLP
ACTIVATIONS = ("gelu_new", "gelu", "relu", "silu")
#: The largest of each that is believed: far beyond any model that a processor without a GPU could read.
LARGEST = {"n_layer": 512, "n_head": 1024, "n_embd": 2**16, "block_size": 2**20, "vocab_size": 2**20, "n_inner": 2**18,
           "n_kv_head": 1024, "head_width": 2**16}  # fmt: skip
_DERIVED = ("n_inner", "n_kv_head", "head_width")  # of these None is one that follows from the others
PARTS = ("classic", "modern")  # GPT-2's own, or those of ``modern``
OPTIMIZERS = ("adamw", "muon")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")
SCHEDULES = ("cosine", "linear", "constant")
WEIGHTS = ("auto", "float32", "float16")  # how a model's can be held; the first unless asked otherwise


@dataclass(frozen=True)
class GPTConfig:
    """The shape of a GPT and the parts that it is built of.

    The names are GPT-2's (Radford et al. 2019, as in its released ``config.json``), and without more said it is one;
    from ``n_kv_head`` on stand the parts in which other decoders differ.
    """

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
    n_kv_head: int | None = None  # heads of keys and values, each for n_head / n_kv_head of queries; None: n_head
    head_width: int | None = None  # of one head; None: n_embd / n_head
    norm: str = "layernorm"  # layernorm (Ba et al. 2016) | rmsnorm (Zhang & Sennrich 2019)
    qk_norm: bool = False  # each head's queries and keys are normalised before they are turned
    gated: bool = False  # the MLP's neurons are multiplied by a second matrix's (Shazeer 2020)
    biases: tuple[str, ...] = BIASES  # where there are some
    rotary: Rotary = USUAL  # used where ``position`` is rotary
    parallel: bool = False  # attention and MLP read the same stream (Wang & Komatsuzaki 2021), not one after the other
    windows: tuple[int, ...] = ()  # of each layer: how many positions back a query sees, itself included; 0: all
    embedding_scale: float = 1.0  # what token embeddings are multiplied by on their way in
    causal: bool = True  # False: each position sees all, as in BERT (Devlin et al. 2019); such a model fills blanks

    def __post_init__(self) -> None:
        for name, largest in LARGEST.items():
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            absent = name in _DERIVED and value is None
            require(absent or (whole and value >= 1), "config.positive", name=name, value=value)
            require(absent or value <= largest, "config.range", name=name, value=value, low=1, high=largest)
        even = self.head_width is not None or self.n_embd % self.n_head == 0
        require(even, "config.heads", n_embd=self.n_embd, n_head=self.n_head)
        shared = self.n_head % self.kv_heads == 0
        require(shared, "config.kv_heads", n_head=self.n_head, n_kv_head=self.kv_heads)
        require(0.0 <= self.dropout < 1.0, "config.range", name="dropout", value=self.dropout, low=0, high=1)
        for name, choices in (("position", POSITIONS), ("activation", ACTIVATIONS), ("norm", NORMS)):
            value = getattr(self, name)
            require(value in choices, "config.choice", name=name, value=value, choices=choices)
        for name in self.biases:
            require(name in BIASES, "config.choice", name="biases", value=name, choices=BIASES)
        scale = self.embedding_scale
        require(0 < scale <= 1e6, "config.range", name="embedding_scale", value=scale, low=0, high=1e6)
        require(len(self.windows) in (0, self.n_layer), "config.windows", n_layer=self.n_layer)
        require(all(window >= 0 for window in self.windows), "config.windows", n_layer=self.n_layer)
        require(self.causal or not self.windows, "config.both_ways")
        if self.n_tokens is not None:
            whole = isinstance(self.n_tokens, int) and not isinstance(self.n_tokens, bool)
            require(whole and 1 <= self.n_tokens <= self.vocab_size, "config.range", name="n_tokens",
                     value=self.n_tokens, low=1, high=self.vocab_size)  # fmt: skip
        turned = self.rotary_width
        require(turned % 2 == 0 and 0 <= turned <= self.head_dim, "config.rotary", head_dim=turned)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> GPTConfig:
        """The shape whose fields were written as JSON (``dataclasses.asdict``), where tuples have become lists."""
        made: dict[str, Any] = {name: tuple(x) if isinstance(x, list) else x for name, x in said.items()}
        if "rotary" in made:
            made["rotary"] = Rotary(**made["rotary"] | {"factors": tuple(made["rotary"].get("factors", ()))})
        return cls(**made)

    @property
    def head_dim(self) -> int:
        """Width of one head: ``head_width``, or ``n_embd / n_head``."""
        return self.n_embd // self.n_head if self.head_width is None else self.head_width

    @property
    def kv_heads(self) -> int:
        """Heads of keys and values: ``n_kv_head``, or ``n_head``."""
        return self.n_head if self.n_kv_head is None else self.n_kv_head

    @property
    def rotary_width(self) -> int:
        """How many numbers of a head's queries and keys are turned; 0 where positions are not rotary."""
        if self.position != "rotary":
            return 0
        return self.head_dim if self.rotary.width is None else self.rotary.width

    @property
    def mlp_width(self) -> int:
        """Neurons of one MLP: ``n_inner``, or four times the width."""
        return 4 * self.n_embd if self.n_inner is None else self.n_inner

    def query_scale(self, layer: int) -> float:
        """What the stored queries of a layer are multiplied by, so that scores are q·k/√d: 1 for GPT-2 itself."""
        scale = 1.0 if self.scale_attn_weights else self.head_dim**0.5
        return scale / (layer + 1) if self.scale_attn_by_inverse_layer_idx else scale

    def unlike_gpt2(self) -> dict[str, Any]:
        """The parts in which this is another decoder than GPT-2, by name; empty for a GPT-2."""
        names = [field.name for field in fields(self)]
        others = names[names.index("n_kv_head") :]
        return {name: getattr(self, name) for name in others if getattr(self, name) != getattr(GPTConfig, name)}

    @property
    def parameters(self) -> dict[str, int]:
        """How many numbers each kind of part learns (tied matrices counted once); only what there is."""
        C, V, F, d = self.n_embd, self.vocab_size, self.mlp_width, self.head_dim
        qkv, inner = (self.n_head + 2 * self.kv_heads) * d, F * (2 if self.gated else 1)
        bias = {"qkv": qkv, "out": C, "mlp": inner + C}
        added = {name: count if name in self.biases else 0 for name, count in bias.items()}
        norm = 2 * C if self.norm == "layernorm" else C
        counts = {
            "tokens": V * C * (1 if self.tied else 2),
            "positions": self.block_size * C if self.position == "learned" else 0,
            "attention": self.n_layer * (C * qkv + added["qkv"] + self.n_head * d * C + added["out"]),
            "mlp": self.n_layer * (C * inner + F * C + added["mlp"]),
            "norms": self.n_layer * (2 * norm + (2 * d if self.qk_norm else 0)) + norm,
        }
        return {kind: count for kind, count in counts.items() if count}

    @property
    def n_parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(self.parameters.values())


def modern(shape: GPTConfig) -> GPTConfig:
    """``shape`` of the parts of today's decoders (Llama, Touvron et al. 2023): RMSNorm, a gated MLP, no biases.

    The gated MLP has three matrices for two, so that it is two thirds as wide (Shazeer 2020, section 3): about as many
    parameters. Positions stay as they are; where they are rotary, pairs are halves of a head, as in Llama.
    """
    width = -(-8 * shape.n_embd // 24) * 8  # 8/3 · n_embd, rounded up to a multiple of 8
    return replace(shape, norm="rmsnorm", gated=True, activation="silu", biases=(), n_inner=width,
                   rotary=replace(shape.rotary, halves=True))  # fmt: skip


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
    schedule: str = "cosine"  # after the warm-up: half a cosine | linear, straight down | constant, at the peak
    weight_decay: float = 0.1  # on matrices only
    betas: tuple[float, float] = (0.9, 0.95)
    grad_clip: float = 1.0  # largest norm of the gradient
    optimizer: str = "adamw"  # adamw | muon (for the blocks' matrices; the rest stays with AdamW)
    precision: str = "auto"  # of matrix products: float32 | bfloat16 | float16 | auto, what the device is fast in
    recompute: bool = False  # gradient checkpointing: each block's activations are worked out again on the way back
    patience: int = 0  # evaluations without a lower held-out loss after which the run ends; 0: it goes on
    seconds: float | None = None  # the run ends after so long even with steps left, its rate down by then
    eval_every: int = 250  # steps
    eval_batches: int = 8
    log_every: int = 1  # steps in one record; between two records a GPU is not waited for
    line_start: float = 0.5  # share of the sequences that begin at the start of a line
    document_start: float = 0.0  # … of a document, half of them with the end mark of the one before
    repeat: float = 0.0  # share of the sequences that say one passage again and again, for induction heads to form on
    passage: int = 0  # tokens of the shortest of these passages; 0: a 32nd of the context
    later_from: float = 1.0  # the part of the run after which later shares count; 1: never
    later_repeat: float = 0.0  # ``repeat`` from then on
    sinusoids: float = 0.0  # where above 0, learnt positions start as sine waves of that amplitude, not as noise
    mask_token: int | None = None  # the token that hides others, which are to be guessed; None: the next token is
    seed: int = 1337

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "accumulate", "eval_every", "eval_batches", "log_every"):
            require(getattr(self, name) >= 1, "config.positive", name=name, value=getattr(self, name))
        require(self.sinusoids >= 0, "config.range", name="sinusoids", value=self.sinusoids, low=0, high="∞")
        require(self.learning_rate > 0, "config.positive", name="learning_rate", value=self.learning_rate)
        require(self.model.causal == (self.mask_token is None), "config.objective")
        hidden, last = self.mask_token, (self.model.n_tokens or self.model.vocab_size) - 1
        require(
            hidden is None or 0 <= hidden <= last, "config.range", name="mask_token", value=hidden, low=0, high=last
        )
        for name in ("patience", "passage"):
            require(getattr(self, name) >= 0, "config.range", name=name, value=getattr(self, name), low=0, high="∞")
        require(self.seconds is None or self.seconds > 0, "config.positive", name="seconds", value=self.seconds)
        ordered = 0 <= self.min_learning_rate <= self.learning_rate
        require(ordered, "config.range", name="min_learning_rate", value=self.min_learning_rate, low=0,
                 high=self.learning_rate)  # fmt: skip
        require(0 <= self.warmup < self.steps or self.steps == 1, "config.range", name="warmup", value=self.warmup,
                 low=0, high=self.steps)  # fmt: skip
        for name in ("line_start", "document_start", "repeat", "later_from", "later_repeat"):
            require(0 <= getattr(self, name) <= 1, "config.range", name=name, value=getattr(self, name), low=0, high=1)
        require(self.line_start + self.document_start <= 1, "config.range", name="line_start + document_start",
                 value=self.line_start + self.document_start, low=0, high=1)  # fmt: skip
        for name, choices in (("optimizer", OPTIMIZERS), ("precision", PRECISIONS), ("schedule", SCHEDULES)):
            value = getattr(self, name)
            require(value in choices, "config.choice", name=name, value=value, choices=choices)

    @property
    def tokens_per_step(self) -> int:
        """Tokens learnt from in one optimiser step."""
        return self.batch_size * self.accumulate * self.model.block_size

    def is_later(self, step: int) -> bool:
        """Whether ``step`` (from 0) lies in the last part of the run, where the later shares count."""
        return step >= self.later_from * self.steps


#: What the training lab begins with: 360 thousand parameters, some 20 thousand characters a second on two cores.
_LAB = TrainConfig(
    model=GPTConfig(n_layer=3, n_head=4, n_embd=96, block_size=256),
    steps=300, batch_size=8, learning_rate=4e-3, min_learning_rate=1e-5, warmup=20, betas=(0.9, 0.98),
    optimizer="muon", sinusoids=0.05, line_start=0.3, eval_every=25,
)  # fmt: skip

#: The pair to compare: all else is alike, and AdamW steps everything.
_PLAIN = replace(_LAB, optimizer="adamw", sinusoids=0.0, learning_rate=3e-3, weight_decay=0.1, seconds=None)

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
    # the pair of the page of masks, one of them with --mask: every row begins with a sentence
    "blanks": TrainConfig(
        model=GPTConfig(n_layer=3, n_head=4, n_embd=96, block_size=32),
        steps=1600, batch_size=48, learning_rate=4e-3, min_learning_rate=1e-5, warmup=100, betas=(0.9, 0.98),
        optimizer="muon", line_start=0.0, document_start=1.0, eval_every=200, eval_batches=8, log_every=20,
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
    # to watch in a browser, on worlds whose floor is known (gptviz.training.worlds), on two cores
    "one-minute": replace(_LAB, seconds=55.0),  # what is left of the minute is for Python's start and end
    "five-minutes": replace(_LAB, model=replace(_LAB.model, n_layer=4, n_embd=128), steps=1200, eval_every=60,
                            seconds=290.0),
    # passages of 12 to 32 tokens: with shorter ones a head that looks 24 back is right for all that divide 24, and
    # such a head forms first and stays; rotary, for which "one back" is a turn
    "induction": replace(_LAB, model=replace(_LAB.model, n_layer=2, n_embd=64, block_size=64, position="rotary"),
                         steps=600, batch_size=32, learning_rate=5e-3, warmup=50, weight_decay=0.0, repeat=0.9,
                         passage=12, line_start=1.0, eval_every=50),
    "addition": replace(_LAB, model=replace(_LAB.model, block_size=64), steps=1000, batch_size=32, eval_every=50),
    "gpt2-parts": _PLAIN,
    "modern-parts": replace(_PLAIN, model=modern(replace(_PLAIN.model, position="rotary"))),
}  # fmt: skip

#: Two runs that differ in one thing, under one name: what the model is built of, with as many parameters.
PAIRS: dict[str, tuple[str, str]] = {"modern-against-gpt2": ("gpt2-parts", "modern-parts")}
