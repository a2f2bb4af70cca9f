/** `install --print`: what would be applied to a cluster, as YAML; nothing is applied. */
import { type Context, exitCode } from '../context.ts';
import type { InstallChoices } from '../install/install-choices.ts';
import { placeObjects } from '../install/place-objects.ts';
import { readRendered, yamlOf } from '../install/rendered-objects.ts';

export interface InstallOptions extends InstallChoices {
  readonly print: boolean;
}

const howToApply = `flyball install applies nothing by itself: look at it, then apply it.
  flyball install --print | less
  flyball install --print | kubectl apply --server-side -f -`;

/** Prints the objects; without `print` only how they are applied. */
export const install = async (
  { terminal }: Pick<Context, 'terminal'>,
  { print, ...choices }: InstallOptions,
): Promise<number> => {
  if (!print) {
    terminal.note(howToApply);
    return exitCode.usage;
  }
  const objects = placeObjects(await readRendered(choices.overlay), choices);
  terminal.line(yamlOf(objects).trimEnd());
  return exitCode.ok;
};
