export const USAGE = `hypdr-runner COMMAND --task PATH|s3://...|azblob://...|gs://...

  backup   [--type full|incremental|differential|log] [--slot SLOT]   take a backup now
           [--accept-shrinkage]                                       much less than last time is expected
           [--accept-moved-local]                                     the local folder is another one, as meant
  verify   --quick                                                    look at what is stored, write the ledger
           --full                                                     the same, and read all of it again
           [--record-key KEY]                                         read records of restores too, by this key; may be
                                                                      said again
  list     [--format text|json]                                       what each store holds
  prune    [--dry-run]                                                remove what nothing needs any more
  copy     [--dry-run]                                                fill stores of other clouds, and holes
  restorable [--format text|json]                                     every point that can be restored, and from where
  restore  [--from latest|SLOT|KEY|TIME] --target DIR|URL             restore into a folder or a server
           [--database NAME] [--replace NAME] [--globals] [--no-owners] [--scratch DIR]
           [--wait]                                                   until what lies in an archive is thawed
           [--retrieval-tier standard|expedited|bulk]                 how fast, whatever the task says
  thaw     [--from ...] [--wait] [--retrieval-tier TIER]              ask an archive for what a restore will read
  test-restore [--slot SLOT] [--scratch DIR] [--record-key KEY]       restore the newest into a throw-away target, look
           [--format text|json] [--metrics FORMAT]                    into it, remove it, and sign what came of it
           [--drill]                                                  the record is of a rehearsal (hypdr drill)
  reap     [--scratch DIR]                                            end and remove what killed test restores left
  age      [--format text|json]                                       how old the newest verified backups are;
                                                                      --task may be said again

  --store ID             only this place, not for backup; may be said again
  --dry-run              say what would run
  --metrics FORMAT       emf, log or prometheus:FILE after a backup (default: log), or of ages
  --help

Exit codes: 0 success, 1 bug, 2 bad invocation, 3 degraded, 4 damaged, 5 overlap, 75 retry, 78 permanent, 130 interrupted
Example: hypdr-runner backup --task out/tasks/postgresql.json --type full
`;
