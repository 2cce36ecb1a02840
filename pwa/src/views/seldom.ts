// Screens opened seldom. They are a file of their own, kept on the phone like the rest of the app and read
// when the first screen stands, so that the first load stays light (views/later.tsx).
export { AnotherPerson } from "./another-person.tsx";
export { Carry } from "./carry.tsx";
export { Codes } from "./codes.tsx";
export { Enrol, Ready } from "./enrol.tsx";
export { Farewell } from "./farewell.tsx";
export { Attached } from "./inputs/attached.tsx";
export { Picture } from "./inputs/picture.tsx";
export { Sound } from "./inputs/sound.tsx";
export { ChangePin, Help, Me, PhoneCheck } from "./me.tsx";
export { Move } from "./move.tsx";
export { Join, Split } from "./regroup.tsx";
export { Stuck } from "./stuck.tsx";
