import { openStore, openUrl } from '../../../lib/runner/store/open';
import { failureOf } from './bytes';
import { testMachine } from './store-machine';

const connection = `DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=${Buffer.alloc(64).toString('base64')};EndpointSuffix=core.windows.net`;
const target = { id: 'task', from: [], store: 'main', region: 'eu-west-1', bucket: 'backups', path: 'data/' } as const;

describe('opening a store', () => {
  it('takes the cloud that the task names', async () => {
    const machine = testMachine({ environment: { AZURE_STORAGE_CONNECTION_STRING: connection } });
    const opened = await Promise.all([
      openStore({ ...target, cloud: 'aws' }, machine),
      openStore({ ...target, cloud: 'azure', account: 'acc' }, machine),
      openStore({ ...target, cloud: 'google' }, machine),
    ]);
    expect(opened.map(({ id, url, encryption }) => [id, url, encryption])).toEqual([
      ['main', 's3://backups', 'store'],
      ['main', 'azblob://acc/backups', 'store'],
      ['main', 'gs://backups', 'store'],
    ]);
    await Promise.all(opened.map((store) => store.close()));
  });

  it('takes an identity where no connection string is given, and then needs the account', async () => {
    const store = await openStore({ ...target, cloud: 'azure', account: 'hypnoscript' }, testMachine());
    expect(store.url).toBe('azblob://hypnoscript/backups');
    expect(await failureOf(openStore({ ...target, cloud: 'azure' }, testMachine()))).toBe('refused');
  });

  it('shows nothing of a broken connection string', async () => {
    const machine = testMachine({ environment: { AZURE_STORAGE_CONNECTION_STRING: 'AccountKey=hunter2' } });
    const error = await openStore({ ...target, cloud: 'azure' }, machine).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(`${(error as Error).message}${String((error as Error).cause)}`).not.toContain('hunter2');
  });

  it('sends a token to https and to this machine alone', async () => {
    const azure = { ...target, cloud: 'azure', account: 'acc' } as const;
    const of = (AZURE_STORAGE_SERVICE_ENDPOINT: string) =>
      testMachine({ environment: { AZURE_STORAGE_SERVICE_ENDPOINT } });
    const china = await openStore(azure, of('https://{account}.blob.core.chinacloudapi.cn'));
    expect(china.url).toBe('azblob://acc/backups');
    expect(await failureOf(openStore(azure, of('http://{account}.example')))).toBe('refused');
    const environment = { CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: 'http://storage.example/storage/v1/' };
    expect(await failureOf(openStore({ ...target, cloud: 'google' }, testMachine({ environment })))).toBe('refused');
  });

  it('finds the store and key of an address', async () => {
    const machine = testMachine({ environment: { AZURE_STORAGE_CONNECTION_STRING: connection } });
    const found = await Promise.all(
      ['s3://b/tasks/x.json', 'gs://b/x', 'azblob://acc/c/tasks/x'].map((url) => openUrl(url, machine)),
    );
    expect(found.map(({ store, key }) => [store.url, key])).toEqual([
      ['s3://b', 'tasks/x.json'],
      ['gs://b', 'x'],
      ['azblob://acc/c', 'tasks/x'],
    ]);
    for (const url of ['s3://b', 's3://b/', 'azblob://a/c', 'gs:///x', 'ftp://a/b/c', 'nothing']) {
      expect(await failureOf(openUrl(url, machine))).toBe('refused');
    }
  });
});
