"""The law L(N, D) = E + A/N^α + B/D^β, what it says of a budget, and the constants that others have published.

The form is that of Hoffmann et al. 2022 (arXiv 2203.15556), equation 2: E is what no model can do without (the entropy
of the text), A/N^α what a model of N parameters still lacks however much it reads, B/D^β what D tokens do not show yet.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gptviz.numbers import Doubles

#: Operations of one training step on one token, for each parameter: 2 forward, 4 back (Kaplan et al. 2020, table 1).
FLOPS = 6
#: The law's constants, as files and the shell call them.
NAMES = ("A", "B", "E", "alpha", "beta")


class Law(NamedTuple):
    """One law; losses are in nats per token."""

    A: float
    B: float
    E: float
    alpha: float
    beta: float

    def parts(self, n: float, tokens: float) -> tuple[float, float, float]:
        """The three terms of the loss: E, A/N^α, B/D^β."""
        return self.E, self.A * n**-self.alpha, self.B * tokens**-self.beta

    def loss(self, n: Any, tokens: Any) -> Any:
        """Nats per token after training N parameters on D tokens; of numbers or of arrays."""
        sizes, read = np.asarray(n, dtype=np.float64), np.asarray(tokens, dtype=np.float64)
        return self.E + self.A * sizes**-self.alpha + self.B * read**-self.beta

    @property
    def exponents(self) -> tuple[float, float]:
        """(a, b) of N_opt ∝ C^a and D_opt ∝ C^b: β/(α + β) and α/(α + β), of sum 1."""
        total = self.alpha + self.beta
        return self.beta / total, self.alpha / total

    @property
    def balance(self) -> float:
        """G = (αA / βB)^(1/(α+β)): N_opt is G·(C/6)^a, D_opt is (C/6)^b / G (Hoffmann et al. 2022, equation 4)."""
        return float((self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta)))

    @property
    def splits(self) -> bool:
        """Whether there is a best split: both more parameters and more tokens must help."""
        return min(self.A, self.B, self.alpha, self.beta) > 0

    def best_split(self, flops: float) -> tuple[float, float]:
        """(N, D) of the lowest loss among all that cost C = 6ND ``flops``; needs ``splits``.

        >>> n, tokens = PUBLISHED["epoch"].best_split(5.76e23)
        >>> f"{n:.2e} {tokens:.2e}", round(6 * n * tokens / 5.76e23, 9)
        ('6.69e+10 1.43e+12', 1.0)
        """
        a, b = self.exponents
        budget = flops / FLOPS
        return self.balance * budget**a, budget**b / self.balance


#: Fits to the runs of Hoffmann et al. 2022: as their text prints it (section 3.3; their parameters count all), and as
#: Besiroglu et al. 2024 (arXiv 2404.10102, table 1) fitted it again to the runs in their figure.
PUBLISHED = {
    "chinchilla": Law(406.4, 410.7, 1.69, 0.34, 0.28),
    "epoch": Law(482.01, 2085.43, 1.8172, 0.3478, 0.3658),
}


class Power(NamedTuple):
    """L(x) = (scale / x)^exponent: a law of one quantity alone, where the other is no limit."""

    scale: float
    exponent: float

    def loss(self, x: Any) -> Doubles:
        """Nats per token."""
        found: Doubles = (self.scale / np.asarray(x, dtype=np.float64)) ** self.exponent
        return found


#: Kaplan et al. 2020 (arXiv 2001.08361), equations 1.1 and 1.2: N counts no embeddings, and no floor is fitted. Each is
#: a law of its own; their joint fit (equation 1.5) has other constants.
KAPLAN = {"parameters": Power(8.8e13, 0.076), "tokens": Power(5.4e13, 0.095)}
#: … and how N_opt grows with C there (their section 6.1).
KAPLAN_SPLIT = 0.73
