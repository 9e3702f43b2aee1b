create table users (
    name text primary key,
    role text not null check (role in ('user', 'admin')),
    -- Argon2 in its textual form, which holds its salt and its cost.
    password_hash text not null
);

create table links (
    -- The order of lists is newest first; a random slug tells nothing about it.
    id bigint generated always as identity unique,
    slug text primary key,
    owner text references users (name),
    prefix text not null,
    target text not null,
    private boolean not null,
    submissions bigint not null default 1,
    clicks bigint not null default 0,
    state text not null default 'pending' check (state in ('pending', 'done', 'failed')),
    -- What a partner said. The program cuts it; this is for the day on which somebody forgets to.
    title text check (char_length(title) <= 300),
    created_at timestamptz not null default now(),
    -- The same submission twice is one link.
    unique nulls not distinct (owner, prefix, target)
);

-- What the worker has left to do.
create index on links (id) where state = 'pending';

-- A link as the contract shows it.
create view shown_links as
select id, slug, target, owner, private, submissions, clicks, state, title,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
from links;
