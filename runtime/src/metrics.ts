import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

/** One figure, read when it is asked for. `label` splits it by a closed list of values: never by a name of somebody. */
export type Figure = { readonly name: string; readonly help: string } & (
  { readonly read: () => number } | { readonly label: string; readonly read: () => Readonly<Record<string, number>> }
);

/** What `/metrics` tells. */
export interface Metrics {
  /** Goes up and down. */
  gauge(figure: Figure): void;
  /** Only goes up, from the start of the process; its name ends in `_total`. */
  counter(figure: Figure): void;
  /** Everything, in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** `process`: also the figures of the process itself (CPU, memory, event loop, garbage collection). */
export function createMetrics({ process }: { readonly process: boolean }): Metrics {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry });
  const options = (figure: Figure) => ({
    name: figure.name,
    help: figure.help,
    registers: [registry],
    labelNames: 'label' in figure ? [figure.label] : [],
  });
  const each = (figure: Figure, take: (labels: Record<string, string>, value: number) => void) => {
    if (!('label' in figure)) take({}, figure.read());
    else for (const [value, count] of Object.entries(figure.read())) take({ [figure.label]: value }, count);
  };
  return {
    gauge(figure) {
      const gauge: Gauge = new Gauge({
        ...options(figure),
        collect: () => {
          gauge.reset();
          each(figure, (labels, value) => {
            gauge.set(labels, value);
          });
        },
      });
    },
    counter(figure) {
      const counter: Counter = new Counter({
        ...options(figure),
        collect: () => {
          counter.reset();
          each(figure, (labels, value) => {
            counter.inc(labels, value);
          });
        },
      });
    },
    text: async () => registry.metrics(),
    contentType: registry.contentType,
  };
}
