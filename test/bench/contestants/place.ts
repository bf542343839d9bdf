/** What every contestant is told, and how it is measured. */
export interface Place {
  readonly port: number;
  readonly exchange: string;
  readonly queue: string;
  readonly soapUrl: string;
  readonly folder: string;
  /** Whether the gateway keeps the words of bodies. */
  readonly searched: boolean;
}

export interface Mark {
  /** CPU this process has used so far, µs. */
  readonly cpuUs: number;
  readonly rssMb: number;
}

export const placeGiven = (): Place => JSON.parse(process.argv[2] ?? '{}') as Place;
export const wantedType = 'com.acme.service.requested.v1';
export const openedType = 'com.acme.incident.opened.v1';
export const queueArguments = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };

/** Says that it consumes, and from then on what it has used whenever it is asked. */
export function ready(): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system, rssMb: process.memoryUsage().rss / 1_048_576 } satisfies Mark);
  });
  process.send?.({ startMs: performance.now() });
}
