"""A generated nation: units in four tiers, people with posts, and an estimate of each in 24 competencies."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bench.reports.database import note_filled

PEOPLE_PER_UNIT = 154
"""2,000,000 people in 13,000 units."""
COMPETENCIES = 24

_STRUCTURE = """
    SELECT setseed(0.2025);
    UPDATE competencies_roleprofile SET valid = '[2020-01-01,)';
    DELETE FROM competencies_requirement;
    -- Every position asks for 24 of the framework's 32 competencies, each group of positions for others.
    INSERT INTO competencies_requirement (role_profile_id, competency_id, level)
    SELECT rp.id, c.id, 2 + (rp.id + c.place) % 5
    FROM competencies_roleprofile rp JOIN organisation_position pn ON pn.id = rp.position_id
    JOIN organisation_positiongroup g ON g.id = pn.group_id
    CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM competencies_competency) c
    WHERE (c.place + 3 * g."order" + g.id) % 32 < 24;
    CREATE TABLE bench_position AS
        SELECT id AS position_id, row_number() OVER (ORDER BY id) - 1 AS place FROM organisation_position;
    CREATE TABLE bench_unit AS
        SELECT n, 1 + (n > 1)::int + (n > 1 + {second})::int + (n > 1 + {second} + {third})::int AS tier,
               random_normal(0, 0.4) AS effect
        FROM generate_series(1, {units}) n;
    INSERT INTO organisation_unit (code, created_at) SELECT 'U' || n, now() FROM bench_unit ORDER BY n;
    ALTER TABLE bench_unit ADD unit_id bigint, ADD parent_id bigint, ADD parent int;
    -- Some provinces are several times as large as others.
    UPDATE bench_unit SET parent = CASE tier WHEN 1 THEN NULL WHEN 2 THEN 1
        WHEN 3 THEN 2 + floor({second} * power(random(), 1.5)) ELSE 2 + {second} + floor({third} * random()) END;
    UPDATE bench_unit b SET unit_id = u.id FROM organisation_unit u WHERE u.code = 'U' || b.n;
    UPDATE bench_unit b SET parent_id = p.unit_id FROM bench_unit p WHERE p.n = b.parent;
    INSERT INTO organisation_unitversion (unit_id, parent_id, kind, valid, name_vi, name_en, sort_key, search_key)
    SELECT unit_id, parent_id, (ARRAY['nation', 'province', 'commune', 'office'])[tier], '[2020-01-01,)',
           (ARRAY['Việt Nam', 'Tỉnh ', 'Xã ', 'Phòng '])[tier] || n,
           (ARRAY['Viet Nam', 'Province ', 'Commune ', 'Office '])[tier] || n, lpad(n::text, 6, '0'), 'don vi ' || n
    FROM bench_unit ORDER BY tier, n;
    ANALYZE organisation_unit, organisation_unitversion, bench_unit;
"""
_PEOPLE = """
    INSERT INTO organisation_person (employee_code, full_name, sort_key, search_key, email, gender)
    SELECT 'CB' || lpad(n::text, 8, '0'), 'Nguyễn Văn ' || n, lpad(n::text, 8, '0'), 'nguyen van ' || n, '', ''
    FROM generate_series(1, {people}) n
"""
# The nation's and the provinces' own staff are as many as any unit's; people of a unit come one after the other.
_POSTINGS = """
    INSERT INTO organisation_posting (person_id, unit_id, position_id, kind, valid)
    SELECT p.id, b.unit_id, bp.position_id, 'primary', '[2021-01-01,)'
    FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM organisation_person) p
    JOIN bench_unit b ON b.n = 1 + p.place * {units} / {people}
    JOIN bench_position bp ON bp.place = (p.place * 7) % (SELECT count(*) FROM bench_position)
"""
_LEVELS = """
    CREATE TABLE bench_levels AS SELECT bin, array_agg(0.125::float8 ORDER BY level) AS probabilities
    FROM generate_series(-30, 30) bin, generate_series(1, 8) level GROUP BY bin;
    ANALYZE bench_levels;
    -- A sitting writes a person's estimates together.
    CREATE TABLE bench_required AS
        SELECT rp.position_id, array_agg(rq.competency_id) AS competencies, array_agg(rq.level) AS levels
        FROM competencies_roleprofile rp JOIN competencies_requirement rq ON rq.role_profile_id = rp.id GROUP BY 1;
    ANALYZE bench_required
"""
_ESTIMATES = """
    INSERT INTO competencies_estimate
        (person_id, competency_id, standard_id, mean, se, level_probabilities, level, band, evidence_count, joint_mean,
         joint_se, borrowed, measured_at, as_of, measure_again_from, updated_at)
    SELECT person_id, competency_id, standard_id, mean, se, probabilities, NULL, 2, 12, mean, se, 0, measured, measured,
           measured + '2 years'::interval, measured
    FROM (
        SELECT po.person_id, rq.competency_id, {standard} AS standard_id,
               greatest(-3, least(3, random_normal(b.effect + rq.level * 0.05, 0.7))) AS mean,
               0.25 + 0.4 * random() AS se, now() - random() * '300 days'::interval AS measured
        FROM organisation_posting po JOIN bench_unit b ON b.unit_id = po.unit_id
        JOIN bench_required r ON r.position_id = po.position_id
        CROSS JOIN LATERAL unnest(r.competencies, r.levels) AS rq (competency_id, level)
        WHERE po.person_id > {first} AND po.person_id <= {last}
        OFFSET 0
    ) drawn JOIN bench_levels ON bin = round(mean * 10)::int
"""


@dataclass(frozen=True)
class Nation:
    """How large it is. second, third: units of the second and the third tier; the rest are of the fourth."""

    people: int

    @property
    def units(self) -> int:
        return max(60, round(self.people / PEOPLE_PER_UNIT))

    @property
    def second(self) -> int:
        return max(4, self.units // 260)

    @property
    def third(self) -> int:
        return self.units // 3


def generate(owner_url: str, nation: Nation) -> None:
    """Fill a database that holds the shipped framework and positions, straight in SQL."""
    sizes = {"people": nation.people, "units": nation.units, "second": nation.second, "third": nation.third}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("SET maintenance_work_mem = '1GB'")
        owner.execute(_STRUCTURE.format(**sizes))
        with _bare(owner, "organisation_person"):
            owner.execute(_PEOPLE.format(**sizes))
        with _bare(owner, "organisation_posting"):
            owner.execute(_POSTINGS.format(**sizes))
        owner.execute("ANALYZE organisation_person, organisation_posting")
        owner.execute(_LEVELS)
        standard = owner.execute("SELECT max(id) FROM competencies_standard").fetchone()
        assert standard
        with _bare(owner, "competencies_estimate"), ThreadPoolExecutor(2) as pool:
            step = -(-nation.people // 2)

            def insert(first: int) -> None:
                with psycopg.connect(owner_url, autocommit=True) as one:
                    one.execute(_ESTIMATES.format(first=first, last=first + step, standard=standard[0]))

            list(pool.map(insert, range(0, nation.people, step)))
        owner.execute("VACUUM (ANALYZE, PARALLEL 2) competencies_estimate, organisation_posting, organisation_person")
        note_filled(owner)


@contextmanager
def _bare(owner: psycopg.Connection, table: str) -> Iterator[None]:
    """Leave the table without triggers, indexes and constraints but its primary key; put them back afterwards.

    Foreign keys are not checked for what was written meanwhile.
    """
    constraints = owner.execute(
        "SELECT conname, pg_get_constraintdef(oid), contype FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND contype IN ('u', 'x', 'f')",
        [table],
    ).fetchall()
    for name, _definition, _kind in constraints:
        owner.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name)))
    indexes = owner.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    ).fetchall()
    for name, _definition in indexes:
        owner.execute(f"DROP INDEX {name}")
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for _name, definition in indexes:
        owner.execute(definition)
    for name, definition, kind in constraints:
        valid = " NOT VALID" if kind == "f" and "NOT VALID" not in definition else ""
        owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}{valid}")
    owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
