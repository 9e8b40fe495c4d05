import js from "@eslint/js";
import regexp from "eslint-plugin-regexp";
import rxjsX from "eslint-plugin-rxjs-x";
import svelte from "eslint-plugin-svelte";
import tseslint from "typescript-eslint";

const globalsOfTimeAndChance = [
  { object: "Date", property: "now", message: "Take time from the scheduler." },
  { object: "performance", property: "now", message: "Take time from the scheduler." },
  { object: "Math", property: "random", message: "Take chance from the injected `random`." },
];

/** What the rules of regexp cannot judge, and how long it takes with it. */
const notJudged = [
  {
    selector: String.raw`Literal[regex.pattern=/\(\?:\(\?<?[!=].*\)[*+{]/]`,
    message: "A lookaround that is repeated may take time that grows with the square of the text: search with indexOf.",
  },
];

export default tseslint.config(
  { ignores: ["dist", "site", "coverage", "eslint.config.js", "bench/package/apps", "test/bench/doors.d.ts"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  rxjsX.configs.recommended,
  svelte.configs.recommended,
  svelte.configs.prettier,
  {
    languageOptions: {
      parserOptions: {
        extraFileExtensions: [".svelte"],
        projectService: {
          allowDefaultProject: [
            "bundle.js",
            ".size-limit.js",
            "bench/bare/reader.js",
            "bench/crash/killAtCall.js",
            "bench/attacks/webtorrent.js",
          ],
        },
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "rxjs-x/no-unsafe-takeuntil": [
        "error",
        { allow: ["tap", "catchError", "finalize", "map", "retry", "concatMap"] },
      ],
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/unified-signatures": "off",
      "rxjs-x/throw-error": "off",
    },
  },
  {
    // Much of what is matched was written by strangers, who choose how long it is.
    files: ["operators/**/*.ts", "src/**/*.ts"],
    plugins: { regexp },
    rules: {
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
      "regexp/no-super-linear-move": ["error", { report: "potential", ignorePartial: false }],
      "no-restricted-syntax": ["error", ...notJudged],
    },
  },
  {
    files: ["operators/**/*.ts", "src/**/*.ts"],
    ignores: ["operators/defaults.ts", "src/adapters/**", "src/cli/**"],
    rules: {
      "no-restricted-properties": ["error", ...globalsOfTimeAndChance],
      "no-restricted-globals": ["error", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
    },
  },
  {
    files: ["web/**/*.svelte", "web/**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    // svelte-check tells of names that are not defined, and knows those of a page.
    rules: { "no-undef": "off" },
  },
);
