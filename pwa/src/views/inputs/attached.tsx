// A picture or recording as far as this phone holds it: shown until the village has it, then a word.
import { useEffect, useState } from "preact/hooks";
import { blobOf } from "../../files.ts";
import { attached, changed, store, text } from "../../session.ts";
import { Tag } from "../../ui/parts.tsx";

/** `label`: what it is a picture of, for those who do not see it. */
export function Attached({ name, label }: { name: string; label: string }) {
  const t = text.value;
  changed.value;
  const file = store.memory?.files.get(name);
  const [address, setAddress] = useState("");

  useEffect(() => {
    let made = "";
    let isLeft = false;
    void attached(name)
      .then((bytes) => {
        if (!bytes || isLeft) return;
        made = URL.createObjectURL(blobOf({ name, bytes }));
        setAddress(made);
      })
      // Locked meanwhile: nothing is shown any more.
      .catch(() => undefined);
    return () => {
      isLeft = true;
      if (made) URL.revokeObjectURL(made);
      setAddress("");
    };
  }, [name, file?.done]);

  const isPicture = /\.(jpg|webp)$/.test(name);
  return (
    <span class="attached">
      {address &&
        (isPicture ? (
          <img src={address} alt={label} />
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: spoken words of which nobody has the text
          <audio controls src={address} aria-label={label} />
        ))}
      {file?.done ? (
        <Tag kind="good">{t.file_handed_over}</Tag>
      ) : file ? (
        file.op && <Tag kind="look">{t.saved_here}</Tag>
      ) : (
        !address && <span class="soft">{t.file_elsewhere}</span>
      )}
    </span>
  );
}
