"""A path in a link: every token of the tree, how it came, and which of them follow which. Pure.

``path`` lists the tokens in the order in which they came, as ``464g.3797d.12.1-995``: the token's id, then ``d`` where
it was drawn, ``g`` where it was the likeliest taken, nothing where it was chosen by hand; before the id, where it does
not follow the token named last, the number of the one that it follows and a dash (0 is the prompt). ``at`` counts the
tokens that are in the picture; ``tip`` is the number of the token that the line leads to, where that is not the last.
Links made before this one list the line alone, with other lines in ``branches``; they are still read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gptviz.decoding.path import ROOT, Node, PathTree

PATH, AT, TIP, BRANCHES = "path", "at", "tip", "branches"
MOST_NODES = 400  # of the newest; a link must not become longer than browsers and chats take
MOST_BRANCHES = 12  # beside the line: no older link lists more
_HOW = {"d": "drawn", "g": "greedy", "": "chosen"}
_LETTER = {how: letter for letter, how in _HOW.items()}
_NODE = re.compile(r"(?:(\d{1,9})-)?(\d{1,9})([dg]?)", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def written(tree: PathTree) -> dict[str, str]:
    """``path``, ``at`` and ``tip`` of a tree; nothing of one without tokens."""
    kept = _newest(tree)
    if not kept:
        return {}
    number = {node: place for place, node in enumerate((ROOT, *kept))}
    parts = []
    for node in kept:
        parent = number[tree.nodes[node].parent]
        after = "" if parent == number[node] - 1 else f"{parent}-"
        parts.append(f"{after}{tree.nodes[node].token}{_LETTER[tree.nodes[node].how]}")
    found = {PATH: ".".join(parts), AT: str(tree.depth)}
    return found if number[tree.tip] == len(kept) else found | {TIP: str(number[tree.tip])}


def _newest(tree: PathTree) -> list[int]:
    """The nodes that a link tells, in order: the line, and of the other branches the newest."""
    kept = set(tree.line())
    for node in reversed(tree.ends()):
        branch = set()
        while node != ROOT:
            branch.add(node)
            node = tree.nodes[node].parent
        if len(kept | branch) > MOST_NODES:
            break
        kept |= branch
    return sorted(kept)


def lay(tree: PathTree, query: Mapping[str, str], *, vocab_size: int, room: int) -> list[str]:
    """Lay a link's path into an empty tree; gives the names of what cannot be read.

    Tokens that the model does not have, or that lie deeper than ``room``, are left out with all that follows them.
    """
    if len(tree):
        return []
    nodes = _nodes(query.get(PATH, ""))
    numbers = {name: _number(query[name]) for name in (AT, TIP) if name in query}
    old = _old_branches(query.get(BRANCHES, ""))
    laid = _lay_nodes(tree, nodes or [], vocab_size, room)
    wanted = numbers.get(TIP)
    tree.jump(laid[max(laid)] if wanted is None or wanted not in laid else laid[wanted])
    line, tip = len(tree.line()), tree.tip
    for shared, ids in old or []:
        if shared <= line and all(token < vocab_size for token in ids):
            tree.jump(tip)
            tree.go(shared)
            tree.extend(ids[: max(0, room - shared)], "chosen")
    tree.jump(tip)
    at = numbers.get(AT)
    tree.go(len(tree.line()) if at is None else at)
    bad = ([PATH] if nodes is None else []) + ([BRANCHES] if old is None else [])
    return bad + [name for name, value in numbers.items() if value is None]


def _lay_nodes(tree: PathTree, nodes: list[Node], vocab_size: int, room: int) -> dict[int, int]:
    """Number in the link → node of the tree, which is empty before; where its line leads is left to the caller."""
    laid, depth = {0: ROOT}, {ROOT: 0}
    known: dict[tuple[int, int], int] = {}  # one token follows another but once
    for number, said in enumerate(nodes, 1):
        parent = laid.get(said.parent)
        if parent is None or said.token >= vocab_size or depth[parent] >= room:
            continue
        if (parent, said.token) not in known:
            tree.nodes.append(Node(parent, said.token, said.how))
            known[parent, said.token] = len(tree.nodes) - 1
        laid[number] = known[parent, said.token]
        depth[laid[number]] = depth[parent] + 1
    return laid


def _nodes(path: str) -> list[Node] | None:
    """What ``path`` lists; None where it cannot be read."""
    found: list[Node] = []
    for part in filter(None, path.split(".")[:MOST_NODES]):
        said = _NODE.fullmatch(part)
        if said is None:
            return None
        parent = len(found) if said[1] is None else int(said[1])
        if parent > len(found):
            return None
        found.append(Node(parent, int(said[2]), _HOW[said[3]]))
    return found


def _old_branches(branches: str) -> list[tuple[int, list[int]]] | None:
    """Of an older link: how many tokens each branch shares with the line, and its ids from there on."""
    found: list[tuple[int, list[int]]] = []
    for run in list(filter(None, branches.split("_")))[:MOST_BRANCHES]:
        numbers = [_number(part) for part in run.split(".")]
        whole = [number for number in numbers if number is not None]
        if len(whole) != len(numbers) or len(whole) < 2:
            return None
        found.append((whole[0], whole[1:]))
    return found


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
