/** What the server says no with: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
export type Terminated = NonNullable<ServerError['of']>;

export class ServerError extends Error {
  constructor(
    readonly number: number,
    readonly level: number,
    message: string,
    /** Whether the statement was one that ends with 3013 too. */
    readonly of:
      | 'BACKUP DATABASE'
      | 'BACKUP LOG'
      | 'VERIFY DATABASE'
      | 'RESTORE HEADERONLY'
      | 'RESTORE FILELIST'
      | 'RESTORE DATABASE'
      | 'RESTORE LOG'
      | undefined = undefined,
  ) {
    super(message);
  }
}
