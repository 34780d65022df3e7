/** What decides where engines put their sockets, and what to tell a person who has none. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** The user's number; null where there is none (Windows). */
  readonly uid: number | null;
  /** Folder of the sockets that belong to the whole machine. */
  readonly run: string;
}

export function thisSystem(): System {
  return { platform: process.platform, uid: process.getuid?.() ?? null, run: '/var/run' };
}
