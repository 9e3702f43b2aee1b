set local lock_timeout = '5s';

-- Links that are there already have no preview, as if making it had failed: `admin backfill-previews` finds both. The
-- default is changed in a second step, so new links begin as `pending`.
alter table links
    add column state text not null default 'failed' check (state in ('pending', 'done', 'failed')),
    -- What a partner said. The program cuts it; this is for the day on which somebody forgets to.
    add column title text check (char_length(title) <= 300);
alter table links alter column state set default 'pending';
create index links_without_preview on links (slug) where state = 'failed';

-- The queue of the workers: a table, because a link and its job can then be committed together. A job is free from `free_at`
-- on; whoever claims it moves that into the future. When the claimer dies, time alone gives the job back.
create table jobs (
    slug text collate "C" primary key references links on delete cascade,
    -- The same in every attempt, so that `screen` recognises a repeat.
    key text not null default gen_random_uuid()::text,
    -- The trace of the request that asked for it. A call carries its trace in a header; a queue has no headers, so the row does.
    context text not null default '',
    free_at timestamptz not null default clock_timestamp(),
    owner text,
    failures integer not null default 0
);
create index jobs_by_time on jobs (free_at);

-- A link as the contract shows it, and its place in the order of lists.
create view shown_links as
select slug, target, owner, private, submissions, clicks, state, title,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
    (extract(epoch from created_at) * 1000000)::bigint as made
from links;
