const firstMilliseconds = 500;
const longestMilliseconds = 8_000;

/**
 * How long to wait before the given attempt (from 0): doubles up to a limit, and a random half of it, so that everybody who lost the
 * same server does not come back in the same instant.
 */
export function backoffMilliseconds(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(longestMilliseconds, firstMilliseconds * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random();
}

/** Waits; ends early, without an error, when the signal is given. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
