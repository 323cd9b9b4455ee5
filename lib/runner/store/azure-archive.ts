import type { Archive, Thawing } from './archive';
import type { AzureContainer } from './azure-container';
import { azureCode } from './azure-error';
import { StoreError } from './store';

const ARCHIVE = 'Archive';
const HOUR = 3600;

/**
 * Archive is a tier of the blob itself, and `archiveStatus` says that it is on its way out.
 * @see https://learn.microsoft.com/azure/storage/blobs/archive-rehydrate-overview
 */
export function azureArchive(tier: string | undefined, status: string | undefined): { readonly archive?: Archive } {
  if (tier !== ARCHIVE) return {};
  return { archive: { tier, state: status?.startsWith('rehydrate-pending') ? 'thawing' : 'archived' } };
}

/**
 * The blob itself is moved to Hot, which a policy of immutability allows; its bytes, time and ETag stay. A copy beside
 * it would have to be written, which nobody may who restores, and would lie under another name than the ledger says.
 * @see https://learn.microsoft.com/azure/storage/blobs/immutable-storage-overview#access-tiers
 * @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tier
 */
export function azureThawing(container: AzureContainer): Thawing {
  return {
    waits: () => ({
      standard: { from: 0, to: 15 * HOUR },
      bulk: { from: 0, to: 15 * HOUR },
      expedited: { from: 0, to: HOUR },
    }),
    request: async ({ key, latest }, { tier }) => {
      if (!latest) {
        const why = 'a former version of a blob can not be thawed in place, only copied to another name';
        throw new StoreError('refused', `${container.url}/${key}: ${why}`);
      }
      return container.ask(`thaw of ${key}`, async (abortSignal) => {
        const rehydratePriority = tier === 'expedited' ? 'High' : 'Standard';
        try {
          await container.client.getBlobClient(key).setAccessTier('Hot', { abortSignal, rehydratePriority });
          return 'requested';
        } catch (error) {
          if (azureCode(error) === 'BlobBeingRehydrated') return 'under way';
          throw error;
        }
      });
    },
  };
}
