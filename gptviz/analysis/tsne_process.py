"""The process that lays a map out: rows (n, C) of length 1 come in as .npy, places (n, 2) go out; nothing of gptviz."""

from __future__ import annotations

import io
import os
import sys


def main(seed: int, perplexity: float) -> None:
    """Read, lay out, write."""
    if hasattr(os, "nice"):
        os.nice(10)  # whoever types goes first
    os.environ["OMP_NUM_THREADS"] = "1"
    import numpy as np
    from sklearn.manifold import TSNE

    rows = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    # of rows of length 1 the squared distance is 2 − 2 cosine: their order is that of the cosine
    layout = TSNE(init="pca", random_state=seed, perplexity=min(perplexity, (len(rows) - 1) / 3), n_jobs=1)
    out = io.BytesIO()
    np.save(out, layout.fit_transform(rows).astype(np.float32))
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
