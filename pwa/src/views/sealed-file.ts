// Boxes as a file in a person's hands: handed to another app, or put where downloads go.
import type { StoredBox } from "../store/database.ts";
import { message, partsOf } from "../sync/carry.ts";

// Chromium hands no JSON to other apps, and chat apps open text best.
const SHARED = "text/plain";

function filesOf(boxes: readonly StoredBox[], type: string, ending: string): File[] {
  return partsOf(boxes).map((part) => {
    const name = `zoufang-${part[0]?.village}-${part[0]?.seq}-${part.at(-1)?.seq}.${ending}`;
    return new File([JSON.stringify(message(part))], name, { type });
  });
}

export function canShare(): boolean {
  const probe = new File(["{}"], "zoufang.txt", { type: SHARED });
  return navigator.canShare?.({ files: [probe] }) ?? false;
}

/** False when the person thought better of it. */
export async function share(boxes: readonly StoredBox[]): Promise<boolean> {
  try {
    await navigator.share({ files: filesOf(boxes, SHARED, "txt") });
    return true;
  } catch {
    return false;
  }
}

export function save(boxes: readonly StoredBox[]): true {
  for (const file of filesOf(boxes, "application/json", "json")) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
  return true;
}
