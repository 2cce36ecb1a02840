// The small pieces every screen is put together from.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { back, route } from "../route.ts";
import { text } from "../session.ts";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps {
  icon?: IconName;
  kind?: "primary" | "plain" | "quiet" | "danger";
  small?: boolean;
  disabled?: boolean;
  type?: "button" | "submit";
  label?: string;
  /** While what it began is under way, a second press is none. */
  onClick?: () => unknown;
  onTouchEnd?: (event: TouchEvent) => void;
  children: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const {
    icon,
    kind = "plain",
    small,
    disabled,
    type = "button",
    label,
    onClick,
    onTouchEnd,
    children,
  } = props;
  const isBusy = useRef(false);

  async function press() {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      await onClick?.();
    } finally {
      isBusy.current = false;
    }
  }

  return (
    <button
      type={type}
      class={`button ${kind}${small ? " small" : ""}`}
      disabled={disabled ?? false}
      aria-label={label}
      onClick={() => void press()}
      onTouchEnd={onTouchEnd}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export function Link(props: {
  to: string;
  icon?: IconName;
  kind?: ButtonProps["kind"];
  small?: boolean;
  label?: string;
  children: ComponentChildren;
}) {
  const { to, icon, kind = "plain", small, label, children } = props;
  return (
    <a
      class={`button ${kind}${small ? " small" : ""}`}
      href={to.startsWith("/") ? `#${to}` : to}
      aria-label={label}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </a>
  );
}

/** Whose page or form is on the screen: a record made in an emergency is about that child. */
function aboutNow(): string {
  const [place = "", id = ""] = route.value;
  return ["child", "household", "flow"].includes(place) ? `/${id}` : "";
}

/** What has the focus is read out; the page stays where it is. */
export const STAY = { preventScroll: true };

/** The head of a screen; `onBack` null for the four first screens. Whoever comes to the screen hears its name. */
export function Bar(props: {
  title: string;
  sub?: string;
  onBack?: (() => void) | null;
  danger?: boolean;
}) {
  const { title, sub, onBack = () => back(), danger = true } = props;
  const t = text.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(STAY), []);
  return (
    <header class="bar">
      {onBack && (
        <button type="button" class="bar-back" onClick={onBack}>
          <Icon name="back" />
          <span>{t.back}</span>
        </button>
      )}
      <div class="bar-title">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {sub && <p>{sub}</p>}
      </div>
      {danger && (
        <a class="bar-danger" href={`#/emergency${aboutNow()}`}>
          <Icon name="danger" />
          <span>{t.emergency}</span>
        </a>
      )}
    </header>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Note(props: {
  kind: "info" | "due" | "danger" | "good";
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <div class={`note ${props.kind}`}>
      <Icon name={props.icon ?? (props.kind === "good" ? "check" : "notice")} />
      <div>{props.children}</div>
    </div>
  );
}

export function Tag(props: {
  kind?: "plain" | "due" | "danger" | "good" | "look";
  children: ComponentChildren;
}) {
  return <span class={`tag ${props.kind ?? "plain"}`}>{props.children}</span>;
}

export function Fact({ number, words }: { number: number | string; words: string }) {
  return (
    <div class="fact">
      <strong>{number}</strong>
      <span>{words}</span>
    </div>
  );
}

/** What has come into the place of something tapped; whoever tapped it hears it. */
export function Heard({ children }: { children: ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(STAY), []);
  return (
    <div ref={place} class="stack" role="group" tabIndex={-1}>
      {children}
    </div>
  );
}

/** Brings what a page has to say about the last tap into sight, when it is drawn. */
export function showAlert(): void {
  requestAnimationFrame(() =>
    document.querySelector("main [role=alert]")?.scrollIntoView({ block: "nearest" }),
  );
}

/** What the dock covers is not seen. */
const UNDER_DOCK = "0px 0px -110px";

/**
 * Stands below a list that is drawn as far as the glass goes, as high as its other rows will be: what lies below them
 * does not run from the thumb when they come. Tells when somebody has come to its end.
 */
export function Below({ height, onNear }: { height: number; onNear: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watch = new IntersectionObserver(
      (seen) => {
        if (seen.some((each) => each.isIntersecting)) onNear();
      },
      { rootMargin: UNDER_DOCK },
    );
    if (place.current) watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return <div ref={place} class="below" style={{ height: `${height}px` }} />;
}

export function Progress({ value, label }: { value: number; label: string }) {
  return (
    <div class="progress">
      <progress max={100} value={Math.round(value * 100)} aria-label={label} />
    </div>
  );
}
