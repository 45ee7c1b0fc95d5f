"""Identity of lines across exports, and of agents across pay extracts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conseiller.ledger.cells import plain

if TYPE_CHECKING:
    import pandas as pd

_HASH_BYTES = 8


def hashed(number: str, salt: bytes) -> str:
    """Return the fingerprint of a payroll number under the secret of a dossier; "" without number or secret.

    Leading zeros do not matter: spreadsheets lose them.
    """
    bare = plain(number).replace(" ", "").lstrip("0")
    if not bare or not salt:
        return ""
    return hashlib.blake2b(bare.encode(), key=salt[:64], digest_size=_HASH_BYTES).hexdigest()


def ranked(keys: pd.Series, data: Mapping[str, Any]) -> list[str]:
    """Return keys made single: lines of one key take their rank by all else they hold, but for their place.

    So the order of rows does not matter.
    """
    import numpy as np
    import pandas as pd

    out: list[str] = keys.tolist()
    twins = np.flatnonzero(keys.duplicated(keep=False).to_numpy()).tolist()
    if not twins:
        return out
    names = [name for name in data if name not in {"place", "key"}]
    shown = pd.DataFrame({n: [str(data[n][i]) for i in twins] for n in names}, index=twins)
    shown["cents"] = [int(data["cents"][i]) for i in twins]
    shown.insert(0, "key", [out[i] for i in twins])
    ordered = shown.sort_values(["key", "cents", *(n for n in names if n != "cents")], kind="stable")
    rank = ordered.groupby("key").cumcount()
    for index, nth in zip(ordered.index.tolist(), rank.tolist(), strict=True):
        out[index] = f"{out[index]}|{nth}"
    return out
