/**
 * Reads a backup, and all that it needs, from one store: no program of ours, and nothing but bash, jq, sha256sum, gzip,
 * zstd, age and the command line of the cloud. It follows the verifier's ledger by hashes, asks for the versions that were
 * verified, and compares everything with its hashes. Texts say what to do where it stops. What is
 * degraded is taken where it is named, and never by itself.
 */
export const FETCH_SH = `#!/usr/bin/env bash
# fetch.sh INTO [SLOT-TYPE]: one backup with all that it needs, into INTO/parts/<number>-<slot>-<type>/<stream>.
# Settings come from the recipe: KIND (s3, azure, google, folder), BUCKET, ACCOUNT, FOLDER, LEDGER, AGE_IDENTITY.
set -euo pipefail
into=$1 wanted=\${2:-}
# What an earlier start left of this or another backup must not be loaded with it.
rm -rf "$into/parts"
mkdir -p "$into/ledger" "$into/parts"
stop() { echo "fetch.sh: $*" >&2; exit 1; }

list() { # PREFIX: names of objects
  case $KIND in
    s3) aws s3api list-objects-v2 --bucket "$BUCKET" --prefix "$1" --output json | jq -r '.Contents // [] | .[].Key' ;;
    azure) az storage blob list --auth-mode login --account-name "$ACCOUNT" --container-name "$BUCKET" --prefix "$1" --num-results '*' --output json | jq -r '.[].name' ;;
    google) gcloud storage ls "gs://$BUCKET/$1**" | sed "s|^gs://$BUCKET/||" ;;
    folder) (cd "$FOLDER" && find "$1" -type f) ;;
    *) stop "no store of kind $KIND" ;;
  esac
}

get() { # KEY VERSION FILE
  case $KIND in
    s3) aws s3api get-object --bucket "$BUCKET" --key "$1" \${2:+--version-id "$2"} "$3" >/dev/null ;;
    azure) az storage blob download --auth-mode login --account-name "$ACCOUNT" --container-name "$BUCKET" --name "$1" \${2:+--version-id "$2"} --file "$3" --output none ;;
    google) gcloud storage cp "gs://$BUCKET/$1\${2:+#$2}" "$3" ;;
    folder) cp "$FOLDER/$1" "$3" ;;
  esac || stop "$1 cannot be read; where it lies in an archive, thaw it first (aws s3api restore-object, az storage blob set-tier)"
}

hash_of() { sha256sum | cut -d' ' -f1; }
same() { [ "$1" = "$2" ] || stop "$3 is not what its hash says: take an older backup, or another store"; }

# The verifier's word on each backup, with the manifest's own bytes.
list "$LEDGER" | grep '\\.manifest\\.json$' | LC_ALL=C sort > "$into/ledger.txt" || stop "the ledger $LEDGER is empty"
while IFS= read -r key; do
  entry=$into/ledger/$(printf %s "$key" | hash_of)
  [ -s "$entry" ] || { get "$key" '' "$entry.new" && mv "$entry.new" "$entry"; }
  hash=$(jq -r .manifestSha256 "$entry")
  same "$(jq -j .manifest "$entry" | hash_of)" "$hash" "the manifest in $key"
  jq -r --arg file "$entry" '(.manifest | fromjson) as $m | ($m.degraded // [] | map("\\(.name): \\(.why)") | join("; ")) as $lost
    | [$m.pointInTime, "\\($m.slot)-\\($m.type)", .manifestSha256, $m.parent.sha256 // "-", $file, if $lost == "" then "-" else $lost end] | @tsv' "$entry"
done < "$into/ledger.txt" | LC_ALL=C sort > "$into/backups.tsv"

follow() { # LINE: chain, from its full to it by the hashes of parents, and what is not in one of them as it was
  local line=$1 moment name hash parent entry lost
  chain=() degraded=
  while :; do
    IFS=$'\\t' read -r moment name hash parent entry lost <<< "$line"
    chain=("$entry" "\${chain[@]}")
    [ "$lost" = - ] || degraded="$name is degraded: $lost\${degraded:+; $degraded}"
    [ "$parent" = - ] && break
    line=$(awk -F'\\t' -v hash="$parent" '$3 == hash' "$into/backups.tsv" | tail -n 1)
    [ -n "$line" ] || stop "what $name follows is not verified in this store: name another backup of $into/backups.tsv, or take another store"
  done
}

# The newest that holds everything as it was: one that is degraded, or from the future by its own words, has to be named.
chain=() degraded=
if [ -n "$wanted" ]; then
  line=$(awk -F'\\t' -v name="$wanted" '$2 == name' "$into/backups.tsv" | tail -n 1)
  [ -n "$line" ] || stop "there is no backup $wanted; $into/backups.tsv lists what there is"
  follow "$line"
else
  LC_ALL=C sort -r "$into/backups.tsv" > "$into/newest.tsv"
  [ -s "$into/newest.tsv" ] || stop "there is no backup in the ledger $LEDGER"
  passed=
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  while IFS= read -r line; do
    IFS=$'\\t' read -r moment name _ <<< "$line"
    if [[ $moment > $now || \${name%-*} > \${now//[-:]/} ]]; then
      degraded="it is from the future by its own words, a clock was wrong (here it is $now)"
    else
      follow "$line"
    fi
    [ -n "$degraded" ] || break
    passed=\${passed:-$name}
    echo "fetch.sh: WARNING: $name is passed over: $degraded. Name it if it is wanted: fetch.sh $into $name" >&2
  done < "$into/newest.tsv"
  [ -z "$degraded" ] || stop "all backups here are degraded or from the future; the newest is $passed: name it, or take another store"
fi

step=0
for entry in "\${chain[@]}"; do
  step=$((step + 1))
  jq -j .manifest "$entry" > "$into/manifest"
  name=$(jq -r '"\\(.slot)-\\(.type)"' "$into/manifest")
  part=$into/parts/$(printf '%06d' $step)-$name
  mkdir -p "$part"
  mv "$into/manifest" "$part/manifest.json"
  echo "$name of $(jq -r .pointInTime "$part/manifest.json"), taken by $(jq -r '.tools | to_entries | map("\\(.key) \\(.value)") | join(", ")' "$part/manifest.json")" >&2
  for index in $(jq -r '.streams | keys[]' "$part/manifest.json"); do
    # Of the ways in which it was stored, the one whose objects are here.
    jq --slurpfile entry "$entry" --argjson index "$index" '
      $entry[0].objects as $objects | .streams[$index]
      | . as $stream | [.encodings[] | . as $encoding
        | [.segments[] | . as $segment | $objects | map(select((.key | endswith("/" + $segment.name)) and .bytes == $segment.bytes)) | first]
        | select(all(. != null)) | {$encoding, objects: .}] | first | {$stream, way: .}' "$part/manifest.json" > "$into/way"
    [ "$(jq -r '.way != null' "$into/way")" = true ] || stop "stream $index of $name is not here as a whole"
    file=$part/$(jq -r '.way.encoding.segments[0].name | sub("[.][0-9]+$"; "")' "$into/way")
    : > "$file.stored"
    while IFS=$'\\t' read -r key version hash; do
      get "$key" "\${version#-}" "$into/segment"
      same "$(hash_of < "$into/segment")" "$hash" "$key"
      cat "$into/segment" >> "$file.stored"
    done < <(jq -r '[.way.objects, .way.encoding.segments] | transpose[] | [.[0].key, .[0].version // "-", .[1].sha256] | @tsv' "$into/way")
    same "$(hash_of < "$file.stored")" "$(jq -r .way.encoding.sha256 "$into/way")" "$name $file"
    if [ "$(jq -r .way.encoding.encryption "$into/way")" = age ]; then
      age --decrypt --identity "\${AGE_IDENTITY:?the file with the identity of the recipient}" --output "$file.plain" "$file.stored"
      mv "$file.plain" "$file.stored"
    fi
    case $(jq -r .stream.compression "$into/way") in
      gzip) gzip -dc < "$file.stored" > "$file" ;;
      zstd) zstd -dcq < "$file.stored" > "$file" ;;
      *) mv "$file.stored" "$file" ;;
    esac
    rm -f "$file.stored"
    same "$(hash_of < "$file")" "$(jq -r .stream.sha256 "$into/way")" "$name $file"
    jq -r --arg file "$file" '[$file, .stream.format, .stream.database // "-"] | @tsv' "$into/way" >> "$part/streams.new"
  done
  mv "$part/streams.new" "$part/streams.tsv"
done
rm -f "$into/segment" "$into/way"
echo "all of it is in $into/parts, and is what its hashes say" >&2
[ -z "$degraded" ] || echo "fetch.sh: WARNING: not all of it is as it was: $degraded" >&2
[ -z "\${passed:-}" ] || echo "fetch.sh: WARNING: this is NOT the newest backup: $passed is newer: it was passed over, as said above" >&2
`;
