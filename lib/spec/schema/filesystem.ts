import { block, defaulted, list, optional, required } from '../structure';
import type { Typed } from '../type';
import { filePattern, folder } from '../types/path';
import { flag } from '../types/word';
import { storeCopies, validation } from './database';
import { storage } from './storage';

/** Folders of hosts that are backed up together. */
export const fileSet = block({
  enabled: defaulted(flag, true, 'false builds nothing for it'),
  paths: required(list(folder), 'folders that are backed up'),
  settings: optional(
    block({
      exclude_patterns: optional(list(filePattern), 'files and folders that are left out', 'none'),
      include_hidden: defaulted(flag, true, 'files whose name starts with a dot'),
      preserve_permissions: defaulted(flag, true, 'modes, ACLs and extended attributes'),
      preserve_ownership: defaulted(flag, true, 'users and groups'),
    }),
    'what goes into the archive',
    'everything, with permissions and owners',
  ),
  storage: required(storage, 'where the backups are kept'),
  validation: optional(validation, 'verification and test restores', 'checksums only'),
  copies: optional(storeCopies, 'stores of `backup.cloud` that get a copy; an empty list for none', 'each enabled store of `backup.cloud`'),
});

export type FileSetSpec = Typed<typeof fileSet>;
