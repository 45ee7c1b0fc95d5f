"""Identity of lines across exports, and of agents across pay extracts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from conseiller.ledger.cells import plain

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_HASH_BYTES = 8


def hashed(number: str, salt: bytes) -> str:
    """Return the fingerprint of a payroll number under the secret of a dossier; "" without number or secret.

    Leading zeros do not matter: spreadsheets lose them.
    """
    bare = plain(number).replace(" ", "").lstrip("0")
    if not bare or not salt:
        return ""
    return hashlib.blake2b(bare.encode(), key=salt[:64], digest_size=_HASH_BYTES).hexdigest()


def ranked(keys: pd.Series, cents: NDArray[np.int64], labels: Sequence[str]) -> list[str]:
    """Return keys made single: lines of one key take their rank by amount, then label.

    So the order of rows does not matter.
    """
    import pandas as pd

    twins = keys.duplicated(keep=False)
    if not twins.any():
        return keys.tolist()
    shown = pd.DataFrame({"key": keys, "cents": cents, "label": list(labels)})[twins]
    ordered = shown.sort_values(["key", "cents", "label"], kind="stable")
    rank = ordered.groupby("key").cumcount()
    out: list[str] = keys.tolist()
    for index, nth in zip(ordered.index.tolist(), rank.tolist(), strict=True):
        out[index] = f"{out[index]}|{nth}"
    return out
