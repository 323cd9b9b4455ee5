import { choice, leaf, pattern } from '../leaf';

/** Text for people: anything that says something. */
export const text = leaf<string>({
  name: 'text',
  text: 'text of 1 to 500 characters in quotes',
  examples: ['"Complete failure of the primary site"', '"Another text"'],
  rejects: '""',
  json: { type: 'string', minLength: 1, maxLength: 500 },
  read: (plain) => (typeof plain === 'string' && plain.trim() !== '' && plain.length <= 500 ? plain : undefined),
});

/** A yes or no. */
export const flag = leaf<boolean>({
  name: 'switch',
  text: 'true or false, without quotes',
  examples: ['true', 'false'],
  rejects: '"yes"',
  json: { type: 'boolean' },
  read: (plain) => (typeof plain === 'boolean' ? plain : undefined),
});

/** A word that names something elsewhere: a team, a contact, a function, a template. */
function reference(name: string, noun: string, example: string): ReturnType<typeof pattern> {
  return pattern({
    name,
    text: `the name of ${noun} such as "${example}": letters, digits and _ . -`,
    pattern: /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/,
    examples: [example, `${example}_2`],
    rejects: `not a name: ${example}`,
  });
}

export const teamReference = reference('team', 'a team', 'database_team');
export const contactReference = reference('contact', 'a contact or role', 'technical_lead');
export const functionReference = reference('dependency', 'a function or system', 'database_access');
export const recipientReference = reference('recipient', 'a group of recipients', 'backup_team');
export const templateReference = reference('template', 'a message template', 'internal_incident_update');
export const storeReference = reference('store', 'a store of backup.cloud', 'aws_s3');

export const personName = pattern({
  name: 'person',
  text: 'the name of a person such as "A. Example"',
  pattern: /^\p{L}[\p{L}\p{M} .,'-]{0,99}$/u,
  examples: ['A. Example', 'B. Example'],
  rejects: '12345',
});

/** Something that reaches a person: a phone number or a mail address. */
export const personContact = leaf<{ readonly phone: string } | { readonly email: string }>({
  name: 'phone or mail',
  text: 'a phone number in international form such as "+49 123 456789", or a mail address',
  examples: ['"+49 123 456789"', '"someone@example.com"'],
  rejects: '"call me"',
  json: { type: 'string' },
  read: (plain) => {
    if (typeof plain !== 'string') return undefined;
    const digits = plain.replace(/[\s()/.-]/g, '');
    if (/^\+[1-9]\d{6,14}$/.test(digits)) return { phone: digits };
    return /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(plain) ? { email: plain } : undefined;
  },
});

export const email = pattern({
  name: 'mail address',
  text: 'a mail address such as "someone@example.com"',
  pattern: /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/,
  examples: ['someone@example.com', 'another@example.com'],
  rejects: 'someone',
});

export const phone = leaf<string>({
  name: 'phone number',
  text: 'a phone number in international form such as "+49 123 456789"',
  examples: ['"+49 123 456789"', '"+49 123 456780"'],
  rejects: '"0123"',
  json: { type: 'string' },
  read: (plain) => {
    const digits = typeof plain === 'string' ? plain.replace(/[\s()/.-]/g, '') : '';
    return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
  },
});

export const level = choice('level', ['low', 'medium', 'high', 'critical']);
export const tier = choice('tier', ['critical', 'important', 'standard']);
export const severity = choice('severity', ['critical', 'warning', 'info']);
export const channel = choice('channel', ['email', 'phone', 'sms', 'slack', 'pagerduty', 'intranet', 'status_page']);
/** Channels that reach one person or one room at once, as alerts and escalation need. */
export const notificationChannel = choice('notification channel', ['email', 'phone', 'sms', 'slack', 'pagerduty']);
