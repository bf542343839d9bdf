import { useSignal } from '@preact/signals';
import { type ComponentType, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { connection, lookForGateway } from './connection.ts';

/** A component that is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P): JSX.Element {
    const shown = useSignal<ComponentType<P> | null>(loaded);
    const failure = useSignal(false);
    const answers = connection.value !== 'lost';
    useEffect(() => {
      // Another of its kind may have loaded it since this one was drawn.
      if (loaded !== null) shown.value = loaded;
      if (loaded !== null || !answers) return;
      load().then(
        (component) => {
          loaded = component;
          shown.value = component;
        },
        () => {
          failure.value = true;
          void lookForGateway();
        },
      );
    }, [answers]);
    if (shown.value === null && (failure.value || !answers))
      return (
        <p class="failure" role="alert">
          {/* A gateway that was replaced by another version no longer has the pieces of the old page. */}
          {answers ? 'This part of the page could not be loaded. Load the page again.' : 'This part of the page is loaded when the gateway answers.'}
        </p>
      );
    const Shown = shown.value;
    return Shown === null ? <div class="loading" aria-busy="true" /> : <Shown {...props} />;
  };
}
