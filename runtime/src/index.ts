export { type BackOff, backOff, type BackOffOptions } from './back-off.ts';
export { type Cancel, type Clock, ManualClock, settled, systemClock } from './clock.ts';
export { createLogger, type LoggerOptions, type LogLevel } from './create-logger.ts';
export { createLifecycle, type Lifecycle } from './lifecycle.ts';
export { fileSink, type LineSink } from './line-sink.ts';
export { type Address, listen } from './listen.ts';
export { type Facts, type Logger, silentLogger } from './logger.ts';
export { createMetrics, type Figure, type Metrics } from './metrics.ts';
export { type Ailments, createOperationsServer, type OperationsOptions, type OperationsServer } from './operations.ts';
