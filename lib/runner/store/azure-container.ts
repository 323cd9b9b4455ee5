import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import type { ContainerClient, StoragePipelineOptions } from '@azure/storage-blob';
import { azureApplication } from '../identity/azure-application';
import { webIdentityFor } from '../identity/web-identity';
import type { Machine } from '../machine';
import { tokenAddress } from '../token-address';
import { judgeAzure } from './azure-error';
import type { StoreLimits } from './limits';
import { PATIENCE, retrying } from './retry';
import type { Patience } from './retry';
import { StoreError } from './store';

/** Which container, as a task or a URL names it. */
export interface AzureTarget {
  readonly id: string;
  /** Storage account; a connection string names its own. */
  readonly account: string | undefined;
  readonly container: string;
}

export interface AzureAsk {
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
}

/** One try, counted from 1. */
export type AzureWork<T> = (abortSignal: AbortSignal, attempt: number) => Promise<T>;

/** A client of one container that retries by our rules. */
export class AzureContainer {
  readonly url: string;
  readonly client: ContainerClient;
  #worked = false;

  constructor(
    target: AzureTarget,
    readonly machine: Machine,
    private readonly limits: StoreLimits,
  ) {
    const service = serviceClient(target, machine);
    this.url = `azblob://${service.accountName}/${target.container}`;
    this.client = service.getContainerClient(target.container);
  }

  /** One request with retries; each try ends with the run, or when the service says nothing for too long. */
  ask<T>(what: string, work: AzureWork<T>, options: AzureAsk = {}): Promise<T> {
    const { patience = PATIENCE, signal = this.machine.signal } = options;
    return retrying(
      async (attempt) => {
        const silence = AbortSignal.timeout(this.limits.idleMilliseconds * 5);
        try {
          const answer = await work(AbortSignal.any([signal, silence]), attempt);
          this.#worked = true;
          return answer;
        } catch (error) {
          if (silence.aborted && !signal.aborted) throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
          throw error;
        }
      },
      {
        machine: this.machine,
        what: `${this.url}: ${what}`,
        judge: (error) => judgeAzure(error, this.url, () => this.#worked),
        patience,
        signal,
      },
    );
  }
}

/** Of Azure's public cloud; the CLI's own variable names another, such as a sovereign cloud's. */
const PUBLIC = 'https://{account}.blob.core.windows.net';

/** A connection string, else the identity of the machine or of a job in another cloud. Retries are ours: the SDK's know neither clock nor bound. */
function serviceClient({ account, container }: AzureTarget, machine: Machine): BlobServiceClient {
  const { environment } = machine;
  const options: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };
  const connection = environment.AZURE_STORAGE_CONNECTION_STRING;
  if (connection) {
    try {
      return BlobServiceClient.fromConnectionString(connection, options);
    } catch {
      // Its own words could hold a part of the key.
      throw new StoreError('refused', 'AZURE_STORAGE_CONNECTION_STRING is no connection string');
    }
  }
  if (!account) throw new StoreError('refused', `container ${container} is of no storage account`);
  const service = (environment.AZURE_STORAGE_SERVICE_ENDPOINT || PUBLIC).replaceAll('{account}', account);
  if (!tokenAddress(service)) {
    const fix = 'set it to https://..., with {account} where the name of the storage account belongs';
    throw new StoreError('refused', `AZURE_STORAGE_SERVICE_ENDPOINT is no address that a token can be sent to: ${fix}`);
  }
  const identity = webIdentityFor('azure', machine);
  const credential = (identity && azureApplication(identity, machine)) ?? new DefaultAzureCredential();
  return new BlobServiceClient(service, credential, options);
}
