import { type JSX } from 'preact';
import { type SystemStatus } from '../../../../contract/control.ts';

export type Availability = SystemStatus['availability'];

const signs: Readonly<Record<Availability, string>> = { open: '●', closed: '◷', down: '■', held: '‖' };

/** One word, sign and colour for whether a system takes calls. */
export function AvailabilityWord({ of }: { readonly of: Availability }): JSX.Element {
  return (
    <span class={`availability availability-${of}`}>
      <span aria-hidden="true">{signs[of]}</span> {of}
    </span>
  );
}
