/** Fits the objects of a rendered overlay to what was chosen; pure. */
import type { z } from 'zod';
import { type InstallChoices, usualNamespace } from './install-choices.ts';

type Json = z.core.util.JSONType;
type JsonObject = { readonly [key: string]: Json };

const ourImage = /^flyball\/([a-z-]+):(.+)$/;
const namespaceWord = new RegExp(`(?<![\\w-])${usualNamespace}(?![\\w-])`, 'g');

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const placeText = (text: string, { namespace, images, tag }: InstallChoices): string => {
  const image = ourImage.exec(text);
  if (image !== null) return `${images}/${image[1]}:${tag ?? image[2]}`;
  return text.replaceAll(namespaceWord, namespace);
};

/** What is chosen for a variable, where a container has it. */
const chosenValues = (choices: InstallChoices): ReadonlyMap<string, string> =>
  new Map([
    ['FLYBALL_DOMAIN', choices.domain],
    ['FLYBALL_OPT_IN', choices.optIn],
    ['FLYBALL_NAMESPACES', choices.namespaces.join(',')],
    ['FLYBALL_KNATIVE_SERVICES', choices.knativeServices],
  ]);

const placeVariable = (variable: Json, values: ReadonlyMap<string, string>): Json => {
  if (!isObject(variable)) return variable;
  const chosen = values.get(String(variable.name));
  return chosen === undefined ? variable : { ...variable, value: chosen };
};

const place = (value: Json, key: string, choices: InstallChoices): Json => {
  if (typeof value === 'string') return placeText(value, choices);
  if (Array.isArray(value)) {
    const values = chosenValues(choices);
    return value.map((one) => {
      const placed = place(one, '', choices);
      return key === 'env' ? placeVariable(placed, values) : placed;
    });
  }
  if (!isObject(value)) return value;
  const placed = Object.entries(value).map(([name, part]) => [name, place(part, name, choices)]);
  return Object.fromEntries(placed);
};

/** The same objects in another namespace, with other images and settings. */
export const placeObjects = (objects: readonly Json[], choices: InstallChoices): readonly Json[] =>
  objects.map((object) => place(object, '', choices));
