/** What the command line of `import` refuses before anything is read. */
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addImport } from './importing.ts';

const told = async (line: string) => {
  let usage = '';
  let ran = false;
  const program = new Command('flyball').exitOverride().configureOutput({
    writeErr: (text) => {
      usage += text;
    },
  });
  addImport(program, async () => {
    ran = true;
  });
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  await program.parseAsync(line.split(' '), { from: 'user' }).catch(() => undefined);
  return { usage, ran };
};

it.each(['BAD_', 'shop,web', '-shop', 'a'.repeat(64), 'shop/web'])(
  'a namespace that is no DNS label is refused: %s',
  async (namespace) => {
    const { usage, ran } = await told(`import --namespace ${namespace}`);
    expect(ran).toBe(false);
    expect(usage).toContain(`argument '${namespace}' is invalid`);
    expect(usage).toContain(
      'allowed: a namespace: up to 63 of a-z, 0-9 and -, not - first or last.',
    );
  },
);

it('a namespace as Kubernetes has them is taken', async () => {
  expect(await told('import --namespace shop-2')).toEqual({ usage: '', ran: true });
});
