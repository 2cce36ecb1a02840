// Boot: everything is wired together here.
import { render } from "preact";

const root = document.getElementById("app");
if (root) render(<p>走访</p>, root);
