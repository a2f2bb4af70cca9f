/** The alert rules as the Prometheus operator takes them: the same groups, in an object. */
export const prometheusRulePath = 'infra/prometheus/prometheus-rule.yaml';

const head = `# Made from alerts.yaml by \`npm run generate\`; do not edit.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: flyball
  namespace: flyball-system
  labels:
    app.kubernetes.io/part-of: flyball
spec:
`;

/** The text of a rule file, indented under the object's spec. */
export const prometheusRuleText = (rules: string): string => {
  const lines = rules.slice(rules.indexOf('groups:')).trimEnd().split('\n');
  return `${head}${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`;
};
