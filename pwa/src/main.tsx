// Boot: draws the app and starts it.
import { render } from "preact";
import { App } from "./app.tsx";
import { boot } from "./boot.ts";

const root = document.getElementById("app");
if (root) {
  render(<App />, root);
  void boot();
}
