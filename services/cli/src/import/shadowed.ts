/** Settings of a pod template that win over those which a translation sets. */
import { annotationKeys } from '@flyball/knative';

type Texts = Readonly<Record<string, string>>;

/** A note for each setting that the pod template has otherwise: there it would win. */
export const shadowedNotes = (annotations: Texts, ofTemplate: Texts): string[] =>
  annotationKeys.flatMap((key) => {
    const given = ofTemplate[key];
    if (given === undefined || given === annotations[key]) return [];
    const what = key in annotations ? `over the ${annotations[key]} set here` : 'also from now on';
    return [`The pod template has ${key}: ${JSON.stringify(given)}, which holds ${what}.`];
  });
