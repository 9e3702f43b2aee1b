-- Who asks for a lock that others hold stops everybody who comes after it. It gives up soon, and the Job tries again.
set local lock_timeout = '5s';

create table users (
    name text primary key,
    role text not null check (role in ('user', 'admin')),
    -- Argon2 in its textual form, which holds its salt and its cost.
    password_hash text not null
);

create table links (
    slug text primary key,
    prefix text not null,
    target text not null,
    submissions bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    -- The same submission twice is one link.
    unique (prefix, target)
);

-- `admin purge` looks for the oldest ones.
create index links_by_age on links (created_at);
