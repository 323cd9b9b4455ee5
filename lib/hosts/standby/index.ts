export { followerOf } from './follower';
export { renderPrimaryInstaller, renderStandbyInstaller } from './installer';
export type { PrimaryMachine, StandbyArchive, StandbyLease, StandbyMachine } from './machine';
export { MARGIN_SECONDS } from './promote';
export { renderPrimaryScript, renderStandbyScript } from './script';
export { segmentsOf } from './segments';
export { slotOf } from './slot';
export { READY_PORT } from './units';
