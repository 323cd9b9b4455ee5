import type { CodePage } from './codes';

/** Pages of the findings about recovery sites. */
export const sitePages = {
  DR3080: {
    severity: 'error',
    title: 'two sites with the same addresses',
    explain:
      "Each site has a network of its own, a /20 of private addresses. It comes from a hash of the site's name, so that another site never moves it: a changed range would replace the network and everything in it. Two sites with the same range can't be joined with one network, nor with each other. deployment.sites gives one of them another range.",
  },
  DR3081: {
    severity: 'warning',
    title: 'database that a site does not get',
    explain:
      'PostgreSQL is followed by streaming, by its archived log, or restored from backups. MySQL and MariaDB are restored from backups, or followed by the managed service where the primary is one of the same cloud. SQL Server is followed by nothing here: replicas need its Enterprise edition and a licence. The site is built without that database, and backups of it are restored by hypdr-runner restore.',
  },
  DR3082: {
    severity: 'note',
    title: 'another kind of database than the class says',
    explain:
      'A managed database follows a primary of the same service only, and takes no log of another one; RDS and flexible servers that are stopped are started again after seven days. Where the primary is not such a one, or is not named, the database of a site is a machine of ours with the processors and memory of the class that the spec names. deployment.primary_site.database and database_id name a managed primary.',
  },
  DR3084: {
    severity: 'warning',
    title: 'machines without the application',
    explain:
      'A site starts machines; what runs on them is yours. Without deployment.sites.<name>.image they start from the current Ubuntu 24.04 LTS, with nothing listening, and an activation waits for a healthy machine until its time is over. Build an image with your application as your primary has it, and name it.',
  },
  DR3085: {
    severity: 'warning',
    title: 'site that follows nothing yet',
    explain:
      'A standby connects to the primary, or reads the log that the primary archives. The spec names no host of it, so the machine is set up and waits. database.<data set>.primary names it; hypdr writes the script and the document of what the primary has to run.',
  },
  DR3086: {
    severity: 'warning',
    title: 'automatic activation that is not safe or not possible',
    explain:
      "An activation that nobody asked for needs two independent signs that the primary is gone, and a primary that stops writing by itself where nobody can reach it: a lease, which the primary's machine reads in the site's store. Without URLs of the primary, or without a database whose lag is measured, one of them is missing, and the site waits for a person. A managed primary has no machine for the lease: what it accepts after the promotion is lost or has to be merged by hand.",
  },
  DR3087: {
    severity: 'warning',
    title: 'operations a second that the disk does not take',
    explain:
      'Only some types of disk take a number of operations a second: gp3, io1 and io2 on AWS, PremiumV2_LRS and UltraSSD_LRS on Azure, hyperdisks and pd-extreme on Google. Others give what their type and size give; the provider would refuse the number when it is applied.',
  },
  DR3088: {
    severity: 'warning',
    title: 'site without a backup to restore',
    explain:
      'A site with method backup_restore restores the newest verified backup from a store of its own cloud: a machine there has no right in another one. No data set of the engine lies there. A store of that cloud in backup.cloud is filled by copies.',
  },
  DR3089: {
    severity: 'warning',
    title: 'site that follows one server of several',
    explain:
      'A standby is the copy of one server. Where several data sets have the engine of a site, it follows the server of the first by name; the others are there only where they are databases of the same server. A site of its own for each server says what is meant.',
  },
  DR3090: {
    severity: 'warning',
    title: 'record that is not failed over',
    explain:
      'deployment.dns names a record that leads to a site once it is activated. The zone has to be in the cloud of a site, and the address of the primary is what the record leads to before and after.',
  },
  DR3091: {
    severity: 'warning',
    title: 'class that a region is not known to offer',
    explain:
      'Newer regions of AWS have fewer families of database classes, and new families come to some regions first. A replica takes the class of the spec as it is, and CloudFormation finds out only while it makes it. The data here is that of the published prices on its day; families come and leave no region, so the service itself knows better: the message has the command that asks it.',
  },
  DR3092: {
    severity: 'error',
    title: 'disk that needs a zone where there are none',
    explain:
      'PremiumV2_LRS and UltraSSD_LRS on Azure lie in an availability zone, together with their machine. A location without zones has none of them, and the apply would end half way.',
  },
  DR3093: {
    severity: 'warning',
    title: 'data that no site has',
    explain:
      'A site has machines and one database. Other databases of the spec, and sets of files, are backed up and are nowhere else: after an activation somebody restores them, with hypdr-runner restore on a machine of the site, from a store that the site reaches. The estimated_time of a site and the RTO that is computed from it say nothing of that time. Give a database a site of its own, put the files of an application into its image, or add the restore to the steps of the scenario, with the time that a drill measured.',
  },
  DR3095: {
    severity: 'warning',
    title: 'managed primary that a machine of ours cannot follow',
    explain:
      'A machine of a site follows a PostgreSQL server by its log: pg_basebackup or pgBackRest, a slot, lines of pg_hba.conf, an archive_command, and a watchdog beside the primary that makes it read-only without its lease. A managed database gives none of that to anybody outside its own service. Such a site is built and never gets data. The service itself keeps a replica where the site is in its cloud; elsewhere backups can be restored.',
  },
  DR3096: {
    severity: 'warning',
    title: 'name that moves later than the objective',
    explain:
      'The estimated_time of a site ends when it serves. Clients reach it once its name has moved: on AWS a workflow says within a minute that the site is promoted, the number counts after its period of a minute, and what resolvers remember lasts a minute; on Azure and Google the activation switches the name and the last minute remains. An activation that starts by itself waits before, so that a person may stop it. All of it together is compared with rto.critical_systems. How long it takes until the primary counts as gone is not in it, nor what a cloud takes to pass on a change, which none of them promises. Shorten the estimate by what is promoted or restored, or promise more time.',
  },
  DR3098: {
    severity: 'warning',
    title: 'database of an active site without backups',
    explain:
      'A task reaches the database by the host of its secret, or of the spec. After an activation that is the old primary. Where it is gone, runs fail and their ages alarm. Where it is still there and only reads, its backups would go on with what nobody uses any more: the runner publishes those of PostgreSQL as degraded, which count for no age. The database that everybody writes to then is in no store of the spec until tasks go there, which takes its address and a network that leads to the site. The name that deployment.dns fails over is no such address: it leads to the balancer of the application. A site whose machine follows a PostgreSQL backs it up itself, where the task of that data set keeps its backups in the same cloud: it has no such finding.',
  },
} as const satisfies Record<string, CodePage>;
