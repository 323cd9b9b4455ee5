/** One value of a gauge, named and labelled as in CloudWatch. */
export interface Gauge {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Gauges in the text format, all values of a name below one line of its type, in the order of their first.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusGauges(gauges: readonly Gauge[]): string {
  const names = [...new Set(gauges.map((one) => one.name))];
  const lines = names.flatMap((name) => {
    const metric = metricName(name);
    const values = gauges.filter((one) => one.name === name);
    return [`# TYPE ${metric} gauge`, ...values.map((one) => `${metric}${labelsOf(one.labels)} ${one.value}`)];
  });
  return [...lines, ''].join('\n');
}

/** `BackupAgeSeconds` is `hypnoscript_backup_age_seconds`. */
function metricName(name: string): string {
  return `hypnoscript_${name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()}`;
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([label, value]) => `${label.toLowerCase()}="${escape(value)}"`);
  return all.length === 0 ? '' : `{${all.join(',')}}`;
}

function escape(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
