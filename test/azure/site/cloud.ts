import type { Answer, Requested } from '../flow';

/** How a script on a machine ends. */
export interface ScriptEnd {
  readonly state: 'Succeeded' | 'Failed' | 'Running';
  readonly exitCode?: number;
  readonly output?: string;
  /** What it wrote to the other stream. */
  readonly error?: string;
}

export interface CloudProps {
  /** What lies in the account of the site: by the end of its address. */
  readonly blobs?: Readonly<Record<string, unknown>>;
  /** Machines that run from the beginning. @default true */
  readonly on?: boolean;
  /** How scripts end, by a word of theirs. @default - all succeed */
  readonly scripts?: (script: string) => ScriptEnd;
  /** Machines of the scale set. */
  readonly capacity?: number;
  /** How many of them answer to the balancer. @default - all */
  readonly healthy?: (capacity: number, now: Date) => number;
  /** What the server of the service is. */
  readonly role?: string;
  /** Whether a promotion is done. @default true */
  readonly promotes?: boolean;
  /** Whether the location has room for a standby in a second zone. @default true */
  readonly secondZone?: boolean;
  /** What the service says of its replica. @default Ready */
  readonly serverState?: string;
  /** Requests that are answered with a failure. */
  readonly broken?: RegExp;
  /** Called before each request: somebody else may do something meanwhile. */
  readonly meanwhile?: (cloud: Cloud, now: Date, request: Requested) => void;
}

/** Azure, as far as the flows of a site ask it. */
export class Cloud {
  readonly blobs: Map<string, { readonly text: unknown; readonly version: number }>;
  readonly did: string[] = [];
  on: boolean;
  capacity: number;
  autoscale: boolean | undefined;
  role: string;
  readonly #scripts = new Map<string, ScriptEnd>();

  constructor(readonly props: CloudProps = {}) {
    this.blobs = new Map(Object.entries(props.blobs ?? {}).map(([name, text]) => [name, { text, version: 1 }]));
    this.on = props.on ?? true;
    this.capacity = props.capacity ?? 0;
    this.role = props.role ?? '';
  }

  write(name: string, text: unknown): void {
    this.blobs.set(name, { text, version: (this.blobs.get(name)?.version ?? 0) + 1 });
  }

  /** What is in the state, or nothing. */
  get state(): string | undefined {
    return (this.blobs.get('records/state.json')?.text as { status: string } | undefined)?.status;
  }

  get records(): readonly Readonly<Record<string, unknown>>[] {
    return [...this.blobs]
      .filter(([name]) => /^records\/\d/.test(name))
      .map(([, { text }]) => text as Readonly<Record<string, unknown>>);
  }

  readonly ask = (request: Requested, now: Date): Answer => {
    this.props.meanwhile?.(this, now, request);
    const { method, uri, body } = request;
    if (this.props.broken?.test(`${method} ${uri}`)) return { ok: false, status: 500 };
    const [, blob] = /blob[.]core[.]windows[.]net\/(.*)$/.exec(uri) ?? [];
    if (blob !== undefined) return this.#blob(blob, request);
    if (uri.includes('/runCommands/')) return this.#script(request);
    if (uri.includes('/start?')) return this.#do('start', () => (this.on = true));
    if (uri.includes('/deallocate?')) return this.#do('stop', () => (this.on = false));
    if (uri.includes('/instanceView?')) {
      return { ok: true, body: { statuses: [{ code: `PowerState/${this.on ? 'running' : 'deallocated'}` }] } };
    }
    if (uri.includes('/virtualMachines?$expand')) return { ok: true, body: { value: this.#machines(now) } };
    if (uri.includes('autoscale')) return this.#autoscale(request);
    if (uri.includes('traffic_manager')) {
      const { endpointStatus } = (body as Named).properties;
      return this.#do(`${uri.includes('external_endpoint') ? 'primary' : 'name'} ${endpointStatus}`, () => undefined);
    }
    if (uri.includes('flexible_server')) return this.#server(request);
    if (uri.includes('scale_set')) return this.#set(request);
    throw new Error(`nobody answers ${method} ${uri}`);
  };

  #do(what: string, change: () => void): Answer {
    this.did.push(what);
    change();
    return { ok: true, status: 202 };
  }

  #blob(name: string, { method, body, headers = {} }: Requested): Answer {
    const known = this.blobs.get(name);
    const etag = known ? `"${known.version}"` : undefined;
    if (method === 'GET') {
      if (!known) return { ok: false, status: 404 };
      return { ok: true, body: known.text, headers: { ETag: etag ?? '' } };
    }
    const wanted = headers['If-Match'];
    if ((wanted !== undefined && wanted !== etag) || (headers['If-None-Match'] === '*' && known)) {
      return { ok: false, status: 412 };
    }
    this.write(name, body);
    if (name === 'records/state.json') this.did.push(`state ${(body as { status: string }).status}`);
    if (name.startsWith('lease/')) this.did.push(`lease ${String(body).split(' ').slice(0, 2).join(' ')}`);
    return { ok: true, status: 201 };
  }

  #script({ method, uri, body }: Requested): Answer {
    const [, name = ''] = /runCommands\/([^?]+)/.exec(uri) ?? [];
    if (method === 'PUT') {
      const { script } = (body as { properties: { source: { script: string } } }).properties.source;
      this.#scripts.set(name, this.on ? (this.props.scripts?.(script) ?? DONE) : { state: 'Running' });
      this.did.push(name.replace(/-\d+$/, ''));
      return { ok: true, status: 201 };
    }
    if (method === 'DELETE') return { ok: this.#scripts.delete(name), status: 202 };
    const { state, exitCode = 0, output = '', error = '' } = this.#scripts.get(name) ?? DONE;
    return { ok: true, body: { properties: { instanceView: { executionState: state, exitCode, output, error } } } };
  }

  #machines(now: Date): readonly unknown[] {
    const healthy = this.props.healthy?.(this.capacity, now) ?? this.capacity;
    return Array.from({ length: this.capacity }, (_, index) => ({
      name: `app-${index}`,
      properties: {
        instanceView: {
          vmHealth: { status: { code: index < healthy ? 'HealthState/healthy' : 'HealthState/unhealthy' } },
        },
      },
    }));
  }

  #set({ method, body }: Requested): Answer {
    if (method === 'GET') return { ok: true, body: { sku: { name: 'any', capacity: this.capacity } } };
    const { capacity } = (body as { sku: { capacity: number } }).sku;
    return this.#do(`scale ${capacity}`, () => (this.capacity = capacity));
  }

  #autoscale({ method, body }: Requested): Answer {
    const setting = {
      location: 'here',
      properties: { enabled: this.autoscale ?? false, profiles: [{ name: 'load' }] },
    };
    if (method === 'GET') return { ok: true, body: setting };
    const { properties } = body as { properties: { enabled: boolean; profiles: readonly unknown[] } };
    if (properties.profiles.length === 0) return { ok: false, status: 400 };
    return this.#do(`autoscale ${properties.enabled}`, () => (this.autoscale = properties.enabled));
  }

  #server({ method, body }: Requested): Answer {
    if (method === 'GET')
      return {
        ok: true,
        body: { properties: { replicationRole: this.role, state: this.props.serverState ?? 'Ready' } },
      };
    const { properties } = body as { properties: Readonly<Record<string, unknown>> };
    if ('highAvailability' in properties && this.props.secondZone === false) return { ok: false, status: 409 };
    return this.#do(Object.keys(properties).join(' '), () => {
      if ('replica' in properties && this.props.promotes !== false) this.role = 'Primary';
    });
  }
}

interface Named {
  readonly properties: { readonly endpointStatus: string };
}

const DONE: ScriptEnd = { state: 'Succeeded', exitCode: 0, output: '{}' };
