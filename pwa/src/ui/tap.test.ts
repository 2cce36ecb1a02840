import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { isTap } from "./tap.ts";

/** The button, from 100 to 200 across and from 50 to 100 down. */
class Button {
  getBoundingClientRect() {
    return { left: 100, right: 200, top: 50, bottom: 100 };
  }
}

let focused: { matches: () => boolean } | null = null;

beforeEach(() => {
  focused = null;
  Object.assign(globalThis, {
    HTMLElement: Button,
    document: {
      get activeElement() {
        return focused;
      },
    },
  });
});

function lifted(
  { x = 150, y = 75 } = {},
  { fingers = 1, left = 0, cancelable = true } = {},
): { isTap: boolean; clicks: boolean } {
  let clicks = true;
  const event = {
    cancelable,
    changedTouches: Array.from({ length: fingers }, () => ({ clientX: x, clientY: y })),
    touches: Array.from({ length: left }),
    currentTarget: new Button(),
    preventDefault: () => {
      clicks = false;
    },
  };
  return { isTap: isTap(event as unknown as TouchEvent), clicks };
}

const TAP = { isTap: true, clicks: false };
const NONE = { isTap: false, clicks: true };

test("a finger lifted from the button is a tap, and no click comes after it", () => {
  assert.deepEqual(lifted(), TAP);
  assert.deepEqual(lifted({ x: 100, y: 100 }), TAP);
});

test("a finger that slid off the button on any side is none", () => {
  for (const place of [{ x: 99 }, { x: 201 }, { y: 49 }, { y: 101 }]) {
    assert.deepEqual(lifted(place), NONE);
  }
});

test("what scrolled, two fingers, and one of two are none", () => {
  assert.deepEqual(lifted({}, { cancelable: false }), NONE);
  assert.deepEqual(lifted({}, { fingers: 2 }), NONE);
  assert.deepEqual(lifted({}, { left: 1 }), NONE);
});

test("while a field is typed in, the button clicks, so that the field is left first", () => {
  focused = { matches: () => true };
  assert.deepEqual(lifted(), NONE);
  focused = { matches: () => false };
  assert.deepEqual(lifted(), TAP);
});
