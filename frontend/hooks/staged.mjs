// What Trunk has built and not yet published.
import { createHash } from "node:crypto";

export const directory = process.env.TRUNK_STAGING_DIR;

/** What a file of these contents is called by. */
export function hashOf(...contents) {
  const hash = createHash("sha256");
  contents.forEach((content) => hash.update(content));
  return hash.digest("hex").slice(0, 16);
}
