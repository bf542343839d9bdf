import { Component, type ComponentChildren } from 'preact';
import { shownText } from './shown-text.ts';

interface MishapProps {
  /** The address: another one is a new try. */
  readonly at: string;
  readonly children: ComponentChildren;
}

interface MishapState {
  readonly at: string;
  readonly failure: string | null;
}

/** A mistake of a page stays in the page: it is said what went wrong, and the way to the others is still there. */
export class Mishap extends Component<MishapProps, MishapState> {
  override state: MishapState = { at: '', failure: null };

  static override getDerivedStateFromError(error: unknown): Partial<MishapState> {
    return { failure: error instanceof Error ? error.message : String(error) };
  }

  static override getDerivedStateFromProps({ at }: MishapProps, state: MishapState): MishapState | null {
    return at === state.at ? null : { at, failure: null };
  }

  override render({ children }: MishapProps, { failure }: MishapState): ComponentChildren {
    if (failure === null) return children;
    return (
      <p class="failure" role="alert">
        This page made a mistake: {shownText(failure)}. Go to another, or load it again. What the gateway does is not touched by it.
      </p>
    );
  }
}
