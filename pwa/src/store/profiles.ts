// Several people may share one phone. Each has a store of their own, with a PIN and a key of its own; one is
// chosen at a time, and changing over starts the app anew, so that nothing of one is left in memory for the next.
// The list of stores must be read before any is open: it holds the names of those who work with the phone, as
// they stand on its lock screen, and nothing else.
export interface Profile {
  database: string;
  name: string;
}

const FIRST = "zoufang";
const LIST = "zoufang-profiles";
const CHOSEN = "zoufang-profile";

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(list: readonly Profile[]): void {
  try {
    localStorage.setItem(LIST, JSON.stringify(list));
  } catch {
    // Then the phone has one profile, the first.
  }
}

function isProfile(value: unknown): value is Profile {
  const { database, name } = (value ?? {}) as Partial<Profile>;
  return typeof database === "string" && database.startsWith(FIRST) && typeof name === "string";
}

/** The store this page works on. */
export const chosen = ((name) => (name?.startsWith(FIRST) ? name : FIRST))(read(CHOSEN));

export function profiles(): Profile[] {
  try {
    const value: unknown = JSON.parse(read(LIST) ?? "[]");
    return Array.isArray(value) ? value.filter(isProfile) : [];
  } catch {
    return [];
  }
}

export const otherProfiles = (): Profile[] => profiles().filter((each) => each.database !== chosen);

/** Whose the chosen store is. */
export function rememberProfile(name: string): void {
  const known = profiles().find((each) => each.database === chosen);
  if (known?.name !== name) write([...otherProfiles(), { database: chosen, name }]);
}

export function forgetProfile(): void {
  write(otherProfiles());
}

export function choose(database: string): void {
  localStorage.setItem(CHOSEN, database);
  location.reload();
}

/** Starts with an empty store, for one more person. */
export function chooseNew(): void {
  const taken = new Set([FIRST, chosen, ...profiles().map((each) => each.database)]);
  let number = 2;
  while (taken.has(`${FIRST}-${number}`)) number++;
  choose(`${FIRST}-${number}`);
}
