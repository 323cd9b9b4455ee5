import { complain, textAt, type OwnRule } from '../rule';
import { ignores, resourcesOf } from '../stack-json';

const SET = 'azurerm_linux_virtual_machine_scale_set';
const SERVERS = ['azurerm_postgresql_flexible_server', 'azurerm_mysql_flexible_server'];

/** What workflows of a site switch on and off. */
const SWITCHED = [
  'azurerm_monitor_autoscale_setting',
  'azurerm_traffic_manager_azure_endpoint',
  'azurerm_traffic_manager_external_endpoint',
];

/** What a promotion changes. */
const PROMOTED = ['create_mode', 'source_server_id', 'replication_role', 'high_availability'];

/** A value that workflows change, and that the next deployment changes back: nobody refuses it, and a disaster finds it. */
export const azureSiteLeftAloneRules: readonly OwnRule[] = [
  {
    id: 'azure-set-left-alone',
    refusedBy: 'nobody',
    check: (stack) =>
      resourcesOf(stack, SET)
        .filter((set) => !ignores(set, 'instances'))
        .map((set) => complain(set, 'a deployment would scale back what an activation started')),
  },
  {
    id: 'azure-switch-left-alone',
    refusedBy: 'nobody',
    check: (stack) =>
      SWITCHED.flatMap((type) => resourcesOf(stack, type))
        .filter((one) => !ignores(one, 'enabled'))
        .map((one) =>
          complain(one, 'enabled has to be ignored: a deployment would switch back what an activation switched'),
        ),
  },
  {
    id: 'azure-lease-left-alone',
    refusedBy: 'nobody',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_storage_blob')
        .filter(({ body }) => textAt(body, 'storage_container_name') === 'lease')
        .filter((blob) => !ignores(blob, 'source_content'))
        .map((blob) => complain(blob, 'a deployment would give the primary its first lease again')),
  },
  {
    id: 'azure-replica-left-alone',
    refusedBy: 'nobody',
    check: (stack) =>
      SERVERS.flatMap((type) => resourcesOf(stack, type))
        .filter(({ body }) => textAt(body, 'create_mode') === 'Replica')
        .flatMap((server) =>
          PROMOTED.filter((name) => !ignores(server, name)).map((name) =>
            complain(
              server,
              `${name} has to be ignored: a deployment would make a promoted server anew, or take its second zone`,
            ),
          ),
        ),
  },
];
