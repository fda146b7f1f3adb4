/** Room between the steps of long work, so that a phone hears a finger and paints what is there already. */

/** Resolves once the browser has done what waits: `await breath()`. */
export const breath = () =>
  globalThis.scheduler?.yield?.() ??
  new Promise((resolve) => {
    setTimeout(resolve);
  });

/** Do the steps one after the other with room between them, until `signal` aborts. */
export async function inSteps(steps, signal) {
  for (const step of steps) {
    await breath();
    if (signal.aborted) return;
    step();
  }
}
