"""Which lines of the additions stand: the later version of a line, and of a whole export, takes the place of the earlier.

Every addition keeps all its lines. What stands is worked out again from all additions of a scope, so it depends on
them alone: undoing one gives back exactly what stood without it.

A line is one of:

- kept: it stands;
- same: another file holds it word for word, and stands for it (the first by name of file and place);
- replaced: a later file of the same scope holds another version of it, under the same key;
- withdrawn: a later file is a new export of the same books and no longer holds it.

A file is later than another when it was issued later, and, issue days alike or untold, when it was added later.
A later file is a new export of an earlier one when it holds at least half of the lines the earlier one has in the
stretch both cover: the same bordereaux for a PES; for other formats the days between the first and the last of the
later file, exercice by exercice, or the whole earlier file when both have the same name. Failing that, both stand:
two files cut from the same books by account or by service complete each other.
"""

from __future__ import annotations

import sqlite3

#: Tables of the connection: additions of the scope at hand, in order; what each covers; lines that come several times.
_PREPARE = """
CREATE TEMP TABLE IF NOT EXISTS rank (addition INTEGER PRIMARY KEY, turn INTEGER NOT NULL);
CREATE TEMP TABLE IF NOT EXISTS cover
    (addition INTEGER, exercice INTEGER, cell TEXT, first TEXT, last TEXT, PRIMARY KEY (addition, exercice, cell));
CREATE TEMP TABLE IF NOT EXISTS version (key TEXT PRIMARY KEY, content BLOB, turn INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS standing_for (id INTEGER PRIMARY KEY);
"""
_RANK = """
INSERT INTO rank SELECT id, ROW_NUMBER() OVER (ORDER BY issued, id) FROM additions WHERE scope = ?
"""
_COVER = """
INSERT INTO cover
SELECT addition, IFNULL(exercice, 0), cell, IIF(cell = '', MIN(day), ''), IIF(cell = '', MAX(day), '~')
FROM lines JOIN rank USING (addition) GROUP BY 1, 2, 3
"""
_SHARED = """
SELECT a.addition, b.addition, COUNT(*)
FROM lines a JOIN rank ra ON ra.addition = a.addition
JOIN lines b ON b.key = a.key JOIN rank rb ON rb.addition = b.addition
WHERE ra.turn < rb.turn GROUP BY 1, 2
"""
#: Pairs of one name that cover the same days: new exports of one another even if no line was left as it was.
_NAMESAKES = """
SELECT a.id, b.id FROM additions a JOIN rank ra ON ra.addition = a.id
JOIN additions b ON b.file = a.file JOIN rank rb ON rb.addition = b.id
WHERE ra.turn < rb.turn
AND NOT EXISTS (SELECT exercice, cell, first, last FROM cover WHERE addition = a.id
                EXCEPT SELECT exercice, cell, first, last FROM cover WHERE addition = b.id)
AND NOT EXISTS (SELECT exercice, cell, first, last FROM cover WHERE addition = b.id
                EXCEPT SELECT exercice, cell, first, last FROM cover WHERE addition = a.id)
"""
_COVERED = """
addition = :older AND (:whole OR EXISTS (
    SELECT 1 FROM cover c WHERE c.addition = :newer AND c.exercice = IFNULL(lines.exercice, 0)
    AND c.cell = lines.cell AND lines.day BETWEEN c.first AND c.last))
"""
_WITHDRAW = f"""
UPDATE lines SET state = 'withdrawn'
WHERE {_COVERED} AND NOT EXISTS (SELECT 1 FROM lines n WHERE n.addition = :newer AND n.key = lines.key)
"""
#: Of the versions of a line, the last one's text stands (SQLite takes `content` from the row that holds the maximum);
#: of the files that hold this text, the first one by name and place stands for it.
_LAST = """
INSERT INTO version (key, content, turn)
SELECT key, content, MAX(turn) FROM lines JOIN rank USING (addition)
WHERE state = 'kept' GROUP BY key HAVING COUNT(*) > 1
"""
_REPLACED = """
UPDATE lines SET state = 'replaced' FROM version v, rank r
WHERE v.key = lines.key AND r.addition = lines.addition AND lines.state = 'kept' AND lines.content <> v.content
"""
_FIRST = """
INSERT INTO standing_for (id)
SELECT id FROM (
    SELECT l.rowid AS id, MIN(a.file || char(1) || l.sheet || char(1) || l.place || char(1) || a.sha256)
    FROM version v JOIN lines l ON l.key = v.key JOIN rank r ON r.addition = l.addition
    JOIN additions a ON a.id = l.addition WHERE l.state = 'kept' GROUP BY v.key)
"""
_SAME = """
UPDATE lines SET state = 'same' FROM version v, rank r
WHERE v.key = lines.key AND r.addition = lines.addition AND lines.state = 'kept'
AND lines.rowid NOT IN (SELECT id FROM standing_for)
"""
#: A document of budget replaces the earlier one of the same scope, exercice and stage as a whole.
_CREDITS = """
UPDATE credits SET state = 'replaced'
FROM rank r, (
    SELECT exercice, stage, MAX(turn) AS turn FROM credits JOIN rank USING (addition) GROUP BY 1, 2
) AS latest
WHERE r.addition = credits.addition AND latest.exercice IS credits.exercice AND latest.stage = credits.stage
AND r.turn < latest.turn
"""


def reconcile(database: sqlite3.Connection, scope: str) -> None:
    """Work out again which lines of a scope stand, inside the transaction of the caller."""
    run = database.execute
    for statement in _PREPARE.split(";"):
        run(statement)
    for table in ("rank", "cover", "version", "standing_for"):
        run(f"DELETE FROM {table}")
    count = run(_RANK, (scope,)).rowcount
    for table in ("lines", "credits"):
        run(
            f"UPDATE {table} SET state = 'kept' WHERE state <> 'kept' AND addition IN (SELECT addition FROM rank)"
        )
    if count < 2:
        return
    run(_COVER)
    shared = {(older, newer): n for older, newer, n in run(_SHARED)}
    named = dict(run("SELECT id, file FROM additions JOIN rank ON addition = id").fetchall())
    namesakes = set(run(_NAMESAKES).fetchall())
    for older, newer in sorted({*shared, *namesakes}):
        pair = {"older": older, "newer": newer, "whole": False}
        common = shared.get((older, newer), 0)
        if named[older] == named[newer]:
            (size,) = run("SELECT COUNT(*) FROM lines WHERE addition = ?", (older,)).fetchone()
            pair["whole"] = (older, newer) in namesakes or common * 2 >= size
        if not pair["whole"]:
            (size,) = run(f"SELECT COUNT(*) FROM lines WHERE {_COVERED}", pair).fetchone()
            if common * 2 < size:
                continue
        run(_WITHDRAW, pair)
    for statement in (_LAST, _REPLACED, _FIRST, _SAME, _CREDITS):
        run(statement)
