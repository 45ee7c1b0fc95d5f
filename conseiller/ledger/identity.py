"""Identity of lines across exports, and of agents across pay extracts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from conseiller.ledger.cells import plain

_HASH_BYTES = 8


def hashed(number: str, salt: bytes) -> str:
    """Return the fingerprint of a payroll number under the secret of a dossier; "" without number or secret.

    Leading zeros do not matter: spreadsheets lose them.
    """
    bare = plain(number).replace(" ", "").lstrip("0")
    if not bare or not salt:
        return ""
    return hashlib.blake2b(bare.encode(), key=salt[:64], digest_size=_HASH_BYTES).hexdigest()


def ranked(keys: list[str], data: Mapping[str, Any]) -> list[str]:
    """Return keys made single: lines of one key take their rank by all else they hold, but for their place.

    So the order of rows does not matter.
    """
    if len(set(keys)) == len(keys):
        return keys
    times = Counter(keys)
    twins: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        if times[key] > 1:
            twins.setdefault(key, []).append(index)
    names = [
        "cents",
        *sorted(n for n in data if n not in {"place", "key", "cents"} and not isinstance(data[n], str)),
    ]
    out = list(keys)
    for key, indices in twins.items():
        ordered = sorted(
            indices, key=lambda i: (int(data["cents"][i]), *(str(data[n][i]) for n in names[1:]))
        )
        for rank, index in enumerate(ordered):
            out[index] = f"{key}|{rank}"
    return out
