import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/vectors/canonical.json" with { type: "json" };
import { add, canonical, digestOf, EMPTY, lanesOf, subtract, toHex } from "./canonical.ts";

test("keys stand in code point order, also beyond the first plane", () => {
  assert.equal(
    canonical({ "\u{1F600}": 1, "\uFFFD": 2, b: 3, a: 4 }),
    '{"a":4,"b":3,"\uFFFD":2,"\u{1F600}":1}',
  );
});

test("strings are normalised and escaped only where JSON demands it", () => {
  assert.equal(canonical('e\u0301"\\/\n\u0001\u2028'), '"é\\"\\\\/\\n\\u0001\u2028"');
});

test("a fraction has no canonical form", () => {
  assert.throws(() => canonical({ a: 1.5 }), TypeError);
});

test("the empty bucket is 32 zeros, and order of rows does not matter", () => {
  const one = ["a", "child", 1, { name: "甲" }];
  const two = ["b", "child", 2, {}];

  assert.equal(digestOf([]), "0".repeat(32));
  assert.equal(digestOf([one, two]), digestOf([two, one]));
});

test("taking a row out undoes putting it in", () => {
  const lanes = lanesOf(["a", "child", 1, {}]);

  assert.equal(toHex(subtract(add(EMPTY, lanes), lanes)), "0".repeat(32));
});

for (const { name, value, canonical: expected } of vectors.values) {
  test(`both ends write the same bytes: ${name}`, () => {
    assert.equal(canonical(value), expected);
  });
}

for (const { name, rows, digest } of vectors.digests) {
  test(`both ends come to the same digest: ${name}`, () => {
    assert.equal(digestOf(rows), digest);
  });
}
