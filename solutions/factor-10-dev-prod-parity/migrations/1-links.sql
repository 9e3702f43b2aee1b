create table links (
    -- Collations come from the operating system and differ between two images of one version; bytes are bytes.
    slug text collate "C" primary key,
    prefix text not null,
    target text not null,
    -- 32 bits end at two billion. SQLite would have gone on silently, PostgreSQL refuses the click.
    submissions bigint not null default 1,
    clicks bigint not null default 0,
    -- With its zone: a time without one means something else on a laptop in Seoul than in a container.
    created_at timestamptz not null default now(),
    -- The same submission twice is one link.
    unique (prefix, target)
);

-- A link as the contract shows it.
create view shown_links as
select slug, target, submissions, clicks,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
from links;
