import { type ComponentChildren, type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type DeskAct } from '../../../../contract/control.ts';
import { type ActionResult } from '../../../../contract/journal.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Decision } from '../../kit/decision.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { actOn, meanwhile } from './act.ts';

export interface DecideProps {
  readonly story: StoryAnswer;
  readonly onClose: () => void;
  readonly onDone: (result: ActionResult) => void;
}

interface Props extends DecideProps {
  readonly title: string;
  readonly verb: string;
  readonly grave?: boolean;
  readonly children?: ComponentChildren;
  /** What is to be done. @throws Error in words for a person when it is not complete */
  readonly act: () => DeskAct;
}

/** A decision on the translation as it was when the dialog was opened; what happens to it meanwhile is said. */
export function Decide({ story, title, verb, grave, children, act, onClose, onDone }: Props): JSX.Element {
  const seen = useRef(story).current;
  const changed = story.translation.version !== seen.translation.version;
  return (
    <Decision
      title={title}
      verb={verb}
      {...(grave === undefined ? {} : { grave })}
      decide={async (why, key) => onDone(await actOn(seen, act(), why, key))}
      onClose={onClose}
    >
      {children}
      {changed ? (
        <p class="remark" role="status">
          It has changed since you opened this. {shownText(meanwhile(seen, story))}
        </p>
      ) : null}
    </Decision>
  );
}
