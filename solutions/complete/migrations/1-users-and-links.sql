-- Who asks for a lock that others hold stops everybody who comes after it. It gives up soon, and the Job tries again.
set local lock_timeout = '5s';

create table users (
    name text primary key,
    role text not null check (role in ('user', 'admin')),
    -- Argon2 in its textual form, which holds its salt and its cost.
    password_hash text not null
);

create table links (
    -- Collations come from the operating system and differ between two images of one version; bytes are bytes.
    slug text collate "C" primary key,
    owner text references users (name),
    prefix text not null,
    target text not null,
    private boolean not null default false,
    -- 32 bits end at two billion, and PostgreSQL refuses the click after that.
    submissions bigint not null default 1,
    clicks bigint not null default 0,
    -- With its zone: a time without one means something else on a laptop in Seoul than in a container.
    created_at timestamptz not null default clock_timestamp(),
    -- The same submission twice is one link. Deciding that here decides it for all processes at once.
    unique nulls not distinct (owner, prefix, target)
);

-- Lists are read from the newest on, and `admin purge` looks for the oldest ones.
create index links_by_age on links (created_at desc, slug);
