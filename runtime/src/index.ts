export { type Cancel, type Clock, ManualClock, settled, systemClock } from './clock.ts';
