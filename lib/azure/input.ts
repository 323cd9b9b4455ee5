export { input, type InputProps } from '../terraform';
