export { makeBundles as default } from './bundles';
