"""Generated worlds: what is said of their entropy is true of the texts that they write."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest

from gptviz.training.worlds import WORLDS, World, entropy, text
from gptviz.training.worlds._grammar import Grammar

pytestmark = pytest.mark.slow

_DRAWS = 4000

every_world = pytest.mark.parametrize("world", WORLDS.values(), ids=list(WORLDS))


def test_every_file_is_found() -> None:
    assert set(WORLDS) == {"addition", "brackets", "copying", "names", "repeats", "stories"}
    assert all(name == world.name for name, world in WORLDS.items())


@every_world
def test_the_entropy_is_the_mean_surprisal_of_its_texts(world: World) -> None:
    """-log p by each world's own probability, which is worked out from the text alone, within five standard errors."""
    rng = np.random.default_rng(3)
    documents = [world.sample(rng) for _ in range(_DRAWS)]
    nats = np.array([-world.log_probability(document) for document in documents])
    lengths = np.array([len(document) for document in documents])
    assert abs(nats.mean() - world.nats) <= 5 * nats.std() / math.sqrt(_DRAWS) + 1e-9
    assert abs(lengths.mean() - world.characters) <= 5 * lengths.std() / math.sqrt(_DRAWS) + 1e-9
    assert entropy(world) == world.nats / world.characters


@every_world
def test_texts_are_documents_of_the_alphabet_and_the_same_for_one_seed(world: World) -> None:
    whole = text(world, 7, 5000)
    assert whole == text(world, 7, 5000) != text(world, 8, 5000)
    assert len(whole) >= 5000
    assert whole.endswith("\n")
    assert set(text(world, 1, 60_000)) == set(world.alphabet)
    assert list(world.alphabet) == sorted(set(world.alphabet))
    assert all(math.isfinite(world.log_probability(f"{document}\n")) for document in whole.splitlines()[:50])


@every_world
def test_what_is_not_of_a_world_has_no_probability(world: World) -> None:
    document = world.sample(np.random.default_rng(0))
    for wrong in ("", "\x00", f"{document}{document}x", document[:-1], f"½{document}", f"{document}\n\n"):
        assert world.log_probability(wrong) == -math.inf


@pytest.mark.parametrize(
    ("name", "said", "p"),
    [("addition", "7+35=42\n", 1e-4), ("addition", "7+35=43\n", 0.0), ("addition", "07+35=42\n", 0.0),
     ("brackets", "\n", 0.6), ("brackets", "([])\n", 0.2 * 0.12 * 0.6**3), ("brackets", "([)]\n", 0.0),
     ("copying", "ab|ab\n", 1 / 8 / 256), ("copying", "ab|ba\n", 0.0),
     ("repeats", "abcdabcdabcd\n", 1 / 9 / (26 * 25 * 24 * 23)), ("repeats", "abcaabcaabca\n", 0.0),
     ("names", "ana\n", 3 / 23 * 4 / 16 * 3 / 9 * 4 / 16)],
)  # fmt: skip
def test_probabilities_worked_out_by_hand(name: str, said: str, p: float) -> None:
    assert math.exp(WORLDS[name].log_probability(said)) == pytest.approx(p)


def _texts(rules: dict[str, list[tuple[str, float]]], hero: dict[str, float]) -> dict[str, float]:
    """By brute force, every text of the tiny grammar below with its probability."""
    found: dict[str, float] = defaultdict(float)
    total = sum(hero.values())
    for (one, p), (end, q), (who, r) in itertools.product(rules["start"], rules["end"], hero.items()):
        sums = [sum(weight for _, weight in rules[symbol]) for symbol in ("start", "end")]
        name, pronoun = who.split("|")
        said = one.replace("{end}", end).replace("{hero.1}", pronoun).replace("{hero}", name)
        chance = p / sums[0] * q / sums[1] * r / total
        found[said] += chance
    return found


def test_the_entropy_of_a_tiny_grammar_is_that_of_all_its_texts() -> None:
    """One in four texts never says who it is about, so that choice counts three quarters."""
    rules = {"start": [("{hero} came. {end}", 3.0), ("Nobody came. Rain.", 1.0)],
             "end": [("{hero.1} sat.", 1.0), ("All slept, {hero} too.", 2.0)]}  # fmt: skip
    hero = {"Lily|she": 2.0, "Tom|he": 1.0}
    grammar = Grammar("tiny", rules, {"hero": list(hero.items())})
    texts = _texts(rules, hero)
    assert sum(texts.values()) == pytest.approx(1)
    assert grammar.nats == pytest.approx(-sum(p * math.log(p) for p in texts.values()))
    assert grammar.characters == pytest.approx(sum(p * len(said) for said, p in texts.items()))
    assert all(math.exp(grammar.log_probability(said)) == pytest.approx(p) for said, p in texts.items())


def test_two_ways_to_one_text_are_seen() -> None:
    """Then the choices are worth more than the text: 1 bit of choice, a quarter of which nobody can see."""
    twofold = Grammar("twofold", {"start": [("a{x}", 1), ("{x}b", 1)], "x": [("b", 1), ("a", 1)]})
    surprisal = -sum(p * math.log(p) for p in (0.5, 0.25, 0.25))  # ab in two ways, aa, bb
    assert math.exp(twofold.log_probability("ab")) == pytest.approx(0.5)
    assert surprisal < twofold.nats == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize("rules", [{"start": [("{start}{start}", 1), ("a", 1)]}, {"start": [("{nobody}", 1)]}])
def test_grammars_that_are_none_are_refused(rules: dict[str, list[tuple[str, float]]]) -> None:
    with pytest.raises(ValueError, match=r"expected length|without a rule"):
        _ = Grammar("wrong", rules).nats


def test_brackets_are_closed_as_they_were_opened() -> None:
    closes = {")": "(", "]": "[", ">": "<"}
    for line in text(WORLDS["brackets"], 0, 3000).splitlines():
        opened: list[str] = []
        for character in line:
            if character in closes:
                assert opened.pop() == closes[character]
            else:
                opened.append(character)
        assert not opened
