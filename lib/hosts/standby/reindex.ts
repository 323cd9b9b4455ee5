/**
 * What an order of text that this system does not have asks for: indexes by it would answer wrongly, and a unique one would
 * let in what is there already. Compared is what this server's own copy says of each order, from the C library and from ICU,
 * with what this system has, at each start and before a promotion, so that a system that was changed below its data is
 * noticed too. They are made anew once the server is promoted, before anybody is sent to it, and the time of that belongs to
 * the activation. Until then it is estimated by their sizes.
 * @see https://www.postgresql.org/docs/current/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES
 */
export const REINDEX = String.raw`# Megabytes of such indexes in a second, for the estimate only: sorting text is slow.
reindex_speed="${'$'}{HYPDR_REINDEX_SPEED:-20}"
# An order that has no version on either side, as C, is the same everywhere. Before PostgreSQL 15 a database has none written
# down, and what is not known counts as other.
if [ "$version" -ge 15 ]; then
  other_order="(c.collprovider <> 'd' AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid))
    OR (c.collprovider = 'd' AND d.datcollversion IS DISTINCT FROM pg_database_collation_actual_version(d.oid))"
  order_name="CASE c.collprovider
    WHEN 'd' THEN format('%I %s (here %s)', d.datname, coalesce(d.datcollversion, 'of no version'), coalesce(pg_database_collation_actual_version(d.oid), 'none'))
    ELSE format('%I %I %s (here %s)', d.datname, c.collname, coalesce(c.collversion, 'of no version'), coalesce(pg_collation_actual_version(c.oid), 'none')) END"
else
  other_order="(c.collprovider = 'c' AND c.collcollate NOT IN ('C', 'POSIX'))
    OR (c.collprovider = 'i' AND c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid))
    OR (c.collprovider = 'd' AND d.datcollate NOT IN ('C', 'POSIX'))"
  order_name="CASE c.collprovider
    WHEN 'i' THEN format('%I %I %s (here %s)', d.datname, c.collname, coalesce(c.collversion, 'of no version'), coalesce(pg_collation_actual_version(c.oid), 'none'))
    ELSE format('%I %I unknown (PostgreSQL $version does not say it)', d.datname, c.collname) END"
fi
orders="pg_collation c JOIN pg_database d ON d.datname = current_database()"
by_text="FROM pg_index x JOIN pg_class r ON r.oid = x.indexrelid WHERE r.relkind = 'i' AND EXISTS (
  SELECT FROM unnest(x.indcollation::oid[]) AS used(id) JOIN $orders ON c.oid = used.id WHERE $other_order)"
by_index="FROM $orders WHERE ($other_order) AND EXISTS (
  SELECT FROM pg_index x JOIN pg_class r ON r.oid = x.indexrelid WHERE r.relkind = 'i' AND c.oid = ANY (x.indcollation::oid[]))"
databases() { sql "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname"; }
# Writes down which orders of text differ here, or that none does.
mark_orders() {
  local database names more differing=''
  names="$(databases)" || return 1
  while IFS= read -r database; do
    more="$(sql_in "$database" "SELECT string_agg($order_name, ', ' ORDER BY c.collname) $by_index")" || return 1
    [ -z "$more" ] || differing="${'$'}{differing:+$differing, }$more"
  done <<<"$names"
  if [ -n "$differing" ]; then printf '%s\n' "$differing" | whole_file "$state/reindex"; else rm -f "$state/reindex"; fi
}
# Seconds that it may take.
reindex_estimate() {
  local database bytes=0 more
  while IFS= read -r database; do
    more="$(sql_in "$database" "SELECT coalesce(sum(pg_relation_size(x.indexrelid)), 0) $by_text")" || return 1
    bytes=$((bytes + more))
  done < <(databases)
  echo $((bytes / reindex_speed / 1000000 + 1))
}
reindex_line() {
  [ -f "$state/reindex" ] || return 0
  printf ', REINDEX before use, about %s s: %s' "$(reindex_estimate || echo unknown)" "$(cat "$state/reindex")"
}
reindex() {
  [ -f "$state/reindex" ] || return 0
  local database started statement statements
  started="$(date +%s)"
  while IFS= read -r database; do
    statements="$(sql_in "$database" "SELECT format('REINDEX INDEX %s', x.indexrelid::regclass) $by_text ORDER BY 1")"
    while IFS= read -r statement; do
      [ -z "$statement" ] || sql_in "$database" "$statement" || fail 75 "an index of $database was not made anew: $statement"
    done <<<"$statements"
    # Only what the server warns about, and the next comparison, hang on this.
    statements="$(sql_in "$database" "SELECT CASE c.collprovider WHEN 'd' THEN format('ALTER DATABASE %I REFRESH COLLATION VERSION', d.datname)
      ELSE format('ALTER COLLATION %s.%I REFRESH VERSION', c.collnamespace::regnamespace, c.collname) END $by_index ORDER BY 1")"
    while IFS= read -r statement; do
      [ -z "$statement" ] || sql_in "$database" "$statement" >/dev/null 2>&1 || say "a version stays as it was written down: $statement"
    done <<<"$statements"
  done < <(databases)
  json "site=$site" "started=$started" "seconds=$(($(date +%s) - started))" | whole_file "$state/reindexed.json"
  rm -f "$state/reindex"
  say "indexes by text were made anew within $(($(date +%s) - started)) seconds"
}`;
