import { type ComponentChildren, type JSX } from 'preact';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';

interface ProtocolProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer;
  readonly revealed: boolean;
  /** What is shown where the protocol has no view. */
  readonly otherwise: ComponentChildren;
}

/** The exchange as its protocol shows it. */
export function Protocol({ otherwise }: ProtocolProps): JSX.Element {
  return <>{otherwise}</>;
}
