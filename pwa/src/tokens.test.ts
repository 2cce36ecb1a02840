import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync("src/tokens.css", "utf8");

function channel(value: number): number {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function luminance(token: string): number {
  const hex = css.match(new RegExp(`--${token}: #([0-9a-f]{6})`))?.[1];
  assert.ok(hex, token);
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) =>
    channel(Number.parseInt(hex.slice(at, at + 2), 16)),
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

test("every pair of text and ground stands at 4.5 to 1, body text at 7 to 1", () => {
  for (const ground of ["paper", "card", "sunk"]) {
    assert.ok(contrast("ink", ground) >= 7, ground);
    assert.ok(contrast("ink-soft", ground) >= 6.5, ground);
    for (const word of ["green", "ochre-ink", "red", "blue"]) {
      assert.ok(contrast(word, ground) >= 4.5, `${word} on ${ground}`);
    }
  }
  for (const fill of ["green", "green-deep", "red", "blue"]) {
    assert.ok(contrast("on-fill", fill) >= 4.5, fill);
  }
  for (const [word, tint] of [
    ["green-deep", "green-tint"],
    ["ochre-ink", "ochre-tint"],
    ["red", "red-tint"],
    ["blue", "blue-tint"],
  ] as const) {
    assert.ok(contrast(word, tint) >= 4.5, `${word} on ${tint}`);
  }
});
