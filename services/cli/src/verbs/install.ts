/** `install --print`: what would be applied to a cluster, as YAML; nothing is applied. */
import { type Context, exitCode } from '../context.ts';
import { type InstallChoices, usualImages } from '../install/install-choices.ts';
import { placeObjects } from '../install/place-objects.ts';
import { readRendered, yamlOf } from '../install/rendered-objects.ts';

export interface InstallOptions extends Omit<InstallChoices, 'images'> {
  readonly print: boolean;
  /** Undefined: the usual names, which is told. */
  readonly images?: string | undefined;
}

const howToApply = `flyball install applies nothing by itself: look at it, then apply it.
  flyball install --print | less
  flyball install --print | kubectl apply --server-side -f -`;

const whichImages =
  `The images are ${usualImages}/SERVICE, which no public registry has: nodes must have them ` +
  'already. --images REGISTRY/PREFIX names others.';

/** Prints the objects; without `print` only how they are applied. */
export const install = async (
  { terminal }: Pick<Context, 'terminal'>,
  { print, images, ...others }: InstallOptions,
): Promise<number> => {
  if (!print) {
    terminal.note(howToApply);
    return exitCode.usage;
  }
  if (images === undefined) terminal.note(whichImages);
  const choices = { ...others, images: images ?? usualImages };
  const objects = placeObjects(await readRendered(choices.overlay), choices);
  terminal.line(yamlOf(objects).trimEnd());
  return exitCode.ok;
};
