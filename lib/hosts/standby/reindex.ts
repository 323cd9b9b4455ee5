/**
 * What an order of text that this system does not have asks for: indexes by it would answer wrongly, and a unique one would
 * let in what is there already. They are made anew once the server is promoted, before anybody is sent to it, and
 * the time of that belongs to the activation. Until then it is estimated by their sizes.
 * @see https://www.postgresql.org/docs/current/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES
 */
export const REINDEX = String.raw`# Megabytes of such indexes in a second, for the estimate only: sorting text is slow.
reindex_speed="${'$'}{HYPDR_REINDEX_SPEED:-20}"
by_text="FROM pg_index x JOIN pg_class r ON r.oid = x.indexrelid WHERE r.relkind = 'i' AND EXISTS (
  SELECT FROM unnest(x.indcollation::oid[]) AS used(id) JOIN pg_collation c ON c.oid = used.id
  JOIN pg_database d ON d.datname = current_database()
  WHERE (c.collprovider = 'c' AND c.collcollate NOT IN ('C', 'POSIX'))
    OR (c.collprovider = 'd' AND coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c' AND d.datcollate NOT IN ('C', 'POSIX')))"
databases() { sql "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname"; }
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
    # Only what the server warns about hangs on this.
    if [ "$version" -ge 15 ]; then
      statement="$(sql_in "$database" "SELECT format('ALTER DATABASE %I REFRESH COLLATION VERSION', current_database())")"
      sql_in "$database" "$statement" >/dev/null 2>&1 || say "the version of the order of $database stays as it is written down"
    fi
  done < <(databases)
  json "site=$site" "started=$started" "seconds=$(($(date +%s) - started))" | whole_file "$state/reindexed.json"
  rm -f "$state/reindex"
  say "indexes by text were made anew within $(($(date +%s) - started)) seconds"
}`;
