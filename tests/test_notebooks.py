"""The Python that pictures offer for a notebook: run as it stands, it gives the numbers of the picture."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import gptviz
from gptviz import analysis, decoding, views
from gptviz.analysis import rolls
from gptviz.decoding import STRATEGIES, Beam, Greedy, Sample, Strategy
from gptviz.decoding.strategy import OneByOne
from gptviz.figures import beam as beam_figures
from gptviz.figures import decoding as decoding_figures
from gptviz.figures import softmax as softmax_figures
from gptviz.figures import surprise as surprise_figures
from gptviz.language_model import LanguageModel
from gptviz.numbers import rank_of
from gptviz.numbers import softmax as spread
from gptviz.recipes import attention as attending
from gptviz.recipes import builder, python, trace
from gptviz.recipes import decoding as write
from gptviz.recipes import deploy as deploy_recipes
from gptviz.recipes import embeddings as embedding_recipes
from gptviz.recipes import heads as head_recipes
from gptviz.recipes import limits as limit_recipes
from gptviz.recipes import masks as mask_recipes
from gptviz.recipes import model as model_recipes
from gptviz.recipes import room as room_recipes
from gptviz.recipes import softmax as spread_out
from gptviz.recipes import stream as streaming
from gptviz.recipes import surprise as surprising
from gptviz.recipes import tokens as token_recipes
from gptviz.recipes import uses as use_recipes
from gptviz.views import softmax, surprise
from gptviz.views import stream as stream_view
from gptviz.views.distribution import token_label

pytestmark = pytest.mark.slow

HOSTILE = ["the cat", "'\"\\\n'''", '"""; import os\n#', "{x}%s$y$", "a\ud800b", "\x00\u202e", "从前有"]
IDS = (5, 17, 3)

#: Every recipe, given a prompt and a model's name.
RECIPES: dict[str, Callable[[str, str], str]] = {
    "chips": lambda text, model: trace.python_call("chips", text, model),
    "pipeline": lambda text, model: write.pipeline(text, model, Sample(0.7, top_k=3), seed=2, step=1),
    "comparison": lambda text, model: write.comparison(
        text, model, {"a": Greedy(), text: Sample(0.5)}, max_new_tokens=3, seed=1
    ),
    "text": lambda text, model: write.text(text, model, Sample(0.5), max_new_tokens=3, seed=1),
    "draws": lambda text, model: write.draws(text, model, Sample(), 4, max_new_tokens=3, seed=1),
    "beam_tree": lambda text, model: write.beam_tree(text, model, Beam(2, 0.5), max_new_tokens=3),
    "beam_ladder": lambda text, model: write.beam_ladder(text, model, [Beam(2), Beam(3)], max_new_tokens=3),
    "bars": lambda text, model: spread_out.sweep("bars", text, model, temperature=0.5),
    "curve": lambda text, model: spread_out.sweep("curve", text, model, temperature=0.5),
    "entropy": lambda text, model: spread_out.sweep("entropy", text, model, temperature=0.5),
    "nucleus": lambda text, model: spread_out.nucleus(text, model, temperature=0.5, share=0.9),
    "die": lambda text, model: spread_out.die(text, model, temperature=0.5, seed=3, n=20),
    "loops": lambda text, model: limit_recipes.loops(text, model, length=3, seed=1),
    "first guesses": lambda text, model: limit_recipes.facts(text, model, top=3),
    "pieces": lambda text, model: limit_recipes.digits(text, model),
    "by position": lambda text, model: limit_recipes.context(text, model, read=9),
    "what fits": lambda text, model: limit_recipes.window(text, model),
    "exchanged": lambda text, model: limit_recipes.exchange(text, model, old="cat", new="dog", words=[" a", " b"]),
    "known by heart": lambda text, model: limit_recipes.memory(text, model),
    "smaller": lambda text, model: deploy_recipes.answer(text, model, unit="heads", parts=[0, 3], n_head=2),
    "a use": lambda text, model: use_recipes.written(text, model, way=Sample(0.7), length=3, seed=1),
    "a room's picks": lambda text, model: room_recipes.guess(text, model, {text: 2, "b": 1}, chips=0),
    "a room's chips": lambda text, model: room_recipes.guess(text, model, {text: 20, "b": 5}, chips=40),
    "steps of a head": lambda text, model: attending.steps(text, model, layer=1, head=0, query=0),
    "written out": lambda text, model: attending.written_out(
        text, model, layer=1, head=0, query=0, step="q", index=3, key=None
    ),
    "size moved": lambda text, model: attending.maps(text, model, layer=1, head=0, rolled=False),
    "rollout": lambda text, model: attending.maps(text, model, layer=1, head=0, rolled=True),
    "worksheet": lambda text, model: attending.worksheet(text, model, layer=1, head=0, query=0, key=0),
    "chain": lambda text, model: surprising.chain(text, model, window=16),
    "next_tokens": lambda text, model: model_recipes.next_tokens([text], model, top=3),
    "rows": lambda text, model: embedding_recipes.rows(text, model),
    "vocabulary": lambda text, model: embedding_recipes.vocabulary(text, model, matrix="tokens", axes=(0, 1)),
    "near tokens": lambda text, model: embedding_recipes.near_map(text, model, matrix="tokens"),
    "patching": lambda text, model: head_recipes.patching(text, text, model),
    "film": lambda text, model: token_recipes.film(text, model),
    "keystrokes": lambda text, model: token_recipes.keystrokes(text, model, count=3),
    "costs": lambda text, model: token_recipes.costs(text, model, text),
    "search": lambda text, model: token_recipes.search(text, model, most=5),
    "versus": lambda text, model: surprising.chain(text, model, other=text, window=16),
    "norms": streaming.norms,
    "lens": streaming.lens,
    "followed": lambda text, model: streaming.followed(text, model, pos=2, tokens=(5, 9)),
    "ledger": lambda text, model: streaming.ledger(text, model, pos=2, token=5, less=9, level="heads"),
    "neurons": lambda text, model: streaming.neurons(text, model, layer=1, pos=2),
}


@pytest.fixture
def run(tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Run a recipe; the value of its last line. Whatever model it names, it gets the small one."""
    monkeypatch.setattr(gptviz, "load", lambda name: tiny_lm)

    def value(code: str) -> Any:
        *body, last = ast.parse(code).body
        assert isinstance(last, ast.Expr)
        names: dict[str, Any] = {}
        exec(compile(ast.Module(body, []), "recipe", "exec"), names)
        return eval(compile(ast.Expression(last.value), "recipe", "eval"), names)

    return value


def same(figure: Any, expected: go.Figure) -> bool:
    assert isinstance(figure, go.Figure)
    return bool(figure.to_json() == expected.to_json())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("recipe", RECIPES)
def test_what_was_typed_is_quoted(recipe: str, text: str) -> None:
    """Text and model name come back as constants, and the code is otherwise that of a harmless text."""
    tree, safe = (ast.parse(RECIPES[recipe](word, f"m {word}")) for word in (text, "plain"))
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert text in constants
    assert f"m {text}" in constants
    assert [type(node) for node in ast.walk(tree)] == [type(node) for node in ast.walk(safe)]


@pytest.mark.parametrize("recipe", RECIPES)
def test_imports_come_first_and_in_order(recipe: str) -> None:
    body = ast.parse(RECIPES[recipe]("x", "m")).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert body[: len(imports)] == imports
    assert ast.unparse(imports[0]) == "import gptviz"
    written = [ast.unparse(node) for node in imports[1:]]
    assert written == sorted(set(written))


def test_ids_are_written_as_plain_numbers() -> None:
    assert "lm.trace([5, 17])" in python("m", ["trace"], trace=np.array([5, 17]))  # type: ignore[arg-type]
    assert builder.quoted((np.int64(3),)) == "[3]"


@pytest.mark.parametrize(
    "strategy",
    [Greedy(), Sample(0.7, top_p=0.9, no_repeat_ngram_size=2), Beam(6, 0.5, 3, 2.0, "never"),
     STRATEGIES["contrastive"](), Sample()],
)  # fmt: skip
def test_a_strategy_is_made_again(strategy: Strategy) -> None:
    assert eval(builder.call(strategy), {"gptviz": gptviz}) == strategy


def test_a_strategy_that_somebody_added_is_made_from_its_record() -> None:
    class Mine(OneByOne):
        name = "greedy"  # its record is that of one that is there

        def choose(self, logits: Any, previous_ids: Any, u: float) -> Any:
            raise NotImplementedError

    assert eval(builder.call(Mine()), {"gptviz": gptviz}) == Greedy()


# ---- each, run


def test_the_stream(run: Callable[[str], Any], tiny_lm: LanguageModel, capsys: pytest.CaptureFixture[str]
           ) -> None:  # fmt: skip
    """What the stream page gives to copy is what it shows."""
    t = tiny_lm.trace("the cat")
    np.testing.assert_array_equal(run(streaming.norms("the cat", "m")), np.linalg.norm(t.mlp_out, axis=-1).round(1))
    lens = stream_view.lens(t, tiny_lm.tokenizer)
    assert (len(lens.words), len(lens.words[0]), lens.probs.shape) == (3, 7, (3, 7))
    assert lens.words[-1] == tuple(token_label(tiny_lm.tokenizer, int(i)) for i in t.logits.argmax(-1))
    assert lens.probs[-1] == pytest.approx([spread(row).max() for row in t.logits], abs=1e-6)
    drawn = run(streaming.lens("the cat", "m"))
    assert drawn.data[0].z == pytest.approx(lens.probs, abs=1e-6)
    assert drawn.layout.annotations == gptviz.figures.stream.lens(lens).layout.annotations
    (token, ranks, probs), _ = run(streaming.followed("the cat", "m", pos=2, tokens=(5, 9)))
    assert (token, ranks[-1]) == (5, rank_of(t.logits_at(2), 5))
    assert probs[-1] == pytest.approx(spread(t.logits_at(2))[5], abs=1e-6)
    for less, lead in ((None, t.logits[2, 5]), (9, t.logits[2, 5] - t.logits[2, 9])):
        (bars,) = run(streaming.ledger("the cat", "m", pos=2, token=5, less=less, level="heads")).data
        total, logit, error = map(float, capsys.readouterr().out.split())
        assert (total, logit) == (pytest.approx(lead, abs=1e-4), pytest.approx(lead, abs=1e-6))
        assert error < 1e-4
        assert bars.base[-1] + bars.x[-1] == pytest.approx(total)
    hidden = t.mlp_hidden[1, 2]
    found = run(streaming.neurons("the cat", "m", layer=1, pos=2))
    assert found[0].activation == pytest.approx(float(hidden[np.abs(hidden).argmax()]), abs=1e-6)


@pytest.mark.parametrize("recipe", ["loops", "exchanged", "known by heart", "a use", "calibration", "sums", "lines"])
def test_recipes_of_the_limits_run(
    recipe: str, tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gptviz, "load", lambda name: tiny_lm)
    monkeypatch.setattr("gptviz.evaluation.arithmetic.sums", lambda lm: iter(()))  # which take long
    others = {
        "calibration": limit_recipes.calibration("m", lang="en"),
        "sums": limit_recipes.arithmetic("m"),
        "lines": limit_recipes.lines("m", lang="en"),
    }
    code = others[recipe] if recipe in others else RECIPES[recipe]("the cat cat cat cat cat", "m")
    exec(compile(code, "recipe", "exec"), {})
    said = capsys.readouterr().out
    if recipe == "loops":
        assert said.count("Repetition(") == 3
    if recipe == "exchanged":
        assert said.count("Exchanged(continuation=") == 2
    if recipe == "calibration":
        assert said.count("Bin(") == 5


def test_pipeline(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    found = run(write.pipeline("the cat", "m", Sample(0.7, top_k=3), seed=2, step=1))
    traced, sample = tiny_lm.trace("the cat"), Sample(0.7, top_k=3)
    stages = decoding.stages(traced.logits_at(-1), sample, traced.ids)
    u = decoding.uniform_at(2, 1)
    drawn, settings = decoding.draw(stages[-1].probs, u), {"temperature": 0.7, "top_k": 3}
    view = views.pipeline(traced.logits_at(-1), stages, tiny_lm.tokenizer, pos=len(traced) - 1, u=u, draw=drawn,
                          settings=settings)  # fmt: skip
    assert same(found, gptviz.figures.pipeline.columns(view))


def test_branches(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    found = run(write.branches(IDS, "m", [(4, 5), (6,)]))
    assert found == [float(tiny_lm.trace([*IDS, *way]).logprobs[3:].sum()) for way in ((4, 5), (6,))]
    assert run(write.branches(IDS, "m", [])) == []


def test_pair(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    found = run(write.pair((*IDS, 4), (*IDS, 6), "m", n_prompt=3, step=0, layer=1, head=0))
    one, other = tiny_lm.trace((*IDS, 4)), tiny_lm.trace((*IDS, 6))
    expected = views.pair(one, other, 3, tiny_lm.tokenizer, step=0, layer=1, head=0)
    assert repr(found) == repr(expected)


def test_comparison_and_text(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    from gptviz.decoding.records import record
    from gptviz.views.decoding import comparison

    strategies: dict[str, Strategy] = {"greedy": Greedy(), "it's": Sample(1.5, top_k=9)}
    expected = record(tiny_lm, "the", strategies, max_new_tokens=4, seed=5)
    found = run(write.comparison("the", "m", strategies, max_new_tokens=4, seed=5))
    assert same(found, decoding_figures.lines(comparison(expected)))
    steps = run(write.text("the", "m", strategies["it's"], max_new_tokens=4, seed=5))
    assert tuple(step.token for step in steps) == expected.columns["it's"].tokens


def test_draws(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    from gptviz.decoding import draws
    from gptviz.views.decoding import spread

    found = run(write.draws("the", "m", Sample(2.0), 5, max_new_tokens=3, seed=1))
    expected = draws.spread(draws.many(tiny_lm, "the", Sample(2.0), 5, max_new_tokens=3, seed=1))
    assert same(found, decoding_figures.spread(spread(expected)))


def test_beam(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    from gptviz.views.beam import tree

    beam = Beam(4, 0.5, 2)
    steps = list(decoding.beam_search(tiny_lm, "the", beam, max_new_tokens=3))
    found = run(write.beam_tree("the", "m", beam, max_new_tokens=3))
    assert same(found, beam_figures.tree(tree(steps, beam, tiny_lm.tokenizer)))
    ladder = run(write.beam_ladder("the", "m", [Beam(2), beam], max_new_tokens=3))
    assert list(ladder.steps) == ["greedy", "beam 2", "beam 4"]
    assert ladder.steps["beam 4"][-1].generated == steps[-1].finished[0].tokens


def test_softmax(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    traced = tiny_lm.trace("the cat")
    view = softmax.sweep(traced.logits_at(-1), tiny_lm.tokenizer)
    temperature = 0.5
    assert temperature in softmax.TEMPERATURES
    for name in ("bars", "curve", "entropy"):
        found = run(spread_out.sweep(name, "the cat", "m", temperature=temperature))  # type: ignore[arg-type]
        assert same(found, getattr(softmax_figures, name)(view, temperature=temperature))
    share = softmax.SHARES[-1]
    found = run(spread_out.nucleus("the cat", "m", temperature=temperature, share=share))
    kept = softmax.nucleus(traced.logits, views.labels(traced), temperature=temperature)
    assert same(found, softmax_figures.nucleus(kept, share=share))
    logits = tiny_lm.trace("the cat").logits_at(-1)  # of this position alone, as in the recipe
    die = rolls.Rolls(softmax.at_temperature(logits, temperature), seed=4,
                      shown=[row.id for row in view.rows])  # fmt: skip
    die.roll(30)
    found = run(spread_out.die("the cat", "m", temperature=temperature, seed=4, n=30))
    assert same(found, softmax_figures.distances(die.view()))


def test_next_tokens(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    prompts = ["the cat", "a dog"]
    found = run(model_recipes.next_tokens(prompts, "m", top=3))
    assert list(found) == prompts
    for prompt in prompts:
        probs = spread(tiny_lm.trace(prompt).logits_at(-1))
        best = np.argsort(-probs, kind="stable")[:3]
        assert found[prompt] == [(tiny_lm.tokenizer.decode([int(i)]), probs[i]) for i in best]
    assert run(model_recipes.parameters("m")) == tiny_lm.config.parameters
    with pytest.raises(KeyError):
        model_recipes.card("rest", "m")


def test_surprise(run: Callable[[str], Any], tiny_lm: LanguageModel, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (surprise.read(tiny_lm, text, window=16) for text in ("the cat", "a dog"))
    assert same(run(surprising.chain("the cat", "m", window=16)), surprise_figures.chain(one))
    assert f"{one.bits_per_byte}" in capsys.readouterr().out
    assert same(run(surprising.chain("the cat", "m", other="a dog", window=16)), surprise_figures.chain(one, other))
    assert repr(surprise.versus(one, other)) in capsys.readouterr().out


def test_the_film_of_a_text(run: Callable[[str], Any]) -> None:
    found = run(token_recipes.film("the cat", "m"))
    assert found == [[letter.encode() for letter in "the cat"]]  # a vocabulary of characters: no merge


def test_costs_keystrokes_and_searches(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    own, other, n_bytes, characters = run(token_recipes.costs("the cat", "m", "another"))
    assert own == other
    assert (own.tokens, n_bytes.tokens, characters.tokens) == (7, 7, 7)
    assert [one.character for one in run(token_recipes.keystrokes("the cat", "m", count=3))] == ["c", "a", "t"]
    assert run(token_recipes.search("a", "m", most=5)).ids == tuple(tiny_lm.tokenizer.encode("a"))


def test_rows_neighbours_map_and_positions(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    from gptviz.analysis import neighbours, position_similarity, vocabulary_map

    added = run(embedding_recipes.rows("the cat", "m"))
    assert added == pytest.approx(tiny_lm.rows("positions", range(7)), abs=1e-6)
    near = run(embedding_recipes.near(5, "m", count=3, matrix="tokens"))
    assert [name for name, _ in near] == [tiny_lm.tokenizer.decode([one.id]) for one in neighbours(tiny_lm, 5, count=3)]
    every, lit = run(embedding_recipes.vocabulary("the cat", "m", matrix="tokens", axes=(0, 2))).data
    places = vocabulary_map(tiny_lm).places[:, [0, 2]]
    assert np.array_equal(np.stack((every.x, every.y), 1), places)
    ids = list(dict.fromkeys(tiny_lm.tokenizer.encode("the cat")))
    assert np.array_equal(np.stack((lit.x, lit.y), 1), places[ids])
    expected = gptviz.figures.embeddings.positions(position_similarity(tiny_lm, "rotary"))
    assert same(run(embedding_recipes.positions("m", scheme="rotary")), expected)


def test_what_attention_moves_and_what_heads_look_at(run: Callable[[str], Any], tiny_lm: LanguageModel) -> None:
    from gptviz import analysis, figures

    t = tiny_lm.trace("the cat")
    moved, rolled = analysis.value_weighted(t)[1, 0], analysis.rollout(t)[1]
    for wanted, expected in (
        (False, figures.mixing.value_weighted(moved, views.labels(t), layer=1, head=0)),
        (True, figures.mixing.rollout(rolled, views.labels(t), layer=1)),
    ):
        assert same(run(attending.maps("the cat", "m", layer=1, head=0, rolled=wanted)), expected)
    drawn = run(head_recipes.scores("m", "first"))
    assert drawn.data[0].z.shape == (2, 2)


def test_one_run_put_into_another(run: Callable[[str], Any], tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch
                                  ) -> None:  # fmt: skip
    from gptviz import analysis

    clean = "the cat"
    said = int(tiny_lm.trace(clean).logits_at(-1).argmax())
    corrupt = next(text for text in ("the ca" + letter for letter in "abcdefghijklmnopqrs")
                   if int(tiny_lm.trace(text).logits_at(-1).argmax()) != said)  # fmt: skip
    monkeypatch.setattr(analysis.patching, "LEAST_GAP", 0.0)  # of a random model the two are not far apart
    expected = analysis.patch(tiny_lm, clean, corrupt)
    one, other = run(head_recipes.patching(clean, corrupt, "m")).data
    assert np.array_equal(one.z, expected.sufficient)
    assert np.array_equal(other.z, expected.necessary)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_blank_is_quoted_too(text: str) -> None:
    """Its recipe names no model, as two of their own fill it."""
    tree = ast.parse(mask_recipes.filled(text, 2))
    assert [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)] == [text, 2]


def test_a_blank(run: Callable[[str], Any]) -> None:
    found = run(mask_recipes.filled("The dog barks at the cat.", 1))
    wanted = analysis.fill("The dog barks at the cat.", 1)
    assert [list(probs) for probs in found] == [list(wanted.masked.probs), list(wanted.causal.probs)]


def test_a_round_of_a_room_is_computed_again(
    tiny_lm: LanguageModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The class's shares, the model's probabilities, and the bits of the token that came."""
    monkeypatch.setattr(gptviz, "load", lambda name: tiny_lm)
    probs = spread(tiny_lm.trace(IDS).logits_at(-1).astype(np.float64))
    label = token_label(tiny_lm.tokenizer, 9)
    exec(room_recipes.guess(IDS, "m", {label: 3, "none": 1}, chips=0), {})
    assert capsys.readouterr().out == f"{label} {3 / 6} {float(probs[9])}\nnone {1 / 6} None\n"
    exec(room_recipes.guess(IDS, "m", {label: 5}, chips=40), {})
    assert capsys.readouterr().out == f"{label} {5 / 40} {float(probs[9])}\n"
    exec(room_recipes.score(list(IDS), 9, "m", 1.5), {})
    said = ast.literal_eval(capsys.readouterr().out)
    assert said == {"model": pytest.approx(-np.log2(probs[9]), abs=1e-5), "class": 1.5}
