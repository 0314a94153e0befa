// What is done to a page that Trunk has built, in order: hooks of Trunk's own run side by side.

await import("./loader.mjs");
await import("./shrink.mjs");
