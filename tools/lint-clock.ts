/** One rule that the linter does not have: `new Date()` and `Date()` read the wall clock as `Date.now()` does. */
interface DateCall {
  readonly callee: { readonly type: string; readonly name?: string };
  readonly arguments: readonly unknown[];
}

interface Context {
  report(problem: { readonly node: DateCall; readonly message: string }): void;
}

const noImplicitNow = {
  create(context: Context) {
    const look = (node: DateCall) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0)
        context.report({ node, message: 'Time is an argument: take a Clock (runtime/).' });
    };
    return { NewExpression: look, CallExpression: look };
  },
};

export default { meta: { name: 'clock' }, rules: { 'no-implicit-now': noImplicitNow } };
