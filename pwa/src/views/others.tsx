// The others who share this phone.
import { text } from "../session.ts";
import { choose, otherProfiles } from "../store/profiles.ts";
import { Button } from "../ui/parts.tsx";

export function Others() {
  const others = otherProfiles();
  if (others.length === 0) return null;
  return (
    <section class="stack" aria-label={text.value.others}>
      <p class="ask">{text.value.others}</p>
      {others.map(({ database, name }) => (
        <Button key={database} icon="person" onClick={() => choose(database)}>
          {name}
        </Button>
      ))}
    </section>
  );
}
