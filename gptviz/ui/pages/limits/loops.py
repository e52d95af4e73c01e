"""Repetition: the text written on by the likeliest token, by a draw, and under a penalty. Pure."""

from __future__ import annotations

from gptviz.analysis.repeating import GRAM, PENALTY, Repetition, Written, continued, repetition, ways
from gptviz.recipes import limits as recipes
from gptviz.rounding import number, percent
from gptviz.ui.pages.limits.parts import Part, Piece, TextRow, bar, part, piece
from gptviz.ui.pages.limits.scene import Tried


def want(scene: Tried) -> None:
    """The text three times on; there is nothing to measure beside it."""
    view, lm, ids = scene.state.view, scene.lm, scene.ids
    key = scene.key("loops", ids, view.length, view.seed)
    wanted = view.length * len(ways())
    scene.state.live.want(key, wanted, lambda: continued(lm, ids, view.length, seed=view.seed))
    scene.state.side.rest()


def live(scene: Tried) -> Part:
    """The three texts, loops marked."""
    found, view = _found(scene), scene.state.view
    texts: list[TextRow] = [
        {"name": scene.say(f"way.{way}", penalty=number(PENALTY, 1)), "pieces": _pieces(scene, tokens, said),
         "number": _loop(scene, said) if tokens else "…"}
        for way, (tokens, said) in found.items()
    ]  # fmt: skip
    python = recipes.loops(scene.prompt, scene.lm.name, length=view.length, seed=view.seed)
    work = scene.state.live
    return part(scene.say("live.loops"), _reading(scene, found["greedy"][1]), python, small=scene.say("small.loops"),
                texts=texts, done=len(work.records), wanted=work.wanted if work.open else 0,
                columns=[scene.say("column.way"), scene.say("column.text")],
                rows=[[row["name"], "".join(one["text"] for one in row["pieces"])] for row in texts])  # fmt: skip


def side(scene: Tried) -> Part:
    """How much of each is there twice."""
    found = _found(scene)
    names = {way: scene.say(f"short.{way}") for way in found}
    bars = [bar(names[way], said.repeated or 0.0, percent(said.repeated)) for way, (_, said) in found.items()]
    python = recipes.loops(scene.prompt, scene.lm.name, length=scene.state.view.length, seed=scene.state.view.seed)
    columns = ["way", "loop_from", "period", "times", "repeated"]
    rows = [[names[way], *(["–"] * 3 if said.loop is None else map(str, (said.loop.start + 1, *said.loop[1:]))),
             percent(said.repeated, 1)] for way, (_, said) in found.items()]  # fmt: skip
    listed = {way: percent(said.repeated) for way, (_, said) in found.items()}
    return part(scene.say("side.loops"), scene.say("reading.repeated", n=GRAM, **listed), python, bars=bars,
                columns=[scene.say(f"column.{name}") for name in columns], rows=rows)  # fmt: skip


def _found(scene: Tried) -> dict[str, tuple[list[int], Repetition]]:
    written: list[Written] = scene.state.live.records
    by_way = {way: [one.token for one in written if one.way == way] for way in ways()}
    return {way: (tokens, repetition(tokens)) for way, tokens in by_way.items()}


def _pieces(scene: Tried, tokens: list[int], said: Repetition) -> list[Piece]:
    """The text before the loop, its blocks one by one (every other otherwise, to tell them apart), what follows."""
    decode = scene.lm.tokenizer.decode
    if said.loop is None:
        return [piece(decode(tokens))]
    start, period, _ = said.loop
    blocks = [piece(decode(tokens[at : at + period]), "loop" if i % 2 == 0 else "again")
              for i, at in enumerate(range(start, said.loop.stop, period))]  # fmt: skip
    return [piece(decode(tokens[:start])), *blocks, piece(decode(tokens[said.loop.stop :]))]


def _loop(scene: Tried, said: Repetition) -> str:
    if said.loop is None:
        return scene.say("no_loop")
    return scene.say("loop", start=said.loop.start + 1, period=said.loop.period, times=said.loop.times)


def _reading(scene: Tried, said: Repetition) -> str:
    if scene.state.live.open and said.loop is None:
        return scene.say("reading.writing")
    if said.loop is None:
        return scene.say("reading.no_loop", length=scene.state.view.length)
    start, period, times = said.loop
    return scene.say("reading.loops", start=start + 1, period=period, times=times)
