import { block, list, map, optional, required } from '../structure';
import type { Typed } from '../type';
import { capacity } from '../types/amount';
import { duration, updateCadence } from '../types/time';
import {
  channel,
  contactReference,
  functionReference,
  notificationChannel,
  personContact,
  personName,
  templateReference,
  text,
  tier,
} from '../types/word';

const byTier = (doc: string) =>
  block({
    critical_functions: optional(duration, `${doc} of critical functions`, 'no promise'),
    important_functions: optional(duration, `${doc} of important functions`, 'no promise'),
    standard_functions: optional(duration, `${doc} of standard functions`, 'no promise'),
  });

const criticalFunction = block({
  priority: required(tier, 'how much depends on it'),
  mtd: required(duration, 'maximum tolerable downtime'),
  mbc: required(duration, 'time to minimum business continuity'),
  alternative_processes: optional(
    list(
      block({
        name: required(text, 'name of the process'),
        description: required(text, 'what people do instead'),
        activation_time: required(duration, 'how long it takes to start'),
        capacity: required(capacity, 'how much it can do'),
      }),
    ),
    'what people do meanwhile',
    'none',
  ),
  dependencies: optional(list(functionReference), 'functions and systems that it needs', 'none'),
});

const team = block({
  members: required(
    list(
      block({
        name: required(personName, 'name of the person'),
        role: required(text, 'role that others refer to'),
        contact: required(personContact, 'phone number or mail address'),
        backup: optional(personName, 'deputy', 'no deputy'),
      }),
    ),
    'people of the team',
  ),
  responsibilities: optional(list(text), 'what the team does', 'none'),
});

const stakeholder = block({
  channels: required(list(channel), 'how they are told'),
  frequency: required(updateCadence, 'how often they are told'),
  template: required(templateReference, 'template of the message'),
});

/** The block `business_continuity`. */
export const businessContinuity = block({
  objectives: optional(
    block({
      mtd: optional(byTier('maximum tolerable downtime'), 'maximum tolerable downtime', 'no promise'),
      mbc: optional(byTier('time to minimum business continuity'), 'minimum business continuity', 'no promise'),
    }),
    'what is promised',
    'no promise',
  ),
  critical_functions: optional(map('function', criticalFunction), 'functions of the business, by free names', 'none'),
  bc_teams: optional(map('team', team), 'teams, by free names', 'none'),
  communication_plan: optional(
    block({
      escalation: optional(
        map(
          'level',
          block({
            duration: required(duration, 'time until the next level'),
            contacts: required(list(contactReference), 'who is called'),
            notification_method: required(list(notificationChannel), 'how they are called'),
          }),
        ),
        'levels of escalation in their order, by free names',
        'none',
      ),
      stakeholders: optional(map('side', map('group', stakeholder)), 'who is kept informed, by side and group', 'none'),
    }),
    'who is told what',
    'nobody',
  ),
});

export type BusinessContinuitySpec = Typed<typeof businessContinuity>;
