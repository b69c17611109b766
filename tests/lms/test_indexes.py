"""In tables that every sitting writes to, no index does what the front of another does too: each costs every row."""

import pytest
from django.db import connection

WRITTEN_TO = (
    "assessments_attempt",
    "assessments_presentation",
    "assessments_response",
    "competencies_estimate",
    "competencies_estimaterevision",
    "competencies_evidence",
)
# Of plain B-tree indexes: without a condition, of columns alone. A slice counts from 1 whatever the array does.
_TWICE = """
    WITH plain AS (
        SELECT indrelid, indexrelid, indisunique, indkey::smallint[] AS keys, indnkeyatts - 1 AS last
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
        WHERE amname = 'btree' AND indpred IS NULL AND indexprs IS NULL AND indrelid = ANY(%s::regclass[])
    )
    SELECT one.indexrelid::regclass::text, other.indexrelid::regclass::text
    FROM plain AS one JOIN plain AS other USING (indrelid)
    WHERE one.indexrelid <> other.indexrelid AND NOT one.indisunique
      AND one.keys[0:one.last] = other.keys[0:one.last]
    ORDER BY 1, 2
"""


def indexes_twice() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_TWICE, [list(WRITTEN_TO)])
        return cursor.fetchall()


@pytest.mark.django_db
def test_no_index_is_the_front_of_another():
    assert indexes_twice() == []


@pytest.mark.django_db
def test_an_index_that_is_the_front_of_another_is_found():
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX surplus ON competencies_estimate (person_id)")
    assert indexes_twice() == [("surplus", "one_estimate_each")]
