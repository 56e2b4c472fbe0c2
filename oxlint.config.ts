import { defineConfig } from 'oxlint';
import { importRules } from './tools/import-rules.ts';

const time = 'Time is an argument: take a Clock (runtime/).';
const timers = ['setTimeout', 'setInterval'].map((name) => ({ name, message: time }));
const wallClock = { object: 'Date', property: 'now', message: time };
const stopwatch = { object: 'performance', property: 'now', message: time };
const random = { object: 'Math', property: 'random', message: 'Randomness is an argument: take it from node:crypto.' };
const environment = {
  object: 'process',
  property: 'env',
  message: 'Only config/ and main.ts read the environment: take what you need as an argument.',
};

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'node', 'promise'],
  jsPlugins: ['./tools/lint-clock.ts'],
  categories: { correctness: 'error' },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['node_modules', 'artifacts', 'data'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
    ],
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    'typescript/ban-ts-comment': 'error',
    'typescript/no-non-null-assertion': 'error',
    'import/no-cycle': 'error',
    'clock/no-implicit-now': 'error',
    'eslint/eqeqeq': 'error',
    'eslint/no-console': 'error',
    // control characters are matched here in order to remove or refuse them
    'eslint/no-control-regex': 'off',
    // what is copied before a loop is copied because the loop changes it
    'unicorn/no-useless-spread': 'off',
    'eslint/no-restricted-globals': ['error', { globals: timers, checkGlobalObject: true }],
    'eslint/no-restricted-properties': ['error', wallClock, stopwatch, random, environment],
  },
  overrides: [
    ...importRules.map(({ files, bans }) => ({
      files: [...files],
      rules: {
        'eslint/no-restricted-imports': ['error', { patterns: bans }] as ['error', object],
      },
    })),
    {
      // a linear-time test measures; `describe` and `it` give promises that the runner awaits
      files: ['**/*.test.ts', '**/*.e2e.ts', 'e2e/**'],
      rules: {
        'eslint/no-restricted-properties': ['error', wallClock, random, environment],
        'typescript/no-misused-promises': ['error', { checksVoidReturn: { properties: false } }],
        'typescript/no-floating-promises': [
          'error',
          {
            allowForKnownSafeCalls: [
              { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'suite'] },
            ],
          },
        ],
      },
    },
    {
      files: ['runtime/src/**', 'e2e/**', 'gateway/bench/**', 'tools/**'],
      rules: {
        'eslint/no-restricted-globals': 'off',
        'eslint/no-restricted-properties': 'off',
        'clock/no-implicit-now': 'off',
        'eslint/no-console': 'off',
      },
    },
    {
      files: ['gateway/src/config/**', 'gateway/src/main.ts'],
      rules: { 'eslint/no-restricted-properties': ['error', wallClock, stopwatch, random] },
    },
    {
      // the visitor's page runs in a browser, which has its own clock
      files: ['gateway/src/web/assets/**'],
      rules: {
        'eslint/no-restricted-globals': 'off',
        'eslint/no-restricted-properties': 'off',
        'clock/no-implicit-now': 'off',
      },
    },
  ],
});
