"""Of which version everything is that a person's learning pages are made of, in one statement."""

from django.db import connection
from psycopg import sql

from organisation.api import fetch_prepared, statement_of
from organisation.models import Person

_OWN = {
    "organisation_person": "id = %(person)s",
    "organisation_user": "id = %(user)s",
    "organisation_rolegrant": "user_id = %(user)s",
    "organisation_posting": "person_id = %(person)s",
    "competencies_requirementoverride": "person_id = %(person)s",
    "competencies_estimate": "person_id = %(person)s",
    "assessments_attempt": "person_id = %(person)s",
    "assessments_accommodation": "person_id = %(person)s",
    "assessments_presentation": "attempt_id IN (SELECT id FROM assessments_attempt WHERE person_id = %(person)s)",
    "courses_enrolment": "person_id = %(person)s",
    "courses_lessonprogress": "person_id = %(person)s",
}
"""Which rows of a table are a person's own. All other tables of learning pages have the trigger."""

# A row that is written again has another place or another xmin, one that is deleted has none. A transaction that
# began earlier may commit later than another: the sum of all that committed tells, where the newest would not.
_ROWS = "(SELECT coalesce(string_agg(ctid::text || xmin::text, ',' ORDER BY ctid), '') FROM {table} WHERE {own})"
_CHANGES = "(SELECT count(*) || ',' || coalesce(sum(xid), 0) FROM courses_contentchange)"
CONTENT_VERSION = sql.SQL(_CHANGES)
"""What `content_version` returns, as a value that another statement may select beside what it reads."""
_CONTENT = statement_of("SELECT {version}", version=CONTENT_VERSION)
_VERSION = "SELECT md5(concat_ws('|', {}))".format(
    ", ".join([*(_ROWS.format(table=table, own=own) for table, own in _OWN.items()), _CHANGES])
)

_FORGET = """
    WITH ended AS (
        SELECT xid FROM courses_contentchange WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ), gone AS (
        DELETE FROM courses_contentchange WHERE xid IN (SELECT xid FROM ended) AND (SELECT count(*) FROM ended) > 1
        RETURNING xid
    )
    INSERT INTO courses_contentchange (xid) SELECT pg_current_xact_id()::text::bigint FROM gone LIMIT 1
    ON CONFLICT DO NOTHING
"""


def learning_version(person: Person) -> str:
    """Return a digest that is another one as soon as anything is committed that the person's learning pages show.

    Digests that were read before a page was made belong to it or to an older one, never to a newer. One query.
    """
    return str(fetch_prepared(_VERSION, {"person": person.pk, "user": person.user_id})[0])


def content_version() -> str:
    """Return what is another string as soon as a change of what everybody's pages share is committed. One query."""
    return str(fetch_prepared(_CONTENT, {})[0])


def forget_changes() -> None:
    """Delete what is noted of transactions that ended before any other that still runs began, and note this one.

    So no version is ever seen again: what is noted later has greater numbers than what went. Without a note of its own,
    changes that came and went between two looks would leave what was there before. A single one is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
