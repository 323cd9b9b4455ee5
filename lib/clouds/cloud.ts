/** What one cloud answers about itself, the same questions for each. Data and pure functions, nothing else. */
export interface Cloud {
  readonly id: CloudId;
  /** Spoken name, for messages: `AWS`, `Azure`, `Google Cloud`. */
  readonly title: string;
  /** The day that this data was read from the provider's documents, as `YYYY-MM-DD`. */
  readonly dataDate: string;
  /** What the service calls a place: `region` or `location`. */
  readonly placeNoun: string;
  readonly regions: readonly Region[];
  /** Shape of a region's name; a name of another shape is malformed, one of this shape may be newer than the data. */
  readonly regionPattern: RegExp;
  /** Judges a region's name: where sites, tasks and machines run. */
  readonly regionNames: NameRule;
  /** Places that hold objects: the regions and, where the cloud has them, areas of several regions. */
  readonly storePlaces: readonly Region[];
  readonly storePlaceNames: NameRule;
  readonly instanceTypes: NameRule;
  readonly diskTypes: readonly string[];
  /** Of these, the ones that take a number of operations a second. */
  readonly diskTypesWithIops: readonly string[];
  /** What a data volume is where the spec names no type. */
  readonly defaultDiskType: string;
  /** Classes a managed database takes, by engine. */
  readonly databaseClasses: Readonly<Record<DatabaseEngine, NameRule>>;
  /** Tells a class of the managed service from a machine's type, which means a database that we host ourselves. */
  databaseHosting(databaseClass: string): DatabaseHosting;
  /** The machine type that a database class runs on, for a database that we host ourselves; a machine's is its own. */
  machineOf(databaseClass: string): string;
  /** Processor of an instance type. */
  architectureOf(instanceType: string): Architecture;
  /** Name rules of the places that hold objects. */
  readonly storeNames: Readonly<Record<string, NameRule>>;
  /** Name rules of the other resources that we make. */
  readonly resourceNames: Readonly<Record<string, NameRule>>;
  /** From the warmest to the coldest; the first is where objects are written. */
  readonly storageClasses: readonly StorageClass[];
  readonly limits: StorageLimits;
}

export type CloudId = 'aws' | 'azure' | 'google';
export type DatabaseEngine = 'postgresql' | 'mysql' | 'mariadb' | 'sqlserver';
export type DatabaseHosting = 'managed' | 'machine';
export type Architecture = 'x86_64' | 'arm64';

export interface Region {
  readonly name: string;
  /** City or area as the provider gives it, for messages. */
  readonly title: string;
}

/** Tells whether a name is `malformed` (an error), `unknown` to this data (a warning) or `known`. */
export interface NameRule {
  /** The rule in a sentence, lower case, without a final full stop. */
  readonly text: string;
  /** Where the provider documents it. */
  readonly source: string;
  judge(name: string): NameVerdict;
}

export type NameVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'malformed';
      /** What is wrong, lower case, such as `has 2 characters, needs 3 to 63`. */
      readonly why: string;
    };

export interface StorageClass {
  readonly name: string;
  /** Days that are billed at least, and below which an earlier move or deletion costs extra. */
  readonly minimumDays: number;
  /** Waiting time before the first byte, by retrieval tier, in hours; empty for immediate reads. */
  readonly retrievalHours: Readonly<Record<string, { readonly from: number; readonly to: number }>>;
}

export interface StorageLimits {
  readonly lifecycleRules: number;
  /** Largest age in days that a lifecycle rule takes. */
  readonly lifecycleDays: number;
  /** Fewest days between the write and a move to the second class. */
  readonly firstTransitionDays: number;
  /** Largest lock or retention policy in days. */
  readonly lockDays: number;
}

/** What a reader of text answers: the value, or what is wrong with the text, lower case, without a final full stop. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
