// A code is opened on a phone that is somebody's already: one more person may share it, behind a PIN of their own.
import { back, replace } from "../route.ts";
import { device, phase, text } from "../session.ts";
import { chooseNew, chosen, profiles } from "../store/profiles.ts";
import { Button, Note } from "../ui/parts.tsx";

export function AnotherPerson() {
  const t = text.value;
  const owner =
    device.value?.account.name ?? profiles().find((each) => each.database === chosen)?.name ?? "";
  return (
    <main class="door">
      <h1>{t.already_enrolled}</h1>
      <Note kind="info">{t.already_enrolled_as(owner)}</Note>
      <Button kind="primary" icon="add" onClick={chooseNew}>
        {t.add_profile}
      </Button>
      <p class="soft">{t.add_profile_hint}</p>
      <Button onClick={() => replace("/today")}>
        {phase.value === "open" ? t.today : t.unlock}
      </Button>
      <Button kind="quiet" onClick={() => back()}>
        {t.back}
      </Button>
    </main>
  );
}
