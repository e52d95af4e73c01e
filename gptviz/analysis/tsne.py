"""A map on which near tokens lie together: t-SNE of the rows of a vocabulary's commonest tokens.

t-SNE (van der Maaten & Hinton 2008; Barnes & Hut's way to its forces, van der Maaten 2014), scikit-learn's, of the
cosine between rows, from their first two principal components on, seeded. What is near on it was near before; how far
apart two groups lie, and how large they are, says little (Wattenberg et al. 2016). It takes time that grows faster than
the number of points: so it is of the tokens with the lowest ids, which a byte-pair vocabulary has merged first and are
its commonest, and is made by a process of its own, once for each model: it is kept on disk by the model's fingerprint.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.analysis import kept
from gptviz.errors import GptvizError
from gptviz.language_model import Array, LanguageModel, Matrix
from gptviz.schema import Entries, Number, Record, Text, Whole

COUNT, SEED, PERPLEXITY = 2000, 0, 30.0
NEAREST = 3  # tokens of the map between which another one is placed
VERSION = 1  # of the settings: whoever changes one counts on
_SCRIPT = Path(__file__).with_name("tsne_process.py")
_WAIT = 0.03  # seconds at a time
_LARGEST = 2**20  # bytes of a file
_RULE = Record(
    {"version": Whole(VERSION, VERSION), "fingerprint": Text(16, 16), "matrix": Text(16),
     "places": Entries(Entries(Number(-1e6, 1e6), 2), COUNT)},
    needed=("version", "fingerprint", "matrix", "places"),
)  # fmt: skip


class NeighbourMap(NamedTuple):
    """The places of tokens 0 … n − 1."""

    places: Array  # (n, 2); distances have no unit
    unit: Array  # (n, C) their rows, each of length 1

    def between(self, rows: Array) -> Array:
        """(m, 2): other rows (m, C), each in the middle of the ``NEAREST`` tokens of the map that are most like it."""
        found = np.argpartition(-(rows @ self.unit.T), NEAREST - 1, axis=1)[:, :NEAREST]
        middle: Array = self.places[found].mean(axis=1)
        return middle


def neighbour_map(lm: LanguageModel, *, matrix: Matrix = "tokens") -> NeighbourMap:
    """The map of the ``COUNT`` commonest tokens (of fewer, all). Raises GptvizError where its process stops.

    >>> gptviz.analysis.neighbour_map(lm).places.shape  # doctest: +SKIP
    (2000, 2)
    """
    *_, found = laying_out(lm, matrix=matrix)
    assert found is not None
    return found


def laying_out(lm: LanguageModel, *, matrix: Matrix = "tokens") -> Iterator[NeighbourMap | None]:
    """The same while others go on with their work: None now and then as long as it takes, and at last the map."""
    unit = _unit(lm.rows(matrix, range(min(COUNT, lm.n_tokens))))
    fingerprint = lm.fingerprint
    places = _read(fingerprint, matrix, len(unit))
    if places is None:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
            np.save(given, unit)
            given.seek(0)
            # its own process: hundreds of rounds of C code, beside which nobody's key is to wait
            command = [sys.executable, "-P", str(_SCRIPT), str(SEED), str(PERPLEXITY)]
            process = subprocess.Popen(command, stdin=given, stdout=made, stderr=subprocess.DEVNULL)
            try:
                while process.poll() is None:
                    yield None
                    try:
                        process.wait(_WAIT)
                    except subprocess.TimeoutExpired:
                        continue
            finally:
                process.kill()
                process.wait()
            made.seek(0)
            places = _loaded(made.read(), len(unit))
        if places is None:
            raise GptvizError("map.stopped")
        _write(fingerprint, matrix, places)
    yield NeighbourMap(places, unit)


def _unit(rows: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def _loaded(written: bytes, count: int) -> Array | None:
    """What the process wrote; None where that is no map of so many tokens."""
    try:
        found: npt.NDArray[np.float32] = np.load(io.BytesIO(written), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    return found if found.shape == (count, 2) and np.isfinite(found).all() else None


def _read(fingerprint: str, matrix: Matrix, count: int) -> Array | None:
    """The map that is kept on disk, where one can be believed."""
    said = kept.read_file("maps", f"{fingerprint}-{matrix}", _RULE, limit=_LARGEST)
    if said is None or (said["fingerprint"], said["matrix"]) != (fingerprint, matrix):
        return None
    places: Sequence[Sequence[float]] = said["places"]
    fits = len(places) == count and all(len(place) == 2 for place in places)
    return np.array(places, dtype=np.float32) if fits else None


def _write(fingerprint: str, matrix: Matrix, places: Array) -> None:
    rounded = [[round(float(x), 4) for x in place] for place in places]
    kept.write_file("maps", f"{fingerprint}-{matrix}",
                    {"version": VERSION, "fingerprint": fingerprint, "matrix": matrix, "places": rounded})  # fmt: skip
