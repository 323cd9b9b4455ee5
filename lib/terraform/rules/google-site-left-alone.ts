import { complain, type OwnRule } from '../rule';
import { ignores, isOfSite, resourcesOf, type Resource } from '../stack-json';

interface LeftAlone {
  readonly id: string;
  readonly type: string;
  /** Which of that type a workflow of a site changes. @default - all */
  readonly only?: (resource: Resource) => boolean;
  /** As `ignore_changes` names them. */
  readonly names: readonly string[];
  /** What the next deployment would do, also while people work at the site. */
  readonly says: string;
}

const isReplica = ({ body }: Resource) => body.master_instance_name !== undefined;
const isLease = ({ body }: Resource) => String(body.name).startsWith('lease/');
/** Names of other stacks lead to Google's own services. */
const isSwitched = (resource: Resource) => resource.body.type === 'CNAME' && isOfSite(resource);

/** What workflows of a recovery site change, and whose first value alone is the template's. */
const CHANGED: readonly LeftAlone[] = [
  {
    id: 'google-group-left-alone',
    type: 'google_compute_region_instance_group_manager',
    names: ['target_size'],
    says: 'takes the size back that it has asleep',
  },
  {
    id: 'google-autoscaler-left-alone',
    type: 'google_compute_region_autoscaler',
    names: ['autoscaling_policy[0].mode'],
    says: 'is switched off or on',
  },
  {
    id: 'google-name-left-alone',
    type: 'google_dns_record_set',
    only: isSwitched,
    names: ['rrdatas'],
    says: 'leads people back to the primary',
  },
  {
    id: 'google-lease-left-alone',
    type: 'google_storage_bucket_object',
    only: isLease,
    names: ['content'],
    says: 'gives the primary its first lease again',
  },
  {
    id: 'google-sql-left-alone',
    type: 'google_sql_database_instance',
    names: ['settings[0].activation_policy'],
    says: 'is stopped or started',
  },
  {
    id: 'google-replica-left-alone',
    type: 'google_sql_database_instance',
    only: isReplica,
    names: [
      'master_instance_name',
      'instance_type',
      'replica_configuration',
      'settings[0].availability_type',
      'settings[0].backup_configuration',
    ],
    says: 'is made anew as a replica, or loses what its promotion gave it',
  },
  {
    id: 'google-machine-left-alone',
    type: 'google_compute_instance',
    names: ['metadata["hypdr-activation"]', 'desired_status'],
    says: 'loses what it was told, or is switched on or off',
  },
];

/** A value that workflows change, and that the next deployment changes back: nobody refuses it, and a disaster finds it. */
export const googleSiteLeftAloneRules: readonly OwnRule[] = CHANGED.map(
  ({ id, type, only = () => true, names, says }) => ({
    id,
    refusedBy: 'nobody',
    check: (stack) =>
      resourcesOf(stack, type)
        .filter(only)
        .flatMap((one) => {
          const missing = names.filter((name) => !ignores(one, name));
          return missing.length === 0
            ? []
            : [complain(one, `has to ignore changes of ${missing.join(', ')}: with the next deployment it ${says}`)];
        }),
  }),
);
