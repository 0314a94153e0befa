// The cluster, reached from outside of the browser through the same proxy: how the journey changes the world.

import { setTimeout as rest } from "node:timers/promises";

export class Api {
  #kapi;
  #slug;

  /** The cluster that the page opens first. */
  static async open(kapi) {
    const api = new Api();
    api.#kapi = kapi;
    const { clusters } = await api.clusters();
    api.#slug = (clusters.find((cluster) => cluster.current) ?? clusters[0]).slug;
    return api;
  }

  get slug() {
    return this.#slug;
  }

  /** All that the proxy offers. */
  clusters() {
    return this.#call("GET", "/clusters");
  }

  get(path) {
    return this.#call("GET", this.#of(path));
  }

  create(path, object) {
    return this.#call("POST", this.#of(path), object, "application/json");
  }

  patch(path, change) {
    return this.#call("PATCH", this.#of(path), change, "application/merge-patch+json");
  }

  delete(path) {
    return this.#call("DELETE", this.#of(path));
  }

  #of(path) {
    return `/clusters/${this.#slug}${path}`;
  }

  async #call(method, path, body, type) {
    const headers = { authorization: `Bearer ${this.#kapi.token}` };
    if (type) headers["content-type"] = type;
    const response = await fetch(this.#kapi.origin + path, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status}: ${answer.slice(0, 500)}`);
    return JSON.parse(answer);
  }
}

/** Asks again and again until `condition` holds, and returns what it said then. */
export async function until(what, condition, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await rest(50);
  }
}
