//! The schema of a database as lines of text, read from the catalogues: equal schemas give equal lines, whatever was done to reach them.

/// One column of lines. The order of columns in a table and of things in time say nothing, so everything is ordered by its text.
pub const LINES: &str = r#"
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_(toast|temp)'
), owned AS (
    SELECT c.oid, c.relkind, c.relpersistence, c.relrowsecurity, c.reltuples, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), line AS (
    SELECT 'schema ' || nspname AS text FROM ours
    UNION ALL SELECT 'extension ' || extname || ' ' || extversion FROM pg_extension
    UNION ALL
    SELECT CASE relkind WHEN 'p' THEN 'partitioned table ' WHEN 'f' THEN 'foreign table ' ELSE 'table ' END || name
        || CASE relpersistence WHEN 'u' THEN ' unlogged' ELSE '' END || CASE WHEN relrowsecurity THEN ' row security' ELSE '' END
    FROM owned WHERE relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 'column ' || o.name || '.' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || CASE a.attidentity WHEN 'a' THEN ' identity always' WHEN 'd' THEN ' identity by default' ELSE '' END
        || CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || a.attcollation::regcollation ELSE '' END
    FROM owned o JOIN pg_attribute a ON a.attrelid = o.oid JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE o.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint ' || o.name || '.' || quote_ident(conname) || ' ' || pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN owned o ON o.oid = k.conrelid WHERE contype <> 'n'
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
    FROM pg_index i JOIN owned o ON o.oid = i.indexrelid
    UNION ALL
    SELECT 'view ' || name || ' ' || pg_get_viewdef(oid) FROM owned WHERE relkind = 'v'
    UNION ALL
    SELECT 'materialized view ' || name || ' ' || pg_get_viewdef(oid) FROM owned WHERE relkind = 'm'
    UNION ALL
    SELECT 'sequence ' || o.name || ' ' || format_type(s.seqtypid, NULL) || ' start ' || s.seqstart || ' by ' || s.seqincrement
        || ' from ' || s.seqmin || ' to ' || s.seqmax || CASE WHEN s.seqcycle THEN ' cycle' ELSE '' END
    FROM pg_sequence s JOIN owned o ON o.oid = s.seqrelid
    UNION ALL
    SELECT 'type ' || format('%I.%I', n.nspname, t.typname) || ' enum ('
        || (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) || ')'
    FROM pg_type t JOIN ours n ON n.oid = t.typnamespace WHERE typtype = 'e'
    UNION ALL
    SELECT 'domain ' || format('%I.%I', n.nspname, t.typname) || ' ' || format_type(typbasetype, typtypmod)
        || CASE WHEN typnotnull THEN ' not null' ELSE '' END || coalesce(' default ' || typdefault, '')
        || coalesce((SELECT string_agg(' ' || pg_get_constraintdef(k.oid), '' ORDER BY conname) FROM pg_constraint k WHERE contypid = t.oid AND contype = 'c'), '')
    FROM pg_type t JOIN ours n ON n.oid = t.typnamespace WHERE typtype = 'd'
    UNION ALL
    SELECT 'type ' || o.name || ' composite ('
        || (SELECT string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = o.oid AND attnum > 0 AND NOT attisdropped) || ')'
    FROM owned o WHERE relkind = 'c'
    UNION ALL
    SELECT 'function ' || pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
    WHERE prokind IN ('f', 'p', 'w')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(g.oid) || CASE tgenabled WHEN 'D' THEN ' disabled' ELSE '' END
    FROM pg_trigger g JOIN owned o ON o.oid = g.tgrelid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'policy ' || o.name || '.' || quote_ident(polname) || ' for ' || polcmd::text || ' using '
        || coalesce(pg_get_expr(polqual, polrelid), '') || ' check ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')
    FROM pg_policy p JOIN owned o ON o.oid = p.polrelid
)
SELECT text FROM line ORDER BY text COLLATE "C"
"#;
