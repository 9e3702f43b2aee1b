"""Links and the queue of their preview jobs, in PostgreSQL. What must happen together is one transaction.

A job is free from `free_at` on; whoever claims it moves `free_at` into the future. If the claimer dies, time gives it back.
"""

import random
import string

import psycopg
from psycopg.rows import dict_row

# May be applied again, and by two people at a time.
SCHEMA = """
    SELECT pg_advisory_xact_lock(20111);
    CREATE TABLE IF NOT EXISTS links (
        slug        text PRIMARY KEY,
        prefix      text NOT NULL,
        target      text NOT NULL,
        submissions bigint NOT NULL DEFAULT 1,
        state       text NOT NULL DEFAULT 'pending',
        title       text,
        created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        UNIQUE (prefix, target)
    );
    CREATE TABLE IF NOT EXISTS jobs (
        slug    text PRIMARY KEY REFERENCES links,
        key     text NOT NULL DEFAULT gen_random_uuid()::text,
        free_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        owner   text
    );
"""

Unavailable = psycopg.Error


class Store:
    """The database of this deploy. Nothing is reached before somebody asks (`ready-is-true`)."""

    def __init__(self, config):
        self.url = config.database_url
        self.timeout = config.database_timeout

    def connect(self):
        # A connection for each question: slower than a pool, and it cannot have died since the last one. Leaving the
        # `with` block commits, an exception rolls back.
        return psycopg.connect(
            self.url,
            connect_timeout=max(1, self.timeout // 1000),
            options=f"-c statement_timeout={self.timeout}",
            row_factory=dict_row,
        )

    def migrate(self):
        with self.connect() as connection:
            connection.execute(SCHEMA)

    def check(self):
        """Touches what every request needs; raises `Unavailable` when the next one would fail."""
        with self.connect() as connection:
            connection.execute("SELECT EXISTS (SELECT FROM links), EXISTS (SELECT FROM jobs)")

    def create(self, prefix, target):
        """Stores a link together with its job, or counts one more submission. The flag says which."""
        slug = prefix + "-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=6))
        # Link and job in one transaction: between two of them the process could be killed (`web-kill9-atomic`).
        with self.connect() as connection:
            link = connection.execute(
                "INSERT INTO links (slug, prefix, target) VALUES (%s, %s, %s)"
                " ON CONFLICT (prefix, target) DO UPDATE SET submissions = links.submissions + 1 RETURNING *",
                [slug, prefix, target],
            ).fetchone()
            is_new = link["slug"] == slug
            if is_new:
                connection.execute("INSERT INTO jobs (slug) VALUES (%s)", [slug])
        return link, is_new

    def find(self, slug):
        with self.connect() as connection:
            return connection.execute("SELECT * FROM links WHERE slug = %s", [slug]).fetchone()

    def list(self, limit):
        query = "SELECT * FROM links ORDER BY created_at DESC, slug DESC LIMIT %s"
        with self.connect() as connection:
            return connection.execute(query, [limit]).fetchall()

    def claim(self, owner, lease):
        """Takes one free job; it stays in the table, where it survives its worker (`worker-kill9`)."""
        with self.connect() as connection:
            return connection.execute(
                "UPDATE jobs SET owner = %s, free_at = clock_timestamp() + %s * interval '1 second' FROM links"
                " WHERE links.slug = jobs.slug AND jobs.slug = (SELECT slug FROM jobs WHERE free_at <= clock_timestamp()"
                " ORDER BY free_at FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING jobs.slug, links.target, jobs.key",
                [owner, lease],
            ).fetchone()

    def keep(self, owner, lease):
        with self.connect() as connection:
            connection.execute(
                "UPDATE jobs SET free_at = clock_timestamp() + %s * interval '1 second' WHERE owner = %s", [lease, owner]
            )

    def finish(self, owner, job, title):
        """Stores the title and removes the job, both or neither."""
        with self.connect() as connection:
            connection.execute(
                "WITH done AS (DELETE FROM jobs WHERE slug = %s AND owner = %s RETURNING slug)"
                " UPDATE links SET state = 'done', title = %s FROM done WHERE links.slug = done.slug",
                [job["slug"], owner, title],
            )

    def hand_back(self, owner, seconds=0):
        """Gives back whatever the owner holds, to be taken at once or after a while."""
        with self.connect() as connection:
            connection.execute(
                "UPDATE jobs SET owner = NULL, free_at = clock_timestamp() + %s * interval '1 second' WHERE owner = %s",
                [seconds, owner],
            )
