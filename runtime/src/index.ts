export { type Cancel, type Clock, ManualClock, settled, systemClock } from './clock.ts';
export { type Facts, type Logger, silentLogger } from './logger.ts';
