"""Many weights in few bytes, where they are only looked at: every one still rounds to what the exact one rounds to.

A weight from 0 to 1 travels in steps of 1/10,000, two bytes instead of four that no compression makes fewer. A second
rounding, to the three digits or fewer that are on the screen, goes wrong only where the first has made a tie, or a
number, of what was none. So what is dropped leaves its trace in the last digit, which is 0 or 5 only where nothing was
(``ROUND_05UP`` of Cowlishaw's General Decimal Arithmetic, as in ``gptviz.rounding.brief``).
``web/pages/next_token/attention.js`` reads them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEPS = 10_000  # to 1
NONE = 65_535  # stands for NaN


def brief(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Weights from 0 to 1, NaN where there is none, in steps of 1/10,000.

    >>> brief(np.float32([0.25, 0.12341, 0.12351, 0.00001, 1.0, np.nan])).tolist()
    [2500, 1234, 1236, 1, 10000, 65535]
    """
    exact = np.nan_to_num(weights).astype(np.float64) * STEPS  # 24 bits times 14: nothing is rounded
    whole = np.floor(exact)
    codes: npt.NDArray[np.uint16] = (whole + ((exact != whole) & (whole % 5 == 0))).astype(np.uint16)
    codes[np.isnan(weights)] = NONE
    return codes


def widened(codes: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """What the browser makes of them."""
    return np.where(codes == NONE, np.float32(np.nan), (codes / STEPS).astype(np.float32))
