// The longest task of a page's main thread, from Chromium's own trace.

export async function startTrace(browser) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: {
      // No more than is read: writing a trace down takes turns with what it measures.
      includedCategories: ["__metadata", "devtools.timeline", "disabled-by-default-devtools.timeline"],
      excludedCategories: ["*"],
    },
  });
  return { session, events };
}

export async function stopTrace({ session, events }) {
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  return events;
}

/**
 * In milliseconds, of those that begin after the first contentful paint; and what it spent them on. The one that is
 * longest by the clock and the one that is longest on the processor need not be the same: other programs take turns.
 */
export function longestTask(events) {
  const paint = events.filter(({ name }) => name === "firstContentfulPaint").at(-1);
  if (!paint) throw new Error("the trace has no first paint");
  const onMain = events.filter(({ pid, tid, ts, ph }) => ph === "X" && pid === paint.pid && tid === paint.tid && ts > paint.ts);
  const tasks = onMain.filter(({ name }) => name === "RunTask");
  if (tasks.length === 0) throw new Error("the trace has no task after the first paint");
  const longest = tasks.reduce((one, other) => (other.dur > one.dur ? other : one));
  const parts = onMain
    .filter(({ name, ts, dur }) => name !== "RunTask" && ts >= longest.ts && ts + dur <= longest.ts + longest.dur)
    .sort((one, other) => other.dur - one.dur)
    .slice(0, 4)
    .map(({ name, dur }) => `${name} ${milliseconds(dur)}`);
  return {
    wall: longest.dur / 1000,
    cpu: Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000,
    story: `${milliseconds(longest.ts - paint.ts)} after first paint: ${parts.join(", ")}`,
  };
}

function milliseconds(microseconds) {
  return `${(microseconds / 1000).toFixed(1)} ms`;
}
