"""Identity of lines across exports, and of agents across pay extracts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conseiller.ledger.cells import plain

if TYPE_CHECKING:
    import numpy as np
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


def ranked(keys: Any, data: Mapping[str, Any]) -> Any:
    """Return keys made single: lines of one key take their rank by all else they hold, but for their place.

    So the order of rows does not matter.

    Parameters
    ----------
    keys : Arrow array of str, or sequence
    data : mapping of str to columns
        What lines hold; a text given alone is the same for all.

    Returns
    -------
    Arrow array of str
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = keys if isinstance(keys, pa.Array) else pa.array(keys, pa.string())
    made = keys.dictionary_encode()
    if len(made.dictionary) == len(keys):
        return keys
    codes = made.indices.to_numpy()
    twins = np.flatnonzero(np.bincount(codes)[codes] > 1)
    names = sorted(n for n in data if n not in {"place", "key", "cents"} and not isinstance(data[n], str))
    held = [_some(data["cents"], twins), *(list(map(str, _some(data[n], twins))) for n in names)]
    order = sorted(range(len(twins)), key=list(zip(codes[twins].tolist(), *held, strict=True)).__getitem__)
    ranks, before = [0] * len(twins), (-1, -1)
    for at in order:
        code = int(codes[twins[at]])
        before = (code, before[1] + 1 if code == before[0] else 0)
        ranks[at] = before[1]
    named = [f"{key}|{rank}" for key, rank in zip(keys.take(pa.array(twins)).to_pylist(), ranks, strict=True)]
    mask = np.zeros(len(keys), bool)
    mask[twins] = True
    return pc.replace_with_mask(keys, pa.array(mask), pa.array(named, keys.type))


def _some(column: Any, rows: NDArray[np.int64]) -> list[Any]:
    """Return a few cells of a column."""
    found = column.take(rows) if hasattr(column, "take") else [column[i] for i in rows.tolist()]
    out: list[Any] = found if isinstance(found, list) else found.tolist()
    return out
