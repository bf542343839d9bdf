/** What an expression asks of Prometheus. Enough of PromQL for rules that are written by hand. */
export interface Asked {
  readonly selectors: readonly Selector[];
  /** Labels that `by` leaves when it sums the others away; null when nothing is summed. */
  readonly kept: readonly string[] | null;
  /** Labels in `by` and `on`. */
  readonly grouped: readonly string[];
}

export interface Selector {
  readonly metric: string;
  /** Values without those that come from a variable of the dashboard. */
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
}

const operators = new Set(['and', 'or', 'unless', 'offset', 'bool']);
const listed = (text: string): string[] => text.split(',').map((label) => label.trim());

export function asked(expression: string): Asked {
  const groups = [...expression.matchAll(/\b(by|on)\s*\(([^)]*)\)/g)].map(([, kind, labels]) => ({ kind, labels: listed(labels ?? '') }));
  const by = groups.filter(({ kind }) => kind === 'by').flatMap(({ labels }) => labels);
  // Without what is in brackets and behind `by`, a name is a metric unless it is an operator or, before a parenthesis, a function.
  const rest = expression.replaceAll(/\b(?:by|on)\s*\([^)]*\)/g, ' (').replaceAll(/\[[^\]]*\]/g, '');
  const selectors = [...rest.matchAll(/\b([A-Za-z_]\w*)(?!\w)\s*(\{[^}]*\})?(?!\s*\()/g)]
    .filter(([, name]) => !operators.has(name ?? ''))
    .map(([, metric, braces]) => ({ metric: metric ?? '', matchers: matchersIn(braces ?? '') }));
  return { selectors, kept: by.length === 0 ? null : [...new Set(by)], grouped: [...new Set(groups.flatMap(({ labels }) => labels))] };
}

function matchersIn(braces: string): Selector['matchers'] {
  return [...braces.matchAll(/(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"/g)].map(([, label, value]) => ({
    label: label ?? '',
    values: (value ?? '').split('|').filter((each) => each !== '' && !each.startsWith('$')),
  }));
}
