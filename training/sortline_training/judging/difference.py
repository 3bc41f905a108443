"""Whether one model is better than another on the same texts, or only luckier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 10_000


@dataclass(frozen=True)
class Difference:
    """Accuracy of one model less that of another, -1 to 1, with its 95 % interval."""

    accuracy: float
    low: float
    high: float


def paired_difference(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], *, seed: int) -> Difference:
    """The paired bootstrap: for each text whether our model was right, and whether theirs was.

    The percentiles at 2.5 and 97.5 of the differences in 10,000 test sets drawn from this one. Both arrays are of the
    same texts in the same order, at least one; the same seed gives the same interval.
    """
    count = len(ours)
    kinds = [int((ours & ~theirs).sum()), int((~ours & theirs).sum())]
    kinds.append(count - sum(kinds))
    # A pair is one of three kinds, so that drawing pairs with replacement is drawing from a multinomial distribution.
    drawn = np.random.default_rng(seed).multinomial(count, np.array(kinds) / count, size=_RESAMPLES)
    low, high = np.percentile((drawn[:, 0] - drawn[:, 1]) / count, [2.5, 97.5])
    return Difference(accuracy=(kinds[0] - kinds[1]) / count, low=float(low), high=float(high))
