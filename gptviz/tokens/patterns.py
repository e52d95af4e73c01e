"""The pattern that cuts a text into pieces, from a stranger's file: bounded, and tried before it is used.

A regular expression is a program. One may take seconds and hundreds of megabytes to be compiled, or try all ways of
cutting a run of letters, which are more than can be counted.
"""

from __future__ import annotations

from gptviz.tokens.bpe import GPT2_PATTERN, PATTERN

_KNOWN = (PATTERN, GPT2_PATTERN)
_LONGEST, _MOST_BRANCHES, _MOST_TIMES = 2000, 100, 1000  # far beyond what any tokenizer uses: 400, 15, 4
#: What makes a pattern a program: recursion, references, conditions, verbs, matches that need not be exact.
_MORE_THAN_REGULAR = r"\\[1-9gkLKGRXNQE]|\(\?(?![:=!>]|<[=!]|i:)|\(\*|(?<!\\|\\[pPxuN])\{(?!\d+(?:,\d*)?\})"
_RUN, _RUNS = 1000, ("a", " ", "1", "\n", "!", "好", "aB", "a ")  # characters of a text that a pattern is tried on
_PATIENCE = 2.0  # seconds for all of them: what is cut in reasonable ways needs some hundredths


def matching_all(pattern: str) -> str:
    """A pattern that matches every character: what no branch matches becomes a piece instead of being dropped.

    Raises ValueError for what is no pattern, or matches nothing at all (tiktoken panics on empty pieces).
    """
    if pattern in _KNOWN:
        return pattern
    import regex  # type: ignore[import-untyped]  # a requirement of tiktoken

    try:
        if regex.match(pattern, ""):
            raise ValueError("a pattern that matches nothing at all")
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        raise ValueError(f"pattern {pattern[:100]!r}: {error}") from error
    return rf"{pattern}|(?:(?!{pattern})[\s\S])+"


def require_harmless(pattern: str) -> None:
    """Raise ValueError for a pattern that is larger than any in use, or too slow on runs of characters."""
    if pattern in _KNOWN:
        return
    import regex

    times = 1
    for low, high in regex.findall(r"\{(\d*),?(\d*)\}", pattern):
        times *= max(1, *(int(number[:9]) for number in (low, high) if number), 1)
    if len(pattern) > _LONGEST or pattern.count("|") >= _MOST_BRANCHES or times > _MOST_TIMES:
        raise ValueError(f"a pattern of {len(pattern)} characters, larger than any in use: {pattern[:60]!r}…")
    odd = regex.search(_MORE_THAN_REGULAR, pattern)
    if odd:
        raise ValueError(f"{odd[0]!r} in a pattern")
    matching_all(pattern)
    try:
        for run in _RUNS:
            for _ in regex.finditer(pattern, run * (_RUN // len(run)) + "\0", timeout=_PATIENCE / len(_RUNS)):
                pass
    except TimeoutError as error:
        raise ValueError(f"a pattern that takes too long on a text of {_RUN} characters") from error
