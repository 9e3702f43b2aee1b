set local lock_timeout = '5s';

-- Links that are there already have no preview, as if making it had failed: `admin backfill-previews` finds both. The
-- default is changed in a second step, so new links begin as `pending`.
alter table links
    add column state text not null default 'failed' check (state in ('pending', 'done', 'failed')),
    add column title text;
alter table links alter column state set default 'pending';
create index links_without_preview on links (slug) where state = 'failed';

-- The queue of the workers. A job goes with its link.
create table jobs (
    slug text primary key references links on delete cascade,
    key text not null default gen_random_uuid()::text,
    free_at timestamptz not null default clock_timestamp(),
    failures integer not null default 0
);
create index jobs_by_time on jobs (free_at);

create view shown_links as
select slug, target, submissions, state, title, created_at,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created
from links;
