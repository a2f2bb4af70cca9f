/** Verifying a record: it agrees with itself, and every kind of tampering is named. */
import { describe, expect, it } from 'vitest';
import { type Decided, DeciderStory } from '../testing/decider-story.ts';
import { verifyDecisions } from './verify-decisions.ts';

const history = () => {
  const story = new DeciderStory().workload();
  story.tick(0);
  story.poke(10.4, { stable: 0.4, inFlight: 50 });
  for (let nowS = 12; nowS < 200; nowS += 2) {
    story.pods(nowS < 14 ? 1 : 5, nowS).tick(nowS, { stable: nowS < 60 ? 50 : 1 });
  }
  return story;
};

const tampered = (event: Decided, data: Partial<Decided['data']>): Decided => ({
  ...event,
  data: { ...event.data, ...data },
});

describe('verifyDecisions', () => {
  const { inputs, decisions } = history();
  const second = decisions[1] as Decided;
  const withSecond = (event: Decided) => decisions.map((each) => (each === second ? event : each));

  it('finds nothing in a true record, also when decisions lie among the inputs', () => {
    expect(decisions.length).toBeGreaterThan(2);
    expect(verifyDecisions(inputs, decisions)).toEqual([]);
    const own = decisions.map((event, index) => ({ ...event, seq: 10_000 + index }));
    expect(verifyDecisions([...inputs, ...own], decisions)).toEqual([]);
  });

  it('survives the way over JSON', () => {
    const stored = JSON.parse(JSON.stringify({ inputs, decisions }));
    expect(verifyDecisions(stored.inputs, stored.decisions)).toEqual([]);
  });

  it('names the field of a tampered number, once', () => {
    const found = verifyDecisions(inputs, withSecond(tampered(second, { to: 6 })));
    expect(found).toEqual([
      {
        kind: 'different',
        decisionId: second.id,
        causationId: second.causationId,
        fields: [{ path: 'data.to', recorded: 6, decided: 5 }],
      },
    ]);
  });

  it('names the field of a tampered rule', () => {
    const rules = second.data.rules.map((rule, index) => (index === 1 ? { ...rule, to: 7 } : rule));
    const found = verifyDecisions(inputs, withSecond(tampered(second, { rules })));
    expect(found).toMatchObject([{ fields: [{ path: 'data.rules.1.to', recorded: 7 }] }]);
  });

  it('names what is missing and what was never decided', () => {
    const without = decisions.filter((each) => each !== second);
    expect(verifyDecisions(inputs, without)).toMatchObject([
      { kind: 'missing', decisionId: second.id },
    ]);
    const invented = { ...second, id: 'invented', causationId: 'e2' };
    expect(verifyDecisions(inputs, [...decisions, invented])).toMatchObject([
      { kind: 'extra', decisionId: 'invented' },
    ]);
    expect(verifyDecisions(inputs, [...decisions, second])).toMatchObject([{ kind: 'extra' }]);
  });

  it('notices a tampered input by the decisions that followed from it', () => {
    const changed = inputs.map((event) =>
      event.type === 'PolicySet'
        ? { ...event, data: { ...event.data, policy: { ...event.data.policy, targetValue: 20 } } }
        : event,
    );
    expect(verifyDecisions(changed, decisions).length).toBeGreaterThan(0);
  });
});
