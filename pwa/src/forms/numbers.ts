// Identity numbers, checked as the office does (GB 11643): pointed out when wrong, kept as typed.
import { isDay } from "../model/clock.ts";
import type { Label } from "./programme.ts";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";

/** What is odd about a typed number, or null. */
export function idNumberFault(typed: string): Label | null {
  const number = typed.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
  if (number.length !== 18) {
    return {
      zh: "身份号码应为 18 位，原样保留",
      en: "An identity number has 18 characters; kept as typed",
    };
  }
  const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  if (!/^\d{17}[\dX]$/.test(number) || !isDay(born) || CHECKS[sum % 11] !== number[17]) {
    return {
      zh: "身份号码对不上，请核对；会原样保留",
      en: "This identity number does not add up; kept as typed",
    };
  }
  return null;
}
