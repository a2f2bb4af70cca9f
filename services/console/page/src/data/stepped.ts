/** What changes often, followed in steps: the last change is never missed. */
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Steps {
  /** Something has changed: within a step `onStep` hears of it, once for all changes until then. */
  changed(): void;
  /** Nothing is heard any more. */
  end(): void;
}

export const createSteps = (stepMs: number, onStep: () => void): Steps => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    changed: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        onStep();
      }, stepMs);
    },
    end: () => clearTimeout(timer),
  };
};

/** The version as it was at the end of the last step, and as it is when it has stood for one. */
export const useStepped = (version: number, stepMs: number): number => {
  const [stepped, setStepped] = useState(version);
  const newest = useRef(version);
  const steps = useRef<Steps | null>(null);
  useEffect(() => {
    steps.current = createSteps(stepMs, () => setStepped(newest.current));
    return () => steps.current?.end();
  }, [stepMs]);
  useEffect(() => {
    if (newest.current !== version) steps.current?.changed();
    newest.current = version;
  }, [version]);
  return stepped;
};
