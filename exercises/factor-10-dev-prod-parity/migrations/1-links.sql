-- Both databases understand this.
create table if not exists links (
    slug text primary key,
    prefix text not null,
    target text not null,
    submissions integer not null default 1,
    -- TODO(factor 10): how far does an integer count in SQLite, and how far in PostgreSQL?
    clicks integer not null default 0,
    -- TODO(factor 10): in which time zone is this?
    created_at timestamp not null default current_timestamp,
    unique (prefix, target)
);
